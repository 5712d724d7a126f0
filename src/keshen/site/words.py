"""Words kept in several languages (names, titles, topic labels) as an edition's readers read them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from keshen.house.models import Edition
from keshen.language.derive import TAGS, transliterate

FALLBACKS = ("kk", "en", "ru")


def in_edition(words: Mapping[str, str], edition: Edition) -> str:
    """The words in the edition's own language and script, derived where its script is, else in one the house has."""
    if words.get(edition.tag):
        return words[edition.tag]
    source = edition.derived_from.tag if edition.derived_from else edition.language
    if words.get(source):
        return in_script(words[source], edition)
    for tag in FALLBACKS:
        if words.get(tag):
            return words[tag]
    return next(iter(words.values()), "")


def in_script(text: str, edition: Edition) -> str:
    """A text of the edition's source language in the edition's script."""
    return _derived(text, edition.tag) if edition.derived_from_id and edition.tag in TAGS else text


@lru_cache(maxsize=4000)
def _derived(text: str, tag: str) -> str:
    return transliterate([text], tag)[0] if text else text
