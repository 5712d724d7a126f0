"""Following the stream: server-sent events and long poll; and the client of the documentation, through churn."""

from __future__ import annotations

import json
import os
import random
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import httpx
import pytest

from keshen.newsroom.models import Text
from keshen.wire import actions
from tests import asking
from tests.waiting import LIMIT, until
from tests.wire.house import House
from tests.wire.storm.storm import ROOT
from tests.wire.web import Web

SEED = int(os.environ.get("KESHEN_STORM_SEED") or 7)
CHURN_SECONDS = int(os.environ.get("KESHEN_CHURN_SECONDS") or 3600)


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def events(
    address: str, number: int, when_open: Callable[[], object] = lambda: None, **headers: str
) -> list[tuple[int, str, str]]:
    """The first `number` events: number, status and headline. `when_open` is called when the stream has begun."""
    found: list[tuple[int, str, str]] = []
    at = beats = 0
    with httpx.stream("GET", address, headers=headers, timeout=LIMIT) as response:
        assert response.status_code == 200, response.read()
        assert response.headers["Content-Type"].startswith("text/event-stream")
        for line in response.iter_lines():
            if line.startswith("retry: "):
                when_open()
            elif line.startswith(": still here"):
                beats += 1
                assert beats < 10, f"only {found} came"
            elif line.startswith("id: "):
                at = int(line[4:])
            elif line.startswith("data: "):
                item = json.loads(line[6:])
                found.append((at, item["pubStatus"], item["headlines"][0]["value"]))
            if len(found) == number:
                break
    return found


def test_streams_begin_at_any_number_and_go_on_as_it_comes(committed_house: House, web: Web) -> None:
    house = committed_house
    client, key = actions.add_subscriber(house.chief, "Follower", house.product, "ninjs")
    first, second = house.publish("Бірінші"), house.publish("Екінші")
    house.correct(first, "Түзетілген")
    assert events(f"{web.feed}/stream?after=1", 2) == [(2, "usable", "Екінші"), (3, "usable", "Түзетілген")]
    assert events(f"{web.feed}/stream", 1, **{"Last-Event-ID": "2", **bearer(key)}) == [(3, "usable", "Түзетілген")]
    kill = partial(house.kill, second.story)
    assert events(f"{web.feed}/stream", 1, kill, **bearer(key)) == [(4, "canceled", "Екінші")]
    assert [number for number, *_ in events(f"{web.feed}/stream?after=0", 3, **bearer(key))] == [1, 3, 4]

    found = asking.get(f"{web.feed}/poll?after=2", headers=bearer(key))
    assert found.headers["Keshen-Sequence"] == "4"
    assert [item["name"] for item in found.json()["associations"]] == ["Түзетілген", "Екінші"]
    nothing = asking.get(f"{web.feed}/poll?after=4&wait=1", headers=bearer(key))
    assert (nothing.status_code, nothing.headers["Keshen-Sequence"]) == (204, "4")
    later = threading.Timer(0.5, house_publishes, [house])
    later.start()
    arrived = asking.get(f"{web.feed}/poll?after=4&wait=55", headers=bearer(key))
    assert [item["name"] for item in arrived.json()["associations"]] == ["Үшінші"]
    later.join()

    assert asking.get(f"{web.feed}/stream?after=x").status_code == 400
    assert asking.get(f"{web.feed}/stream?format=rss").status_code == 400
    assert asking.get(f"{web.feed}/poll?wait=3600").status_code == 400
    assert asking.post(f"{web.feed}/stream").status_code == 405
    assert asking.get(f"{web.feed}/stream", headers=bearer("wrong")).status_code == 401
    actions.suspend(house.chief, client, "Unpaid")
    assert asking.get(f"{web.feed}/poll?after=0", headers=bearer(key)).status_code == 403


def house_publishes(house: House) -> None:
    from django.db import connections

    house.publish("Үшінші")
    connections.close_all()


def test_one_client_does_not_take_all_the_places(committed_house: House, web: Web) -> None:
    _client, key = actions.add_subscriber(committed_house.chief, "Greedy", committed_house.product, "ninjs")
    with httpx.Client(timeout=LIMIT, limits=httpx.Limits(max_connections=None)) as http, ExitStack() as open_ones:
        # kept: lines let go of would close their stream
        lines = [
            open_ones.enter_context(http.stream("GET", f"{web.feed}/stream", headers=bearer(key))).iter_lines()
            for _ in range(20)
        ]
        assert [next(line) for line in lines] == ["retry: 2000"] * 20
        with http.stream("GET", f"{web.feed}/stream", headers=bearer(key)) as refused:
            assert (refused.status_code, refused.headers["Retry-After"]) == (429, "10")


def documented_client() -> str:
    """The client as the documentation prints it."""
    text = (ROOT / "docs" / "user" / "wire.md").read_text()
    (code,) = [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "/stream" in block]
    assert len([line for line in code.splitlines() if line.strip()]) <= 30
    return str(code)


def cuts(*answers: bytes) -> tuple[int, threading.Thread]:
    """A server that gives these answers, one a connection, and hangs up after each; its port."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(LIMIT)

    def serve() -> None:
        with server:
            for answer in answers:
                line, _ = server.accept()
                with line:
                    line.recv(65536)
                    line.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return server.getsockname()[1], thread


def test_the_documented_client_outlives_a_server_cut_off_in_any_place(scratch: Path) -> None:
    """In the middle of a number, of an item, of a letter, of the headers: what was cut off comes again."""
    item = json.dumps({"uri": "urn:a", "pubStatus": "usable", "headline": "Ақбөкен"}, ensure_ascii=False).encode()
    event = b"id: 12\nevent: item\ndata: " + item + b"\n\n"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nretry: 2000\n\n"
    in_a_letter = event.index("қ".encode()) + 1
    places = [len(b"id: "), len(b"id: 1"), event.index(b"data") + 2, in_a_letter, len(event) - 3]
    chunk = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s" % (len(event), event[:in_a_letter])
    port, server = cuts(
        b"HTT", head[:30], head[:-16] + chunk, *(head + event[:place] for place in places), head + event
    )
    program, kept = scratch / "client.py", scratch / "items.json"
    program.write_text(documented_client().replace("time.sleep(1)", "time.sleep(0)"))
    client = subprocess.Popen([sys.executable, str(program), f"http://127.0.0.1:{port}", "key", str(kept)])
    try:
        until(lambda: kept.exists() or client.poll() is not None, "the item kept")
        assert client.poll() is None
        server.join(LIMIT)
        assert json.loads(kept.read_text()) == {
            "after": 12,
            "numbers": {"urn:a": 12},
            "items": {"urn:a": json.loads(item)},
        }
    finally:
        client.kill()
        client.wait()


def visible(web: Web, key: str) -> dict[str, tuple[str, str]]:
    """What stands, read page by page from the feed."""
    found: dict[str, tuple[str, str]] = {}
    address = f"{web.feed}.json?after=0&limit=50"
    while address:
        response = asking.get(address, headers=bearer(key))
        for item in response.json()["associations"]:
            if item["pubStatus"] != "canceled":
                found[item["uri"]] = (item["version"], item["name"])
        link = response.headers["Link"] if 'rel="next"' in response.headers["Link"] else ""
        address = (
            re.sub(r"^<https?://[^/]*", web.feed.removesuffix("/wire/all"), link.partition(">")[0]) if link else ""
        )
    return found


@pytest.mark.parametrize(("deeds", "seconds"), [(60, 0), pytest.param(0, CHURN_SECONDS, marks=pytest.mark.soak)])
def test_the_documented_client_ends_with_exactly_what_stands(
    committed_house: House, web: Web, scratch: Path, deeds: int, seconds: float
) -> None:
    print(f"KESHEN_STORM_SEED={SEED}")
    house, chance = committed_house, random.Random(SEED)
    subscriber, key = actions.add_subscriber(house.chief, "Thirty lines", house.product, "ninjs")
    program, kept = scratch / "client.py", scratch / "items.json"
    program.write_text(documented_client())

    def follow() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, str(program), web.feed, key, str(kept)], stderr=subprocess.DEVNULL)

    client = follow()
    living: list[Text] = []
    cut = killed = done = 0
    end = time.monotonic() + seconds
    try:
        while done < deeds or time.monotonic() < end:
            done += 1
            deed = chance.random()
            if deed < 0.35 or not living:
                living.append(house.publish(f"Тақырып {chance.randrange(10**6)}"))
            elif deed < 0.65:
                house.correct(chance.choice(living), f"Түзету {chance.randrange(10**6)}")
            elif deed < 0.8:
                house.kill(living.pop(chance.randrange(len(living))).story)
                killed += 1
            elif deed < 0.95:
                client.kill()
                client.wait()
                client = follow()
                cut += 1
            elif seconds or cut < 3:
                web.kill()
                web.start()
                cut += 1
            time.sleep(chance.uniform(0.0, 0.4))
        subscriber.refresh_from_db()
        assert killed and cut
        wanted = visible(web, key)
        until(
            lambda: kept.exists() and json.loads(kept.read_text())["after"] >= subscriber.last_sequence,
            "the client at the end of the stream",
        )
    finally:
        client.kill()
        client.wait()
    held = {
        uri: (item["version"], item["headlines"][0]["value"])
        for uri, item in json.loads(kept.read_text())["items"].items()
    }
    assert held == wanted and len(wanted) == len(living)
    print(f"{done} deeds, {killed} kills, {cut} cuts; {subscriber.last_sequence} numbers, {len(wanted)} items stand")
