"""A version as it reads in an edition: scripts derived, an editor's overrides applied, nothing stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from keshen.house.models import Edition
from keshen.language.derive import transliterate
from keshen.language.kazakh.settings import DEFAULT, Settings
from keshen.language.queries import all_overrides, script_settings
from keshen.newsroom import body as bodies
from keshen.newsroom.models import Story, Version

DERIVED = {"kk-Latn": "kk", "kk-Arab": "kk"}
"""Scripts computed from another tag's texts."""
RIGHT_TO_LEFT = frozenset({"ar", "kk-Arab"})


@dataclass(frozen=True)
class Form:
    """What readers of one language and script get. `machine` marks words no person has revised."""

    tag: str
    direction: str
    headline: str
    standfirst: str
    body: bodies.Node
    byline: str
    dateline: str
    note: str
    keywords: tuple[str, ...]
    pictures: tuple[dict[str, Any], ...]
    machine: bool
    derived: bool


def tags_of(language: str) -> tuple[str, ...]:
    """The tags a text of `language` can be read in: its own, then those derived from it."""
    return (language, *(tag for tag, source in DERIVED.items() if source == language))


def editions_of(language: str) -> list[Edition]:
    """The house's editions that a text of `language` appears in."""
    return list(Edition.objects.filter(tag__in=tags_of(language)))


@dataclass(frozen=True)
class Spelling:
    """How a story is spelt in derived scripts: its editor's overrides by tag, and the house's settings."""

    overrides: Mapping[str, Sequence[tuple[str, str]]]
    settings: Settings


def spelling_of(story: Story) -> Spelling:
    """The spelling of a story, for a caller who makes several forms of it."""
    return Spelling(all_overrides(story.urn or ""), script_settings())


def form(version: Version, tag: str, spelling: Spelling | None = None) -> Form:
    """`version` as it reads under language tag `tag`. Raises ValueError when it cannot be read in that language.

    `spelling` is looked up unless the caller has it.
    """
    language = version.text.language
    if tag not in tags_of(language):
        raise ValueError(f"a text in {language} has no form in {tag}; it has {', '.join(tags_of(language))}")
    make = _made if version.pk else _made.__wrapped__  # a preview has no identity to remember it by
    if tag == language:
        return make(version, tag, (), DEFAULT)
    spelling = spelling or spelling_of(version.text.story)
    return make(version, tag, tuple(spelling.overrides.get(tag, ())), spelling.settings)


@lru_cache(maxsize=2000)
def _made(version: Version, tag: str, overrides: tuple[tuple[str, str], ...], spelling: Settings) -> Form:
    derived = tag != version.text.language

    def runs(pieces: list[str]) -> list[str]:
        return transliterate(pieces, tag, spelling, dict(overrides)) if derived else pieces

    def line(text: str) -> str:
        return runs([text])[0] if text else ""

    return Form(
        tag=tag,
        direction="rtl" if tag in RIGHT_TO_LEFT else "ltr",
        headline=line(version.headline),
        standfirst=line(version.standfirst),
        body=bodies.map_text(version.body, runs),
        byline=line(version.byline),
        dateline=line(version.dateline),
        note=line(version.note),
        keywords=tuple(line(word) for word in version.keywords),
        pictures=tuple(
            {**picture, "alt": line(picture.get("alt", "")), "caption": line(picture.get("caption", ""))}
            for picture in version.pictures
        ),
        machine=version.machine,
        derived=derived,
    )
