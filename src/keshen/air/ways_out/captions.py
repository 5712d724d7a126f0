"""Caption segments for HLS, cut from an asset's WebVTT file (W3C WebVTT; RFC 8216, 3.5).

Cue times stay those of the asset and `X-TIMESTAMP-MAP` says where on the air the asset begins, so that a cue which
crosses a boundary is the same cue in both segments and no rounding can part them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from keshen.media.houseformat import TICK_MS, mpegts

VTT_TYPE: Final = "text/vtt"
_TIMING: Final = re.compile(
    r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})[ \t]+-->[ \t]+(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})(.*)"
)
_BLOCKS: Final = re.compile(r"\n{2,}")


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption: `start` and `end` in milliseconds from the asset's start, the timing line and text as written."""

    start: int
    end: int
    timing: str
    text: str


def parse(text: str) -> tuple[Cue, ...]:
    """The cues of a WebVTT file, in order. What is not a cue (notes, styles, malformed blocks) is left out."""
    found = []
    for block in _BLOCKS.split(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")):
        lines = block.strip("\n").split("\n")
        for place, line in enumerate(lines[:2]):
            if match := _TIMING.fullmatch(line.strip()):
                parts = match.groups()
                words = "\n".join(lines[place + 1 :])
                if words.strip():
                    found.append(Cue(_milliseconds(parts[:4]), _milliseconds(parts[4:8]), line.strip(), words))
                break
    return tuple(sorted(found, key=lambda cue: (cue.start, cue.end)))


def _milliseconds(parts: Iterable[str | None]) -> int:
    hours, minutes, seconds, milliseconds = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds


def settings(cue: Cue) -> str:
    """Where and how a cue is to stand (WebVTT, 4.4), as written after its times."""
    match = _TIMING.fullmatch(cue.timing)
    return match[9].strip() if match else ""


def segment(cues: Iterable[Cue], asset_start: int, first: int, ticks: int) -> str:
    """The captions of `ticks` from `first`, in ticks of the asset, whose own start stands at tick `asset_start`.

    A stretch without words has only the header.
    """
    begin, end = first * TICK_MS, (first + ticks) * TICK_MS
    blocks = [f"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:{mpegts(asset_start)},LOCAL:00:00:00.000\n"]
    blocks += [f"{cue.timing}\n{cue.text}\n" for cue in cues if cue.start < end and cue.end > begin]
    return "\n".join(blocks)
