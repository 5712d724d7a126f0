"""Events and planned coverage in ninjs, which has both since 3.1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from keshen.newsroom.readers.incoming import Coverage, Occasion
from keshen.newsroom.readers.moments import stated
from keshen.newsroom.readers.ninjs_parts import line, small


def _first(dates: Mapping[str, Any], *names: str) -> str:
    return next((found for name in names if (found := stated(dates.get(name)))), "")


def _code(value: object) -> str:
    return line(value).rstrip("/").rpartition("/")[2]


def occasion_of(item: Mapping[str, Any], places: tuple[str, ...]) -> Occasion | None:
    """When and where the event is that an item describes; None when it describes none."""
    details = small(item.get("eventdetails"))
    if not details:
        return None
    dates = small(details.get("dates"))
    return Occasion(
        starts=_first(dates, "startdate", "expectedstartdate", "estimatedstartdate"),
        ends=_first(dates, "enddate", "expectedenddate", "estimatedenddate"),
        place="; ".join(places),
        recurrence=_recurrence(small(dates.get("recurrence"))),
        status=_code(details.get("eventstatus")),
        organiser=line(small(details.get("organiser")).get("name")),
    )


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
