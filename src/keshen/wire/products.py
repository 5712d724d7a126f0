"""What a product carries: a filter over language, topics and urgency, as data."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from keshen.newsroom import mediatopics


class FilterError(ValueError):
    """A filter nobody could mean; the message says which part."""


@dataclass(frozen=True, slots=True)
class Filter:
    """An empty set lets everything through. `topics` are media topic codes, each with those below it;
    `urgency` is the least urgent that passes (9: all)."""

    languages: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    urgency: int = 9

    def matches(self, language: str, topics: Collection[str], urgency: int) -> bool:
        """Whether a text of this language, these topics and this urgency belongs to the product."""
        if self.languages and language not in self.languages:
            return False
        if self.topics and not any(mediatopics.within(bare(code), self.topics) for code in topics):
            return False
        return urgency <= self.urgency

    def to_json(self) -> dict[str, Any]:
        return {"languages": sorted(self.languages), "topics": sorted(self.topics), "urgency": self.urgency}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Filter:
        """The filter of `to_json`. Raises FilterError for unknown parts, topics and urgencies."""
        unknown = set(data) - {"languages", "topics", "urgency"}
        if unknown:
            raise FilterError(f"A product filters by languages, topics and urgency, not by {min(unknown)}.")
        topics = frozenset(bare(code) for code in data.get("topics", ()))
        strange = topics - set(mediatopics.topics())
        if strange:
            raise FilterError(f"{min(strange)} is not a media topic of the two uppermost levels.")
        urgency = data.get("urgency", 9)
        if not isinstance(urgency, int) or not 1 <= urgency <= 9:
            raise FilterError("Urgency is a number from 1 to 9.")
        return cls(frozenset(data.get("languages", ())), topics, urgency)


def bare(code: str) -> str:
    """A media topic code without its alias: `medtop:06000000` is 06000000."""
    return code.removeprefix(f"{mediatopics.ALIAS}:")
