"""What is to come, told to clients without its words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from django.test import Client
from django.utils import timezone
from lxml import etree
from NewsMLG2 import NewsMLG2Document

from keshen.newsroom import actions as newsroom
from keshen.wire import actions, subscriptions
from keshen.wire.formats import newsml
from keshen.wire.products import Filter
from tests.wire.house import House
from tests.wire.standards import needs_standards
from tests.wire.standards import newsml as schema

G2 = {"n": newsml.NAR}


def approve(house: House, headline: str, language: str = "kk") -> None:
    text = house.write(headline, language=language)
    later = timezone.now() + timedelta(hours=2)
    newsroom.save_draft(house.editor, text, replace(text.working, embargo=later), text.draft_revision)
    text.refresh_from_db()
    newsroom.publish(house.editor, text)


@needs_standards
def test_clients_are_told_what_is_to_come_and_nobody_its_words(house: House, client: Client, key_of) -> None:
    kazakh = actions.add_product(house.chief, "kk", {"en": "Kazakh"}, Filter(frozenset({"kk"})))
    subscriber, key = key_of("City TV", kazakh)
    bearer = {"authorization": f"Bearer {key}"}
    assert client.get("/wire/kk/plan.xml", headers=bearer).status_code == 204
    approve(house, "Құпия тақырып")
    approve(house, "Тайный заголовок", "ru")
    subscriptions.set_reading(house.chief, subscriber, "Latn", "")
    response = client.get("/wire/kk/plan.xml", headers=bearer)
    root = etree.fromstring(response.content)
    schema().assertValid(root)
    assert "Құпия" not in response.content.decode() and "Тайный" not in response.content.decode()
    [item] = root.findall(".//n:planningItem", G2)
    assert item.find(".//n:contentMeta/n:slugline", G2).text == "saiga"
    assert item.find(".//n:planning/n:language", G2).get("tag") == "kk-Latn"
    due = timezone.datetime.fromisoformat(item.find(".//n:scheduled", G2).text)
    assert timedelta(hours=1) < due - timezone.now() < timedelta(hours=3)
    read = NewsMLG2Document(etree.tostring(item)).get_item()
    assert read.guid == item.get("guid") and read.itemmeta.itemclass.qcode == "plinat:newscoverage"


def test_the_public_is_not_told_what_is_to_come(house: House, client: Client) -> None:
    approve(house, "Құпия тақырып")
    assert client.get("/wire/all/plan.xml").status_code == 401
