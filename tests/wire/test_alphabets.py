from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keshen.language.kazakh.arabic import to_arabic
from keshen.language.kazakh.latin import to_latin
from keshen.wire.formats.alphabets import ENCODINGS, decode, encode

ALL_KAZAKH = "АаӘәБбВвГгҒғДдЕеЁёЖжЗзИиЙйКкҚқЛлМмНнҢңОоӨөПпРрСсТтУуҰұҮүФфХхҺһЦцЧчШшЩщЪъЫыІіЬьЭэЮюЯя"


@pytest.mark.parametrize(
    ("text", "encoding", "wanted"),
    [
        ("Ақбөкендер көші, 5 ₸ — «дала» №1", "kz-1048", "Ақбөкендер көші, 5 тг — «дала» №1"),
        ("Ақбөкендер көші, Һ Ү", "windows-1251", "Акбокендер коші, Х У"),
        ("Әлем ‘жаңа’ …", "koi8-r", "Алем 'жана' ..."),
        ("Şañyraq, ığı, ū", "iso-8859-9", "Şañyraq, ığı, u"),
        ("Şañyraq", "iso-8859-1", "Shañyraq"),
        ("Қазақстан, Щука", "us-ascii", "Qazaqstan, Shchuka"),
        ("جاڭالىق، ۇلى ەل", "windows-1256", "جانگالىق، ولى هل"),
        ("кофе\u200b \u00a0é😀", "us-ascii", "kofe  e?"),
    ],
)
def test_letters_an_encoding_lacks_have_stand_ins(text: str, encoding: str, wanted: str) -> None:
    assert decode(encode(text, encoding), encoding) == wanted


def test_kazakh_cyrillic_is_whole_in_its_own_encoding() -> None:
    assert decode(encode(ALL_KAZAKH, "kz-1048"), "kz-1048") == ALL_KAZAKH


@pytest.mark.parametrize("encoding", [name for name in ENCODINGS if not name.startswith("utf")])
def test_no_kazakh_letter_in_any_script_becomes_a_question_mark(encoding: str) -> None:
    scripts = [ALL_KAZAKH, to_latin(ALL_KAZAKH)]
    if encoding == "windows-1256":
        scripts.append(to_arabic(ALL_KAZAKH))
    for text in scripts:
        assert "?" not in decode(encode(text, encoding), encoding)


@settings(deadline=None)
@given(st.text(), st.sampled_from(sorted(ENCODINGS)))
def test_any_text_can_be_sent_in_any_encoding_and_keeps_its_lines(text: str, encoding: str) -> None:
    read = decode(encode(text, encoding), encoding)
    assert read.count("\n") >= text.count("\n")
    if encoding == "utf-8" and not any("\ud800" <= c <= "\udfff" for c in text):
        assert read == text
