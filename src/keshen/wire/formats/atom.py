"""Atom 1.0 (RFC 4287) with the full text as XHTML; what was canceled or is withheld is a tombstone (RFC 6721).

An entry's id names the text, not its version, so that a reader replaces what it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from lxml import etree

from keshen.newsroom import mediatopics
from keshen.wire.formats import markup
from keshen.wire.formats.feed import Feed
from keshen.wire.formats.item import PubStatus, WireItem, clean

MEDIA_TYPE = "application/atom+xml"
ATOM = "http://www.w3.org/2005/Atom"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"


def render(item: WireItem) -> bytes:
    """A feed with the item alone."""
    feed = Feed(item.story_urn, item.provider or item.urn, item.language, item.version_created, item.sequence)
    return render_feed(feed, [item])


def render_feed(feed: Feed, items: Sequence[WireItem]) -> bytes:
    """The feed with the items in the order given."""
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM, "at": TOMBSTONES, "dc": DUBLIN_CORE})
    root.set(f"{{{markup.XML}}}lang", feed.language)
    _add(root, "id", feed.address)
    _add(root, "title", feed.title or feed.address)
    _add(root, "updated", _time(feed.updated))
    _add(_add(root, "author"), "name", feed.provider or feed.title or feed.address)
    if feed.address.startswith("http"):
        _link(root, "self", feed.address, MEDIA_TYPE)
    if feed.site:
        _link(root, "alternate", feed.site, "text/html")
    _add(root, "generator", "Keshen")
    for item in items:
        if item.status is PubStatus.USABLE:
            _entry(root, item)
        else:
            _tombstone(root, item)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _tombstone(root: etree._Element, item: WireItem) -> None:
    node = etree.SubElement(root, f"{{{TOMBSTONES}}}deleted-entry", ref=item.urn, when=_time(item.version_created))
    comment = etree.SubElement(node, f"{{{TOMBSTONES}}}comment")
    comment.set(f"{{{markup.XML}}}lang", item.language)
    comment.text = clean(item.note() or item.headline) or None
    _identify(node, item)


def _entry(root: etree._Element, item: WireItem) -> None:
    node = _add(root, "entry")
    node.set(f"{{{markup.XML}}}lang", item.language)
    _add(node, "id", item.urn)
    _add(node, "title", item.headline or item.slugline or item.urn)
    _add(node, "updated", _time(item.version_created))
    _add(node, "published", _time(item.created))
    _add(_add(node, "author"), "name", item.byline or item.provider or item.credit or item.urn)
    if item.web_address:
        _link(node, "alternate", item.web_address, "text/html", language=item.language)
    for link in item.links:
        # never "alternate": two of those may not share type and language (RFC 4287, 4.1.2)
        _link(node, "related", link.urn, title=link.title, language=link.language)
    for picture in item.pictures:
        for file in picture.renditions[:1]:
            _link(
                node,
                "enclosure",
                file.href,
                file.content_type,
                title=picture.alt or picture.title,
                size=file.size_bytes,
            )
    for code in item.topics:
        label = mediatopics.label(code, item.language)
        etree.SubElement(node, f"{{{ATOM}}}category", term=code, scheme=mediatopics.SCHEME, label=label)
    for word in item.keywords:
        if clean(word).strip():
            etree.SubElement(node, f"{{{ATOM}}}category", term=_line(word))
    if item.copyright_notice or item.usage_terms:
        _add(node, "rights", " ".join(text for text in (item.copyright_notice, item.usage_terms) if text))
    if item.note() or item.standfirst:
        _add(node, "summary", "\n".join(text for text in (item.note(), item.standfirst) if text))
    content = _add(node, "content", type="xhtml")
    content.append(markup.xhtml(item, "div"))
    _identify(node, item)


def _identify(node: etree._Element, item: WireItem) -> None:
    """Which version this is, in Dublin Core."""
    etree.SubElement(node, f"{{{DUBLIN_CORE}}}identifier").text = item.version_urn


def _link(
    parent: etree._Element, rel: str, href: str, media_type: str = "", *, title: str = "", language: str = "",
    size: int = 0,
) -> None:  # fmt: skip
    node = _add(parent, "link", rel=rel, href=href, type=media_type, title=title, hreflang=language)
    if size:
        node.set("length", str(size))


def _add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    node = etree.SubElement(parent, f"{{{ATOM}}}{name}")
    node.text = clean(text) or None
    for key, value in attributes.items():
        if value:
            node.set(key, _line(value))
    return node


def _line(text: str) -> str:
    return " ".join(clean(text).split())


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
