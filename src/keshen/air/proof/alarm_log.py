"""Alarms of the air: raised once, counted while they last, cleared by themselves when they are over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from keshen.air.actions.locking import service_urn
from keshen.air.models import Alarm
from keshen.house.events import record
from keshen.house.models import Service, User

SCHEDULE: Final = "schedule"
LAYING: Final = "laying"
MEDIA: Final = "media"
CLOCK: Final = "clock"
UNREACHED: Final = "unreached"
SUBSTITUTE: Final = "substitute"
VARIANTS: Final = "variants"

KINDS: Final[Mapping[str, Any]] = {
    SCHEDULE: _("The weekly template cannot be read; the service plays its fillers"),
    LAYING: _("The log could not be laid; the standby was laid in its place"),
    MEDIA: _("Media that was laid is lost or damaged; the standby plays in its place"),
    CLOCK: _("The machine's clock was set; the air goes on by its own count"),
    UNREACHED: _("The service does not answer"),
    SUBSTITUTE: _("Nothing is prepared for a variant that may not show what comes; the standby plays in its place"),
    VARIANTS: _("What variants may show could not be worked out; what is under terms is kept from them"),
}


@transaction.atomic
def sound(service: Service, kind: str, detail: str) -> Alarm:
    """Raise an alarm, or count it once more while it is open. Event: `air.alarm_raised`, the first time."""
    held = Alarm.objects.select_for_update().filter(service=service, kind=kind, cleared_at=None).first()
    if held is not None:
        Alarm.objects.filter(pk=held.pk).update(count=F("count") + 1, detail=detail, seen_at=timezone.now())
        return held
    made = Alarm.objects.create(service=service, kind=kind, detail=detail)
    _told("air.alarm_raised", made)
    return made


@transaction.atomic
def clear(service: Service, kinds: Iterable[str]) -> None:
    """What is over. Event: `air.alarm_cleared` for each that was open."""
    for held in Alarm.objects.select_for_update().filter(service=service, kind__in=list(kinds), cleared_at=None):
        held.cleared_at = timezone.now()
        held.save(update_fields=["cleared_at"])
        _told("air.alarm_cleared", held)


def troubled(kind: str) -> set[int]:
    """The numbers of the services for which an alarm of a kind is open."""
    return set(Alarm.objects.filter(kind=kind, cleared_at=None).values_list("service", flat=True))


def is_open(service: Service, kind: str) -> bool:
    return Alarm.objects.filter(service=service, kind=kind, cleared_at=None).exists()


def _told(event: str, alarm: Alarm) -> None:
    service = alarm.service
    after = {"alarm": alarm.pk, "kind": alarm.kind, "detail": alarm.detail}
    record(User.objects.system(), event, service_urn(service), organisation=service.organisation, after=after)
