"""The two uppermost levels of the IPTC Media Topics, with labels in the house's languages.

Codes are IPTC's eight digits ("06000000"); `data/mediatopics.json` names the vocabulary and its licence (CC BY 4.0).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

SCHEME = "http://cv.iptc.org/newscodes/mediatopic/"
ALIAS = "medtop"
_FALLBACKS = ("kk", "en")


@dataclass(frozen=True, slots=True)
class MediaTopic:
    """One concept: its code, the code of the concept above it (None on the first level), labels by language."""

    code: str
    parent: str | None
    labels: Mapping[str, str]

    @property
    def uri(self) -> str:
        return SCHEME + self.code

    @property
    def qcode(self) -> str:
        return f"{ALIAS}:{self.code}"

    def label(self, language: str) -> str:
        """The label for a BCP 47 tag: its primary language, else Kazakh, else English."""
        for tag in (language, language.partition("-")[0], *_FALLBACKS):
            if tag in self.labels:
                return self.labels[tag]
        return self.code


@cache
def topics() -> Mapping[str, MediaTopic]:
    """Every topic by code, each first-level topic directly before those below it."""
    data = json.loads(files("keshen.newsroom").joinpath("data/mediatopics.json").read_text("utf-8"))
    return {row["code"]: MediaTopic(row["code"], row["parent"], row["labels"]) for row in data["topics"]}


def label(code: str, language: str) -> str:
    """The label of a code; a code the house does not carry is its own label."""
    topic = topics().get(code)
    return topic.label(language) if topic else code


def choices(language: str) -> list[tuple[str, str]]:
    """Code and label of every topic, the second level behind its parent's label, for a picker."""
    return [
        (
            topic.code,
            f"{label(topic.parent, language)} › {topic.label(language)}" if topic.parent else topic.label(language),
        )
        for topic in topics().values()
    ]


def within(code: str, wanted: frozenset[str]) -> bool:
    """Whether the topic, or the one above it, is among those wanted."""
    topic = topics().get(code)
    return code in wanted or bool(topic and topic.parent in wanted)
