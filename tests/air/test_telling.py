"""From a published text to bulletins, and back out of them: the outlets radio and television."""

from __future__ import annotations

import pytest

from keshen.air import actions, guide, queries, tasks, telling
from keshen.air.models import Entry, Item
from keshen.air.serving import load, shown
from keshen.house import jobs, outlets
from keshen.house.models import Event, Job, Organisation, User
from keshen.house.outlets import ReceiptState
from keshen.media import actions as media
from keshen.media.brief import Brief
from keshen.media.models import Asset
from keshen.newsroom import actions as newsroom
from keshen.newsroom import body as bodies
from keshen.newsroom.content import Content
from keshen.newsroom.models import Publication, Story, Text
from keshen.rights import actions as rights
from keshen.rights.models import Decision, Terms
from tests.air.house import INIT, Air

OURS = ("air.tell", "air.correct", "air.kill", "air.enter", "air.decide")


def content(headline: str, *restrictions: str) -> Content:
    return Content(
        headline=headline, body=bodies.from_paragraphs(["Бірінші сөйлем.", "Екінші."]), restrictions=restrictions
    )


def publish(air: Air, headline: str, *restrictions: str, language: str = "kk", story: Story | None = None) -> Text:
    made = content(headline, *restrictions)
    if story is None:
        text = newsroom.create_story(air.editor, language=language, content=made)
    else:
        text = newsroom.add_text(air.editor, story, language, made)
    newsroom.publish(air.editor, text)
    text.refresh_from_db()
    return text


def work(name: str = "") -> list[str]:
    """Run the air's waiting jobs, and what they defer, in this process; returns their names."""
    done = []
    while job := Job.objects.filter(state="waiting", name__in=[name] if name else OURS).order_by("id").first():
        try:
            jobs.kinds[job.name].run(jobs.JobContext(job), **job.args)
        except jobs.Permanent as problem:
            Job.objects.filter(pk=job.pk).update(state="failed", reason=str(problem))
        else:
            Job.objects.filter(pk=job.pk).update(state="done")
        done.append(job.name)
    return done


def render(air: Air, *, ticks: int = 80) -> list[Asset]:
    """Stand in for the renderer: what is in preparation becomes ready, with tracks as rows."""
    assets = list(Asset.objects.filter(state=Asset.State.PREPARING, kind=Asset.Kind.PACKAGE))
    for asset in assets:
        pattern = air.make(ticks)
        tracks = [
            media.NewTrack(
                track.kind, track.rung, track.language, track.blob_sha256, track.size,
                init_sha256=INIT[track.rung], segments=track.segments,
            )
            for track in pattern.tracks.all()
        ]  # fmt: skip
        media.mark_ready(air.system, asset, tracks=tracks, ticks=ticks)
    return assets


def receipts(story: Story, outlet: str) -> list[outlets.Receipt]:
    return [receipt for receipt in outlets.receipts(story.pk) if receipt.outlet == outlet]


def guide_text(air: Air, slug: str) -> str:
    service = next(one for one in (air.tv, air.radio, air.silk) if one.slug == slug)
    return shown.xmltv([queries.snapshot(service, air.time.tick)]).body.decode()


def test_a_published_story_is_told_on_every_service_of_the_kind(air: Air) -> None:
    air.lay_all()
    text = publish(air, "Қозы Көрпеш")
    assert {row.state for row in receipts(text.story, "television")} == {ReceiptState.WAITING}
    assert work() == ["air.tell", "air.tell"]
    assert {row.state for row in receipts(text.story, "radio")} == {ReceiptState.WORKING}
    assert len(render(air)) == 2
    assert work() == ["air.enter", "air.enter"]
    for service in (air.tv, air.silk, air.radio):
        air.check(service)
        assert air.of_story(text.story, service)
    for outlet, count in (("television", 2), ("radio", 1)):
        rows = receipts(text.story, outlet)
        assert [row.state for row in rows] == [ReceiptState.OUT] * count
        for row in rows:
            shown_there = guide_text(air, row.service)
            assert row.find in shown_there
            assert "Қозы Көрпеш" in shown_there
            assert text.story.urn in shown_there
    assert Publication.objects.filter(outlet="television").count() == 1
    assert Publication.objects.filter(outlet="radio").count() == 1


def test_doing_every_step_again_tells_it_once(air: Air) -> None:
    air.lay_all()
    text = publish(air, "Бір рет")
    work()
    tell = {"outlet": "television", "story_id": text.story_id, "actor_id": air.editor.pk}
    telling.tell(air.editor, text.story, "television")
    render(air)
    work()
    entries = {entry.pk for entry in air.of_story(text.story)}
    for item in Item.objects.filter(story=text.story):
        telling.finish(item)
    jobs.kinds["air.tell"].run(jobs.JobContext(Job.objects.first()), **tell)
    work()
    assert {entry.pk for entry in air.of_story(text.story)} == entries
    slots = [entry.slot_tick for entry in air.of_story(text.story)]
    assert len(slots) == len(set(slots)), "once a bulletin"
    assert Item.objects.filter(story=text.story, outlet="television").count() == 1
    assert Publication.objects.filter(outlet="television").count() == 1


def test_a_second_language_makes_one_richer_telling(air: Air) -> None:
    air.lay_all()
    text = publish(air, "Алма")
    work()
    render(air)
    work()
    publish(air, "Apples", language="en", story=text.story)
    work()
    brief = Asset.objects.filter(state="preparing", key__contains="television").get().brief
    assert set(brief["voices"]) == {"en"}
    assert {"kk", "kk-Latn", "en"} <= set(brief["captions"])
    assert brief["language"] == "kk"
    render(air, ticks=90)
    work()
    states = set(Item.objects.filter(story=text.story, outlet="television").values_list("state", flat=True))
    assert states == {"ready", "replaced"}
    ahead = [entry for entry in air.of_story(text.story, air.silk) if entry.start_tick > air.time.tick]
    assert {entry.item.state for entry in ahead} == {"ready"}
    air.check(air.silk)


def test_an_english_story_is_not_for_the_kazakh_channel(air: Air) -> None:
    air.lay_all()
    text = publish(air, "Only in English", language="en")
    work()
    render(air)
    work()
    assert air.of_story(text.story, air.silk)
    assert not air.of_story(text.story, air.tv)
    assert [row.state for row in receipts(text.story, "radio")] == [ReceiptState.BLOCKED]


@pytest.mark.parametrize("wording", ["Not for use in Kazakhstan", "Only when the moon is full"])
def test_rights_stop_a_story_before_it_is_rendered(air: Air, wording: str) -> None:
    air.lay_all()
    text = publish(air, "Шектеулі", wording)
    work()
    assert not Asset.objects.filter(kind=Asset.Kind.PACKAGE).exists()
    row = receipts(text.story, "television")[0]
    assert row.state == ReceiptState.BLOCKED
    assert row.reason


def test_a_rendering_that_fails_says_why(air: Air) -> None:
    air.lay_all()
    text = publish(air, "Сәтсіз")
    work()
    for asset in Asset.objects.filter(kind=Asset.Kind.PACKAGE):
        media.mark_failed(air.system, asset, "No font has these letters.")
    work()
    assert {row.state for row in receipts(text.story, "television")} == {ReceiptState.FAILED}
    assert "font" in receipts(text.story, "radio")[0].reason


def test_a_correction_is_held_and_then_told(air: Air) -> None:
    air.lay_all()
    text = publish(air, "Қате тақырып")
    work()
    render(air)
    work()
    first = Item.objects.get(story=text.story, outlet="television")
    newsroom.save_draft(air.editor, text, content("Дұрыс тақырып"), text.draft_revision)
    text.refresh_from_db()
    newsroom.correct(air.editor, text, "Тақырыбы түзетілді")
    work()
    first.refresh_from_db()
    assert first.state == Item.State.HELD
    assert not [entry for entry in air.of_story(text.story) if entry.start_tick > air.time.tick]
    render(air, ticks=70)
    work()
    first.refresh_from_db()
    assert first.state == Item.State.REPLACED
    ahead = [entry for entry in air.of_story(text.story) if entry.start_tick > air.time.tick]
    assert {entry.titles["kk"] for entry in ahead} == {"Дұрыс тақырып"}
    assert "Қате тақырып" not in guide_text(air, "jibek-joly")
    assert Publication.objects.filter(outlet="television").count() == 2
    air.check()


def test_a_rendering_that_comes_after_the_correction_is_not_told(air: Air) -> None:
    air.lay_all()
    text = publish(air, "Ескі")
    work()
    old = Item.objects.get(story=text.story, outlet="television")
    newsroom.save_draft(air.editor, text, content("Жаңа"), text.draft_revision)
    text.refresh_from_db()
    newsroom.correct(air.editor, text, "Түзету")
    render(air)
    work("air.enter")
    old.refresh_from_db()
    assert old.state == Item.State.REPLACED
    assert not air.of_story(text.story)


def test_a_kill_leaves_nothing_and_says_where_to_look(air: Air) -> None:
    air.lay_all()
    text = publish(air, "Жойылады")
    publish(air, "Қалады")
    work()
    render(air)
    work()
    marks = [guide.entry_mark(entry.pk) for entry in Entry.objects.filter(story_urn=text.story.urn)]
    newsroom.kill(air.editor, text.story, "Жалған хабар")
    assert work() == ["air.kill"], "both outlets ask for one job"
    assert not [entry for entry in air.of_story(text.story) if entry.start_tick > air.time.tick]
    for service in (air.tv, air.silk, air.radio):
        air.check(service)
        there = guide_text(air, service.slug)
        assert not [mark for mark in marks if mark in there]
        assert "Жойылады" not in there
        assert "Қалады" in there
    rows = receipts(text.story, "television") + receipts(text.story, "radio")
    assert {row.state for row in rows} == {ReceiptState.KILLED}
    assert all(row.gone for row in rows)
    assert {row.form for row in rows} == {"bulletin", "segment"}
    assert Event.objects.filter(kind="air.withdrawn", subject=text.story.urn).exists()
    tasks.keep_laid()
    air.time.on(4000)
    tasks.keep_laid()
    assert not [entry for entry in air.of_story(text.story) if entry.start_tick > air.time.tick - 4000]


def test_a_kill_while_it_is_rendered_is_never_told(air: Air) -> None:
    air.lay_all()
    text = publish(air, "Үлгермеді")
    work()
    newsroom.kill(air.editor, text.story, "Жалған")
    work()
    render(air)
    work()
    assert not air.of_story(text.story)
    assert not Publication.objects.filter(outlet="television").exists()


def test_the_preview_is_the_brief(air: Air) -> None:
    text = publish(air, "Алдын ала")
    television = next(outlet for outlet in outlets.all_outlets() if outlet.name == "television")
    shown_before = television.preview(text.published_id)
    assert shown_before["brief"]["headline"] == "Алдын ала"
    assert shown_before["brief"]["paragraphs"][1:] == ["Бірінші сөйлем.", "Екінші."]


@pytest.mark.parametrize("wording", ["Not for use in Kazakhstan", "Only when the moon is full"])
def test_terms_that_change_take_a_story_off_and_cleared_ones_bring_it_back(air: Air, wording: str) -> None:
    air.lay_all()
    text = publish(air, "Шектелді")
    work()
    render(air)
    work()
    story = text.story
    service = air.tv
    first = air.of_story(story)[0]
    air.time.on(first.start_tick - air.time.tick + 20)
    terms = rights.attach(air.editor, story.urn, wording)
    work()
    assert not [entry for entry in air.of_story(story) if entry.start_tick > air.time.tick + 50]
    assert story.urn in load.withdrawals(service.pk)
    assert queries.is_withdrawn(service.pk, first.pk)
    decision = Decision.objects.filter(subjects__contains=[story.urn], use__exit="playlist").first()
    assert decision is not None and decision.outcome in ("deny", "unclear")
    assert "Шектелді" not in guide_text(air, "jibek-joly")
    air.check()
    rights.withdraw(air.editor, terms, reason="The owner said yes")
    work()
    assert not queries.is_withdrawn(service.pk, first.pk)
    assert [entry for entry in air.of_story(story) if entry.start_tick > air.time.tick]
    air.check()


def test_a_story_that_waited_for_clear_terms_is_told_once_they_are(air: Air) -> None:
    air.lay_all()
    text = publish(air, "Күтті", "Only when the moon is full")
    work()
    render(air)
    assert {item.state for item in Item.objects.filter(story=text.story)} == {Item.State.BLOCKED}
    rights.withdraw(air.editor, Terms.objects.get(), reason="It is full")
    work()
    render(air)
    work()
    assert air.of_story(text.story)
    assert {publication.responsible for publication in Publication.objects.all()} == {air.editor}


def test_a_late_rendering_of_fewer_languages_does_not_replace_a_richer_one(air: Air) -> None:
    air.lay_all()
    text = publish(air, "Бір тілде")
    work()
    publish(air, "На двух языках", language="ru", story=text.story)
    work()
    first, second = Item.objects.filter(story=text.story, outlet="television").order_by("pk")
    assert len(second.versions) == 2
    for item in (second, first):
        rendered = air.make(80)
        Item.objects.filter(pk=item.pk).update(asset=rendered)
        telling.finish(item)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (Item.State.REPLACED, Item.State.READY)


def test_a_kill_between_two_steps_of_telling_leaves_no_trace(air: Air) -> None:
    """The job was given the story before the kill and goes on after it."""
    air.lay_all()
    text = publish(air, "Кеш қалды")
    story = Story.objects.select_related("organisation").get(pk=text.story_id)
    newsroom.kill(air.editor, text.story, "Жалған")
    assert telling.tell(air.editor, story, "television") is None
    work()
    assert not Item.objects.filter(story=story).exists()
    assert not Publication.objects.exists()


def test_what_a_partner_gives_and_kills_is_laid_and_taken_out_by_the_house(air: Air) -> None:
    partner = Organisation.objects.create(slug="partner", kind="partner", name={"en": "Partner"})
    theirs = User.objects.create(username="theirs", organisation=partner, roles=["editor"])
    air.lay_all()
    text = newsroom.create_story(theirs, language="kk", content=content("Серіктестен"))
    newsroom.publish(air.editor, text)
    work()
    render(air)
    work()
    assert air.of_story(text.story)
    newsroom.kill(theirs, text.story, "Жалған")
    work()
    assert not [entry for entry in air.of_story(text.story) if entry.start_tick > air.time.tick]
    assert not Job.objects.filter(name__in=OURS, state="failed").exists()


def test_a_held_text_is_left_out_of_bulletins_and_one_alone_is_held(air: Air) -> None:
    from keshen.newsroom import holds

    text = publish(air, "Ақбөкен көшті")
    russian = publish(air, "Сайгаки ушли", language="ru", story=text.story)
    work()
    render(air)
    work()
    assert set(telling.versions(text.story)) == {"kk", "ru"}
    holds.hold(air.editor, russian, "проверяем")
    work()
    assert set(telling.versions(text.story)) == {"kk"}
    newest = telling.told(text.story_id, "television")[0]
    assert set(newest.versions) == {text.published_id}
    holds.hold(air.editor, text, "тексеру")
    work()
    states = {one.state for one in outlets.receipts(text.story_id) if one.outlet in ("radio", "television")}
    assert states == {ReceiptState.HELD}
    assert not Item.objects.filter(story=text.story, state=Item.State.READY).exists()


def test_packages_that_are_kept_are_told_until_the_new_one_is_there(air: Air) -> None:
    from dataclasses import replace

    text = publish(air, "Ақбөкен көшті")
    work()
    render(air)
    work()
    newsroom.save_draft(air.editor, text, replace(text.working, headline="Ақбөкен оралды"), text.draft_revision)
    newsroom.correct(air.editor, text, "Түзету", keep=["radio"])
    work()
    items = Item.objects.filter(story=text.story)
    assert items.filter(outlet="radio", state=Item.State.READY).count() == 1
    assert items.filter(outlet="television", state=Item.State.HELD).count() == 1
    render(air)
    work()
    assert items.filter(outlet="radio", state=Item.State.READY).get().titles["kk"] == "Ақбөкен оралды"


def test_a_kill_calls_off_the_rendering_that_waits(air: Air) -> None:
    text = publish(air, "Ақбөкен көшті")
    work()
    waiting = Job.objects.filter(name="media.render", state="waiting")
    assert waiting.count() == 2
    newsroom.kill(air.editor, text.story, "Қате")
    work()
    assert not waiting.exists() and Job.objects.filter(name="media.render", state="cancelled").count() == 2
    assert set(Asset.objects.filter(kind=Asset.Kind.PACKAGE).values_list("state", flat=True)) == {Asset.State.FAILED}
    assert set(Item.objects.filter(story=text.story).values_list("state", flat=True)) == {Item.State.KILLED}


def test_radio_items_open_with_the_ident_of_their_service(air: Air) -> None:
    text = publish(air, "Ақбөкен көшті")
    air.radio.settings["ident"] = "urn:newsml:keshen.localhost:20260101:asset-tune"
    air.radio.save(update_fields=["settings"])
    assert telling.brief(text.story, "radio")[0].ident == air.radio.settings["ident"]
    assert telling.brief(text.story, "television")[0].ident == ""


def test_a_report_carries_the_logo_of_the_only_channel_that_tells_news(air: Air) -> None:
    story = air.story()
    clean = telling.brief(story, "television")[0]
    assert (clean.service, clean.logo) == ("", {}), "two channels share it"
    actions.set_week(air.operator, air.silk, {"blocks": [{"at": "00:00", "title": {"en": "Film"}}]})
    actions.set_logo(air.operator, air.tv, {"text": "Jibek Joly", "corner": "top-left"})
    branded = telling.brief(story, "television")[0]
    assert (branded.service, branded.logo["text"], branded.logo["corner"]) == ("Jibek Joly", "Jibek Joly", "top-left")
    assert Brief.from_json(branded.to_json()) == branded
    assert telling.brief(story, "radio")[0].logo == {}
    actions.set_logo(air.operator, air.tv, {"burn": "never"})
    assert telling.brief(story, "television")[0].logo == {}
