"""NewsML-G2 2.35 (IPTC): news, package and planning items in news messages.

Every message is valid against the schema `NewsML-G2_2.35-spec-All-Power.xsd`. The catalog is written into the message,
so that a reader resolves every code without fetching anything.
"""

from keshen.wire.formats.markup import XHTML
from keshen.wire.formats.newsml.elements import CATALOG, NAR
from keshen.wire.formats.newsml.message import MEDIA_TYPE, render, render_feed
from keshen.wire.formats.newsml.planning import render_plans

__all__ = ["CATALOG", "MEDIA_TYPE", "NAR", "XHTML", "render", "render_feed", "render_plans"]
