"""Edits of the schedule as pure functions, and composing: no gap, no overlap, hard starts to the tick."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keshen.air.scheduling import schedule, template
from keshen.air.scheduling.compose import Composer
from keshen.air.scheduling.schedule import Conflict, Line
from keshen.air.scheduling.template import Clip, Placed, Shelf
from keshen.media.cutlist import cut_list, needs
from keshen.media.cutlist import places as places_of
from keshen.media.houseformat import MIN_ENTRY_TICKS, SEGMENT_TICKS, cut

DAY = 5_500_000_000 // 270_000 * 270_000
"""A tick at midnight UTC."""
WEEK = template.parse(
    {
        "bulletin": {"every": 10, "items": 3, "title": {"en": "News"}},
        "blocks": [
            {"at": "00:00", "title": {"en": "Night"}, "programmes": "p"},
            {"at": "06:00", "title": {"en": "Day"}},
        ],
    }
)
LENGTHS = {10 + n: ticks for n, ticks in enumerate((500, 270, 188, 94, 26, 3000))}
SHELF = Shelf(
    1,
    programmes=[Clip(asset, ticks, key="p") for asset, ticks in LENGTHS.items() if ticks > 200],
    fillers=[Clip(asset, ticks) for asset, ticks in LENGTHS.items() if ticks < 200],
    idents=[Clip(7, 20)],
    closes=[Clip(8, 16)],
)
NEWS = [Clip(50 + n, 60 + n, story=f"s{n}", item=n + 1) for n in range(5)]
assets = st.sampled_from(sorted(LENGTHS))
places = st.integers(DAY, DAY + 6000)


def plays(line: Line) -> bool:
    return schedule.in_and_out(LENGTHS[line.asset], line.asset_tick, line.asset_tick + line.ticks) == (
        line.asset_tick,
        line.asset_tick + line.ticks,
    )


def composer(lines: schedule.Lines) -> Composer:
    return Composer(WEEK, SHELF, lambda tick: NEWS, lines, UTC, plays)


@st.composite
def lines(draw: st.DrawFn) -> schedule.Lines:
    """Lines as an operator would place them: each edit that is refused is left out."""
    made: schedule.Lines = ()
    for _ in range(draw(st.integers(0, 8))):
        asset = draw(assets)
        first, last = sorted((draw(st.integers(0, LENGTHS[asset])), draw(st.integers(0, LENGTHS[asset]))))
        start, hard = draw(places), draw(st.booleans())
        try:
            begin, end = schedule.in_and_out(LENGTHS[asset], first, last)
            made = schedule.insert(made, Line(start, end - begin, asset, begin, hard=hard), DAY)
        except Conflict:
            continue
    return made


def meets(placed: list[Placed], start: int) -> None:
    assert placed[0].start == start
    for before, after in pairwise(placed):
        assert before.end == after.start
    assert all(one.ticks >= MIN_ENTRY_TICKS for one in placed)


@given(lines(), places)
@settings(deadline=None)
def test_whatever_is_placed_the_day_is_whole_and_hard_starts_are_hit(made: schedule.Lines, start: int) -> None:
    placed = composer(made).compose(start, DAY + 12_000)
    meets(placed, start)
    starts = {one.start: one for one in placed}
    for line in made:
        if line.hard and line.start >= start + MIN_ENTRY_TICKS:
            assert line.start in starts, "a hard start is hit to the tick"
            assert starts[line.start].asset == line.asset or line.ticks < 2 * SEGMENT_TICKS
    covered = [line for line in made if line.start < line.end]
    for at in template.bulletins(WEEK, start + 2 * MIN_ENTRY_TICKS, DAY + 12_000):
        if not any(line.start - MIN_ENTRY_TICKS < at < line.end for line in covered):
            assert at in starts, "the news starts on the dot"


def on_grid(line: Line, wished: bool) -> bool:
    """As when nothing is prepared: an asset is cut where its own segments end."""
    grid = dict(places_of(0, cut(LENGTHS[line.asset])))
    return not needs(grid, LENGTHS[line.asset], line.asset_tick, cut_list(line.asset_tick, line.ticks))


@given(lines(), places)
@settings(deadline=None)
def test_until_a_cut_is_prepared_only_segments_that_exist_are_laid(made: schedule.Lines, start: int) -> None:
    exact = composer(made).compose(start, DAY + 8000)
    placed = replace(composer(made), exact=on_grid).compose(start, DAY + 8000)
    meets(placed, start)
    for one in placed:
        if one.asset in LENGTHS and one.key == "line" and one.kind == "programme":
            assert on_grid(Line(one.start, one.ticks, one.asset, one.asset_tick), False)
            assert one.asset_tick - one.start in {line.asset_tick - line.start for line in made} or one.start == start
    assert placed[-1].end == exact[-1].end or placed[-1].end > DAY + 8000, "what follows is as it will be"


@given(lines())
@settings(deadline=None)
def test_a_line_airs_to_the_tick_once_its_cut_is_prepared(made: schedule.Lines) -> None:
    placed = {(one.start, one.asset, one.asset_tick): one for one in composer(made).compose(DAY, DAY + 8000)}
    clear = [
        line
        for before, line, after in zip((None, *made), made, (*made[1:], None), strict=False)
        if (before is None or line.start - before.end not in (1, 2)) and (after is None or after.start >= line.end + 3)
    ]
    for line in clear:
        if line.start >= DAY + MIN_ENTRY_TICKS and line.end <= DAY + 8000:
            one = placed[line.start, line.asset, line.asset_tick]
            assert abs(one.end - line.end) < MIN_ENTRY_TICKS, "but for a hard start that follows at once"


@given(lines(), assets, places, st.booleans())
@settings(deadline=None)
def test_inserting_keeps_hard_lines_order_and_lengths(made: schedule.Lines, asset: int, at: int, hard: bool) -> None:
    new = Line(at, LENGTHS[asset], asset, hard=hard)
    try:
        after = schedule.insert(made, new, DAY)
    except Conflict as problem:
        assert problem.code in {"occupied", "hard"}
        assert problem.line in made
        return
    for one, following in pairwise(after):
        assert one.end <= following.start
    assert {line for line in made if line.hard} <= set(after)
    assert sorted(line.ticks for line in after) == sorted([*(line.ticks for line in made), new.ticks])
    order = [(line.asset, line.asset_tick, line.ticks) for line in made]
    rest = list(after)
    rest.remove(next(line for line in after if line.asset == asset and abs(line.start - at) < MIN_ENTRY_TICKS))
    assert [(line.asset, line.asset_tick, line.ticks) for line in rest] == order


@given(lines(), assets, places)
@settings(deadline=None)
def test_undoing_gives_back_what_was(made: schedule.Lines, asset: int, at: int) -> None:
    try:
        after = schedule.insert(made, Line(at, LENGTHS[asset], asset), DAY)
    except Conflict:
        return
    removed, added = tuple(set(made) - set(after)), tuple(set(after) - set(made))
    assert schedule.undone(after, removed, added, DAY) == made


@given(st.integers(3, 4000), st.integers(0, 4000), st.integers(0, 4000))
def test_in_and_out_are_places_that_can_be_cut(ticks: int, first: int, last: int) -> None:
    try:
        begin, end = schedule.in_and_out(ticks, first, last)
    except Conflict:
        return
    assert 0 <= begin < end <= ticks
    assert (begin, end) == (min(first, ticks), min(last, ticks)), "any tick will do"


@given(st.lists(assets, min_size=1, max_size=6), st.integers(0, 3000), st.integers(3, 400))
def test_returning_joins_or_resumes_without_overlap(held: list[int], first: int, lasting: int) -> None:
    was: list[Line] = []
    cursor = DAY
    for asset in held:
        was.append(Line(cursor, LENGTHS[asset], asset))
        cursor += LENGTHS[asset]
    tick = DAY + first + lasting
    for found, stop in ((schedule.joined(was, tick, 1), cursor), (schedule.resumed(was, tick, cursor, 1), cursor)):
        assert all(line.start >= tick and line.end <= max(stop, tick) for line in found)
        for one, following in pairwise(found):
            assert one.end <= following.start
        assert all(plays(line) for line in found)
    for line in schedule.joined(was, tick, 1):
        original = next(one for one in was if one.asset == line.asset and one.start <= line.start < one.end)
        assert line.asset_tick == line.start - original.start, "joined as if nothing had come between"


def test_a_soft_line_gives_way_and_a_hard_one_does_not() -> None:
    film = Line(DAY + 1000, 500, 10)
    assert schedule.insert((film,), Line(DAY + 900, 270, 11), DAY)[1].start == DAY + 1170
    with pytest.raises(Conflict, match="hard"):
        schedule.insert((replace(film, hard=True),), Line(DAY + 900, 270, 11), DAY)
    with pytest.raises(Conflict, match="occupied") as caught:
        schedule.insert((film,), Line(DAY + 1200, 270, 11), DAY)
    assert caught.value.free == DAY + 1500
    with pytest.raises(Conflict, match="frozen"):
        schedule.insert((film,), Line(DAY - 1, 270, 11), DAY)


def test_what_is_left_to_fillers_gives_way_to_anything() -> None:
    emptied = schedule.leave_empty((), Line(DAY + 100, 500, 10), DAY)
    after = schedule.insert(emptied, Line(DAY + 200, 94, 13), DAY)
    assert [(line.start - DAY, line.ticks, line.asset) for line in after] == [
        (100, 100, 0),
        (200, 94, 13),
        (294, 306, 0),
    ]


def test_what_only_keeps_what_was_announced_gives_way_to_an_edit() -> None:
    kept = Line(DAY + 100, 500, 10, group=DAY)
    after = schedule.insert((kept,), Line(DAY + 250, 94, 13), DAY)
    assert [(line.start - DAY, line.ticks) for line in after] == [(100, 150), (250, 94)]
    assert all(plays(line) for line in after)
