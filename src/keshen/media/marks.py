"""What is drawn over the picture of an entry: logo, lower third, age rating, the mark of a repeat, a sponsor's line.

A mark belongs to ticks of the asset, so that it stays with its picture when the entry is trimmed, moved or broken into.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

DRAWING: Final = 1
"""Part of every look: a change of how marks are drawn makes pieces anew."""

LONGEST_TEXT: Final = 120
FOR_GOOD: Final = 1 << 40
"""Where a mark ends that is over everything a service plays."""
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_BLOB: Final = re.compile(r"(?:[0-9a-f]{64})?")


class Kind(StrEnum):
    """What a mark is."""

    LOGO = "logo"
    LOWER_THIRD = "lower-third"
    AGE = "age"
    REPEAT = "repeat"
    SPONSOR = "sponsor"


class Corner(StrEnum):
    """Where a logo stands, in the safe area."""

    TOP_LEFT = "top-left"
    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM_RIGHT = "bottom-right"


class BadMark(ValueError):
    """The mark cannot be drawn as it is; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark over the ticks `first` to `last` (not included) of an asset.

    `text` is what it says and `second` what stands beside or above it; `picture` is the SHA-256 of a picture file in
    the store that a logo shows instead of words. `size` is a logo's width, and `opacity` how dense it is, both in per
    cent (of the width of the picture; of full).
    """

    kind: Kind
    first: int
    last: int
    text: str = ""
    second: str = ""
    accent: str = "#0a6ebd"
    corner: Corner = Corner.TOP_RIGHT
    size: int = 10
    opacity: int = 90
    picture: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.first < self.last:
            raise BadMark(f"a mark begins before it ends, within its asset: {self.first} to {self.last}")
        if not self.text.strip() and not (self.kind == Kind.LOGO and self.picture):
            raise BadMark(f"a mark of kind {self.kind.value} says something: give it a text")
        if max(len(self.text), len(self.second)) > LONGEST_TEXT:
            raise BadMark(f"a mark has at most {LONGEST_TEXT} characters")
        if not 3 <= self.size <= 40 or not 10 <= self.opacity <= 100:
            raise BadMark("size is 3 to 40 and opacity 10 to 100, in per cent")
        if not _COLOUR.fullmatch(self.accent) or not _BLOB.fullmatch(self.picture):
            raise BadMark("accent is a colour such as #0a6ebd, picture the checksum of a file in the store")

    @property
    def is_permanent(self) -> bool:
        """Whether it is the service's own and over everything, rather than put on an entry by a person."""
        return self.kind == Kind.LOGO and self.last == FOR_GOOD

    def row(self) -> dict[str, Any]:
        """The mark as JSON values."""
        return asdict(self)


type Marks = tuple[Mark, ...]


def mark_of(row: Mapping[str, Any]) -> Mark:
    """The mark that `Mark.row` wrote, or a person gave. Raises BadMark."""
    unknown = set(row) - {field.name for field in fields(Mark)}
    if unknown:
        raise BadMark(f"a mark has no {', '.join(sorted(unknown))}")
    try:
        return Mark(
            kind=Kind(row.get("kind", "")),
            first=int(row["first"]),
            last=int(row["last"]),
            text=str(row.get("text", "")),
            second=str(row.get("second", "")),
            accent=str(row.get("accent", "#0a6ebd")),
            corner=Corner(row.get("corner", Corner.TOP_RIGHT)),
            size=int(row.get("size", 10)),
            opacity=int(row.get("opacity", 90)),
            picture=str(row.get("picture", "")),
        )
    except KeyError as problem:
        raise BadMark(f"a mark says where its {problem.args[0]} tick is") from problem
    except (TypeError, ValueError) as problem:
        if isinstance(problem, BadMark):
            raise
        raise BadMark(str(problem)) from problem


def marks_of(rows: Sequence[Mapping[str, Any]]) -> Marks:
    """Marks as they are kept. Raises BadMark."""
    return tuple(mark_of(row) for row in rows)


@dataclass(frozen=True, slots=True)
class Shown:
    """A mark as some ticks show it: from tick `start` of them to `end`, appearing and leaving there or not."""

    mark: Mark
    start: int
    end: int
    appears: bool
    leaves: bool


def shown(marks: Sequence[Mark], first: int, ticks: int) -> list[Shown]:
    """The marks to be seen in the ticks from `first` of their asset."""
    return [
        Shown(
            mark,
            max(mark.first - first, 0),
            min(mark.last - first, ticks),
            mark.first >= first,
            mark.last <= first + ticks,
        )
        for mark in marks
        if mark.first < first + ticks and mark.last > first
    ]


def look(marks: Sequence[Mark], first: int, ticks: int) -> str:
    """A digest of how the ticks from `first` look; empty where no mark is seen. Equal looks are one piece."""
    return _look(tuple(marks), first, ticks) if marks else ""


@lru_cache(maxsize=8192)
def _look(marks: Marks, first: int, ticks: int) -> str:
    seen = shown(marks, first, ticks)
    if not seen:
        return ""
    # where a mark that goes on begins and ends is nothing these ticks show
    rows = [asdict(replace(one, mark=replace(one.mark, first=0, last=1))) for one in seen]
    canonical = json.dumps([DRAWING, rows], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
