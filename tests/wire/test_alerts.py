"""Alerts: what fits is told once, to whom it may be told at that moment; what was told and is killed is taken back."""

from __future__ import annotations

import email
import email.policy
import re
import smtplib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from keshen.wire import actions
from keshen.wire.alerts import finding, sending, verbs
from keshen.wire.alerts.models import Alert, AlertHit, AlertMail
from keshen.wire.alerts.paces import next_digest
from keshen.wire.models import Subscriber
from keshen.wire.products import Filter
from tests.wire.house import House

DESK = "desk@client.example"


class Post:
    """A mail server: what it took, by Message-ID as servers keep it, and what it should do to the next."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.trouble: Exception | None = None

    def __enter__(self) -> Post:
        return self

    def __exit__(self, *_gone: object) -> None:
        return

    def send_message(self, message: EmailMessage, _sender: str, to: list[str]) -> None:
        if self.trouble is not None:
            trouble, self.trouble = self.trouble, None
            raise trouble
        made = email.message_from_bytes(message.as_bytes(), EmailMessage, policy=email.policy.default)  # type: ignore[arg-type]
        assert to == [made["To"]]
        self.taken.append(made)

    @property
    def subjects(self) -> list[str]:
        return [made["Subject"] for made in self.taken]


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Post]:
    settings.KESHEN_SMTP_URL = "smtp://mail.example:25"
    made = Post()
    monkeypatch.setattr(sending, "server", lambda _seconds: made)
    yield made


@pytest.fixture
def mine(house: House, key_of: Callable[..., tuple[Subscriber, str]], client: Client) -> Subscriber:
    subscriber, key = key_of("Mine")
    assert client.post("/wire/client/", {"key": key}).status_code == 200
    return subscriber


def look() -> None:
    while finding.find():
        continue
    sending.send_due()


def set_alert(house: House, of: Subscriber, pace: str = "once", **wanted: Any) -> Alert:
    wanted = wanted or {"words": "ақбөкен"}
    made = verbs.add_alert(house.system, of, "Киік", pace=pace, address=DESK if pace != "live" else "", **wanted)
    if pace != "live":
        verbs.confirm_alert(house.system, made)
        AlertMail.objects.filter(alert=made).delete()
    made.refresh_from_db()
    return made


def words_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_an_address_is_asked_first(house: House, mine: Subscriber, post: Post, client: Client) -> None:
    form = {"name": "Киік", "words": "ақбөкен", "pace": "once", "address": DESK}
    assert client.post("/wire/client/alerts/add/", form).status_code == 302
    house.publish("Ақбөкендер көшті")
    look()
    assert len(post.taken) == 1 and "http" in words_of(post.taken[0])  # the question alone
    token = re.search(r"/wire/client/alerts/confirm\?t=(\S+)", words_of(post.taken[0]))
    assert token is not None
    door = f"/wire/client/alerts/confirm?t={token[1]}"
    stranger = Client()
    assert stranger.get(door).status_code == 200 and not Alert.objects.get().confirmed_at  # a program only looked
    assert stranger.get(door + "x").status_code == 404
    assert stranger.get(door.replace("confirm", "end")).status_code == 404
    stranger.post(door)
    house.publish("Ақбөкендер қайтты")
    look()
    assert post.subjects[1:] == ["Ақбөкендер қайтты"]  # and nothing of what came before
    ending = re.search(r"<(http\S+)>", post.taken[1]["List-Unsubscribe"])
    assert ending is not None
    Client(enforce_csrf_checks=True).post(ending[1][ending[1].index("/wire/") :])
    house.publish("Ақбөкендер жайылды")
    look()
    assert len(post.taken) == 2


def test_what_fits_is_told_once_and_nothing_else(house: House, mine: Subscriber, post: Post) -> None:
    set_alert(house, mine)
    house.publish("Каспий тартылды")
    text = house.publish("Ақбөкендер көшті")
    look()
    look()
    assert post.subjects == ["Ақбөкендер көшті"]
    number = mine.deliveries.get(version=text.published).sequence
    assert f"/wire/client/items/{number}/" in words_of(post.taken[0])
    house.correct(text, "Қазір басқаша")  # it no longer says the word, but whoever was told hears of it
    look()
    assert post.subjects == ["Ақбөкендер көшті", "Қазір басқаша"]


def test_a_sender_that_dies_is_followed_and_says_the_same_mail(house: House, mine: Subscriber, post: Post) -> None:
    set_alert(house, mine)
    house.publish("Ақбөкендер көшті")
    finding.find()
    mail = sending._claim()  # killed between taking it and sending it
    assert mail is not None
    sending.send_due()
    assert not post.taken
    AlertMail.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    sending.send_due()
    assert post.subjects == ["Ақбөкендер көшті"]
    AlertMail.objects.update(state="sending", claimed_until=timezone.now() - timedelta(seconds=1))
    sending.send_due()  # killed after the server took it: sent again under the same name, which servers know
    assert len(post.taken) == 2 and post.taken[0]["Message-ID"] == post.taken[1]["Message-ID"]
    look()
    assert len(post.taken) == 2


def test_a_killed_story_is_not_told_and_what_was_told_is_taken_back(house: House, mine: Subscriber, post: Post) -> None:
    set_alert(house, mine)
    early = house.publish("Ақбөкендер өлді")
    house.kill(early.story)  # before anybody looked
    look()
    assert post.subjects == []
    waits = house.publish("Ақбөкендер жоғалды")
    finding.find()
    house.kill(waits.story)  # while its mail waits
    look()
    assert post.subjects == []
    told = house.publish("Ақбөкендер табылды")
    look()
    house.kill(told.story)
    look()
    look()
    assert post.subjects == ["Ақбөкендер табылды", "KILL: Ақбөкендер табылды"]


def test_a_kill_reaches_whoever_may_have_been_told(house: House, mine: Subscriber, post: Post) -> None:
    alert = set_alert(house, mine)
    text = house.publish("Ақбөкендер көшті")
    post.trouble = smtplib.SMTPServerDisconnected("gone after the words were sent")
    look()
    verbs.end_alert(house.system, alert)
    house.kill(text.story)
    AlertMail.objects.update(next_at=None)
    look()
    assert post.subjects == ["KILL: Ақбөкендер көшті"]


def test_entitlements_hold_at_the_moment_of_sending(house: House, mine: Subscriber, post: Post) -> None:
    set_alert(house, mine)
    house.publish("Ақбөкендер көшті")
    finding.find()
    actions.suspend(house.chief, mine, "Төлем жоқ")
    look()
    assert not post.taken and AlertMail.objects.get().state == "dropped"


def test_a_digest_tells_what_stands_when_it_is_due(house: House, mine: Subscriber, post: Post) -> None:
    alert = set_alert(house, mine, "hour")
    for headline in ("Ақбөкен бір", "Ақбөкен екі", "Ақбөкен үш"):
        text = house.publish(headline)
    house.kill(text.story)
    look()
    assert not post.taken
    Alert.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    look()
    assert len(post.taken) == 1
    told = words_of(post.taken[0])
    assert "Ақбөкен бір" in told and "Ақбөкен екі" in told and "Ақбөкен үш" not in told
    alert.refresh_from_db()
    assert alert.next_at is not None and alert.next_at > timezone.now()
    Alert.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    look()
    assert len(post.taken) == 1  # nothing new, no mail


def test_a_refusal_for_good_ends_and_trouble_is_tried_again(house: House, mine: Subscriber, post: Post) -> None:
    set_alert(house, mine)
    house.publish("Ақбөкендер көшті")
    post.trouble = ConnectionRefusedError("no server")
    look()
    mail = AlertMail.objects.get()
    assert mail.state == "waiting" and mail.next_at is not None and mail.next_at > timezone.now()
    AlertMail.objects.update(next_at=None)
    post.trouble = smtplib.SMTPRecipientsRefused({DESK: (550, b"unknown")})
    look()
    assert AlertMail.objects.get().state == "failed" and not post.taken


def test_the_page_shows_what_live_alerts_find(house: House, mine: Subscriber, post: Post, client: Client) -> None:
    set_alert(house, mine, "live", selection=Filter(topics=frozenset({"06000000"})))
    house.publish("Ақбөкендер көшті")
    look()
    assert not post.taken and AlertHit.objects.count() == 1
    assert "Ақбөкендер көшті" in client.get("/wire/client/alerts/").content.decode()
    rows = client.get("/wire/client/alerts/", headers={"X-Part": "hit-rows"}).content.decode()
    assert "Ақбөкендер көшті" in rows and "<h1" not in rows
    other = Client()
    assert other.get("/wire/client/alerts/").status_code == 404


@pytest.mark.parametrize(
    "form",
    [
        {"name": "x"},
        {"words": "киік", "pace": "once", "address": "nowhere"},
        {"words": "киік", "pace": "once", "address": "a@b.example, c@d.example"},
        {"words": "киік", "pace": "yearly"},
        {"topics": "99999999"},
    ],
)
def test_mistakes_are_said_and_set_nothing(
    house: House, mine: Subscriber, client: Client, form: dict[str, str]
) -> None:
    page = client.post("/wire/client/alerts/add/", form, follow=True)
    assert page.status_code == 200 and 'class="error"' in page.content.decode()
    assert not Alert.objects.exists()


def test_alerts_are_the_clients_own(house: House, mine: Subscriber, key_of: Any, client: Client) -> None:
    theirs, _key = key_of("Theirs")
    alert = set_alert(house, theirs, "live")
    assert client.post(f"/wire/client/alerts/{alert.pk}/end/").status_code == 404
    alert.refresh_from_db()
    assert alert.ended_at is None


def test_digests_are_due_at_the_full_hour_and_in_the_morning() -> None:
    zone = ZoneInfo("Asia/Almaty")
    now = datetime(2026, 11, 23, 7, 59, 30, tzinfo=zone)
    assert next_digest("hour", now, zone) == datetime(2026, 11, 23, 8, tzinfo=zone)
    assert next_digest("day", now, zone) == datetime(2026, 11, 23, 8, tzinfo=zone)
    assert next_digest("day", now + timedelta(minutes=1), zone) == datetime(2026, 11, 24, 8, tzinfo=zone)
    assert next_digest("once", now, zone) is None
    assert next_digest("hour", datetime(2026, 11, 23, 18, 45, tzinfo=UTC), ZoneInfo("Asia/Kathmandu")) == datetime(
        2026, 11, 23, 19, 15, tzinfo=UTC
    )
