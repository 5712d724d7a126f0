"""JSON Feed 1.0 and 1.1."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from keshen.house.phrases import phrase
from keshen.newsroom.body import document, paragraph
from keshen.newsroom.readers.encoding import decode, not_json
from keshen.newsroom.readers.incoming import Incoming, Kind, Link, MediaReference, Rendition, Unreadable
from keshen.newsroom.readers.markup import Markup, read_markup
from keshen.newsroom.readers.moments import moment
from keshen.newsroom.readers.plain import take_dateline
from keshen.newsroom.readers.restrictions import restrictions_in
from keshen.newsroom.readers.subjects import topics
from keshen.newsroom.readers.xmltree import MAX_ITEMS

MARK = re.compile(r'"version"\s*:\s*"https?:\\?/\\?/jsonfeed\.org')
_KINDS: Mapping[str, Kind] = {"image": Kind.PICTURE, "video": Kind.VIDEO, "audio": Kind.AUDIO}
_HEADLINE = 120


def read(data: bytes) -> list[Incoming | Unreadable]:
    """The feed's items, in its order; one that cannot be read costs no other. Raises Unreadable."""
    decoded = decode(data)
    try:
        feed = json.loads(decoded.text)
    except (RecursionError, json.JSONDecodeError) as error:
        raise not_json(error) from error
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or not items:
        raise Unreadable(phrase("The JSON Feed has no items."), phrase("Send at least one item in its list."))
    found = [_item(item, feed, decoded.warnings) for item in items[:MAX_ITEMS]]
    if len(items) > MAX_ITEMS:
        many = phrase("The feed has %(count)d items; the first %(most)d were read.", count=len(items), most=MAX_ITEMS)
        found.append(Unreadable(many, phrase("Divide it into several feeds.")))
    return found


def _item(item: object, feed: Mapping[str, Any], warnings: tuple[str, ...]) -> Incoming | Unreadable:
    if not isinstance(item, dict):
        return Unreadable(
            phrase("An item is not an object."), phrase("Each item of a JSON Feed is an object with an id.")
        )
    try:
        return _story(item, feed, warnings)
    except Unreadable as refusal:
        return refusal
    except (TypeError, ValueError, AttributeError) as error:
        name = str(item.get("id", ""))[:200]
        return Unreadable(
            phrase("The item %(name)s is not of JSON Feed: %(error)s.", name=name, error=str(error)),
            phrase("Check it against JSON Feed 1.1."),
        )


def _story(item: Mapping[str, Any], feed: Mapping[str, Any], warnings: tuple[str, ...]) -> Incoming:
    markup = _body(item)
    name = _line(item.get("id")) or _line(item.get("url"))
    if not markup.blocks:
        raise Unreadable(
            phrase("The item %(name)s has no text.", name=name[:200]), phrase("Send its content_html or content_text.")
        )
    blocks, restrictions = restrictions_in(markup.blocks)
    dateline, blocks = take_dateline(blocks)
    external = _line(item.get("external_url"))
    return Incoming(
        headline=_line(item.get("title")) or _first_words(markup),
        standfirst=_line(item.get("summary")),
        body=document(blocks),
        format="json-feed",
        identifiers=(name,) if name else (),
        language=_line(item.get("language")) or _line(feed.get("language")),
        byline=_authors(item) or _authors(feed),
        dateline=dateline,
        source=_line(feed.get("title")),
        date=moment(item.get("date_modified")) or moment(item.get("date_published")),
        created=moment(item.get("date_published")),
        topics=topics(str(tag) for tag in item.get("tags") or []),
        keywords=tuple(dict.fromkeys(text for tag in item.get("tags") or [] if (text := _line(tag)))),
        web_address=_line(item.get("url")),
        restrictions=restrictions,
        media=tuple(dict.fromkeys((*_pictures(item), *markup.pictures, *_attachments(item)))),
        links=(Link("external", external),) if external else (),
        warnings=(*warnings, *markup.warnings),
    )


def _line(value: object) -> str:
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""


def _body(item: Mapping[str, Any]) -> Markup:
    if item.get("content_html"):
        return read_markup(str(item["content_html"]))
    text = str(item.get("content_text") or "")
    return Markup(blocks=[paragraph(" ".join(part.split())) for part in text.splitlines() if part.strip()])


def _first_words(markup: Markup) -> str:
    """An item may have no title, as a message on a microblog; its first sentence stands for it."""
    words = "".join(piece.get("text", " ") for piece in markup.blocks[0].get("content", []))
    sentence = re.split(r"(?<=[.!?…])\s", words, maxsplit=1)[0]
    return sentence if len(sentence) <= _HEADLINE else words[: _HEADLINE - 1].rsplit(" ", 1)[0] + "…"


def _authors(entry: Mapping[str, Any]) -> str:
    """1.1 has a list of authors, 1.0 one."""
    listed = [*(entry.get("authors") or []), *([entry["author"]] if entry.get("author") else [])]
    return ", ".join(
        dict.fromkeys(name for each in listed if isinstance(each, dict) and (name := _line(each.get("name"))))
    )


def _pictures(item: Mapping[str, Any]) -> Iterator[MediaReference]:
    for name in ("image", "banner_image"):
        if href := _line(item.get(name)):
            yield MediaReference(href)


def _attachments(item: Mapping[str, Any]) -> Iterator[MediaReference]:
    for each in item.get("attachments") or []:
        href = _line(each.get("url"))
        media_type = _line(each.get("mime_type"))
        kind = _KINDS.get(media_type.partition("/")[0].lower())
        if href and kind:
            size, seconds = each.get("size_in_bytes"), each.get("duration_in_seconds")
            file = Rendition(
                href,
                media_type=media_type,
                size_bytes=int(size) if isinstance(size, int | float) and size > 0 else 0,
                seconds=float(seconds) if isinstance(seconds, int | float) and seconds > 0 else 0.0,
            )
            yield MediaReference(href, kind=kind, headline=_line(each.get("title")), renditions=(file,))
