"""The schedule by HTTP and by `keshen air`: the same verbs, refusals with the remedy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import translation
from typer.testing import CliRunner

from keshen.air import actions, board
from keshen.air.commands.air import app
from keshen.air.models import Line
from keshen.house.actions import issue_token
from keshen.house.models import User
from keshen.media.houseformat import TICKS_PER_HOUR, datetime_at
from tests.air.house import NOON, Air

SOON = NOON + 400


@pytest.fixture
def laid(air: Air) -> Iterator[Air]:
    actions.lay(air.system, air.tv)
    actions.plan(air.system, air.tv)
    with translation.override("en"):
        yield air


def test_a_program_places_moves_trims_undoes(laid: Air) -> None:
    admin = User.objects.create(username="admin", organisation=laid.operator.organisation, roles=["admin"])
    key = issue_token(admin, laid.operator, "playout")
    client = Client(headers={"Authorization": f"Bearer {key}", "Accept-Language": "en"})
    clip = laid.make(188, "clip")

    def post(path: str, **body: object) -> tuple[int, dict]:
        answer = client.post(f"/api/v1/air/jibek-joly/{path}", json.dumps(body), content_type="application/json")
        return answer.status_code, answer.json()

    at, later = datetime_at(SOON).isoformat(), datetime_at(SOON + 500)
    assert post("schedule", start=at, asset=clip.pk, hard=True)[0] == 200
    assert post("schedule/move", start=at, to=later.isoformat())[0] == 200
    status, done = post("schedule/trim", start=later.isoformat(), first=0, last=30)
    assert status == 200
    assert datetime.fromisoformat(done["end"]) == later + timedelta(seconds=30.08), "to the tick of 0.32 s"
    marks = [
        {"kind": "lower-third", "text": "Ақбөкен", "second": "Астана", "first": 3.2, "last": 6.4},
        {"kind": "repeat"},
    ]
    assert post("schedule/mark", start=later.isoformat(), marks=marks)[0] == 200
    shown = client.get("/api/v1/air/jibek-joly/schedule").json()["parts"]
    (part,) = [part for part in shown if part["asset"] == clip.pk]
    assert [(one["kind"], one["text"], one["first"], one["last"]) for one in part["marks"]] == [
        ("lower-third", "Ақбөкен", 10, 20),
        ("repeat", "Қайталау", 0, 94),
    ]
    assert part["waits"], "it is seen that they are being drawn"
    assert post("schedule/mark", start=later.isoformat(), marks=[{"kind": "age"}])[0] == 409, "an age rating says which"
    assert post("logo", corner="top-left", size=12)[1]["corner"] == "top-left"
    assert post("logo", size=90)[0] == 422
    assert post("schedule/undo")[0] == 200
    status, said = post("schedule", start=datetime_at(NOON + 1).isoformat(), asset=clip.pk)
    assert status == 409
    assert "frozen" in said["detail"]
    assert post("schedule", start="2026-03-02T12:00:00", asset=clip.pk)[0] == 422
    assert post("schedule/undo")[0] == 200
    assert post("break-in", assets=[clip.pk])[0] == 200
    shown = client.get("/api/v1/air/jibek-joly/schedule").json()
    assert clip.pk in {part["asset"] for part in shown["parts"] if part["group"]}
    assert shown["break_in"]["until"] - shown["break_in"]["start"] == 188
    assert post("return")[0] == 200, "before it was seen, it is taken back whole"
    assert not [
        part
        for part in client.get("/api/v1/air/jibek-joly/schedule").json()["parts"]
        if part["asset"] == clip.pk and part["group"]
    ]


def test_the_board_is_without_gap_and_knows_what_is_placed(laid: Air) -> None:
    clip = laid.make(188, "clip")
    for start in (SOON, NOON + 3 * TICKS_PER_HOUR, NOON + 100 * TICKS_PER_HOUR):
        actions.insert(laid.operator, laid.tv, start=start, asset=clip.pk, hard=True, titles={"en": "Clip"})
    found = board.board(laid.tv, NOON, NOON + 20 * TICKS_PER_HOUR)
    cursor = found["parts"][0]["start"]
    for part in found["parts"]:
        assert part["start"] == cursor
        cursor += part["ticks"]
    assert [part["start"] for part in found["parts"] if part["hard"]] == [SOON, NOON + 3 * TICKS_PER_HOUR]
    week = board.board(laid.tv, NOON, NOON + 7 * 24 * TICKS_PER_HOUR)
    assert week["parts"][-1]["start"] == NOON + 100 * TICKS_PER_HOUR
    assert [block["title"] for block in week["format"]][:1] == ["Ұлы дала"]


def test_the_command_says_what_it_did_to_the_second(laid: Air) -> None:
    clip = laid.make(188, "clip")
    run = CliRunner()
    at = datetime_at(SOON).isoformat()
    placed = run.invoke(app, ["place", "jibek-joly", str(clip.pk), at])
    assert placed.exit_code == 0, placed.output
    assert Line.objects.get().start_tick == SOON
    shown = json.loads(run.invoke(app, ["schedule", "jibek-joly", "--json"]).output)
    assert any(part["placed"] for part in shown["parts"])
    assert run.invoke(app, ["schedule", "jibek-joly"]).exit_code == 0
    done = json.loads(run.invoke(app, ["break-in", "jibek-joly", str(clip.pk), "--reason", "fire", "--json"]).output)
    assert done["end"] > done["start"]
    refused = run.invoke(app, ["break-in", "jibek-joly", "999999"])
    assert refused.exit_code == 1
    assert "not ready" in refused.stderr
    assert "There are: " in run.invoke(app, ["skip", "nowhere"]).stderr
    assert run.invoke(app, ["place", "jibek-joly", str(clip.pk), "soon"]).exit_code == 1
    part = ["--from", "2.24", "--to", "15.04"]
    assert (
        run.invoke(app, ["place", "jibek-joly", str(clip.pk), datetime_at(SOON + 2000).isoformat(), *part]).exit_code
        == 0
    )
    line = Line.objects.get(start_tick=SOON + 2000)
    assert (line.asset_tick, line.end_tick - line.start_tick) == (7, 40)
