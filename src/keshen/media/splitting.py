"""Frame rates of which a tick holds no whole number of frames: a picture that a boundary falls into is coded twice.

At 30 frames a second a tick is 9.6 frames, at 30000/1001 it is 9.59. Groups of pictures, segments, cuts and the end of
an asset lie at ticks all the same. The picture that is on there ends the one group, as long as it has been on, and
begins the next, for what is left of it: what is seen is the source's own motion, and every length is exact. Where a
boundary lies nearer to a picture's edge than `LEAST`, that edge is moved to it instead.

Times are units of the 90 kHz clock (ISO/IEC 13818-1), in which a tick is 28,800, a frame of 30 is 3,000, and one of
30000/1001 is 3,003. An asset's frames lie at whole multiples of a frame from its beginning, wherever it is cut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from keshen.media.houseformat import GOP_TICKS, MPEGTS_UNITS, TICK_MS, Rate

TIMESCALE: Final = 90_000
LEAST: Final = 540
"""The shortest time a picture is shown, 6 ms: none follow each other within 1/172 s (ISO/IEC 14496-10, A.3.1)."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One coded picture: the number of its frame, when it is shown, and for how long."""

    frame: int
    start: int
    duration: int


def is_whole(rate: Rate) -> bool:
    """Whether a tick holds a whole number of frames, so that nothing has to be split."""
    return (Fraction(rate) * TICK_MS / 1000).denominator == 1


def frame_units(rate: Rate) -> int:
    """How long a frame is. Raises ValueError for a rate whose frames are not whole units, or hardly longer than LEAST.

    24000/1001 is such a rate, and so is 60000/1001.
    """
    found = TIMESCALE / Fraction(rate)
    if found.denominator != 1 or found < 3 * LEAST:
        raise ValueError(f"pictures of {rate} frames a second cannot be split")
    return found.numerator


def frame_at(tick: int, rate: Rate) -> int:
    """The number of the frame that is shown from `tick` of an asset on."""
    return (tick * MPEGTS_UNITS + LEAST - 1) // frame_units(rate)


def samples(first: int, ticks: int, rate: Rate) -> list[Sample]:
    """The coded pictures of `ticks` of an asset from its tick `first`, with times from there.

    One can start from that at every sixth tick, counted from there too.
    """
    step, origin, end = frame_units(rate), first * MPEGTS_UNITS, ticks * MPEGTS_UNITS
    shown: list[tuple[int, int]] = []
    for begin in range(0, end, GOP_TICKS * MPEGTS_UNITS):
        until = min(begin + GOP_TICKS * MPEGTS_UNITS, end)
        frame = (origin + begin + LEAST - 1) // step
        shown.append((frame, begin))
        while (start := (frame := frame + 1) * step - origin) <= until - LEAST:
            shown.append((frame, start))
    ends = [*(start for _, start in shown[1:]), end]
    return [Sample(frame, start, after - start) for (frame, start), after in zip(shown, ends, strict=True)]


def last_start(first: int, ticks: int, rate: Rate) -> int:
    """When the last of `samples` is shown."""
    begin = (ticks - 1) // GOP_TICKS * GOP_TICKS
    return samples(first + begin, ticks - begin, rate)[-1].start + begin * MPEGTS_UNITS


def filters(first: int, ticks: int, rate: Rate) -> str:
    """ffmpeg filters that make `samples` of a picture of any rate, whose first frame is the one on at tick `first`.

    Every frame is there twice, at its own time and at that of the boundary it is shown from; what is not wanted of the
    two is put before the beginning, and left out.
    """
    step, gop, end = frame_units(rate), GOP_TICKS * MPEGTS_UNITS, ticks * MPEGTS_UNITS
    begin = frame_at(first, rate)
    count = frame_at(first + ticks, rate) - begin + 1
    own = f"({begin}+floor(N/2))*{step}-{first * MPEGTS_UNITS}"
    boundary = f"st(1,floor((ld(0)+{step - LEAST})/{gop})*{gop});if(gt(ld(1),ld(0)-{LEAST}),ld(1),-1)"
    between = f"if(between(mod(ld(0),{gop}),{LEAST},{gop - LEAST}),ld(0),-1)"
    return (
        f"fps={rate},fps={2 * rate},tpad=stop=-1:stop_mode=clone,trim=end_frame={2 * count},settb=1/{TIMESCALE}"
        f",setpts='st(0,{own});if(mod(N,2),{boundary},{between})'"
        f",select='between(pts,0,{end - LEAST})'"
    )


def steadying(places: Iterable[int], rate: Rate) -> int:
    """By how much to move pictures, at most half a frame, that are brought to the nearest frames of another beginning.

    `places` say where frames begin, counted from there. A frame that lies just between two of the others' would go to
    either, as its edge was moved to a boundary or not: one would be lost, and one be seen twice.
    """
    step, apart = frame_units(rate), 30
    held = Counter(place % step for place in places)

    def torn(moved: int) -> int:
        return sum(count for place, count in held.items() if abs((place + moved) % step - step // 2) <= LEAST)

    most = step // 2 // apart * apart
    return min(range(-most, most + 1, apart), key=lambda moved: (torn(moved), abs(moved)))


def whole_frames(begin: int, first: int, last: int, rate: Rate) -> str:
    """ffmpeg filters that put split pictures together again: each frame from tick `first` of an asset to `last` once.

    They read the samples of the asset from its tick `begin` on, where one can start, timed from nought.
    """
    start, end = (frame_at(tick, rate) - frame_at(begin, rate) for tick in (first, last))
    moved = begin * MPEGTS_UNITS + LEAST - 1
    gathered = f"settb=1/{TIMESCALE},setpts=PTS+{moved},fps={rate}:round=down"
    return f"{gathered},trim=start_frame={start}:end_frame={end + 1},setpts=N"
