"""Times as senders write them: ISO 8601 in both its forms, with less than it asks for, and RFC 5322."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

# 20261123T093000+0500, 2026-11-23 09:30:00Z, 2026-11-23T09:30
_ISO = re.compile(
    r"(?P<y>\d{4})-?(?P<mo>\d{2})-?(?P<d>\d{2})"
    r"(?:[T ](?P<h>\d{2}):?(?P<mi>\d{2})(?::?(?P<s>\d{2})(?:[.,]\d+)?)?\s*(?P<z>Z|[+-]\d{2}(?::?\d{2})?)?)?"
)
_DURATION = re.compile(r"P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?")
_PARTIAL = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2]))?")


def moment(value: object) -> datetime | None:
    """The aware time `value` names, None when it names none. Without a zone it is UTC, without a time midnight.

    A date no calendar has is None too: an item is worth more than its date.
    """
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if not isinstance(value, str) or not value.strip():
        return None
    text = value.strip()
    try:
        if match := _ISO.fullmatch(text):
            return _from_iso(match)
        found = parsedate_to_datetime(text)
        found.utcoffset()
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _from_iso(match: re.Match[str]) -> datetime:
    day = f"{match['y']}-{match['mo']}-{match['d']}"
    zone = (match["z"] or "Z").replace(":", "")
    if zone != "Z":
        zone = f"{zone[:3]}:{zone[3:] or '00'}"
    hour = match["h"] or "00"
    return datetime.fromisoformat(f"{day}T{hour}:{match['mi'] or '00'}:{match['s'] or '00'}{zone}")


def span(value: str) -> timedelta | None:
    """The duration that ISO 8601 or RFC 5545 writes as `P2D` or `PT1H30M`; months and years have no length: None."""
    match = _DURATION.fullmatch(value.strip().lstrip("+"))
    if match is None or not any(match.groups()):
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def after(start: str, duration: str) -> str:
    """The end, as `stated`, of what begins at `start` and lasts `duration`; of whole days the last one."""
    length = span(duration)
    if not start or length is None or _PARTIAL.fullmatch(start):
        return ""
    if "T" in start:
        return (datetime.fromisoformat(start) + length).isoformat()
    return (date.fromisoformat(start) + max(length - timedelta(days=1), timedelta())).isoformat()


def stated(value: object) -> str:
    """A time as ISO 8601, as exact as it was said: a year, a month, a day, or a moment; nothing when it is none."""
    text = str(value or "").strip()
    if _PARTIAL.fullmatch(text):
        return text
    found = moment(text)
    if found is None:
        return ""
    return found.date().isoformat() if re.fullmatch(r"\d{4}-?\d{2}-?\d{2}", text) else found.isoformat()
