"""The times of a film's parts, in every unit that NewsML-G2 has for them, against frames that are counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshen.newsroom.readers import Incoming, read
from keshen.newsroom.readers.incoming import Part

NTSC = 30_000 / 1_001
DAY = 24 * 60 * 60


def part_from(start: str, end: str, unit: str, rate: str = "25") -> tuple[Part, tuple[str, ...]]:
    item = f"""<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:t:1" version="1"><itemMeta>
        <itemClass qcode="ninat:video"/></itemMeta><contentMeta><headline>Мұз</headline></contentMeta>
        <partMeta><timeDelim start="{start}" end="{end}" timeunit="timeunit:{unit}"/><description>d</description>
        </partMeta>
        <contentSet><remoteContent href="https://tv.example/1.mp4" videoframerate="{rate}"/></contentSet></newsItem>"""
    (found,) = read(item.encode(), "t.xml")
    assert isinstance(found, Incoming)
    (part,) = found.parts
    return part, found.warnings


def dropped(minutes: int) -> int:
    """The numbers that were left out before a minute of drop-frame time code begins, minute by minute."""
    return sum(2 for minute in range(1, minutes + 1) if minute % 10)


def drop_frame_code(second: int, frame: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02};{frame:02}"


@given(st.integers(0, 59 * 60), st.integers(2, 29))
def test_drop_frame_time_code_is_the_time_of_the_frame_that_it_numbers(second: int, frame: int) -> None:
    part, warnings = part_from(drop_frame_code(second, frame), drop_frame_code(second + 60, frame), "timeCodeDropFrame")
    counted = [(each * 30 + frame - dropped(each // 60)) / NTSC for each in (second, second + 60)]
    assert [part.starts, part.ends] == [pytest.approx(seconds, abs=0.001) for seconds in counted]
    assert not warnings


@given(st.integers(0, DAY * 25 - 1), st.integers(1, 1000))
def test_edit_units_and_time_code_name_the_same_frame(first: int, count: int) -> None:
    def code(frame: int) -> str:
        second = frame // 25
        return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}:{frame % 25:02}"

    units, _none = part_from(str(first), str(first + count), "editUnit")
    assert units == part_from(code(first), code(first + count), "timeCode")[0]
    assert (units.starts, units.ends) == (
        pytest.approx(first / 25, abs=0.001),
        pytest.approx((first + count) / 25, abs=0.001),
    )


@pytest.mark.parametrize(
    ("start", "end", "unit", "rate"),
    [("10", "20", "editUnit", ""), ("10", "20", "beats", "25"), ("soon", "later", "seconds", "25"),
     ("", "", "editUnit", "0"), ("00:00:01:01", "00:00:02:01", "timeCode", "x"), ("-5", "1e9", "seconds", "25")],
)  # fmt: skip
def test_times_that_nobody_can_tell_are_said_and_cost_nothing_else(start: str, end: str, unit: str, rate: str) -> None:
    part, warnings = part_from(start, end, unit, rate)
    assert part == Part("d")
    assert warnings == ("The times of some parts were not understood: 1.",)
