"""The forms the wire can write, by name: what a subscriber may ask for and what a feed's address may end in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from keshen.wire.formats import newsml, ninjs, rss
from keshen.wire.formats.feed import Feed
from keshen.wire.formats.item import WireItem


@dataclass(frozen=True, slots=True)
class Format:
    """How to write one item (for a push) and a feed of them. `suffix` ends the feed's address.

    `carries_canceled` says whether a canceled item is written as such; where it is not, it is left out.
    """

    name: str
    label: str
    suffix: str
    media_type: str
    render: Callable[[WireItem], bytes]
    render_feed: Callable[[Feed, Sequence[WireItem]], bytes]
    carries_canceled: bool = True


FORMATS: Mapping[str, Format] = {
    entry.name: entry
    for entry in (
        Format("ninjs", "ninjs 3.1", "json", ninjs.MEDIA_TYPE, ninjs.render, ninjs.render_feed),
        Format("newsml", "NewsML-G2 2.35", "xml", newsml.MEDIA_TYPE, newsml.render, newsml.render_feed),
        Format("rss", "RSS 2.0", "rss", rss.MEDIA_TYPE, rss.render, rss.render_feed, carries_canceled=False),
    )
}
BY_SUFFIX: Mapping[str, Format] = {entry.suffix: entry for entry in FORMATS.values()}
