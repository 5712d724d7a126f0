"""Reading what comes in: bytes become items, or an `Unreadable` that says why and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePath

from keshen.house.phrases import phrase, sentence
from keshen.newsroom.readers.encoding import refuse_unfit
from keshen.newsroom.readers.garbled import garbled, texts_of
from keshen.newsroom.readers.incoming import Incoming, Kind, MediaReference, Status, Unreadable
from keshen.newsroom.readers.mediafile import ENDINGS
from keshen.newsroom.readers.moments import moment
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
MAX_WORDS = 500
CANCELLED = "eos6"
"""Planned, then cancelled (`http://cv.iptc.org/newscodes/eventoccurstatus/eos6`)."""


def read(data: bytes, filename: str, language: str | None = None) -> list[Incoming | Unreadable]:
    """The items of a file, each with its language: `language` when given, else told from its words, else its own.

    One that cannot be read stands in the list as `Unreadable`. Raises Unreadable when the whole file cannot be.
    """
    entry = format_of(data, filename)
    if not entry.binary:
        refuse_unfit(data)
        _refuse_false_name(filename, entry)
    return understood(entry.read(data), language)


def _refuse_false_name(filename: str, entry: Format) -> None:
    """An error page saved as `photo.jpg` is no story. Raises Unreadable."""
    ending = PurePath(filename).suffix.lower()
    if ending in ENDINGS:
        raise Unreadable(
            phrase(
                "Its name says that it is a picture, sound or film (%(ending)s); what is in it is %(label)s.",
                ending=ending,
                label=entry.label,
            ),
            phrase("Send the file itself again; a story needs a name that says it is a text, such as story.txt."),
        )


def understood(items: Iterable[Incoming | Unreadable], language: str | None = None) -> list[Incoming | Unreadable]:
    """What a reader found, with what holds for every format: languages, embargoes, limits."""
    return [
        item
        if isinstance(item, Unreadable)
        else with_language(_within_limits(_in_order(_called_off(_with_embargo(_told(item))))), language)
        for item in items
    ]


def _told(item: Incoming) -> Incoming:
    """The item with a warning where its words were encoded twice."""
    sample = garbled(texts_of(item))
    if not sample:
        return item
    said = phrase("The sender encoded the text twice (%(sample)s): ask for it again.", sample=sample[:60])
    return replace(item, warnings=(*item.warnings, sentence(said)))


def _with_embargo(item: Incoming) -> Incoming:
    """The item with the embargo that one of its restriction lines states, so that it is released when that ends."""
    stated = [embargo for wording in item.restrictions if (embargo := parse(wording).embargo)]
    return replace(item, embargo=max(stated)) if stated and item.embargo is None else item


def _called_off(item: Incoming) -> Incoming:
    """An event that was planned and then cancelled is taken back, as one that a calendar marks CANCELLED is."""
    if item.occasion is None or item.occasion.status != CANCELLED or item.status is not Status.USABLE:
        return item
    said = sentence(phrase("The event is called off."))
    return replace(item, status=Status.CANCELED, warnings=(*item.warnings, said))


def _in_order(item: Incoming) -> Incoming:
    """The item without an end that is before its beginning: a calendar with it is refused by programs."""
    when = item.occasion
    starts, ends = (moment(when.starts), moment(when.ends)) if when else (None, None)
    if when is None or starts is None or ends is None or ends >= starts or ends.date() == starts.date():
        return item
    said = phrase(
        "It ends (%(ends)s) before it begins (%(starts)s); the end was left out.", ends=when.ends, starts=when.starts
    )
    return replace(item, occasion=replace(when, ends=""), warnings=(*item.warnings, sentence(said)))


def _within_limits(item: Incoming) -> Incoming:
    """The item with as much of each list as a person can look through; what is left out is said."""
    words = max(len(item.keywords), len(item.about), len(item.places))
    if words > MAX_WORDS:
        said = sentence(
            phrase(
                "It has %(count)s keywords, subjects or places; the first %(most)d are kept.",
                count=f"{words:,}",
                most=MAX_WORDS,
            )
        )
        item = replace(
            item,
            keywords=item.keywords[:MAX_WORDS],
            about=item.about[:MAX_WORDS],
            places=item.places[:MAX_WORDS],
            warnings=(*item.warnings, said),
        )
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
