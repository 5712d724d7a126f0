"""Split pictures: lengths that add up at any rate and cut, and ffmpeg making just those."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshen.media import splitting
from keshen.media.cutlist import cut_list
from keshen.media.houseformat import GOP_TICKS, MPEGTS_UNITS, Rate
from keshen.media.profiles import NTSC
from keshen.media.splitting import LEAST, frame_units, samples

RATES: tuple[Rate, ...] = (30, NTSC, 24, Fraction(48, 1))
rates = st.sampled_from(RATES)
firsts, lengths = st.integers(0, 70_000), st.integers(3, 400)


@given(rates, firsts, lengths)
def test_the_pictures_of_any_ticks_last_exactly_as_long(rate: Rate, first: int, ticks: int) -> None:
    found, step = samples(first, ticks, rate), frame_units(rate)
    assert found[0].start == 0
    assert all(before.start + before.duration == after.start for before, after in pairwise(found))
    assert found[-1].start + found[-1].duration == ticks * MPEGTS_UNITS
    assert all(LEAST <= one.duration < step + LEAST for one in found)
    starts = {one.start for one in found}
    groups = set(range(0, ticks * MPEGTS_UNITS, GOP_TICKS * MPEGTS_UNITS))
    assert groups <= starts, "one can start from every sixth tick"
    for one in found:
        at = one.frame * step - first * MPEGTS_UNITS
        assert one.start in groups or one.start == at, "within a group every picture is at its own time"
        assert at - LEAST < one.start < at + step - LEAST + 1, "a picture is shown while it is on, or 6 ms around it"
    split = [after.frame - before.frame for before, after in pairwise(found)]
    assert set(split) <= {0, 1}, "every frame of the source, in order"
    assert split.count(0) <= len(groups)
    assert splitting.last_start(first, ticks, rate) == found[-1].start


@given(rates, firsts, st.integers(3, 200), st.integers(3, 200))
def test_what_is_cut_anywhere_goes_on_with_the_next_picture(rate: Rate, first: int, before: int, after: int) -> None:
    head, tail = samples(first, before, rate), samples(first + before, after, rate)
    assert tail[0].frame - head[-1].frame in (0, 1)
    assert tail[0].frame == splitting.frame_at(first + before, rate)
    assert head[0].frame == splitting.frame_at(first, rate)


@given(rates, st.integers(0, 500), st.integers(3, 300))
def test_an_entry_of_any_cut_list_shows_every_picture_in_its_time(rate: Rate, first: int, ticks: int) -> None:
    clock, at = [], first
    for length in cut_list(first, ticks):
        clock += [(at * MPEGTS_UNITS + one.start, one.frame) for one in samples(at, length, rate)]
        at += length
    assert {frame for _, frame in clock} == set(range(clock[0][1], clock[-1][1] + 1))
    step = frame_units(rate)
    assert all(-LEAST < shown - frame * step < step for shown, frame in clock)


def test_at_30_four_of_five_boundaries_split_a_picture_and_none_moves() -> None:
    found = samples(0, 30, 30)
    assert len(found) == 30 * 320 * 30 // 1000 + 4
    assert {one.duration for one in found} == {3000, 1800, 1200, 600, 2400}
    assert [one.start for one in samples(0, 12, 30)[57:60]] == [171_000, 172_800, 174_000]


def test_rates_that_cannot_be_split_are_refused() -> None:
    for rate in (Fraction(24_000, 1001), Fraction(60_000, 1001), 60):
        with pytest.raises(ValueError, match="cannot be split"):
            frame_units(rate)
    assert splitting.is_whole(25) and splitting.is_whole(50)
    assert not splitting.is_whole(30) and not splitting.is_whole(NTSC)


@given(st.sampled_from((30, NTSC)), st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=2))
def test_frames_of_another_beginning_are_moved_to_where_none_is_torn(rate: Rate, places: list[int]) -> None:
    step = frame_units(rate)
    moved = splitting.steadying(places, rate)
    assert abs(moved) <= step // 2
    for place in places:
        nearest = {round(Fraction(place + moved + edge, step)) for edge in (-LEAST + 1, 0, LEAST - 1)}
        assert len(nearest) == 1, "wherever an edge was moved to, it is the same frame"
    assert splitting.steadying([0, step * 7], rate) == 0
