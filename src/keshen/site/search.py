"""Search over the pages of an edition: PostgreSQL full text on stems made in Python.

Kazakh has the same stems in all its scripts, so that a word typed in one finds stories read in another.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F

from keshen.house.models import Edition
from keshen.language.stemming import tokens
from keshen.site.models import Page

PER_PAGE = 20
LONGEST = 200


@dataclass(frozen=True)
class Found:
    """One page of results. `words` says whether anything was asked."""

    pages: list[Page]
    total: int
    number: int
    words: bool

    @property
    def has_more(self) -> bool:
        return self.number * PER_PAGE < self.total


def document(*, headline: str, standfirst: str, body: str, tag: str) -> tuple[str, str, str]:
    """The stems of the three parts of a text, as `to_tsvector('simple', …)` reads them, for weights A, B and C."""
    return " ".join(tokens(headline, tag)), " ".join(tokens(standfirst, tag)), " ".join(tokens(body, tag))


def search(edition: Edition, text: str, number: int = 1) -> Found:
    """Page `number` (from 1) of what an edition has on `text`: all its words, the best first."""
    words = list(dict.fromkeys(tokens(text[:LONGEST], edition.tag)))
    if not words:
        return Found([], 0, 1, words=False)
    # Kazakh endings pile up: a stem the reader's form leads to may be longer than the text's
    ending = ":*" if edition.language == "kk" else ""
    quoted = ("'" + word.replace("'", "''").replace("\\", "\\\\") + "'" + ending for word in words)
    query = SearchQuery(" & ".join(quoted), config="simple", search_type="raw")
    found = Page.objects.filter(edition=edition, state=Page.State.LIVE, search=query)
    ranked = found.annotate(rank=SearchRank(F("search"), query)).order_by("-rank", "-published_at")
    first = (number - 1) * PER_PAGE
    pages = list(ranked.select_related("edition").defer("search")[first : first + PER_PAGE])
    return Found(pages, found.count(), number, words=True)
