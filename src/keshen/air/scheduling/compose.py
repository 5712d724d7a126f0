"""The schedule as it airs: the lines people placed, and the weekly template in every gap between them, to the tick."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from functools import cached_property

from keshen.air.scheduling import rotation, template
from keshen.air.scheduling.rotation import Played
from keshen.air.scheduling.running_order import RunningOrder
from keshen.air.scheduling.schedule import BULLETIN, Line
from keshen.air.scheduling.template import News, Placed, Shelf, Template
from keshen.media.houseformat import MIN_ENTRY_TICKS, SEGMENT_TICKS

LINE = "line"
"""The kind in the guide of what a person placed."""
NEWS = "news"


@dataclass(frozen=True)
class Composer:
    """What a service plays: its week, its shelf, the news by tick, the lines placed on it. Pure, so that composing
    again gives the same.

    `plays` says whether an asset has the ticks of a line; one that has not is left to the fillers. `exact` says whether
    it can be cut there, `wished` being true for what the line asks: its pieces are made, or it needs none. Until then
    it is cut where its own segments end, within. `played` gives what aired before a tick, for blocks that play in an
    order.
    """

    week: Template
    shelf: Shelf
    news: News
    lines: Sequence[Line]
    zone: tzinfo
    plays: Callable[[Line], bool]
    played: Callable[[int], Sequence[Played]] = lambda before: ()
    exact: Callable[[Line, bool], bool] = lambda line, wished: True

    @cached_property
    def order(self) -> RunningOrder:
        return RunningOrder(self.lines)

    def compose(self, start: int, until: int, enough: int | None = None) -> list[Placed]:
        """What airs from `start` until the first fixed start at or after `until`: a hard start or a line.

        With `enough`, only as far as that tick: a longer answer begins with the same.
        """
        placed: list[Placed] = []
        aired = [*self.played(start)]
        told = 0
        cursor = start
        while cursor < until:
            line = self.order.ending_after(cursor)
            if line is None or line.start - cursor >= MIN_ENTRY_TICKS:
                limit = line.start if line else None
                goal = min(until, limit) if limit is not None else until
                aired += rotation.aired((one.slot, one.asset, one.end) for one in placed[told:])
                told = len(placed)
                placed += template.resolve(
                    self.week, self.shelf, self.news, cursor, goal, self.zone,
                    limit=limit, played=aired, exact=self._cuttable, enough=enough,
                )  # fmt: skip
            elif line.end - cursor < MIN_ENTRY_TICKS:
                following = self.next_fixed(cursor + MIN_ENTRY_TICKS - 1)
                placed += self._filled(cursor, following, cursor, line)
            else:
                placed += self._line(line, cursor)
            cursor = placed[-1].end
            if enough is not None and cursor >= enough:
                break
        return placed

    def filled(self, start: int, end: int, before: Placed) -> list[Placed]:
        """Fillers from `start` to `end`, part of what is on `before`."""
        placed: list[Placed] = []
        for clip in template.fill(end - start, self.shelf, start // SEGMENT_TICKS):
            kind = "standby" if clip.asset == self.shelf.standby else "filler"
            one = Placed(start, clip.ticks, clip.asset, kind, before.slot, before.key, before.slot_titles, clip.titles)
            placed.append(one)
            start = one.end
        return placed

    def _cuttable(self, asset: int, first: int, ticks: int) -> bool:
        return self.exact(Line(0, ticks, asset, first), True)

    def next_fixed(self, tick: int) -> int:
        """The first hard start of the week or start of a line after `tick`, that no line covers."""
        at = template.next_hard_start(self.week, tick, self.zone)
        while covering := self.order.covering(at):
            at = (
                covering.end
                if template.is_hard_start(self.week, covering.end, self.zone)
                else template.next_hard_start(self.week, covering.end, self.zone)
            )
        start = self.order.next_start(tick)
        return at if start is None else min(at, start)

    def fixed_before(self, tick: int) -> int:
        """The last tick from which composing does not depend on what came before, whatever line begins at `tick`."""
        hard = template.last_hard_start(self.week, tick, self.zone)
        covering = self.order.covering(hard)
        fixed, bound = covering.start if covering else hard, self.order.last_bound(tick)
        return fixed if bound is None else max(fixed, bound)

    def next_bulletin(self, tick: int) -> int | None:
        """The first bulletin at or after `tick` that no line covers."""
        at = template.next_bulletin(self.week, tick)
        while at is not None:
            covering = self.order.covering(at) or self.order.starting_at(at)
            if covering is None or (covering.start == at and covering.kind == BULLETIN):
                break
            at = template.next_bulletin(self.week, covering.end)
        told = self.order.next_bulletin(tick)
        return min((one for one in (at, told) if one is not None), default=None)

    def _line(self, line: Line, cursor: int) -> list[Placed]:
        """The line from `cursor` on: late where a change came in its middle, short where a hard start follows soon."""
        if line.kind == BULLETIN and cursor <= line.start:
            told = self._told(line, cursor)
            return told + self._filled(told[-1].end if told else cursor, self._end(line), cursor, line)
        if line.asset == 0 or line.kind == BULLETIN:
            return self._filled(cursor, self._end(line), line.start, line)
        if not self.plays(line):
            # a story that may not be shown is not named either
            unnamed = replace(line, titles={}) if line.story else line
            return self._filled(cursor, self._end(line), line.start, unnamed)
        late, stop = max(0, cursor - line.start), self._end(line)
        end = min(cursor, line.start) + line.ticks
        if stop == line.end:
            stop = end
        elif 0 < stop - end < MIN_ENTRY_TICKS:
            end = stop - MIN_ENTRY_TICKS
        wanted = replace(line, start=cursor, ticks=end - cursor, asset_tick=line.asset_tick + late)
        cut = self._cut(wanted, stop) if wanted.ticks >= MIN_ENTRY_TICKS else None
        if cut is None:
            return self._filled(cursor, stop, line.start, line)
        return [
            *self._filled(cursor, cut.start, line.start, line),
            self._placed(line, cut),
            *self._filled(cut.end, stop, line.start, line),
        ]

    def _cut(self, wanted: Line, stop: int) -> Line | None:
        """The line as it can be cut now, fillers around it until `stop`: as it is wanted, else within that."""
        lag = -wanted.asset_tick % SEGMENT_TICKS
        lag += SEGMENT_TICKS if 0 < lag < MIN_ENTRY_TICKS else 0
        over = (wanted.asset_tick + wanted.ticks) % SEGMENT_TICKS
        over += SEGMENT_TICKS if 0 < stop - wanted.end + over < MIN_ENTRY_TICKS else 0
        wished = True
        for late, early in ((0, 0), (0, over), (lag, 0), (lag, over)):
            ticks = wanted.ticks - late - early
            cut = replace(wanted, start=wanted.start + late, ticks=ticks, asset_tick=wanted.asset_tick + late)
            if ticks >= MIN_ENTRY_TICKS and self.exact(cut, wished):
                return cut
            wished = False
        return None

    def _end(self, line: Line) -> int:
        """Where the time of a line ends: at the hard start that follows by less than an entry, else as it says."""
        stop = self.next_fixed(line.end - 1)
        following = self.order.starting_at(stop)
        soft = following is not None and not following.hard
        return stop if stop - line.end < MIN_ENTRY_TICKS and not soft else line.end

    def _placed(self, line: Line, cut: Line) -> Placed:
        return Placed(
            cut.start,
            cut.ticks,
            line.asset,
            line.kind,
            line.start,
            LINE,
            line.titles,
            line.titles,
            line.story,
            line.item,
            cut.asset_tick,
            line.marks,
        )

    def _told(self, line: Line, cursor: int) -> list[Placed]:
        given = self.week.bulletin or template.Bulletin(60, 5, line.titles)
        return template.bulletin(given, self.shelf, self.news(cursor), cursor, line.end)

    def _filled(self, start: int, end: int, slot: int, line: Line) -> list[Placed]:
        placed: list[Placed] = []
        cursor = start
        for clip in template.fill(end - start, self.shelf, start // SEGMENT_TICKS):
            kind = "standby" if clip.asset == self.shelf.standby else "filler"
            key = NEWS if line.kind == BULLETIN else LINE
            placed.append(Placed(cursor, clip.ticks, clip.asset, kind, slot, key, line.titles, clip.titles))
            cursor += clip.ticks
        return placed
