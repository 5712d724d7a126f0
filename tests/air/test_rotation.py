"""Series in order, shuffles that are fair and keep things apart, format clocks that hit their minutes."""

from __future__ import annotations

from collections import Counter
from datetime import UTC
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keshen.air.scheduling import clockface, rotation, template
from keshen.air.scheduling.rotation import Choice, Kind, Order, Played
from keshen.air.scheduling.template import Clip, Shelf
from keshen.media.houseformat import MIN_ENTRY_TICKS, TICKS_PER_HOUR

HOUR = 5_500_000_000 // TICKS_PER_HOUR * TICKS_PER_HOUR

choices = st.lists(
    st.builds(
        Choice,
        asset=st.integers(1, 10_000),
        ticks=st.integers(200, 900),
        artist=st.sampled_from(["", "Әсет", "Дина", "Құрманғазы", "Нұрғиса"]),
        series=st.sampled_from(["", "A", "B"]),
        episode=st.integers(0, 50),
    ),
    min_size=1,
    max_size=30,
    unique_by=lambda choice: choice.asset,
)


def run(given: list[Choice], order: Order, count: int) -> list[tuple[int, Choice | None]]:
    played: list[Played] = []
    found = []
    at = HOUR
    for _ in range(count):
        choice = rotation.choose(given, order, played, at, lambda one: True)
        found.append((at, choice))
        if choice:
            played.append(Played(choice.asset, at + choice.ticks))
        at += choice.ticks if choice else 300
    return found


@given(choices, st.integers(0, 9), st.integers(0, 4000), st.integers(0, 9000))
@settings(deadline=None)
def test_what_must_stand_apart_does(given_: list[Choice], seed: int, artist: int, episode: int) -> None:
    order = Order(Kind.SHUFFLE, seed, {"artist": artist, "episode": episode})
    ends: dict[str, int] = {}
    aired: dict[int, int] = {}
    for at, choice in run(given_, order, 80):
        if choice is None:
            continue
        if choice.artist in ends:
            assert at - ends[choice.artist] >= artist
        if choice.asset in aired:
            assert at - aired[choice.asset] >= episode
        aired[choice.asset] = at + choice.ticks
        if choice.artist:
            ends[choice.artist] = at + choice.ticks


@given(choices, st.integers(0, 9))
@settings(deadline=None)
def test_a_shuffle_plays_all_before_any_again_and_the_seed_decides(given_: list[Choice], seed: int) -> None:
    order = Order(Kind.SHUFFLE, seed)
    found = [choice.asset for _, choice in run(given_, order, 3 * len(given_)) if choice]
    assert set(Counter(found).values()) == {3}
    assert found == [choice.asset for _, choice in run(given_[::-1], order, 3 * len(given_)) if choice]


@given(choices)
@settings(deadline=None)
def test_series_go_on_in_order(given_: list[Choice]) -> None:
    line = sorted(given_, key=lambda choice: (choice.series, choice.episode, choice.asset))
    found = [choice for _, choice in run(given_, Order(Kind.SERIES), 2 * len(line))]
    assert found == line * 2


def test_an_episode_that_does_not_fit_waits() -> None:
    line = [Choice(1, 100, series="A", episode=1), Choice(2, 900, series="A", episode=2), Choice(3, 50, "", "A", 3)]
    played = [Played(1, HOUR)]
    assert rotation.choose(line, Order(Kind.SERIES), played, HOUR, lambda one: one.ticks < 500) is None


CLOCK = [
    {"at": 0, "play": "news"},
    {"play": "jingle"},
    {"play": "song", "count": 3},
    {"at": 30, "play": "ident"},
    {"play": "song", "count": 2},
    {"play": "advert"},
]


def week(**block: object) -> template.Template:
    body = {
        "bulletin": {"every": 60, "items": 3, "title": {"en": "News"}},
        "blocks": [{"at": "00:00", "title": {"en": "Day"}, "programmes": "song", **block}],
        "clocks": {"day": CLOCK},
    }
    return template.parse(body)


SHELF = Shelf(
    1,
    programmes=[
        *(Clip(100 + n, 600 + 13 * n, key="song", artist=f"artist {n % 4}") for n in range(9)),
        Clip(200, 20, key="jingle"),
        Clip(300, 94, key="advert"),
    ],
    fillers=[Clip(400, 188), Clip(401, 26)],
    idents=[Clip(500, 18)],
    closes=[],
)


@given(st.integers(0, 3 * TICKS_PER_HOUR))
@settings(deadline=None, max_examples=30)
def test_a_clock_hits_its_minutes_and_keeps_its_order(away: int) -> None:
    made = week(clock="day", order="shuffle", seed=3, apart={"artist": 5})
    start = HOUR + away
    placed = template.resolve(made, SHELF, lambda tick: [Clip(600, 80, item=1)], start, HOUR + 6 * TICKS_PER_HOUR, UTC)
    for before, after in pairwise(placed):
        assert before.end == after.start
    assert all(one.ticks >= MIN_ENTRY_TICKS for one in placed)
    starts = {one.start: one for one in placed}
    for hour in range(4, 6):
        top = HOUR + hour * TICKS_PER_HOUR
        assert starts[top].kind == "bulletin-item" or starts[top].kind == "ident"
        half = top + TICKS_PER_HOUR // 2
        assert starts[half].asset == 500
        run = [
            one.asset for one in placed if half <= one.start < half + TICKS_PER_HOUR // 2 and one.kind == "programme"
        ]
        assert [asset >= 200 for asset in run[:3]] == [False, False, True], "two songs, then the advert"
    ends: dict[str, int] = {}
    artists = {clip.asset: clip.artist for clip in SHELF.programmes}
    for one in placed:
        artist = artists.get(one.asset)
        if artist:
            if artist in ends:
                assert one.start - ends[artist] >= 5 * 187
            ends[artist] = one.end


@given(st.integers(1, 5 * TICKS_PER_HOUR))
@settings(deadline=None, max_examples=30)
def test_going_on_from_what_aired_gives_the_same(away: int) -> None:
    made = week(order="shuffle", seed=5)
    whole = template.resolve(made, SHELF, lambda tick: [], HOUR, HOUR + 8 * TICKS_PER_HOUR, UTC)
    split = template.last_hard_start(made, HOUR + away, UTC)
    before = [one for one in whole if one.start < split]
    played = [Played(one.asset, one.end) for one in before]
    after = template.resolve(made, SHELF, lambda tick: [], split, HOUR + 8 * TICKS_PER_HOUR, UTC, played=played)
    assert before + after == whole


def test_a_format_that_cannot_be_read_says_why() -> None:
    for block, clock in (({"order": "chaos"}, CLOCK), ({"clock": "night"}, CLOCK), ({}, [{"play": "song"}])):
        body = {"blocks": [{"at": "00:00", "title": {}, **block}], "clocks": {"day": clock}}
        with pytest.raises(template.TemplateError):
            template.parse(body)
    with pytest.raises(ValueError, match="rise"):
        clockface.parse([{"at": 30, "play": "a"}, {"at": 10, "play": "b"}])
