"""Terms of use as data, and one use that is asked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Self

Exit = Literal["site", "wire", "schedule", "playlist", "export"]
Platform = Literal["web", "wire", "tv", "radio"]
PLATFORMS: frozenset[str] = frozenset({"web", "wire", "tv", "radio"})


class Outcome(StrEnum):
    """What a decision says. `unclear` stops for a person as surely as `deny` does."""

    PERMIT = "permit"
    UNCLEAR = "unclear"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Use:
    """One use that is asked about.

    exit: the door it leaves by. platform: what it is received with. territories: where it can be received, ISO 3166-1
    alpha-2 codes or WORLD. at: the moment of use, aware. recipient: the client it is passed to, None for our own
    audience. archive: use of kept material after its day.
    """

    exit: Exit
    platform: Platform
    territories: frozenset[str]
    at: datetime
    recipient: str | None = None
    archive: bool = False

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("a use happens at an aware time")
        if not self.territories:
            raise ValueError("a use happens somewhere: name its territories, or WORLD")

    def to_json(self) -> dict[str, Any]:
        return {
            "exit": self.exit,
            "platform": self.platform,
            "territories": sorted(self.territories),
            "at": self.at.isoformat(),
            "recipient": self.recipient,
            "archive": self.archive,
        }


@dataclass(frozen=True, slots=True)
class Window:
    """When use is allowed: from `start` (inclusive) to `end` (exclusive), aware times; None is open."""

    start: datetime | None = None
    end: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return (self.start is None or self.start <= at) and (self.end is None or at < self.end)


@dataclass(frozen=True, slots=True)
class Terms:
    """What one wording allows. None means that it says nothing about the matter; an empty set allows nothing.

    Sets of territories are ISO 3166-1 alpha-2 codes or WORLD. `windows` are alternatives. `credit` is the line to
    show, and an empty one with `credit_required` asks for the source's own name. `unclear` holds the words that were
    not understood.
    """

    wording: str = ""
    territories_allowed: frozenset[str] | None = None
    territories_denied: frozenset[str] = frozenset()
    platforms_allowed: frozenset[str] | None = None
    platforms_denied: frozenset[str] = frozenset()
    clients_allowed: frozenset[str] | None = None
    clients_denied: frozenset[str] = frozenset()
    windows: tuple[Window, ...] = ()
    embargo: datetime | None = None
    archive: bool | None = None
    resale: bool | None = None
    credit: str = ""
    credit_required: bool = False
    editorial_only: bool = False
    unclear: tuple[str, ...] = ()

    @property
    def is_clear(self) -> bool:
        return not self.unclear

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads back to equal terms."""
        made: dict[str, Any] = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, frozenset):
                value = sorted(value)
            elif isinstance(value, datetime):
                value = value.isoformat()
            elif each.name == "windows":
                value = [[_iso(window.start), _iso(window.end)] for window in value]
            elif isinstance(value, tuple):
                value = list(value)
            made[each.name] = value
        return made

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Terms kept as JSON. Raises ValueError or TypeError for what is not such an object."""
        known = {each.name for each in fields(cls)}
        if unknown := set(data) - known:
            raise ValueError(f"terms have no {min(unknown)!r}")
        values = dict(data)
        for name in ("territories_allowed", "territories_denied", "platforms_allowed", "platforms_denied",
                     "clients_allowed", "clients_denied"):  # fmt: skip
            if values.get(name) is not None:
                values[name] = frozenset(values[name])
        values["windows"] = tuple(Window(_moment(start), _moment(end)) for start, end in values.get("windows", ()))
        values["embargo"] = _moment(values.get("embargo"))
        values["unclear"] = tuple(values.get("unclear", ()))
        return cls(**values)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
