"""Planning items: what a sender means to deliver on something, and when."""

from __future__ import annotations

from collections.abc import Iterator

from keshen.newsroom.readers.incoming import Coverage, Incoming, Kind
from keshen.newsroom.readers.moments import stated
from keshen.newsroom.readers.newsml_g2.parts import Codes, codes_of, links, metadata
from keshen.newsroom.readers.xmltree import Element, line

_NAMES = ("residref", "guidref", "href")
"""What names a delivered item."""


def planning_item(item: Element) -> Incoming:
    """A planning item with its coverages."""
    codes = codes_of(item)
    fields = metadata(item, codes)
    coverages = tuple(coverages_of(item, codes))
    fields["headline"] = fields["headline"] or next((each.headline for each in coverages if each.headline), "")
    return Incoming(**fields, format="newsml-g2", kind=Kind.PLANNING, coverages=coverages, links=links(item, codes))


def coverages_of(parent: Element, codes: Codes) -> Iterator[Coverage]:
    """Each planned delivery of each coverage; a coverage that plans nothing yet stands by itself."""
    for element in (*parent.iterfind("./newsCoverageSet/newsCoverage"), *parent.iterfind("./newsCoverage")):
        plans = element.findall("./planning") or [element]
        delivered = tuple(
            target
            for reference in element.iterfind("./delivery/deliveredItemRef")
            if (target := next(filter(None, map(reference.get, _NAMES)), None) or line(reference, "./title"))
        )
        for plan in plans:
            language, assigned = plan.find("./language"), plan.find("./assignedTo")
            yield Coverage(
                kind=codes.code(plan.find("./itemClass")) or line(plan, "./g2contentType").partition("/")[0],
                headline=line(plan, "./headline") or line(plan, "./slugline"),
                due=stated(line(plan, "./scheduled")),
                assigned=codes.named(assigned),
                covers_from=stated(assigned.get("coversfrom")) if assigned is not None else "",
                covers_until=stated(assigned.get("coversto")) if assigned is not None else "",
                language=(language.get("tag") or "") if language is not None else "",
                note=line(plan, "./edNote") or line(plan, "./description"),
                delivered=delivered,
            )
