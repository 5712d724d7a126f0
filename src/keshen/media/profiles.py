"""House profiles: which renditions of the picture a channel has, all at one frame rate.

The tick is the same for all of them: 320 ms, 15 AAC frames. At 25 and 50 frames a second it holds a whole number of
frames too; at 30 and 30000/1001 the pictures at its boundaries are split (see `splitting`).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from keshen.media.houseformat import AUDIO_UNITS, RUNGS, TICK_MS, VIDEO_TIMESCALE, VIDEO_UNITS, Rate, Rung
from keshen.media.splitting import TIMESCALE, is_whole

NTSC: Final = Fraction(30_000, 1001)


def frames(ticks: int, rate: Rate) -> int:
    """How many frames a length has. Raises ValueError for a rate of which a tick is no whole number of frames."""
    if not is_whole(rate):
        raise ValueError(f"a tick is not whole frames at {rate} a second")
    return int(ticks * TICK_MS * rate) // 1000


@dataclass(frozen=True, slots=True)
class Profile:
    """The renditions of a channel, largest first, at `frame_rate` frames a second."""

    name: str
    label: str
    frame_rate: Rate
    rungs: tuple[Rung, ...]


def _rung(
    name: str, size: tuple[int, int], rate: Rate, profile: str, level: str, maxrate: int, codec: str = "avc"
) -> Rung:
    return Rung(name, *size, profile, level, 3, maxrate, rate, VIDEO_TIMESCALE if is_whole(rate) else TIMESCALE, codec)


_HD, _720, _360 = (1920, 1080), (1280, 720), (640, 360)
_BASE: Final = tuple(RUNGS.values())

PROFILES: Final = {
    one.name: one
    for one in (
        Profile("720", "720p, 25 frames/s", 25, _BASE),
        Profile("1080", "1080p, 25 frames/s", 25, (_rung("v1080", _HD, 25, "high", "4.0", 4_500_000), *_BASE)),
        Profile(
            "50",
            "720p, 50 frames/s",
            50,
            (
                _rung("v720p50", _720, 50, "high", "3.2", 3_000_000),
                _rung("v360p50", _360, 50, "main", "3.1", 1_000_000),
            ),
        ),
        # With four split pictures in five groups 30.4 are decoded a second: at 720p more than level 3.1 allows.
        Profile(
            "720-30",
            "720p, 30 frames/s",
            30,
            (
                _rung("v720p30", _720, 30, "high", "3.2", 2_000_000),
                _rung("v360p30", _360, 30, "main", "3.0", 750_000),
            ),
        ),
        Profile(
            "720-2997",
            "720p, 29.97 frames/s",
            NTSC,
            (
                _rung("v720n30", _720, NTSC, "high", "3.2", 2_000_000),
                _rung("v360n30", _360, NTSC, "main", "3.0", 750_000),
            ),
        ),
        Profile(
            "hevc",
            "1080p HEVC, 720p AVC beside it, 25 frames/s",
            25,
            (
                _rung("h1080", _HD, 25, "main", "4.0", 3_000_000, "hevc"),
                _rung("h720", _720, 25, "main", "3.1", 1_200_000, "hevc"),
                *_BASE,
            ),
        ),
    )
}
DEFAULT: Final = PROFILES["720"]
BY_RUNG: Final = {rung.name: rung for profile in PROFILES.values() for rung in profile.rungs}
"""Every rendition of the picture there is; a name always means the same."""


def units(kind: str, rung: str) -> int:
    """One tick in the time scale of a track of this kind and rung."""
    if kind != "video":
        return AUDIO_UNITS
    return BY_RUNG[rung].units if rung in BY_RUNG else VIDEO_UNITS
