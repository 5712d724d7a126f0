"""Plain text for a client's editing system: a head of named lines, an empty line, then the story.

    ID: urn:newsml:…            the text, the same through all its versions
    VERSION: 2                  and STATUS, PRIORITY (urgency 1 to 9), LANGUAGE, DATE, NUMBER, SLUG, TOPICS …

Names of the head are English capitals and its values one line each, so that a program of ten lines reads it. The
alphabet is the client's (its script), the encoding too (`alphabets`). Items of a feed are parted by a form feed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC

from keshen.newsroom import mediatopics
from keshen.wire.formats.feed import Feed
from keshen.wire.formats.item import PubStatus, WireItem, clean

MEDIA_TYPE = "text/plain"
PART = "\f"
_MEDIA = {"picture": "PICTURE", "video": "VIDEO", "audio": "SOUND"}
END = "***"


def render(item: WireItem) -> bytes:
    """The item, in UTF-8 with line feeds."""
    return _item(item).encode()


def render_feed(feed: Feed, items: Sequence[WireItem]) -> bytes:
    """The items in the order given, each after a form feed but the first."""
    return f"\n{PART}\n".join(_item(item) for item in items).encode()


def _item(item: WireItem) -> str:
    head = [f"{name}: {line}" for name, value in _head(item) if (line := _line(value))]
    parts = [] if item.is_notice else [_flow(item.standfirst), *(_flow(text) for text in item.paragraphs)]
    told = [_line(item.headline), *parts]
    notes = [_flow(line) for line in item.note().splitlines()]
    blocks = ["\n".join(head), *(block for block in (*told, *notes) if block), END]
    return "\n\n".join(blocks) + "\n"


def _head(item: WireItem) -> Iterator[tuple[str, str]]:
    yield "ID", item.urn
    yield "VERSION", str(item.version)
    yield "STATUS", "correction" if item.correction and item.status is PubStatus.USABLE else item.status.value
    yield "NUMBER", str(item.sequence or "")
    yield "PRIORITY", str(min(9, max(1, item.urgency)))
    yield "LANGUAGE", item.language
    yield "DATE", item.version_created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if item.embargoed_until:
        yield "EMBARGO", item.embargoed_until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    yield "SLUG", item.slugline
    yield "SOURCE", item.credit or item.provider
    if item.is_notice:
        return
    yield "BYLINE", item.byline
    yield "DATELINE", item.dateline
    yield "TOPICS", ", ".join(f"{code} {mediatopics.label(code, item.language)}" for code in item.topics)
    yield "KEYWORDS", ", ".join(item.keywords)
    yield "COPYRIGHT", item.copyright_notice
    yield "TERMS", item.usage_terms
    yield "MADE BY", item.digital_source
    yield "WEB", item.web_address
    for link in item.links:
        yield f"LINK {link.relation.value}", f"{link.urn} {link.title}"
    for picture in item.pictures:
        for file in picture.renditions[:1]:
            yield (
                _MEDIA[picture.kind],
                f"{file.href} {picture.title} ({picture.credit})" if picture.credit else file.href,
            )


def _line(text: str) -> str:
    return " ".join(_plain(text).split())


def _flow(text: str) -> str:
    """A paragraph: its own line breaks stay, empty lines do not."""
    return "\n".join(line for part in _plain(text).splitlines() if (line := " ".join(part.split())))


def _plain(text: str) -> str:
    return clean(text).replace(PART, " ")
