"""Format clocks: what an hour is made of, such as news at the top, a jingle, three songs, a break, then again.

A clock has sections. Each begins hard at its minute of every hour, and plays its steps one after the other, from the
first again when all were played, as long as they fit before the next section.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from keshen.media.houseformat import TICKS_PER_HOUR

NEWS: Final = "news"
IDENT: Final = "ident"
TICKS_PER_MINUTE: Final = TICKS_PER_HOUR / 60


@dataclass(frozen=True, slots=True)
class Step:
    """So many of what has the key `play`; `news` and `ident` are those of the service."""

    play: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Section:
    """From `minute` of each hour on: `steps`."""

    minute: int
    steps: tuple[Step, ...]


type Clock = tuple[Section, ...]


def parse(body: Sequence[Mapping[str, Any]]) -> Clock:
    """Read ``[{"at": 0, "play": "news"}, {"play": "jingle"}, {"play": "song", "count": 3}, {"at": 30, …}]``.

    A step with `at` begins a section; the first must. Raises ValueError, KeyError or TypeError.
    """
    sections: list[tuple[int, list[Step]]] = []
    for given in body:
        if "at" in given:
            sections.append((int(given["at"]), []))
        if not sections:
            raise ValueError("the first step of a clock says at which minute it begins: at")
        step = Step(str(given["play"]), int(given.get("count", 1)))
        if step.count < 1:
            raise ValueError(f"count of {step.play} must be at least 1")
        sections[-1][1].append(step)
    minutes = [minute for minute, _ in sections]
    if minutes != sorted(set(minutes)) or not all(0 <= minute < 60 for minute in minutes):
        raise ValueError("the minutes of a clock rise from 0 to 59")
    return tuple(Section(minute, tuple(steps)) for minute, steps in sections)


def starts(clock: Clock, hour: int, after: int) -> int | None:
    """The first start of a section after tick `after`; `hour` is a tick at which an hour of the house's zone begins."""
    found = [
        hour + round(turn * TICKS_PER_HOUR + section.minute * TICKS_PER_MINUTE)
        for turn in range(3)
        for section in clock
    ]
    return min((tick for tick in found if tick > after), default=None)


def last(clock: Clock, hour: int, tick: int) -> int:
    """The last start of a section at or before `tick`."""
    found = [
        hour + round(turn * TICKS_PER_HOUR + section.minute * TICKS_PER_MINUTE) for turn in (-1, 0) for section in clock
    ]
    return max(at for at in found if at <= tick)


def section_at(clock: Clock, hour: int, tick: int) -> tuple[Section, bool]:
    """The section that is on at `tick`, and whether it begins there. Before the first of the hour, it is the last."""
    into = tick - hour
    held = [section for section in clock if round(section.minute * TICKS_PER_MINUTE) <= into]
    section = held[-1] if held else clock[-1]
    return section, round(section.minute * TICKS_PER_MINUTE) == into


def steps_from(section: Section, begins: bool) -> list[str]:
    """What is to be played in one round of a section. News are told only where the section begins."""
    found: list[str] = []
    for step in section.steps:
        if step.play != NEWS or begins:
            found += [step.play] * step.count
    return found
