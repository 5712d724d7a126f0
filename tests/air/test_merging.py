"""Many lines at once: whatever is merged neither overlaps nor airs too early, and every change is named."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshen.air.scheduling import merging, schedule
from keshen.air.scheduling.merging import Change, Overlap, Row
from keshen.air.scheduling.schedule import Line

FROZEN = 1000


def line(start: int, ticks: int = 100, asset: int = 1, **more: object) -> Line:
    return Line(start, ticks, asset, **more)


def rows(*lines: Line) -> list[Row]:
    return [Row(number, one) for number, one in enumerate(lines, 2)]


made = st.builds(Line, st.integers(900, 3000), st.integers(1, 300), st.integers(1, 5), hard=st.booleans())
stood = st.lists(st.tuples(st.sampled_from([0, 3, 40]), st.integers(3, 300), st.booleans()), max_size=8)


def standing(given_: list[tuple[int, int, bool]]) -> schedule.Lines:
    cursor, found = FROZEN - 50, []
    for number, (gap, ticks, hard) in enumerate(given_):
        found.append(Line(cursor + gap, ticks, 100 + number, hard=hard))
        cursor = found[-1].end
    return tuple(found)


@given(stood, st.lists(made, max_size=8), st.sampled_from(Overlap), st.booleans())
def test_nothing_overlaps_and_nothing_is_lost_unsaid(was, lines, overlap, over) -> None:
    before = standing(was)
    merged = merging.merge(before, rows(*lines), FROZEN, overlap, over=over)
    if merged.problems:
        assert merged.lines == before
        assert merged.changes == ()
        assert {problem.number for problem in merged.problems} <= {row.number for row in rows(*lines)}
        return
    assert all(one.end <= following.start for one, following in pairwise(merged.lines))
    begun = {one.start: one for one in before if one.start < FROZEN}
    for one in set(merged.lines) - set(before):
        assert one.start >= FROZEN or FROZEN <= one.end < begun[one.start].end, "what has begun may only end sooner"
    assert begun.keys() <= {one.start for one in merged.lines}
    placed = [one for one in merged.changes if one.kind == Change.PLACED]
    assert sorted(one.number for one in placed) == [row.number for row in rows(*lines)]
    gone = {one.was for one in merged.changes if one.number == 0}
    assert set(before) - set(merged.lines) == gone
    appeared = {one.now for one in merged.changes if one.now}
    assert set(merged.lines) - set(before) <= appeared


def test_rows_that_overlap_follow_the_rule() -> None:
    two = rows(line(2000, 100, 1), line(2060, 100, 2), line(2160, 100, 3, hard=True))
    refused = merging.merge((), two, FROZEN, over=False)
    assert [(one.number, one.other) for one in refused.problems] == [(3, 2)]
    cut = merging.merge((), two, FROZEN, Overlap.CUT, over=False)
    assert [(one.start, one.ticks) for one in cut.lines] == [(2000, 60), (2060, 100), (2160, 100)]
    followed = merging.merge((), two[:2], FROZEN, Overlap.FOLLOW, over=False)
    assert [one.start for one in followed.lines] == [2000, 2100]
    in_the_way = merging.merge((), two, FROZEN, Overlap.FOLLOW, over=False)
    assert [one.number for one in in_the_way.problems] == [4], "a hard row never begins later"


def test_what_stood_there_makes_way_or_is_in_the_way() -> None:
    before = (line(1990, 50, 7), line(2100, 100, 8, hard=True), line(2300, 100, 9))
    held = merging.merge(before, rows(line(2000, 150, 1)), FROZEN, over=False)
    assert [one.conflict.code for one in held.problems] == ["occupied"]
    merged = merging.merge(before, rows(line(2000, 150, 1), line(2190, 150, 2)), FROZEN, over=True)
    assert [(one.asset, one.start) for one in merged.lines] == [(7, 1990), (1, 2000), (2, 2190)]
    assert [(one.kind, one.was.asset) for one in merged.changes] == [
        (Change.CUT, 7), (Change.PLACED, 1), (Change.OUT, 8), (Change.PLACED, 2), (Change.OUT, 9),
    ]  # fmt: skip


def test_a_row_that_airs_too_early_is_refused_even_over_what_stands_there() -> None:
    merged = merging.merge((line(900, 300, 7),), rows(line(990, 50)), FROZEN, over=True)
    assert [one.conflict.code for one in merged.problems] == ["frozen"]


@pytest.mark.parametrize("over", [True, False])
def test_a_week_of_half_minutes_is_merged_without_looking_at_every_pair(over: bool) -> None:
    day = rows(*(line(FROZEN + n * 94, 94, n) for n in range(20_000)))
    merged = merging.merge((line(FROZEN - 20, 20, 7),), day, FROZEN, over=over)
    assert len(merged.lines) == 20_001
    assert len(merged.changes) == 20_000
