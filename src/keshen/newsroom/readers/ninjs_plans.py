"""Events and planned coverage in ninjs, which has both since 3.1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from keshen.newsroom.readers.incoming import Coverage, Occasion
from keshen.newsroom.readers.moments import stated
from keshen.newsroom.readers.ninjs_about import entries
from keshen.newsroom.readers.ninjs_parts import line, small

_ADDRESS = ("area", "locality", "postalcode", "country")
"""The parts of an address after its lines, in the order in which people write them."""


def _first(dates: Mapping[str, Any], *names: str) -> str:
    return next((found for name in names if (found := stated(dates.get(name)))), "")


def _code(value: object) -> str:
    return line(value).rstrip("/").rpartition("/")[2]


def occasion_of(item: Mapping[str, Any]) -> Occasion | None:
    """When and where the event is that an item describes; None when it describes none."""
    details = small(item.get("eventdetails"))
    if not details:
        return None
    dates, organiser = small(details.get("dates")), small(details.get("organiser"))
    return Occasion(
        starts=_first(dates, "startdate", "expectedstartdate", "estimatedstartdate"),
        ends=_first(dates, "enddate", "expectedenddate", "estimatedenddate"),
        place="; ".join(_places(item)),
        recurrence=_recurrence(small(dates.get("recurrence"))),
        status=_code(details.get("eventstatus")),
        organiser=line(organiser.get("name")),
        contact="; ".join(dict.fromkeys(_contacts(organiser, *entries(item, "places", "place")))),
    )


def _places(item: Mapping[str, Any]) -> Iterator[str]:
    """Each place with its address: what stands in it from the narrow to the wide."""
    listed = [line(item.get("located")), *(", ".join(_place(entry)) for entry in entries(item, "places", "place"))]
    yield from dict.fromkeys(filter(None, listed))


def _place(entry: Mapping[str, Any]) -> Iterator[str]:
    parts = [line(entry.get("name")) or line(entry.get("literal"))]
    for contact in _listed(entry.get("contactinfo")):
        address = small(contact.get("address"))
        lines = address.get("lines")
        parts += [line(each) for each in lines] if isinstance(lines, list) else []
        parts += [_named(address.get(part)) for part in _ADDRESS]
    yield from dict.fromkeys(filter(None, parts))


def _contacts(*parties: Mapping[str, Any]) -> Iterator[str]:
    """Numbers and addresses on the network by which a party can be reached, each as it is."""
    for party in parties:
        for contact in _listed(party.get("contactinfo")):
            if value := line(contact.get("value")):
                yield value


def _listed(value: object) -> list[Mapping[str, Any]]:
    return [small(each) for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _named(value: object) -> str:
    return line(small(value).get("name")) if isinstance(value, dict) else line(value)


def _recurrence(said: Mapping[str, Any]) -> str:
    rules = said.get("recurrencerules")
    if isinstance(rules, list) and rules and isinstance(rules[0], dict):
        names = {"frequency": "FREQ"}
        return ";".join(f"{names.get(key, key.upper())}={line(value)}" for key, value in rules[0].items())
    dates = said.get("recurrencedates")
    return ",".join(filter(None, map(stated, dates))) if isinstance(dates, list) else ""


def coverages_of(item: Mapping[str, Any]) -> Iterator[Coverage]:
    """What the sender plans to deliver on it."""
    listed = item.get("plannedcoverage")
    for entry in listed if isinstance(listed, list) else ():
        plan = small(entry)
        dates = small(plan.get("dates"))
        yield Coverage(
            kind=line(plan.get("type")),
            headline=line(plan.get("title")),
            due=_first(dates, "startdate", "expectedstartdate", "estimatedstartdate"),
            assigned=line(small(plan.get("commissioned")).get("by")),
            language=line(plan.get("language")),
            note=line(plan.get("ednote")),
            delivered=tuple(filter(None, (line(plan.get("uri")),))),
        )
