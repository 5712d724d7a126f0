"""The client's door: their own stream and nobody else's, in every form; and the public state of the wire."""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.test import Client

from keshen.wire import actions
from keshen.wire.formats.registry import FORMATS
from keshen.wire.models import Delivery, Subscriber
from keshen.wire.signing import verify
from tests.wire.house import House


@pytest.fixture
def mine(house: House, key_of: Callable[..., tuple[Subscriber, str]], client: Client) -> tuple[Subscriber, str]:
    """A client of ours, signed in."""
    subscriber, key = key_of("Mine")
    assert client.post("/wire/client/", {"key": key}).status_code == 200
    return subscriber, key


def number_of(subscriber: Subscriber, headline: str) -> int:
    return Delivery.objects.get(subscriber=subscriber, version__headline=headline).sequence or 0


def test_what_stands_is_searched_and_fetched_in_every_form(house: House, mine, client: Client) -> None:
    house.publish("Ақбөкендер көшті")
    house.publish("Каспий тартылды")
    page = client.get("/wire/client/?q=ақбөкендердің").content.decode()
    assert "Ақбөкендер көшті" in page and "Каспий" not in page
    number = number_of(mine[0], "Ақбөкендер көшті")
    assert "Екінші абзац" in client.get(f"/wire/client/items/{number}/").content.decode()
    for entry in FORMATS.values():
        answer = client.get(f"/wire/client/items/{number}.{entry.suffix}")
        assert answer.status_code == 200 and answer.content
        if entry.name != "mail":  # whose words are encoded for transport
            assert "Ақбөкендер" in answer.content.decode()
        assert "attachment" in answer.headers["Content-Disposition"]
    assert client.get(f"/wire/client/items/{number}.fax").status_code == 404
    assert client.get("/wire/client/items/999/").status_code == 404


def test_a_killed_story_is_found_only_as_killed(house: House, mine, client: Client) -> None:
    text = house.publish("Қате хабар")
    old = number_of(mine[0], "Қате хабар")
    house.kill(text.story)
    assert client.get(f"/wire/client/items/{old}/").status_code == 404
    page = client.get("/wire/client/").content.decode()
    assert page.count('class="state killed"') >= 1


def test_a_client_sees_nothing_of_another(house: House, mine, key_of, client: Client) -> None:
    house.publish("Ортақ хабар")
    theirs, _key = key_of("Theirs")
    house.publish("Кейінгі хабар")
    Delivery.objects.filter(subscriber=theirs).update(sequence=5000)
    assert client.get("/wire/client/items/5000/").status_code == 404
    assert "Theirs" not in client.get("/wire/client/").content.decode()


def test_strangers_and_those_of_an_old_key_stay_outside(house: House, mine, client: Client) -> None:
    house.publish("Хабар")
    number = number_of(mine[0], "Хабар")
    stranger = Client()
    for path in (f"/wire/client/items/{number}/", f"/wire/client/items/{number}.json", "/wire/client/replay?from=0"):
        assert stranger.get(path).status_code == 404
    for path in ("/wire/client/key/", "/wire/client/test/"):
        assert stranger.post(path).status_code == 404
    actions.new_key(house.chief, mine[0])  # the agency gives a new one: every session of the old ends
    assert client.get(f"/wire/client/items/{number}/").status_code == 404
    assert "Хабар" not in client.get("/wire/client/").content.decode()


def test_a_new_key_is_shown_once_and_the_session_goes_on(house: House, mine, client: Client) -> None:
    shown = client.post("/wire/client/key/").content.decode()
    fresh = shown.partition("<code>")[2].partition("</code>")[0]
    assert len(fresh) > 30 and fresh not in client.get("/wire/client/").content.decode()
    assert "Mine" in client.get("/wire/client/").content.decode()
    assert Client().post("/wire/client/", {"key": mine[1]}).status_code == 403
    assert Client().post("/wire/client/", {"key": fresh}).status_code == 200
    assert client.post("/wire/client/leave/").status_code == 302
    assert "Mine" not in client.get("/wire/client/").content.decode()


def test_the_suspended_read_why_and_get_nothing(house: House, mine, client: Client) -> None:
    house.publish("Хабар")
    number = number_of(mine[0], "Хабар")
    actions.suspend(house.chief, mine[0], "Төлем жоқ")
    page = client.get("/wire/client/").content.decode()
    assert "Төлем жоқ" in page and f"/wire/client/items/{number}/" not in page
    assert client.get(f"/wire/client/items/{number}.json").status_code == 404
    assert client.get("/wire/client/replay?from=0").status_code == 404


def test_the_stream_is_replayed_from_a_number(house: House, mine, client: Client) -> None:
    for headline in ("Алғашқы", "Ортаңғы", "Соңғы"):
        house.publish(headline)
    answer = client.get(f"/wire/client/replay?from={number_of(mine[0], 'Ортаңғы')}&format=ninjs")
    told = answer.content.decode()
    assert "Ортаңғы" in told and "Соңғы" in told and "Алғашқы" not in told
    assert client.get("/wire/client/replay?from=x").status_code == 302


def test_a_test_is_sent_and_signed(house: House, client: Client) -> None:
    got: list[tuple[dict[str, str], bytes]] = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Door)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}/in"
        made, key = actions.add_subscriber(house.chief, "Push", house.product, "ninjs", url)
        client.post("/wire/client/", {"key": key})
        page = client.post("/wire/client/test/", follow=True).content.decode()
        assert "204" in page
    finally:
        server.shutdown()
    headers, body = got[0]
    stamp = int(headers["webhook-timestamp"])
    assert verify(made.secret, headers["webhook-id"], stamp, body, headers["webhook-signature"], now=stamp)
    assert headers["keshen-status"] == "test" and not Delivery.objects.exists()


def test_the_state_of_the_wire_is_public_and_names_nobody(house: House, mine, client: Client) -> None:
    house.publish("Хабар")
    stranger = Client()
    told = stranger.get("/wire/status/?as=json").json()
    assert told["state"] == "good" and told["last_item_at"]
    page = stranger.get("/wire/status/").content.decode()
    assert "Mine" not in page and "Хабар" not in page


def test_a_browser_in_a_language_that_only_pages_have_is_given_english(house: House, client: Client) -> None:
    for asked, given in (("ar", "en"), ("ar-SA,ar;q=0.9", "en"), ("ru-RU,ru;q=0.9", "ru"), ("kk", "kk")):
        door = client.get("/wire/client/", headers={"Accept-Language": asked}).content.decode()
        assert f'<html lang="{given}" dir="ltr"' in door, asked
