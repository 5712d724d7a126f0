"""Moments in restriction lines: "18:00 14.12.2025", "14 December 2025 1800 GMT", "14 желтоқсан 2025, сағат 18:00"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo

MONTHS: Mapping[str, int] = {
    stem: number
    for number, stems in enumerate(
        (
            ("jan", "янв", "қаңтар"), ("feb", "фев", "ақпан"), ("mar", "март", "наурыз"), ("apr", "апр", "сәуір"),
            ("may", "мая", "май", "мамыр"), ("jun", "июн", "маусым"), ("jul", "июл", "шілде"), ("aug", "авг", "тамыз"),
            ("sep", "сен", "қыркүйек"), ("oct", "окт", "қазан"), ("nov", "ноя", "қараша"), ("dec", "дек", "желтоқсан"),
        ),
        start=1,
    )
    for stem in stems
}  # fmt: skip
ZONES: Mapping[str, tzinfo] = {
    "gmt": UTC, "utc": UTC, "z": UTC, "мск": timezone(timedelta(hours=3)), "msk": timezone(timedelta(hours=3)),
    "cet": timezone(timedelta(hours=1)), "est": timezone(timedelta(hours=-5)), "edt": timezone(timedelta(hours=-4)),
}  # fmt: skip

_MONTH = "(?P<month>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\w*\.?"
_DATE = (
    r"(?:(?P<iso>\d{4}-\d{2}-\d{2})|(?P<d>\d{1,2})[./](?P<m>\d{1,2})[./](?P<y>\d{4})"
    rf"|(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH},?\s+(?P<year>\d{{4}})(?:\s*(?:года|г\.|жыл\w*|ж\.))?"
    rf"|{_MONTH.replace('month', 'month2')}\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year2>\d{{4}}))"
)
_TIME = r"(?:(?:сағат|at|в)\s+)?(?P<hour>\d{1,2})[:.]?(?P<minute>\d{2})(?::\d{2})?(?:\s*(?:hrs|hours|час\w*))?"
_ZONE = (
    r"(?P<zone>gmt|utc|z|мск|msk|cet|est|edt|[+-]\d{2}:?\d{2}"
    r"|(?:по\s+)?(?:астан\w+|алмат\w+)(?:\s+\w+)?|astana(?: time)?)"
)
_ENDING = r"(?:-?(?:ге|ға|ке|қа|де|да|те|та))?"
_DATE_THEN_TIME = rf"{_DATE}{_ENDING}(?:[\sT,]+{_TIME}{_ENDING}(?:\s*{_ZONE})?)?"
# the same groups again, under names of their own
_TIME_THEN_DATE = re.sub(r"P<(\w+)>", r"P<\1_b>", rf"{_TIME}(?:\s*{_ZONE})?[\s,]+(?:on\s+)?{_DATE}{_ENDING}")
MOMENT = re.compile(rf"(?:{_DATE_THEN_TIME}|{_TIME_THEN_DATE})", re.IGNORECASE)


def read_moment(text: str, zone: tzinfo, *, end_of_day: bool) -> datetime | None:
    """The aware moment `text` names, or None when it is not one.

    A time without a zone is in `zone`. A day without a time is its end if `end_of_day`, else its start.
    """
    match = MOMENT.fullmatch(" ".join(text.split()).strip(" ,"))
    if match is None:
        return None
    parts = {name.removesuffix("_b"): value for name, value in match.groupdict().items() if value is not None}
    try:
        if "iso" in parts:
            day = datetime.fromisoformat(parts["iso"])
        elif "d" in parts:
            day = datetime(int(parts["y"]), int(parts["m"]), int(parts["d"]))
        else:
            name = (parts.get("month") or parts["month2"]).lower()
            number = parts.get("day") or parts["day2"]
            day = datetime(int(parts.get("year") or parts["year2"]), MONTHS[name], int(number))
        hour, minute = parts.get("hour"), parts.get("minute")
        if hour is None or minute is None:
            return (day + timedelta(days=1 if end_of_day else 0)).replace(tzinfo=zone)
        if (int(hour), int(minute)) == (24, 0):
            day, hour = day + timedelta(days=1), "0"
        return day.replace(hour=int(hour), minute=int(minute), tzinfo=_zone(parts.get("zone"), zone))
    except ValueError:
        return None


def _zone(name: str | None, default: tzinfo) -> tzinfo:
    if name is None:
        return default
    low = name.lower()
    if low[0] in "+-":
        digits = low[1:].replace(":", "")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        return timezone(-offset if low[0] == "-" else offset)
    return ZONES.get(low, default)
