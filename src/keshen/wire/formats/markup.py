"""The body of an item as a tree, for the forms that carry XML of their own."""

from __future__ import annotations

from lxml import etree, html

from keshen.wire.formats.item import WireItem, clean

XHTML = "http://www.w3.org/1999/xhtml"
XML = "http://www.w3.org/XML/1998/namespace"
# deep nesting and long paragraphs are the newsroom's to limit, not the parser's
_PARSER = html.HTMLParser(no_network=True, encoding="utf-8", huge_tree=True)


def body(item: WireItem, root: str = "body") -> etree._Element:
    """The body's HTML under one element named `root`, no namespace."""
    return html.fragment_fromstring(clean(item.body_html), create_parent=root, parser=_PARSER)


def xhtml(item: WireItem, root: str) -> etree._Element:
    """The same in the XHTML namespace, with language and direction on the root."""
    tree = body(item, root)
    for element in tree.iter("*"):
        element.tag = f"{{{XHTML}}}{element.tag!s}"
    made = etree.Element(f"{{{XHTML}}}{root}", nsmap={None: XHTML})
    made.text = tree.text
    made.extend(list(tree))
    mark(made, item)
    return made


def mark(element: etree._Element, item: WireItem) -> None:
    """Say the item's language and direction on an element."""
    element.set(f"{{{XML}}}lang", item.language)
    element.set("dir", "rtl" if item.right_to_left else "ltr")
