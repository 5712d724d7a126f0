"""A client's script is data: a text goes out in Cyrillic, Latin or Arabic script, and stays what the client knows."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from keshen.newsroom.models import Publication
from keshen.wire import actions
from keshen.wire.formats.item import from_json
from keshen.wire.formats.registry import FORMATS
from keshen.wire.models import Delivery, Selection, Subscriber
from keshen.wire.products import Filter
from tests.wire.house import House


def sent(client: Client, slug: str, key: str) -> list[dict[str, object]]:
    response = client.get(f"/wire/{slug}.json", headers={"authorization": f"Bearer {key}"})
    return json.loads(response.content)["associations"]


@pytest.mark.parametrize(
    ("script", "tag", "headline"),
    [("", "kk", "Ақбөкендер көшті"), ("Latn", "kk-Latn", "Aqbökender köştı"), ("Arab", "kk-Arab", "اقبوكەندەر كوشتى")],
)
def test_a_client_gets_its_script(house: House, client: Client, key_of, script: str, tag: str, headline: str) -> None:
    subscriber, key = key_of("Reader")
    Subscriber.objects.filter(pk=subscriber.pk).update(script=script)
    text = house.publish()
    [item] = sent(client, "all", key)
    assert item["language"] == tag and str(item["uri"]).endswith(f"-{tag}")
    assert item["headlines"][0]["value"] == headline  # type: ignore[index]
    assert Publication.objects.filter(version=text.published, outlet="wire").count() == len({"kk", tag})


def test_a_product_in_a_script_carries_only_what_can_be_had_in_it(house: House, client: Client, key_of) -> None:
    latin = actions.add_product(house.chief, "latin", {"en": "Latin"}, Filter(script="Latn"))
    _subscriber, key = key_of("Latin reader", latin)
    house.publish()
    house.publish("По-русски", language="ru")
    assert [item["language"] for item in sent(client, "latin", key)] == ["kk-Latn"]


def test_a_client_that_changes_its_script_gets_corrections_and_kills_under_the_name_it_knows(
    house: House, client: Client, key_of
) -> None:
    subscriber, key = key_of("Reader")
    Subscriber.objects.filter(pk=subscriber.pk).update(script="Latn")
    text = house.publish()
    [before] = sent(client, "all", key)
    Subscriber.objects.filter(pk=subscriber.pk).update(script="Arab")
    house.correct(text, "Ақбөкендер келді")
    [corrected] = sent(client, "all", key)
    assert (corrected["uri"], corrected["version"]) == (before["uri"], "2")
    house.kill(text.story)
    [killed] = sent(client, "all", key)
    assert (killed["uri"], killed["pubStatus"]) == (before["uri"], "canceled")
    house.publish("Жаңа")
    assert sent(client, "all", key)[0]["language"] == "kk-Arab"


def test_the_bytes_of_a_push_are_in_the_clients_encoding(house: House) -> None:
    payload = {
        "urn": "urn:newsml:a:20260101:text-1", "version": 1, "version_urn": "v", "story_urn": "s", "language": "kk",
        "headline": "Қазақ", "created": "2026-01-01T00:00:00+00:00", "version_created": "2026-01-01T00:00:00+00:00",
    }  # fmt: skip
    assert json.loads(FORMATS["ninjs"].write(from_json(payload), "windows-1251"))["headlines"][0]["value"] == "Қазақ"


def test_every_choice_is_kept(house: House, key_of) -> None:
    subscriber, _key = key_of("Reader", actions.add_product(house.chief, "ru", {"en": "Ru"}, Filter(frozenset({"ru"}))))
    text = house.publish()
    kept = Selection.objects.get(version=text.published)
    choice = kept.choice(subscriber)
    assert choice is not None and choice.outcome == "no"
    assert [finding.key for finding in choice.findings] == ["not_in_product", "language"]
    assert not Delivery.objects.filter(subscriber=subscriber).exists()
    assert len(kept.choices) == Subscriber.objects.count()
