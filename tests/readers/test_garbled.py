"""Texts encoded twice are told, and texts of any of our alphabets are not taken for such."""

from __future__ import annotations

import pytest

from keshen.newsroom.readers import Incoming, read
from keshen.newsroom.readers.garbled import garbled


def twice(text: str, page: str) -> str:
    return text.encode().decode(page)


@pytest.mark.parametrize(
    "text",
    [
        "the worldâ€™s most powerful",
        twice("Für größere Flüsse", "cp1252"),
        twice("Кошка на окне", "cp1252"),
        twice("Кошка на окне", "cp1251"),
    ],
)
def test_a_text_encoded_twice_is_told(text: str) -> None:
    assert garbled(["A first line.", text])


@pytest.mark.parametrize(
    "text",
    [
        "Балқаш көлінде фламинго қоныстанды. Сіз «Рёв» деп сөйлейсіз, СССР»",
        "Сенаторы «РСФСР» рассмотрели — в первом чтении — № 5 и ещё ёлку",
        "Zażółć gęślą jaźń",
        "São Paulo: NÃO É, «CAFÉ» «ÅRÅ» “EL NIÑO”, 25 °C",
        "Für größte «Skandale» im Fußball",
        "亚洲浆纸业有限公司",
    ],
)
def test_other_texts_are_not(text: str) -> None:
    assert garbled([text]) == ""


def test_the_item_says_so() -> None:
    source = '{"uri": "urn:x:1", "language": "en", "headline": "It is in", "body_text": "Dellâ€™s is in."}'
    (item,) = read(source.encode(), "x.json")
    assert isinstance(item, Incoming)
    assert item.warnings == ("The sender encoded the text twice (Dellâ€™s): ask for it again.",)
