"""How fast each format is read, against newsmlg2 and feedparser reading the same bytes for the same fields.

Ours is everything that is done with what comes in: recognising, decoding, sanitising the body, topics, restrictions as
terms, and telling the language from the words. Rates are items by processor second.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import feedparser
from NewsMLG2 import NewsMLG2Document

from bench._air import SECONDS, tell
from keshen.newsroom.readers import Incoming, read

DOCUMENTS = Path(__file__).resolve().parent.parent / "tests" / "wire" / "documents"
ITEMS = 50
ALONE = {
    "ninjs": "ninjs/3.1-text.json",
    "NITF": "nitf/3.6-full.xml",
    "NewsML 1": "newsml-1/text-nitf.xml",
    "IPTC 7901": "iptc7901/english.iptc",
    "ANPA 1312": "anpa1312/story.anpa",
    "iCalendar": "icalendar/events.ics",
    "WXR": "wxr/blog.xml",
    "HTML": "html/article.html",
    "plain text": "text/embargo-kk.txt",
}
PARAGRAPH = "Botanists have mapped the last wild orchards above the city, and all apples of the world come from here. "


def rate(work: Callable[[], int]) -> float:
    """Items by processor second."""
    items, began, until = 0, time.process_time(), time.monotonic() + min(SECONDS, 4) * 3
    while time.process_time() - began < min(SECONDS, 4) and time.monotonic() < until:
        items += work()
    return items / (time.process_time() - began)


def ours(data: bytes, name: str) -> Callable[[], int]:
    """Reads the bytes as the house does."""

    def work() -> int:
        return sum(isinstance(item, Incoming) for item in read(data, name))

    if not work():
        raise SystemExit(f"{name} was not read")
    return work


def rss() -> bytes:
    items = "".join(
        f"""<item><title>Story number {n}</title><link>https://x.example/{n}</link><guid isPermaLink="false">g{n}</guid>
        <pubDate>Mon, 23 Nov 2026 09:00:00 +0500</pubDate><category>apples</category><author>a@x.example (A)</author>
        <description>&lt;p&gt;Botanists map orchards.&lt;/p&gt;</description>
        <content:encoded><![CDATA[{f"<p>{PARAGRAPH}</p>" * 8}]]></content:encoded></item>"""
        for n in range(ITEMS)
    )
    return f"""<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>T</title>
    <language>en</language>{items}</channel></rss>""".encode()


def atom() -> bytes:
    entries = "".join(
        f"""<entry><id>tag:x.example,2026:{n}</id><title>Story number {n}</title><updated>2026-11-23T09:00:00Z</updated>
        <link rel="alternate" href="https://x.example/{n}"/><author><name>A</name></author><category term="apples"/>
        <content type="html">{f"&lt;p&gt;{PARAGRAPH}&lt;/p&gt;" * 8}</content></entry>"""
        for n in range(ITEMS)
    )
    return f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>T</title><id>urn:t</id>
    <updated>2026-11-23T09:00:00Z</updated>{entries}</feed>""".encode()


def json_feed() -> bytes:
    items = [
        {"id": f"g{n}", "title": f"Story {n}", "content_html": f"<p>{PARAGRAPH}</p>" * 8, "tags": ["apples"]}
        for n in range(ITEMS)
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": items}).encode()


def by_feedparser(data: bytes) -> int:
    """The fields that ours fills from a feed."""
    feed = feedparser.parse(data)
    for entry in feed.entries:
        _ = (entry.id, entry.title, entry.link, entry.updated_parsed if "updated_parsed" in entry else None)
        _ = (entry.get("content"), entry.get("summary"), entry.get("author"), entry.get("tags"))
    return len(feed.entries)


def by_newsmlg2(data: bytes) -> int:
    """The fields that ours fills from a news item."""
    item: Any = NewsMLG2Document(data).get_item()
    about, content = item.itemmeta, item.contentmeta
    _ = (item.guid, item.version, str(about.versioncreated), str(about.pubstatus), str(about.provider))
    _ = (str(content.headline[0]), [str(subject) for subject in content.subject], str(content.urgency))
    _ = [str(inline) for inline in item.contentset.inlinexml]
    return 1


def compared(name: str, mine: float, against: str, theirs: float) -> None:
    ratio = round(mine / theirs, 2)
    # a neighbour moves a ratio by a tenth or two
    more = {"against": against, "reference": round(theirs, 1), "ratio": ratio, "aim": ">= 0.8"}
    tell(f"{name} items read by processor second", mine, "1/s", **more)


def main() -> None:
    document = DOCUMENTS / "newsml-g2" / "text-xhtml.xml"
    data = document.read_bytes()
    mine, theirs = rate(ours(data, document.name)), rate(lambda: by_newsmlg2(data))
    compared("NewsML-G2", mine, "newsmlg2, the same item", theirs)
    for name, data in (("RSS", rss()), ("Atom", atom())):
        mine, theirs = rate(ours(data, "feed.xml")), rate(lambda data=data: by_feedparser(data))  # type: ignore[misc]
        compared(name, mine, "feedparser, the same feed", theirs)
    tell("JSON Feed items read by processor second", rate(ours(json_feed(), "feed.json")), "1/s")
    for name, path in ALONE.items():
        data = (DOCUMENTS / path).read_bytes()
        tell(f"{name} items read by processor second", rate(ours(data, path)), "1/s")


if __name__ == "__main__":
    main()
