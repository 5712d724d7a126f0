"""What goes out to whom: products, rights, corrections, kills, receipts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import translation

from keshen.house import jobs
from keshen.house.actions import issue_token
from keshen.house.models import Job, Organisation, User
from keshen.house.outlets import ReceiptState
from keshen.house.permissions import Denied
from keshen.newsroom.models import Publication
from keshen.rights.models import Decision
from keshen.wire import actions
from keshen.wire.models import Delivery, Subscriber
from keshen.wire.outlets import WireOutlet
from keshen.wire.products import Filter
from keshen.wire.receipts import receipts_of
from tests.wire.house import House

URL = "http://127.0.0.1:8149/in"


def states(subscriber: Subscriber) -> list[tuple[str, int | None, bool]]:
    rows = Delivery.objects.filter(subscriber=subscriber).order_by("id")
    return [(row.state, row.sequence, row.is_kill) for row in rows]


def feed_of(house: House) -> Subscriber:
    return Subscriber.objects.get(product=house.product, channel="open")


def test_a_version_goes_to_the_feed_and_to_every_client_once(house: House) -> None:
    push, pull = house.client("Push", URL), house.client("Pull")
    text = house.publish()
    actions.put_out(house.editor, text.published_id)
    assert states(feed_of(house)) == [("delivered", 1, False)]
    assert states(pull) == [("delivered", 1, False)]
    assert states(push) == [("queued", None, False)]
    publication = Publication.objects.get(outlet="wire")
    assert publication.payload["headline"] == text.published.headline
    assert publication.responsible == house.editor


def test_only_products_that_carry_it_get_it(house: House) -> None:
    sport = actions.add_product(house.chief, "sport", {"en": "Sport"}, Filter(topics=frozenset({"15000000"})))
    russian = actions.add_product(house.chief, "ru", {"en": "Russian"}, Filter(languages=frozenset({"ru"})))
    clients = [actions.add_subscriber(house.chief, product.slug, product, "ninjs")[0] for product in (sport, russian)]
    house.publish()
    assert [states(client) for client in clients] == [[], []]


@pytest.mark.parametrize(
    ("wording", "outcome"), [("No Use in Kazakhstan", "deny"), ("Ask the second cousin of the owner", "unclear")]
)
def test_rights_that_deny_or_are_unclear_stop_it_and_the_receipt_says_why(
    house: House, wording: str, outcome: str
) -> None:
    push = house.client("Push", URL)
    text = house.write(restrictions=(wording,))
    from keshen.newsroom import actions as newsroom

    version = newsroom.publish(house.editor, text)
    actions.put_out(house.editor, version.pk)
    decisions = Decision.objects.filter(subjects__contains=[text.story.urn], use__exit="wire")
    assert {decision.outcome for decision in decisions} == {outcome}
    assert {decision.use["recipient"] for decision in decisions} == {None, "push"}
    assert states(push) == [("blocked", None, False)]
    assert states(feed_of(house)) == [("blocked", None, False)]
    assert not Publication.objects.exists()
    receipts = receipts_of(text.story_id)
    assert {receipt.state for receipt in receipts} == {ReceiptState.BLOCKED}
    assert all(receipt.reason for receipt in receipts)


def test_clearing_the_terms_lets_it_out(house: House) -> None:
    from keshen.rights import actions as rights
    from keshen.rights.models import Terms

    text = house.publish(restrictions=("Ask the second cousin of the owner",))
    assert states(feed_of(house)) == [("blocked", None, False)]
    rights.withdraw(house.chief, Terms.objects.get(), reason="He said yes")
    actions.reconsider(house.editor, text.story)
    assert states(feed_of(house)) == [("delivered", 1, False)]


def test_a_correction_follows_under_the_same_name(house: House) -> None:
    text = house.publish()
    house.correct(text, "Ақбөкендер кеше көшті")
    payloads = list(Publication.objects.order_by("id").values_list("payload", flat=True))
    assert payloads[0]["urn"] == payloads[1]["urn"]
    assert payloads[1]["version"] > payloads[0]["version"]
    assert payloads[1]["correction"] == "Сан түзетілді"
    assert states(feed_of(house)) == [("delivered", 1, False), ("delivered", 2, False)]


def test_a_job_that_comes_late_sends_no_old_version(house: House) -> None:
    text = house.publish()
    old = text.published_id
    house.correct(text, "Жаңа тақырып")
    Delivery.objects.all().delete()
    actions.put_out(house.editor, old)
    assert not Delivery.objects.exists()


def test_a_kill_cancels_what_waits_and_reaches_only_who_was_sent_it(house: House) -> None:
    waiting, sent = house.client("Waiting", URL), house.client("Sent", URL + "2")
    text = house.publish()
    Delivery.objects.filter(subscriber=sent).update(state="delivered", sequence=1)
    Subscriber.objects.filter(pk=sent.pk).update(last_sequence=1)
    house.kill(text.story)
    actions.send_kill(house.editor, text.story_id)
    assert states(waiting) == [("cancelled", None, False)]
    assert states(sent) == [("delivered", 1, False), ("queued", None, True)]
    assert states(feed_of(house)) == [("delivered", 1, False), ("delivered", 2, True)]
    kill = Publication.objects.get(payload__status="canceled")
    assert kill.payload["editor_note"] == "Қате мәлімет" and not kill.payload["body_html"]


def test_a_version_published_before_and_put_out_after_the_kill_stays_in(house: House) -> None:
    from keshen.newsroom import actions as newsroom

    text = house.write()
    version = newsroom.publish(house.editor, text)
    newsroom.kill(house.editor, text.story, "Қате")
    actions.put_out(house.editor, version.pk)
    actions.send_kill(house.editor, text.story_id)
    assert not Delivery.objects.exists()
    assert {receipt.state for receipt in receipts_of(text.story_id)} == {ReceiptState.WAITING}


def test_a_kill_reaches_a_client_in_our_own_back_off_at_once_but_keeps_the_time_it_asked_for(house: House) -> None:
    from datetime import timedelta

    from django.utils import timezone

    later = timezone.now() + timedelta(minutes=5)
    ours, theirs = house.client("Ours", URL), house.client("Theirs", URL + "2")
    text = house.publish()
    for subscriber, asked in ((ours, False), (theirs, True)):
        Delivery.objects.filter(subscriber=subscriber).update(sequence=1, attempts=1, next_at=later)
        Subscriber.objects.filter(pk=subscriber.pk).update(
            paused_until=later, paused_by_client=asked, last_sequence=1, failures=1
        )
    house.kill(text.story)
    ours.refresh_from_db()
    theirs.refresh_from_db()
    assert (ours.paused_until, theirs.paused_until) == (None, later)


def test_receipts_name_addresses_and_what_to_find(house: House) -> None:
    house.client("Push", URL)
    text = house.publish()
    receipts = {receipt.label: receipt for receipt in receipts_of(text.story_id)}
    ninjs = receipts["ninjs 3.1 [kk]"]
    assert (ninjs.state, ninjs.find, ninjs.gone) == (ReceiptState.OUT, text.published.urn, False)
    assert ninjs.address == f"/wire/all.json?story={text.story_id}"
    assert receipts["Push [kk]"].state is ReceiptState.WAITING
    house.kill(text.story)
    receipts = {receipt.label: receipt for receipt in receipts_of(text.story_id)}
    text.refresh_from_db()
    assert (receipts["ninjs 3.1 [kk]"].find, receipts["ninjs 3.1 [kk]"].gone) == (text.head.urn, False)
    assert receipts["RSS 2.0 [kk]"].gone and receipts["RSS 2.0 [kk]"].find.endswith(f"text-{text.story_id}-kk")


def test_the_outlet_defers_one_job_for_a_version_and_one_for_a_kill(house: House) -> None:
    from keshen.house.models import Job
    from keshen.house.outlets import Leaving

    text = house.write()
    from keshen.newsroom import actions as newsroom

    version = newsroom.publish(house.editor, text)
    leaving = Leaving(version=version.pk, story=text.story_id, subject=text.story.urn or "", actor=house.editor)
    for _ in range(2):
        WireOutlet().publish(leaving)
        WireOutlet().kill(text.story_id, house.editor.pk)
    assert sorted(Job.objects.filter(name__startswith="wire.").values_list("name", flat=True)) == [
        "wire.kill",
        "wire.put_out",
    ]
    assert WireOutlet().preview(version.pk)["headlines"][0]["value"] == version.headline


def test_strangers_may_not_manage_and_addresses_are_checked(house: House, settings) -> None:
    from keshen.house.permissions import Denied

    with pytest.raises(Denied):
        actions.add_subscriber(house.editor, "Client", house.product, "ninjs")
    settings.KESHEN_ALLOW_PRIVATE_TARGETS = False
    with pytest.raises(actions.Mistaken, match="not a public address"):
        house.client("Inside", URL)
    house.client("Twice")
    with translation.override("en"):
        with pytest.raises(actions.Mistaken, match="cannot carry a cancel"):
            house.client("Feed", "https://example.org/", form="rss")
        with pytest.raises(actions.Mistaken, match="already"):
            house.client("Twice")


def _work() -> None:
    for job in Job.objects.filter(name="wire.decide", state="waiting"):
        jobs.perform(job.pk)


@pytest.mark.parametrize("wording", ["No Use in Kazakhstan", "Ask the second cousin of the owner"])
def test_terms_that_change_after_publication_take_effect_and_can_be_cleared(
    house: House, client: Client, wording: str
) -> None:
    from keshen.rights import actions as rights

    push = house.client("Push", URL)
    text = house.publish()
    house.publish("Басқа хабар")
    assert "Ақбөкендер көшті" in client.get("/wire/all.json").content.decode()
    terms = rights.attach(house.editor, text.story.urn, wording)
    _work()
    assert states(push)[0] == ("blocked", None, False)
    feed = client.get("/wire/all.json").content.decode()
    assert "Ақбөкендер көшті" not in feed and "Басқа хабар" in feed
    assert "Ақбөкендер көшті" not in client.get(f"/wire/all.json?story={text.story_id}").content.decode()
    receipts = receipts_of(text.story_id)
    assert {receipt.state for receipt in receipts} == {ReceiptState.BLOCKED}
    rights.withdraw(house.chief, terms, reason="He said yes")
    _work()
    assert "Ақбөкендер көшті" in client.get("/wire/all.json").content.decode()
    assert states(push)[0][0] == "queued"
    assert {p.responsible for p in Publication.objects.all()} == {house.editor}


def test_an_embargo_in_the_terms_ends_by_itself(house: House) -> None:
    from keshen.rights import actions as rights

    soon = datetime.now(UTC) + timedelta(hours=1)
    text = house.write()
    rights.attach(house.editor, text.story.urn, f"Embargoed until {soon:%d.%m.%Y %H:%M} GMT")
    from keshen.newsroom import actions as newsroom

    actions.put_out(house.editor, newsroom.publish(house.editor, text).pk)
    assert states(feed_of(house)) == [("blocked", None, False)]
    assert Job.objects.filter(name="wire.decide").exists()


def test_a_partner_sees_and_manages_nothing_of_the_agency(house: House, client: Client) -> None:
    house.publish()
    partner = Organisation.objects.create(slug="partner", kind="partner", name={"en": "Partner"})
    stranger = User.objects.create(username="stranger", organisation=partner, roles=["chief", "admin"])
    with pytest.raises(Denied):
        actions.add_product(stranger, "mine", {"en": "Mine"})
    client.force_login(stranger)
    for path in ("", "deliveries/", "subscribers/open-all/", f"deliveries/{Delivery.objects.first().pk}/"):
        assert client.get(f"/control/wire/{path}").status_code in (403, 404)
    key = issue_token(house.system, stranger, "robot")
    for path in ("subscribers", "deliveries"):
        assert client.get(f"/api/v1/wire/{path}", headers={"Authorization": f"Bearer {key}"}).status_code == 403
