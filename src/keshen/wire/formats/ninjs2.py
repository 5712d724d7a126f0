"""ninjs 2.2 (IPTC news in JSON), for clients whose software reads names in small letters: ninjs 3 with other names.

Every document written here is valid against `ninjs-schema_2.2.json`. An association of ninjs 2 has no `rel`: its `name`
says what it is to the item (`picture-1`, `translatedAs-1`), and its own title or headline what it is called.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from keshen.wire.formats import ninjs
from keshen.wire.formats.feed import Feed
from keshen.wire.formats.item import WireItem

MEDIA_TYPE = ninjs.MEDIA_TYPE
STANDARD = {
    "name": "ninjs",
    "version": "2.2",
    "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_2.2.json#",
}
RENAMED: Mapping[str, str] = {"embargoedUntil": "embargoed"}
"""Names that are not merely in small letters."""


def document(item: WireItem) -> dict[str, Any]:
    """The item as a ninjs 2 object."""
    return {**_converted(ninjs.document(item)), "standard": STANDARD}


def render(item: WireItem) -> bytes:
    """The item as UTF-8 JSON."""
    return ninjs.encode(document(item))


def render_feed(feed: Feed, items: Sequence[WireItem]) -> bytes:
    """The feed as one object of type `composite`, its items in `associations` in the order given."""
    return ninjs.encode({**_converted(ninjs.feed_document(feed, items)), "standard": STANDARD})


def _converted(whole: Mapping[str, Any]) -> dict[str, Any]:
    """A ninjs 3 object with the names of ninjs 2."""
    made: dict[str, Any] = {}
    for name, value in whole.items():
        if name == "associations":
            made[name] = _associations(value)
        else:
            made[RENAMED.get(name, name.lower())] = _small(value)
    return made


def _associations(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    count: Counter[str] = Counter()
    made = []
    for row in rows:
        relation, name = row["rel"], row["name"]
        count[relation] += 1
        one = _converted({key: value for key, value in row.items() if key != "rel"})
        if name != row["uri"] and not one.get("headlines"):
            one.setdefault("title", name)
        made.append({**one, "name": f"{relation}-{count[relation]}"})
    return made


def _small(value: Any) -> Any:
    """The value with the names inside it in small letters."""
    if isinstance(value, dict):
        return {name.lower(): _small(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_small(inner) for inner in value]
    return value
