"""NITF 3.6 (IPTC): one document for one item; a feed is a NewsML-G2 message whose items carry NITF.

Every document is valid against `nitf-3-6.xsd`. A cancel has `management-status="canceled"` and no content. What NITF
has no element for is a `meta`: language, direction, story, sequence, digital source, links to other items.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from lxml import etree

from keshen.newsroom import mediatopics
from keshen.wire.formats import markup, newsml
from keshen.wire.formats.feed import Feed
from keshen.wire.formats.item import Picture, PubStatus, WireItem, clean

MEDIA_TYPE = "application/nitf+xml"
FEED_MEDIA_TYPE = newsml.MEDIA_TYPE
NITF = "http://iptc.org/std/NITF/2006-10-18/"
_VERSION = {"version": "-//IPTC//DTD NITF 3.6//EN", "change.date": "September 11, 2009", "change.time": "12:26"}

_MEDIA_TYPES: Mapping[str, str] = {"picture": "image", "video": "video", "audio": "audio"}
_INLINE: Mapping[str, tuple[str, dict[str, str]]] = {
    "strong": ("em", {"class": "bold"}),
    "b": ("em", {"class": "bold"}),
    "em": ("em", {"class": "italic"}),
    "i": ("em", {"class": "italic"}),
    "a": ("a", {}),
    "br": ("br", {}),
}
_BLOCKS: Mapping[str, str] = {
    "p": "p", "h1": "hl2", "h2": "hl2", "h3": "hl2", "h4": "hl2", "h5": "hl2", "h6": "hl2", "ul": "ul", "ol": "ol",
    "blockquote": "bq", "pre": "p", "div": "p",
}  # fmt: skip


def render(item: WireItem) -> bytes:
    """The item as one document."""
    return etree.tostring(document(item), xml_declaration=True, encoding="UTF-8")


def render_feed(feed: Feed, items: Sequence[WireItem]) -> bytes:
    """A news message with the items in the order given, each text as NITF."""
    return newsml.render_feed(feed, items, lambda item: (MEDIA_TYPE, document(item)))


def document(item: WireItem) -> etree._Element:
    """The item as an `nitf` element."""
    root = etree.Element(f"{{{NITF}}}nitf", nsmap={None: NITF})
    for name, value in {**_VERSION, "uno": item.version_urn, "baselang": item.language}.items():
        root.set(name, value)
    _head(_add(root, "head"), item)
    body = _add(root, "body", **{f"{{{markup.XML}}}lang": item.language})
    _body_head(_add(body, "body.head"), item)
    content = _add(body, "body.content")
    if not item.is_notice:
        for picture in item.pictures:
            _media(content, picture)
        _blocks(markup.body(item), content)
    return root


def _head(head: etree._Element, item: WireItem) -> None:
    if item.headline:
        _add(head, "title", item.headline)
    facts = [
        ("language", item.language),
        ("direction", "rtl" if item.right_to_left else "ltr"),
        ("slugline", item.slugline),
        ("item-version", str(item.version)),
        ("story", item.story_urn),
        ("sequence", str(item.sequence) if item.sequence else ""),
        ("digital-source-type", item.digital_source),
        *((f"link-{link.relation.value}", link.urn) for link in item.links),
    ]
    for name, value in facts:
        if value:
            _add(head, "meta", name=name, content=value)
    if item.topics and not item.is_notice:
        subjects = _add(head, "tobject", **{"tobject.type": "news"})
        for code in item.topics:
            topic = mediatopics.topics().get(code)
            label = mediatopics.label(code, item.language)
            names = {"tobject.subject.refnum": code, "tobject.subject.ipr": "IPTC"}
            if topic and topic.parent:
                names["tobject.subject.type"] = mediatopics.label(topic.parent, item.language)
                names["tobject.subject.matter"] = label
            else:
                names["tobject.subject.type"] = label
            _add(subjects, "tobject.subject", **names)
    _docdata(head, item)
    if item.web_address and not item.is_notice:
        web = {"type": "web", "name": item.provider, "ex-ref": item.web_address}
        _add(head, "pubdata", **web, **{"date.publication": _time(item.version_created)})


def _docdata(head: etree._Element, item: WireItem) -> None:
    status = "embargoed" if item.embargoed_until and item.status is PubStatus.USABLE else item.status.value
    data = _add(head, "docdata", **{"management-status": status})
    if item.version > 1:
        data.set("management-doc-idref", item.urn)
        data.set("management-idref-status", "canceled" if item.canceled else "usable")
    if item.correction and not item.canceled:
        _add(data, "correction", info=item.correction, **{"id-string": item.urn})
    _add(data, "doc-id", regsrc=item.provider, **{"id-string": item.urn})
    _add(data, "urgency", **{"ed-urg": str(min(8, max(1, item.urgency)))})
    _add(data, "date.issue", norm=_time(item.version_created))
    if item.embargoed_until:
        _add(data, "date.release", norm=_time(item.embargoed_until))
    if note := item.note():
        _add(data, "ed-msg", info=note)
    _add(data, "du-key", key=item.urn, version=str(item.version))
    if item.copyright_holder:
        _add(data, "doc.copyright", year=str(item.created.year), holder=item.copyright_holder)
    if item.usage_terms:
        _add(data, "doc.rights", owner=item.copyright_holder, limitations=item.usage_terms)
    if item.keywords and not item.is_notice:
        words = _add(data, "key-list")
        for word in item.keywords:
            _add(words, "keyword", key=word)


def _body_head(head: etree._Element, item: WireItem) -> None:
    if item.headline:
        _add(_add(head, "hedline"), "hl1", item.headline)
    if note := item.note():
        content = _add(_add(head, "note", noteclass="editorsnote"), "body.content")
        for paragraph in note.splitlines():
            _add(content, "p", paragraph)
    if item.copyright_notice or item.usage_terms:
        _add(head, "rights", " ".join(text for text in (item.copyright_notice, item.usage_terms) if text))
    if item.is_notice:
        return
    if item.byline:
        _add(head, "byline", item.byline)
    if item.credit or item.provider:
        _add(head, "distributor", item.credit or item.provider)
    if item.dateline:
        _add(head, "dateline", item.dateline)
    if item.standfirst:
        _add(_add(head, "abstract"), "p", item.standfirst)


def _media(content: etree._Element, picture: Picture) -> None:
    media = _add(content, "media", **{"media-type": _MEDIA_TYPES[picture.kind]})
    _add(media, "media-metadata", name="id", value=picture.urn)
    if picture.digital_source:
        _add(media, "media-metadata", name="digital-source-type", value=picture.digital_source)
    for file in picture.renditions:
        reference = _add(media, "media-reference", source=file.href, name=file.name, **{"mime-type": file.content_type})
        for name, value in (("width", file.width), ("height", file.height)):
            if value:
                reference.set(name, str(value))
        if picture.seconds:
            reference.set("time", f"{picture.seconds:.0f}")
            reference.set("time-unit-of-measure", "seconds")
        if picture.alt:
            reference.set("alternate-text", _line(picture.alt))
    if not picture.renditions:
        _add(media, "media-reference", source=picture.urn)
    if picture.title:
        _add(_add(media, "media-caption"), "p", picture.title)
    if picture.credit:
        _add(media, "media-producer", picture.credit)


def _blocks(source: etree._Element, target: etree._Element) -> None:
    """The blocks of an HTML element as NITF's; words outside any block become a paragraph."""
    loose: etree._Element | None = None

    def paragraph() -> etree._Element:
        return loose if loose is not None else _add(target, "p")

    if source.text and source.text.strip():
        loose = paragraph()
        loose.text = clean(source.text)
    for child in source:
        tag = child.tag if isinstance(child.tag, str) else ""
        if tag in _BLOCKS:
            loose = None
            _block(child, tag, target)
        elif tag:
            loose = paragraph()
            _inline_one(child, loose)
        if child.tail and child.tail.strip():
            loose = paragraph()
            _append(loose, child.tail)


def _block(child: etree._Element, tag: str, target: etree._Element) -> None:
    name = _BLOCKS[tag]
    if tag == "blockquote":
        _blocks(child, _add(_add(target, "bq"), "block"))
    elif name in ("ul", "ol"):
        entries = child.findall("li")
        if not entries:
            return
        made = _add(target, name)
        start = child.get("start", "")
        if name == "ol" and start.isdigit():
            made.set("seqnum", start)
        for entry in entries:
            line = _add(made, "li")
            line.text = clean(entry.text or "")
            for inner in entry:
                inner_tag = inner.tag if isinstance(inner.tag, str) else ""
                if inner_tag in _BLOCKS:
                    _block(inner, inner_tag, line)
                    _append(line, inner.tail or "")
                elif inner_tag:
                    _inline_one(inner, line)
                    _append(line, inner.tail or "")
    else:
        _inline(child, _add(target, name))


def _inline(source: etree._Element, target: etree._Element) -> None:
    """The words and marks of an HTML element into a NITF one."""
    _append(target, source.text or "")
    for child in source:
        if isinstance(child.tag, str):
            _inline_one(child, target)
        _append(target, child.tail or "")


def _inline_one(child: etree._Element, target: etree._Element) -> None:
    """One HTML element with its marks; what NITF has no mark for keeps its words."""
    name, attributes = _INLINE.get(str(child.tag), ("", {}))
    if not name:
        _inline(child, target)
        return
    made = _add(target, name, **attributes)
    if name == "a" and child.get("href"):
        made.set("href", clean(child.get("href", "")))
    _inline(child, made)


def _append(element: etree._Element, text: str) -> None:
    """More words at the end of an element."""
    if not text:
        return
    if len(element):
        element[-1].tail = (element[-1].tail or "") + clean(text)
    else:
        element.text = (element.text or "") + clean(text)


def _add(parent: etree._Element, tag: str, text: str = "", /, **attributes: str) -> etree._Element:
    node = etree.SubElement(parent, f"{{{NITF}}}{tag}")
    if text:
        node.text = clean(text)
    for key, value in attributes.items():
        if value:
            node.set(key, _line(value))
    return node


def _line(text: str) -> str:
    return " ".join(clean(text).split())


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
