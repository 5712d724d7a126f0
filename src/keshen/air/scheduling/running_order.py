"""The lines placed on a service, found by tick: they lie one after the other, so that each is found by halving."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from keshen.air.scheduling.schedule import BULLETIN, Line, ordered


class RunningOrder:
    """Lines that do not overlap, in the order of their starts. All times are ticks."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self.lines = ordered(lines)
        self._starts = [line.start for line in self.lines]
        self._ends = [line.end for line in self.lines]
        self._bulletins = [line.start for line in self.lines if line.kind == BULLETIN]

    def ending_after(self, tick: int) -> Line | None:
        """The first line that is not over at `tick`."""
        return self._line(bisect_right(self._ends, tick))

    def covering(self, tick: int) -> Line | None:
        """The line that began before `tick` and ends after it."""
        line = self.ending_after(tick)
        return line if line is not None and line.start < tick else None

    def starting_at(self, tick: int) -> Line | None:
        line = self._line(bisect_left(self._starts, tick))
        return line if line is not None and line.start == tick else None

    def next_start(self, tick: int) -> int | None:
        """The first start after `tick`."""
        place = bisect_right(self._starts, tick)
        return self._starts[place] if place < len(self._starts) else None

    def last_bound(self, tick: int) -> int | None:
        """The last start before `tick`, or the last end at or before it, whichever is later."""
        starts, ends = bisect_left(self._starts, tick), bisect_right(self._ends, tick)
        return max([*self._starts[max(0, starts - 1) : starts], *self._ends[max(0, ends - 1) : ends]], default=None)

    def next_bulletin(self, tick: int) -> int | None:
        """The first start of a line that tells the news, at or after `tick`."""
        place = bisect_left(self._bulletins, tick)
        return self._bulletins[place] if place < len(self._bulletins) else None

    def _line(self, place: int) -> Line | None:
        return self.lines[place] if place < len(self.lines) else None
