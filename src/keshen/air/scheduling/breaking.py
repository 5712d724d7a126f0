"""Break patterns: where a long programme is interrupted, and what it is interrupted with.

A break comes where the picture changes anyway. Scene changes are known to the frame, an entry begins at a tick of eight
frames; so of two scene changes, the one nearer to a tick is worth some distance from the minute that was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from keshen.media.houseformat import FRAMES_PER_TICK, MIN_ENTRY_TICKS, SEGMENT_TICKS, TICK_MS, TICKS_PER_HOUR

TICKS_PER_MINUTE: Final = TICKS_PER_HOUR / 60
FRAME_WORTH: Final = 24
"""How many ticks nearer to its minute a scene change must be to make up for one more frame between it and its tick."""
SHORTEST: Final = 15
"""A break lasts five seconds at least."""

type Cuttable = Callable[[int, int], bool]
"""Whether an asset can be cut to the tick by now: from a tick of it, for so many."""


@dataclass(frozen=True, slots=True)
class Breaks:
    """A break of `lasting` after every `every` of a programme, at a scene change at most `within` away; in ticks.

    None comes before `first` of a programme, or with less than `last` of it left. Where there is no scene change near
    enough there is no break, unless `always`. `play` is the key of what is shown in breaks; fillers make up the rest.
    """

    every: int
    lasting: int
    within: int
    first: int
    last: int
    play: str = ""
    always: bool = False


def parse(body: Mapping[str, Any]) -> Breaks:
    """Read ``{"every": 15, "lasting": 90, "within": 60, "first": 5, "last": 5, "play": "adverts", "always": false}``.

    `every`, `first` and `last` are minutes, `lasting` and `within` seconds. Raises ValueError, KeyError or TypeError.
    """
    if unknown := set(body) - {"every", "lasting", "within", "first", "last", "play", "always"}:
        raise ValueError(f"breaks knows every, lasting, within, first, last, play and always, not {min(unknown)}")
    found = Breaks(
        every=round(float(body["every"]) * TICKS_PER_MINUTE),
        lasting=round(float(body["lasting"]) * 1000 / TICK_MS),
        within=round(float(body.get("within", 60)) * 1000 / TICK_MS),
        first=round(float(body.get("first", 5)) * TICKS_PER_MINUTE),
        last=round(float(body.get("last", 5)) * TICKS_PER_MINUTE),
        play=str(body.get("play", "")),
        always=bool(body.get("always", False)),
    )
    if found.lasting < SHORTEST:
        raise ValueError(f"breaks.lasting is at least {SHORTEST * TICK_MS / 1000} seconds")
    if found.every < max(1, 2 * found.within, 2 * SEGMENT_TICKS):
        raise ValueError("breaks.every is at least twice breaks.within, or two breaks could fall on one scene change")
    if min(found.within, found.first, found.last) < 0:
        raise ValueError("breaks.within, breaks.first and breaks.last are not negative")
    return found


@lru_cache(maxsize=4096)
def points(ticks: int, scenes: tuple[int, ...], given: Breaks) -> tuple[int, ...]:
    """Where a programme of `ticks` is interrupted: ticks of it, rising. `scenes` are the first frames of its scenes."""
    earliest, latest = max(given.first, MIN_ENTRY_TICKS), ticks - max(given.last, MIN_ENTRY_TICKS)
    found: list[int] = []
    for wished in range(given.every, ticks, given.every):
        near = [
            (abs(tick - wished) + FRAME_WORTH * abs(frame - tick * FRAMES_PER_TICK), tick)
            for frame in scenes
            if abs((tick := round(frame / FRAMES_PER_TICK)) - wished) <= given.within and earliest <= tick <= latest
        ]
        if near:
            found.append(min(near)[1])
        elif given.always and earliest <= wished <= latest:
            found.append(wished)
    return tuple(found)


def cuts(ticks: int, wished: Sequence[int], exact: Cuttable) -> tuple[int, ...]:
    """The points at which a programme of `ticks` can be interrupted by now.

    Until the pieces of all its parts are prepared it is cut where its own segments begin, as near as may be; asking has
    them prepared.
    """
    ready = {exact(first, lasting) for first, lasting in parts(ticks, wished)}  # each is asked for, also after a miss
    if ready == {True}:
        return tuple(wished)
    found: list[int] = []
    for tick in wished:
        at = round(tick / SEGMENT_TICKS) * SEGMENT_TICKS
        if at > (found[-1] if found else 0) and ticks - at >= 2 * SEGMENT_TICKS:
            found.append(at)
    return tuple(found)


def parts(ticks: int, cut: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The parts of a programme that is interrupted, each as its first tick and its length."""
    bounds = [0, *cut, ticks]
    yield from ((start, end - start) for start, end in pairwise(bounds))
