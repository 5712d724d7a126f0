"""People come and change by actions that the log keeps; passwords never stand in it."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from keshen.config.commands.people import app
from keshen.house import actions
from keshen.house.models import Event, Organisation, User
from keshen.house.permissions import Denied

pytestmark = pytest.mark.django_db


def test_the_house_is_founded_once():
    first = actions.found()
    assert actions.found() == first
    assert User.objects.count() == 1 and Organisation.objects.get().kind == "house"


def test_adding_a_person_and_changing_a_password_are_in_the_log_without_the_password():
    system = actions.found()
    person = actions.add_person(
        system, "aida", "a long password", organisation=system.organisation, roles=["editor"], language="ru"
    )
    actions.set_password(system, person, "another long one")
    assert User.objects.get(username="aida").check_password("another long one")
    kinds = list(Event.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["house.founded", "person.added", "person.password_changed"]
    assert "long" not in json.dumps(list(Event.objects.values_list("before", "after", "reason")))


def test_only_an_administrator_adds_people():
    system = actions.found()
    editor = actions.add_person(system, "e", "a long password", organisation=system.organisation, roles=["editor"])
    with pytest.raises(Denied):
        actions.add_person(editor, "x", "a long password", organisation=system.organisation, roles=["admin"])
    with pytest.raises(ValueError, match="no such role"):
        actions.add_person(system, "x", "a long password", organisation=system.organisation, roles=["boss"])


def test_a_revoked_key_opens_nothing():
    system = actions.found()
    key = actions.issue_token(system, system, "feed reader")
    assert actions.user_for_token(key) == system
    assert key not in json.dumps(list(Event.objects.values_list("after", flat=True)))
    actions.revoke_token(system, system.tokens.get())
    assert actions.user_for_token(key) is None and actions.user_for_token("guess") is None


def test_a_program_is_given_a_key_at_the_terminal_and_loses_it():
    system = actions.found()
    actions.add_person(system, "aida", "a long password", organisation=system.organisation, roles=["editor"])
    runner = CliRunner()
    made = runner.invoke(app, ["key", "aida", "--for", "the archive"])
    assert made.exit_code == 0
    [shown, *_rest] = made.stdout.split()
    assert actions.user_for_token(shown) == User.objects.get(username="aida")
    listed = runner.invoke(app, ["keys"]).stdout
    assert "aida  the archive" in listed and shown not in listed
    ended = runner.invoke(app, ["revoke", listed.split()[0]])
    assert ended.exit_code == 0 and actions.user_for_token(shown) is None
    assert shown not in json.dumps(list(Event.objects.values_list("before", "after", "reason")))


@pytest.mark.parametrize("wrong", [["key", "nobody", "--for", "x"], ["key", "system", "--for", "x"], ["revoke", "99"]])
def test_a_key_for_nobody_or_of_nobody_is_refused_with_what_to_do(wrong):
    actions.found()
    refused = CliRunner().invoke(app, wrong)
    assert refused.exit_code == 1 and "There is no" in refused.stderr
