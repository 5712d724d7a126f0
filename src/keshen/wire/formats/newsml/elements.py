"""What every part of a NewsML-G2 document is built from: elements, the catalog of codes, one-line text, times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from lxml import etree

from keshen.newsroom import mediatopics
from keshen.wire.formats.item import clean

NAR = "http://iptc.org/std/nar/2006-10-01/"

CATALOG: Mapping[str, str] = {
    "ninat": "http://cv.iptc.org/newscodes/ninature/",
    "plinat": "http://cv.iptc.org/newscodes/planitemnature/",
    "stat": "http://cv.iptc.org/newscodes/pubstatusg2/",
    "sig": "http://cv.iptc.org/newscodes/signal/",
    "medtop": mediatopics.SCHEME,
    "irel": "http://cv.iptc.org/newscodes/itemrelation/",
    "drol": "http://cv.iptc.org/newscodes/descriptionrole/",
    "rnd": "http://cv.iptc.org/newscodes/rendition/",
    "digsrctype": "http://cv.iptc.org/newscodes/digitalsourcetype/",
    "pgrmod": "http://cv.iptc.org/newscodes/packagegroupmode/",
}


def add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    """A child of the NewsML-G2 namespace, its text and attributes in one line each."""
    node = etree.SubElement(parent, f"{{{NAR}}}{name}")
    if text:
        node.text = line(text)
    for key, value in attributes.items():
        node.set(key, line(value))
    return node


def catalog(parent: etree._Element) -> None:
    """The schemes of every code used, so that a reader resolves them without fetching anything."""
    node = add(parent, "catalog")
    for alias, uri in CATALOG.items():
        add(node, "scheme", alias=alias, uri=uri)


def line(text: str) -> str:
    """The text in one line: most of NewsML-G2's string types have no line breaks or tabs."""
    return " ".join(clean(text).split())


def time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def serialise(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
