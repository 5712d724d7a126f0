"""NewsML-G2, and EventsML-G2 with it: news, package, planning, concept and knowledge items, alone or in a message."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from keshen.house.phrases import phrase
from keshen.newsroom.readers.incoming import Incoming, Unreadable
from keshen.newsroom.readers.newsml_g2.concepts import (
    EventList,
    catalog_item,
    concept_item,
    is_event,
    knowledge_item,
    listed_event,
)
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
}
_EVENTS = ("./contentSet/inlineXML/events/event", "./conceptSet/concept")
"""A news item may be a list of events, and a knowledge item hold some; each is an item then."""
PIECES = frozenset(
    {"itemMeta", "contentMeta", "contentSet", "rightsInfo", "groupSet", "newsCoverageSet", "conceptSet", "itemSet"}
)
"""What an item consists of; alone it has no name, no version and no date."""
ROOTS = frozenset({"newsMessage", *ITEMS, *PIECES})


def read(data: bytes) -> list[Incoming | Unreadable]:
    """Every item of a news message, or the item that is the document. Raises Unreadable."""
    tree = parse(data)
    root = without_namespaces(tree.root)
    if local(root) in PIECES:
        raise Unreadable(
            phrase("This is a piece of a NewsML-G2 item (%(name)s), not an item.", name=local(root)),
            phrase("Send the whole item it stands in."),
        )
    items = [root] if local(root) in ITEMS else root.findall("./itemSet/*")
    reading = _Reading()
    found = [element for item in items for element in reading.parts(item, tree.cut)]
    if not found:
        raise Unreadable(
            phrase("The message has no items."), phrase("Send at least one NewsML-G2 item in its itemSet.")
        )
    return each(tree, found, reading.item, "NewsML-G2 item")


class _Reading:
    """One document while it is read: which elements are events, and of which list."""

    def __init__(self) -> None:
        self._around: dict[Element, Element] = {}
        self._lists: dict[Element, EventList] = {}

    def parts(self, item: Element, cut: bool) -> list[Element]:
        """The item, or the events it lists; with events, a knowledge item stays for the other concepts that it has.

        One that ends in the middle is left whole, to be refused as such.
        """
        events = [found for path in _EVENTS for found in item.iterfind(path) if is_event(found)]
        if not events or (cut and local(item) == "knowledgeItem"):
            return [item]
        self._around |= dict.fromkeys(events, item)
        others = item.findall("./conceptSet/concept")
        return [item, *events] if len(others) > len(events) else events

    def item(self, element: Element) -> Incoming:
        """What is understood of an item, or of an event in a list. Raises Unreadable."""
        if (around := self._around.get(element)) is not None:
            if around not in self._lists:
                self._lists[around] = EventList.of(around)
            return listed_event(element, self._lists[around])
        reader = ITEMS.get(local(element))
        if reader is None:
            known = ", ".join(sorted(ROOTS - PIECES - {"newsMessage"}))
            raise Unreadable(
                phrase("A %(name)s is no item that is read here.", name=local(element)),
                phrase("Send one of: %(known)s.", known=known),
            )
        return reader(element)
