"""RSS and Atom: every item a story. A bad item is said to be bad; the others are read."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import feedparser
from lxml import etree

from keshen.newsroom.body import document
from keshen.newsroom.readers.encoding import refuse_unfit
from keshen.newsroom.readers.incoming import Incoming, MediaReference, Unreadable
from keshen.newsroom.readers.markup import read_markup
from keshen.newsroom.readers.plain import take_dateline
from keshen.newsroom.readers.restrictions import restrictions_in


def read(data: bytes) -> list[Incoming | Unreadable]:
    """The items of a feed, oldest last as in the feed. Raises Unreadable when it is no feed, or a trap."""
    refuse_unfit(data)
    refuse_entities(data)
    feed = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
    if not feed.entries:
        reason = f": {feed.bozo_exception}" if feed.get("bozo") else ""
        raise Unreadable(f"The feed has no items that can be read{reason}.", "Check that it is RSS or Atom.")
    language = str(feed.feed.get("language", "")).strip()
    source = str(feed.feed.get("title", "")).strip()
    return [_item(entry, language, source) for entry in feed.entries]


def refuse_entities(data: bytes) -> None:
    """Raises Unreadable for XML that declares entities: a feed has no use for them, a bomb has."""
    plain = data[:131072].replace(b"\x00", b"")  # in UTF-16 every other byte is zero
    head = plain.lstrip()[:4096]
    if re.search(rb"<!ENTITY", plain, re.IGNORECASE) or re.search(rb"<!DOCTYPE[^>]*\[", head, re.IGNORECASE):
        raise Unreadable(
            "The XML declares entities; that is refused, since they can fill the memory or read files.",
            "Send the XML without a document type declaration.",
        )
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, recover=True)
    try:
        etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"This is not XML: {error}.", "Send well-formed XML.") from error


def _item(entry: Any, language: str, source: str) -> Incoming | Unreadable:
    headline = re.sub(r"\s+", " ", read_text(entry.get("title", ""))).strip()
    content = entry.get("content") or []
    source_html = str(content[0].get("value", "")) if content else str(entry.get("summary", ""))
    if not headline:
        return Unreadable("An item of the feed has no title.", "Give each item a title.")
    markup = read_markup(source_html)
    if not markup.blocks:
        return Unreadable(f"The item “{headline}” has no text.", "Send its content, not its title alone.")
    dateline, blocks = take_dateline(markup.blocks)
    blocks, restrictions = restrictions_in(blocks)
    standfirst = read_text(str(entry.get("summary", ""))) if content and entry.get("summary") else ""
    pictures = [
        MediaReference(str(link.get("href", "")))
        for link in entry.get("enclosures", [])
        if str(link.get("type", "")).startswith("image/")
    ]
    return Incoming(
        headline=headline,
        standfirst=standfirst,
        body=document(blocks),
        format="rss",
        language=language,
        byline=str(entry.get("author", "")),
        dateline=dateline,
        source=source,
        date=_moment(entry.get("published_parsed") or dict.get(entry, "updated_parsed")),
        keywords=tuple(str(tag.get("term")) for tag in entry.get("tags", []) if tag.get("term")),
        restrictions=restrictions,
        identifiers=tuple(value for value in (str(entry.get("id", "")),) if value),
        media=(*markup.pictures, *pictures),
        warnings=tuple(markup.warnings),
    )


def read_text(source: str) -> str:
    """The words of a piece of HTML."""
    return " ".join(
        "".join(piece.get("text", " ") for piece in block.get("content", [])) for block in read_markup(source).blocks
    ).strip()


def _moment(parsed: Any) -> datetime | None:
    if not parsed:
        return None
    try:
        year, month, day, hour, minute, second = parsed[:6]
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:  # a date no calendar has: the item is worth more than its date
        return None
