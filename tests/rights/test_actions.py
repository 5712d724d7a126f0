"""Terms kept on subjects, clarified by people, and every decision stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import translation

from keshen.house.models import Event, Organisation, User
from keshen.house.permissions import Denied
from keshen.rights import actions, queries
from keshen.rights.models import Decision, Terms
from keshen.rights.policy import Use, parse

pytestmark = pytest.mark.django_db

STORY = "urn:newsml:keshen.localhost:20260101:story-1"
PICTURE = "urn:newsml:keshen.localhost:20260101:asset-1"
USE = Use("schedule", "tv", frozenset({"KZ"}), datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def people() -> dict[str, User]:
    house = Organisation.objects.create(slug="house", kind=Organisation.Kind.HOUSE)
    return {
        role: User.objects.create(username=role, organisation=house, roles=[role])
        for role in ("reporter", "editor", "operator")
    }


def test_a_denying_a_permitting_and_an_unclear_restriction(people: dict[str, User]) -> None:
    assert actions.decide([STORY], USE).outcome == "permit"
    actions.attach(people["reporter"], PICTURE, "No TV")
    decision = actions.decide([STORY, PICTURE], USE)
    assert decision.outcome == "deny" and decision.explanation == ["Not allowed on television."]
    assert actions.decide([STORY], USE).outcome == "permit"
    actions.attach(people["reporter"], STORY, "See script")
    assert actions.decide([STORY], USE).outcome == "unclear"
    assert Decision.objects.count() == 4
    assert queries.decisions_on(PICTURE).get() == decision
    assert decision.use["platform"] == "tv" and decision.terms == [Terms.objects.get(wording="No TV").pk]


def test_a_person_clarifies_with_a_reason(people: dict[str, User]) -> None:
    unclear = actions.attach(people["reporter"], STORY, "48 hours only")
    assert list(queries.unclear_terms()) == [unclear]
    meaning = parse("Use until 2026-01-03")
    with pytest.raises(Denied):
        actions.clarify(people["reporter"], unclear, meaning, "They said so")
    with pytest.raises(ValidationError):
        actions.clarify(people["editor"], unclear, meaning, " ")
    settled = actions.clarify(people["editor"], unclear, meaning, "By phone with the agency")
    assert settled.wording == "48 hours only" and settled.clear and settled.supersedes == unclear
    assert list(queries.terms_of([STORY])) == [settled] and not queries.unclear_terms()
    assert actions.decide([STORY], USE).outcome == "permit"
    late = Use("schedule", "tv", frozenset({"KZ"}), datetime(2026, 1, 4, tzinfo=UTC))
    assert actions.decide([STORY], late).outcome == "deny"
    event = Event.objects.get(kind="terms.clarified")
    assert event.subject == STORY and event.actor == people["editor"] and event.reason == "By phone with the agency"
    with pytest.raises(ValidationError, match="meanwhile"):
        actions.clarify(people["editor"], unclear, meaning, "Again")


def test_the_terms_of_a_text_follow_it_and_keep_what_was_clarified(people: dict[str, User]) -> None:
    reporter = people["reporter"]
    first, second = actions.set_terms(reporter, STORY, ["See script", "No radio"], language="kk")
    settled = actions.clarify(people["editor"], first, parse("No TV"), "Asked")
    assert actions.set_terms(reporter, STORY, ["See script ", "No radio", ""], language="kk") == [settled, second]
    actions.set_terms(reporter, STORY, ["Web only"], language="ru")
    actions.set_terms(reporter, STORY, ["See script"], language="kk")
    assert {row.wording for row in queries.terms_of([STORY])} == {"See script", "Web only"}
    actions.set_terms(reporter, STORY, [], language="kk")
    actions.set_terms(reporter, STORY, [], language="ru")
    assert not queries.terms_of([STORY]) and actions.decide([STORY], USE).outcome == "permit"
    assert Event.objects.filter(kind="terms.withdrawn").count() == 3


def test_withdrawing_needs_a_right_and_a_reason(people: dict[str, User]) -> None:
    row = actions.attach(people["reporter"], STORY, "No TV")
    with pytest.raises(Denied):
        actions.withdraw(people["reporter"], row, reason="because")
    with pytest.raises(Denied):
        actions.attach(people["operator"], STORY, "No TV")
    with pytest.raises(ValidationError):
        actions.withdraw(people["editor"], row, reason="")
    actions.withdraw(people["editor"], row, reason="The sender lifted it")
    assert not queries.terms_of([STORY])


def test_the_database_refuses_change(people: dict[str, User]) -> None:
    row = actions.attach(people["reporter"], STORY, "No TV")
    decision = actions.decide([STORY], USE)
    for change in (
        lambda: Terms.objects.filter(pk=row.pk).update(clear=False),
        lambda: Terms.objects.filter(pk=row.pk)._raw_delete("default"),
        lambda: Decision.objects.filter(pk=decision.pk).update(outcome="permit"),
        lambda: decision.delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


@pytest.mark.parametrize(
    "wording",
    ["Japan out", "Only in Kazakhstan", "No TV", "Web only", "AP clients only", "Not for AP clients",
     "Editorial use only", "Embargo until 2026-05-05 10:00", "Embargo until 2020-05-05 10:00", "Use until 2020-01-01",
     "No archive", "No resale", "Credit: NASA", "See script"],
)  # fmt: skip
def test_every_reason_has_a_sentence(people: dict[str, User], wording: str) -> None:
    actions.attach(people["reporter"], STORY, wording)
    for recipient in (None, "AP", "TASS"):
        use = Use("wire", "tv", frozenset({"WORLD"}), USE.at, recipient)
        for sentence in actions.decide([STORY], use).explanation:
            assert sentence and "%(" not in sentence


def test_a_partner_cannot_say_what_the_houses_terms_mean(people: dict[str, User]) -> None:
    partner = Organisation.objects.create(slug="partner", kind=Organisation.Kind.PARTNER)
    stranger = User.objects.create(username="stranger", organisation=partner, roles=["editor"])
    unclear = actions.attach(people["reporter"], STORY, "48 hours only")
    with pytest.raises(Denied):
        actions.clarify(stranger, unclear, parse("Use until 2026-01-03"), "I say so")
    with pytest.raises(Denied):
        actions.withdraw(stranger, unclear, reason="I say so")
