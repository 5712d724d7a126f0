"""Derived scripts of paragraphs made of inline pieces, with an editor's own spellings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshen.language.derive import transliterate
from keshen.language.kazakh import to_arabic, to_latin
from keshen.language.kazakh.letters import CYRILLIC

RUNS = st.lists(st.text(st.sampled_from(CYRILLIC + "ЯЦӨ -,.?1abc"), max_size=12), max_size=6)


@given(RUNS)
def test_pieces_together_read_like_the_whole(runs: list[str]) -> None:
    for to, convert in (("kk-Latn", to_latin), ("kk-Arab", to_arabic)):
        done = transliterate(runs, to)
        assert len(done) == len(runs)
        assert "".join(done) == convert("".join(runs))


@given(RUNS)
def test_overrides_that_do_not_occur_change_nothing(runs: list[str]) -> None:
    assert transliterate(runs, "kk-Arab", overrides={"ЪЪЪ": "x"}) == transliterate(runs, "kk-Arab")


def test_a_word_over_several_pieces_is_one_word() -> None:
    assert transliterate(["ө", "м", "", "ір"], "kk-Arab") == ["ءو", "م", "", "ىر"]
    assert transliterate(["тарих", "и ", "ЩЕ", "Т"], "kk-Latn") == ["tarih", "i ", "ŞŞE", "T"]
    assert transliterate(["кө", "к ө", "ң"], "kk-Arab") == ["كو", "ك ءو", "ڭ"]


def test_an_override_outlives_edits_elsewhere() -> None:
    fixed = {"Әл Тани": "Al Thani", "Доха": "Doha"}
    before = transliterate(["Шейх Әл Тани Доха қаласында"], "kk-Latn", overrides=fixed)
    after = transliterate(["Кеше шейх ", "Әл", " Тани", " Доха, Дохада болды"], "kk-Latn", overrides=fixed)
    assert before == ["Şeih Al Thani Doha qalasynda"]
    assert after == ["Keşe şeih ", "Al Thani", "", " Doha, Dohada boldy"]


def test_the_longest_override_wins_and_only_whole_words_match() -> None:
    fixed = {"қала": "X", "қала мен дала": "Y"}
    assert transliterate(["қала мен дала, қалада, қала"], "kk-Latn", overrides=fixed) == ["Y, qalada, X"]


def test_empty_and_unknown() -> None:
    assert transliterate([], "kk-Latn") == []
    assert transliterate([""], "kk-Arab", overrides={"": "x"}) == [""]
    with pytest.raises(ValueError, match="ru is not derived"):
        transliterate(["а"], "ru")
