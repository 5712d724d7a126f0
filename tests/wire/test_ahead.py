"""Items under embargo: those whose terms allow it have them in advance and marked, everybody else when it ends; what is
taken back early is taken back from those who have it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from keshen.newsroom import actions as newsroom
from keshen.newsroom.models import Text
from keshen.wire import actions, subscriptions
from keshen.wire.entitlements import Entitlement
from keshen.wire.formats import registry
from keshen.wire.formats.registry import FORMATS
from keshen.wire.models import Delivery, Subscriber
from tests.wire.house import House
from tests.wire.test_alerts import Post, look, post, set_alert, words_of

__all__ = ["post"]

SOON = timezone.now().replace(microsecond=0) + timedelta(hours=2)


@pytest.fixture
def early(house: House, key_of: Callable[..., tuple[Subscriber, str]], client: Client) -> Subscriber:
    """A client that has items in advance, signed in; and one that has not, which is the open feed."""
    subscriber, key = key_of("Early")
    subscriptions.subscribe(house.chief, subscriber, house.product, Entitlement(advance=True))
    client.post("/wire/client/", {"key": key})
    return subscriber


def plan(house: House, headline: str = "Баяндама", until: datetime = SOON, **more: Any) -> Text:
    """A text that waits for its embargo, and what the wire does then."""
    text = house.write(headline, **more)
    content = replace(text.working, embargo=until)
    text = newsroom.save_draft(house.editor, text, content, text.draft_revision)
    newsroom.publish(house.editor, text)
    text.refresh_from_db()
    actions.put_ahead(house.editor, text.pk)
    return text


def release(house: House, text: Text, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock reaches the embargo's end, and the house publishes."""
    later = SOON + timedelta(seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    monkeypatch.setattr(registry, "clock", lambda: later)
    text.refresh_from_db()
    assert text.head_id is not None
    newsroom.release(house.editor, text, text.head_id)
    text.refresh_from_db()
    assert text.published_id is not None
    actions.put_out(house.editor, text.published_id)


def test_only_the_early_have_it_marked_and_the_others_at_its_end(
    house: House, early: Subscriber, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = plan(house)
    made = Delivery.objects.get()
    assert made.subscriber == early and made.ahead and made.sequence == 1
    for name, mark in (("json", "embargoedUntil"), ("ninjs2.json", "embargoed"), ("xml", "<embargoed>"),
                       ("nitf", 'management-status="embargoed"'), ("txt", "EMBARGO:"), ("eml", "")):  # fmt: skip
        written = client.get(f"/wire/client/items/1.{name}")
        assert written.status_code == 200 and mark in written.content.decode()
    assert "/story-" not in client.get("/wire/client/items/1.json").content.decode()  # its page is not there yet
    for name in ("rss", "atom", "feed.json"):
        assert client.get(f"/wire/client/items/1.{name}").status_code == 404
        again = client.get(f"/wire/client/replay?from=0&format={FORMATS_BY[name]}")
        assert "Баяндама" not in again.content.decode()
    assert "Баяндама" not in Client().get("/wire/all.json").content.decode()
    release(house, text, monkeypatch)
    assert "Баяндама" in Client().get("/wire/all.json").content.decode()
    open_feed = Delivery.objects.get(subscriber__channel="open")
    item = json.loads(Client().get("/wire/all.json").content)["associations"][0]
    assert "embargoedUntil" not in item and not open_feed.ahead
    assert Delivery.objects.filter(subscriber=early).count() == 1  # they have it: its mark told them when
    assert "Баяндама" in client.get("/wire/client/replay?from=0&format=rss").content.decode()


FORMATS_BY = {entry.suffix: name for name, entry in FORMATS.items()}


def test_an_early_kill_reaches_those_who_have_it(house: House, early: Subscriber, client: Client) -> None:
    text = plan(house)
    newsroom.kill(house.editor, text.story, "Қате есеп")
    actions.send_kill(house.editor, text.story_id)
    kill = Delivery.objects.get(subscriber=early, is_kill=True)
    assert kill.sequence == 2
    item = json.loads(client.get("/wire/client/items/2.json").content)
    assert item["pubStatus"] == "canceled" and "bodies" not in item
    assert client.get("/wire/client/items/1.json").status_code == 404
    assert not Delivery.objects.exclude(subscriber=early).exists()
    text.refresh_from_db()
    newsroom.release(house.editor, text, text.approved_id or 0)  # the clock comes, and nothing goes out
    text.refresh_from_db()
    assert text.published_id is None


def test_what_is_returned_to_its_author_is_called_back_and_comes_again(
    house: House, early: Subscriber, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = plan(house)
    newsroom.send_back(house.editor, text, "Сандарды тексеру керек")
    actions.call_back(house.editor, text.pk, "Сандарды тексеру керек")
    actions.call_back(house.editor, text.pk, "Сандарды тексеру керек")
    item = json.loads(client.get("/wire/client/items/2.json").content)
    assert item["pubStatus"] == "withheld" and "bodies" not in item and "Сандарды" in item["edNote"]
    assert Delivery.objects.filter(subscriber=early).count() == 2
    text.refresh_from_db()
    newsroom.publish(house.editor, text)  # word for word the same: the same version
    actions.put_ahead(house.editor, text.pk)
    item = json.loads(client.get("/wire/client/items/3.json").content)
    assert item["pubStatus"] == "usable" and item["bodies"]
    release(house, text, monkeypatch)
    assert Delivery.objects.filter(subscriber=early).count() == 3


def test_an_alert_says_the_embargo_and_that_it_was_called_back(
    house: House, early: Subscriber, client: Client, post: Post
) -> None:
    set_alert(house, early, words="баяндама")
    text = plan(house)
    look()
    assert "EMBARGO: " in words_of(post.taken[0])
    newsroom.send_back(house.editor, text, "Сандарды тексеру керек")
    actions.call_back(house.editor, text.pk, "Сандарды тексеру керек")
    look()
    assert len(post.taken) == 2 and "KILL" not in post.subjects[1] and "Баяндама" in post.subjects[1]
    page = client.get("/wire/client/items/2/").content.decode()
    assert "Сандарды тексеру керек" in page and "Бірінші абзац" not in page


def test_a_changed_text_goes_ahead_again(house: House, early: Subscriber, client: Client) -> None:
    text = plan(house)
    newsroom.send_back(house.editor, text, "Тақырыбын өзгерту")
    actions.call_back(house.editor, text.pk, "Тақырыбын өзгерту")
    text.refresh_from_db()
    changed = replace(text.working, headline="Жаңа тақырып")
    text = newsroom.save_draft(house.editor, text, changed, text.draft_revision)
    newsroom.publish(house.editor, text)
    actions.put_ahead(house.editor, text.pk)
    assert json.loads(client.get("/wire/client/items/3.json").content)["headlines"][0]["value"] == "Жаңа тақырып"


def test_a_push_that_waits_when_it_is_called_back_is_not_sent(house: House, early: Subscriber) -> None:
    pushed = house.client("Push", "http://127.0.0.1:8149/in")
    subscriptions.subscribe(house.chief, pushed, house.product, Entitlement(advance=True))
    text = plan(house)
    waits = Delivery.objects.get(subscriber=pushed)
    assert waits.state == "queued"
    newsroom.send_back(house.editor, text, "Әлі ерте")
    actions.call_back(house.editor, text.pk, "Әлі ерте")
    waits.refresh_from_db()
    assert waits.state == "blocked" and Delivery.objects.filter(subscriber=pushed).count() == 1
    text.refresh_from_db()
    newsroom.publish(house.editor, text)
    actions.put_ahead(house.editor, text.pk)
    waits.refresh_from_db()
    assert waits.state == "queued" and waits.ahead


def test_rights_are_asked_for_the_embargos_end(house: House, early: Subscriber) -> None:
    plan(house, "Мәтін бір", restrictions=(f"Embargo until {SOON.isoformat()}",))
    assert Delivery.objects.get().state == "delivered"
    plan(house, "Мәтін екі", restrictions=("No resale",))
    assert Delivery.objects.filter(state="blocked").count() == 1
    plan(house, "Мәтін үш", restrictions=("Ask the second cousin of the owner",))
    assert Delivery.objects.filter(state="blocked").count() == 2


def test_the_clockwork_asks_for_it_only_where_somebody_has_it(house: House, early: Subscriber) -> None:
    from keshen.house.models import Job

    text = plan(house)
    assert Job.objects.filter(key__startswith=f"wire.put_ahead:{text.pk}:").count() == 1
    newsroom.send_back(house.editor, text, "Ерте")
    assert Job.objects.filter(key__startswith=f"wire.call_back:{text.pk}:").count() == 1
    subscriptions.subscribe(house.chief, early, house.product, Entitlement())
    other = plan(house, "Басқасы")
    assert not Job.objects.filter(key__startswith=f"wire.put_ahead:{other.pk}:").exists()


def test_who_follows_in_a_form_without_embargoes_is_told(house: House, key_of: Any) -> None:
    subscriber, key = key_of("Atom", form="atom")
    subscriptions.subscribe(house.chief, subscriber, house.product, Entitlement(advance=True))
    plan(house)
    assert not Delivery.objects.exists()
    feed_page = Client().get(f"/wire/all.atom?key={key}")
    assert feed_page.status_code == 200 and "Баяндама" not in feed_page.content.decode()


def test_only_what_waits_is_killed_before_it_is_out(house: House) -> None:
    text = house.write()
    newsroom.approve(house.editor, newsroom_submitted(house, text))
    with pytest.raises(ValueError):
        newsroom.kill(house.editor, text.story, "Неге")


def newsroom_submitted(house: House, text: Text) -> Text:
    newsroom.submit(house.editor, text)
    text.refresh_from_db()
    return text
