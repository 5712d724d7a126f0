"""House profiles: which renditions of the picture a channel has, and the arithmetic of each frame rate.

The tick is the same for all of them: 320 ms, 15 AAC frames. What differs is after how many ticks the picture has a
whole number of frames too, its grain: at 25 and 50 frames a second after each, at 30 after five (48 frames, 75 AAC
frames, 1.6 s). At 30000/1001 it would be after 1,001 ticks, more than five minutes, which no player could be given as a
segment; so material of 29.97 is shown at 30, a thousandth faster, frame for frame.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Final

from keshen.media.houseformat import (
    AUDIO_RUNG,
    GOP_TICKS,
    MIN_ENTRY_TICKS,
    RUNGS,
    SEGMENT_TICKS,
    TICK_MS,
    Rung,
    cut,
)

NTSC: Final = Fraction(30_000, 1001)
PULLED_UP: Final = Fraction(1001, 1000)
"""How much faster material of 29.97 frames a second is shown at 30."""


def grain(frame_rate: int | Fraction) -> int:
    """The fewest ticks that hold a whole number of frames."""
    return (frame_rate * Fraction(TICK_MS, 1000)).denominator


def gop_ticks(frame_rate: int) -> int:
    """Ticks between two pictures one can start from: the most grains that fit into the house's six ticks."""
    return GOP_TICKS // grain(frame_rate) * grain(frame_rate)


def frames(ticks: int, frame_rate: int) -> int:
    """How many frames a length has. Raises ValueError when that is no whole number."""
    found = Fraction(ticks * TICK_MS * frame_rate, 1000)
    if found.denominator != 1:
        unit = grain(frame_rate)
        raise ValueError(f"{ticks} ticks are not whole frames at {frame_rate} a second; take a multiple of {unit}")
    return found.numerator


def cutting(frame_rate: int) -> Callable[[int], list[int]]:
    """What makes the cut list of an entry at a frame rate: the house's own where every tick is whole frames."""
    unit, gop = grain(frame_rate), gop_ticks(frame_rate)
    if unit == 1:
        return cut
    length = SEGMENT_TICKS // gop * gop

    def in_grains(ticks: int) -> list[int]:
        frames(ticks, frame_rate)
        if ticks < max(unit, MIN_ENTRY_TICKS):
            raise ValueError(f"an entry has at least {max(unit, MIN_ENTRY_TICKS)} ticks, not {ticks}")
        whole, tail = divmod(ticks, length)
        return [length] * whole + ([tail] if tail else [])

    return in_grains


@dataclass(frozen=True, slots=True)
class Profile:
    """The renditions of a channel, largest first, at `frame_rate` frames a second; `audio` is the sound's rung."""

    name: str
    label: str
    frame_rate: int
    rungs: tuple[Rung, ...]
    audio: str = AUDIO_RUNG

    @property
    def grain(self) -> int:
        """The fewest ticks that hold a whole number of frames."""
        return grain(self.frame_rate)

    @property
    def frames_per_grain(self) -> int:
        return TICK_MS * self.frame_rate * self.grain // 1000

    @property
    def gop_ticks(self) -> int:
        """Ticks between two pictures one can start from: the most grains that fit into the house's."""
        return gop_ticks(self.frame_rate)

    @property
    def segment_ticks(self) -> int:
        return SEGMENT_TICKS // self.gop_ticks * self.gop_ticks

    @property
    def gop_frames(self) -> int:
        return self.gop_ticks // self.grain * self.frames_per_grain

    @property
    def min_ticks(self) -> int:
        """The shortest entry."""
        return -(-MIN_ENTRY_TICKS // self.grain) * self.grain

    def frames(self, ticks: int) -> int:
        """How many frames a length has. Raises ValueError when that is no whole number."""
        return frames(ticks, self.frame_rate)

    def whole(self, ticks: int) -> int:
        """The fewest ticks, not less than `ticks` nor than an entry, in which picture and sound end together."""
        return max(self.min_ticks, -(-ticks // self.grain) * self.grain)

    def cut(self, ticks: int) -> list[int]:
        """The cut list of an entry. Raises ValueError for a length in which picture and sound do not end together."""
        return cutting(self.frame_rate)(ticks)


def timescale(frame_rate: int) -> int:
    """The least time scale of at least 12,000 in which a frame and a tick are whole."""
    least = lcm(frame_rate, 1000 // gcd(1000, TICK_MS))
    return least * -(-12_000 // least)


def _rung(
    name: str, size: tuple[int, int], rate: int, profile: str, level: str, maxrate: int, codec: str = "avc"
) -> Rung:
    return Rung(name, *size, profile, level, 3, maxrate, rate, 12_800 if rate in (25, 50) else timescale(rate), codec)


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
        Profile(
            "30",
            "720p, 30 frames/s (and 29.97)",
            30,
            (
                _rung("v720p30", _720, 30, "high", "3.1", 2_000_000),
                _rung("v360p30", _360, 30, "main", "3.0", 750_000),
            ),
            "a30",
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
