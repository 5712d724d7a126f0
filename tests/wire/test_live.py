"""What needs a web process: the portal's live pages, and messages of which nothing is read before their key opens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import httpx
from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keshen.wire import actions
from keshen.wire.alerts import finding, verbs
from keshen.wire.intake import sourcing
from keshen.wire.intake.api import SourceKey
from keshen.wire.intake.key_first import KeyFirst
from tests.waiting import LIMIT
from tests.wire.house import House
from tests.wire.web import Web


def signs(lines: Iterator[str]) -> Iterator[int]:
    """The numbers of the signs that come, until the stream ends."""
    for line in lines:
        if line.startswith("data: "):
            told = json.loads(line[6:])
            assert told["kind"] == "wire.stream"
            yield told["id"]


def test_the_portal_hears_of_what_came_and_of_nothing_of_others(committed_house: House, web: Web) -> None:
    """A sign as the stream grows, a second one when alerts have looked at it; a new key ends it."""
    house = committed_house
    mine, key = actions.add_subscriber(house.chief, "Mine", house.product, "ninjs")
    other = actions.add_product(house.chief, "other", {"en": "Other"})
    actions.add_subscriber(house.chief, "Theirs", other, "ninjs")
    verbs.add_alert(house.system, mine, "Киік", pace="live", address="", words="ақбөкен")
    door = web.feed.removesuffix("all") + "client/"
    with httpx.Client(timeout=LIMIT, follow_redirects=True) as stranger:
        assert stranger.get(f"{door}live").status_code == 403
    with httpx.Client(timeout=LIMIT, follow_redirects=True) as client:
        came_in = client.get(door)
        token = client.cookies.get("csrftoken") or _token(came_in.text)
        origin = {"Referer": door, "Origin": door.removesuffix("/wire/client/")}
        entered = client.post(door, data={"key": key, "csrfmiddlewaretoken": token}, headers=origin)
        assert entered.status_code == 200
        with client.stream("GET", f"{door}live") as stream:
            assert stream.headers["Content-Type"].startswith("text/event-stream")
            assert stream.headers["Cache-Control"] == "no-store"
            lines = stream.iter_lines()
            assert next(lines) == "retry: 4000"
            house.publish("Ақбөкендер көшті")
            mine.refresh_from_db()
            told = signs(lines)
            assert next(told) == mine.last_sequence
            while finding.find():
                continue
            assert next(told) == mine.last_sequence
            page = client.get(f"{door}alerts/", headers={"X-Part": "hit-rows"}).text
            assert "Ақбөкендер көшті" in page
            actions.new_key(house.chief, mine)
            house.publish("Каспий тартылды")
            assert list(told) == []


def _token(page: str) -> str:
    return page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]


def test_nothing_is_read_of_what_a_stranger_sends(committed_house: House) -> None:
    """Asked at the application itself: who has no key, or a paused one, is answered before the body is asked for."""
    source, key = sourcing.add_source(committed_house.chief, "Жіберуші", "push", slug="sender")
    reached: list[Any] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope)

    def asked(authorization: str, path: str = "/api/v1/wire/in", language: str = "en") -> tuple[int, str]:
        sent: list[Any] = []

        async def receive() -> Any:
            raise AssertionError("the body was asked for")

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [(b"authorization", authorization.encode())] if authorization else []
        headers += [(b"accept-language", language.encode())] if language else []
        scope = {"type": "http", "method": "POST", "path": path, "headers": headers}
        asyncio.run(KeyFirst(inner)(scope, receive, send))
        return (sent[0]["status"], json.loads(sent[1]["body"])["detail"]) if sent else (0, "")

    for stranger in ("", "Bearer", "Bearer wrong", f"Basic {key}", "Bearer \x00\xff"):
        status, detail = asked(stranger)
        assert status == 401 and "Bearer" in detail
    assert asked(f"bearer {key}") == (0, "") and asked("", "/api/v1/wire/sources") == (0, "")
    assert [scope["path"] for scope in reached] == ["/api/v1/wire/in", "/api/v1/wire/sources"]
    with CaptureQueriesContext(connection) as asked_again:
        known = SourceKey().authenticate(ASGIRequest(reached[0], BytesIO()), key)
    assert known == source and not asked_again.captured_queries, "whose key it is was looked up once"
    sourcing.pause(committed_house.chief, source, "Келісім бітті")
    status, detail = asked(f"Bearer {key}")
    assert status == 403 and detail == "This source is paused: Келісім бітті"
    said = {language: asked("Bearer wrong", language=language)[1] for language in ("kk", "ru-RU, en;q=0.5", "en")}
    assert len(set(said.values())) == 3 and all("Authorization: Bearer" in detail for detail in said.values())
    assert asked("Bearer wrong", language="")[1] == asked("Bearer wrong", language="xx, *;q=0.1")[1] == said["kk"]
