"""An agenda as iCalendar (RFC 5545): what calendar programs subscribe to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

MEDIA_TYPE = "text/calendar"
LINE_OCTETS = 75


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. `starts` and `ends` are ISO 8601: an instant with its zone, or a day or a month alone.

    `ends` may be empty; where it is a day, that is the last one. `revision` grows with each change; `changed` is aware.
    """

    uid: str
    summary: str
    starts: str
    changed: datetime
    ends: str = ""
    location: str = ""
    description: str = ""
    categories: tuple[str, ...] = ()
    language: str = ""
    revision: int = 0
    cancelled: bool = False


def render(name: str, entries: Iterable[Entry]) -> bytes:
    """The calendar, with an event for each entry; lines end in CRLF and are folded at 75 octets."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Keshen//Wire//EN", "METHOD:PUBLISH"]
    lines.append(f"X-WR-CALNAME:{_text(name)}")
    for entry in entries:
        lines += _event(entry)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _event(entry: Entry) -> list[str]:
    language = f";LANGUAGE={entry.language}" if entry.language else ""
    lines = ["BEGIN:VEVENT", f"UID:{_text(entry.uid)}", f"DTSTAMP:{_instant(entry.changed)}"]
    lines += [f"SEQUENCE:{entry.revision}", f"SUMMARY{language}:{_text(entry.summary)}", _when("DTSTART", entry.starts)]
    if entry.ends:
        lines.append(_end(entry.starts, entry.ends))
    for name, value in (("LOCATION", entry.location), ("DESCRIPTION", entry.description)):
        if value:
            lines.append(f"{name}{language}:{_text(value)}")
    if entry.categories:
        lines.append("CATEGORIES:" + ",".join(_text(word) for word in entry.categories))
    lines.append(f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}")
    lines.append("END:VEVENT")
    return lines


def _when(name: str, value: str) -> str:
    if len(value) == 7:
        value += "-01"
    if len(value) == 10:
        return f"{name};VALUE=DATE:{value.replace('-', '')}"
    at = datetime.fromisoformat(value)
    return f"{name}:{_instant(at if at.tzinfo else at.replace(tzinfo=UTC))}"


def _end(starts: str, ends: str) -> str:
    """The end as calendars count it: the day after the last one, and of the same type as the start (3.6.1)."""
    if len(ends) > 10:
        return _when("DTEND", ends if len(starts) > 10 else _next_day(ends[:10]))
    after = _next_day(ends)
    zone = datetime.fromisoformat(starts).tzinfo if len(starts) > 10 else None
    return _when("DTEND", datetime.fromisoformat(after).replace(tzinfo=zone).isoformat() if zone else after)


def _next_day(last: str) -> str:
    """The day after a day, or after the last day of a month."""
    if len(last) == 7:
        return (date.fromisoformat(f"{last}-28") + timedelta(days=4)).replace(day=1).isoformat()
    return (date.fromisoformat(last) + timedelta(days=1)).isoformat()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(words: str) -> str:
    """A value of type TEXT (3.3.11): what separates is escaped, and no control character stays."""
    escaped = words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\r\n", "\n")
    return "".join(letter for letter in escaped.replace("\n", "\\n") if letter == "\t" or letter >= " ")


def _folded(line: str) -> bytes:
    """A content line (3.1): no more than 75 octets before a break, and no character is broken in two."""
    parts: list[bytes] = [b""]
    for letter in line:
        octets = letter.encode("utf-8", "replace")
        if len(parts[-1]) + len(octets) > LINE_OCTETS:
            parts.append(b" ")
        parts[-1] += octets
    return b"\r\n".join(parts) + b"\r\n"
