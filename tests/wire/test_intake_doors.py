"""The intake from a script: the commands and the API do what the screens do."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from typer.testing import CliRunner

from keshen.house.actions import issue_token
from keshen.house.models import Desk, Organisation, User
from keshen.wire.command import app
from keshen.wire.intake import queries, sourcing
from keshen.wire.intake.channels import Message
from keshen.wire.intake.models import IncomingItem, Rule, Source
from keshen.wire.intake.receive import receive
from tests.wire.house import House
from tests.wire.sources import entries, feed, web


def run(*arguments: str) -> Any:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


def received_on() -> date:
    """The day the first item came, also when the test runs past midnight."""
    return timezone.localdate(IncomingItem.objects.earliest("id").received_at)


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk.objects.create(organisation=house.editor.organisation, slug="nature", name={"en": "Nature"})


def test_a_source_from_a_terminal(house: House, desk: Desk) -> None:
    with web() as server:
        server.says(feed(*entries()))
        address = f"{server.url}/a.rss"
        made = json.loads(
            run("source", "add", "Dala", "--address", address, "--desk", "nature", "--terms", "Credit: Dala",
                "--as", "chief", "--json")
        )  # fmt: skip
        assert made == {"slug": "dala", "key": ""}
        run("rules", "add", "Saigas", "--conditions", '{"words": ["киік"]}', "--act", "drop", "--as", "editor")
        looked = json.loads(run("source", "look", "dala", "--as", "chief", "--json"))
        assert sorted(row["outcome"] for row in looked) == ["new", "new", "new"]
    assert [row["desk"] for row in json.loads(run("incoming", "--json"))] == ["nature", "nature"]
    assert json.loads(run("incoming", "--state", "dropped", "--json"))[0]["headline"] == "Ақбөкен туралы хабар"
    [listed] = json.loads(run("source", "list", "--json"))
    assert (listed["health"], listed["failures"]) == ("good", 0)
    day = f"{received_on():%Y-%m-%d}"
    tried = json.loads(run("rules", "dry-run", "--day", day, "--json"))
    assert {row["rule"] for row in tried} == {"Saigas", ""} and all(row["why"] for row in tried)
    run("source", "pause", "dala", "--reason", "Night", "--as", "chief")
    failed = CliRunner().invoke(app, ["source", "look", "dala", "--as", "chief"])
    assert failed.exit_code == 1 and "paused" in failed.output
    run("source", "resume", "dala", "--as", "chief")
    assert Source.objects.get().state == "active"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["source", "add", "X", "--address", "ftp://h/f"], "http"),
        (["source", "add", "X", "--channel", "fax"], "fax"),
        (["source", "add", "X", "--address", "http://127.0.0.1:9/", "--setting", "colour=red"], "colour"),
        (["source", "look", "nobody"], "nobody"),
        (["rules", "add", "R", "--desk", "nature", "--conditions", '{"colour": ["red"]}'], "colour"),
        (["rules", "add", "R", "--desk", "moon"], "moon"),
        (["rules", "dry-run", "--day", "yesterday"], "yesterday"),
    ],
)
def test_mistakes_are_said_with_what_to_do(house: House, desk: Desk, arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(app, [*arguments, *(["--as", "chief"] if "dry-run" not in arguments else [])])
    assert result.exit_code == 1 and said in result.output and "Traceback" not in result.output


def test_the_api_does_what_the_screens_do(house: House, desk: Desk, client: Client) -> None:
    admin = User.objects.create(username="admin", organisation=house.editor.organisation, roles=["admin"])
    bearer = {"authorization": f"Bearer {issue_token(admin, house.chief, 'test')}"}

    def post(path: str, body: dict[str, Any], status: int = 200) -> Any:
        answer = client.post(f"/api/v1/wire/{path}", json.dumps(body), content_type="application/json", headers=bearer)
        assert answer.status_code == status, answer.content
        return answer.json()

    made = post("sources", {"name": "Dala", "channel": "push", "restrictions": ["Credit: Dala"]}, 201)
    sent = client.post(
        "/api/v1/wire/in?name=a.rss", feed(*entries()).encode(), content_type="application/rss+xml",
        headers={"authorization": f"Bearer {made['key']}"},
    )  # fmt: skip
    assert [row["outcome"] for row in sent.json()] == ["new"] * 3
    assert not any("key" in row and row["key"] for row in client.get("/api/v1/wire/sources", headers=bearer).json())
    rows = client.get("/api/v1/wire/incoming", headers=bearer).json()
    one, two, three = (row["id"] for row in rows)
    assert rows[0]["restrictions"] == ["Credit: Dala"]
    taken = post(f"incoming/{one}/take", {})
    assert taken["state"] == "taken" and taken["story"]
    assert post(f"incoming/{two}/merge", {"story": taken["story"]})["state"] == "merged"
    assert post(f"incoming/{three}/route", {"desk": "nature"})["desk"] == "nature"
    assert post(f"incoming/{three}/drop", {"reason": "Old"})["state"] == "dropped"
    assert post(f"incoming/{three}/put-back", {})["state"] == "new"
    assert "detail" in post(f"incoming/{one}/take", {}, 409)
    rule = {"name": "Saigas", "conditions": {"words": ["киік"]}, "act": "route", "desk": "nature"}
    tried = post("rules/dry-run", {"day": f"{received_on()}", "rule": rule})
    assert sum(row["changes"] for row in tried) == 1 and not Rule.objects.exists()
    assert post("rules", rule, 201)["id"] == Rule.objects.get().pk
    assert post("rules/dry-run", {"day": f"{received_on() - timedelta(days=9)}"}) == []
    post("rules", {"name": "Bad", "conditions": {"urgency": 99}, "desk": "nature"}, 422)
    assert post("sources/dala/pause", {"reason": "Night"})["state"] == "paused"
    assert client.get("/api/v1/wire/incoming").status_code == 401


def test_partners_see_their_own_alone(house: House, desk: Desk, client: Client) -> None:
    source, _key = sourcing.add_source(house.chief, "Dala", "push")
    receive(source, Message("a.rss", feed(*entries()).encode()))
    partner = Organisation.objects.create(slug="partner", kind="partner", name={"en": "Partner"})
    stranger = User.objects.create(username="stranger", organisation=partner, roles=["editor"])
    assert not queries.seen_by(stranger).exists() and not queries.sources_seen_by(stranger).exists()
    admin = User.objects.create(username="admin", organisation=house.editor.organisation, roles=["admin"])
    bearer = {"authorization": f"Bearer {issue_token(admin, stranger, 'test')}"}
    item = IncomingItem.objects.latest("pk")
    for path in (f"incoming/{item.pk}/take", "sources/dala/look"):
        answer = client.post(f"/api/v1/wire/{path}", "{}", content_type="application/json", headers=bearer)
        assert answer.status_code in (403, 404), answer.content
