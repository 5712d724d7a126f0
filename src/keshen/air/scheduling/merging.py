"""Many lines into a schedule at once, as a file gives them: what overlaps is settled by a rule, or refused."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Final

from keshen.air.scheduling import schedule
from keshen.air.scheduling.schedule import Conflict, Line, Lines
from keshen.media.houseformat import MIN_ENTRY_TICKS

OVERLAPS: Final = "overlaps"
"""Code of a Conflict between two rows of a file; its `line` is the earlier one."""


class Overlap(StrEnum):
    """What becomes of a row that begins before the one above it has ended."""

    REFUSE = "refuse"
    FOLLOW = "follow"
    CUT = "cut"


class Change(StrEnum):
    """What an import does: a row is placed; a line that stood there moves, is cut, or is taken out."""

    PLACED = "placed"
    MOVED = "moved"
    CUT = "cut"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Row:
    """A line to be placed, and its line in the file."""

    number: int
    line: Line


@dataclass(frozen=True, slots=True)
class Changed:
    """One change: `was` as it stood or as the file wants it, `now` as it will be, None when it is taken out.

    `number` is the line of the file, 0 for what was there before.
    """

    kind: Change
    was: Line
    now: Line | None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the row at a line of the file cannot stand; `other` is the line of the row it overlaps, if it is that."""

    number: int
    conflict: Conflict
    other: int = 0


@dataclass(frozen=True, slots=True)
class Merged:
    """The lines as they would be and what that changes, by time; or what cannot stand, by line of the file."""

    lines: Lines
    changes: tuple[Changed, ...] = ()
    problems: tuple[Problem, ...] = ()


def merge(before: Lines, rows: Sequence[Row], frozen: int, overlap: Overlap = Overlap.REFUSE, *, over: bool) -> Merged:
    """Put rows into `before`; nothing airs earlier than `frozen`, in ticks.

    With `over`, what was placed between the first and the last row makes way for them: it is taken out, and what is
    under way when they begin ends there. Otherwise soft lines move on and hard ones are in the way.
    """
    if not rows:
        return Merged(before)
    settled, problems = _settled(sorted(rows, key=lambda row: row.line.start), overlap)
    kept = _cleared(before, settled[0].line.start, max(row.line.end for row in settled), frozen) if over else before
    after = kept
    if _stand_free(kept, settled, frozen):
        after = schedule.ordered([*kept, *(row.line for row in settled)])
    else:
        for row in settled:
            try:
                after = schedule.insert(after, row.line, frozen)
            except Conflict as problem:
                problems.append(Problem(row.number, problem))
    if problems:
        return Merged(before, (), tuple(sorted(problems, key=lambda problem: problem.number)))
    asked = {row.number: row.line for row in rows}
    return Merged(after, tuple(_changes(before, after, settled, asked)))


def _settled(rows: Sequence[Row], overlap: Overlap) -> tuple[list[Row], list[Problem]]:
    """The rows, each ending before the next begins, and those for which the rule finds no place."""
    found: list[Row] = []
    problems: list[Problem] = []
    for row in rows:
        above = found[-1] if found else None
        if above is None or above.line.end <= row.line.start:
            found.append(row)
        elif overlap == Overlap.FOLLOW and not row.line.hard:
            found.append(replace(row, line=replace(row.line, start=above.line.end)))
        elif overlap == Overlap.CUT and row.line.start - above.line.start >= MIN_ENTRY_TICKS:
            found[-1] = replace(above, line=replace(above.line, ticks=row.line.start - above.line.start))
            found.append(row)
        else:
            problems.append(Problem(row.number, Conflict(OVERLAPS, above.line), above.number))
    return found, problems


def _cleared(before: Lines, first: int, last: int, frozen: int) -> Lines:
    kept: list[Line] = []
    for line in before:
        if line.end <= first or line.start >= last:
            kept.append(line)
        elif line.start < max(first, frozen):
            rest = schedule.shortened(line, max(first, frozen)) if line.end > frozen else [line]
            kept += rest or ([line] if line.start < frozen else [])
    return schedule.ordered(kept)


def _stand_free(lines: Lines, rows: Sequence[Row], frozen: int) -> bool:
    """Whether the rows need nothing to move: placing thousands one by one would take minutes."""
    if rows[0].line.start < frozen or any(row.line.ticks < MIN_ENTRY_TICKS for row in rows):
        return False
    together = schedule.ordered([*lines, *(row.line for row in rows)])
    gaps = (following.start - line.end for line, following in pairwise(together))
    return all(gap == 0 or gap >= MIN_ENTRY_TICKS for gap in gaps)


def _changes(before: Lines, after: Lines, rows: Sequence[Row], asked: dict[int, Line]) -> Iterable[Changed]:
    added = _Places(set(after) - set(before))
    found = [Changed(Change.PLACED, asked[row.number], added.take(row.line), row.number) for row in rows]
    for line in set(before) - set(after):
        now = added.take(line)
        kind = Change.OUT if now is None else Change.CUT if now.start == line.start else Change.MOVED
        found.append(Changed(kind, line, now))
    return sorted(found, key=lambda one: ((one.now or one.was).start, one.number))


class _Places:
    """Lines by what they show, so that one is found again wherever it went."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self.held: dict[tuple[int, int, str], list[Line]] = defaultdict(list)
        for line in sorted(lines, key=lambda line: line.start):
            self.held[line.asset, line.asset_tick, line.kind].append(line)

    def take(self, line: Line) -> Line | None:
        """The one nearest to where `line` stood; it is not found twice."""
        held = self.held[line.asset, line.asset_tick, line.kind]
        if not held:
            return None
        at = bisect_left(held, line.start, key=lambda one: one.start)
        near = min((n for n in (at - 1, at) if 0 <= n < len(held)), key=lambda n: abs(held[n].start - line.start))
        return held.pop(near)
