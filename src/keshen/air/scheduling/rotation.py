"""Which of several things comes next: episodes in their order, a seeded shuffle, and what must stand apart.

What aired is part of the question, so that the answer is the same on every node and after every restart. A shuffle
plays everything before it plays anything again, in an order that only its seed decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Final

from keshen.media.houseformat import TICKS_PER_HOUR


class Kind(StrEnum):
    """How a block chooses among what it may play."""

    TURN = "turn"
    SERIES = "series"
    SHUFFLE = "shuffle"


@dataclass(frozen=True, slots=True)
class Order:
    """A block's rule. `apart` are the ticks that must lie between the end of one and the start of the next of the same
    `artist`, or of the same `episode`."""

    kind: Kind = Kind.TURN
    seed: int = 0
    apart: Mapping[str, int] = field(default_factory=dict)


TURN: Final = Order()


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that may be chosen: an asset of `ticks`, by whom, of which series and which episode of it."""

    asset: int
    ticks: int
    artist: str = ""
    series: str = ""
    episode: int = 0


@dataclass(frozen=True, slots=True)
class Played:
    """That an asset was on until tick `end`."""

    asset: int
    end: int


def aired(parts: Iterable[tuple[int, int, int]]) -> list[Played]:
    """What played, in order, of (the tick its programme began at, asset, end): one that was interrupted played once."""
    ends: dict[tuple[int, int], int] = {}
    for slot, asset, end in parts:
        ends[slot, asset] = max(end, ends.get((slot, asset), end))
    return sorted((Played(asset, end) for (_slot, asset), end in ends.items()), key=lambda one: (one.end, one.asset))


def parse(body: Mapping[str, Any]) -> Order:
    """Read ``{"order": "shuffle", "seed": 7, "apart": {"artist": 60, "episode": 240}}``; `apart` is in minutes.

    Raises ValueError, KeyError or TypeError.
    """
    apart = {str(name): round(float(minutes) * TICKS_PER_HOUR / 60) for name, minutes in body.get("apart", {}).items()}
    if unknown := set(apart) - {"artist", "episode"}:
        raise ValueError(f"apart knows artist and episode, not {', '.join(sorted(unknown))}")
    return Order(Kind(body.get("order", "turn")), int(body.get("seed", 0)), apart)


def choose(
    choices: Sequence[Choice], order: Order, played: Sequence[Played], at: int, fits: Callable[[Choice], bool]
) -> Choice | None:
    """What comes at tick `at` of what fits; None when the rule allows nothing, and fillers play.

    `played` is what aired before, in order, as far back as the rule reaches.
    """
    if order.kind == Kind.SERIES:
        return _next_episode(choices, played, fits)
    usable = [choice for choice in choices if fits(choice) and _stands_apart(choice, choices, order, played, at)]
    plays = Counter(one.asset for one in played)
    return min(
        usable, key=lambda choice: (plays[choice.asset], _lot(order.seed, plays[choice.asset], choice)), default=None
    )


def _lot(seed: int, turn: int, choice: Choice) -> bytes:
    return blake2b(f"{seed}:{turn}:{choice.asset}".encode(), digest_size=8).digest()


def _stands_apart(choice: Choice, choices: Sequence[Choice], order: Order, played: Sequence[Played], at: int) -> bool:
    artists = {one.asset: one.artist for one in choices}
    for one in reversed(played):
        away = at - one.end
        if one.asset == choice.asset and away < order.apart.get("episode", 0):
            return False
        if choice.artist and artists.get(one.asset) == choice.artist and away < order.apart.get("artist", 0):
            return False
    return True


def _next_episode(choices: Sequence[Choice], played: Sequence[Played], fits: Callable[[Choice], bool]) -> Choice | None:
    """The episode after the one that aired last, the first after the last. What does not fit waits for room."""
    line = sorted(choices, key=lambda choice: (choice.series, choice.episode, choice.asset))
    places = {choice.asset: place for place, choice in enumerate(line)}
    last = next((places[one.asset] for one in reversed(played) if one.asset in places), -1)
    following = line[(last + 1) % len(line)] if line else None
    return following if following and fits(following) else None
