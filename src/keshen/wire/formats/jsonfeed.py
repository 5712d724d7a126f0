"""JSON Feed 1.1 with the full text as HTML and plain.

An item's id names the text, not its version. What was canceled or is withheld is not an item any more; it stands in the
feed's extension `_keshen`, so that a program takes it down and a reader shows nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from keshen.newsroom import mediatopics
from keshen.wire.formats.feed import Feed
from keshen.wire.formats.item import PubStatus, WireItem, clean

MEDIA_TYPE = "application/feed+json"
VERSION = "https://jsonfeed.org/version/1.1"


def render(item: WireItem) -> bytes:
    """A feed with the item alone."""
    feed = Feed("", item.provider or item.urn, item.language, item.version_created, item.sequence)
    return render_feed(feed, [item])


def render_feed(feed: Feed, items: Sequence[WireItem]) -> bytes:
    """The feed with the usable items in the order given, and the others in its extension."""
    withdrawn = [_withdrawn(item) for item in items if item.status is not PubStatus.USABLE]
    whole: dict[str, Any] = {
        "version": VERSION,
        "title": clean(feed.title) or feed.address or "–",
        "home_page_url": feed.site,
        "feed_url": feed.address,
        "language": feed.language,
        "authors": [{"name": clean(feed.provider)}] if feed.provider else [],
        "items": [_item(item) for item in items if item.status is PubStatus.USABLE],
        "_keshen": {"sequence": feed.sequence, "updated": _time(feed.updated), "withdrawn": withdrawn},
    }
    kept = {name: value for name, value in whole.items() if value or name == "items"}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()


def _item(item: WireItem) -> dict[str, Any]:
    topics = [mediatopics.label(code, item.language) for code in item.topics]
    found: dict[str, Any] = {
        "id": item.urn,
        "url": item.web_address,
        "title": clean(item.headline),
        # the specification wants one of the two, empty or not
        "content_html": clean(item.body_html),
        "content_text": clean("\n\n".join(item.paragraphs)),
        "summary": clean(item.standfirst),
        "image": next((file.href for each in item.pictures if each.kind == "picture" for file in each.renditions), ""),
        "date_published": _time(item.created),
        "date_modified": _time(item.version_created),
        "authors": [{"name": clean(item.byline)}] if item.byline else [],
        "tags": list(dict.fromkeys(word for word in (*topics, *map(clean, item.keywords)) if word)),
        "language": item.language,
        "attachments": [
            {
                "url": file.href,
                "mime_type": file.content_type,
                "title": clean(picture.alt or picture.title or picture.urn),
                "size_in_bytes": file.size_bytes or None,
                "duration_in_seconds": picture.seconds or None,
            }
            for picture in item.pictures
            for file in picture.renditions[:1]
        ],
        "_keshen": {
            "version": item.version,
            "version_urn": item.version_urn,
            "story": item.story_urn,
            "sequence": item.sequence,
            "note": clean(item.note()),
            "usage_terms": clean(item.usage_terms),
            "copyright_notice": clean(item.copyright_notice),
            "digital_source": item.digital_source,
            "links": [{"rel": link.relation.value, "uri": link.urn, "language": link.language} for link in item.links],
        },
    }
    found["attachments"] = [{k: v for k, v in row.items() if v is not None} for row in found["attachments"]]
    found["_keshen"] = {name: value for name, value in found["_keshen"].items() if value}
    return {name: value for name, value in found.items() if value or name == "content_html"}


def _withdrawn(item: WireItem) -> dict[str, Any]:
    return {
        "id": item.urn,
        "status": item.status.value,
        "version": item.version,
        "version_urn": item.version_urn,
        "sequence": item.sequence,
        "when": _time(item.version_created),
        "note": clean(item.note()),
    }


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
