"""`keshen wire` does from a script what the screens do."""

from __future__ import annotations

import json

from lxml import etree
from typer.testing import CliRunner

from keshen.house.models import User
from keshen.wire.command import app
from keshen.wire.models import Subscriber
from tests.wire.house import House

run = CliRunner()


def test_add_a_client_and_see_its_deliveries(house: House) -> None:
    User.objects.create(username="admin", organisation=house.editor.organisation, roles=["admin"])
    push = "http://127.0.0.1:8149/in"
    added = run.invoke(app, ["subscriber", "add", "City TV", "--product", "all", "--push", push, "--json"])
    assert added.exit_code == 0, added.output
    made = Subscriber.objects.get(slug=json.loads(added.output)["slug"])
    assert (made.push_url, made.secret) == (push, json.loads(added.output)["secret"])
    text = house.publish()
    shown = run.invoke(app, ["deliveries", str(text.story_id), "--json"])
    assert {row["subscriber"]: row["state"] for row in json.loads(shown.output)} == {
        "city-tv": "queued",
        "open-all": "delivered",
    }
    assert run.invoke(app, ["deliveries", text.story.urn]).exit_code == 0
    assert "city-tv" in run.invoke(app, ["subscriber", "list", "--json"]).output


def test_write_prints_what_would_be_sent(house: House) -> None:
    text = house.publish("Ақбөкендер көшті")
    written = run.invoke(app, ["write", str(text.story_id)])
    assert json.loads(written.stdout_bytes)["headlines"][0]["value"] == "Ақбөкендер көшті"
    newsml = run.invoke(app, ["write", str(text.story_id), "--format", "newsml"])
    assert etree.fromstring(newsml.stdout_bytes.strip()).tag.endswith("newsMessage")
    latin = json.loads(run.invoke(app, ["write", str(text.story_id), "--language", "kk-Latn"]).stdout_bytes)
    assert latin["language"] == "kk-Latn" and latin["uri"].endswith("-kk-Latn")
    assert latin["digitalSourceType"]["name"] == "algorithmicallyEnhanced"
    house.kill(text.story)
    killed = json.loads(run.invoke(app, ["write", str(text.story_id)]).stdout_bytes)
    assert killed["pubStatus"] == "canceled" and "bodies" not in killed


def test_mistakes_are_said(house: House) -> None:
    for words in (
        ["deliveries", "999"],
        ["write", "urn:nobody"],
        ["subscriber", "add", "x", "--as", "editor", "--product", "none"],
        ["subscriber", "add", "x", "--as", "editor"],
        ["subscriber", "add", "x", "--as", "nobody"],
        ["subscriber", "resume", "nobody"],
    ):
        refused = run.invoke(app, words)
        assert refused.exit_code == 1 and refused.output.strip() and "Traceback" not in refused.output, words
