"""Laying and editing the log: what is frozen stays, nothing gaps or overlaps, rights decide, kills are final."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from keshen.air import actions, queries
from keshen.air.log.laying import NothingToPlay
from keshen.air.models import Entry, Incident, Item, Slot, Stock
from keshen.air.serving import load
from keshen.air.timeline import horizon
from keshen.house.permissions import Denied
from keshen.media.houseformat import TICKS_PER_HOUR
from keshen.media.models import Asset
from keshen.rights import actions as rights
from tests.air.house import NOON, Air


def test_a_service_is_laid_more_than_an_hour_ahead_without_gap(air: Air) -> None:
    actions.lay(air.system, air.tv)
    timeline = air.check()
    assert timeline.start <= NOON - 100, "the first playlist is a whole window"
    assert timeline.end >= NOON + TICKS_PER_HOUR
    assert actions.lay(air.system, air.tv) == 0, "laying again changes nothing"
    air.time.on(TICKS_PER_HOUR)
    assert actions.lay(air.system, air.tv) > 0
    assert air.check().end >= air.time.tick + TICKS_PER_HOUR


def test_without_a_standby_nothing_is_laid_and_it_says_so(air: Air) -> None:
    Stock.objects.filter(role=Stock.Role.STANDBY).delete()
    with pytest.raises(NothingToPlay):
        actions.lay(air.system, air.tv)


def test_a_reporter_may_not_lay(air: Air) -> None:
    air.operator.roles = ["reporter"]
    with pytest.raises(Denied):
        actions.lay(air.operator, air.tv)


def test_time_off_the_air_is_one_standby_and_an_incident(air: Air) -> None:
    actions.lay(air.system, air.tv)
    end = air.check().end
    air.time.on(10 * TICKS_PER_HOUR)
    actions.lay(air.system, air.tv)
    timeline = air.check()
    gap = next(entry for entry in air.laid() if entry.start_tick == end)
    assert gap.kind == Entry.Kind.STANDBY
    assert gap.end_tick == air.time.tick
    assert Incident.objects.get(kind=Incident.Kind.OFF_AIR).entry == gap
    assert timeline.at(air.time.tick) is not None


def test_bulletins_start_on_the_dot_with_the_newest_first(air: Air) -> None:
    stories = [air.story(f"Хабар {n}") for n in range(6)]
    for story in stories:
        air.item(story)
    air.lay_all()
    run = air.bulletin()
    assert run[0].start_tick % 1875 == 0
    told = [entry.story_urn for entry in run if entry.kind == Entry.Kind.ITEM]
    assert told == [story.urn for story in reversed(stories)][:4], "newest first, older ones drop out"
    assert [run[0].kind, run[-1].kind] == ["ident", "ident"]
    assert not [entry for entry in air.laid(air.radio) if entry.kind == Entry.Kind.ITEM], "radio has its own items"
    air.check()


def test_news_is_in_order_after_the_clock_was_set_back(air: Air) -> None:
    old, fresh = (air.item(air.story(name)) for name in ("Ескі", "Жаңа"))
    Item.objects.filter(pk=fresh.pk).update(created_at=old.created_at - timedelta(hours=1))
    air.lay_all()
    assert [entry.item_id for entry in air.bulletin() if entry.kind == Entry.Kind.ITEM] == [fresh.pk, old.pk]


def test_a_ready_item_enters_the_next_bulletin_beyond_the_freeze(air: Air) -> None:
    air.item(air.story("Ескі"))
    air.lay_all()
    fresh = air.item(air.story("Жаңа"))
    start = actions.enter(air.editor, air.tv, fresh)
    assert start == -(-horizon(NOON) // 1875) * 1875
    air.check()
    run = air.bulletin()
    assert next(entry.item_id for entry in run if entry.kind == Entry.Kind.ITEM) == fresh.pk
    assert actions.enter(air.editor, air.tv, fresh) is None, "entering again changes nothing"
    frozen = Entry.objects.filter(service=air.tv, start_tick__lt=horizon(NOON), state=Entry.State.VOID)
    assert not frozen.exists()


def test_what_is_laid_cannot_be_changed_in_the_frozen_time(air: Air) -> None:
    actions.lay(air.system, air.tv)
    on = next(entry for entry in air.laid() if entry.start_tick <= NOON < entry.end_tick)
    for change in ({"state": Entry.State.VOID}, {"end_tick": NOON + 5}, {"asset_id": on.asset_id + 1}):
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            Entry.objects.filter(pk=on.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Entry.objects.filter(pk=on.pk).delete()


def test_the_database_refuses_an_overlap_and_a_gap(air: Air) -> None:
    actions.lay(air.system, air.tv)
    last = queries.last_laid(air.tv)
    values = {
        "service": air.tv, "asset": last.asset, "kind": "filler", "slot_tick": last.end_tick, "slot_kind": "x",
        "sequence": 1,
    }  # fmt: skip
    with pytest.raises(IntegrityError, match="do_not_overlap"), transaction.atomic():
        Entry.objects.create(start_tick=last.end_tick - 1, end_tick=last.end_tick + 9, **values)
    with pytest.raises(IntegrityError, match="silent"), transaction.atomic():
        Entry.objects.create(start_tick=last.end_tick + 1, end_tick=last.end_tick + 9, **values)
        air.check()
    with pytest.raises(IntegrityError, match="silent"), transaction.atomic():
        middle = air.laid()[-4]
        Entry.objects.filter(pk=middle.pk).update(state=Entry.State.VOID)
        air.check()


@pytest.mark.parametrize(
    ("wording", "outcome"), [("Not for use in Kazakhstan", "deny"), ("Only when the moon is full", "unclear")]
)
def test_rights_that_refuse_put_the_standby_of_the_same_length(air: Air, wording: str, outcome: str) -> None:
    refused = next(row for row in Stock.objects.filter(role="programme") if row.asset.duration_ticks == 500)
    rights.attach(air.editor, refused.asset.urn, wording, language="en")
    actions.lay(air.system, air.tv)
    air.check()
    assert not [entry for entry in air.laid() if entry.asset_id == refused.asset_id]
    substitutes = [entry for entry in air.laid() if entry.reason and entry.end_tick - entry.start_tick == 500]
    assert substitutes
    assert all(entry.kind == Entry.Kind.STANDBY for entry in substitutes)
    assert all(entry.decision.outcome == outcome for entry in substitutes)
    assert Incident.objects.filter(kind=Incident.Kind.SUBSTITUTED, entry=substitutes[0]).exists()


@pytest.mark.parametrize(
    ("wording", "outcome"), [("Not for use in Kazakhstan", "deny"), ("Only when the moon is full", "unclear")]
)
def test_rights_that_refuse_keep_an_item_out_of_bulletins(air: Air, wording: str, outcome: str) -> None:
    story = air.story("Шектелген", wording)
    item = air.item(story)
    air.item(air.story("Еркін"))
    actions.lay(air.system, air.tv)
    assert not air.of_story(story)
    assert [entry for entry in air.bulletin() if entry.kind == Entry.Kind.ITEM]
    item.refresh_from_db()
    assert item.reason


def test_media_that_is_not_ready_is_not_on_the_shelf(air: Air) -> None:
    filler = Stock.objects.filter(role="filler").first()
    filler.asset.tracks.filter(rung="v360").delete()
    assert load.is_complete(load.assets([filler.asset_id], {})[filler.asset_id], radio=True)
    actions.lay(air.system, air.tv)
    assert not [entry for entry in air.laid() if entry.asset_id == filler.asset_id]
    assert filler.asset_id in {row.asset_id for row, _reason in queries.not_playable(air.tv)}


def test_an_init_that_differs_makes_a_discontinuity(air: Air) -> None:
    other = air.make(94, "other", v720="d" * 64)
    Stock.objects.filter(role="programme").delete()
    actions.stock(air.operator, other, Stock.Role.PROGRAMME, key="steppe")
    actions.lay(air.system, air.tv)
    air.check()
    entries = air.laid()
    breaks = [entry for entry in entries if entry.breaks]
    assert breaks
    assert entries[-1].discontinuity == len(breaks)
    assert any(entry.asset_id == other.pk for entry in breaks)


def kill(air: Air, story: object) -> None:
    from keshen.air import telling

    story.killed_at = "2026-03-02T12:10:00Z"
    story.save()
    telling.kill(air.editor, story)


def test_a_kill_cuts_the_entry_on_air_at_the_horizon(air: Air) -> None:
    first, second = air.story("Бірінші"), air.story("Екінші")
    kept = air.item(first)
    air.item(second, ticks=200)
    air.lay_all()
    on = air.bulletin()[1]
    assert on.story_urn == second.urn
    air.time.on(on.start_tick - air.time.tick + 20)
    kill(air, second)
    timeline = air.check()
    on.refresh_from_db()
    assert horizon(air.time.tick) <= on.end_tick < horizon(air.time.tick) + 14
    assert not [entry for entry in air.of_story(second) if entry.start_tick > air.time.tick]
    following = timeline.at(on.end_tick).entry
    assert following.kind == "bulletin-item", "the bulletin goes on with the next item"
    assert Entry.objects.get(pk=following.id).item == kept
    assert Incident.objects.filter(kind=Incident.Kind.CUT, entry=on).exists()
    view = queries.snapshot(air.tv, air.time.tick)
    assert view.withdrawn[on.pk] == air.time.tick
    assert not Item.objects.filter(story=second).exclude(state=Item.State.KILLED).exists()
    air.time.on(3000)
    actions.lay(air.system, air.tv)
    assert not [entry for entry in air.of_story(second) if entry.start_tick > on.start_tick]


def test_a_kill_of_what_is_still_to_come_closes_up_the_bulletin(air: Air) -> None:
    story = air.story("Кейін")
    air.item(story)
    air.item(air.story("Қалады"))
    air.lay_all()
    before = air.check().end
    kill(air, story)
    assert air.check().end >= before
    assert not air.of_story(story)
    items = [entry for entry in air.bulletin() if entry.kind == Entry.Kind.ITEM]
    assert len(items) == 1
    assert queries.is_withdrawn(air.tv.pk, Entry.objects.filter(story_urn=story.urn).first().pk)


def test_a_correction_holds_the_item_and_then_replaces_it(air: Air) -> None:
    from keshen.air import telling

    story = air.story("Қате")
    air.item(story, ticks=200)
    air.item(air.story("Басқа"))
    air.lay_all()
    run = air.bulletin()
    on = next(entry for entry in run if entry.story_urn == story.urn)
    air.time.on(on.start_tick - air.time.tick + 5)
    telling.hold(air.editor, story, "television")
    air.check()
    assert [entry.slot_tick for entry in air.of_story(story)] == [on.slot_tick], "only the bulletin under way keeps it"
    corrected = air.item(story, ticks=60)
    start = actions.enter(air.editor, air.tv, corrected)
    air.check()
    on.refresh_from_db()
    assert on.end_tick == start
    assert start >= horizon(air.time.tick)
    told = [entry for entry in air.laid() if entry.story_urn == story.urn and entry.start_tick >= start]
    assert {entry.item_id for entry in told} == {corrected.pk}
    assert told[0].start_tick == start
    assert len({entry.slot_tick for entry in told}) > 2, "it is in later bulletins too"


def test_the_plan_follows_the_laid_log_and_the_guide_is_what_is_laid(air: Air) -> None:
    air.item(air.story("Жаңалық"))
    actions.lay(air.system, air.tv)
    actions.plan(air.system, air.tv)
    slots = list(Slot.objects.filter(service=air.tv))
    assert slots[0].start_tick == air.check().end
    planned = {(slot.start_tick, slot.kind) for slot in slots}
    air.time.on(2 * TICKS_PER_HOUR // 2)
    actions.lay(air.system, air.tv)
    first, last = slots[0].start_tick, air.check().end
    laid = {(entry.slot_tick, entry.slot_kind) for entry in air.laid() if entry.slot_tick >= first}
    assert laid == {slot for slot in planned if slot[0] < last}, "what was announced is what is laid"


def test_an_asset_that_is_still_prepared_is_not_laid(air: Air) -> None:
    asset = air.make(80)
    Asset.objects.filter(pk=asset.pk).update(state=Asset.State.PREPARING)
    row = actions.stock(air.operator, asset, Stock.Role.FILLER)
    assert asset.pk not in [clip.asset for clip in _shelf(air).fillers]
    assert row in [found for found, _reason in queries.not_playable(air.tv)]


def _shelf(air: Air) -> object:
    known: dict = {}
    return queries.shelf(air.tv, known, load.standby(known))
