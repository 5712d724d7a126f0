"""What a product carries: a filter over language, script, topics, places, media and urgency, as data.

A filter answers with every part a text does not pass, so that "why not?" is the same computation as "whether".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from keshen.newsroom import mediatopics
from keshen.wire.findings import Finding

PARTS = ("languages", "script", "topics", "places", "media", "urgency")
SCRIPTS = ("Cyrl", "Latn", "Arab")
MEDIA = ("text", "picture", "video", "audio")
_SCRIPT_OF: Mapping[str, str] = {
    "kk": "Cyrl", "ru": "Cyrl", "ky": "Cyrl", "tg": "Cyrl", "mn": "Cyrl", "uk": "Cyrl", "ar": "Arab", "fa": "Arab",
    "ur": "Arab", "ug": "Arab", "zh": "Hans",
}  # fmt: skip
"""The script a language is written in when its tag names none (ISO 15924); any other is Latin."""


class FilterError(ValueError):
    """A filter nobody could mean; the message says which part."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a filter looks at. `tags` are the language tags the text can be had in, its own first; `places` is the
    dateline and keywords, in which places are looked for by name."""

    tags: tuple[str, ...]
    topics: tuple[str, ...] = ()
    urgency: int = 5
    places: tuple[str, ...] = ()
    media: frozenset[str] = frozenset({"text"})

    @property
    def language(self) -> str:
        return self.tags[0]


@dataclass(frozen=True, slots=True)
class Filter:
    """An empty part lets everything through. `languages` are the tags texts are written in, `script` (ISO 15924) the
    one every text must be had in; `topics` are media topic codes, each with those below it; `media` wants any of
    these in the item; `urgency` is the least urgent that passes (9: all)."""

    languages: frozenset[str] = frozenset()
    script: str = ""
    topics: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    media: frozenset[str] = frozenset()
    urgency: int = 9

    def matches(self, subject: Subject) -> bool:
        """Whether the text belongs to the product."""
        return not self.misses(subject)

    def misses(self, subject: Subject) -> tuple[Finding, ...]:
        """Every part of the filter that the text does not pass, with what it has and what is wanted."""
        found = []
        if self.languages and subject.language not in self.languages:
            found.append(Finding.of("language", has=subject.language, wanted=self.languages))
        if self.script and not any(script_of(tag) == self.script for tag in subject.tags):
            found.append(Finding.of("script", has={script_of(tag) for tag in subject.tags}, wanted=self.script))
        if self.topics and not any(mediatopics.within(bare(code), self.topics) for code in subject.topics):
            found.append(Finding.of("topics", has=[bare(code) for code in subject.topics], wanted=self.topics))
        if self.places and not any(_names(place, subject.places) for place in self.places):
            found.append(Finding.of("places", has=subject.places, wanted=self.places))
        if self.media and not self.media & subject.media:
            found.append(Finding.of("media", has=subject.media, wanted=self.media))
        if subject.urgency > self.urgency:
            found.append(Finding.of("urgency", has=str(subject.urgency), wanted=str(self.urgency)))
        return tuple(found)

    def to_json(self) -> dict[str, Any]:
        return {
            "languages": sorted(self.languages),
            "script": self.script,
            "topics": sorted(self.topics),
            "places": sorted(self.places),
            "media": sorted(self.media),
            "urgency": self.urgency,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Filter:
        """The filter of `to_json`. Raises FilterError for unknown parts, topics, scripts, media and urgencies."""
        if unknown := set(data) - set(PARTS):
            raise FilterError(f"A product filters by {', '.join(PARTS)}, not by {min(unknown)}.")
        for name in ("languages", "topics", "places", "media"):
            given = data.get(name, ())
            if isinstance(given, str) or not all(isinstance(word, str) and word.strip() for word in given):
                raise FilterError(f"{name} is a list of words.")
        topics = frozenset(bare(code) for code in data.get("topics", ()))
        if strange := topics - set(mediatopics.topics()):
            raise FilterError(f"{min(strange)} is not a media topic of the two uppermost levels.")
        script = data.get("script", "")
        if script not in ("", *SCRIPTS):
            raise FilterError(f"The script is one of {', '.join(SCRIPTS)}, or empty for all.")
        media = frozenset(data.get("media", ()))
        if strange := media - set(MEDIA):
            raise FilterError(f"The wire carries {' and '.join(MEDIA)}, not {min(strange)}.")
        urgency = data.get("urgency", 9)
        if not isinstance(urgency, int) or not 1 <= urgency <= 9:
            raise FilterError("Urgency is a number from 1 to 9.")
        places = frozenset(place.strip() for place in data.get("places", ()))
        return cls(frozenset(data.get("languages", ())), script, topics, places, media, urgency)


def bare(code: str) -> str:
    """A media topic code without its alias: `medtop:06000000` is 06000000."""
    return code.removeprefix(f"{mediatopics.ALIAS}:")


def script_of(tag: str) -> str:
    """The script a BCP 47 tag names or implies, as its ISO 15924 code."""
    language, *rest = tag.split("-")
    named = [part for part in rest if len(part) == 4 and part.isalpha()]
    return named[0].title() if named else _SCRIPT_OF.get(language.lower(), "Latn")


def tag_in(tags: Collection[str], *scripts: str) -> str:
    """The tag a text goes out under: in the first of these scripts it can be had in, else as it was written.

    `tags` are those it can be had in, its own first; an empty script has no preference.
    """
    for script in scripts:
        for tag in tags if script else ():
            if script_of(tag) == script:
                return tag
    return next(iter(tags))


def _names(place: str, texts: Collection[str]) -> bool:
    """Whether one of the texts names the place; endings may follow it (Астана, АСТАНАДА)."""
    name = re.compile(rf"(?<!\w){re.escape(place.casefold())}")
    return any(name.search(text.casefold()) for text in texts)
