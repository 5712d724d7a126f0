"""One decision about one use under all its terms."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshen.rights.policy import Outcome, Terms, Use, Window, decide, parse

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
KZ = frozenset({"KZ"})
SITE = Use("site", "web", frozenset({"WORLD"}), NOON)
TV = Use("schedule", "tv", KZ, NOON)


def outcome(wording: str, use: Use) -> str:
    return decide([parse(wording)], use).outcome.value


@pytest.mark.parametrize(
    ("wording", "use", "expected"),
    [
        ("No use in Japan", SITE, "deny"),
        ("No use in Japan", TV, "permit"),
        ("Only in Kazakhstan", SITE, "deny"),
        ("Only in Kazakhstan", TV, "permit"),
        ("Web only", SITE, "permit"),
        ("Web only", TV, "deny"),
        ("No TV", TV, "deny"),
        ("AP clients only", TV, "unclear"),
        ("AP clients only", replace(SITE, exit="wire", platform="wire", recipient="ap"), "permit"),
        ("AP clients only", replace(SITE, exit="wire", platform="wire", recipient="TASS"), "deny"),
        ("Not for TASS clients", replace(SITE, exit="wire", platform="wire", recipient="TASS"), "deny"),
        ("No resale", replace(SITE, exit="wire", platform="wire"), "deny"),
        ("No resale", TV, "permit"),
        ("No archive", TV, "permit"),
        ("No archive", replace(TV, archive=True), "deny"),
        ("Embargo until 2026-01-01 13:00 GMT", TV, "deny"),
        ("Embargo until 2026-01-01 12:00 GMT", TV, "permit"),
        ("Use until 2025-12-31", TV, "deny"),
        ("Credit mandatory", TV, "permit"),
        ("See script", TV, "unclear"),
        ("See script; no TV", TV, "deny"),
    ],
)
def test_decisions(wording: str, use: Use, expected: str) -> None:
    assert outcome(wording, use) == expected


def test_a_past_embargo_is_noted_and_permits() -> None:
    verdict = decide([parse("Embargo until 14.12.2025 18:00")], TV)
    assert verdict.outcome is Outcome.PERMIT
    assert [reason.key for reason in verdict.reasons] == ["embargo_past"]
    assert verdict.reasons[0].params == {"until": "2025-12-14T18:00:00+05:00"}


def test_no_terms_permit_and_say_so() -> None:
    assert [reason.key for reason in decide([], TV).reasons] == ["no_terms"]


def test_a_use_has_a_place_and_an_aware_time() -> None:
    with pytest.raises(ValueError, match="aware"):
        replace(TV, at=datetime(2026, 1, 1))
    with pytest.raises(ValueError, match="somewhere"):
        replace(TV, territories=frozenset())


CODES = st.frozensets(st.sampled_from(["KZ", "JP", "RU", "WORLD"]))
PLATFORM_SETS = st.frozensets(st.sampled_from(["web", "wire", "tv", "radio"]))
TIMES = st.none() | st.integers(-48, 48).map(lambda hours: NOON + timedelta(hours=hours))
TERMS = st.builds(
    Terms,
    territories_allowed=st.none() | CODES,
    territories_denied=CODES,
    platforms_allowed=st.none() | PLATFORM_SETS,
    platforms_denied=PLATFORM_SETS,
    clients_allowed=st.none() | st.frozensets(st.sampled_from(["AP", "TASS"])),
    windows=st.lists(st.builds(Window, TIMES, TIMES), max_size=2).map(tuple),
    embargo=TIMES,
    archive=st.none() | st.booleans(),
    resale=st.none() | st.booleans(),
    credit_required=st.booleans(),
    unclear=st.lists(st.just("see script"), max_size=1).map(tuple),
)
USES = st.builds(
    Use,
    st.sampled_from(["site", "wire", "schedule", "playlist", "export"]),
    st.sampled_from(["web", "wire", "tv", "radio"]),
    CODES.filter(bool),
    st.just(NOON),
    st.none() | st.sampled_from(["AP", "TASS"]),
    st.booleans(),
)
ORDER = [Outcome.PERMIT, Outcome.UNCLEAR, Outcome.DENY]


@given(st.lists(TERMS, max_size=3), TERMS, USES)
def test_more_terms_never_soften(terms: list[Terms], more: Terms, use: Use) -> None:
    assert ORDER.index(decide([*terms, more], use).outcome) >= ORDER.index(decide(terms, use).outcome)


@given(TERMS, USES, CODES, PLATFORM_SETS)
def test_a_denial_added_never_softens(terms: Terms, use: Use, places: frozenset[str], media: frozenset[str]) -> None:
    stricter = replace(
        terms, territories_denied=terms.territories_denied | places, platforms_denied=terms.platforms_denied | media
    )
    assert ORDER.index(decide([stricter], use).outcome) >= ORDER.index(decide([terms], use).outcome)


@given(TERMS, USES)
def test_unclear_terms_never_permit(terms: Terms, use: Use) -> None:
    if terms.unclear:
        assert decide([terms], use).outcome is not Outcome.PERMIT


@given(TERMS, USES)
def test_the_outcome_is_explained(terms: Terms, use: Use) -> None:
    verdict = decide([terms], use)
    assert verdict.outcome is Outcome.PERMIT or verdict.outcome in {reason.outcome for reason in verdict.reasons}


@given(TERMS, USES, CODES.filter(bool))
def test_a_wider_reach_never_helps(terms: Terms, use: Use, more: frozenset[str]) -> None:
    wider = replace(use, territories=use.territories | more)
    assert ORDER.index(decide([terms], wider).outcome) >= ORDER.index(decide([terms], use).outcome)


@given(TERMS)
def test_terms_survive_being_kept(terms: Terms) -> None:
    assert Terms.from_json(terms.to_json()) == terms
