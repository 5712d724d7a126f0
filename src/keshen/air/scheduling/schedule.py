"""The lines a person placed on a service's schedule, and every edit of them: pure functions from lines to lines.

A line takes its time from the weekly template, which fills whatever no line covers. Soft lines give way to what is
put before them; hard lines start when they say. A line without an asset is left to the fillers, and gives way to
anything. All times and lengths are ticks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Final

from keshen.media.houseformat import MIN_ENTRY_TICKS
from keshen.media.marks import Marks, marks_of

BULLETIN: Final = "bulletin"
"""The kind of a line that tells the news of its moment, ident and close included."""


class Conflict(ValueError):
    """An edit that cannot stand. `code` names why, `line` is what is in the way, `free` where there is room."""

    def __init__(self, code: str, line: Line | None = None, free: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.line = line
        self.free = free


@dataclass(frozen=True, slots=True)
class Line:
    """From `start` for `ticks`: `asset` from `asset_tick` on; 0 stands for fillers.

    `group` is the tick of the break-in that a line belongs to, 0 for others; `hard` lines are never moved by another.
    `marks` are drawn over it, by ticks of the asset.
    """

    start: int
    ticks: int
    asset: int = 0
    asset_tick: int = 0
    kind: str = "programme"
    titles: Mapping[str, str] = field(default_factory=dict, compare=False)
    hard: bool = False
    group: int = 0
    story: str = ""
    item: int = 0
    marks: Marks = ()

    @property
    def end(self) -> int:
        return self.start + self.ticks

    @property
    def gives_way(self) -> bool:
        """Whether it only keeps what was announced, after a break-in or a skip: a person's edit comes first."""
        return self.group != 0 and not self.hard

    @property
    def is_weak(self) -> bool:
        """Whether anything may be put over it: time that is left to the fillers."""
        return self.asset == 0 and self.kind != BULLETIN

    def row(self) -> dict[str, Any]:
        """The line as JSON, as the event log keeps it."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return plain | {"titles": dict(self.titles), "marks": [mark.row() for mark in self.marks]}


type Lines = tuple[Line, ...]


def line_of(row: Mapping[str, Any]) -> Line:
    """The line that `Line.row` wrote. Raises TypeError for another object."""
    return Line(**{**row, "marks": marks_of(row.get("marks", ()))})


def ordered(lines: Iterable[Line]) -> Lines:
    return tuple(sorted(lines, key=lambda line: line.start))


def at(lines: Iterable[Line], tick: int) -> Line | None:
    """The line that holds `tick`."""
    return next((line for line in lines if line.start <= tick < line.end), None)


def in_and_out(ticks: int, first: int, last: int) -> tuple[int, int]:
    """Where an asset of `ticks` begins and ends that should from `first` to `last`: at any tick of it.

    Raises Conflict (`too-short`) when less than three ticks would be left.
    """
    begin, end = max(0, min(first, ticks)), max(0, min(last, ticks))
    if end - begin < MIN_ENTRY_TICKS:
        raise Conflict("too-short")
    return begin, end


def insert(lines: Lines, new: Line, frozen: int) -> Lines:
    """Put a line in. Soft lines that are in its way move on, a hard one or one that has begun is a Conflict.

    Codes: `frozen`, `too-short`, `occupied` (a line is playing then; `free` is its end), `hard` (it would run into a
    hard start).
    """
    if new.ticks < MIN_ENTRY_TICKS:
        raise Conflict("too-short")
    if new.start < frozen:
        raise Conflict("frozen", new, frozen)
    held = carve(lines, new)
    under_way = next((line for line in held if line.start < new.start < line.end), None)
    if under_way is not None:
        raise Conflict("occupied", under_way, under_way.end)
    before = max((line.end for line in held if line.end <= new.start), default=frozen)
    if 0 < new.start - before < MIN_ENTRY_TICKS and not new.hard and before >= frozen:
        new = replace(new, start=before)
    return ordered([*_make_room(held, new, frozen), new])


def carve(lines: Lines, new: Line) -> Lines:
    """`lines` with what gives way taken away where `new` stands."""
    found: list[Line] = []
    for line in lines:
        if line.end <= new.start or line.start >= new.end or not (line.is_weak or line.gives_way):
            found.append(line)
            continue
        before = new.start - line.start
        if before >= MIN_ENTRY_TICKS:
            found.append(replace(line, ticks=before))
        if line.is_weak and line.end - new.end >= MIN_ENTRY_TICKS:
            found.append(replace(line, start=new.end, ticks=line.end - new.end))
    return tuple(found)


def _make_room(held: Lines, new: Line, frozen: int) -> list[Line]:
    found = [line for line in held if line.end <= new.start]
    cursor, moving = new.end, True
    for line in ordered(line for line in held if line.start >= new.start):
        if moving and line.start < cursor + MIN_ENTRY_TICKS and line.start != cursor:
            if line.hard and line.start < cursor:
                raise Conflict("hard", line, line.end)
            if line.start < frozen:
                raise Conflict("frozen", line, frozen)
            moved = line if line.hard else replace(line, start=cursor)
        else:
            moved, moving = line, moving and line.start == cursor
        found.append(moved)
        cursor = max(cursor, moved.end)
    return found


def remove(lines: Lines, line: Line, frozen: int) -> Lines:
    """Take a line out; its time is the template's again."""
    if line.start < frozen:
        raise Conflict("frozen", line, frozen)
    return tuple(one for one in lines if one != line)


def leave_empty(lines: Lines, line: Line, frozen: int) -> Lines:
    """Keep what the template would play there out of it: the time is left to the fillers."""
    if line.start < frozen:
        raise Conflict("frozen", line, frozen)
    rest = tuple(one for one in lines if one != line)
    free = Line(line.start, line.ticks, titles=line.titles)
    return ordered([*(one for one in carve(rest, free)), free])


def move(lines: Lines, line: Line, to: int, frozen: int) -> Lines:
    """Put a line elsewhere, and what is there further on."""
    return insert(remove(lines, line, frozen), replace(line, start=to), frozen)


def trim(lines: Lines, line: Line, asset_tick: int, ticks: int, frozen: int) -> Lines:
    """Change where the asset begins and how long it plays. What is on the air may only end sooner or later."""
    changed = replace(line, asset_tick=asset_tick, ticks=ticks)
    if ticks < MIN_ENTRY_TICKS:
        raise Conflict("too-short")
    rest = tuple(one for one in lines if one != line)
    if line.start >= frozen:
        return insert(rest, changed, frozen)
    if asset_tick != line.asset_tick or changed.end < frozen:
        raise Conflict("frozen", line, frozen)
    return ordered([*_make_room(carve(rest, changed), changed, frozen), changed])


def fix(lines: Lines, line: Line, hard: bool) -> Lines:
    """Make a line start hard, or let it give way again."""
    return ordered([*(one for one in lines if one != line), replace(line, hard=hard)])


def span(before: Lines, after: Lines) -> tuple[int, int] | None:
    """The first and last tick that differ between two sets of lines; None when nothing does."""
    changed = set(before) ^ set(after)
    return (min(line.start for line in changed), max(line.end for line in changed)) if changed else None


def undone(lines: Lines, removed: Lines, added: Lines, frozen: int) -> Lines:
    """`lines` as they were before an edit took `removed` away and put `added` there.

    Raises Conflict: `changed` when an added line is no longer as it was or its place is taken, `frozen` when it is too
    late.
    """
    held = set(lines)
    for line in added:
        if line not in held:
            raise Conflict("changed", line)
    for line in {*removed, *added}:
        if line.start < frozen and not (line.end >= frozen and _same_start(line, removed, added)):
            raise Conflict("frozen", line, frozen)
    back = ordered([*(held - set(added)), *removed])
    for one, following in pairwise(back):
        if following.start < one.end:
            raise Conflict("changed", following)
    return back


def _same_start(line: Line, removed: Lines, added: Lines) -> bool:
    return sum(one.start == line.start and one.asset_tick == line.asset_tick for one in (*removed, *added)) == 2


def shortened(line: Line, end: int) -> list[Line]:
    """The line as far as `end`; nothing when no entry is left of it."""
    return [replace(line, ticks=min(line.end, end) - line.start)] if end - line.start >= MIN_ENTRY_TICKS else []


def interrupt(lines: Lines, first: int, stop: int, instead: Sequence[Line]) -> Lines:
    """Put `instead` in place of everything from `first` until `stop`; what is under way at `first` ends there."""
    kept: list[Line] = []
    for line in lines:
        if line.end <= first or line.start >= stop:
            kept.append(line)
        elif line.start < first:
            kept += shortened(line, first)
    return ordered([*kept, *instead])


def joined(was: Sequence[Line], tick: int, group: int) -> list[Line]:
    """What was to air, joined at `tick` as if nothing had come between."""
    found: list[Line] = []
    for line in was:
        if line.end <= tick or line.is_weak:
            continue
        # nothing fills one tick or two
        near = tick < line.start < tick + MIN_ENTRY_TICKS
        lag = (tick + MIN_ENTRY_TICKS if near else max(line.start, tick)) - line.start
        if line.ticks - lag >= MIN_ENTRY_TICKS:
            found.append(
                replace(
                    line,
                    start=line.start + lag,
                    ticks=line.ticks - lag,
                    asset_tick=line.asset_tick + lag,
                    group=group,
                    hard=False,
                )
            )
    return found


def resumed(was: Sequence[Line], tick: int, stop: int, group: int) -> list[Line]:
    """What was to air, one after the other from `tick` on; what does not end by `stop` is cut there."""
    found: list[Line] = []
    cursor = tick
    for line in was:
        if line.is_weak:
            continue
        room = stop - cursor
        lasting = min(line.ticks, room)
        if 0 < room - lasting < MIN_ENTRY_TICKS:
            lasting = room - MIN_ENTRY_TICKS
        if lasting >= MIN_ENTRY_TICKS:
            found.append(replace(line, start=cursor, ticks=lasting, group=group, hard=False))
            cursor += lasting
        if lasting < line.ticks:
            break
    return found
