"""The rights of an item in NewsML-G2: who holds them, in words, and as a RightsML policy where words became terms."""

from __future__ import annotations

from lxml import etree

from keshen.wire.formats import rightsml
from keshen.wire.formats.item import WireItem
from keshen.wire.formats.newsml.elements import add


def rights_info(node: etree._Element, item: WireItem) -> None:
    """`rightsInfo`, where there is anything to say."""
    policy = "" if item.canceled else rightsml.json_ld(item)
    if not (item.copyright_holder or item.copyright_notice or item.usage_terms or policy):
        return
    rights = add(node, "rightsInfo")
    if item.copyright_holder:
        add(add(rights, "copyrightHolder"), "name", item.copyright_holder)
    for name, text in (("copyrightNotice", item.copyright_notice), ("usageTerms", item.usage_terms)):
        if text:
            add(rights, name, text)
    if policy:
        data = add(rights, "rightsExpressionData", langid=rightsml.LANGUAGE, enctype=rightsml.MEDIA_TYPE)
        data.text = policy
