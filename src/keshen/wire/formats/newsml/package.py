"""Package items: a text that leads a package, and what is in it, in order."""

from __future__ import annotations

from lxml import etree

from keshen.wire.formats.item import WireItem
from keshen.wire.formats.markup import XML
from keshen.wire.formats.newsml.elements import add, catalog, time
from keshen.wire.formats.newsml.news import add_provider
from keshen.wire.formats.newsml.rights import rights_info


def package_item(parent: etree._Element, item: WireItem) -> None:
    """The package the text leads: the text first, then its members, then its pictures. A cancel cancels it too."""
    node = add(
        parent,
        "packageItem",
        standard="NewsML-G2",
        standardversion="2.35",
        conformance="power",
        guid=f"{item.urn}-package",
        version=str(item.version),
        **{f"{{{XML}}}lang": item.language, "dir": "rtl" if item.right_to_left else "ltr"},
    )
    catalog(node)
    rights_info(node, item)
    meta = add(node, "itemMeta")
    add(meta, "itemClass", qcode="ninat:composite")
    add_provider(meta, item)
    add(meta, "versionCreated", time(item.version_created))
    add(meta, "firstCreated", time(item.created))
    add(meta, "pubStatus", qcode=f"stat:{item.status.value}")
    content = add(node, "contentMeta")
    if item.slugline:
        add(content, "slugline", item.slugline)
    if item.headline:
        add(content, "headline", item.headline)
    if item.canceled:
        return
    # a message may hold several packages, and an XML identifier is one document's
    place = len(parent)
    groups = add(node, "groupSet", root=f"root-{place}")
    root = _group(groups, f"root-{place}", "seq")
    lead = add(root, "itemRef", residref=item.urn, version=str(item.version), contenttype="application/xhtml+xml")
    if item.headline:
        add(lead, "title", item.headline)
    add(root, "groupRef", idref=f"members-{place}")
    members = _group(groups, f"members-{place}", "seq")
    for link in item.packages:
        member = add(members, "itemRef", residref=link.urn)
        if link.language:
            add(member, "language", tag=link.language)
        if link.title:
            add(member, "title", link.title)
    if item.pictures:
        add(root, "groupRef", idref=f"pictures-{place}")
        pictures = _group(groups, f"pictures-{place}", "bag")
        for picture in item.pictures:
            add(pictures, "itemRef", residref=picture.urn)


def _group(groups: etree._Element, name: str, mode: str) -> etree._Element:
    """A group whose order means something (`seq`) or not (`bag`)."""
    return add(groups, "group", id=name, mode=f"pgrmod:{mode}")
