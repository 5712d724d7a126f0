"""News messages: one item for a push, or a feed of them, with the pictures and packages that belong to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from lxml import etree

from keshen.wire.formats.feed import Feed
from keshen.wire.formats.item import PubStatus, WireItem
from keshen.wire.formats.newsml.elements import NAR, add, catalog, serialise, time
from keshen.wire.formats.newsml.news import Content, html_body, picture_item, text_item
from keshen.wire.formats.newsml.package import package_item

MEDIA_TYPE = "application/vnd.iptc.g2.newsmessage+xml"


def render(item: WireItem, content: Content = html_body) -> bytes:
    """A message with the item, sent at the time of its version, so that equal items give equal bytes."""
    priority = min(9, max(1, item.urgency))
    return serialise(_message(item.version_created, item.provider, item.sequence, priority, [item], content))


def render_feed(feed: Feed, items: Sequence[WireItem], content: Content = html_body) -> bytes:
    """A message with the items in the order given.

    The schema wants at least one item in a message: an empty feed holds one withheld item that says so.
    """
    return serialise(_message(feed.updated, feed.provider, feed.sequence, 0, items or [_nothing(feed)], content))


def head(sent: datetime, provider: str, sequence: int, priority: int) -> tuple[etree._Element, etree._Element]:
    """An empty message: its root, and the set that items go into."""
    root = etree.Element(f"{{{NAR}}}newsMessage", nsmap={None: NAR})
    header = add(root, "header")
    add(header, "sent", time(sent))
    catalog(header)
    add(header, "sender", provider)
    if sequence:
        add(header, "transmitId", str(sequence))
    if priority:
        add(header, "priority", str(priority))
    return root, add(root, "itemSet")


def _message(
    sent: datetime, provider: str, sequence: int, priority: int, items: Sequence[WireItem], content: Content
) -> etree._Element:
    root, holds = head(sent, provider, sequence, priority)
    pictures: set[str] = set()
    for item in items:
        text_item(holds, item, content)
        for picture in item.pictures if not item.is_notice else ():
            # a picture that goes with several texts is in the message once
            if picture.urn not in pictures:
                picture_item(holds, picture, item)
                pictures.add(picture.urn)
        if item.packages:
            package_item(holds, item)
    return root


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
