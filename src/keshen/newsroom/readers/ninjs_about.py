"""What a ninjs item is about: subjects, people, organisations, places, and names it gives to things."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from keshen.newsroom.readers.incoming import Concept, Link, Subject
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

_ADDRESS = ("area", "locality", "postalcode", "country")
"""The parts of an address after its lines, in the order in which people write them."""


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


def concepts_of(item: Item) -> Iterator[Concept]:
    """What is told of people, organisations and places beside their names: where they are, how to reach them, shares.

    Where an event is belongs to the event.
    """
    for properties, nature in _NATURES.items():
        if nature in ("person", "organisation", "geoArea") and not (nature == "geoArea" and item.get("eventdetails")):
            for entry in entries(item, *properties):
                told = {"position": position(entry), "address": address(entry), "contact": "; ".join(contacts(entry))}
                details = {name: said for name, said in told.items() if said}
                shares = tuple(Link("hasInstrument", symbol) for symbol in _symbols(entry))
                name, code = line(entry.get("name")), next(_codes(entry), "")
                if (details or shares) and (name or code):
                    names = {line(item.get("language")): name} if name else {}
                    yield Concept(code or name, nature, names, details=details, relations=shares)


def position(entry: Item) -> str:
    """Latitude and longitude in degrees of a GeoJSON point (RFC 7946, 3.1.2), which has the longitude first."""
    for key, value in entry.items():
        shape = small(value) if key == "geojson" or key.startswith("geometry") else {}
        pair = shape.get("coordinates") if shape.get("type") == "Point" else None
        if isinstance(pair, list) and len(pair) > 1 and all(isinstance(each, int | float) for each in pair):
            longitude, latitude = float(pair[0]), float(pair[1])
            if abs(latitude) <= 90 and abs(longitude) <= 180:
                return f"{latitude}, {longitude}"
    return ""


def address(entry: Item) -> str:
    """Its address in one line, from the narrow to the wide."""
    parts: list[str] = []
    for contact in _contact_info(entry):
        found = small(contact.get("address"))
        lines = found.get("lines")
        parts += [line(each) for each in lines] if isinstance(lines, list) else []
        parts += [_named(found.get(part)) for part in _ADDRESS]
    return ", ".join(dict.fromkeys(filter(None, parts)))


def contacts(entry: Item) -> Iterator[str]:
    """Numbers and addresses on the network by which it can be reached, each as it is."""
    yield from dict.fromkeys(value for each in _contact_info(entry) if (value := line(each.get("value"))))


def _contact_info(entry: Item) -> list[Item]:
    listed = entry.get("contactinfo")
    return [small(each) for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _symbols(entry: Item) -> Iterator[str]:
    """Shares by their symbols, each after its market."""
    listed = entry.get("symbols")
    for each in listed if isinstance(listed, list) else ():
        share = small(each)
        if symbol := line(share.get("symbol")) or line(share.get("ticker")):
            yield ":".join(filter(None, (line(share.get("exchange")), symbol)))


def _named(value: object) -> str:
    return line(small(value).get("name")) if isinstance(value, dict) else line(value)


def _codes(entry: Item) -> Iterator[str]:
    scheme, code = line(entry.get("scheme")), line(entry.get("code"))
    joined = f"{scheme.rstrip('/')}/{code}" if "://" in scheme else code
    yield from (value for value in (line(entry.get("uri")), joined, line(entry.get("literal"))) if value)
