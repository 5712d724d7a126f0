"""The house format: one clock for picture, sound and captions.

At 25 frames a second and 48 kHz, 320 ms is a whole number of video frames, of AAC frames and of 90 kHz units at once.
That is the tick, and every length and place in time is a count of ticks. Tick 0 is the Unix epoch, in UTC without
leap seconds, so that any two nodes agree on the number of an instant without asking each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Final

TICK_MS: Final = 320
TICK: Final = timedelta(milliseconds=TICK_MS)
TICKS_PER_HOUR: Final = 11_250
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

type Rate = int | Fraction
"""Frames a second."""

FRAME_RATE: Final = 25
FRAMES_PER_TICK: Final = 8

VIDEO_TIMESCALE: Final = 12_800
VIDEO_UNITS: Final = 4_096
"""One tick in units of the video track's time scale."""

SAMPLE_RATE: Final = 48_000
CHANNELS: Final = 2
AAC_FRAME_SAMPLES: Final = 1_024
AAC_FRAMES_PER_TICK: Final = 15
AUDIO_TIMESCALE: Final = SAMPLE_RATE
AUDIO_UNITS: Final = AAC_FRAME_SAMPLES * AAC_FRAMES_PER_TICK
"""One tick in samples, which is the audio track's time scale: 15,360."""

MPEGTS_UNITS: Final = 28_800
"""One tick in units of the 90 kHz system clock (ISO/IEC 13818-1)."""
MPEGTS_WRAP: Final = 1 << 33

SEGMENT_TICKS: Final = 12
GOP_TICKS: Final = 6
MIN_ENTRY_TICKS: Final = 3
JOINED_TAIL_TICKS: Final = 2
"""A tail this short or shorter belongs to the segment before it."""
TARGET_DURATION: Final = 4
"""EXT-X-TARGETDURATION (RFC 8216, 4.3.3.1) of every playlist, in seconds, for the life of a channel."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One rendition of the picture. Every field but `maxrate`, bits a second, decides bytes of the init segment."""

    name: str
    width: int
    height: int
    profile: str
    level: str
    refs: int
    maxrate: int
    frame_rate: Rate = FRAME_RATE
    timescale: int = VIDEO_TIMESCALE
    codec: str = "avc"

    @property
    def units(self) -> int:
        """One tick in units of the track's time scale."""
        return self.timescale * TICK_MS // 1000

    @property
    def bandwidth(self) -> int:
        """What no segment's bit rate exceeds, in bits a second: the encoder's buffer of a second can fall into one."""
        return round(self.maxrate * (1 + 1000 / (SEGMENT_TICKS * TICK_MS)) * 1.02)


RUNGS: Final = {
    rung.name: rung
    for rung in (
        Rung("v720", 1280, 720, "high", "3.1", 3, 1_800_000),
        Rung("v360", 640, 360, "main", "3.0", 3, 650_000),
    )
}
AUDIO_RUNG: Final = "a"
AUDIO_BITRATE: Final = 128_000
CAPTION_RUNG: Final = "c"


def cut(ticks: int) -> list[int]:
    """The cut list of an entry of `ticks`: lengths of its segments, in ticks.

    Segments have 12 ticks; a tail of one or two joins the one before, which then has 13 or 14 (4.48 s still rounds
    to 4). Raises ValueError for an entry of less than three ticks.
    """
    if ticks < MIN_ENTRY_TICKS:
        raise ValueError(f"an entry has at least {MIN_ENTRY_TICKS} ticks, not {ticks}")
    whole, tail = divmod(ticks, SEGMENT_TICKS)
    cuts = [SEGMENT_TICKS] * whole
    if tail == 0:
        return cuts
    if tail <= JOINED_TAIL_TICKS and cuts:
        cuts[-1] += tail
        return cuts
    return [*cuts, tail]


def spans(cuts: list[int], start: int = 0) -> list[tuple[int, int]]:
    """The segments of a cut list as (first tick, length), counted from `start`."""
    found = []
    for length in cuts:
        found.append((start, length))
        start += length
    return found


def _microseconds(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError("a time without a zone has no tick")
    return (at - EPOCH) // timedelta(microseconds=1)


def tick_at(at: datetime) -> int:
    """The tick nearest to `at` (an aware time); half a tick rounds up. Raises ValueError for a naive time."""
    return (_microseconds(at) + TICK_MS * 500) // (TICK_MS * 1000)


def tick_before(at: datetime) -> int:
    """The tick that `at` falls in: the last that begins at or before it. Raises ValueError for a naive time."""
    return _microseconds(at) // (TICK_MS * 1000)


def datetime_at(tick: int) -> datetime:
    """When `tick` begins, in UTC: the PROGRAM-DATE-TIME of what starts there."""
    return EPOCH + tick * TICK


def ticks_for(seconds: float) -> int:
    """The fewest whole ticks that hold `seconds`, at least the three an entry needs."""
    milliseconds = round(seconds * 1000)
    return max(MIN_ENTRY_TICKS, -(-milliseconds // TICK_MS))


def ticks_for_samples(samples: int) -> int:
    """The fewest whole ticks that hold `samples` at 48 kHz, at least the three an entry needs."""
    return max(MIN_ENTRY_TICKS, -(-samples // AUDIO_UNITS))


def seconds(ticks: int) -> float:
    """The length of `ticks` in seconds, exact to the millisecond."""
    return ticks * TICK_MS / 1000


def mpegts(tick: int) -> int:
    """The 90 kHz clock at `tick`, wrapped at 33 bits as X-TIMESTAMP-MAP wants it (RFC 8216, 3.5)."""
    return tick * MPEGTS_UNITS % MPEGTS_WRAP
