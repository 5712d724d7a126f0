"""The words that changed between two versions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from keshen.newsroom.diff import Piece, changed, paragraphs, words

TEXTS = st.lists(st.text("абв ,.\n", max_size=30), max_size=6)


def test_one_word_is_one_change() -> None:
    assert words("Ақбөкен көктемде көшеді.", "Ақбөкен күзде көшеді.") == (
        Piece("same", "Ақбөкен "),
        Piece("removed", "көктемде"),
        Piece("added", "күзде"),
        Piece("same", " көшеді."),
    )


def test_a_rewritten_phrase_reads_as_one() -> None:
    made = words("бұл ескі сөз еді", "бұл жаңа тіркес еді")
    assert [piece.change for piece in made] == ["same", "removed", "added", "same"]


def test_a_new_paragraph_between_two_is_added_whole() -> None:
    made = paragraphs(["Бірінші.", "Екінші."], ["Бірінші.", "Мүлде жаңа бөлім.", "Екінші."])
    assert [changed(paragraph) for paragraph in made] == [False, True, False]


def _without(paragraph: tuple[Piece, ...], change: str) -> str:
    return "".join(piece.text for piece in paragraph if piece.change != change)


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_back(before: list[str], after: list[str]) -> None:
    made = paragraphs(before, after)
    old = [_without(each, "added") for each in made]
    new = [_without(each, "removed") for each in made]
    assert [text for text in old if text] == [text for text in before if text]
    assert [text for text in new if text] == [text for text in after if text]
