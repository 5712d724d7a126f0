"""Silent, black and still stretches, as ffmpeg finds them."""

from __future__ import annotations

from keshen.media import intervals
from keshen.media.houseformat import TICK_MS


def test_black_and_still_pictures_are_found() -> None:
    size = "s=320x180:r=25"
    film = f"testsrc2={size}:d=4[a];color=black:{size}:d=4[b];color=red:{size}:d=13[c];[a][b][c]concat=n=3"
    found = intervals.watch(["-f", "lavfi", "-i", film], 21.0)
    ((first, last),) = found["black"]
    assert abs(first * TICK_MS - 4000) < 700
    assert abs(last * TICK_MS - 8000) < 700
    assert any(abs(begin * TICK_MS - 8000) < 900 for begin, _end in found["freeze"])


def test_what_has_no_end_lasts_to_the_end() -> None:
    log = "silence_start: 1.6\nsilence_end: 3.2 | silence_duration: 1.6\nsilence_start: 6.4"
    assert intervals.read(log, "silence", 16.0) == [[20, 50]]


def test_scenes_are_found_to_the_frame_whatever_the_rate() -> None:
    size = "s=320x180:r=30000/1001"
    film = f"testsrc2={size}:d=4[a];color=blue:{size}:d=3.6[b];smptebars={size}:d=3[c];[a][b][c]concat=n=3"
    found = intervals.watch(["-f", "lavfi", "-i", film], 10.6)
    assert len(found["scenes"]) == 2, "a picture that only moves is one scene"
    for frame, wished in zip(found["scenes"], (100, 190), strict=True):
        assert abs(frame - wished) <= 1
