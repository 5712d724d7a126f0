"""Searching a client's stream by words and by what the items are about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Q, QuerySet

from keshen.language.stemming import tokens
from keshen.newsroom import body as bodies
from keshen.newsroom.models import Version
from keshen.wire.models import Delivery
from keshen.wire.products import Filter
from keshen.wire.selection import subject_of

SEARCHED = 500
MOST_WORDS = 8
_TONGUES = ("kk", "ru", "en", "ar")


def searched(
    rows: QuerySet[Delivery], query: str, selection: Filter | None = None
) -> Sequence[Delivery] | QuerySet[Delivery]:
    """Those with every word of the query, in any form, in headline or body as they were published, that `selection`
    lets through: of the newest `SEARCHED` that may fit."""
    rows = rows.select_related("version__text__story", "story").defer("payload")
    words = query.split()[:MOST_WORDS]
    wanted = selection or Filter()
    for word in words:
        either = Q()
        for stem in stems(word):
            either |= Q(version__text__search__contains=stem)
        rows = rows.filter(either)
    if wanted.languages:
        rows = rows.filter(version__text__language__in=wanted.languages)
    if wanted.urgency < 9:
        rows = rows.filter(version__urgency__lte=wanted.urgency)
    if not words and not (wanted.topics or wanted.places or wanted.media or wanted.script):
        return rows
    # the index is over the house's working copy: what readers do not have yet must not be found
    return [row for row in rows[:SEARCHED] if fits(row.version, words, wanted)]


def fits(version: Version, words: Iterable[str], selection: Filter) -> bool:
    """Whether a version says every word, in any form, and is what the filter wants."""
    return selection.matches(subject_of(version)) and says(version, words)


def says(version: Version, words: Iterable[str]) -> bool:
    """Whether headline, standfirst or body say every one of the words, in any form."""
    wanted = [stems(word) for word in words]
    if not wanted:
        return True
    lines = [version.headline, version.standfirst, *bodies.paragraphs(version.body)]
    said = set(tokens(" ".join(lines), version.text.language))
    return all(said & each for each in wanted)


def stems(word: str) -> set[str]:
    return {stem for language in _TONGUES for stem in tokens(word, language)} or {word.lower()}
