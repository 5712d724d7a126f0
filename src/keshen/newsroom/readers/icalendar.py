"""iCalendar (RFC 5545): events, tasks as planning, journal entries as texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from keshen.house.phrases import phrase, sentence
from keshen.newsroom.body import Node, document, paragraph
from keshen.newsroom.readers.encoding import decode
from keshen.newsroom.readers.incoming import (
    Incoming,
    Kind,
    Link,
    MediaReference,
    Occasion,
    Rendition,
    Status,
    Unreadable,
)
from keshen.newsroom.readers.moments import span
from keshen.newsroom.readers.restrictions import stated_in
from keshen.newsroom.readers.xmltree import MAX_ITEMS

BEGINS = re.compile(r"\s*BEGIN:VCALENDAR", re.IGNORECASE)
_KINDS: Mapping[str, Kind] = {"VEVENT": Kind.EVENT, "VTODO": Kind.PLANNING, "VJOURNAL": Kind.TEXT}
_MEDIA: Mapping[str, Kind] = {"image": Kind.PICTURE, "video": Kind.VIDEO, "audio": Kind.AUDIO}
_FOLD = re.compile(r"\r?\n[ \t]")
_LINE = re.compile(
    r'(?P<name>[A-Za-z0-9-]+)(?P<parameters>(?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):'
)
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^";:]*)')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})?(Z)?)?")
_DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_MAX_DEPTH = 8


@dataclass(frozen=True)
class Property:
    """One content line: its value with escapes as sent, and its parameters."""

    value: str
    parameters: Mapping[str, str]

    @property
    def text(self) -> str:
        return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], self.value).strip()


@dataclass
class Component:
    """A component and its properties, by name in capitals."""

    name: str
    properties: dict[str, list[Property]] = field(default_factory=dict)
    parts: list[Component] = field(default_factory=list)
    closed: bool = False

    def all(self, name: str) -> list[Property]:
        return self.properties.get(name, [])

    def text(self, name: str) -> str:
        return next((text for found in self.all(name) if (text := found.text)), "")


def read(data: bytes) -> list[Incoming | Unreadable]:
    """Every event, task and journal entry of the calendars; a bad one costs no other. Raises Unreadable."""
    decoded = decode(data)
    calendars = _components(decoded.text)
    found = [(calendar, part) for calendar in calendars for part in calendar.parts if part.name in _KINDS]
    if not found:
        raise Unreadable(phrase("The calendar has no events."), phrase("Send at least one VEVENT, VTODO or VJOURNAL."))
    items = [_item(calendar, part, decoded.warnings) for calendar, part in found[:MAX_ITEMS]]
    if len(found) > MAX_ITEMS:
        many = phrase(
            "The calendar has %(count)d entries; the first %(most)d were read.", count=len(found), most=MAX_ITEMS
        )
        items.append(Unreadable(many, phrase("Divide it into several calendars.")))
    return items


def _components(text: str) -> list[Component]:
    """The outermost components. Lines that are none are left out; what is not closed says so."""
    outermost: list[Component] = []
    open_ones: list[Component] = []
    for line in _FOLD.sub("", text).splitlines():
        found = _LINE.match(line)
        if found is None:
            continue
        name, value = found["name"].upper(), line[found.end() :]
        if name == "BEGIN" and len(open_ones) < _MAX_DEPTH:
            component = Component(value.strip().upper())
            (open_ones[-1].parts if open_ones else outermost).append(component)
            open_ones.append(component)
        elif name == "END" and any(component.name == value.strip().upper() for component in open_ones):
            while open_ones:
                component = open_ones.pop()
                if component.name == value.strip().upper():
                    component.closed = True
                    break
        elif open_ones and name != "BEGIN":
            parameters = {key.upper(): said.strip('"') for key, said in _PARAMETER.findall(found["parameters"] or "")}
            open_ones[-1].properties.setdefault(name, []).append(Property(value, parameters))
    return outermost


def _item(calendar: Component, part: Component, warnings: tuple[str, ...]) -> Incoming | Unreadable:
    headline, name = " ".join(part.text("SUMMARY").split()), part.text("UID")
    if not part.closed:
        return Unreadable(
            phrase("The entry “%(name)s” was cut off.", name=headline or name), phrase("Send the calendar again whole.")
        )
    if not headline:
        return Unreadable(phrase("The entry %(name)s has no summary.", name=name), phrase("Give each entry a SUMMARY."))
    kind = _KINDS[part.name]
    said: list[str] = []
    clock = _Clock(calendar, said)
    starts, ends = _span(part, clock)
    if kind is Kind.EVENT and not starts:
        said.append(sentence(phrase("The event does not say when it begins.")))
    status = part.text("STATUS").upper()
    note = part.text("COMMENT")
    again = part.text("RECURRENCE-ID")
    visibility = part.text("CLASS").upper()
    description = part.text("DESCRIPTION")
    classes = (f"CLASS: {visibility}",) if visibility in ("PRIVATE", "CONFIDENTIAL") else ()
    return Incoming(
        headline=headline,
        body=document(_blocks(description)),
        format="icalendar",
        kind=kind,
        status=Status.CANCELED if status == "CANCELLED" else Status.USABLE,
        identifiers=(f"{name}#{again}" if again else name,) if name else (),
        version=part.text("SEQUENCE"),
        language=next((found.parameters.get("LANGUAGE", "") for found in part.all("SUMMARY")), ""),
        source=calendar.text("X-WR-CALNAME") or calendar.text("NAME"),
        date=clock.moment(part, "LAST-MODIFIED") or clock.moment(part, "DTSTAMP"),
        created=clock.moment(part, "CREATED"),
        urgency=int(part.text("PRIORITY")) if re.fullmatch(r"[1-9]", part.text("PRIORITY")) else 0,
        keywords=tuple(dict.fromkeys(_categories(part))),
        places=tuple(filter(None, (" ".join(part.text("LOCATION").split()),))),
        ednote=note,
        web_address=part.text("URL"),
        restrictions=(*classes, *stated_in(description), *stated_in(note)),
        media=tuple(_attached(part)),
        links=tuple(Link("relatedTo", text) for found in part.all("RELATED-TO") if (text := found.text)),
        occasion=None
        if kind is Kind.TEXT
        else Occasion(
            starts=starts,
            ends=ends,
            place=" ".join(part.text("LOCATION").split()),
            recurrence=part.text("RRULE") or ",".join(found.value for found in part.all("RDATE")),
            status=status.lower(),
            organiser=_organiser(part),
            contact=part.text("CONTACT"),
        ),
        warnings=(*warnings, *said),
    )


def _blocks(text: str) -> list[Node]:
    return [paragraph(" ".join(part.split())) for part in text.splitlines() if part.strip()]


def _categories(part: Component) -> Iterator[str]:
    for found in part.all("CATEGORIES"):
        for word in re.split(r"(?<!\\),", found.value):
            if text := replace(found, value=word).text:
                yield text


def _organiser(part: Component) -> str:
    for found in part.all("ORGANIZER"):
        return found.parameters.get("CN") or found.text.removeprefix("mailto:").removeprefix("MAILTO:")
    return ""


def _attached(part: Component) -> Iterator[MediaReference]:
    for found in part.all("ATTACH") + part.all("IMAGE"):
        media_type = found.parameters.get("FMTTYPE", "")
        kind = _MEDIA.get(media_type.partition("/")[0].lower())
        if kind and found.parameters.get("ENCODING", "").upper() != "BASE64":
            yield MediaReference(found.text, kind=kind, renditions=(Rendition(found.text, media_type=media_type),))


class _Clock:
    """Reads times of a calendar in their zones; a zone nobody knows is taken from its definition in the calendar."""

    def __init__(self, calendar: Component, said: list[str]) -> None:
        self._said = said
        self._own = {part.text("TZID"): part for part in calendar.parts if part.name == "VTIMEZONE"}
        self._default = self._zone(calendar.text("X-WR-TIMEZONE")) if calendar.text("X-WR-TIMEZONE") else None

    def moment(self, part: Component, name: str) -> datetime | None:
        for found in part.all(name):
            value = self.read(found)
            if isinstance(value, datetime):
                return value if value.tzinfo else value.replace(tzinfo=UTC)
        return None

    def read(self, found: Property) -> datetime | date | None:
        """A day, or a time: aware where its zone is known, else as the wall clock of wherever it is."""
        match = _DATE.fullmatch(found.value.strip())
        if match is None:
            self._said.append(sentence(phrase("“%(value)s” is no time.", value=found.value[:40])))
            return None
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
        try:
            if match[4] is None:
                return date(year, month, day)
            zone = (
                UTC
                if match[7]
                else self._zone(found.parameters["TZID"])
                if "TZID" in found.parameters
                else self._default
            )
            return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone)
        except ValueError:
            self._said.append(sentence(phrase("“%(value)s” is no time any calendar has.", value=found.value[:40])))
            return None

    def _zone(self, name: str) -> tzinfo | None:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
        defined = self._own.get(name)
        standard = next((part for part in defined.parts if part.name == "STANDARD"), None) if defined else None
        offset = re.fullmatch(r"([+-])(\d{2})(\d{2})(?:\d{2})?", standard.text("TZOFFSETTO")) if standard else None
        if offset is None:
            self._said.append(
                sentence(
                    phrase("The time zone “%(name)s” is not known; its times are the wall clock's.", name=name[:60])
                )
            )
            return None
        away = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return timezone(-away if offset[1] == "-" else away)


def _span(part: Component, clock: _Clock) -> tuple[str, str]:
    """Start and end as ISO 8601; the last day of what lasts whole days is included, as people say it."""
    start = next((clock.read(found) for found in part.all("DTSTART")), None)
    end = next((clock.read(found) for found in (*part.all("DTEND"), *part.all("DUE"))), None)
    if end is None and start is not None and part.text("DURATION"):
        length = span(part.text("DURATION"))
        end = start + length if length is not None else None
    if end is not None and not isinstance(end, datetime) and part.name == "VEVENT" and end != start:
        end -= timedelta(days=1)
    return start.isoformat() if start else "", end.isoformat() if end else ""
