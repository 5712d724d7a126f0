"""What operators ordered at once, as it aired: break-ins, returns and skips, by whom and why, to the tick.

An order that was taken back before anybody saw it did not happen on the air, and is not told of.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone

from keshen.air.models import Entry, Incident, Line
from keshen.house.models import Service
from keshen.media.houseformat import TICKS_PER_HOUR, datetime_at

KINDS = (Incident.Kind.BREAK_IN, Incident.Kind.RETURNED, Incident.Kind.SKIPPED)
LONGEST_TICKS = 24 * TICKS_PER_HOUR
"""How long before an interval a break-in may have begun that still lasts in it."""


@dataclass(frozen=True, slots=True)
class Order:
    """One order. It holds from `tick` on; `until` is where a break-in ended, `tick` of the others."""

    kind: Incident.Kind
    tick: int
    until: int
    by: str
    username: str
    ordered_at: datetime
    reason: str

    def row(self) -> dict[str, Any]:
        """The order as a day's record has it."""
        return {
            "kind": self.kind.value,
            "at": datetime_at(self.tick).isoformat(timespec="milliseconds"),
            "tick": self.tick,
            "until_tick": self.until,
            "by": self.username,
            "ordered_at": self.ordered_at.isoformat(timespec="milliseconds"),
            "reason": self.reason,
        }


def orders(service: Service, start: int, end: int) -> list[Order]:
    """The orders that took effect from tick `start` until `end`, a break-in that lasted into it too; in order."""
    rows = Incident.objects.filter(service=service, kind__in=KINDS, tick__gt=start - LONGEST_TICKS, tick__lt=end)
    given = list(rows.select_related("actor", "entry").order_by("id"))
    broken = _broken_in(service, [row.tick for row in given])
    ended = set(broken.values())
    last = {(row.kind, row.tick): row.pk for row in given}
    found = []
    for row in given:
        until = row.tick
        if last[row.kind, row.tick] != row.pk:
            continue
        if row.kind == Incident.Kind.BREAK_IN:
            until = broken.get(row.tick, row.tick)
            if until == row.tick:
                continue
        elif (row.kind == Incident.Kind.RETURNED and row.tick not in ended) or (
            row.kind == Incident.Kind.SKIPPED and not _was_skipped(row)
        ):
            continue
        if until > start or row.tick >= start:
            found.append(_order(row, until))
    return sorted(found, key=lambda order: order.tick)


def _broken_in(service: Service, ticks: list[int]) -> dict[int, int]:
    """Where the break-ins of `ticks` that aired ended: what they put on begins hard, what they join does not."""
    lines = Line.objects.filter(service=service, group__in=set(ticks), hard=True)
    return dict(lines.values_list("group").annotate(until=Max("end_tick")))


def _was_skipped(row: Incident) -> bool:
    """Whether what was to be skipped ended there, and did not go on after the skip was taken back."""
    cut = row.entry
    if cut is None or cut.state != Entry.State.LAID or cut.end_tick != row.tick:
        return False
    following = Entry.objects.filter(service=row.service, state=Entry.State.LAID, start_tick=row.tick).first()
    went_on = cut.asset_tick + cut.end_tick - cut.start_tick
    return following is None or (following.asset_id, following.asset_tick) != (cut.asset_id, went_on)


def _order(row: Incident, until: int) -> Order:
    at = timezone.localtime(row.at)
    return Order(Incident.Kind(row.kind), row.tick, until, str(row.actor), row.actor.username, at, row.reason)


def of(tick: int, given: list[Order]) -> Order | None:
    """The break-in that is on at a tick."""
    found = (one for one in given if one.kind == Incident.Kind.BREAK_IN and one.tick <= tick < one.until)
    return max(found, key=lambda order: order.tick, default=None)
