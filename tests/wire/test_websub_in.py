"""WebSub as a way in: a hub is found, asked, answered when it asks back, renewed; only what it signed is taken."""

from __future__ import annotations

import asyncio
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from keshen.house import jobs
from keshen.house.models import Event, Job
from keshen.wire.intake import listening, looking, sourcing
from keshen.wire.intake.channels import Spec
from keshen.wire.intake.channels.websub import _of_body, look
from keshen.wire.intake.models import IncomingItem, Listening, Source
from keshen.wire.pump import Pump
from tests.wire.house import House
from tests.wire.sources import Web, entries, feed, web


@dataclass
class Hub:
    """A hub written by hand: it keeps what it was asked, and answers as it is told."""

    url: str = ""
    status: int = 202
    asked: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture
def hub() -> Iterator[Hub]:
    here = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            here.asked.append({name: values[0] for name, values in parse_qs(body).items()})
            self.send_response(here.status)
            self.send_header("Content-Length", "3")
            self.end_headers()
            self.wfile.write(b"no\n" if here.status >= 400 else b"ok\n")

        def log_message(self, *_args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here.url = f"http://127.0.0.1:{server.server_port}/hub"
    yield here
    server.shutdown()
    server.server_close()


@pytest.fixture
def server() -> Iterator[Web]:
    with web() as made:
        yield made


@pytest.fixture
def source(house: House, server: Web, hub: Hub) -> Source:
    server.says(feed(*entries()[:1]), Link=f'<{hub.url}>; rel="hub", <{server.url}/news.rss>; rel="self"')
    return sourcing.add_source(house.chief, "Дала", "websub", f"{server.url}/news.rss?via=us", slug="dala")[0]


def look_now(source: Source) -> None:
    assert looking.look_at(source.pk, now=True) is not None
    source.refresh_from_db()


def path(asked: dict[str, str]) -> str:
    """Where the callback is, on this house."""
    return urlsplit(asked["hub.callback"]).path


def asks_back(client: Client, asked: dict[str, str], **more: str) -> Any:
    question = {"mode": "subscribe", "topic": asked["hub.topic"], "challenge": "c-1", "lease_seconds": "86400", **more}
    return client.get(f"{path(asked)}?{urlencode({f'hub.{name}': value for name, value in question.items()})}")


def sends(client: Client, asked: dict[str, str], body: bytes, *, method: str = "sha256", secret: str = "") -> Any:
    made = hmac.new((secret or asked["hub.secret"]).encode(), body, method or "sha256").hexdigest()
    signature = {"X-Hub-Signature": f"{method}={made}"} if method else {}
    return client.post(path(asked), body, content_type="application/rss+xml", headers=signature)


def test_a_hub_is_asked_answered_and_heard(source: Source, server: Web, hub: Hub, client: Client) -> None:
    look_now(source)
    [asked] = hub.asked
    assert (asked["hub.mode"], asked["hub.topic"]) == ("subscribe", f"{server.url}/news.rss")
    assert len(asked["hub.secret"]) >= 32 and asked["hub.callback"].startswith("http://localhost:8000/wire/heard/")
    assert source.next_at < timezone.now() + timedelta(seconds=61), "nobody agreed yet: it is looked at as before"
    answer = asks_back(client, asked)
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"c-1", "text/plain; charset=utf-8")
    look_now(source)
    assert len(hub.asked) == 1 and source.next_at > timezone.now() + timedelta(seconds=600)
    before = IncomingItem.objects.count()
    first, second, third = entries()
    for method, entry in (("sha256", second), ("sha1", third)):
        assert sends(client, asked, feed(entry).encode(), method=method).status_code == 204
    assert IncomingItem.objects.count() == before + 2
    assert sends(client, asked, feed(first).encode()).status_code == 204, "known: nothing new"
    assert IncomingItem.objects.count() == before + 2
    assert Event.objects.filter(kind="source.hub_agreed").count() == 1


@pytest.mark.parametrize(("method", "secret"), [("", ""), ("md5", ""), ("sha256", "guessed")])
def test_what_is_not_signed_by_the_hub_is_not_taken(
    source: Source, hub: Hub, client: Client, method: str, secret: str
) -> None:
    look_now(source)
    before = IncomingItem.objects.count()
    sent = sends(client, hub.asked[0], feed(entries()[1]).encode(), method=method, secret=secret)
    assert sent.status_code == 202 and IncomingItem.objects.count() == before


def test_nobody_else_subscribes_or_ends_it(source: Source, hub: Hub, client: Client) -> None:
    look_now(source)
    asked = hub.asked[0]
    for question in ({"topic": "http://elsewhere.example/"}, {"mode": "unsubscribe"}, {"challenge": ""}, {"mode": ""}):
        assert asks_back(client, asked, **question).status_code == 404
    assert client.get("/wire/heard/unknown").status_code == 410
    assert Listening.objects.get().until is None


def test_a_lease_is_renewed_before_it_ends(source: Source, hub: Hub, client: Client) -> None:
    look_now(source)
    asks_back(client, hub.asked[0], lease_seconds="3600")
    look_now(source)
    assert len(hub.asked) == 1
    now = timezone.now()
    Listening.objects.update(
        agreed_at=now - timedelta(minutes=50), until=now + timedelta(minutes=10), asked_at=now - timedelta(minutes=50)
    )
    look_now(source)
    again = hub.asked[1]
    assert again == hub.asked[0], "the same callback and secret: what is under way is not lost"
    asks_back(client, again, lease_seconds="3600")
    assert Listening.objects.get().until > now + timedelta(minutes=50)
    # a hub that does not answer is not hurried, and the feed is looked at meanwhile
    Listening.objects.update(until=now - timedelta(minutes=1))
    look_now(source)
    assert len(hub.asked) == 2 and source.next_at < timezone.now() + timedelta(seconds=61)


def test_a_hub_that_will_not_says_why(source: Source, server: Web, hub: Hub, client: Client) -> None:
    hub.status = 403
    look_now(source)
    assert "answers 403 no" in Listening.objects.get().reason and source.failures == 0
    asks_back(client, hub.asked[0], mode="denied", reason="no contract")
    assert "no contract" in Listening.objects.get().reason
    # another hub is asked anew, with a callback of its own; the old one is gone
    old = Listening.objects.get().token
    server.says(feed(*entries()), Link=f'<{hub.url}2>; rel="hub"')
    look_now(source)
    assert Listening.objects.get().token != old and client.get(f"/wire/heard/{old}").status_code == 410
    server.says(feed(*entries(), built="7"))
    look_now(source)
    assert not Listening.objects.exists()


def test_a_paused_source_hears_nothing(house: House, source: Source, hub: Hub, client: Client) -> None:
    look_now(source)
    sourcing.pause(house.chief, source, "Келісім бітті")
    assert asks_back(client, hub.asked[0]).status_code == 410
    assert sends(client, hub.asked[0], feed(entries()[1]).encode()).status_code == 410


def test_a_hub_inside_is_not_asked(source: Source, server: Web, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    server.says(feed(*entries()), Link='<http://169.254.169.254/hub>; rel="hub"')

    def check(host: str, addresses: Any) -> None:
        if any(str(address) == "169.254.169.254" for address in addresses):
            raise listening.outgoing.Refused(f"{host} is not a public address.")

    monkeypatch.setattr(listening.outgoing, "check", check)
    look_now(source)
    assert "not a public address" in Listening.objects.get().reason and source.failures == 0


@pytest.mark.parametrize(
    "body",
    [
        '<feed xmlns="http://www.w3.org/2005/Atom"><link rel="hub" href="h"/><link rel="self" href="s"/><entry>'
        '<link rel="hub" href="evil"/></entry></feed>',
        '<rss xmlns:a="http://www.w3.org/2005/Atom"><channel><item><a:link rel="hub" href="evil"/></item>'
        '<a:link rel="self" href="s"/><a:link rel="hub" href="h"/></channel></rss>',
        json.dumps({"hubs": [{"type": "rssCloud", "url": "r"}, {"type": "WebSub", "url": "h"}], "feed_url": "s"}),
    ],
)
def test_a_feed_names_its_hub_in_its_head(body: str) -> None:
    assert _of_body(body.encode()) == {"hub": "h", "self": "s"}


@pytest.mark.parametrize(
    "body",
    ["", "{", "[1]", "{}", '{"a":' * 100_000, '{"hubs": 7, "feed_url": 7}', '{"hubs": [7]}', "<a><b/>", "\x00"],
    ids=str.__len__,
)
def test_a_feed_without_a_hub_has_none(body: str) -> None:
    assert _of_body(body.encode()) == {}


def test_our_own_hub_sends_to_our_own_ear(
    transactional_db: None, live_server: Any, settings: Any, client: Client
) -> None:
    from tests.wire.house import furnish

    settings.KESHEN_URL, settings.KESHEN_AUTHORITY = live_server.url, "keshen.example"
    house = furnish()
    house.publish("Бірінші")
    topic = f"{live_server.url}/wire/all.json"
    seen = look(Spec("other", topic))
    assert (seen.cursor["hub"], seen.cursor["topic"]) == (f"{live_server.url}/wire/hub", topic)
    source, _key = sourcing.add_source(house.chief, "Көрші", "websub", topic, slug="other")
    settings.KESHEN_AUTHORITY = "other.example"  # what comes is a neighbour's, not our own on its way back
    look_now(source)
    for job in Job.objects.filter(name="wire.verify_hub", state="waiting"):
        jobs.perform(job.pk)
    assert Listening.objects.get().until is not None
    settings.KESHEN_AUTHORITY = "keshen.example"
    text = house.publish("Екінші")
    settings.KESHEN_AUTHORITY = "other.example"
    asyncio.run(Pump(send_seconds=60.0).drain())
    settings.KESHEN_AUTHORITY = "keshen.example"
    house.kill(text.story)
    settings.KESHEN_AUTHORITY = "other.example"
    asyncio.run(Pump(send_seconds=60.0).drain())
    heard = IncomingItem.objects.filter(filename="heard.json").order_by("id")
    assert [(item.headline, item.withdrawn) for item in heard] == [("Екінші", False), ("Екінші", True)]
    assert Listening.objects.get().heard_at is not None
