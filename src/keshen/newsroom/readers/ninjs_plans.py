"""Events and planned coverage in ninjs, which has both since 3.1 and 2.2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from keshen.newsroom.readers.incoming import Coverage, Occasion
from keshen.newsroom.readers.moments import after, stated
from keshen.newsroom.readers.ninjs_about import address, contacts, entries, position
from keshen.newsroom.readers.ninjs_parts import Item, line, small

_STARTS = ("startdate", "expectedstartdate", "estimatedstartdate")
_ENDS = ("enddate", "expectedenddate", "estimatedenddate")
_INTENTIONS: Mapping[str, str] = {
    "int": "coverage intended",
    "notdec": "coverage not decided yet",
    "notint": "coverage not intended",
    "onreq": "coverage on request",
}
"""What IPTC's codes of the status of coverage mean (`http://cv.iptc.org/newscodes/newscoveragestatus/`)."""


def occasion_of(item: Item) -> Occasion | None:
    """When and where the event is that an item describes; None when it describes none."""
    details = small(item.get("eventdetails"))
    if not details:
        return None
    dates, organiser = small(details.get("dates")), small(details.get("organiser"))
    places = list(entries(item, "places", "place"))
    starts = _first(dates, *_STARTS)
    return Occasion(
        starts=starts,
        ends=_first(dates, *_ENDS) or after(starts, line(dates.get("expectedduration"))),
        place="; ".join(_places(item, places)),
        position=next(filter(None, map(position, places)), ""),
        recurrence="; ".join(_recurrence(small(dates.get("recurrence")))),
        status=_code(details.get("eventstatus")),
        organiser=line(organiser.get("name")),
        contact="; ".join(dict.fromkeys(way for party in (organiser, *places) for way in contacts(party))),
    )


def coverages_of(item: Item) -> Iterator[Coverage]:
    """What the sender plans to deliver on it; where that is no list, what it intends."""
    listed = item.get("plannedcoverage")
    for entry in listed if isinstance(listed, list) else ():
        plan = small(entry)
        dates = small(plan.get("dates"))
        yield Coverage(
            kind=line(plan.get("type")),
            headline=line(plan.get("title")),
            due=_first(dates, *_STARTS),
            assigned=line(small(plan.get("commissioned")).get("by")),
            language=line(plan.get("language")),
            note="; ".join(filter(None, _notes(plan))),
            delivered=tuple(filter(None, (line(plan.get("uri")),))),
        )
    code = _code(small(item.get("eventdetails")).get("plannedcoveragestatus"))
    if code and not listed:
        yield Coverage(kind="", note=_INTENTIONS.get(code, code))


def _notes(plan: Item) -> Iterator[str]:
    """What is said of a planned delivery: whether it was called off, how many and how long, and the note itself."""
    status, count = line(plan.get("pubstatus")), small(plan.get("itemcount"))
    yield status if status != "usable" else ""
    amount = "–".join(dict.fromkeys(filter(None, (line(count.get("rangefrom")), line(count.get("rangeto"))))))
    yield f"{amount} ×" if amount else ""
    yield f"{words} words" if (words := line(plan.get("wordcount"))) else ""
    yield line(plan.get("ednote"))


def _first(dates: Item, *names: str) -> str:
    return next((found for name in names if (found := stated(dates.get(name)))), "")


def _code(value: object) -> str:
    return line(value).rstrip("/").replace(":", "/").rpartition("/")[2]


def _places(item: Item, places: list[Item]) -> Iterator[str]:
    """Each place with its address."""
    named = (", ".join(filter(None, (_name(place), address(place)))) for place in places)
    yield from dict.fromkeys(filter(None, (line(item.get("located")), *named)))


def _name(place: Item) -> str:
    return line(place.get("name")) or line(place.get("literal"))


def _recurrence(said: Item) -> Iterator[str]:
    """Rules as RFC 5545 writes them, then the dates that stand by themselves."""
    rules, dates = said.get("recurrencerules"), said.get("recurrencedates")
    names = {"frequency": "FREQ"}
    for rule in rules if isinstance(rules, list) else ():
        if isinstance(rule, dict):
            yield ";".join(f"{names.get(key, key.upper())}={line(value).upper()}" for key, value in rule.items())
    if listed := ",".join(filter(None, map(stated, dates if isinstance(dates, list) else ()))):
        yield listed
