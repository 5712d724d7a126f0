"""NewsML-G2 2.35 (IPTC): a news message holding one news item, or a feed of them.

Every message is valid against the schema `NewsML-G2_2.35-spec-All-Power.xsd`. The body is XHTML in `inlineXML`
(specification, "News Content"); a killed item has `stat:canceled` and no content. The catalog is written into the
message, so that a reader resolves every code without fetching anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from lxml import etree, html

from keshen.newsroom import mediatopics
from keshen.wire.formats.feed import Feed
from keshen.wire.formats.item import PubStatus, Relation, WireItem, clean

MEDIA_TYPE = "application/vnd.iptc.g2.newsmessage+xml"
NAR = "http://iptc.org/std/nar/2006-10-01/"
XHTML = "http://www.w3.org/1999/xhtml"
XML = "http://www.w3.org/XML/1998/namespace"

CATALOG: Mapping[str, str] = {
    "ninat": "http://cv.iptc.org/newscodes/ninature/",
    "stat": "http://cv.iptc.org/newscodes/pubstatusg2/",
    "sig": "http://cv.iptc.org/newscodes/signal/",
    "medtop": mediatopics.SCHEME,
    "irel": "http://cv.iptc.org/newscodes/itemrelation/",
    "drol": "http://cv.iptc.org/newscodes/descriptionrole/",
    "rnd": "http://cv.iptc.org/newscodes/rendition/",
    "digsrctype": "http://cv.iptc.org/newscodes/digitalsourcetype/",
}
_RELATIONS: Mapping[Relation, str] = {
    Relation.TRANSLATION_OF: "irel:translatedFrom",
    Relation.TRANSLATED_AS: "irel:seeAlso",
    Relation.SUPERSEDES: "irel:previousVersion",
    Relation.SEE_ALSO: "irel:seeAlso",
}
_PARSER = html.HTMLParser(no_network=True, encoding="utf-8")


def render(item: WireItem) -> bytes:
    """A news message with the item alone, sent at the time of its version, so that equal items give equal bytes."""
    return _serialise(
        _message(item.version_created, item.provider, item.sequence, min(9, max(1, item.urgency)), [item])
    )


def render_feed(feed: Feed, items: Sequence[WireItem]) -> bytes:
    """A news message with the items in the order given.

    The schema wants at least one item in a message: an empty feed holds one withheld item that says so.
    """
    return _serialise(_message(feed.updated, feed.provider, feed.sequence, 0, items or [_nothing(feed)]))


def _nothing(feed: Feed) -> WireItem:
    return WireItem(
        urn=feed.address,
        version=1,
        version_urn=feed.address,
        story_urn=feed.address,
        language=feed.language,
        headline=feed.title,
        created=feed.updated,
        version_created=feed.updated,
        status=PubStatus.WITHHELD,
        provider=feed.provider,
        editor_note="Nothing has been sent on this product yet.",
    )


def _message(sent: datetime, provider: str, sequence: int, priority: int, items: Sequence[WireItem]) -> etree._Element:
    root = etree.Element(f"{{{NAR}}}newsMessage", nsmap={None: NAR})
    header = _add(root, "header")
    _add(header, "sent", _time(sent))
    _catalog(header)
    _add(header, "sender", provider)
    if sequence:
        _add(header, "transmitId", str(sequence))
    if priority:
        _add(header, "priority", str(priority))
    content = _add(root, "itemSet")
    for item in items:
        _item(content, item)
    return root


def _catalog(parent: etree._Element) -> None:
    catalog = _add(parent, "catalog")
    for alias, uri in CATALOG.items():
        _add(catalog, "scheme", alias=alias, uri=uri)


def _item(parent: etree._Element, item: WireItem) -> None:
    node = _add(
        parent,
        "newsItem",
        standard="NewsML-G2",
        standardversion="2.35",
        conformance="power",
        guid=item.urn,
        version=str(item.version),
        **{f"{{{XML}}}lang": item.language, "dir": "rtl" if item.right_to_left else "ltr"},
    )
    _catalog(node)
    _rights(node, item)
    _item_meta(node, item)
    _content_meta(node, item)
    if item.body_html and not item.canceled:
        inline = _add(_add(node, "contentSet"), "inlineXML", contenttype="application/xhtml+xml")
        inline.append(_xhtml(item))


def _rights(node: etree._Element, item: WireItem) -> None:
    if not (item.copyright_holder or item.copyright_notice or item.usage_terms):
        return
    rights = _add(node, "rightsInfo")
    if item.copyright_holder:
        _add(_add(rights, "copyrightHolder"), "name", item.copyright_holder)
    for name, text in (("copyrightNotice", item.copyright_notice), ("usageTerms", item.usage_terms)):
        if text:
            _add(rights, name, text)


def _item_meta(node: etree._Element, item: WireItem) -> None:
    meta = _add(node, "itemMeta")
    _add(meta, "itemClass", qcode="ninat:text")
    provider = item.provider.strip() or "unnamed"
    _add(_add(meta, "provider", literal=provider), "name", provider)
    _add(meta, "versionCreated", _time(item.version_created))
    _add(meta, "firstCreated", _time(item.created))
    if item.embargoed_until:
        _add(meta, "embargoed", _time(item.embargoed_until))
    _add(meta, "pubStatus", qcode=f"stat:{item.status.value}")
    if item.slugline:
        _add(meta, "title", item.slugline)
    for line in item.note().splitlines():
        _add(meta, "edNote", line)
    if item.correction and not item.canceled:
        _add(meta, "signal", qcode="sig:correction")
    elif item.version > 1:
        _add(meta, "signal", qcode="sig:update")
    if item.web_address and not item.canceled:
        _add(meta, "link", rel="irel:seeAlso", href=item.web_address, contenttype="text/html")
    for link in item.links:
        related = _add(meta, "link", rel=_RELATIONS[link.relation], residref=link.urn)
        if link.language:
            _add(related, "language", tag=link.language)
        if link.title:
            _add(related, "title", link.title)
    for picture in item.pictures:
        for file in picture.renditions:
            attributes = {"rel": "irel:seeAlso", "residref": picture.urn, "href": file.href}
            node_link = _add(meta, "link", **attributes, contenttype=file.content_type)
            if file.size_bytes:
                node_link.set("size", str(file.size_bytes))
            _add(node_link, "title", picture.alt or picture.title or picture.urn)


def _content_meta(node: etree._Element, item: WireItem) -> None:
    meta = _add(node, "contentMeta")
    _add(meta, "urgency", str(min(9, max(1, item.urgency))))
    if item.digital_source:
        _add(meta, "digitalSourceType", qcode=f"digsrctype:{item.digital_source}")
    if item.dateline and not item.canceled:
        _add(_add(meta, "located", literal=item.dateline), "name", item.dateline)
    _add(meta, "altId", item.version_urn)
    _add(meta, "altId", item.story_urn)
    _add(meta, "language", tag=item.language)
    if item.slugline:
        _add(meta, "slugline", item.slugline)
    if item.headline:
        _add(meta, "headline", item.headline)
    if item.canceled:
        return
    for code in item.topics:
        _add(_add(meta, "subject", qcode=f"medtop:{code}"), "name", mediatopics.label(code, item.language))
    for word in item.keywords:
        _add(meta, "keyword", word)
    for name, text in (("dateline", item.dateline), ("by", item.byline), ("creditline", item.credit)):
        if text:
            _add(meta, name, text)
    if item.standfirst:
        _add(meta, "description", item.standfirst, role="drol:summary")


def _xhtml(item: WireItem) -> etree._Element:
    root = etree.Element(f"{{{XHTML}}}html", nsmap={None: XHTML})
    root.set(f"{{{XML}}}lang", item.language)
    root.set("dir", "rtl" if item.right_to_left else "ltr")
    head = etree.SubElement(root, f"{{{XHTML}}}head")
    etree.SubElement(head, f"{{{XHTML}}}title").text = clean(item.headline)
    parsed = html.fragment_fromstring(clean(item.body_html), create_parent="body", parser=_PARSER)
    for element in parsed.iter():
        if isinstance(element.tag, str):
            element.tag = f"{{{XHTML}}}{element.tag}"
    root.append(parsed)
    etree.cleanup_namespaces(root)
    return root


def _add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    node = etree.SubElement(parent, f"{{{NAR}}}{name}")
    if text:
        node.text = _line(text)
    for key, value in attributes.items():
        node.set(key, _line(value))
    return node


def _line(text: str) -> str:
    """The text in one line: most of NewsML-G2's string types have no line breaks or tabs."""
    return " ".join(clean(text).split())


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _serialise(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
