"""A feed that names a hub (WebSub, W3C Recommendation 2018, section 4): fetched as any feed, and its hub noted.

The hub sends what is new; looking goes on, seldom, so that nothing is missed while a hub sleeps.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import urljoin

import httpx

from keshen.newsroom.readers.incoming import Unreadable
from keshen.newsroom.readers.xmltree import local, parse
from keshen.wire.intake.channels import http
from keshen.wire.intake.channels.base import Look, Spec

HEAD_BYTES = 64 * 1024
"""How far into a feed its hub is looked for."""
HEADS = frozenset({"feed", "channel", "RDF", "rss"})


def look(spec: Spec) -> Look:
    """Fetch the feed unless it is as it was; the cursor has what it names, `hub` and `topic`. Raises Later or Over."""
    got, seen = http.looked(spec)
    links = _of_header(got.headers) or _of_body(got.data)
    if got.status == 304 and "hub" not in links:
        links = {rel: str(spec.cursor.get(name, "")) for rel, name in (("hub", "hub"), ("self", "topic"))}
    hub = urljoin(spec.address, links["hub"]) if links.get("hub") else ""
    topic = urljoin(spec.address, links.get("self") or spec.address)
    return replace(seen, cursor={**seen.cursor, "hub": hub, "topic": topic})


def _of_header(headers: httpx.Headers) -> dict[str, str]:
    """The first hub and the feed's own name, as Link headers (RFC 8288) give them."""
    return _first(
        (rel, link["url"])
        for link in httpx.Response(200, headers={"Link": headers.get("link", "")}).links.values()
        for rel in link.get("rel", "").split()
    )


def _of_body(data: bytes) -> dict[str, str]:
    """The same as the head of the feed gives them: link elements, or `hubs` of a JSON Feed."""
    if data.lstrip()[:1] == b"{":
        try:
            return _first(_of_json(json.loads(data)))
        except (ValueError, RecursionError):
            return {}
    try:
        root = parse(data[:HEAD_BYTES]).root
    except Unreadable:
        return {}
    heads = [element for element in (root, *root) if isinstance(element.tag, str) and local(element) in HEADS]
    return _first(
        (rel, link.get("href", ""))
        for head in heads
        for link in head
        if isinstance(link.tag, str) and local(link) == "link"
        for rel in link.get("rel", "").split()
    )


def _of_json(feed: object) -> Iterator[tuple[str, str]]:
    if not isinstance(feed, Mapping):
        return
    if isinstance(feed.get("feed_url"), str):
        yield "self", feed["feed_url"]
    hubs = feed.get("hubs")
    for hub in hubs if isinstance(hubs, list) else []:
        if (
            isinstance(hub, Mapping)
            and str(hub.get("type", "")).lower() == "websub"
            and isinstance(hub.get("url"), str)
        ):
            yield "hub", hub["url"]


def _first(links: Iterator[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for rel, address in links:
        if rel in ("hub", "self") and address:
            found.setdefault(rel, address)
    return found
