"""The part of a message that is one item's own, by which an item that came before is known again without being read.

A feed's own times and counters change at every look while its items do not; so items are compared, not messages.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from lxml import etree

from keshen.newsroom.body import paragraphs
from keshen.newsroom.readers import Incoming, Unreadable

_ITEMS = frozenset(
    {"item", "entry", "newsItem", "packageItem", "conceptItem", "knowledgeItem", "planningItem", "NewsItem"}
)
_LISTS = ("items", "associations")


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def pieces(data: bytes, understood: list[Incoming | Unreadable]) -> list[str]:
    """SHA-256 of each item's own part of the message, in the order of `understood`.

    Where the message cannot be taken apart into as many parts, an item's is that of what was understood of it.
    """
    parts = _json_parts(data) or _xml_parts(data)
    if len(parts) == len(understood):
        return [digest(part) for part in parts]
    if len(understood) == 1:
        return [digest(data)]
    return [digest(_words(item, number)) for number, item in enumerate(understood)]


def _words(item: Incoming | Unreadable, number: int) -> bytes:
    if isinstance(item, Unreadable):
        return f"{number} {item}".encode()
    lines = [*item.identifiers, item.language, item.headline, item.standfirst, *paragraphs(item.body)]
    return "\n".join([*lines, str(item.date)]).encode()


def _json_parts(data: bytes) -> list[bytes]:
    if data.lstrip()[:1] not in (b"{", b"["):
        return []
    try:
        parsed: Any = json.loads(data)
    except (ValueError, RecursionError):
        return []
    if isinstance(parsed, dict):
        parsed = next((parsed[name] for name in _LISTS if isinstance(parsed.get(name), list)), [parsed])
    return [json.dumps(part, sort_keys=True, ensure_ascii=False).encode() for part in parsed]


def _xml_parts(data: bytes) -> list[bytes]:
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"<":
        return []
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, recover=True)
    try:
        root: etree._Element | None = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return []
    if root is None:
        return []
    found = [node for node in root.iter() if isinstance(node.tag, str) and etree.QName(node).localname in _ITEMS]
    return [_written(node) for node in found]


def _written(node: etree._Element) -> bytes:
    """The element in its canonical form; as it stands where it has none, as with namespaces that are relative."""
    try:
        return etree.tostring(node, method="c14n")
    except etree.C14NError:
        return etree.tostring(node, encoding="utf-8", with_tail=False)
