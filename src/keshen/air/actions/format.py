"""Which house profile a channel has."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from keshen.air.actions.locking import Locked, service_urn
from keshen.air.models import Entry
from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import Service, User
from keshen.media.profiles import DEFAULT, PROFILES


@action
def set_profile(actor: User, service: Service, name: str) -> None:
    """Give a channel its house profile, which it keeps for its life, as its players keep what they were told.

    What is rendered from now on has the profile's renditions; the standby is made anew. Event: `air.profile_set`.
    Raises ValidationError for a channel that has aired, and for a name of no profile; Denied, TooSlow.
    """
    permit(actor, "air.protect", service)
    profile = PROFILES.get(name)
    if profile is None:
        raise ValidationError(_("There is no profile %(name)s. There are: %(known)s.") % {
            "name": name, "known": ", ".join(PROFILES),
        })  # fmt: skip
    locked = Locked(service)
    held = Service.objects.select_for_update().get(pk=service.pk)
    before = str(held.settings.get("profile", DEFAULT.name))
    if before == name:
        return
    if Entry.objects.filter(service=held).exists():
        raise ValidationError(_("This channel has been on the air, and keeps the profile it began with."))
    held.settings = {**held.settings, "profile": name}
    held.save(update_fields=["settings"])
    service.settings = held.settings
    record(
        actor,
        "air.profile_set",
        service_urn(held),
        organisation=held.organisation,
        before={"profile": before},
        after={"profile": name},
    )
    locked.finish()
