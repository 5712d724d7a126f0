"""The agenda: what came in is announced to clients under its terms, stands in calendars, and is taken back there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from keshen.newsroom.readers import Incoming, read
from keshen.wire.actions import Mistaken, add_product
from keshen.wire.agenda import queries, verbs
from keshen.wire.agenda.models import Occasion
from keshen.wire.formats.icalendar import Entry, render
from keshen.wire.intake.channels import Message
from keshen.wire.intake.facts import facts, repeats
from keshen.wire.intake.models import IncomingItem
from keshen.wire.intake.receive import receive
from keshen.wire.intake.sameness import beside
from keshen.wire.intake.sourcing import add_source
from keshen.wire.models import Subscriber
from keshen.wire.products import Filter
from tests.wire.house import House

TOMORROW = (timezone.now() + timedelta(days=1)).astimezone(UTC).replace(hour=6, minute=30, second=0, microsecond=0)


def sent(
    house: House, *, revision: int = 0, summary: str = "Көрменің ашылуы", extra: str = "", later: int = 0
) -> IncomingItem:
    """An event as a partner's calendar brings it, `later` days after tomorrow."""
    from keshen.wire.intake.models import Source

    source = Source.objects.filter(slug="partner").first()
    if source is None:
        source, _key = add_source(house.system, "Partner", "push", slug="partner", language="kk")
    begins = TOMORROW + timedelta(days=later)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:opening@partner.example", f"SEQUENCE:{revision}",
             f"DTSTAMP:{timezone.now():%Y%m%dT%H%M%SZ}", f"DTSTART:{begins:%Y%m%dT%H%M%SZ}",
             f"DTEND:{begins + timedelta(hours=2):%Y%m%dT%H%M%SZ}", f"SUMMARY:{summary}", "LOCATION:Тараз",
             f"DESCRIPTION:Журналистер келсін.{extra}", "END:VEVENT", "END:VCALENDAR", ""]  # fmt: skip
    received = receive(source, Message("week.ics", "\r\n".join(lines).encode()))
    item = received[0].item
    assert item is not None
    return item


@pytest.fixture
def mine(house: House, key_of: Callable[..., tuple[Subscriber, str]], client: Client) -> tuple[Subscriber, str]:
    subscriber, key = key_of("Mine")
    assert client.post("/wire/client/", {"key": key}).status_code == 200
    return subscriber, key


def test_an_event_that_came_in_is_announced_changed_and_taken_back(house: House, mine: Any, client: Client) -> None:
    made = verbs.announce(house.editor, sent(house))
    page = client.get("/wire/client/agenda/").content.decode()
    assert "Көрменің ашылуы" in page and "Тараз" in page
    verbs.announce(house.editor, sent(house, revision=1, summary="Көрменің жабылуы"))
    again = Occasion.objects.get()
    assert (again.pk, again.revision, again.headline) == (made.pk, 1, "Көрменің жабылуы")
    verbs.withdraw(house.editor, again)
    calendar = client.get("/wire/client/agenda.ics").content.decode()
    assert "STATUS:CANCELLED" in calendar and "SEQUENCE:2" in calendar and f"UID:{made.urn}" in calendar


def test_an_event_that_is_put_off_in_the_same_words_is_another_version(house: House) -> None:
    made = verbs.announce(house.editor, sent(house))
    verbs.announce(house.editor, sent(house, revision=1, later=3))
    again = Occasion.objects.get()
    assert (again.pk, again.begins_at) == (made.pk, TOMORROW + timedelta(days=3))


def test_the_desk_sees_when_and_where_it_is_and_clients_how_to_get_in(house: House, client: Client) -> None:
    source, _key = add_source(house.system, "Partner", "push", slug="partner")
    week = (Path(__file__).parent / "documents/newsml-g2/events-in-knowledge.xml").read_bytes()
    meeting, workshop = (each.item for each in receive(source, Message("week.xml", week)))
    assert meeting is not None and workshop is not None
    client.force_login(house.editor)
    shown = client.get(f"/control/wire/incoming/{meeting.pk}/").content.decode()
    for words in ("03.12.2026 09:00", "1 Press Street, Astana", "Timur Bek (speaker)", "51.1283, 71.4305"):
        assert words in shown, words
    rows = client.get("/control/wire/incoming/").content.decode()
    assert "03.12.2026 09:00" in rows and "04.12.2026 15:00" in rows
    made = verbs.announce(house.editor, meeting)
    assert made.place == "1 Press Street, Astana" and made.topics == ["medtop:20000309"]
    assert made.note.splitlines()[:2] == [
        "Union of Agencies",
        "Until 1 December by form. (https://steppe.example/form); Card: A press card of this year.",
    ]
    # of what came before that was kept beside, the original says when it is
    IncomingItem.objects.filter(pk=workshop.pk).update(beside={})
    workshop.refresh_from_db()
    assert verbs.announce(house.editor, workshop).place == "Hall 2"


def test_plans_and_packages_are_told_in_words() -> None:
    with translation.override("en"):
        told = facts(
            {
                "occasion": {"starts": "2026-12", "ends": "2026-12-24", "recurrence": "FREQ=DAILY"},
                "coverages": [
                    {"kind": "picture", "due": "2026-12-25", "assigned": "Aigerim", "covers_from": "2026-12-24"},
                    {"note": "If the sky is clear", "delivered": ["Snow"]},
                ],
                "members": [{"target": "urn:x:1", "kind": "composite"}, {"target": "urn:x:2", "title": "Round seven"}],
                "about": [{"name": "Astana United"}, {"identifier": "x:2"}, {"name": "women", "relation": "gender"}],
            }
        )
        found = [(fact.label, fact.lines) for fact in told]
    assert found == [
        ("Begins", ("2026-12",)),
        ("Ends", ("24.12.2026",)),
        ("Repeats", ("every day",)),
        ("Planned", ("Picture · 25.12.2026 · Aigerim (24.12.2026)", "If the sky is clear · delivered: Snow")),
        ("In the package", ("composite · urn:x:1", "Round seven")),
        ("About", ("Astana United",)),
    ]


def test_the_desk_is_led_to_the_agenda_when_an_announced_event_is_called_off(house: House, client: Client) -> None:
    made = verbs.announce(house.editor, sent(house))
    off = sent(house, revision=1, extra=" Болмайды.\r\nSTATUS:CANCELLED")
    client.force_login(house.editor)
    shown = client.get(f"/control/wire/incoming/{off.pk}/").content.decode()
    assert off.withdrawn and 'href="/control/wire/agenda/"' in shown.partition("<h2")[2]
    verbs.withdraw(house.editor, made)
    shown = client.get(f"/control/wire/incoming/{off.pk}/").content.decode()
    assert 'href="/control/wire/agenda/"' not in shown.partition("<h2")[2]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=WEEKLY;BYDAY=TH,FR,SA", "every week, Thu, Fri, Sat"),
        ("FREQ=DAILY;INTERVAL=1;UNTIL=20281230T190000Z", "every day, until 31.12.2028 00:00"),
        ("FREQ=YEARLY;UNTIL=20281230", "every year, until 30.12.2028"),
        ("FREQ=MONTHLY;BYDAY=-1SU", "FREQ=MONTHLY;BYDAY=-1SU"),
        ("FREQ=WEEKLY;INTERVAL=2", "FREQ=WEEKLY;INTERVAL=2"),
        ("FREQ=DAILY;COUNT=3", "FREQ=DAILY;COUNT=3"),
        ("2026-12-01,2026-12-03", "2026-12-01,2026-12-03"),
        ("FREQ", "FREQ"),
    ],
)
def test_how_often_it_is_in_words_where_words_say_all_of_it(rule: str, words: str) -> None:
    with translation.override("en"):
        assert repeats(rule) == words


def test_shots_alternatives_and_concepts_are_told_in_words() -> None:
    folder = Path(__file__).parent / "documents/newsml-g2"

    def told(name: str) -> list[tuple[str, tuple[str, ...]]]:
        (item,) = read((folder / name).read_bytes(), name)
        assert isinstance(item, Incoming)
        with translation.override("en"):
            return [(fact.label, fact.lines) for fact in facts(beside(item))]

    assert told("video-parts.xml") == [
        ("Shots", (
            "0:00–0:05 · Мұз үстінен · VoiceOver · kk", "0:05–0:10 · Сұхбат · Interlocution · ru",
            "0:10–0:12 · Балықшылар", "10:00–10:00 · Кеш", "1:00:00–1:00:02 · Соңы", "Белгісіз"))
    ]  # fmt: skip
    assert told("package-nested.xml") == [
        ("In the package", ("Text · Мост открыт · main", "Video · Мост, 1080 · hd c", "Video · Мост, 360 · sd",
            "Picture · Первый грузовик · main", "https://steppe.example/plan.pdf · hd e")),
        ("One of these", ("hd c / sd",)),
    ]  # fmt: skip
    person = dict(told("concept-person.xml"))
    assert person["Concepts"] == ("Айгуль Ким / Айгүл Ким",)
    assert person["Born"] == ("1990-07",) and person["Also called"] == ("Ким Айгуль Сериковна",)
    assert person["Note on it"] == ("Ақын Айгүл Ким емес",) and "+7 701 000 00 00" in person["Contact"][0]
    assert told("knowledge-scheme.xml") == [
        ("Concepts", ("Алаңдар / Площадки", "Дворец спорта", "Остров", "Клуб", "Кубок"))
    ]
    assert dict(told("subjects.xml"))["Worked on by"] == ("а.с. (descrWriter)", "Дәурен Әли (checks)")
    assert dict(told("subjects.xml"))["The sender's services"] == ("Спорт жаңалықтары", "kz")


def test_calendar_programs_subscribe_with_the_key(house: House, mine: Any) -> None:
    verbs.announce(house.editor, sent(house))
    stranger = Client()
    assert stranger.get("/wire/all/agenda.ics").status_code == 401
    assert stranger.get("/wire/client/agenda.ics").status_code == 404
    answer = stranger.get(f"/wire/all/agenda.ics?key={mine[1]}")
    assert answer.headers["Content-Type"].startswith("text/calendar")
    item = read(answer.content, "agenda.ics")[0]
    assert item.headline == "Көрменің ашылуы" and item.occasion.place == "Тараз"  # type: ignore[union-attr]
    assert datetime.fromisoformat(item.occasion.starts) == TOMORROW  # type: ignore[union-attr]


def test_products_and_rights_say_who_is_told(house: House, mine: Any, key_of: Any) -> None:
    russian = add_product(house.chief, "ru", {"en": "Russian"}, Filter(frozenset({"ru"})))
    other, _key = key_of("Other", russian)
    made = verbs.announce(house.editor, sent(house))
    assert queries.occasions_for(mine[0]) == [made] and queries.occasions_for(other) == []
    from keshen.rights.actions import set_terms

    set_terms(house.system, made.urn, ["No resale"])
    assert queries.occasions_for(mine[0]) == []
    set_terms(house.system, made.urn, ["Ask the second cousin of the owner"])
    assert queries.occasions_for(mine[0]) == []


def test_the_house_announces_of_its_own_on_screen(house: House, mine: Any, client: Client) -> None:
    desk = Client()
    desk.force_login(house.editor)
    form = {
        "headline": "Баспасөз мәслихаты",
        "starts": f"{TOMORROW:%Y-%m-%dT%H:%M}",
        "place": "Астана",
        "language": "kk",
    }
    assert desk.post("/control/wire/agenda/add/", form).status_code == 302
    assert "Баспасөз мәслихаты" in desk.get("/control/wire/agenda/").content.decode()
    assert "Баспасөз мәслихаты" in client.get("/wire/client/agenda/").content.decode()
    bad = desk.post("/control/wire/agenda/add/", {**form, "starts": "кеше"}, follow=True).content.decode()
    assert "кеше" in bad and Occasion.objects.count() == 1
    desk.post(f"/control/wire/agenda/{Occasion.objects.get().pk}/withdraw/")
    assert Occasion.objects.get().withdrawn_at is not None


def test_what_is_no_event_cannot_be_announced(house: House) -> None:
    item = sent(house)
    IncomingItem.objects.filter(pk=item.pk).update(kind="text")
    item.refresh_from_db()
    with pytest.raises(Mistaken):
        verbs.announce(house.editor, item)


@pytest.mark.parametrize(
    ("starts", "ends", "written"),
    [
        ("2026-12-10", "2026-12-12", "DTEND;VALUE=DATE:20261213"),
        ("2026-12-10", "2026-12-12T18:00:00+05:00", "DTEND;VALUE=DATE:20261213"),
        ("2026-12", "2026-12", "DTEND;VALUE=DATE:20270101"),
        ("2026-12-10T09:00:00+05:00", "2026-12-12", "DTEND:20261212T190000Z"),
        ("2026-12-10T09:00:00+05:00", "2026-12-10T11:00:00+05:00", "DTEND:20261210T060000Z"),
    ],
)
def test_the_last_day_of_an_event_is_in_calendars(starts: str, ends: str, written: str) -> None:
    made = render("Күнтізбе", [Entry("urn:1", "Жәрмеңке", starts, datetime(2026, 11, 1, tzinfo=UTC), ends=ends)])
    assert written in made.decode().split("\r\n")
    item = read(made, "a.ics")[0]
    if len(starts) == len(ends) == 10:
        assert (item.occasion.starts, item.occasion.ends) == (starts, ends)  # type: ignore[union-attr]


def test_lines_are_folded_and_words_escaped() -> None:
    name = "Ә, б; в\\г\r\nд " * 20
    made = render(
        "Күнтізбе", [Entry("urn:1", name, "2026-12-01", datetime(2026, 11, 1, tzinfo=UTC), ends="2026-12-02")]
    )
    assert all(len(line) <= 75 for line in made.split(b"\r\n"))
    item = read(made, "a.ics")[0]
    assert " ".join(item.headline.split()) == " ".join(name.split())  # type: ignore[union-attr]
    assert item.occasion.starts == "2026-12-01"  # type: ignore[union-attr]
