"""What an item says that a story has no place for, in words for the desk: when and where, who, what is planned."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import dateformat, timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from keshen.newsroom.readers.moments import moment

KINDS: Mapping[str, Promise] = {
    "text": gettext_lazy("Text"),
    "picture": gettext_lazy("Picture"),
    "graphic": gettext_lazy("Graphic"),
    "video": gettext_lazy("Video"),
    "audio": gettext_lazy("Sound"),
}
REPEATS: Mapping[str, Promise] = {
    "DAILY": gettext_lazy("every day"),
    "WEEKLY": gettext_lazy("every week"),
    "MONTHLY": gettext_lazy("every month"),
    "YEARLY": gettext_lazy("every year"),
}
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""Weekdays of RFC 5545 from Monday, as Python counts them."""
OCCASION: tuple[tuple[str, Promise], ...] = (
    ("starts", gettext_lazy("Begins")),
    ("ends", gettext_lazy("Ends")),
    ("recurrence", gettext_lazy("Repeats")),
    ("place", gettext_lazy("Where")),
    ("position", gettext_lazy("On the map")),
    ("organiser", gettext_lazy("Organiser")),
    ("participants", gettext_lazy("Who takes part")),
    ("admission", gettext_lazy("How to get in")),
    ("contact", pgettext_lazy("whom to ask about an event", "Contact")),
)
"""The parts of an event's `Occasion` in the order people ask for them."""
DETAILS: tuple[tuple[str, Promise], ...] = (
    ("otherNames", gettext_lazy("Also called")),
    ("born", gettext_lazy("Born")),
    ("died", gettext_lazy("Died")),
    ("founded", gettext_lazy("Founded")),
    ("dissolved", gettext_lazy("Dissolved")),
    ("created", pgettext_lazy("when a thing or a vocabulary was made", "Made")),
    ("ceasedToExist", gettext_lazy("Exists no more since")),
    ("retired", gettext_lazy("Not to be used since")),
    ("address", pgettext_lazy("where something stands", "Address")),
    ("position", gettext_lazy("On the map")),
    ("openHours", gettext_lazy("Opening hours")),
    ("capacity", gettext_lazy("Holds")),
    ("access", gettext_lazy("How to get in")),
    ("contact", pgettext_lazy("whom to ask about an event", "Contact")),
)
"""Facts about a concept, by the names that NewsML-G2 has for them, in the order in which people ask."""
TIMES = frozenset({"starts", "ends"})
MOST_CONCEPTS = 100
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what stands beside it, one line for each thing."""

    label: str
    lines: tuple[str, ...]


def facts(beside: Mapping[str, Any]) -> list[Fact]:
    """What there is to show of `IncomingItem.beside`."""
    return [fact for fact in _facts(beside) if fact.lines]


def _facts(beside: Mapping[str, Any]) -> Iterator[Fact]:
    occasion = beside.get("occasion") or {}
    for name, label in OCCASION:
        yield Fact(str(label), tuple(_value(name, value) for value in _listed(occasion.get(name))))
    yield Fact(_("Planned"), tuple(_coverage(each) for each in _listed(beside.get("coverages"))))
    yield Fact(_("Shots"), tuple(map(_shot, _listed(beside.get("parts")))))
    groups = _listed(beside.get("groups"))
    members = _listed(beside.get("members"))
    yield Fact(_("In the package"), tuple(filter(None, (_member(each, len(groups) > 1) for each in members))))
    yield Fact(_("One of these"), tuple(filter(None, (_alternatives(each, groups, members) for each in groups))))
    yield from _told(_listed(beside.get("concepts")))
    about = (each.get("name", "") for each in _listed(beside.get("about")) if not each.get("relation"))
    yield Fact(_("About"), tuple(dict.fromkeys(filter(None, about))))
    yield Fact(_("Worked on by"), tuple(map(_contributor, _listed(beside.get("contributors")))))
    yield Fact(_("The sender's services"), tuple(_listed(beside.get("services"))))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value] if value else []


def _value(name: str, value: str) -> str:
    if name == "recurrence":
        return repeats(value)
    return when(value) if name in TIMES else value


def repeats(rule: str) -> str:
    """A rule of RFC 5545 in words; one that says more than how often, on which days and until when, as it is."""
    said = dict(part.split("=", 1) for part in rule.split(";") if "=" in part)
    often, interval, until, days = (said.pop(name, "") for name in ("FREQ", "INTERVAL", "UNTIL", "BYDAY"))
    named = days.split(",") if days else []
    if said or often not in REPEATS or interval not in ("", "1") or not set(named) <= set(DAYS):
        return rule
    words = [str(REPEATS[often]), *(str(WEEKDAYS_ABBR[DAYS.index(day)]) for day in named)]
    return ", ".join([*words, _("until %(day)s") % {"day": when(_extended(until))}] if until else words)


def _extended(basic: str) -> str:
    """A time in the extended form of ISO 8601, as `when` reads it."""
    found = moment(basic)
    return basic if found is None else found.isoformat() if "T" in basic else found.date().isoformat()


def when(said: str) -> str:
    """A time as exact as it was said: a day, or a moment in the house's zone."""
    found = moment(said)
    if found is None:
        return said
    if _TIME.match(said):
        return dateformat.format(timezone.localtime(found), "d.m.Y H:i")
    return dateformat.format(found, "d.m.Y") if _DAY.fullmatch(said) else said


def _coverage(plan: Mapping[str, Any]) -> str:
    kind = str(plan.get("kind", ""))
    covers = " – ".join(when(plan[name]) for name in ("covers_from", "covers_until") if plan.get(name))
    assigned = f"{plan.get('assigned', '')} ({covers})" if covers else plan.get("assigned", "")
    delivered = _("delivered: %(names)s") % {"names": ", ".join(plan["delivered"])} if plan.get("delivered") else ""
    parts = (KINDS.get(kind, kind), plan.get("headline", ""), when(plan.get("due", "")), assigned, plan.get("note", ""))
    return " · ".join(filter(None, (*map(str, parts), delivered)))


def _member(member: Mapping[str, Any], grouped: bool) -> str:
    kind = str(member.get("kind", ""))
    named = member.get("title") or member.get("target", "")
    return " · ".join(filter(None, (str(KINDS.get(kind, kind)), named, member.get("group", "") if grouped else "")))


def _alternatives(group: Mapping[str, Any], groups: list[Any], members: list[Any]) -> str:
    """What of a package is to be used one instead of another."""
    if group.get("mode") != "alt":
        return ""
    inside = (each["name"] for each in groups if each.get("within") == group["name"])
    beside = (each.get("title") or each.get("target", "") for each in members if each.get("group") == group["name"])
    return " / ".join((*inside, *beside))


def _shot(part: Mapping[str, Any]) -> str:
    starts, ends = float(part.get("starts", 0)), float(part.get("ends", 0))
    times = f"{_clock(starts)}–{_clock(ends)}" if ends > starts else ""
    return " · ".join(filter(None, (times, *(part.get(name, "") for name in ("description", "sound", "language")))))


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


def _told(concepts: list[Any]) -> Iterator[Fact]:
    """What concepts are called, and of one alone what is told of it."""
    yield Fact(_("Concepts"), tuple(filter(None, map(_called, concepts[:MOST_CONCEPTS]))))
    if len(concepts) == 1:
        details = concepts[0].get("details") or {}
        for name, label in DETAILS:
            yield Fact(str(label), tuple(when(value) for value in _listed(details.get(name))))
        yield Fact(_("Note on it"), tuple((concepts[0].get("notes") or {}).values()))


def _called(concept: Mapping[str, Any]) -> str:
    return " / ".join(dict.fromkeys((concept.get("names") or {}).values())) or str(concept.get("identifier", ""))


def _contributor(each: Mapping[str, Any]) -> str:
    return f"{each['name']} ({each['role']})" if each.get("role") else str(each["name"])
