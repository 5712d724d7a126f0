"""Planning items: when which text is to come, in which language, on what, and with how many pictures."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from keshen.newsroom import mediatopics
from keshen.wire.formats.feed import Feed
from keshen.wire.formats.markup import XML
from keshen.wire.formats.newsml.elements import add, catalog, serialise, time
from keshen.wire.formats.newsml.message import head
from keshen.wire.formats.newsml.news import add_provider_name
from keshen.wire.formats.plan import Plan

NEWS_ITEM = "application/vnd.iptc.g2.newsitem+xml"


def render_plans(feed: Feed, plans: Sequence[Plan]) -> bytes:
    """A message with the plans in the order given. The schema wants an item: there must be at least one.

    Raises ValueError without any.
    """
    if not plans:
        raise ValueError("a news message holds at least one item")
    root, holds = head(feed.updated, feed.provider, 0, 0)
    for plan in plans:
        _planning_item(holds, plan)
    return serialise(root)


def _planning_item(parent: etree._Element, plan: Plan) -> None:
    node = add(
        parent,
        "planningItem",
        standard="NewsML-G2",
        standardversion="2.35",
        conformance="power",
        guid=plan.urn,
        version=str(plan.version),
        **{f"{{{XML}}}lang": plan.language},
    )
    catalog(node)
    meta = add(node, "itemMeta")
    add(meta, "itemClass", qcode="plinat:newscoverage")
    add_provider_name(meta, plan.provider)
    add(meta, "versionCreated", time(plan.changed))
    add(meta, "firstCreated", time(plan.created))
    add(meta, "pubStatus", qcode="stat:usable")
    if plan.slugline:
        add(meta, "title", plan.slugline)
    content = add(node, "contentMeta")
    add(content, "urgency", str(min(9, max(1, plan.urgency))))
    if plan.slugline:
        add(content, "slugline", plan.slugline)
    for code in plan.topics:
        add(add(content, "subject", qcode=f"medtop:{code}"), "name", mediatopics.label(code, plan.language))
    coverage = add(add(node, "newsCoverageSet"), "newsCoverage", id="text")
    _planning(coverage, plan, "ninat:text", 1)
    if plan.pictures:
        _planning(coverage, plan, "ninat:picture", plan.pictures)


def _planning(coverage: etree._Element, plan: Plan, nature: str, number: int) -> None:
    node = add(coverage, "planning")
    add(node, "g2contentType", NEWS_ITEM)
    add(node, "itemClass", qcode=nature)
    add(node, "itemCount", rangefrom=str(number), rangeto=str(number))
    add(node, "scheduled", time(plan.scheduled))
    add(node, "language", tag=plan.language)
