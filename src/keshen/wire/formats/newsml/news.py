"""News items: the text of a story, and each picture that goes with it.

The text's body is XHTML in `inlineXML`, or whatever another form puts there; a killed text has `stat:canceled` and no
content. A picture is an item of its own with every rendition, named by the asset's URN.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lxml import etree

from keshen.newsroom import mediatopics
from keshen.wire.formats.item import Picture, Relation, Rendition, WireItem, clean
from keshen.wire.formats.markup import XHTML, XML, mark, xhtml
from keshen.wire.formats.newsml.elements import add, catalog, time
from keshen.wire.formats.newsml.rights import rights_info

type Content = Callable[[WireItem], tuple[str, etree._Element] | None]
"""The content of a text, as its media type and root element; None when it has none."""

RELATIONS: Mapping[Relation, str] = {
    Relation.TRANSLATION_OF: "irel:translatedFrom",
    Relation.TRANSLATED_AS: "irel:seeAlso",
    Relation.SUPERSEDES: "irel:previousVersion",
    Relation.UPDATES: "irel:evolvedFrom",
    Relation.REWRITES: "irel:derivedFrom",
    Relation.SUPPLEMENTS: "irel:seeAlso",
    Relation.PACKAGES: "irel:seeAlso",
    Relation.SEE_ALSO: "irel:seeAlso",
}
THUMBNAIL_PIXELS = 320


def text_item(parent: etree._Element, item: WireItem, content: Content) -> None:
    """The text as a news item."""
    node = _news_item(parent, item.urn, item.version, item.language, item.right_to_left)
    rights_info(node, item)
    _item_meta(node, item)
    _content_meta(node, item)
    found = None if item.is_notice else content(item)
    if found:
        add(add(node, "contentSet"), "inlineXML", contenttype=found[0]).append(found[1])


def _item_meta(node: etree._Element, item: WireItem) -> None:
    meta = add(node, "itemMeta")
    add(meta, "itemClass", qcode="ninat:text")
    add_provider(meta, item)
    add(meta, "versionCreated", time(item.version_created))
    add(meta, "firstCreated", time(item.created))
    if item.embargoed_until:
        add(meta, "embargoed", time(item.embargoed_until))
    add(meta, "pubStatus", qcode=f"stat:{item.status.value}")
    if item.slugline:
        add(meta, "title", item.slugline)
    for line in item.note().splitlines():
        add(meta, "edNote", line)
    if item.correction and not item.canceled:
        add(meta, "signal", qcode="sig:correction")
    elif item.version > 1:
        add(meta, "signal", qcode="sig:update")
    if item.version > 1:
        add(meta, "link", rel="irel:previousVersion", residref=item.urn, version=str(item.version - 1))
    if item.web_address and not item.is_notice:
        add(meta, "link", rel="irel:seeAlso", href=item.web_address, contenttype="text/html")
    for link in item.links:
        related = add(meta, "link", rel=RELATIONS[link.relation], residref=link.urn)
        if link.language:
            add(related, "language", tag=link.language)
        if link.title:
            add(related, "title", link.title)
    for picture in item.pictures:
        for file in picture.renditions:
            attributes = {"rel": "irel:seeAlso", "residref": picture.urn, "href": file.href}
            node_link = add(meta, "link", **attributes, contenttype=file.content_type)
            if file.size_bytes:
                node_link.set("size", str(file.size_bytes))
            add(node_link, "title", picture.alt or picture.title or picture.urn)


def _content_meta(node: etree._Element, item: WireItem) -> None:
    meta = add(node, "contentMeta")
    add(meta, "urgency", str(min(9, max(1, item.urgency))))
    if item.digital_source:
        add(meta, "digitalSourceType", qcode=f"digsrctype:{item.digital_source}")
    if item.dateline and not item.is_notice:
        add(add(meta, "located", literal=item.dateline), "name", item.dateline)
    add(meta, "altId", item.version_urn)
    add(meta, "altId", item.story_urn)
    add(meta, "language", tag=item.language)
    if item.slugline:
        add(meta, "slugline", item.slugline)
    if item.headline:
        add(meta, "headline", item.headline)
    if item.is_notice:
        return
    for code in item.topics:
        add(add(meta, "subject", qcode=f"medtop:{code}"), "name", mediatopics.label(code, item.language))
    for word in item.keywords:
        add(meta, "keyword", word)
    for name, text in (("dateline", item.dateline), ("by", item.byline), ("creditline", item.credit)):
        if text:
            add(meta, name, text)
    if item.standfirst:
        add(meta, "description", item.standfirst, role="drol:summary")


def html_body(item: WireItem) -> tuple[str, etree._Element] | None:
    """The body as an XHTML document."""
    if not item.body_html:
        return None
    root = etree.Element(f"{{{XHTML}}}html", nsmap={None: XHTML})
    mark(root, item)
    head = etree.SubElement(root, f"{{{XHTML}}}head")
    etree.SubElement(head, f"{{{XHTML}}}title").text = clean(item.headline)
    root.append(xhtml(item, "body"))
    etree.cleanup_namespaces(root)
    return "application/xhtml+xml", root


def picture_item(parent: etree._Element, picture: Picture, item: WireItem) -> None:
    """A picture, film or sound as a news item, with what the text it goes with says of language and provider."""
    node = _news_item(parent, picture.urn, 1, item.language, item.right_to_left)
    meta = add(node, "itemMeta")
    add(meta, "itemClass", qcode=f"ninat:{picture.kind}")
    add_provider(meta, item)
    add(meta, "versionCreated", time(picture.created or item.created))
    add(meta, "pubStatus", qcode="stat:usable")
    if picture.title:
        add(meta, "title", picture.title)
    content = add(node, "contentMeta")
    if picture.digital_source:
        add(content, "digitalSourceType", qcode=f"digsrctype:{picture.digital_source}")
    if picture.credit:
        add(content, "creditline", picture.credit)
    if picture.title:
        add(content, "description", picture.title, role="drol:caption")
    if picture.alt:
        add(content, "description", picture.alt, role="drol:altText")
    files = add(node, "contentSet") if picture.renditions else node
    for place, file in enumerate(picture.renditions):
        remote = add(
            files, "remoteContent", href=file.href, rendition=_role(place, file), contenttype=file.content_type
        )
        for name, value in (("size", file.size_bytes), ("width", file.width), ("height", file.height)):
            if value:
                remote.set(name, str(value))
        if picture.seconds:
            remote.set("duration", f"{picture.seconds:.0f}")


def add_provider(meta: etree._Element, item: WireItem) -> None:
    add_provider_name(meta, item.provider)


def add_provider_name(meta: etree._Element, provider: str) -> None:
    """Who provides an item; NewsML-G2 wants somebody."""
    name = provider.strip() or "unnamed"
    add(add(meta, "provider", literal=name), "name", name)


def _news_item(parent: etree._Element, guid: str, version: int, language: str, right_to_left: bool) -> etree._Element:
    node = add(
        parent,
        "newsItem",
        standard="NewsML-G2",
        standardversion="2.35",
        conformance="power",
        guid=guid,
        version=str(version),
        **{f"{{{XML}}}lang": language, "dir": "rtl" if right_to_left else "ltr"},
    )
    catalog(node)
    return node


def _role(place: int, file: Rendition) -> str:
    """The largest is the original for print, small ones are thumbnails, the rest is for screens."""
    if place == 0:
        return "rnd:highRes"
    return "rnd:thumbnail" if 0 < file.width <= THUMBNAIL_PIXELS else "rnd:web"
