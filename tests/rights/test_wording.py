"""Restriction lines as senders write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshen.rights.policy import Terms, parse

ALMATY = timezone(timedelta(hours=5))
CIS = "AM AZ BY KG KZ MD RU TJ TM UZ"


@pytest.mark.parametrize(
    ("wording", "codes"),
    [
        ("No Use in Japan", "JP"),
        ("JAPAN OUT", "JP"),
        ("UK AND IRELAND OUT", "GB IE"),
        ("No use in Japan, China and South Korea", "JP CN KR"),
        ("No use Korea", "KR KP"),
        ("Not for use in the USA", "US"),
        ("Not for distribution in the United States", "US"),
        ("NOT FOR PUBLICATION IN JAPAN", "JP"),
        ("Japan excluded", "JP"),
        ("Не для использования в Японии", "JP"),
        ("Не для использования в Японии и Китае", "JP CN"),
        ("Использование запрещено в России", "RU"),
        ("Кроме Узбекистана", "UZ"),
        ("Ограничения: не для СНГ", CIS),
        ("Жапонияда қолдануға болмайды", "JP"),
        ("Жапонияда, Қытайда көрсетуге тыйым салынады", "JP CN"),
        ("Ресей аумағында қолданылмасын", "RU"),
    ],
)
def test_places_that_are_out(wording: str, codes: str) -> None:
    terms = parse(wording)
    assert (terms.territories_denied, terms.unclear) == (frozenset(codes.split()), ())


@pytest.mark.parametrize(
    ("wording", "codes"),
    [
        ("USA only", "US"),
        ("For use in Kazakhstan only", "KZ"),
        ("No use outside Kazakhstan", "KZ"),
        ("Not for broadcast outside Kazakhstan", "KZ"),
        ("Только для Казахстана", "KZ"),
        ("Не для использования за пределами Казахстана", "KZ"),
        ("Тек Қазақстанда ғана", "KZ"),
        ("Only in Kazakhstan and Uzbekistan", "KZ UZ"),
    ],
)
def test_places_that_alone_are_in(wording: str, codes: str) -> None:
    terms = parse(wording)
    assert (terms.territories_allowed, terms.unclear) == (frozenset(codes.split()), ())


@pytest.mark.parametrize(
    ("wording", "allowed", "denied"),
    [
        ("only web", {"web"}, set()),
        ("Web only", {"web"}, set()),
        ("Web and TV only", {"web", "tv"}, set()),
        ("no radio", None, {"radio"}),
        ("Not for broadcast", None, {"tv", "radio"}),
        ("No internet", None, {"web"}),
        ("Только для сайта", {"web"}, set()),
        ("Не для радио", None, {"radio"}),
        ("Тек сайтта", {"web"}, set()),
        ("Радиода қолдануға болмайды", None, {"radio"}),
    ],
)
def test_media(wording: str, allowed: set[str] | None, denied: set[str]) -> None:
    terms = parse(wording)
    assert (terms.platforms_allowed, terms.platforms_denied, terms.unclear) == (allowed, denied, ())


@pytest.mark.parametrize(
    ("wording", "until"),
    [
        ("Эмбарго до 18:00 14.12.2025", datetime(2025, 12, 14, 18, tzinfo=ALMATY)),
        ("Эмбарго до 14 декабря 2025 года 18:00 по Астане", datetime(2025, 12, 14, 18, tzinfo=ALMATY)),
        ("EMBARGOED until 14 December 2025 18:00 GMT", datetime(2025, 12, 14, 18, tzinfo=UTC)),
        ("Embargo until 2025-12-14T18:00+03:00", datetime(2025, 12, 14, 15, tzinfo=UTC)),
        ("Эмбарго 14.12.2025 18:00-ге дейін", datetime(2025, 12, 14, 18, tzinfo=ALMATY)),
        ("14 желтоқсан 2025, сағат 18:00-ге дейін жарияламаңыз", datetime(2025, 12, 14, 18, tzinfo=ALMATY)),
        ("Не публиковать до 14.12.2025", datetime(2025, 12, 15, tzinfo=ALMATY)),
        ("Embargo: 18:00 14.12.2025", datetime(2025, 12, 14, 18, tzinfo=ALMATY)),
        ("Not for release before December 14, 2025 0600 UTC", datetime(2025, 12, 14, 6, tzinfo=UTC)),
    ],
)
def test_embargoes(wording: str, until: datetime) -> None:
    terms = parse(wording)
    assert terms.embargo == until and terms.is_clear


def test_windows_archive_resale_clients_credit() -> None:
    assert parse("Use until 31.12.2025").windows[0].end == datetime(2026, 1, 1, tzinfo=ALMATY)
    assert parse("Не использовать после 31.12.2025").windows[0].end == datetime(2026, 1, 1, tzinfo=ALMATY)
    for wording in ("No Archiving Permitted", "NO ARCHIVE", "Без архивирования", "Мұрағаттауға болмайды"):
        assert parse(wording).archive is False and parse(wording).is_clear
    for wording in ("No resale", "NO SALES", "Без права перепродажи", "Қайта сатуға болмайды"):
        assert parse(wording).resale is False and parse(wording).is_clear
    for wording in ("AP Clients Only", "Только для клиентов AP", "Тек AP клиенттері үшін"):
        assert parse(wording).clients_allowed == {"AP"}
    assert parse("Courtesy: NASA").credit == parse("Mandatory credit: NASA").credit == "NASA"
    assert (
        parse("Обязательна ссылка на Kazinform").credit == parse("Kazinform-ға сілтеме міндетті").credit == "Kazinform"
    )
    for wording in (
        "Editorial use only",
        "This content is intended for editorial use only. For other uses, additional clearances may be required.",
    ):
        assert parse(wording).editorial_only and parse(wording).is_clear


def test_the_world_but_for_a_place() -> None:
    for wording in (
        "*** World Rights Except Italy ***",
        "Worldwide excluding Italy",
        "World, except Italy",
        "Весь мир, кроме Италии",
    ):
        assert parse(wording) == Terms(wording=wording, territories_denied=frozenset({"IT"})), wording
    assert parse("World rights") == Terms(wording="World rights")
    assert not parse("All rights except reruns").is_clear


def test_several_in_one_line() -> None:
    terms = parse("JAPAN OUT, CREDIT MANDATORY; no resale, no archive. Web only")
    assert terms == Terms(
        wording=terms.wording,
        territories_denied=frozenset({"JP"}),
        platforms_allowed=frozenset({"web"}),
        archive=False,
        resale=False,
        credit_required=True,
    )


@pytest.mark.parametrize(
    "wording", ["", "  ", "No restrictions", "Без ограничений", "Шектеусіз", "Worldwide", "Access all"]
)
def test_nothing_restricted(wording: str) -> None:
    assert parse(wording) == Terms(wording=wording)


@pytest.mark.parametrize(
    "wording",
    ["Do not obscure logo", "No use in Japan unless cleared", "No TV in Japan", "Not only web", "Web only in Japan",
     "No restrictions in Kazakhstan", "Kazakhstan only until 14.12.2026", "No archive after 48 hours", "No", "Only",
     "48 hours only", "No access by Japanese media", "See script", "Embargo until Friday",
     "No use in Ruritania", "Only for us", "Қазақстаннан басқа елдерде қолдануға болмайды", "Embargo until 31.02.2026"],
)  # fmt: skip
def test_what_is_not_understood_is_unclear(wording: str) -> None:
    assert parse(wording).unclear == (wording,)


def test_the_understood_beside_the_unclear_still_counts() -> None:
    terms = parse("Japan out, do not obscure logo, no archive")
    assert terms.territories_denied == {"JP"} and terms.archive is False and terms.unclear == ("do not obscure logo",)


def test_a_contract_is_for_a_person() -> None:
    assert not parse("No radio, " * 10_000).is_clear
    assert not parse(",".join(["no radio"] * 50)).is_clear
    assert parse(",".join(["no radio"] * 20)).platforms_denied == {"radio"}


@given(st.text(max_size=80))
def test_any_words_are_either_understood_or_unclear(wording: str) -> None:
    terms = parse(wording)
    said = terms != Terms(wording=wording)
    letters = any(char.isalnum() for char in wording)
    assert said or not letters or terms.is_clear
    assert Terms.from_json(terms.to_json()) == terms


@given(st.text(st.sampled_from("xyzw "), min_size=3, max_size=40))
def test_nonsense_is_never_clear(wording: str) -> None:
    assert not parse(wording).is_clear or not wording.strip()
