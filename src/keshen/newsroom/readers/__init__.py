"""Reading what comes in: bytes become items, or an `Unreadable` that says why and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from keshen.house.phrases import phrase, sentence
from keshen.newsroom.readers.encoding import refuse_unfit
from keshen.newsroom.readers.incoming import Incoming, Kind, MediaReference, Status, Unreadable
from keshen.newsroom.readers.registry import FORMATS, Format, format_of
from keshen.newsroom.readers.tongues import with_language
from keshen.rights.wording import parse

__all__ = [
    "FORMATS",
    "Format",
    "Incoming",
    "Kind",
    "MediaReference",
    "Status",
    "Unreadable",
    "format_of",
    "read",
    "understood",
]

MAX_MEDIA = 500


def read(data: bytes, filename: str, language: str | None = None) -> list[Incoming | Unreadable]:
    """The items of a file, each with its language: `language` when given, else told from its words, else its own.

    One that cannot be read stands in the list as `Unreadable`. Raises Unreadable when the whole file cannot be.
    """
    entry = format_of(data, filename)
    if not entry.binary:
        refuse_unfit(data)
    return understood(entry.read(data), language)


def understood(items: Iterable[Incoming | Unreadable], language: str | None = None) -> list[Incoming | Unreadable]:
    """What a reader found, with what holds for every format: languages, embargoes, limits."""
    return [
        item if isinstance(item, Unreadable) else with_language(_within_limits(_with_embargo(item)), language)
        for item in items
    ]


def _with_embargo(item: Incoming) -> Incoming:
    """The item with the embargo that one of its restriction lines states, so that it is released when that ends."""
    stated = [embargo for wording in item.restrictions if (embargo := parse(wording).embargo)]
    return replace(item, embargo=max(stated)) if stated and item.embargo is None else item


def _within_limits(item: Incoming) -> Incoming:
    if len(item.media) <= MAX_MEDIA:
        return item
    said = sentence(
        phrase(
            "It names %(count)s pictures, sounds and films; the first %(most)d are kept.",
            count=f"{len(item.media):,}",
            most=MAX_MEDIA,
        )
    )
    return replace(item, media=item.media[:MAX_MEDIA], warnings=(*item.warnings, said))
