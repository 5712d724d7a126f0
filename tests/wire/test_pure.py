from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshen.wire.products import Filter, FilterError, Subject, script_of, tag_in
from keshen.wire.signing import new_secret, sign, verify
from keshen.wire.verdicts import LONGEST_ASKED_SECONDS, LONGEST_SECONDS, Verdict, backoff, judge

NOW = datetime(2026, 3, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [(200, "delivered"), (202, "delivered"), (204, "delivered")]
    + [(status, "later") for status in (408, 425, 429, 500, 502, 503, 504, 599)]
    + [(status, "refused item") for status in (400, 413, 415, 422)]
    + [(status, "refused client") for status in (301, 302, 307, 401, 403, 404, 410)],
)
def test_every_answer_has_one_meaning(status: int, verdict: str) -> None:
    assert judge(status) is Verdict(verdict)


@given(st.integers(1, 10_000), st.integers())
def test_waits_grow_and_stay_within_bounds(attempts: int, seed: int) -> None:
    wait = backoff(attempts, now=NOW, chance=random.Random(seed))
    assert 0.5 <= wait.seconds <= LONGEST_SECONDS and not wait.asked
    assert backoff(attempts + 2, now=NOW, chance=random.Random(seed)).seconds >= min(wait.seconds, LONGEST_SECONDS / 2)


@pytest.mark.parametrize(
    ("header", "least"),
    [("7", 7), (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90), ("-", None), ("", None)],
)
def test_a_client_may_ask_for_a_time(header: str, least: int | None) -> None:
    wait = backoff(1, header, now=NOW, chance=random.Random(1))
    assert wait.asked is (least is not None)
    assert (least or 0) <= wait.seconds <= (least or 1) + 0.5


def test_a_client_may_not_ask_for_ever() -> None:
    assert backoff(1, "99999999999", now=NOW, chance=random.Random(1)).seconds <= LONGEST_ASKED_SECONDS + 0.5


@given(st.binary(max_size=200), st.integers(0, 2**33))
def test_only_our_signature_of_these_bytes_holds(body: bytes, at: int) -> None:
    secret, other = new_secret(), new_secret()
    header = sign(secret, "m-1", at, body)
    assert verify(secret, "m-1", at, body, f"v1,AAAA {header}", now=at + 10)
    assert not verify(secret, "m-1", at, body, header, now=at + 1000)
    assert not verify(secret, "m-2", at, body, header, now=at)
    assert not verify(secret, "m-1", at, body + b" ", header, now=at)
    assert not verify(other, "m-1", at, body, header, now=at)


def test_the_signature_is_the_one_other_peoples_libraries_check() -> None:
    # test vector of the Standard Webhooks specification's reference libraries
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    assert sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


SUBJECT = Subject(("kk", "kk-Latn", "kk-Arab"), ("20000441",), 3, ("АСТАНАДА", "киік"), frozenset({"text", "picture"}))


@pytest.mark.parametrize(
    ("filter_", "misses"),
    [
        ({}, []),
        ({"languages": ["kk", "ru"]}, []),
        ({"languages": ["ru"]}, ["language"]),
        ({"script": "Latn"}, []),
        ({"script": "Arab", "languages": ["kk"]}, []),
        ({"topics": ["06000000"]}, []),
        ({"topics": ["medtop:20000441"]}, []),
        ({"topics": ["15000000"]}, ["topics"]),
        ({"places": ["Астана"]}, []),
        ({"places": ["Алматы", "тана"]}, ["places"]),
        ({"media": ["picture"]}, []),
        ({"urgency": 3}, []),
        ({"urgency": 2}, ["urgency"]),
        ({"urgency": 2, "languages": ["en"], "places": ["Paris"]}, ["language", "places", "urgency"]),
    ],
)
def test_a_product_is_a_filter_that_says_what_does_not_pass(filter_: dict[str, object], misses: list[str]) -> None:
    found = Filter.from_json(filter_)
    assert [finding.key for finding in found.misses(SUBJECT)] == misses
    assert found.matches(SUBJECT) is (not misses)


def test_a_filter_on_script_leaves_out_what_cannot_be_written_in_it() -> None:
    russian, english = Subject(("ru",)), Subject(("en",))
    assert not Filter(script="Latn").matches(russian) and Filter(script="Latn").matches(english)
    assert [Filter(media=frozenset({"picture"})).matches(Subject(("en",)))] == [False]


def test_the_tag_a_text_goes_out_under_is_a_choice_of_script() -> None:
    tags = ("kk", "kk-Latn", "kk-Arab")
    assert [tag_in(tags, *scripts) for scripts in (("Latn",), ("", "Arab"), (), ("Hans",), ("Cyrl", "Latn"))] == [
        "kk-Latn", "kk-Arab", "kk", "kk", "kk",
    ]  # fmt: skip
    assert tag_in(("ru",), "Latn") == "ru"
    assert [script_of(tag) for tag in ("kk", "kk-Latn", "kk-Arab-CN", "ar", "uz", "uz-Cyrl", "en-GB")] == [
        "Cyrl", "Latn", "Arab", "Arab", "Latn", "Cyrl", "Latn",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "filter_",
    [
        {"place": ["x"]},
        {"places": "Астана"},
        {"places": [""]},
        {"topics": ["99999999"]},
        {"script": "Grek"},
        {"media": ["smell"]},
        {"urgency": 0},
        {"urgency": "1"},
    ],
)
def test_a_filter_nobody_could_mean_is_refused(filter_: dict[str, object]) -> None:
    with pytest.raises(FilterError):
        Filter.from_json(filter_)


@given(st.sets(st.sampled_from(["kk", "ru", "en"])), st.integers(1, 9))
def test_a_filter_survives_storage(languages: set[str], urgency: int) -> None:
    made = Filter(frozenset(languages), "Latn", frozenset({"06000000"}), frozenset({"Астана"}), urgency=urgency)
    assert Filter.from_json(made.to_json()) == made
