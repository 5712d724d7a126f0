"""What is wrong with a service's air at this moment. The air is a function, so what was measured of the asset that is
on says what viewers see and hear: silence, black and still pictures come from the asset's own intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keshen.air import clock
from keshen.air.models import Entry, Slot
from keshen.air.serving import load
from keshen.house.models import Service

MEASURED: Mapping[str, int] = {"silence": 16, "black": 7, "freeze": 32}
"""The kinds of intervals in `Asset.measured`, and for how many ticks one must last to be an alarm."""


def within(intervals: Sequence[Sequence[int]], tick: int, least: int) -> bool:
    """Whether an interval of at least `least` ticks, as (first, last), holds `tick` of the asset."""
    return any(first <= tick < last and last - first >= least for first, last, *_ in intervals)


def sounding(service: Service) -> list[str]:
    """The alarms of a service now: `no_air`, `standby`, or a kind of MEASURED. Empty is well."""
    now = clock.tick()
    entry = (
        Entry.objects.filter(service=service, state=Entry.State.LAID, start_tick__lte=now, end_tick__gt=now)
        .select_related("asset")
        .first()
    )
    if entry is None:
        return ["no_air"]
    gone = load.withdrawals(service.pk)
    if entry.kind == Entry.Kind.STANDBY and entry.end_tick - entry.start_tick > MEASURED["freeze"]:
        return ["standby"]
    if {entry.story_urn, entry.asset.urn} & gone.keys():
        return ["standby"]
    measured: dict[str, Any] = entry.asset.measured or {}
    tick = entry.asset_tick + now - entry.start_tick
    kinds = ("silence",) if service.kind == Service.Kind.RADIO else tuple(MEASURED)
    return [kind for kind in kinds if within(measured.get(kind, ()), tick, MEASURED[kind])]


def only_fillers(service: Service) -> bool:
    """Whether all that is laid and planned of a service only fills: its schedule has nothing in it."""
    now = clock.tick()
    fills = (Entry.Kind.FILLER, Entry.Kind.STANDBY)
    laid = Entry.objects.filter(service=service, state=Entry.State.LAID, end_tick__gt=now)
    if laid.exclude(kind__in=fills).exists():
        return False
    slots = Slot.objects.filter(service=service, end_tick__gt=now)
    return all(part[4] in fills for slot in slots for part in slot.parts)
