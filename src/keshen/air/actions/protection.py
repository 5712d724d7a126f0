"""Whether a channel is encrypted, and how."""

from __future__ import annotations

from keshen.air.actions.locking import Locked, service_urn
from keshen.air.models import Entry
from keshen.air.protection.keys import Method
from keshen.air.timeline import horizon
from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import Service, User


@action
def protect(actor: User, service: Service, method: Method) -> int:
    """Encrypt a channel from the first tick players have not been told of, or leave it clear; gives that tick.

    What was listed stays as it is: the setting is a list that only grows. A channel that has aired nothing is
    protected from the beginning. Event: `air.protected`. Raises Denied, TooSlow.
    """
    permit(actor, "air.protect", service)
    locked = Locked(service)
    held = Service.objects.select_for_update().get(pk=service.pk)
    rows = list(held.settings.get("protection", ()))
    since = horizon(locked.tick) if Entry.objects.filter(service=held).exists() else 0
    kept = [row for row in rows if row[0] < since]
    before = kept[-1][1] if kept else Method.NONE.value
    if before != method.value:
        kept.append([since, method.value])
    if kept == rows:
        return since
    held.settings = {**held.settings, "protection": kept}
    held.save(update_fields=["settings"])
    service.settings = held.settings
    record(
        actor,
        "air.protected",
        service_urn(held),
        organisation=held.organisation,
        before={"method": rows[-1][1] if rows else Method.NONE.value},
        after={"method": method.value, "tick": since},
    )
    locked.finish()
    return since
