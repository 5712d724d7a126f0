"""Updates that wait for a person: compared, taken or left, once; and what came in and is no story."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client

from keshen.newsroom import actions, updates
from keshen.newsroom import body as bodies
from keshen.newsroom.ingest import Outcome, take
from keshen.newsroom.models import Kept, Original
from keshen.newsroom.workflow import NotLegal
from tests.newsroom.test_intake_versions import FIRST, SECOND, ninjs, one

pytestmark = pytest.mark.django_db

ICS = "\r\n".join(
    ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:1@x.example", "DTSTAMP:20261101T000000Z",
     "DTSTART:20261201T060000Z", "SUMMARY:Көрменің ашылуы", "END:VEVENT", "END:VCALENDAR", ""]
)  # fmt: skip


def waiting(people) -> Original:
    """A text worked on here, whose sender has a newer version."""
    first = one(people.editor, "1.json", ninjs("1", FIRST))
    edited = replace(first.text.working, headline="Балқаштың суы көбейді")
    actions.save_draft(people.editor, first.text, edited, first.text.draft_revision)
    assert one(people.editor, "2.json", ninjs("2", SECOND)).outcome is Outcome.UPDATE_WAITS
    return Original.objects.get(waits=True)


def test_the_update_is_compared_and_taken(people, client: Client) -> None:
    row = waiting(people)
    client.force_login(people.editor)
    page = client.get("/control/stories/updates/").content.decode()
    assert "<ins>жиырма</ins>" in page and "<del>он</del>" in page and "Балқаштың суы көбейді" in page
    answer = client.post(f"/control/stories/updates/{row.pk}/", {"verb": "take"})
    assert answer.status_code == 200
    row.text.refresh_from_db()
    assert bodies.paragraphs(row.text.working.body) == [SECOND]
    assert row.text.versions.filter(headline="Балқаштың суы көбейді").exists()  # nothing written here is lost
    assert "Балқаштың" not in client.get("/control/stories/updates/").content.decode()
    assert one(people.editor, "3.json", ninjs("3", FIRST)).outcome is Outcome.UPDATED  # untouched again
    assert client.post(f"/control/stories/updates/{row.pk}/", {"verb": "take"}).status_code == 409


def test_ours_is_kept_and_the_next_update_waits_again(people, client: Client) -> None:
    row = waiting(people)
    client.force_login(people.editor)
    assert client.post(f"/control/stories/updates/{row.pk}/", {"verb": "keep"}).status_code == 200
    row.text.refresh_from_db()
    assert row.text.working.headline == "Балқаштың суы көбейді"
    assert one(people.editor, "3.json", ninjs("3", FIRST)).outcome is Outcome.UPDATE_WAITS
    with pytest.raises(NotLegal):
        updates.keep_ours(people.editor, row)


def test_of_several_that_wait_the_newest_settles_them(people) -> None:
    waiting(people)
    one(people.editor, "3.json", ninjs("3", FIRST + " Ал жауын тоқтады."))
    newest = Original.objects.filter(waits=True).order_by("-pk").first()
    assert newest is not None
    updates.take(people.editor, newest)
    assert not Original.objects.filter(waits=True).exists()


def test_what_is_no_story_stands_with_all_that_was_understood(people, client: Client) -> None:
    take(people.editor, "week.ics", ICS.encode())
    row = Kept.objects.get()
    client.force_login(people.editor)
    page = client.get("/control/stories/kept/?kind=event").content.decode()
    assert "Көрменің ашылуы" in page and "2026-12-01" in page
    answer = client.get(f"/control/stories/kept/{row.pk}/original")
    assert answer.content == ICS.encode() and "sandbox" in answer.headers["Content-Security-Policy"]
