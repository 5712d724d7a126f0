"""The forms the wire can write, by name: what a subscriber may ask for and what a feed's address may end in.

A new form is one module beside this one and one line in `FORMATS`: models, addresses, screens and pump read this table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from keshen.house.phrases import phrase
from keshen.wire.formats import atom, jsonfeed, mail, newsml, ninjs, ninjs2, nitf, rss, text
from keshen.wire.formats.alphabets import encode
from keshen.wire.formats.feed import Feed
from keshen.wire.formats.item import WireItem


def clock() -> datetime:
    """The moment by which embargoes are told from what is past."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Format:
    """How to write one item (for a push) and a feed of them. `suffix` ends the feed's address.

    `carries_canceled` says whether a canceled item is written as such; where it is not, it is left out.
    `feed_media_type` is for forms whose feed is of another type than an item; empty when it is the same.
    `recoded` says that a client may have it in another character encoding than UTF-8.
    `carries_embargo` says whether it can say that an item may not be published yet; where it cannot, such an item is
    left out of feeds and not sent ahead.
    `label` is a standard's name with its version, or English words to be translated where they are shown.
    `announced` forms are on every story's receipts; the others are there for who asks for them.
    """

    name: str
    label: str
    suffix: str
    media_type: str
    render: Callable[[WireItem], bytes]
    render_feed: Callable[[Feed, Sequence[WireItem]], bytes]
    carries_canceled: bool = True
    feed_media_type: str = ""
    recoded: bool = False
    announced: bool = False
    carries_embargo: bool = True

    def write(self, item: WireItem, encoding: str = "") -> bytes:
        """The item for a client who wants `encoding` (a name of `alphabets.ENCODINGS`; empty: UTF-8)."""
        written = self.render(item)
        return encode(written.decode(), encoding) if self.recoded and encoding else written

    def write_feed(self, feed: Feed, items: Sequence[WireItem], encoding: str = "") -> bytes:
        """A feed of the items, in `encoding` as `write` does."""
        now = clock()
        shown = items if self.carries_embargo else [item for item in items if not item.is_embargoed(now)]
        written = self.render_feed(feed, shown)
        return encode(written.decode(), encoding) if self.recoded and encoding else written

    def content_type(self, encoding: str = "") -> str:
        """The media type with its character encoding, for the header of a push."""
        return f"{self.media_type}; charset={encoding}" if self.recoded and encoding else self.media_type


FORMATS: Mapping[str, Format] = {
    entry.name: entry
    for entry in (
        Format("ninjs", "ninjs 3.1", "json", ninjs.MEDIA_TYPE, ninjs.render, ninjs.render_feed, announced=True),
        Format("newsml", "NewsML-G2 2.35", "xml", newsml.MEDIA_TYPE, newsml.render, newsml.render_feed, announced=True),
        Format(
            "rss",
            "RSS 2.0",
            "rss",
            rss.MEDIA_TYPE,
            rss.render,
            rss.render_feed,
            False,
            announced=True,
            carries_embargo=False,
        ),
        Format("ninjs2", "ninjs 2.2", "ninjs2.json", ninjs2.MEDIA_TYPE, ninjs2.render, ninjs2.render_feed),
        Format(
            "nitf",
            "NITF 3.6",
            "nitf",
            nitf.MEDIA_TYPE,
            nitf.render,
            nitf.render_feed,
            feed_media_type=nitf.FEED_MEDIA_TYPE,
        ),
        Format("atom", "Atom 1.0", "atom", atom.MEDIA_TYPE, atom.render, atom.render_feed, carries_embargo=False),
        Format(
            "jsonfeed",
            "JSON Feed 1.1",
            "feed.json",
            jsonfeed.MEDIA_TYPE,
            jsonfeed.render,
            jsonfeed.render_feed,
            carries_embargo=False,
        ),
        Format("text", phrase("Plain text").words, "txt", text.MEDIA_TYPE, text.render, text.render_feed, recoded=True),
        Format("mail", phrase("HTML mail").words, "eml", mail.MEDIA_TYPE, mail.render, mail.render_feed),
    )
}
BY_SUFFIX: Mapping[str, Format] = {entry.suffix: entry for entry in FORMATS.values()}


def choices() -> list[tuple[str, str]]:
    """Names and labels for a picker."""
    return [(entry.name, entry.label) for entry in FORMATS.values()]
