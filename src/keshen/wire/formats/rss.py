"""RSS 2.0 with the full text (`content:encoded`), Dublin Core and Media RSS.

The guid names the text, not its version, so that a reader replaces what it has. RSS cannot cancel: a killed or withheld
item is not in the feed any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime

from lxml import etree

from keshen.newsroom import mediatopics
from keshen.wire.formats.feed import Feed
from keshen.wire.formats.item import PubStatus, WireItem, clean

MEDIA_TYPE = "application/rss+xml"
NAMESPACES = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "atom": "http://www.w3.org/2005/Atom",
    "media": "http://search.yahoo.com/mrss/",
}


def render(item: WireItem) -> bytes:
    """A feed with the item alone (with none, when it is canceled or withheld)."""
    feed = Feed(item.web_address, item.provider or item.urn, item.language, item.version_created, item.sequence)
    return render_feed(feed, [item])


def render_feed(feed: Feed, items: Sequence[WireItem]) -> bytes:
    """The feed with the usable items in the order given."""
    root = etree.Element("rss", nsmap=NAMESPACES, version="2.0")
    channel = etree.SubElement(root, "channel")
    _add(channel, "title", feed.title)
    _add(channel, "link", feed.site or feed.address)
    _add(channel, "description", feed.title)
    _add(channel, "language", feed.language)
    _add(channel, "lastBuildDate", _time(feed.updated))
    if feed.address:
        own = {"href": feed.address, "rel": "self", "type": MEDIA_TYPE}
        etree.SubElement(channel, f"{{{NAMESPACES['atom']}}}link", own)
    for item in items:
        if item.status is PubStatus.USABLE:
            _item(channel, item)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _item(channel: etree._Element, item: WireItem) -> None:
    node = etree.SubElement(channel, "item")
    _add(node, "title", item.headline)
    if item.web_address:
        _add(node, "link", item.web_address)
    _add(node, "guid", item.urn).set("isPermaLink", "false")
    _add(node, "pubDate", _time(item.version_created))
    _add(node, "description", item.standfirst or (item.paragraphs[0] if item.paragraphs else item.headline))
    if item.body_html:
        _add(node, "content:encoded", item.body_html)
    if item.byline:
        _add(node, "dc:creator", item.byline)
    _add(node, "dc:language", item.language)
    _add(node, "dc:identifier", item.version_urn)
    if item.copyright_notice:
        _add(node, "dc:rights", item.copyright_notice)
    for code in item.topics:
        _add(node, "category", mediatopics.label(code, item.language)).set("domain", mediatopics.SCHEME)
    for word in item.keywords:
        _add(node, "category", word)
    for picture in item.pictures:
        for file in picture.renditions[:1]:
            media = _add(node, "media:content")
            media.set("url", file.href)
            media.set("medium", "image" if picture.kind == "picture" else picture.kind)
            media.set("type", file.content_type)
            if file.size_bytes:
                media.set("fileSize", str(file.size_bytes))
            if picture.seconds:
                media.set("duration", f"{picture.seconds:.0f}")
            if picture.alt:
                _add(media, "media:description", picture.alt)
            if picture.credit:
                _add(media, "media:credit", picture.credit)

    # RSS has one enclosure an item: the first that plays
    for picture in [each for each in item.pictures if each.kind != "picture" and each.renditions][:1]:
        file = picture.renditions[0]
        enclosure = {"url": file.href, "length": str(file.size_bytes), "type": file.content_type}
        etree.SubElement(node, "enclosure", enclosure)


def _add(parent: etree._Element, name: str, text: str = "") -> etree._Element:
    prefix, _, local = name.rpartition(":")
    node = etree.SubElement(parent, f"{{{NAMESPACES[prefix]}}}{local}" if prefix else local)
    node.text = clean(text) or None
    return node


def _time(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)
