"""Breaks inside long programmes: where they fall, how long they are, what edits make of them, how they are told."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keshen.air import actions, queries
from keshen.air.models import Entry, Stock
from keshen.air.scheduling import breaking, template
from keshen.air.scheduling.breaking import Breaks
from keshen.air.scheduling.formats import Clip, Shelf, TemplateError, parse
from keshen.air.ways_out import scte35
from keshen.media.houseformat import FRAMES_PER_TICK, MIN_ENTRY_TICKS, tick_at
from keshen.media.models import Asset
from tests.air.house import NOON, Air
from tests.air.pieces import prepare

STANDBY, FILM, ADVERT = 1, 10, 20
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
PATTERN = Breaks(every=600, lasting=200, within=100, first=300, last=300, play="adverts")
BODY = {"every": 5, "lasting": 64, "within": 32, "first": 2, "last": 2, "play": "adverts"}


@settings(deadline=None)
@given(st.integers(600, 20_000), st.lists(st.integers(0, 160_000), max_size=60).map(sorted).map(tuple), st.booleans())
def test_breaks_fall_on_scene_changes_near_their_minute(ticks: int, scenes: tuple[int, ...], always: bool) -> None:
    wished = Breaks(**{name: getattr(PATTERN, name) for name in Breaks.__slots__} | {"always": always})
    found = breaking.points(ticks, scenes, wished)
    near = {round(frame / FRAMES_PER_TICK) for frame in scenes}
    assert list(found) == sorted(set(found))
    for tick in found:
        assert wished.first <= tick <= ticks - wished.last
        turn = round(tick / wished.every) * wished.every
        assert abs(tick - turn) <= wished.within
        assert tick in near or (always and tick == turn)
    if always:
        assert len(found) == sum(
            300 <= at <= ticks - 300 or any(abs(s - at) <= 100 and 300 <= s <= ticks - 300 for s in near)
            for at in range(600, ticks, 600)
        )
    assert sum(lasting for _first, lasting in breaking.parts(ticks, found)) == ticks


def test_a_scene_that_begins_on_a_tick_is_worth_some_distance() -> None:
    on_a_tick, near = 640 * FRAMES_PER_TICK, 605 * FRAMES_PER_TICK + 4
    assert breaking.points(2000, (near, on_a_tick), PATTERN) == (640,)
    assert breaking.points(2000, (near,), PATTERN) == (606,)
    assert breaking.points(2000, (), PATTERN) == ()


def test_what_is_not_prepared_is_cut_on_the_grid_and_asked_for() -> None:
    asked = []

    def exact(first: int, ticks: int) -> bool:
        asked.append((first, ticks))
        return False

    assert breaking.cuts(2000, (605, 1207), exact) == (600, 1212)
    assert asked == [(0, 605), (605, 602), (1207, 793)], "every part is asked for, also after one that lacks"
    assert breaking.cuts(2000, (605, 1207), lambda first, ticks: True) == (605, 1207)


@settings(max_examples=40, deadline=None)
@given(st.integers(2400, 9000), st.lists(st.integers(10, 250), max_size=4), st.integers(0, 10))
def test_the_time_is_filled_to_the_tick_whatever_is_in_the_breaks(film: int, adverts: list[int], extra: int) -> None:
    scenes = tuple(tick * FRAMES_PER_TICK for tick in range(550, film, 590))
    week = parse({"blocks": [{"at": "00:00", "title": {"en": "Films"}, "programmes": "film", "breaks": {
        "every": 3.2, "lasting": 64, "within": 32, "first": 1.6, "last": 1.6, "play": "adverts"}}]})  # fmt: skip
    shelf = Shelf(
        STANDBY,
        programmes=[
            Clip(FILM, film, {"en": "Film"}, key="film", scenes=scenes),
            *(Clip(ADVERT + n, ticks, key="adverts") for n, ticks in enumerate(adverts)),
        ],
        fillers=[Clip(90, 188)],
    )
    start = tick_at(MIDNIGHT)
    placed = template.resolve(week, shelf, lambda tick: [], start, start + 1, UTC, limit=start + 20_000)
    for one, following in pairwise(placed):
        assert one.end == following.start
        assert one.ticks >= MIN_ENTRY_TICKS
    runs = list(template_breaks(placed))
    assert all(length == 200 for length in runs), "a break has exactly its length, fillers included"
    assert runs
    whole = [one for one in placed if one.asset == FILM and one.slot == placed[0].slot]
    assert sum(one.ticks for one in whole) == film
    assert [one.asset_tick for one in whole][1:] == [one.asset_tick + one.ticks for one in whole][:-1]


def template_breaks(placed: list[template.Placed]) -> list[int]:
    """How long the breaks are."""
    found: list[int] = []
    before = None
    for one in placed:
        if one.kind == "break":
            if before == "break":
                found[-1] += one.ticks
            else:
                found.append(one.ticks)
        before = one.kind
    return found


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"every": 5}, "lasting"),
        ({**BODY, "within": 300}, "twice"),
        ({**BODY, "lasting": 1}, "lasting"),
        ({**BODY, "evry": 1}, "evry"),
        ({**BODY, "first": -1}, "negative"),
    ],
)
def test_a_pattern_that_cannot_be_is_refused_with_its_reason(body: dict, said: str) -> None:
    with pytest.raises(TemplateError, match=said):
        parse({"blocks": [{"at": "00:00", "title": {"en": "A"}, "breaks": body}]})


@pytest.fixture
def film(air: Air) -> Asset:
    """A channel of films with breaks: one of forty minutes whose scenes change every half minute, never on the grid."""
    made = air.make(7500, "film")
    scenes = [n * 94 * FRAMES_PER_TICK + 1 for n in range(1, 79)]
    Asset.objects.filter(pk=made.pk).update(measured={"scenes": scenes})
    actions.stock(air.operator, made, Stock.Role.PROGRAMME, key="film", titles={"kk": "Кино"})
    for ticks in (94, 60):
        actions.stock(air.operator, air.make(ticks), Stock.Role.PROGRAMME, key="adverts", titles={"kk": "Жарнама"})
    week = {"blocks": [{"at": "00:00", "title": {"kk": "Кино"}, "programmes": "film", "breaks": BODY}]}
    actions.set_week(air.operator, air.tv, week)
    return made


def laid_parts(air: Air, film: Asset) -> list[Entry]:
    first = next(entry for entry in air.laid() if entry.asset_id == film.pk)
    return [entry for entry in air.laid() if entry.slot_tick == first.slot_tick and entry.slot_kind == "film"]


def whole(air: Air, film: Asset) -> bool:
    """Whether the first airing of the film shows all of it, in order."""
    cursor = 0
    for entry in laid_parts(air, film):
        if entry.asset_id == film.pk:
            if entry.asset_tick != cursor:
                return False
            cursor = entry.asset_tick + entry.end_tick - entry.start_tick
    return cursor == film.duration_ticks


def test_a_film_is_laid_with_breaks_that_every_way_out_tells_of(air: Air, film: Asset) -> None:
    actions.lay(air.system, air.tv)
    timeline = air.check()
    assert whole(air, film)
    first = [entry for entry in laid_parts(air, film) if entry.asset_id == film.pk]
    assert len(first) > 4
    assert all(entry.asset_tick % 12 == 0 for entry in first), "pieces are not made yet: the grid"
    breaks = list(scte35.breaks(timeline.entries))
    assert {one.ticks for one in breaks} == {200}
    text = queries.snapshot(air.tv, NOON).playlists("v720").past(NOON, breaks[0].end + 400, breaks[0].end + 400)
    assert text is not None
    assert f'ID="break-{breaks[0].id}-200"' in text
    assert "SCTE35-OUT=0x" in text
    programmes = [entry for entry in air.laid() if entry.slot_tick == first[0].slot_tick]
    assert {entry.slot_titles["kk"] for entry in programmes} == {"Кино"}, "the guide has one programme"


def test_breaks_are_cut_to_the_frame_once_they_are_prepared(air: Air, film: Asset) -> None:
    actions.lay(air.system, air.tv)
    prepare(air, film.pk)
    actions.plan(air.system, air.tv)
    prepare(air, film.pk)
    actions.lay_anew(air.system, air.tv)
    air.check()
    later = [entry for entry in air.laid() if entry.asset_id == film.pk and entry.asset_tick]
    assert any(entry.asset_tick % 94 == 0 and entry.asset_tick % 12 for entry in later)


def test_an_edit_behind_a_break_leaves_the_film_whole(air: Air, film: Asset) -> None:
    actions.lay(air.system, air.tv)
    parts = laid_parts(air, film)
    clip = air.make(188, "clip")
    air.time.on(parts[1].start_tick - NOON - 60)
    actions.insert(air.operator, air.tv, start=parts[-1].end_tick + 40, asset=clip.pk)
    air.check()
    assert whole(air, film)
    assert any(entry.asset_id == clip.pk for entry in air.laid())
    actions.undo(air.operator, air.tv)
    air.check()
    assert whole(air, film)
    actions.lay_anew(air.system, air.tv)
    air.check()
    assert whole(air, film)


def test_an_edit_inside_the_film_keeps_what_comes_before_it(air: Air, film: Asset) -> None:
    actions.lay(air.system, air.tv)
    parts = laid_parts(air, film)
    clip = air.make(188, "clip")
    air.time.on(parts[1].start_tick - NOON - 60)
    at = parts[4].start_tick + 100
    actions.insert(air.operator, air.tv, start=at, asset=clip.pk)
    air.check()
    kept = [(entry.start_tick, entry.asset_id) for entry in air.laid() if entry.start_tick < parts[4].start_tick]
    assert kept[-3:] == [(entry.start_tick, entry.asset_id) for entry in parts[1:4]]
    (placed,) = [entry for entry in air.laid() if entry.asset_id == clip.pk]
    assert placed.start_tick == at


def test_a_film_with_breaks_was_played_once(air: Air, film: Asset) -> None:
    actions.lay(air.system, air.tv)
    end = laid_parts(air, film)[-1].end_tick
    assert [one.asset for one in queries.played(air.tv, [film.pk], end)].count(film.pk) == 1


def test_a_break_in_inside_a_break_returns_to_the_film(air: Air, film: Asset) -> None:
    actions.lay(air.system, air.tv)
    parts = laid_parts(air, film)
    pause = next(entry for entry in parts if entry.kind == "break")
    clip = air.make(188, "clip")
    air.time.on(pause.start_tick - NOON + 20)
    actions.break_in(air.operator, air.tv, assets=[clip.pk], resume=True)
    air.check()
    after = [one for one in air.laid() if one.asset_id == film.pk and one.start_tick > pause.start_tick]
    before = [one for one in parts if one.asset_id == film.pk and one.start_tick > pause.start_tick]
    assert after[0].asset_tick == before[0].asset_tick
