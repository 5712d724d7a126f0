"""Looking into what came in, before anything uses it."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from keshen.media import confined
from keshen.media.confined import Limits, ProgramFailed

_LIMITS: Final = Limits(wall=60, cpu=60, memory=4 << 30, file=1)
_CHILD: Final = str(Path(__file__).with_name("probe_child.py"))


class Unreadable(Exception):
    """The file is not what it says, or holds nothing that can be used; the message says what was found."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is in a film or sound. `seconds` is 0 when the file does not say; `video` and `audio` name the codecs.

    `rate` is frames a second as a fraction, empty where the file does not say or it varies.
    """

    container: str
    seconds: float
    width: int
    height: int
    video: str
    audio: str
    rate: str = ""

    @property
    def frame_rate(self) -> Fraction | None:
        return Fraction(self.rate) if self.rate else None


def probe(path: Path) -> Found:
    """Look into a film or sound. Raises Unreadable."""
    try:
        return Found(**json.loads(confined.run([sys.executable, _CHILD, str(path)], limits=_LIMITS)))
    except ProgramFailed as failure:
        said = next((line for line in reversed(failure.tail) if line.strip()), failure.reason)
        raise Unreadable(f"this is not a film or sound the house can read: {said}") from failure
