"""The newsroom's verbs: what they change, what they refuse, what they tell the outlets."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from keshen.house import jobs
from keshen.house.models import Edition, Event, Job, Service
from keshen.house.permissions import Denied
from keshen.newsroom import actions
from keshen.newsroom import body as bodies
from keshen.newsroom.models import Link, Publication, Story, Text, Version
from keshen.newsroom.publications import publish as publish_form
from keshen.newsroom.workflow import NotLegal
from tests.waiting import LIMIT, until

pytestmark = pytest.mark.django_db


@pytest.fixture
def text(people, content, outlet) -> Text:
    return actions.create_story(people.reporter, language="kk", content=content)


def _changed(text: Text, headline: str) -> Text:
    text.refresh_from_db()
    return replace(text.working, headline=headline)


def test_a_story_goes_from_draft_to_published(people, text, outlet):
    actions.submit(people.reporter, text)
    actions.approve(people.editor, text)
    version = actions.publish(people.editor, text)
    text.refresh_from_db()
    assert (text.state, text.published, version.number) == ("published", version, 1)
    assert outlet.told == [("publish", version.pk)]
    kinds = list(Event.objects.filter(subject=text.story.urn).order_by("id").values_list("kind", flat=True))
    assert kinds[0] == "story.created" and kinds[-1] == "text.published"


def test_a_reporter_may_not_publish(people, text, outlet):
    with pytest.raises(Denied):
        actions.publish(people.reporter, text)
    assert outlet.told == []


def test_a_partner_may_not_touch_the_houses_story(people, text):
    with pytest.raises(Denied):
        actions.save_draft(people.partner, text, text.working, text.draft_revision)


def test_saving_twice_without_change_makes_one_version(people, text):
    first = actions.save_version(people.reporter, text)
    assert actions.save_version(people.reporter, text) == first


def test_two_people_typing_lose_nothing(people, text):
    actions.save_draft(people.reporter, text, _changed(text, "Бірінші"), 1)
    with pytest.raises(actions.Conflict) as conflict:
        actions.save_draft(people.editor, text, _changed(text, "Екінші"), 1)
    assert conflict.value.text.working.headline == "Бірінші"
    assert conflict.value.text.draft_revision == 2


@pytest.mark.parametrize("statement", ["update", "delete"])
def test_a_version_and_a_publication_cannot_be_changed(people, text, statement):
    version = actions.publish(people.editor, text)
    service = Service.objects.create(
        organisation=people.editor.organisation, slug="site", kind="web", name={}, accent="#000000"
    )
    publish_form(
        version, outlet="site", service=service, edition=None, form="page", payload={}, responsible=people.editor
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in ("newsroom_version", "newsroom_publication"):
        sql = f"UPDATE {table} SET id = id" if statement == "update" else f"DELETE FROM {table}"
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_a_publication_is_made_once(people, text):
    version = actions.publish(people.editor, text)
    service = Service.objects.create(
        organisation=people.editor.organisation, slug="site", kind="web", name={}, accent="#000000"
    )
    for edition in (None, Edition.objects.get(tag="kk")):
        made = [
            publish_form(
                version,
                outlet="site",
                service=service,
                edition=edition,
                form="page",
                payload={"a": 1},
                responsible=people.editor,
            )
            for _ in range(2)
        ]
        assert made[0] == made[1]
    assert Publication.objects.count() == 2
    assert Event.objects.filter(kind="publication.made").count() == 2


def test_a_correction_is_a_new_version_and_makes_translations_stale(people, text, outlet):
    first = actions.publish(people.editor, text)
    translated = actions.add_text(people.editor, text.story, "ru")
    actions.publish(people.editor, translated)
    actions.save_draft(people.editor, text, _changed(text, "Түзетілген"), text.draft_revision)
    second = actions.correct(people.editor, text, "Тақырып түзетілді")
    text.refresh_from_db()
    translated.refresh_from_db()
    assert (text.state, text.published, second.number, second.note) == ("corrected", second, 2, "Тақырып түзетілді")
    assert translated.stale and not text.stale
    assert Version.objects.get(pk=first.pk).headline == "Сарыарқада ақбөкен саны артты"
    assert outlet.told[-1] == ("correct", second.pk)
    actions.save_draft(people.editor, translated, _changed(translated, "Исправлено"), translated.draft_revision)
    actions.correct(people.editor, translated, "Исправлен заголовок")
    translated.refresh_from_db()
    assert not translated.stale and translated.published.source_version == second


@pytest.mark.parametrize(("note", "headline"), [("", "Басқа"), ("Түзету", None)])
def test_a_correction_needs_a_note_and_a_change(people, text, note, headline):
    actions.publish(people.editor, text)
    if headline:
        actions.save_draft(people.editor, text, _changed(text, headline), text.draft_revision)
    with pytest.raises(actions.NotPublishable):
        actions.correct(people.editor, text, note)


def test_a_kill_is_of_the_story_in_every_published_text(people, text, outlet):
    actions.publish(people.editor, text)
    russian = actions.add_text(people.editor, text.story, "ru")
    actions.publish(people.editor, russian)
    english = actions.add_text(people.editor, text.story, "en")
    killed = actions.kill(people.editor, text.story, "Қате дерек")
    assert {(version.language, version.kind) for version in killed} == {("kk", "kill"), ("ru", "kill")}
    assert outlet.told[-1] == ("kill", text.story_id)
    for verb in (
        lambda: actions.publish(people.editor, english),
        lambda: actions.save_draft(people.editor, text, text.working, text.draft_revision),
        lambda: actions.kill(people.editor, text.story, "again"),
        lambda: actions.add_text(people.editor, text.story, "ar"),
    ):
        with pytest.raises(NotLegal):
            verb()


def test_an_embargo_to_come_is_kept_and_one_past_is_not(people, text, content, outlet):
    soon = timezone.now() + timedelta(hours=1)
    actions.save_draft(people.editor, text, replace(content, embargo=soon), 1)
    actions.publish(people.editor, text)
    text.refresh_from_db()
    assert (text.state, text.release_at, outlet.told) == ("approved", soon, [])
    job = Job.objects.get(name="newsroom.release")
    jobs.perform(job.pk)
    assert outlet.told == []
    Text.objects.filter(pk=text.pk).update(release_at=timezone.now() - timedelta(seconds=1))
    past = actions.create_story(
        people.editor, language="kk", content=replace(content, embargo=timezone.now() - timedelta(days=1))
    )
    version = actions.publish(people.editor, past)
    assert outlet.told == [("publish", version.pk)]


def test_a_text_without_headline_or_body_does_not_go_out(people, content, outlet):
    for unfit in (replace(content, headline="  "), replace(content, body=bodies.empty())):
        text = actions.create_story(people.editor, language="kk", content=unfit)
        with pytest.raises(actions.NotPublishable):
            actions.publish(people.editor, text)


def test_a_translation_knows_the_paragraphs_it_comes_from(people, text):
    translated = actions.add_text(people.editor, text.story, "ru")
    source = [block["attrs"]["id"] for block in bodies.text_blocks(text.working.body)]
    assert [block["attrs"]["from"] for block in bodies.text_blocks(translated.working.body)] == source


def test_a_step_that_is_not_legal_says_what_is(people, text):
    with pytest.raises(NotLegal, match=r"Submit|Жіберу|Тапсыру"):
        actions.approve(people.editor, text)


def test_an_embargo_releases_what_was_approved_and_not_what_was_typed_since(people, text, content, outlet):
    soon = timezone.now() + timedelta(hours=1)
    actions.save_draft(people.editor, text, replace(content, embargo=soon), 1)
    approved = actions.publish(people.editor, text)
    text.refresh_from_db()
    actions.save_draft(people.reporter, text, replace(text.working, headline="Жартылай"), text.draft_revision)
    Text.objects.filter(pk=text.pk).update(release_at=timezone.now() - timedelta(seconds=1))
    jobs.perform(Job.objects.get(name="newsroom.release").pk)
    text.refresh_from_db()
    assert (text.published, text.state, text.working.headline) == (approved, "published", "Жартылай")


def test_an_embargo_in_a_killed_story_ends_in_silence(people, text, content, outlet):
    actions.publish(people.editor, text)
    soon = timezone.now() + timedelta(hours=1)
    russian = actions.add_text(people.editor, text.story, "ru", replace(content, embargo=soon))
    actions.publish(people.editor, russian)
    actions.kill(people.editor, text.story, "Қате")
    Text.objects.filter(pk=russian.pk).update(release_at=timezone.now() - timedelta(seconds=1))
    job = Job.objects.get(name="newsroom.release")
    jobs.perform(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert outlet.told[-1] == ("kill", text.story_id)


def test_a_correction_cannot_wait_for_an_embargo(people, text, outlet):
    actions.publish(people.editor, text)
    later = replace(_changed(text, "Жаңа"), embargo=timezone.now() + timedelta(hours=1))
    actions.save_draft(people.editor, text, later, text.draft_revision)
    with pytest.raises(actions.NotPublishable):
        actions.correct(people.editor, text, "Түзету")


def test_nobody_writes_for_another_organisation_or_links_to_what_they_may_not_see(people, text, content):
    with pytest.raises(Denied):
        actions.create_story(people.partner, language="kk", content=content, organisation=people.editor.organisation)
    theirs = actions.create_story(people.partner, language="kk", content=content)
    with pytest.raises(Denied):
        actions.link(people.partner, theirs.story, text.story, Link.Kind.RELATES)


def waiting_for_a_row() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_kill_and_a_verb_at_once_come_one_after_the_other(people, text, content, outlet):
    """The verb holds the story's row first, as the kill does; in the other order the two would wait for ever."""
    actions.publish(people.editor, text)
    russian = actions.add_text(people.editor, text.story, "ru")

    def in_thread(act):
        try:
            return act()
        except NotLegal:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for _ in range(4):
            with transaction.atomic():
                Story.objects.select_for_update().get(pk=text.story_id)
                both = [
                    pool.submit(in_thread, lambda: actions.publish(people.editor, russian)),
                    pool.submit(in_thread, lambda: actions.save_draft(people.editor, text, content, 0)),
                ]
                until(lambda: waiting_for_a_row() == 2, "both waiting for the story")
                Story.objects.filter(pk=text.story_id).update(killed_at=timezone.now())
            assert [one.result(LIMIT) for one in both] == ["refused", "refused"]
            Story.objects.filter(pk=text.story_id).update(killed_at=None)
    russian.refresh_from_db()
    assert russian.published is None
