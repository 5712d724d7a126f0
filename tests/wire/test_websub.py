"""The hub: subscribing with proof, content signed with the subscriber's secret, renewal, the end."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from keshen.house import jobs
from keshen.house.models import Job
from keshen.wire import actions
from keshen.wire.alarms import alarms
from keshen.wire.models import Delivery, Subscriber
from keshen.wire.pump import Pump
from tests.wire.house import House

TOPIC = "http://localhost:8000/wire/all.json"


class Callback:
    """A subscriber's server."""

    def __init__(self) -> None:
        self.url = ""
        self.means_it = True
        self.asked: list[dict[str, list[str]]] = []
        self.got: list[tuple[dict[str, str], bytes]] = []


@pytest.fixture
def callback() -> Iterator[Callback]:
    here = Callback()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            here.asked.append(asked)
            said = asked["hub.challenge"][0].encode() if here.means_it else b"no"
            self.send_response(200)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def do_POST(self) -> None:
            here.got.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here.url = f"http://127.0.0.1:{server.server_port}/back?mine=1"
    yield here
    server.shutdown()
    server.server_close()


def ask(client: Client, callback: str, mode: str = "subscribe", **more: str) -> Any:
    asked = {"hub.mode": mode, "hub.topic": TOPIC, "hub.callback": callback, "hub.secret": "ours alone"}
    return client.post("/wire/hub", asked | {f"hub.{name}": value for name, value in more.items()})


def verify() -> None:
    for job in Job.objects.filter(name="wire.verify_hub", state="waiting"):
        jobs.perform(job.pk)


def drain() -> None:
    asyncio.run(Pump(send_seconds=5.0).drain())


def test_a_feed_says_where_its_hub_is(house: House, client: Client) -> None:
    link = client.get("/wire/all.json").headers["Link"]
    assert '<http://localhost:8000/wire/hub>; rel="hub"' in link and f'<{TOPIC}>; rel="self"' in link
    assert "Link" not in client.get("/wire/all.rss").headers


def test_who_subscribed_gets_signed_items_until_it_ends(
    committed_house: House, client: Client, callback: Callback
) -> None:
    assert ask(client, callback.url, lease_seconds="86400").status_code == 202
    assert not Subscriber.objects.filter(channel="websub").exists()
    verify()
    assert callback.asked[0]["hub.lease_seconds"] == ["86400"] and callback.asked[0]["mine"] == ["1"]
    text = committed_house.publish("Бірінші")
    drain()
    committed_house.kill(text.story)
    drain()
    assert [json.loads(body)["pubStatus"] for _headers, body in callback.got] == ["usable", "canceled"]
    headers, body = callback.got[0]
    assert headers["X-Hub-Signature"] == "sha256=" + hmac.new(b"ours alone", body, hashlib.sha256).hexdigest()
    assert f'<{TOPIC}>; rel="self"' in headers["Link"] and headers["Keshen-Sequence"] == "1"
    assert ask(client, callback.url).status_code == 202
    verify()
    assert Subscriber.objects.filter(channel="websub").count() == 1
    assert ask(client, callback.url, "unsubscribe").status_code == 202
    verify()
    committed_house.publish("Екінші")
    drain()
    assert len(callback.got) == 2 and Delivery.objects.filter(subscriber__channel="websub").count() == 2
    assert list(alarms(committed_house.chief)) == []


def test_a_callback_that_does_not_mean_it_is_left_alone(
    committed_house: House, client: Client, callback: Callback
) -> None:
    callback.means_it = False
    ask(client, callback.url)
    verify()
    assert not Subscriber.objects.filter(channel="websub").exists()
    assert "does not want it" in Job.objects.get(name="wire.verify_hub").reason


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"mode": "publish"}, 400),
        ({"topic": "https://elsewhere.example/feed"}, 404),
        ({"topic": "http://localhost:8000/wire/all.rss"}, 400),
        ({"topic": "http://localhost:8000/wire/none.json"}, 404),
        ({"topic": "http://localhost:8000/wire/closed.json"}, 401),
        ({"callback": "ftp://127.0.0.1/"}, 400),
        ({"lease_seconds": "for ever"}, 400),
        ({"secret": "x" * 200}, 400),
    ],
)
def test_what_nobody_may_ask_is_refused(house: House, client: Client, changes: dict[str, str], status: int) -> None:
    actions.add_product(house.chief, "closed", {"en": "Closed"})
    asked = {"mode": "subscribe", "callback": "http://127.0.0.1:8149/back", **changes}
    mode, callback = asked.pop("mode"), asked.pop("callback")
    assert ask(client, callback, mode, **asked).status_code == status
    assert not Job.objects.filter(name="wire.verify_hub").exists()


def test_a_callback_inside_is_refused(house: House, client: Client, settings: Any) -> None:
    settings.KESHEN_ALLOW_PRIVATE_TARGETS = False
    refused = ask(client, "http://169.254.169.254/latest")
    assert refused.status_code == 400 and b"not a public address" in refused.content
