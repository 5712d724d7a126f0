"""Dates and numbers in every language and script of the house."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshen.language.dates import MONTHS, WEEKDAYS, format_date, format_number, format_time

DAY = date(2025, 12, 14)


@pytest.mark.parametrize(
    ("tag", "written"),
    [
        ("kk", "14 желтоқсан 2025"),
        ("kk-Latn", "14 jeltoqsan 2025"),
        ("kk-Arab", "14 جەلتوقسان 2025"),
        ("ru", "14 декабря 2025"),
        ("en", "14 December 2025"),
        ("ar", "14 ديسمبر 2025"),
    ],
)
def test_a_date_in_every_edition(tag: str, written: str) -> None:
    assert format_date(DAY, tag) == written


def test_parts_of_a_date() -> None:
    assert format_date(DAY, "kk", year=False, weekday=True) == "жексенбі, 14 желтоқсан"
    assert format_date(DAY, "kk-Arab", year=False, weekday=True) == "جەكسەنبى، 14 جەلتوقسان"
    assert format_date(DAY, "ar", weekday=True) == "الأحد، 14 ديسمبر 2025"
    assert format_time(time(18, 5)) == "18:05"
    with pytest.raises(ValueError, match="xx"):
        format_date(DAY, "xx")


@pytest.mark.parametrize(
    ("value", "tag", "written"),
    [
        (1234567, "kk", "1\u00a0234\u00a0567"),
        (1234567, "en", "1,234,567"),
        (2025, "ru", "2025"),
        (-50000, "kk-Latn", "−50\u00a0000"),
        (Decimal("2.50"), "ru", "2,50"),
        (Decimal("0.5"), "en", "0.5"),
    ],
)
def test_numbers(value: int | Decimal, tag: str, written: str) -> None:
    assert format_number(value, tag) == written


@given(st.dates(), st.sampled_from(["kk", "kk-Latn", "kk-Arab", "ru", "en", "ar"]))
def test_day_and_year_stay_readable(day: date, tag: str) -> None:
    first, *_month, last = format_date(day, tag).split()
    assert (int(first), int(last)) == (day.day, day.year)


def test_tables_are_whole() -> None:
    assert all(len(names) == 12 for names in MONTHS.values()) and all(len(names) == 7 for names in WEEKDAYS.values())
