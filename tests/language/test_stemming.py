"""Search finds a word however it is inflected and in whichever script it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshen.language.kazakh import Settings, to_arabic, to_latin
from keshen.language.kazakh.letters import CYRILLIC
from keshen.language.kazakh.stem import stem
from keshen.language.stemming import tokens


@pytest.mark.parametrize(
    "forms",
    [
        "қала қаланың қалаға қаланы қалада қаладан қаламен қалалар қалаларымызда қаласының қаласында қалалардағы",
        "мектеп мектептің мектепте мектептер мектептері мектептерінен мектептердегі",
        "журналист журналистер журналистерге журналистердің журналистері",
        "үй үйде үйдің үйлер үйлерінде үйімізде",
        "Астана Астанада Астанадан Астананың Астанаға",
        "Алматы Алматыда Алматының Алматыға",
        "кездесу кездесуде кездесудің кездесуі кездесулер",
        "дала даланың далада далалар",
        "сауда саудаға сауданың",
        "өзен өзендер өзеннің өзенінен",
        "телеарна телеарнасы телеарнасына телеарналары телеарналарының",
    ],
)
def test_inflected_forms_have_one_stem(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1, {form: stem(form) for form in forms.split()}


@pytest.mark.parametrize(
    ("one", "other"),
    [("қала", "қалам"), ("дала", "бала"), ("сауда", "сау"), ("ана", "ата"), ("тас", "тау"), ("ел", "ер")],
)
def test_different_words_stay_apart(one: str, other: str) -> None:
    assert stem(one) != stem(other)


TEXT = "Қазақстан Республикасы Президентінің Телерадиокешені басшылығы әлемдегі ең ірі медиакомпаниялармен кездесті"


@pytest.mark.parametrize("variant", ["2021", "2018", "2004"])
def test_every_script_gives_the_same_stems(variant) -> None:
    assert tokens(to_latin(TEXT, Settings(latin=variant)), "kk-Latn") == tokens(TEXT, "kk")
    assert tokens(to_arabic(TEXT), "kk-Arab") == tokens(TEXT, "kk")


@given(st.text(st.sampled_from([letter for letter in CYRILLIC if letter not in "щъьёчц"]), max_size=12))
def test_any_word_can_be_found_in_the_other_scripts(word: str) -> None:
    if "сх" not in word and "сһ" not in word:  # sh, which an older alphabet writes for ш
        assert tokens(to_latin(word), "kk") == tokens(word, "kk")
    assert tokens(to_arabic(word), "kk") == tokens(word, "kk")


def test_other_languages() -> None:
    assert tokens("Города, городов; городу", "ru") == [tokens("город", "ru")[0]] * 3
    assert tokens("Ещё еще", "ru")[0] == tokens("еще", "ru")[0]
    assert tokens("Running runs", "en") == ["run", "run"]
    assert tokens("İstanbul'da ISPARTA", "tr")[1] == tokens("ısparta", "tr")[0]
    assert tokens("المدينة مدينة", "ar")[0] == tokens("المدينة مدينة", "ar")[1]
    assert tokens("Ташкент 2026-йил!", "uz") == ["ташкент", "2026", "йил"]
    assert tokens(" —!?", "kk") == []


@given(st.text())
def test_any_text_gives_words_without_spaces(text: str) -> None:
    for language in ("kk", "ru", "ar"):
        assert all(token and not any(c.isspace() for c in token) for token in tokens(text, language))
