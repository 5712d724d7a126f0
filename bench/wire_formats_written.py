"""How fast each format is written: a story of eight paragraphs with links and a picture, as clients get it.

NewsML-G2 is compared with newsmlg2 writing the very same item, without the message around it. Rates are items by
processor second.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from lxml import etree
from NewsMLG2 import NewsMLG2Document

from bench._air import SECONDS, tell
from keshen.rights.terms import Terms
from keshen.wire.formats import newsml
from keshen.wire.formats.feed import Feed
from keshen.wire.formats.item import Link, Picture, Relation, Rendition, WireItem
from keshen.wire.formats.registry import FORMATS

NAME = "urn:newsml:agency.example:20261123"
AT = datetime(2026, 11, 23, 6, tzinfo=UTC)
PARAGRAPH = "Ботаниктер қаланың үстіндегі соңғы жабайы алма бақтарын картаға түсірді; әлемнің бүкіл алмасы осы жақтан. "
FILES = tuple(
    Rendition(f"w{width}", f"https://agency.example/picture/{width}", "image/webp", width, width * 9 // 16, width * 70)
    for width in (1600, 800, 320)
)
ITEMS = [
    WireItem(
        urn=f"{NAME}:text-{number}-kk",
        version=1,
        version_urn=f"{NAME}:version-{number}",
        story_urn=f"{NAME}:story-{number}",
        language="kk",
        headline=f"Жабайы алма бақтары картаға түсті {number}",
        created=AT,
        version_created=AT,
        slugline="apples",
        standfirst=PARAGRAPH,
        paragraphs=(PARAGRAPH * 3,) * 8,
        body_html=f'<p>{PARAGRAPH}<a href="https://agency.example/?a=1&amp;b=2">{PARAGRAPH}</a><strong>{PARAGRAPH}</strong></p>'
        * 8,
        byline="Ғылым бөлімі",
        dateline="АЛМАТЫ",
        topics=("06000000", "20000441"),
        keywords=("алма", "бақ"),
        provider="Kazinform",
        copyright_holder="Keshen",
        copyright_notice="© Keshen 2026",
        usage_terms="No Use in Japan",
        web_address="https://agency.example/kk/2026/11/apples-1",
        pictures=(Picture(f"{NAME}:asset-{number}", "Бақ", "Алма ағашы", "Keshen", renditions=FILES, created=AT),),
        links=(Link(Relation.TRANSLATED_AS, f"{NAME}:text-{number}-ru", "Дикие яблоневые сады", "ru"),),
        terms=(Terms("No Use in Japan", territories_denied=frozenset({"JP"})),),
        sequence=number,
    )
    for number in range(1, 51)
]
FEED = Feed("https://agency.example/wire/all.json", "Kazinform", "kk", AT, 50, "https://agency.example/", "Kazinform")


def rate(work: Callable[[WireItem], Any], items: int = 1) -> float:
    """Items by processor second."""
    seconds = min(SECONDS, 3)
    done, began, until = 0, time.process_time(), time.monotonic() + seconds * 4
    while time.process_time() - began < seconds and time.monotonic() < until:
        work(ITEMS[done % len(ITEMS)])
        done += items
    return done / (time.process_time() - began)


def main() -> None:
    for entry in FORMATS.values():
        tell(f"{entry.label} items written by processor second", rate(entry.render), "1/s")
    for encoding in ("windows-1251", "kz-1048"):
        mine = rate(lambda item, encoding=encoding: FORMATS["text"].write(item, encoding))
        tell(f"Plain text in {encoding} written by processor second", mine, "1/s")
    for name in ("ninjs", "newsml", "atom"):
        feed = FORMATS[name].render_feed
        mine = rate(lambda _item, feed=feed: feed(FEED, ITEMS), len(ITEMS))
        tell(f"{FORMATS[name].label} items written in a feed of {len(ITEMS)}", mine, "1/s")
    node = etree.fromstring(newsml.render(ITEMS[0])).find(f".//{{{newsml.NAR}}}newsItem")
    document = NewsMLG2Document(etree.tostring(node))
    item = document.get_item()
    theirs = rate(lambda _item: item.to_xml_string())
    mine = rate(newsml.render)
    more = {"against": "newsmlg2, the same item", "reference": theirs, "ratio": round(mine / theirs, 2), "aim": ">= 1"}
    tell("NewsML-G2 against newsmlg2, items written by processor second", mine, "1/s", **more)


if __name__ == "__main__":
    main()
