"""What a picture, sound or film says of itself: IPTC IIM, XMP, EXIF and the tags of its container, read confined."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from keshen.media import confined
from keshen.media.confined import Limits, ProgramFailed
from keshen.media.probe import Unreadable

_LIMITS: Final = Limits(wall=60, cpu=60, memory=3 << 30, file=1)
_CHILD: Final = str(Path(__file__).with_name("metadata_child.py"))


@dataclass(frozen=True)
class Embedded:
    """Raw values by their standard's own names.

    `kind` is picture, video or audio. `iim` has datasets (`2:105`) with values as Latin-1 characters, byte for byte;
    `xmp` has properties (`dc:title`) with pairs of language and text. `seconds` is 0 for pictures.
    """

    kind: str
    media_type: str
    width: int
    height: int
    seconds: float = 0.0
    exif: Mapping[str, str] = field(default_factory=dict)
    iim: Mapping[str, Sequence[str]] = field(default_factory=dict)
    xmp: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


def embedded(path: Path) -> Embedded:
    """What a file says of itself. Raises Unreadable when it is no picture, sound or film the house can read."""
    try:
        found = json.loads(confined.run([sys.executable, _CHILD, str(path)], limits=_LIMITS))
    except ProgramFailed as failure:
        said = next((line for line in reversed(failure.tail) if line.strip()), failure.reason)
        raise Unreadable(f"this is not a picture, film or sound the house can read: {said}") from failure
    found["xmp"] = {name: [(language, text) for language, text in values] for name, values in found["xmp"].items()}
    return Embedded(**found)
