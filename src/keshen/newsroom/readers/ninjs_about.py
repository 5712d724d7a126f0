"""What a ninjs item is about: subjects, people, organisations, places, and names it gives to things."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from keshen.newsroom.readers.incoming import Subject
from keshen.newsroom.readers.ninjs_parts import Item, line, small
from keshen.newsroom.readers.subjects import topic

_NATURES: Mapping[tuple[str, str], str] = {
    ("subjects", "subject"): "",
    ("people", "person"): "person",
    ("organisations", "organisation"): "organisation",
    ("places", "place"): "geoArea",
    ("events", "event"): "event",
    ("objects", "object"): "object",
}
"""The properties, plural and singular, by the nature of what stands in them (`cpnature`); subjects have any."""


def entries(item: Item, *names: str) -> Iterator[Item]:
    """The objects of a property under any of its names; a list may also hold bare strings."""
    for name in names:
        value = item.get(name) or []
        for entry in value if isinstance(value, list) else [value]:
            yield small(entry) if isinstance(entry, dict) else {"name": line(entry)}


def names_of(item: Item, *names: str) -> Iterator[str]:
    """What people call each of them: its name, else its code, else the end of its address."""
    for entry in entries(item, *names):
        last = line(entry.get("uri")).rstrip("/").rpartition("/")[2]
        if name := line(entry.get("name")) or line(entry.get("literal")) or line(entry.get("code")) or last:
            yield name


def codes_of(item: Item, *names: str) -> Iterator[str]:
    """Every code and address of each of them."""
    for entry in entries(item, *names):
        yield from _codes(entry)


def about_of(item: Item) -> Iterator[Subject]:
    """All that are no media topics. Keywords are read as such, and places without a code only as places."""
    for properties, nature in _NATURES.items():
        for entry in entries(item, *properties):
            codes = list(_codes(entry))
            name = line(entry.get("name")) or line(entry.get("literal"))
            if any(map(topic, codes)) or entry.get("rel") == "keyword" or (nature == "geoArea" and not codes):
                continue
            if name or codes:
                yield Subject(name, next(iter(codes), ""), nature)


def _codes(entry: Item) -> Iterator[str]:
    scheme, code = line(entry.get("scheme")), line(entry.get("code"))
    joined = f"{scheme.rstrip('/')}/{code}" if "://" in scheme else code
    yield from (value for value in (line(entry.get("uri")), joined, line(entry.get("literal"))) if value)
