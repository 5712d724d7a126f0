"""When the wire wants a person, and that it stops wanting one."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from keshen.house.alarms import alarms_for
from keshen.house.models import Event, Job
from keshen.wire import actions, kills
from keshen.wire.models import Delivery, Subscriber
from tests.wire.house import House

URL = "http://127.0.0.1:8149/in"


def taken(subscriber: Subscriber, *, kill: bool) -> None:
    """As if the pump had sent it and the client had taken it."""
    subscriber.refresh_from_db()
    waiting = Delivery.objects.filter(subscriber=subscriber, is_kill=kill, state="queued")
    for row in waiting:
        subscriber.last_sequence += 1
        subscriber.save()
        now = timezone.now()
        Delivery.objects.filter(pk=row.pk).update(
            state="delivered", sequence=subscriber.last_sequence, delivered_at=now, sent_at=now
        )


def test_a_kill_is_looked_after_until_everybody_has_confirmed_it(house: House) -> None:
    good, silent = house.client("Good", URL), house.client("Silent", URL)
    text = house.publish("Ақпарат")
    taken(good, kill=False)
    taken(silent, kill=False)
    house.kill(text.story)
    look = Job.objects.get(name="wire.confirm_kill")
    assert look.args == {"story_id": text.story_id, "look": 0}
    taken(good, kill=True)
    assert [alarm for alarm in alarms_for(house.chief) if alarm.kind == "kill"] == []
    Delivery.objects.filter(is_kill=True).update(created_at=timezone.now() - timedelta(seconds=61))
    (alarm,) = alarms_for(house.chief)
    assert alarm.kind == "kill" and "Silent" in alarm.words and "Good" not in alarm.words
    kills.confirm(house.system, text.story_id, 0)
    assert Event.objects.get(kind="wire.kill_unconfirmed").after == {"not_confirmed": ["silent"]}
    assert Job.objects.filter(name="wire.confirm_kill").count() == 2
    taken(silent, kill=True)
    kills.confirm(house.system, text.story_id, 1)
    assert Event.objects.filter(kind="wire.kill_confirmed").count() == 1
    assert alarms_for(house.chief) == [] and Job.objects.filter(name="wire.confirm_kill").count() == 2


def test_nobody_is_asked_to_confirm_a_kill_nobody_was_sent(house: House) -> None:
    house.client("Client", URL)
    house.kill(house.publish().story)
    # the public feed carried it and has its kill; that is confirmed by itself
    assert alarms_for(house.chief) == []


def test_stopped_clients_and_items_and_those_not_reached_are_alarms_on_the_screen(house: House, client: Client) -> None:
    stopped, refusing, dead = (house.client(name, URL) for name in ("Stopped", "Refusing", "Dead"))
    house.publish("Ақпарат")
    actions.suspend(house.chief, stopped, "Not paid")
    Delivery.objects.filter(subscriber=refusing).update(state="suspended", reason="422: no such topic")
    Subscriber.objects.filter(pk=dead.pk).update(failures=7)
    assert {alarm.kind for alarm in alarms_for(house.chief)} == {"suspended", "refused"}
    Delivery.objects.filter(subscriber=dead).update(created_at=timezone.now() - timedelta(seconds=601))
    found = {alarm.kind: alarm for alarm in alarms_for(house.chief)}
    assert set(found) == {"suspended", "refused", "unreached"}
    assert "Not paid" in found["suspended"].words and "no such topic" in found["refused"].words
    client.force_login(house.chief)
    page = client.get("/control/jobs/").content.decode()
    assert all(name in page for name in ("Stopped", "Refusing", "Dead", "Not paid"))
    assert "<b>3</b>" in client.get("/control/jobs/alarms").content.decode()
    actions.resume(house.chief, stopped)
    assert "suspended" not in {alarm.kind for alarm in alarms_for(house.chief)}
