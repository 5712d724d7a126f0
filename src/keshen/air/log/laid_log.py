"""The laid log as an edit sees it: read as far as it is asked for, so that an edit costs the same in any length."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from django.db.models import F, QuerySet

from keshen.air.models import Entry
from keshen.air.timeline import Timeline, horizon
from keshen.house.models import Service

PAGE = 200


class LaidLog:
    """What is laid of a service and ends after tick `after`. False when that is nothing."""

    def __init__(self, service: Service, after: int) -> None:
        self.service = service
        self.after = after
        last = self._rows().order_by("start_tick").last()
        self.end = last.end_tick if last else after
        self._any = last is not None

    def __bool__(self) -> bool:
        return self._any

    def _rows(self) -> QuerySet[Entry]:
        rows = Entry.objects.filter(service=self.service, state=Entry.State.LAID, end_tick__gt=self.after)
        return rows.select_related("decision").order_by("start_tick")

    def between(self, start: int, end: int) -> list[Entry]:
        """The entries that have a tick in `start` to `end`, in order."""
        first = self.at(start)
        found = self._rows().filter(start_tick__gt=start, start_tick__lt=end)
        return [*([first] if first and first.start_tick < end else []), *found]

    def at(self, tick: int) -> Entry | None:
        """The entry that holds a tick."""
        found = self._rows().filter(start_tick__lte=tick).last()
        return found if found and found.end_tick > tick else None

    def since(self, tick: int) -> Iterator[Entry]:
        """The entries that end after `tick`, in order, page by page."""
        first = self.at(tick)
        if first:
            yield first
        cursor = first.start_tick if first else tick - 1
        for _page in count():
            held = list(self._rows().filter(start_tick__gt=cursor)[:PAGE])
            yield from held
            if len(held) < PAGE:
                return
            cursor = held[-1].start_tick

    def begins(self, start: int, end: int) -> list[int]:
        """Where entries begin from tick `start` to `end`, both included, and where the log ends if that is there."""
        rows = self._rows().filter(start_tick__gte=start, start_tick__lte=end).values_list("start_tick", flat=True)
        return [*rows, *([self.end] if self and start <= self.end <= end else [])]

    def programmes(self, start: int, end: int) -> list[int]:
        """Where programmes begin from tick `start` to `end`, both included."""
        rows = self._rows().filter(start_tick__gte=start, start_tick__lte=end, slot_tick=F("start_tick"))
        return list(rows.values_list("start_tick", flat=True))

    def rows(self, start: int, end: int) -> list[tuple[int, int, int]]:
        """What begins from tick `start` until `end`: start, end, asset."""
        rows = self._rows().filter(start_tick__gte=start, start_tick__lt=end)
        return list(rows.values_list("start_tick", "end_tick", "asset_id"))

    def cut_point(self, tick: int) -> int:
        """The first segment boundary at or beyond the freeze horizon, when the clock stands at `tick`."""
        first = horizon(tick)
        held = self.between(first, first + 1)
        return Timeline([entry.timed() for entry in held]).cut_point(first)
