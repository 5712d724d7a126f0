"""A text that is held, on the wire: everybody who was sent it hears it, whatever rights say, and nobody else."""

from __future__ import annotations

from dataclasses import replace

from keshen.house.outlets import ReceiptState
from keshen.newsroom import actions as newsroom
from keshen.newsroom import holds
from keshen.newsroom.models import Text
from keshen.rights import actions as rights
from keshen.wire import actions
from keshen.wire.models import Delivery
from keshen.wire.outlets import WireOutlet
from keshen.wire.queries import Slice, items_of, numbered
from tests.wire.house import House


def _hold(house: House, text: Text) -> None:
    version = holds.hold(house.editor, text, "Сан тексеріліп жатыр")
    actions.put_out(house.editor, version.pk)
    text.refresh_from_db()


def test_who_has_the_text_is_told_and_gets_the_revised_one(house: House) -> None:
    client = house.client("Client")
    text = house.publish("Ақбөкендер көшті")
    late = house.client("Late")
    _hold(house, text)
    [item] = items_of(numbered(client, Slice()))
    assert (item.status, item.editor_note, item.paragraphs) == ("withheld", "Сан тексеріліп жатыр", ())
    assert not Delivery.objects.filter(subscriber=late).exists()
    states = {one.form: one for one in WireOutlet().receipts(text.story_id)}
    assert {one.state for one in states.values()} == {ReceiptState.HELD}
    assert states["rss"].gone and not states["ninjs"].gone
    newsroom.save_draft(house.editor, text, replace(text.working, headline="Түзетілді"), text.draft_revision)
    version = newsroom.correct(house.editor, text, "Сан түзетілді")
    actions.put_out(house.editor, version.pk)
    [item] = items_of(numbered(client, Slice()))
    assert (item.status, item.headline) == ("usable", "Түзетілді")


def test_rights_do_not_keep_the_notice_from_who_has_the_text(house: House) -> None:
    client = house.client("Client")
    text = house.publish()
    rights.attach(house.chief, text.story.urn or "", "No use outside Kazakhstan")
    _hold(house, text)
    actions.decide_anew(house.chief, text.story_id)
    [item] = items_of(numbered(client, Slice()))
    assert item.status == "withheld"


def test_what_waits_to_be_pushed_is_not_sent_and_asking_twice_tells_once(house: House, settings) -> None:
    settings.KESHEN_ALLOW_PRIVATE_TARGETS = True
    client = house.client("Pushed", "http://127.0.0.1:9/in")
    text = house.publish()
    _hold(house, text)
    assert text.published is not None
    actions.put_out(house.editor, text.published.pk)
    assert list(Delivery.objects.filter(subscriber=client).values_list("state", flat=True)) == ["cancelled"]
    open_feed = Delivery.objects.filter(version=text.published)
    assert open_feed.count() == 1
