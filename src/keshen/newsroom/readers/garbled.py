"""Texts that a sender encoded twice: UTF-8 read as Windows-1252 or 1251 and written as UTF-8 again.

The bytes are well formed, so that no decoder sees it; people do. It is told and not mended, since what was lost on the
way (bytes that those code pages do not have) is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from keshen.newsroom.body import paragraphs
from keshen.newsroom.readers.incoming import Incoming

_PAGES = ("cp1252", "cp1251")
# what the first bytes of UTF-8 for Latin, punctuation and Cyrillic are in the two pages, and what comes after them
_SUSPECT = re.compile(
    r"[ÂÃâÐÑ][\u0080-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u2122]"
    r"|[РСв][\u0080-\u00bf\u0402-\u045f\u0490\u0491\u2013-\u2122]"
)
_PUNCTUATION = re.compile(r"[\u2010-\u2026\u20ac\u2122]")
ENOUGH = 3
"""Words of letters alone that must be garbled before it is said: one may be a name and a closing quotation mark."""


def garbled(texts: Iterable[str]) -> str:
    """The first of the words that were encoded twice, as it came; nothing where there are none, or too few to tell."""
    found: list[str] = []
    for word in _suspects(texts):
        whole = _decoded(word)
        if _PUNCTUATION.search(whole):
            return word
        if whole:
            found.append(word)
        if len(found) >= ENOUGH:
            return found[0]
    return ""


def texts_of(item: Incoming) -> Iterator[str]:
    """What of an item is to be read by people."""
    yield from (item.headline, item.standfirst, item.byline)
    yield from paragraphs(item.body)


def _suspects(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if _SUSPECT.search(text):
            yield from (word for word in text.split() if _SUSPECT.search(word))


def _decoded(word: str) -> str:
    for page in _PAGES:
        try:
            return word.encode(page).decode("utf-8")
        except UnicodeError:
            continue
    return ""
