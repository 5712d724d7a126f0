"""Dates, times and numbers as each language and script of the house writes them.

Kazakh in Latin and Arabic script is derived from the Cyrillic form. Digits are Western everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal

from keshen.language.derive import TAGS, converter
from keshen.language.kazakh.settings import DEFAULT, Settings

MONTHS: Mapping[str, tuple[str, ...]] = {
    "kk": (
        "қаңтар", "ақпан", "наурыз", "сәуір", "мамыр", "маусым", "шілде", "тамыз", "қыркүйек", "қазан", "қараша",
        "желтоқсан",
    ),
    "ru": (
        "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
        "декабря",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
    "ar": (
        "يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر",
    ),
}  # fmt: skip
"""Names of months as they stand in a date (Russian: in the genitive)."""

WEEKDAYS: Mapping[str, tuple[str, ...]] = {
    "kk": ("дүйсенбі", "сейсенбі", "сәрсенбі", "бейсенбі", "жұма", "сенбі", "жексенбі"),
    "ru": ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "ar": ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"),
}
"""Names of weekdays, Monday first (ISO 8601)."""

SEPARATORS: Mapping[str, tuple[str, str]] = {
    "kk": ("\u00a0", ","),
    "ru": ("\u00a0", ","),
    "en": (",", "."),
    "ar": (",", "."),
}
"""What stands between thousands, and before decimals."""


def source_language(tag: str) -> str:
    """The language whose words `tag` (BCP 47) is written with. Raises ValueError for a language without a table."""
    language = tag.split("-")[0]
    if language not in MONTHS:
        raise ValueError(f"dates in {tag} are not known; they are in {', '.join(MONTHS)}")
    return language


def format_date(day: date, tag: str, *, year: bool = True, weekday: bool = False, settings: Settings = DEFAULT) -> str:
    """`day` as the edition `tag` writes it: "14 желтоқсан 2025", "14 December 2025"."""
    language = source_language(tag)
    written = f"{day.day} {MONTHS[language][day.month - 1]}"
    if year:
        written = f"{written} {day.year}"
    if weekday:
        comma = "،" if language == "ar" else ","
        written = f"{WEEKDAYS[language][day.weekday()]}{comma} {written}"
    return converter(tag, settings).text(written) if tag in TAGS else written


def format_time(moment: time) -> str:
    """The hour and minute of the day, the same in every language: "18:05"."""
    return f"{moment:%H:%M}"


def format_number(value: int | Decimal, tag: str) -> str:
    """`value` with the separators of the language of `tag`; numbers of four digits stand together."""
    thousands, point = SEPARATORS[source_language(tag)]
    whole, _point, decimals = format(abs(Decimal(value)), "f").partition(".")
    if len(whole) > 4:
        whole = f"{int(whole):,}".replace(",", thousands)
    sign = "−" if value < 0 else ""
    return f"{sign}{whole}{point}{decimals}" if decimals else f"{sign}{whole}"
