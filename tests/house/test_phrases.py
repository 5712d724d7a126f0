"""What pure modules say is said in the person's language, also when it was written down before."""

from __future__ import annotations

import json

import pytest
from django.utils import translation

from keshen.house import terminal
from keshen.house.phrases import Phrase, as_phrase, phrase, sentence
from keshen.house.words import spoken
from keshen.newsroom import readers
from keshen.newsroom.content import MAX_HEADLINE, Content, ContentError
from keshen.newsroom.readers import Unreadable


def test_a_phrase_is_said_in_the_language_that_is_active() -> None:
    said = phrase("This is %(kind)s, not a text.", kind=phrase("a PDF document"))
    assert str(said) == "This is a PDF document, not a text."
    with translation.override("kk"):
        assert spoken(said) == "Бұл мәтін емес: PDF құжаты."
    with translation.override("ru"):
        assert spoken(said) == "Это не текст: документ PDF."
    with translation.override("en"):
        assert spoken(said) == str(said)


def test_a_sentence_is_a_text_that_knows_its_phrase() -> None:
    said = sentence(phrase("The sender marked it “%(said)s”.", said="withheld 100 %"))
    assert said == "The sender marked it “withheld 100 %”." and as_phrase(said).values == {"said": "withheld 100 %"}
    with translation.override("ru"):
        assert spoken(said) == "Отправитель пометил его как «withheld 100 %»."
        assert json.loads(json.dumps([said])) == [str(said)]


def test_a_phrase_is_kept_as_json() -> None:
    said = phrase("This is %(kind)s, not a text.", kind=phrase("a PDF document"))
    assert Phrase.from_json(json.loads(json.dumps(said.to_json()))) == said


def test_what_is_no_phrase_is_said_as_it_is() -> None:
    with translation.override("kk"):
        assert spoken(ValueError("100 % of it")) == "100 % of it"
        assert spoken("") == ""
        assert str(as_phrase("50 %(x)s")) == "50 %(x)s"


def test_a_readers_refusal_and_its_remedy_are_said_in_kazakh_and_russian() -> None:
    with pytest.raises(Unreadable) as refused:
        readers.read(b"%PDF-1.7 ...", "story.txt", None)
    with translation.override("kk"):
        assert spoken(refused.value).startswith("Бұл мәтін емес") and "жіберіңіз" in spoken(refused.value.remedy)
    with translation.override("ru"):
        assert spoken(refused.value).startswith("Это не текст")
    assert str(refused.value).startswith("This is a PDF document")


def test_a_headline_that_is_too_long_says_how_long_it_is() -> None:
    with pytest.raises(ContentError) as refused:
        Content(headline="ә" * (MAX_HEADLINE + 7)).checked()
    with translation.override("kk"):
        assert spoken(refused.value) == "Тақырыпта 307 таңба бар; лентаға ең көбі 300 сыяды."


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "kk_KZ.UTF-8"}, "kk"),
        ({"LANG": "kk_KZ.UTF-8", "LC_ALL": "ru_RU.UTF-8"}, "ru"),
        ({"LC_MESSAGES": "en_GB", "LANG": "kk_KZ"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "kk"}, "kk"),
        ({}, "en"),
    ],
)
def test_a_terminal_is_spoken_to_in_its_language(environment: dict[str, str], language: str) -> None:
    assert terminal.language(environment) == language
