"""ninjs 3.1 (IPTC news in JSON): one item, and a feed as a composite item whose associations are the items.

Every document written here is valid against `ninjs-schema_3.1.json`. What ninjs has no field for is an alternative
identifier with a role: `version` (the URN of this version), `story` and `sequence` (the number in the client's stream).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from keshen.newsroom import mediatopics
from keshen.wire.formats import rightsml
from keshen.wire.formats.feed import Feed
from keshen.wire.formats.item import Picture, Rendition, WireItem, clean

MEDIA_TYPE = "application/json"
STANDARD = {
    "name": "ninjs",
    "version": "3.1",
    "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#",
}
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"


def document(item: WireItem) -> dict[str, Any]:
    """The item as a ninjs object; empty fields are left out, and a canceled item keeps no content."""
    return {**_object(item), "standard": STANDARD}


def render(item: WireItem) -> bytes:
    """The item as UTF-8 JSON."""
    return encode(document(item))


def render_feed(feed: Feed, items: Sequence[WireItem]) -> bytes:
    """The feed as one ninjs object of type `composite`, its items in `associations` in the order given."""
    return encode(feed_document(feed, items))


def feed_document(feed: Feed, items: Sequence[WireItem]) -> dict[str, Any]:
    """The same as an object."""
    return {
        "uri": feed.address,
        "type": "composite",
        "profile": "feed",
        "title": feed.title,
        "versionCreated": _time(feed.updated),
        "associations": [{"name": clean(item.headline) or item.urn, "rel": "item", **_object(item)} for item in items],
        "altIds": [{"role": "sequence", "value": str(feed.sequence)}],
        "standard": STANDARD,
    }


def _object(item: WireItem) -> dict[str, Any]:
    identifiers = [("version", item.version_urn), ("story", item.story_urn)]
    if item.sequence:
        identifiers.append(("sequence", str(item.sequence)))
    found: dict[str, Any] = {
        "uri": item.urn,
        "type": "text",
        "representationType": "partial" if item.is_notice else "full",
        "version": str(item.version),
        "pubStatus": item.status.value,
        "firstCreated": _time(item.created),
        "versionCreated": _time(item.version_created),
        "embargoedUntil": _time(item.embargoed_until),
        "language": item.language,
        "urgency": min(9, max(1, item.urgency)),
        "edNote": clean(item.note()),
        "slugline": clean(item.slugline),
        "headlines": [{"role": "main", "value": clean(item.headline)}] if item.headline else [],
        "copyrightHolder": clean(item.copyright_holder),
        "copyrightNotice": clean(item.copyright_notice),
        "usageTerms": clean(item.usage_terms),
        "infoSources": [{"name": clean(item.provider), "role": "provider"}] if item.provider else [],
        "altIds": [{"role": role, "value": value} for role, value in identifiers],
    }
    if not item.is_notice:
        found |= _content(item)
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def _content(item: WireItem) -> dict[str, Any]:
    bodies = [
        {"role": "main", "contentType": "text/html", "value": clean(item.body_html)},
        {"role": "plain", "contentType": "text/plain", "value": clean("\n\n".join(item.paragraphs))},
    ]
    subjects: list[dict[str, str]] = [
        {"name": mediatopics.label(code, item.language), "rel": "about", "uri": mediatopics.SCHEME + code}
        for code in item.topics
    ]
    subjects += [{"name": clean(word), "rel": "keyword", "literal": clean(word)} for word in item.keywords]
    links = [
        {"name": clean(link.title) or link.urn, "rel": link.relation.value, "uri": link.urn, "language": link.language}
        for link in item.links
    ]
    return {
        "by": clean(item.byline),
        "located": clean(item.dateline),
        "descriptions": [{"role": "summary", "value": clean(item.standfirst)}] if item.standfirst else [],
        "bodies": [body for body in bodies if body["value"]],
        "subjects": subjects,
        "digitalSourceType": _source(item.digital_source),
        "rightsInfo": _rights(item),
        "renditions": [{"name": "web", "href": item.web_address, "contentType": "text/html"}]
        if item.web_address
        else [],
        "associations": [
            *(_picture(picture) for picture in item.pictures),
            *({name: value for name, value in link.items() if value} for link in links),
        ],
    }


def _rights(item: WireItem) -> dict[str, str] | None:
    policy = rightsml.json_ld(item)
    return {"langId": rightsml.LANGUAGE, "encodedRights": policy} if policy else None


def _picture(picture: Picture) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": clean(picture.title) or picture.urn,
        "rel": picture.kind,
        "uri": picture.urn,
        "type": picture.kind,
        "versionCreated": _time(picture.created),
        "title": clean(picture.title),
        "descriptions": [{"role": "alt", "value": clean(picture.alt)}] if picture.alt else [],
        "by": clean(picture.credit),
        "digitalSourceType": _source(picture.digital_source),
        "renditions": [_rendition(file, picture.seconds) for file in picture.renditions],
    }
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def _rendition(file: Rendition, seconds: float) -> dict[str, Any]:
    found = {
        "name": clean(file.name),
        "href": file.href,
        "contentType": file.content_type,
        "width": file.width,
        "height": file.height,
        "sizeInBytes": file.size_bytes,
        "duration": seconds,
    }
    return {name: value for name, value in found.items() if value}


def _source(code: str) -> dict[str, str] | None:
    return {"name": code, "uri": SOURCE_TYPES + code} if code else None


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def encode(whole: dict[str, Any]) -> bytes:
    """The document as UTF-8 JSON, as short as may be."""
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
