"""NewsML-G2, and EventsML-G2 with it: news, package, planning, concept and knowledge items, alone or in a message."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from keshen.house.phrases import phrase
from keshen.newsroom.readers.incoming import Incoming, Unreadable
from keshen.newsroom.readers.newsml_g2.concepts import catalog_item, concept_item, knowledge_item, listed_event
from keshen.newsroom.readers.newsml_g2.news import news_item, package_item
from keshen.newsroom.readers.newsml_g2.planning import planning_item
from keshen.newsroom.readers.xmltree import Element, each, local, parse, without_namespaces

ITEMS: Mapping[str, Callable[[Element], Incoming]] = {
    "newsItem": news_item,
    "packageItem": package_item,
    "planningItem": planning_item,
    "conceptItem": concept_item,
    "knowledgeItem": knowledge_item,
    "catalogItem": catalog_item,
    "event": listed_event,
}
_EVENTS = "./contentSet/inlineXML/events/event"
"""A news item may be a list of events; each is an item then."""
ROOTS = frozenset({"newsMessage", *ITEMS}) - {"event"}


def read(data: bytes) -> list[Incoming | Unreadable]:
    """Every item of a news message, or the item that is the document. Raises Unreadable."""
    tree = parse(data)
    root = without_namespaces(tree.root)
    items = [root] if local(root) in ITEMS else root.findall("./itemSet/*")
    found = [element for item in items for element in item.findall(_EVENTS) or [item]]
    if not found:
        raise Unreadable(
            phrase("The message has no items."), phrase("Send at least one NewsML-G2 item in its itemSet.")
        )
    return each(tree, found, _item, "NewsML-G2 item")


def _item(element: Element) -> Incoming:
    reader = ITEMS.get(local(element))
    if reader is None:
        known = ", ".join(sorted(ROOTS - {"newsMessage"}))
        raise Unreadable(
            phrase("A %(name)s is no item that is read here.", name=local(element)),
            phrase("Send one of: %(known)s.", known=known),
        )
    return reader(element)
