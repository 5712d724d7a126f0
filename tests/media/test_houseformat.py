from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshen.media import houseformat as hf


def test_the_tick_is_whole_in_every_clock() -> None:
    assert hf.FRAMES_PER_TICK * 1000 == hf.TICK_MS * hf.FRAME_RATE
    assert hf.VIDEO_UNITS * 1000 == hf.TICK_MS * hf.VIDEO_TIMESCALE
    assert hf.AUDIO_UNITS * 1000 == hf.TICK_MS * hf.SAMPLE_RATE == 15_360_000
    assert hf.MPEGTS_UNITS * 1000 == hf.TICK_MS * 90_000
    assert timedelta(hours=1) == hf.TICKS_PER_HOUR * hf.TICK


@pytest.mark.parametrize(
    ("ticks", "cuts"),
    [(3, [3]), (12, [12]), (13, [13]), (14, [14]), (15, [12, 3]), (26, [12, 14]), (27, [12, 12, 3]), (36, [12] * 3)],
)
def test_cut(ticks: int, cuts: list[int]) -> None:
    assert hf.cut(ticks) == cuts


@pytest.mark.parametrize("ticks", [-1, 0, 2])
def test_an_entry_has_three_ticks(ticks: int) -> None:
    with pytest.raises(ValueError, match="at least 3 ticks"):
        hf.cut(ticks)


@given(st.integers(3, 200_000))
def test_every_cut_list_covers_its_entry_and_rounds_to_the_target(ticks: int) -> None:
    cuts = hf.cut(ticks)
    assert sum(cuts) == ticks
    assert all(3 <= length <= 14 for length in cuts)
    assert all(round(hf.seconds(length)) <= hf.TARGET_DURATION for length in cuts)
    assert all(length == 12 for length in cuts[:-1])
    starts = hf.spans(cuts, 7)
    assert starts[0][0] == 7 and sum(starts[-1]) == 7 + ticks


@given(st.integers(-(10**9), 10**11))
def test_a_tick_and_its_time_are_one(tick: int) -> None:
    at = hf.datetime_at(tick)
    assert hf.tick_at(at) == hf.tick_before(at) == tick
    assert hf.tick_before(at + timedelta(milliseconds=319)) == tick
    assert hf.tick_at(at + timedelta(milliseconds=159)) == tick
    assert hf.tick_at(at + timedelta(milliseconds=160)) == tick + 1


def test_a_time_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        hf.tick_at(datetime(2030, 1, 1))
    assert hf.tick_at(datetime(1970, 1, 1, 1, tzinfo=UTC)) == hf.TICKS_PER_HOUR


def test_the_90_khz_clock_wraps() -> None:
    last = (1 << 33) // hf.MPEGTS_UNITS
    assert hf.mpegts(last) == last * hf.MPEGTS_UNITS
    assert hf.mpegts(last + 1) == (last + 1) * hf.MPEGTS_UNITS - (1 << 33)


@given(st.floats(0, 100_000))
def test_padding_loses_nothing(length: float) -> None:
    ticks = hf.ticks_for(length)
    assert hf.seconds(ticks) >= length - 0.001
    assert ticks == 3 or hf.seconds(ticks - 1) < length + 0.001
