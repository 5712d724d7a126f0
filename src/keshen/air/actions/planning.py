"""The plan: what follows the laid log, as the guide announces it and the operator sees it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from django.db.models import Q

from keshen.air import queries
from keshen.air.actions.locking import PLANNED_TICKS, Locked
from keshen.air.log.laying import Laying
from keshen.air.models import Slot
from keshen.air.scheduling.template import Placed
from keshen.house.actions import action, permit
from keshen.house.models import Service, User


@action
def plan(actor: User, service: Service) -> int:
    """Work out anew what follows the laid log, for the guide; returns how many entries."""
    permit(actor, "air.lay", service)
    locked = Locked(service)
    last = queries.last_laid(service)
    if last is None:
        return 0
    laying = Laying(actor, service, locked.tick)
    placed = laying.resolve(last.end_tick, locked.tick + PLANNED_TICKS)
    Slot.objects.filter(service=service).delete()
    Slot.objects.bulk_create(_slots(service, placed))
    laying.prepared.ask()  # a day ahead, so that breaks are cut to the frame by the time they are laid
    return len(placed)


def replan(laying: Laying, first: int, last: int, laid_until: int) -> None:
    """Work out anew the part of the plan that a change from tick `first` to `last` touches, and nothing else."""
    rows = Slot.objects.filter(service=laying.service)
    planned = rows.order_by("start_tick").last()
    if planned is None or last <= laid_until or first >= planned.end_tick:
        return
    start = max(laid_until, laying.composer.fixed_before(max(first, laid_until)))
    placed = laying.resolve_touched(start, last, Planned(rows.order_by("start_tick")), planned.end_tick)
    until = placed[-1].end
    rows.filter(Q(start_tick__lt=until), Q(end_tick__gt=start)).delete()
    Slot.objects.bulk_create(_slots(laying.service, placed))


class Planned:
    """What was planned (see `laying.Stood`)."""

    def __init__(self, slots: Iterable[Slot]) -> None:
        self._slots = list(slots)

    def begins(self, start: int, end: int) -> list[int]:
        return [slot.start_tick for slot in self._slots if start <= slot.start_tick <= end]

    programmes = begins

    def rows(self, start: int, end: int) -> list[tuple[int, int, int]]:
        parts = (part for slot in self._slots for part in slot.parts)
        return [(part[0], part[0] + part[1], part[2]) for part in parts if start <= part[0] < end]


def _slots(service: Service, placed: Sequence[Placed]) -> list[Slot]:
    found = []
    for (_slot, key), group in groupby(placed, key=lambda one: (one.slot, one.key)):
        held = list(group)
        parts = [[one.start, one.ticks, one.asset, one.asset_tick, one.kind, dict(one.titles)] for one in held]
        found.append(
            Slot(
                service=service,
                start_tick=held[0].start,
                end_tick=held[-1].end,
                kind=key,
                titles=dict(held[-1].slot_titles),
                parts=parts,
            )
        )
    return found
