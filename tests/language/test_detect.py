"""The language and script of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshen.language.detect import detect
from keshen.language.kazakh import Settings, to_arabic, to_latin

KAZAKH = "Дала мен өзен туралы әңгіме осы жылы жазылған, бұл қазақ халқының мұрасы."


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        (KAZAKH, "kk"),
        (to_latin(KAZAKH), "kk-Latn"),
        (to_latin(KAZAKH, Settings(latin="2018")), "kk-Latn"),
        (to_arabic(KAZAKH), "kk-Arab"),
        ("Степь и река — рассказ о наследии народа, который был записан в этом году.", "ru"),
        ("The steppe and the river: a story of the people, written down this year.", "en"),
        ("تقع مدينة أستانا في شمال كازاخستان على ضفاف نهر إيشيم.", "ar"),
        ("Барлық адамдар азат", "kk"),
        ("Все люди рождаются свободными", "ru"),
        ("KAZINFORM — Дала туралы әңгіме басталды", "kk"),
    ],
)
def test_languages_of_the_house(text: str, tag: str) -> None:
    assert detect(text) == tag


@pytest.mark.parametrize("text", ["", "  ", "2026!", "да", "中文"])
def test_too_little_to_tell(text: str) -> None:
    assert detect(text) is None


@given(st.text())
def test_any_text_has_an_answer(text: str) -> None:
    assert detect(text) in {None, "kk", "kk-Latn", "kk-Arab", "ru", "en", "ar"}
