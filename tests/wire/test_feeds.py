"""The feeds: who may read them, what they hold, how they are paged, replayed and cached."""

from __future__ import annotations

import json

import feedparser
import pytest
from django.test import Client
from lxml import etree

from keshen.wire import actions
from keshen.wire.formats import newsml as g2
from keshen.wire.models import Delivery
from keshen.wire.receipts import receipts_of
from tests.wire.house import House
from tests.wire.standards import needs_standards, newsml, ninjs


def headlines(client: Client, address: str, **headers: str) -> list[str]:
    response = client.get(address, headers=headers)
    assert response.status_code == 200, response.content
    return [item["name"] for item in json.loads(response.content)["associations"]]


@needs_standards
def test_every_form_of_a_living_feed_is_valid(house: House, client: Client) -> None:
    texts = [house.publish(f"Тақырып {number}") for number in range(3)]
    house.correct(texts[0], "Түзетілген")
    house.kill(texts[1].story)
    ninjs().validate(json.loads(client.get("/wire/all.json").content))
    newsml().assertValid(etree.fromstring(client.get("/wire/all.xml").content))
    read = feedparser.parse(client.get("/wire/all.rss").content)
    assert not read.bozo and [entry.title for entry in read.entries] == ["Түзетілген", "Тақырып 2"]


def test_the_feed_holds_what_stands_newest_first(house: House, client: Client) -> None:
    texts = [house.publish(f"Тақырып {number}") for number in range(3)]
    house.correct(texts[0], "Түзетілген")
    house.kill(texts[1].story)
    found = json.loads(client.get("/wire/all.json").content)["associations"]
    assert [(item["name"], item["pubStatus"]) for item in found] == [
        ("Тақырып 1", "canceled"),
        ("Түзетілген", "usable"),
        ("Тақырып 2", "usable"),
    ]
    assert "bodies" not in found[0] and found[0]["edNote"] == "Қате мәлімет"


def test_each_receipt_is_found_at_its_address(house: House, client: Client) -> None:
    text = house.publish()
    for step in (lambda: None, lambda: house.correct(text, "Түзетілген"), lambda: house.kill(text.story)):
        step()
        receipts = receipts_of(text.story_id)
        assert len(receipts) == 3
        for receipt in receipts:
            body = client.get(receipt.address).content.decode()
            assert (receipt.find in body) is not receipt.gone
    root = etree.fromstring(client.get(f"/wire/all.xml?story={text.story_id}").content)
    assert root.find(f".//{{{g2.NAR}}}pubStatus").get("qcode") == "stat:canceled"


def test_paging_up_and_down_meets_everything_once(house: House, client: Client) -> None:
    for number in range(7):
        house.publish(f"Тақырып {number}")
    everything = [f"Тақырып {number}" for number in range(7)]
    for start, wanted in (("/wire/all.json?after=0&limit=3", everything), ("/wire/all.json?limit=3", everything[::-1])):
        met, address = [], start
        while address:
            response = client.get(address)
            met += [item["name"] for item in json.loads(response.content)["associations"]]
            link = response.headers["Link"] if 'rel="next"' in response.headers["Link"] else ""
            address = link[1 : link.index(">")].replace("http://localhost:8000", "") if link else ""
        assert met == wanted
    assert headlines(client, "/wire/all.json?after=5") == everything[5:]


def test_replay_gives_every_number_but_of_a_killed_story_only_the_kill(house: House, client: Client, key_of) -> None:
    _subscriber, key = key_of()
    first, second = house.publish("Бірінші"), house.publish("Екінші")
    house.correct(first, "Бірінші, түзетілген")
    house.kill(second.story)
    bearer = {"authorization": f"Bearer {key}"}
    assert headlines(client, "/wire/all/replay?from=1", **bearer) == ["Бірінші", "Бірінші, түзетілген", "Екінші"]
    response = client.get("/wire/all/replay?from=4&format=newsml", headers=bearer)
    assert response.headers["Content-Type"].startswith("application/vnd.iptc.g2")
    assert b"stat:canceled" in response.content
    assert client.get("/wire/all/replay").status_code == 400


def test_a_key_opens_its_product_and_no_other(house: House, client: Client, key_of) -> None:
    closed = actions.add_product(house.chief, "closed", {"en": "Closed"})
    subscriber, key = key_of("Client", closed)
    house.publish()
    assert client.get("/wire/closed.json").status_code == 401
    assert client.get("/wire/closed.json", headers={"authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/wire/closed.json").headers["WWW-Authenticate"].startswith("Bearer")
    assert headlines(client, f"/wire/closed.json?key={key}") == ["Ақбөкендер көшті"]
    assert client.get(f"/wire/all.json?key={key}").status_code == 403
    assert client.get("/wire/none.json").status_code == 404
    assert client.get(f"/wire/closed.json?key={key}").headers["Cache-Control"].startswith("private")
    actions.suspend(house.chief, subscriber, "Unpaid")
    refused = client.get(f"/wire/closed.json?key={key}")
    assert refused.status_code == 403 and b"Unpaid" in refused.content
    renewed = actions.new_key(house.chief, subscriber)
    assert client.get(f"/wire/closed.json?key={key}").status_code == 401 and renewed != key


def test_an_unchanged_feed_costs_no_rendering(house: House, client: Client, django_assert_max_num_queries) -> None:
    house.publish()
    first = client.get("/wire/all.json")
    with django_assert_max_num_queries(3):
        assert client.get("/wire/all.json").content == first.content
    with django_assert_max_num_queries(3):
        again = client.get("/wire/all.json", headers={"if-none-match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    house.publish("Тағы")
    changed = client.get("/wire/all.json", headers={"if-none-match": first.headers["ETag"]})
    assert changed.status_code == 200 and changed.headers["Keshen-Sequence"] == "2"


@pytest.mark.parametrize("query", ["after=x", "after=-1", "limit=999999", "story=99999999999999999999", "after=١"])
def test_a_query_nobody_could_mean_is_refused(house: House, client: Client, query: str) -> None:
    assert client.get(f"/wire/all.json?{query}").status_code == 400


def test_pictures_rights_keep_back_are_not_in_the_item(house: House, client: Client, key_of) -> None:
    from keshen.wire.formats.item import to_json
    from keshen.wire.queries import items_of
    from tests.wire.items import FULL, PICTURE

    text = house.publish()
    delivery = Delivery.objects.select_related("publication").get(version=text.published)
    delivery.publication.payload = to_json(FULL)
    assert items_of([delivery])[0].pictures == (PICTURE,)
    delivery.withheld = [PICTURE.urn]
    assert items_of([delivery])[0].pictures == ()
