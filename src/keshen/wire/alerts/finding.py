"""Looking for what alerts want in what came since, and making the mails that are due of it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from keshen.newsroom.models import Version
from keshen.wire.alerts.models import Alert, AlertHit, AlertMail
from keshen.wire.alerts.paces import next_digest
from keshen.wire.alerts.searching import fits
from keshen.wire.models import Delivery
from keshen.wire.queries import given

MOST = 200
"""Deliveries of one look; what is left waits for the next."""


def find() -> bool:
    """Take in what came for every alert, and make the mails that are due; whether anything is left to look at.

    Each alert is a transaction of its own: what it found, how far it came and the mail that tells of it are kept
    together, so that whoever dies in between leaves nothing half done.
    """
    behind = Q(reached__lt=F("subscriber__last_sequence"))
    due = Q(next_at__lte=timezone.now())
    left = False
    for pk in Alert.objects.filter(behind | due).order_by("pk").values_list("pk", flat=True):
        left |= _look(pk)
    return left


@transaction.atomic
def _look(pk: int) -> bool:
    alert = (
        Alert.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("subscriber")
        .filter(pk=pk)
        .first()
    )
    if alert is None:
        return False  # somebody else looks at it just now
    reached = _take_in(alert)
    _make_mails(alert, timezone.now())
    return reached < alert.subscriber.last_sequence


def _take_in(alert: Alert) -> int:
    """Note what of the next part of the stream the alert wants; returns how far it came."""
    came = given(alert.subscriber).filter(sequence__gt=alert.reached).order_by("sequence")
    rows = list(came.select_related("version__text__story", "story").defer("payload")[:MOST])
    wants = alert.ended_at is None and (alert.confirmed_at is not None or not alert.is_mailed)
    words = alert.words.split()
    found = []
    for row in rows:
        if row.is_kill or row.called_back or row.version.kind == Version.Kind.HOLD:
            if _had(alert, row, found):
                found.append(AlertHit(alert=alert, delivery=row, withdrawn=True))
        elif wants and (fits(row.version, words, alert.selection) or _had(alert, row, found)):
            found.append(AlertHit(alert=alert, delivery=row))
    AlertHit.objects.bulk_create(found, ignore_conflicts=True)
    # numbers that are not given (stopped by rights, or of a killed story) are behind us too
    alert.reached = rows[-1].sequence or 0 if len(rows) == MOST else alert.subscriber.last_sequence
    alert.save(update_fields=["reached"])
    return alert.reached


def _had(alert: Alert, row: Delivery, found: list[AlertHit]) -> bool:
    """Whether the alert found an earlier version of the text; for a kill, any text of the story."""
    same = "delivery__story" if row.is_kill else "delivery__version__text"
    number = row.story_id if row.is_kill else row.version.text_id
    if AlertHit.objects.filter(alert=alert, withdrawn=False, **{same: number}).exists():
        return True
    others = (hit.delivery for hit in found if not hit.withdrawn)
    return any((each.story_id if row.is_kill else each.version.text_id) == number for each in others)


def _make_mails(alert: Alert, now: datetime) -> None:
    """Mails for what was found and is due: what takes back at once, items by the alert's pace."""
    if not alert.is_mailed:
        return
    untold = AlertHit.objects.filter(alert=alert, mail=None).order_by("delivery__sequence")
    dead = list(untold.filter(withdrawn=True))
    if dead:
        _tell(alert, AlertMail.Kind.WITHDRAWN, dead)
    if alert.ended_at is not None or alert.confirmed_at is None:
        return
    items = list(untold.filter(withdrawn=False))
    if alert.pace == Alert.Pace.ONCE:
        for hit in items:
            _tell(alert, AlertMail.Kind.ITEMS, [hit])
    elif alert.next_at is not None and alert.next_at <= now:
        if items:
            _tell(alert, AlertMail.Kind.ITEMS, items)
        alert.next_at = next_digest(alert.pace, now, timezone.get_default_timezone())
        alert.save(update_fields=["next_at"])


def _tell(alert: Alert, kind: AlertMail.Kind, hits: list[AlertHit]) -> None:
    mail = AlertMail.objects.create(alert=alert, kind=kind)
    AlertHit.objects.filter(pk__in=[hit.pk for hit in hits]).update(mail=mail)
