"""The wire's screens and API: they show, they act, and they keep to themselves what is not for everybody."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client

from keshen.house.actions import issue_token
from keshen.house.models import User
from keshen.house.templatetags import vite
from keshen.newsroom import holds
from keshen.wire import actions
from keshen.wire.intake.channels import Message
from keshen.wire.intake.receive import receive
from keshen.wire.intake.sourcing import add_source
from keshen.wire.models import Delivery, Product, Subscriber
from tests.wire.house import House
from tests.wire.sources import entries, feed

URL = "http://127.0.0.1:8149/in"


@pytest.fixture(autouse=True)
def built(monkeypatch: pytest.MonkeyPatch) -> None:
    """Screens are tested without a built front end: every island and icon is an empty file."""

    class Everything(dict):
        def __missing__(self, key: str) -> dict[str, str]:
            return {"file": f"{Path(key).stem}.js"}

    if not (vite.BUILD / "manifest.json").is_file():
        monkeypatch.setattr(vite, "manifest", Everything)
        if hasattr(vite, "_icons"):
            monkeypatch.setattr(vite, "_icons", lambda *args: {})


@pytest.fixture
def chief(house: House) -> Client:
    client = Client()
    client.force_login(house.chief)
    return client


def test_the_overview_shows_clients_products_and_deliveries(house: House, chief: Client) -> None:
    house.client("Қала теледидары", URL)
    house.publish("Ақбөкендер көшті")
    page = chief.get("/control/wire/").content.decode()
    assert "Қала теледидары" in page and "Ақбөкендер көшті" in page and "Барлық жаңалық" in page


def test_a_client_is_added_on_screen_and_its_key_shown_once(house: House, chief: Client) -> None:
    form = {"name": "Reader", "product": house.product.pk, "format": "ninjs", "push_url": URL}
    page = chief.post("/control/wire/subscribers/add/", form)
    made = Subscriber.objects.get(name="Reader")
    assert made.secret in page.content.decode() and page.headers["Cache-Control"] == "no-store"
    assert made.secret not in chief.get(f"/control/wire/subscribers/{made.slug}/").content.decode()
    again = chief.post("/control/wire/subscribers/add/", form, follow=True)
    assert Subscriber.objects.filter(name="Reader").count() == 1 and again.status_code == 422


def test_a_product_is_added_on_screen(house: House, chief: Client) -> None:
    chief.post(
        "/control/wire/products/add/",
        {"name": "Орта", "slug": "env", "languages": ["kk"], "topics": ["06000000"], "urgency": "9"},
    )
    wanted = {"languages": ["kk"], "script": "", "topics": ["06000000"], "places": [], "media": [], "urgency": 9}
    assert Product.objects.get(slug="env").filter == wanted
    chief.post("/control/wire/products/add/", {"name": "Жаман", "slug": "bad", "topics": ["1"], "urgency": "x"})
    assert not Product.objects.filter(slug="bad").exists()


def test_suspend_resume_retry(house: House, chief: Client) -> None:
    subscriber = house.client("Client", URL)
    house.publish()
    row = Delivery.objects.get(subscriber=subscriber)
    door = f"/control/wire/subscribers/{subscriber.slug}/do/"
    chief.post(door, {"verb": "suspend", "reason": "Unpaid"})
    subscriber.refresh_from_db()
    assert (subscriber.state, subscriber.reason) == ("suspended", "Unpaid")
    chief.post(door, {"verb": "resume"})
    Delivery.objects.filter(pk=row.pk).update(state="suspended", reason="422", payload=b"<sent>", sequence=1)
    page = chief.get(f"/control/wire/deliveries/{row.pk}/").content.decode()
    assert "&lt;sent&gt;" in page
    assert chief.get(f"/control/wire/deliveries/{row.pk}/payload").content == b"<sent>"
    chief.post(f"/control/wire/deliveries/{row.pk}/retry/")
    row.refresh_from_db()
    subscriber.refresh_from_db()
    assert (row.state, subscriber.state) == ("queued", "active")
    assert chief.get(f"/control/wire/deliveries/?state=queued&story={row.story_id}").status_code == 200


def test_blocked_deliveries_say_why_on_screen(house: House, chief: Client) -> None:
    text = house.publish(restrictions=("Ask the second cousin of the owner",))
    row = Delivery.objects.get(version=text.published)
    page = chief.get(f"/control/wire/deliveries/{row.pk}/").content.decode()
    assert "second cousin" in page
    assert chief.post(f"/control/wire/stories/{text.story_id}/reconsider/").status_code == 302


def test_strangers_are_asked_to_sign_in_and_the_powerless_refused(house: House, client: Client) -> None:
    assert client.get("/control/wire/").status_code == 302
    nobody = User.objects.create(username="nobody", organisation=house.editor.organisation, roles=[])
    client.force_login(nobody)
    assert client.get("/control/wire/").status_code == 403
    client.force_login(house.editor)
    form = {"name": "Reader", "product": house.product.pk, "format": "ninjs"}
    assert client.post("/control/wire/subscribers/add/", form).status_code == 403


def test_a_client_sees_its_own_receipts_and_no_others(house: House, client: Client, key_of) -> None:
    _mine, key = key_of("Mine")
    key_of("Theirs")
    house.publish("Ақбөкендер көшті")
    assert "Ақбөкендер" not in client.get("/wire/client/").content.decode()
    assert client.post("/wire/client/", {"key": "wrong"}).status_code == 403
    page = client.post("/wire/client/", {"key": key}).content.decode()
    assert "Mine" in page and "Ақбөкендер көшті" in page and "Theirs" not in page


def test_the_api_adds_clients_and_lists_deliveries(house: House, client: Client) -> None:
    admin = User.objects.create(username="admin", organisation=house.editor.organisation, roles=["admin"])
    bearer = {"authorization": f"Bearer {issue_token(admin, admin, 'test')}"}
    answer = client.post(
        "/api/v1/wire/subscribers",
        json.dumps({"name": "By program", "product": "all", "push_url": URL}),
        content_type="application/json",
        headers=bearer,
    )
    assert answer.status_code == 201 and answer.json()["secret"].startswith("whsec_")
    text = house.publish()
    listed = client.get("/api/v1/wire/subscribers", headers=bearer).json()
    assert all(not made["secret"] and not made["key"] for made in listed)
    rows = client.get(f"/api/v1/wire/deliveries?story={text.story_id}", headers=bearer).json()
    assert {row["subscriber"] for row in rows} == {"by-program", "open-all"}
    own = {"authorization": f"Bearer {answer.json()['key']}"}
    assert client.get("/api/v1/wire/receipts", headers=own).json() == []
    assert client.get("/api/v1/wire/receipts").status_code == 401
    assert client.get("/api/v1/wire/deliveries", headers=own).status_code == 401
    refused = client.post(
        "/api/v1/wire/subscribers", '{"name": "x", "product": "all", "format": "fax"}', content_type="application/json",
        headers=bearer,
    )  # fmt: skip
    assert refused.status_code == 422


def test_products_rules_and_reasons_are_told_in_words(house: House, chief: Client) -> None:
    """No slug, code or tag of the program's stands where a person reads a name."""
    Product.objects.filter(pk=house.product.pk).update(filter={"languages": ["ru"], "topics": ["06000000"]})
    chief.post("/control/preferences/", {"language": "en"})
    page = chief.get("/control/wire/").content.decode()
    row = page[page.index('data-label="Languages"') : page.index('data-label="Urgency"')]
    assert "Russian" in row and "environment" in row and "06000000" not in row
    subscriber = house.client("Client")
    text = house.publish()
    page = chief.get(f"/control/wire/why/?story={text.story_id}&subscriber={subscriber.slug}").content.decode()
    assert "«All news»" in page and "product all" not in page


def test_what_stands_says_what_became_of_it(house: House, client: Client, key_of) -> None:
    _mine, key = key_of("Mine")
    corrected, held = house.publish("Ақбөкендер көшті"), house.publish("Каспий тартылды")
    house.correct(corrected, "Ақбөкендер қайтты")
    version = holds.hold(house.editor, held, "Сан тексеріліп жатыр")
    actions.put_out(house.editor, version.pk)
    page = client.post("/wire/client/", {"key": key}, headers={"accept-language": "en"}).content.decode()
    rows = {row.count("Ақбөкендер"): row for row in page.split("<tr id=")[1:]}
    assert "Correction" in rows[1] and "Held" in rows[0]
    assert "Kazakh" in rows[1] and ">kk<" not in page


def test_merging_into_a_story_there_is_not_says_which_number(house: House, chief: Client) -> None:
    source, _key = add_source(house.chief, "Дала", "push", slug="dala")
    item = receive(source, Message("feed.rss", feed(*entries()).encode()))[0].item
    assert item is not None
    answer = chief.post(f"/control/wire/incoming/{item.pk}/do/merge/", {"number": "99999"})
    assert answer.status_code == 422 and "99999" in answer.json()["said"]
