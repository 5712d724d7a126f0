from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshen.wire.products import Filter, FilterError
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


@pytest.mark.parametrize(
    ("filter_", "passes"),
    [
        ({}, True),
        ({"languages": ["kk", "ru"]}, True),
        ({"languages": ["ru"]}, False),
        ({"topics": ["06000000"]}, True),
        ({"topics": ["medtop:20000441"]}, True),
        ({"topics": ["15000000"]}, False),
        ({"urgency": 3}, True),
        ({"urgency": 2}, False),
    ],
)
def test_a_product_is_a_filter(filter_: dict[str, object], passes: bool) -> None:
    assert Filter.from_json(filter_).matches("kk", ["medtop:20000441"], 3) is passes


@pytest.mark.parametrize("filter_", [{"places": []}, {"topics": ["99999999"]}, {"urgency": 0}, {"urgency": "1"}])
def test_a_filter_nobody_could_mean_is_refused(filter_: dict[str, object]) -> None:
    with pytest.raises(FilterError):
        Filter.from_json(filter_)


@given(st.sets(st.sampled_from(["kk", "ru", "en"])), st.integers(1, 9))
def test_a_filter_survives_storage(languages: set[str], urgency: int) -> None:
    made = Filter(frozenset(languages), frozenset({"06000000"}), urgency)
    assert Filter.from_json(made.to_json()) == made
