"""The pump against a real server that answers as clients do: well, later, never, wrongly."""

from __future__ import annotations

import asyncio
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg
import pytest
from django.db import connections
from django.db.models import F
from django.utils import timezone

from keshen.wire import actions, leases, outbox, pump
from keshen.wire.models import Delivery, Subscriber
from keshen.wire.pump import Pump, database_parameters
from keshen.wire.signing import verify
from tests.waiting import LIMIT, come, until
from tests.wire.house import House

type Answering = Callable[["Client", dict[str, str], dict], tuple[int, dict[str, str]]]


@dataclass
class Client:
    """A client's server: what it got, and how it answers."""

    answer: Answering = lambda *_: (200, {})
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    @property
    def numbers(self) -> list[int]:
        return [int(headers["Keshen-Sequence"]) for headers, _ in self.got]

    @property
    def statuses(self) -> list[str]:
        return [json.loads(body)["pubStatus"] for _, body in self.got]


@pytest.fixture
def listening() -> Iterator[Client]:
    client = Client()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            client.got.append((dict(self.headers), body))
            status, headers = client.answer(client, dict(self.headers), json.loads(body))
            self.send_response(status)
            for name, value in {"Content-Length": "2", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client.url = f"http://127.0.0.1:{server.server_port}/in"
    yield client
    server.shutdown()
    server.server_close()


def drain(**options: object) -> None:
    """Send everything that is due, with a pump of its own that gives clients as long as they like."""

    async def run() -> None:
        await Pump(**{"send_seconds": LIMIT, **options}).drain()  # type: ignore[arg-type]

    asyncio.run(run())


def due_now() -> None:
    Delivery.objects.update(next_at=None)
    Subscriber.objects.update(paused_until=None, lease_until=None)


def test_items_come_signed_numbered_in_order_over_one_connection(committed_house: House, listening: Client) -> None:
    subscriber = committed_house.client("Client", listening.url)
    for number in range(3):
        committed_house.publish(f"Тақырып {number}")
    drain()
    assert listening.numbers == [1, 2, 3]
    headers, body = listening.got[0]
    assert headers["Idempotency-Key"] == headers["Webhook-Id"] == "client-1"
    stamp = int(headers["Webhook-Timestamp"])
    assert verify(subscriber.secret, "client-1", stamp, body, headers["Webhook-Signature"], now=int(time.time()))
    assert {"role": "sequence", "value": "1"} in json.loads(body)["altIds"]
    first = Delivery.objects.filter(subscriber=subscriber).order_by("id")[0]
    assert (first.state, first.response_code, first.tail, bytes(first.payload)) == ("delivered", 200, "ok", body)
    subscriber.refresh_from_db()
    assert subscriber.last_success_at and subscriber.lease_until is None


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_later_means_the_same_number_and_bytes_again(committed_house: House, listening: Client, status: int) -> None:
    subscriber = committed_house.client("Client", listening.url)
    committed_house.publish()
    listening.answer = lambda *_: (status, {"Retry-After": "900"})
    before = timezone.now()
    drain()
    waiting = Delivery.objects.get(subscriber=subscriber)
    assert (waiting.state, waiting.attempts, waiting.response_code) == ("queued", 1, status)
    assert before + timedelta(seconds=900) <= waiting.next_at <= timezone.now() + timedelta(seconds=901)
    drain()
    assert len(listening.got) == 1
    listening.answer = lambda *_: (200, {})
    due_now()
    drain()
    assert Delivery.objects.get(subscriber=subscriber).state == "delivered"
    assert listening.numbers == [1, 1]
    assert listening.got[0][1] == listening.got[1][1]
    assert listening.got[1][0]["Keshen-Attempt"] == "2"


def test_a_hanging_client_and_a_dead_one_wait_and_delay_nobody(committed_house: House, listening: Client) -> None:
    hanging = committed_house.client("Hanging", listening.url + "?hang")
    dead = committed_house.client("Dead", "http://127.0.0.1:9/in")
    good = committed_house.client("Good", listening.url)
    committed_house.publish()

    over = threading.Event()
    given_up: list[bool] = []

    def answer(client: Client, headers: dict[str, str], body: dict) -> tuple[int, dict[str, str]]:
        if headers["Idempotency-Key"].startswith("hanging"):
            over.wait(LIMIT)
        else:
            given_up.append(Delivery.objects.get(subscriber=hanging).tail != "")
            connections.close_all()
        return 200, {}

    listening.answer = answer
    drain(send_seconds=5.0)
    over.set()
    by_name = {delivery.subscriber.slug: delivery for delivery in Delivery.objects.filter(subscriber__channel="push")}
    assert by_name[good.slug].state == "delivered" and given_up == [False], "it came while the other was waited for"
    assert by_name[hanging.slug].state == by_name[dead.slug].state == "queued"
    assert "ReadTimeout" in by_name[hanging.slug].tail and "ConnectError" in by_name[dead.slug].tail


def test_a_refused_item_stops_alone_and_is_retried_by_a_person(committed_house: House, listening: Client) -> None:
    subscriber = committed_house.client("Client", listening.url)
    for number in range(2):
        committed_house.publish(f"Тақырып {number}")
    listening.answer = lambda client, *_: (422 if len(client.got) == 1 else 200, {})
    drain()
    first, second = Delivery.objects.filter(subscriber=subscriber).order_by("id")
    assert (first.state, second.state) == ("suspended", "delivered")
    assert "422" in first.reason
    actions.retry(committed_house.chief, first)
    drain()
    first.refresh_from_db()
    assert (first.state, listening.numbers) == ("delivered", [1, 2, 1])


@pytest.mark.parametrize(("status", "words"), [(401, "401"), (404, "404"), (302, "http://169.254.169.254/")])
def test_a_refusing_client_is_suspended_with_a_reason_until_resumed(
    committed_house: House, listening: Client, status: int, words: str
) -> None:
    subscriber = committed_house.client("Client", listening.url)
    committed_house.publish()
    listening.answer = lambda *_: (status, {"Location": "http://169.254.169.254/"})
    drain()
    subscriber.refresh_from_db()
    assert subscriber.state == "suspended" and words in subscriber.reason
    listening.answer = lambda *_: (200, {})
    drain()
    assert len(listening.got) == 1
    actions.resume(committed_house.chief, subscriber)
    drain()
    assert Delivery.objects.get(subscriber=subscriber).state == "delivered"


def test_a_kill_overtakes_and_nothing_older_follows(committed_house: House, listening: Client) -> None:
    subscriber = committed_house.client("Client", listening.url)
    text = committed_house.publish("Бірінші")
    drain()
    others = [committed_house.publish(f"Басқа {number}") for number in range(3)]
    committed_house.correct(text, "Түзетілген")
    committed_house.kill(text.story)
    drain()
    assert listening.statuses == ["usable", "canceled", "usable", "usable", "usable"]
    assert listening.numbers == [1, 2, 3, 4, 5]
    assert Delivery.objects.filter(subscriber=subscriber, state="cancelled").count() == 1
    assert len(others) == 3


def test_a_killed_story_is_not_sent_even_before_the_kills_job_ran(committed_house: House, listening: Client) -> None:
    from keshen.newsroom import actions as newsroom

    subscriber = committed_house.client("Client", listening.url)
    text = committed_house.publish()
    newsroom.kill(committed_house.editor, text.story, "Қате")
    drain()
    assert listening.got == []
    assert Delivery.objects.get(subscriber=subscriber).reason == outbox.KILLED


def test_a_version_that_waits_when_a_newer_one_comes_is_not_sent(committed_house: House, listening: Client) -> None:
    committed_house.client("Client", listening.url)
    text = committed_house.publish("Ескі")
    committed_house.correct(text, "Жаңа")
    drain()
    assert [json.loads(body)["headlines"][0]["value"] for _, body in listening.got] == ["Жаңа"]


def test_a_kill_while_the_item_is_under_way_follows_it(committed_house: House, listening: Client) -> None:
    subscriber = committed_house.client("Client", listening.url)
    text = committed_house.publish()

    def answer(client: Client, headers: dict[str, str], body: dict) -> tuple[int, dict[str, str]]:
        if body["pubStatus"] == "usable":
            committed_house.kill(text.story)
            connections.close_all()
        return 200, {}

    listening.answer = answer
    drain()
    assert listening.statuses == ["usable", "canceled"]
    older, kill = Delivery.objects.filter(subscriber=subscriber).order_by("id")
    assert (older.state, older.response_code, kill.state) == ("cancelled", 200, "delivered")


def test_a_holder_whose_lease_was_taken_over_writes_nothing(committed_house: House, listening: Client) -> None:
    subscriber = committed_house.client("Client", listening.url)
    committed_house.publish("Бірінші")
    committed_house.publish("Екінші")

    async def run() -> None:
        parameters = {**database_parameters(), "autocommit": True}
        async with (
            await psycopg.AsyncConnection.connect(**parameters) as one,
            await psycopg.AsyncConnection.connect(**parameters) as two,
        ):
            (old,) = await leases.claim(one, "one", 10, seconds=LIMIT)
            queue = outbox.Outbox()
            parcel = await queue.take(one, old)
            assert parcel is not None and parcel.sequence == 1
            assert await leases.claim(two, "two", 10) == []
            await one.execute("UPDATE wire_subscriber SET lease_until = now() - interval '1 second'")
            (new,) = await leases.claim(two, "two", 10)
            assert new.fence > old.fence
            again = await queue.take(two, new)
            assert again is not None
            assert (again.sequence, again.body, again.attempt) == (1, parcel.body, 2)
            turns = [
                outbox.Turn(new, again, outbox.Answer(200, "ok")), outbox.Turn(old, parcel, outbox.Answer(200, "late")),
            ]  # fmt: skip
            settled = await queue.turns(two, turns, wait=False)
            assert settled[new].parcel is not None and settled[new].parcel.sequence == 2
            assert settled[old] == outbox.Next(False)
            assert not await outbox.refused(one, old, parcel, outbox.Answer(500, "late"), random.Random(1))
            assert await queue.take(one, old) is None
            assert await leases.renew(one, [old, new]) == {subscriber.pk}
            await leases.release(one, old)

    asyncio.run(run())
    row = Delivery.objects.get(subscriber=subscriber, sequence=1)
    assert (row.state, row.tail) == ("delivered", "ok")
    subscriber.refresh_from_db()
    assert subscriber.lease_owner == "two"


def test_a_client_that_asked_for_time_has_it_though_the_lease_was_lost_meanwhile(
    committed_house: House, listening: Client
) -> None:
    subscriber = committed_house.client("Client", listening.url)
    committed_house.publish()

    def answer(client: Client, headers: dict[str, str], body: dict) -> tuple[int, dict[str, str]]:
        if len(client.got) > 1:
            return 200, {}
        Subscriber.objects.update(fence=F("fence") + 1, lease_until=None, lease_owner="")
        connections.close_all()
        return 429, {"Retry-After": "900"}

    listening.answer = answer
    before = timezone.now()
    drain()
    assert len(listening.got) == 1
    subscriber.refresh_from_db()
    assert subscriber.paused_by_client
    assert subscriber.paused_until is not None and subscriber.paused_until >= before + timedelta(seconds=900)
    due_now()
    drain()
    assert listening.numbers == [1, 1]
    assert Delivery.objects.get(subscriber=subscriber).state == "delivered"


def test_a_client_somebody_has_locked_holds_up_no_other(committed_house: House, listening: Client) -> None:
    locked, free = (committed_house.client(name, listening.url) for name in ("Locked", "Free"))
    committed_house.publish()

    async def run() -> None:
        parameters = {**database_parameters(), "autocommit": True}
        async with (
            await psycopg.AsyncConnection.connect(**parameters) as desk,
            await psycopg.AsyncConnection.connect(**parameters) as ours,
        ):
            held = await leases.claim(ours, "ours", 10)
            stale = leases.Lease(free.pk, 10**6)
            async with desk.transaction():
                await desk.execute("SELECT FROM wire_subscriber WHERE id = %s FOR UPDATE", [locked.pk])
                turns = [outbox.Turn(lease) for lease in [*held, stale]]
                found = await outbox.Outbox().turns(ours, turns, wait=False)
            assert {lease.subscriber: given.held for lease, given in found.items() if lease != stale} == {free.pk: True}
            assert found[stale] == outbox.Next(False)

    asyncio.run(run())


def test_bytes_that_rights_changed_get_a_number_of_their_own(
    committed_house: House, listening: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was sent keeps its number and its answer; the client that takes the highest ends without the picture."""
    from keshen.wire.actions import deciding
    from tests.wire.items import PICTURE

    subscriber = committed_house.client("Client", listening.url)
    text = committed_house.publish()
    monkeypatch.setattr(deciding, "withheld_from", lambda *_: [PICTURE.urn])

    def rights_change() -> None:
        actions.decide_anew(committed_house.system, text.story_id)
        connections.close_all()

    def answer(client: Client, *_: object) -> tuple[int, dict[str, str]]:
        if len(client.got) == 1:
            return 503, {"Retry-After": "900"}
        return 200, {}

    listening.answer = answer
    drain()
    rights_change()
    due_now()
    drain()
    row = Delivery.objects.get(subscriber=subscriber)
    first = row.earlier.get()
    assert listening.numbers == [1, 2]
    assert (row.sequence, bytes(row.payload), row.state) == (2, listening.got[1][1], "delivered")
    assert (first.sequence, bytes(first.payload), first.response_code) == (1, listening.got[0][1], 503)
    rights_change()
    drain()
    assert len(listening.got) == 2, "what the client has stays with it"


def test_an_answer_to_bytes_that_rights_changed_meanwhile_is_kept_with_them(
    committed_house: House, listening: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from keshen.wire.actions import deciding
    from tests.wire.items import PICTURE

    subscriber = committed_house.client("Client", listening.url)
    text = committed_house.publish()
    monkeypatch.setattr(deciding, "withheld_from", lambda *_: [PICTURE.urn])

    def answer(client: Client, *_: object) -> tuple[int, dict[str, str]]:
        if len(client.got) == 1:
            actions.decide_anew(committed_house.system, text.story_id)
            connections.close_all()
        return 200, {}

    listening.answer = answer
    drain()
    drain()
    row = Delivery.objects.get(subscriber=subscriber)
    first = row.earlier.get()
    assert listening.numbers == [1, 2] and (row.sequence, row.state, row.response_code) == (2, "delivered", 200)
    assert (first.sequence, first.response_code) == (1, 200) and first.delivered_at is not None
    assert bytes(first.payload) == listening.got[0][1] and bytes(row.payload) == listening.got[1][1]


def test_two_pumps_send_each_item_once_in_order(committed_house: House, listening: Client) -> None:
    subscribers = [committed_house.client(f"Client {number}", listening.url) for number in range(5)]
    for number in range(6):
        committed_house.publish(f"Тақырып {number}")

    async def run() -> None:
        await asyncio.gather(*(Pump(send_seconds=LIMIT).drain() for _ in range(2)))

    asyncio.run(run())
    for subscriber in subscribers:
        taken = [
            int(headers["Keshen-Sequence"])
            for headers, _ in listening.got
            if headers["Idempotency-Key"].startswith(subscriber.slug + "-")
        ]
        assert taken == [1, 2, 3, 4, 5, 6]


def test_a_running_pump_is_woken_by_the_database_and_stops_when_told(
    committed_house: House, listening: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pump, "LOOK_SECONDS", 10 * LIMIT)  # by itself it looks too late
    committed_house.client("Client", listening.url)

    async def run() -> None:
        stop = asyncio.Event()
        pumping = asyncio.create_task(Pump(send_seconds=LIMIT).run(stop))
        await asyncio.to_thread(until, hears, "the pump hearing the database")
        for number in range(3):
            await asyncio.to_thread(publish, number)
            await come(lambda number=number: len(listening.got) > number, "the item sent")
        stop.set()
        await asyncio.wait_for(pumping, LIMIT)

    def hears() -> bool:
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle'"
                " AND query LIKE 'LISTEN%%'"
            )
            heard = cursor.rowcount > 0
        connections.close_all()
        return heard

    def publish(number: int) -> None:
        committed_house.publish(f"Тақырып {number}")
        connections.close_all()

    asyncio.run(run())
