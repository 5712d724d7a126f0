"""Laying the log ahead and planning what follows it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from keshen.air import queries
from keshen.air.actions.locking import LAID_TICKS, Locked, service_urn
from keshen.air.actions.relaying import cut_point, goes_on, note_refused, relay
from keshen.air.log.laying import Checked, Laying, Position
from keshen.air.models import Entry, Incident
from keshen.air.proof import alarm_log
from keshen.air.scheduling import template
from keshen.air.ways_out.hls import WINDOW_TICKS
from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import Service, User
from keshen.media.houseformat import MIN_ENTRY_TICKS, TICKS_PER_HOUR

BRIDGE_TICKS = TICKS_PER_HOUR // 6
"""How far the standby is laid when nothing else can be: ten minutes, in which somebody hears the alarm."""


@action
def lay(actor: User, service: Service, *, until: int | None = None) -> int:
    """Lay the log of a service on, until a tick (by default an hour and a quarter ahead); returns how many entries.

    Where the log ended in the past, the house was off the air: that time is one standby entry and an incident, and the
    week goes on from now. What is added at the end was told to nobody, so that it may commit late. Event: `air.laid`.
    Raises laying.NothingToPlay.
    """
    permit(actor, "air.lay", service)
    locked = Locked(service)
    until = locked.tick + LAID_TICKS if until is None else until
    last = queries.last_laid(service)
    if last is not None and last.end_tick >= until:
        return 0
    laying = Laying(actor, service, locked.tick)
    position = laying.position(last)
    made: list[Entry] = []
    if last is None:
        start = locked.tick - WINDOW_TICKS  # so that the first playlist is a whole window long
    else:
        start = last.end_tick
        if start < locked.tick:
            made += _off_air(laying, start, max(locked.tick, start + MIN_ENTRY_TICKS), position)
            start, position = made[-1].end_tick, laying.position(made[-1])
    made += laying.lay(laying.checked(laying.resolve(start, until)), position)
    laying.prepared.ask()
    note_refused(laying, start)
    if laying.trouble:
        alarm_log.sound(service, alarm_log.SCHEDULE, laying.trouble)
    else:
        alarm_log.clear(service, [alarm_log.SCHEDULE, alarm_log.LAYING])
    record(
        actor,
        "air.laid",
        service_urn(service),
        organisation=service.organisation,
        after={"from": start, "to": made[-1].end_tick, "entries": len(made)},
    )
    return len(made)


def _off_air(laying: Laying, start: int, end: int, position: Position) -> list[Entry]:
    reason = _("The house was off the air.")
    placed = template.Placed(start, end - start, laying.standby.loop.id, Entry.Kind.STANDBY.value, start, "off-air", {})
    made = laying.lay([Checked(placed)], position)
    Incident.objects.create(
        kind=Incident.Kind.OFF_AIR,
        tick=start,
        service=laying.service,
        entry=made[0],
        reason=reason,
        detail={"until": end},
        actor=laying.actor,
    )
    return made


@action
def lay_standby(actor: User, service: Service, reason: str) -> int:
    """Lay the standby on for a little while, since nothing else can be: the air never stops. Gives how many entries.

    Nothing is done while there is more than that laid. Event: `air.laid`.
    """
    permit(actor, "air.lay", service)
    locked = Locked(service)
    last = queries.last_laid(service)
    until = locked.tick + BRIDGE_TICKS
    if last is not None and last.end_tick >= until - MIN_ENTRY_TICKS:
        return 0
    laying = Laying(actor, service, locked.tick)
    position = laying.position(last)
    start = last.end_tick if last is not None else locked.tick - WINDOW_TICKS
    made: list[Entry] = []
    if start < locked.tick and last is not None:
        made += _off_air(laying, start, max(locked.tick, start + MIN_ENTRY_TICKS), position)
        start, position = made[-1].end_tick, laying.position(made[-1])
    kind = Entry.Kind.STANDBY.value
    bridge = template.Placed(
        start, max(until - start, MIN_ENTRY_TICKS), laying.standby.loop.id, kind, start, "block", {}
    )
    made += laying.lay([Checked(bridge, reason=reason)], position)
    after = {"from": start, "to": made[-1].end_tick, "entries": len(made)}
    record(actor, "air.laid", service_urn(service), organisation=service.organisation, after=after, reason=reason)
    return len(made)


@action
def lay_anew(actor: User, service: Service) -> int | None:
    """Lay again what is not frozen, since the shelf has changed; a bulletin that is under way then ends first.

    Returns the tick from which the log is new; None when nothing is laid that far. Event: `air.laid_anew`.
    """
    permit(actor, "air.lay", service)
    locked = Locked(service)
    laid = queries.laid(service, locked.tick)
    cut = cut_point(laid, locked.tick) if laid else 0
    news = (Entry.Kind.ITEM, Entry.Kind.IDENT)
    later = (entry for entry in laid if entry.start_tick >= cut)
    start = next((entry.start_tick for entry in later if entry.kind not in news and not goes_on(entry)), None)
    if start is None:
        return None
    relay(Laying(actor, service, locked.tick), laid, start, [])
    record(
        actor,
        "air.laid_anew",
        service_urn(service),
        organisation=service.organisation,
        after={"tick": start},
    )
    return start
