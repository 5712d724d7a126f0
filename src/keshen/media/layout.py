"""When each paragraph of a report is heard, in every language at once.

Languages with as many paragraphs as the main one start each paragraph together, so that pictures and captions fit them
all; another speaks its own paragraphs through. The report is as long as the longest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from keshen.media import houseformat
from keshen.media.captions import Spoken

PAUSE: Final = 0.5
READING: Final = 14.0
"""Characters a second, where nothing is spoken and people read."""


@dataclass(frozen=True, slots=True)
class Layout:
    """`spans` is when each paragraph is heard (seconds from the first frame), by language; `ticks` the whole length."""

    spans: Mapping[str, tuple[Spoken, ...]]
    ticks: int


def reading_time(paragraphs: Sequence[str]) -> list[float]:
    """Seconds to read each paragraph, at least three."""
    return [max(3.0, len(text) / READING) for text in paragraphs]


def lay_out(main: str, lengths: Mapping[str, Sequence[float]], *, lead_in: float, tail: float) -> Layout:
    """Lay out paragraphs of these lengths in seconds, the first `lead_in` after the start, `tail` after the last."""
    together = {tag: times for tag, times in lengths.items() if len(times) == len(lengths[main])}
    starts, at = [], lead_in
    for slot in zip(*together.values(), strict=True):
        starts.append(at)
        at += max(slot) + PAUSE
    spans: dict[str, tuple[Spoken, ...]] = {}
    for tag, times in lengths.items():
        begins = starts if tag in together else _one_after_another(times, lead_in)
        spans[tag] = tuple(Spoken(begin, begin + length) for begin, length in zip(begins, times, strict=True))
    end = max((span[-1].end for span in spans.values() if span), default=lead_in)
    return Layout(spans, houseformat.ticks_for(end + tail))


def _one_after_another(times: Sequence[float], at: float) -> list[float]:
    starts = []
    for length in times:
        starts.append(at)
        at += length + PAUSE
    return starts
