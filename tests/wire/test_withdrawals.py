"""A correction that rights stop for a client who has the wrong version: the client is told to use that no longer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keshen.newsroom import actions as newsroom
from keshen.newsroom.models import Publication, Text
from keshen.rights import actions as rights
from keshen.wire import actions
from keshen.wire.models import Delivery, Subscriber
from keshen.wire.queries import Slice, items_of, numbered
from tests.wire.house import House


def _correct(house: House, text: Text, headline: str, *, restrictions: tuple[str, ...] = ()) -> None:
    text.refresh_from_db()
    content = replace(text.working, headline=headline, restrictions=restrictions)
    saved = newsroom.save_draft(house.editor, text, content, text.draft_revision)
    version = newsroom.correct(house.editor, saved, "Сан түзетілді")
    actions.put_out(house.editor, version.pk)
    text.refresh_from_db()


def _stands(client: Subscriber) -> list[tuple[str, str, int]]:
    return [(item.status, item.headline, item.version) for item in items_of(numbered(client, Slice()))]


@pytest.mark.parametrize("terms", ["No use outside Kazakhstan", "Ask the desk before any use"])
def test_who_has_the_wrong_version_is_told_and_gets_the_next_that_is_allowed(house: House, terms: str) -> None:
    client = house.client("Client")
    text = house.publish("Екі мың ақбөкен")
    late = house.client("Late")
    _correct(house, text, "Үш мың ақбөкен", restrictions=(terms,))
    assert text.published is not None
    assert _stands(client) == [("withheld", "Екі мың ақбөкен", text.published.number)]
    [item] = items_of(numbered(client, Slice()))
    assert item.is_notice and item.paragraphs == () and "пайдаланбаңыз" in item.editor_note
    assert "Үш мың" not in str(item)
    blocked = Delivery.objects.get(subscriber=client, version=text.published)
    assert blocked.state == Delivery.State.BLOCKED and blocked.reason
    assert not Delivery.objects.filter(subscriber=late, called_back=True).exists()
    actions.put_out(house.editor, text.published.pk)  # a job is done at least once
    assert Delivery.objects.filter(subscriber=client, called_back=True).count() == 1
    _correct(house, text, "Төрт мың ақбөкен", restrictions=(terms,))
    assert Delivery.objects.filter(subscriber=client, called_back=True).count() == 1
    _correct(house, text, "Бес мың ақбөкен")
    assert text.published is not None
    assert _stands(client) == [("usable", "Бес мың ақбөкен", text.published.number)]


def test_terms_that_are_cleared_bring_the_correction_after_its_notice(house: House) -> None:
    client = house.client("Client")
    text = house.publish("Екі мың ақбөкен")
    _correct(house, text, "Үш мың ақбөкен", restrictions=("No use outside Kazakhstan",))
    assert [status for status, *_rest in _stands(client)] == ["withheld"]
    rights.set_terms(house.chief, text.story.urn or "", [], language="kk")
    actions.decide_anew(house.chief, text.story_id)
    assert [(status, headline) for status, headline, _number in _stands(client)] == [("usable", "Үш мың ақбөкен")]
    numbers = [(row.sequence, row.called_back) for row in Delivery.objects.filter(subscriber=client).order_by("id")]
    assert max(numbers, key=lambda each: each[0] or 0)[1] is False


def test_terms_alone_withdraw_nothing(house: House) -> None:
    """What a client was sent stays with the client while it is right: terms are no kill (decision 51)."""
    client = house.client("Client")
    text = house.publish("Екі мың ақбөкен")
    _correct(house, text, "Үш мың ақбөкен")
    rights.attach(house.chief, text.story.urn or "", "No use outside Kazakhstan")
    actions.decide_anew(house.chief, text.story_id)
    assert not Delivery.objects.filter(called_back=True).exists()
    assert _stands(client) == []


def test_what_waits_for_a_push_is_not_sent_and_nobody_who_has_nothing_is_told(house: House, settings) -> None:
    settings.KESHEN_ALLOW_PRIVATE_TARGETS = True
    client = house.client("Pushed", "http://127.0.0.1:9/in")
    text = house.publish("Екі мың ақбөкен")
    _correct(house, text, "Үш мың ақбөкен", restrictions=("No use outside Kazakhstan",))
    theirs = Delivery.objects.filter(subscriber=client).order_by("id")
    assert [(row.state, row.called_back) for row in theirs] == [("cancelled", False), ("blocked", False)]


def test_a_notice_that_still_waits_is_overtaken_by_the_version_itself(house: House, settings) -> None:
    settings.KESHEN_ALLOW_PRIVATE_TARGETS = True
    client = house.client("Pushed", "http://127.0.0.1:9/in")
    text = house.publish("Екі мың ақбөкен")
    Delivery.objects.filter(subscriber=client).update(state="delivered", sequence=1)
    _correct(house, text, "Үш мың ақбөкен", restrictions=("No use outside Kazakhstan",))
    notice = Delivery.objects.get(subscriber=client, called_back=True)
    assert notice.state == "queued" and notice.publication is not None
    assert notice.publication.payload["status"] == "withheld"
    _correct(house, text, "Төрт мың ақбөкен")
    last = Delivery.objects.get(subscriber=client, version=text.published)
    # the pump sends nothing of a text that has a newer version in the queue
    assert last.state == "queued" and notice.version.number < last.version.number


def test_a_kill_reaches_who_was_told_to_stop(house: House) -> None:
    client = house.client("Client")
    text = house.publish("Екі мың ақбөкен")
    _correct(house, text, "Үш мың ақбөкен", restrictions=("No use outside Kazakhstan",))
    house.kill(text.story)
    assert [status for status, *_rest in _stands(client)] == ["canceled"]
    assert Publication.objects.filter(payload__status="withheld").count() == 1
