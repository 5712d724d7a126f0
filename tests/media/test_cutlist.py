"""Cut lists and looks as pure functions: every tick once, every length playable, and nothing prepared without need."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshen.media import boxes, houseformat
from keshen.media.cutlist import LONGEST_TICKS, cut_list, needs, places
from keshen.media.fragments import adts_frames, fragments, sound_fragment
from keshen.media.marks import BadMark, Kind, Mark, look, mark_of, shown
from keshen.media.pieces import runs

lengths = st.integers(3, 4000)


def stored(whole: int) -> dict[int, int]:
    grid, tick = {}, 0
    for ticks in houseformat.cut(whole):
        grid[tick] = ticks
        tick += ticks
    return grid


@given(st.integers(0, 3000), lengths)
def test_a_cut_list_is_whole_and_every_segment_fits_the_target_duration(first: int, ticks: int) -> None:
    cuts = cut_list(first, ticks)
    assert sum(cuts) == ticks
    assert all(houseformat.MIN_ENTRY_TICKS <= length <= LONGEST_TICKS for length in cuts)
    if first % 12 == 0:
        assert list(cuts) == houseformat.cut(ticks)


@given(lengths, st.data())
def test_only_the_ends_of_an_entry_need_anything(whole: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, whole - 3))
    ticks = data.draw(st.integers(3, whole - first))
    cuts = cut_list(first, ticks)
    found = needs(stored(whole), whole, first, cuts)
    ends = {places(first, cuts)[0], places(first, cuts)[-1]}
    assert {(one.first, one.ticks) for one in found} <= ends
    assert all(one.cut and not one.look for one in found)
    if first == 0 and ticks == whole:
        assert found == []


@given(lengths, st.data())
def test_runs_serve_every_need_once(whole: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, whole - 3))
    ticks = data.draw(st.integers(3, whole - first))
    mark = Mark(Kind.REPEAT, 0, whole, "repeat")
    found = needs(stored(whole), whole, first, cut_list(first, ticks), [mark])
    made = runs(found)
    assert [one for run in made for one in run] == found
    for run in made:
        assert houseformat.cut(run[-1].last - run[0].first) == [one.ticks for one in run]


def test_looks_are_what_is_seen_and_no_more() -> None:
    logo = Mark(Kind.LOGO, 0, 1000, "Silk Way")
    assert look([logo], 12, 12) == look([logo], 24, 12), "the middle of a logo looks the same everywhere"
    assert look([logo], 12, 12) != look([replace(logo, opacity=50)], 12, 12)
    assert look([logo], 1000, 12) == ""
    third = Mark(Kind.LOWER_THIRD, 15, 40, "Headline", "Astana")
    assert look([third], 0, 12) == ""
    assert look([third], 12, 12) != look([third], 24, 12), "where it appears it fades in"
    (begins,) = shown([third], 12, 12)
    assert (begins.start, begins.end, begins.appears, begins.leaves) == (3, 12, True, False)
    assert look([logo, third], 36, 12) != look([logo], 36, 12)
    # a mark that ends where the ticks do leaves there
    assert look([replace(third, last=24)], 12, 12) != look([third], 12, 12)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "ticker", "first": 0, "last": 9, "text": "x"}, "ticker"),
        ({"kind": "age", "first": 9, "last": 9, "text": "12+"}, "before it ends"),
        ({"kind": "age", "first": 0, "last": 9}, "text"),
        ({"kind": "age", "first": 0, "last": 9, "text": "12+", "accent": "red"}, "colour"),
        ({"kind": "logo", "first": 0, "last": 9, "text": "K", "size": 90}, "per cent"),
        ({"kind": "logo", "first": 0, "last": 9, "text": "K", "picture": "../../etc/passwd"}, "checksum"),
        ({"kind": "age", "first": "soon", "last": 9, "text": "12+"}, "soon"),
        ({"kind": "sponsor", "first": 0, "last": 9, "text": "x" * 500}, "120"),
        ({"kind": "age", "first": 0, "last": 9, "text": "12+", "colour": "red"}, "no colour"),
    ],
)
def test_marks_that_cannot_be_drawn_say_why(given: dict[str, object], said: str) -> None:
    with pytest.raises(BadMark, match=said):
        mark_of(given)


def test_a_mark_comes_back_as_it_was_kept() -> None:
    mark = Mark(Kind.LOWER_THIRD, 3, 9, "Сөз", "Астана", "#c9922b")
    assert mark_of(mark.row()) == mark


def test_sound_is_taken_apart_and_put_together() -> None:
    frames = [bytes([n]) * (n + 5) for n in range(45)]
    made = sound_fragment(frames)
    assert [bytes(frame) for frame in boxes.aac_frames(made)] == frames
    assert boxes.duration(made) == 45 * 1024
    assert list(fragments(made + made)) == [made, made]
    placed = boxes.restamp(made, 100, 7, houseformat.AUDIO_UNITS)
    assert [bytes(frame) for frame in boxes.aac_frames(placed)] == frames
    assert len(placed) == len(made)
    with pytest.raises(boxes.FormatError):
        adts_frames(b"\xff\xf1\x4c\x80\x7f\xff\xfc")
