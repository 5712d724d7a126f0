"""The operator's verbs on a real database: place, move, trim, undo, skip, break in, return; frozen stays frozen."""

from __future__ import annotations

import pytest

from keshen.air import actions, queries
from keshen.air.models import Entry, Incident, Line, Slot, Stock
from keshen.air.scheduling.schedule import Conflict
from keshen.air.timeline import horizon
from keshen.house.models import Event, Job
from keshen.house.permissions import Denied
from keshen.media import actions as media_actions
from keshen.media.houseformat import TICKS_PER_HOUR
from keshen.media.marks import BadMark
from keshen.rights import actions as rights
from tests.air.house import NOON, Air
from tests.air.pieces import on, prepare

SOON = NOON + 400


@pytest.fixture
def laid(air: Air) -> Air:
    air.item(air.story("Хабар"))
    actions.lay(air.system, air.tv)
    actions.plan(air.system, air.tv)
    return air


def whole(air: Air) -> None:
    """Log and plan meet, and are the schedule composed anew where nothing is frozen."""
    timeline = air.check()
    slots = list(Slot.objects.filter(service=air.tv, end_tick__gt=timeline.end))
    cursor = timeline.end
    for slot in slots:
        assert max(slot.start_tick, cursor) == cursor
        cursor = slot.end_tick


def frozen_entries(air: Air) -> list[tuple[int, int]]:
    edge = horizon(air.time.tick)
    return [(entry.start_tick, entry.asset_id) for entry in air.laid() if entry.start_tick < edge]


def test_what_is_placed_is_laid_at_its_tick_and_the_rest_filled(laid: Air) -> None:
    clip = laid.make(188, "clip")
    before = frozen_entries(laid)
    kept = [entry.pk for entry in laid.laid() if entry.end_tick <= SOON - 400]
    done = actions.insert(laid.operator, laid.tv, start=SOON, asset=clip.pk, titles={"kk": "Клип"})
    assert (done.start, done.end) == (SOON, SOON + 188)
    whole(laid)
    entry = next(entry for entry in laid.laid() if entry.start_tick == SOON)
    assert (entry.asset_id, entry.end_tick, entry.decision is not None) == (clip.pk, SOON + 188, True)
    assert frozen_entries(laid) == before
    assert set(kept) <= {entry.pk for entry in laid.laid()}
    event = Event.objects.get(pk=done.event)
    assert event.after["lines"][0]["asset"] == clip.pk
    assert event.actor == laid.operator


def test_only_what_is_touched_is_resolved_anew(laid: Air) -> None:
    clip = laid.make(188, "clip")
    before = {(entry.start_tick, entry.asset_id) for entry in laid.laid()}
    actions.insert(laid.operator, laid.tv, start=SOON, asset=clip.pk)
    after = {(entry.start_tick, entry.asset_id) for entry in laid.laid()}
    changed = [start for start, _asset in before ^ after]
    assert max(changed) - min(changed) <= 1875 + 188, "no more than between two bulletins"


def test_a_placement_beyond_the_laid_log_changes_the_plan_there_alone(laid: Air) -> None:
    clip = laid.make(188, "clip")
    later = NOON + 5 * TICKS_PER_HOUR
    slots = set(Slot.objects.values_list("pk", flat=True))
    entries = [entry.pk for entry in laid.laid()]
    actions.insert(laid.operator, laid.tv, start=later, asset=clip.pk)
    whole(laid)
    assert [entry.pk for entry in laid.laid()] == entries
    assert len(slots - set(Slot.objects.values_list("pk", flat=True))) < 20
    assert [later, 188, clip.pk, 0, "programme"] in [part[:5] for slot in Slot.objects.all() for part in slot.parts]
    laid.time.on(4 * TICKS_PER_HOUR)
    actions.lay(laid.system, laid.tv)
    laid.check()
    assert next(entry for entry in laid.laid() if entry.start_tick == later).asset_id == clip.pk


def test_moving_what_the_template_put_leaves_its_time_to_fillers(laid: Air) -> None:
    entry = next(entry for entry in laid.laid() if entry.kind == Entry.Kind.PROGRAMME and entry.start_tick > NOON + 600)
    to = entry.start_tick + 3000
    done = actions.move(laid.operator, laid.tv, start=entry.start_tick, to=to, asset=entry.asset_id)
    whole(laid)
    there = next(one for one in laid.laid() if one.start_tick == done.start)
    assert (done.start, there.asset_id) == (to, entry.asset_id)
    left = [one for one in laid.laid() if entry.start_tick <= one.start_tick < entry.end_tick]
    assert left
    assert all(one.kind in ("filler", "standby") for one in left)
    with pytest.raises(Conflict, match="changed"):
        actions.move(laid.operator, laid.tv, start=to, to=to + 100, asset=entry.asset_id + 1)


def test_trimming_cuts_to_the_tick_as_soon_as_that_is_prepared(laid: Air) -> None:
    clip = laid.make(188, "clip")
    actions.insert(laid.operator, laid.tv, start=SOON, asset=clip.pk)
    done = actions.trim(laid.operator, laid.tv, start=SOON, first=14, last=100)
    assert (done.start, done.end) == (SOON, SOON + 86)
    assert done.warnings, "it is said that it is being prepared"
    whole(laid)
    assert on(laid, clip) == [(SOON + 10, 24, 72)], "until then it is cut where its segments end, within"
    prepare(laid, clip.pk)
    whole(laid)
    assert on(laid, clip) == [(SOON, 14, 86)]
    entry = next(entry for entry in laid.laid() if entry.start_tick == SOON)
    assert entry.cuts == [10, *[12] * 6, 4]
    again = actions.trim(laid.operator, laid.tv, start=SOON, first=14, last=100)
    assert not again.warnings
    assert Job.objects.filter(name=media_actions.PREPARE).count() == 1
    snapshot = queries.snapshot(laid.tv, laid.time.tick)
    timed = snapshot.timeline.entry(entry.pk)
    found = [snapshot.source(timed, number, "v720") for number in range(timed.segments)]
    assert [source.track.blob[0] == "d" for source in found] == [True, *[False] * 6, True]
    assert sum(timed.span(number)[1] for number in range(timed.segments)) == 86
    sound = [snapshot.source(timed, number, "a-kk") for number in range(timed.segments)]
    assert [source.asset_tick for source in sound] == [source.asset_tick for source in found]
    assert all(snapshot.source(timed, n, "v720", substitute=True) for n in range(timed.segments)), (
        "and it can be withdrawn"
    )


def test_an_entry_that_was_cut_anywhere_can_be_broken_into_and_goes_on_where_it_was_left(laid: Air) -> None:
    film, clip = laid.make(1200, "film"), laid.make(101, "clip")
    actions.insert(laid.operator, laid.tv, start=SOON, asset=film.pk, first=5, last=1100)
    prepare(laid, film.pk)
    laid.time.on(SOON - NOON + 50)
    done = actions.break_in(laid.operator, laid.tv, assets=[clip.pk], resume=True)
    whole(laid)
    before, after = on(laid, film)
    assert before == (SOON, 5, done.start - SOON)
    assert (before[1] + before[2]) % 12 == 0, "it is left at a segment of the asset"
    assert after[:2] == (done.end, before[1] + before[2]), "and taken up there, to the tick"
    laid.time.on(done.start - laid.time.tick + 10)
    home = actions.return_(laid.operator, laid.tv)
    whole(laid)
    assert on(laid, film)[1][:2] == (home.start, before[1] + before[2])


def test_after_a_break_in_the_programme_is_joined_to_the_tick(laid: Air) -> None:
    film, clip = laid.make(1200, "film"), laid.make(101, "clip")
    actions.insert(laid.operator, laid.tv, start=SOON, asset=film.pk)
    laid.time.on(SOON - NOON + 50)
    done = actions.break_in(laid.operator, laid.tv, assets=[clip.pk])
    whole(laid)
    assert done.end - SOON - on(laid, film)[1][1] < 0, "at first where a segment begins"
    prepare(laid, film.pk)
    whole(laid)
    assert on(laid, film)[1] == (done.end, done.end - SOON, SOON + 1200 - done.end)


def test_marks_stay_with_the_picture_and_air_once_they_are_drawn(laid: Air) -> None:
    clip = laid.make(188, "clip")
    actions.insert(laid.operator, laid.tv, start=SOON, asset=clip.pk, first=24, last=188)
    rows = [{"kind": "age", "text": "12+", "last": 30}, {"kind": "logo", "first": 0}]
    done = actions.mark(laid.operator, laid.tv, start=SOON, marks=rows)
    assert done.warnings
    entry = next(entry for entry in laid.laid() if entry.start_tick == SOON)
    assert entry.marks == [], "it is not held up by them"
    prepare(laid, clip.pk)
    whole(laid)
    entry = next(entry for entry in laid.laid() if entry.start_tick == SOON)
    assert [(row["kind"], row["first"], row["last"]) for row in entry.marks] == [("age", 24, 54), ("logo", 24, 188)]
    assert entry.marks[1]["text"] == "jibek-joly"
    actions.trim(laid.operator, laid.tv, start=SOON, first=36, last=188)
    prepare(laid, clip.pk)
    entry = next(entry for entry in laid.laid() if entry.start_tick == SOON)
    assert entry.marks[0]["last"] == 54, "trimming does not move them"
    actions.undo(laid.operator, laid.tv)
    actions.undo(laid.operator, laid.tv)
    entry = next(entry for entry in laid.laid() if entry.start_tick == SOON)
    assert entry.marks == []
    whole(laid)
    with pytest.raises(BadMark):
        actions.mark(laid.operator, laid.tv, start=SOON, marks=[{"kind": "ticker", "text": "x"}])
    with pytest.raises(Denied):
        actions.mark(laid.editor, laid.tv, start=SOON, marks=rows)


def test_what_is_prepared_for_one_channel_serves_the_others(laid: Air) -> None:
    clip = laid.make(188, "clip")
    actions.lay(laid.system, laid.silk)
    age = [{"kind": "age", "text": "12+", "last": 30}]
    actions.insert(laid.operator, laid.tv, start=SOON, asset=clip.pk, first=7, last=100)
    actions.mark(laid.operator, laid.tv, start=SOON, marks=age)
    prepare(laid, clip.pk)
    asked = Job.objects.filter(name=media_actions.PREPARE).count()
    assert not actions.insert(laid.operator, laid.silk, start=SOON, asset=clip.pk, first=7, last=100).warnings
    assert not actions.mark(laid.operator, laid.silk, start=SOON, marks=age).warnings
    assert Job.objects.filter(name=media_actions.PREPARE).count() == asked
    laid.check(laid.silk)
    there = next(entry for entry in laid.laid(laid.silk) if entry.asset_id == clip.pk)
    assert (there.start_tick, there.asset_tick, len(there.marks), there.cuts) == (SOON, 7, 1, [5, *[12] * 7, 4])


def test_a_logo_over_everything_is_laid_as_it_is_prepared(laid: Air) -> None:
    clip = laid.make(188, "clip")
    actions.insert(laid.operator, laid.tv, start=SOON, asset=clip.pk)
    actions.set_logo(laid.operator, laid.tv, {"burn": "always", "corner": "top-left", "opacity": 60})
    actions.refine(laid.system, laid.tv)
    prepare(laid, clip.pk)
    entry = next(entry for entry in laid.laid() if entry.start_tick == SOON)
    assert [(row["kind"], row["corner"], row["opacity"]) for row in entry.marks] == [("logo", "top-left", 60)]
    assert all(not one.marks for one in laid.laid() if one.kind in ("ident", "standby"))
    actions.set_logo(laid.operator, laid.tv, {"burn": "never"})
    actions.refine(laid.system, laid.tv)
    entry = next(entry for entry in laid.laid() if entry.start_tick == SOON)
    assert entry.marks == []
    whole(laid)
    with pytest.raises(BadMark, match="sometimes"):
        actions.set_logo(laid.operator, laid.tv, {"burn": "sometimes"})


def test_the_entry_on_air_can_be_ended_but_not_begun_again(laid: Air) -> None:
    clip = laid.make(480, "clip")
    actions.insert(laid.operator, laid.tv, start=SOON, asset=clip.pk)
    laid.time.on(SOON - NOON + 10)
    with pytest.raises(Conflict, match="frozen"):
        actions.move(laid.operator, laid.tv, start=SOON, to=SOON + 1000)
    with pytest.raises(Conflict, match="frozen"):
        actions.trim(laid.operator, laid.tv, start=SOON, first=0, last=24)
    actions.trim(laid.operator, laid.tv, start=SOON, first=0, last=120)
    whole(laid)
    on = [entry for entry in laid.laid() if entry.asset_id == clip.pk]
    assert (on[0].start_tick, on[-1].end_tick) == (SOON, SOON + 120)


def test_undo_and_redo_turn_ones_own_edits(laid: Air) -> None:
    clip = laid.make(188, "clip")
    bulletin = laid.bulletin(SOON)[0].start_tick
    before = [(entry.start_tick, entry.asset_id) for entry in laid.laid() if entry.start_tick >= bulletin]
    actions.insert(laid.operator, laid.tv, start=SOON, asset=clip.pk)
    actions.move(laid.operator, laid.tv, start=SOON, to=SOON + 500)
    actions.undo(laid.operator, laid.tv)
    assert Line.objects.get().start_tick == SOON
    actions.undo(laid.operator, laid.tv)
    assert not Line.objects.exists()
    assert [(entry.start_tick, entry.asset_id) for entry in laid.laid() if entry.start_tick >= bulletin] == before
    with pytest.raises(Conflict, match="nothing"):
        actions.undo(laid.operator, laid.tv)
    with pytest.raises(Conflict, match="nothing"):
        actions.undo(laid.system, laid.tv)
    actions.redo(laid.operator, laid.tv)
    actions.redo(laid.operator, laid.tv)
    assert Line.objects.get().start_tick == SOON + 500
    actions.remove(laid.system, laid.tv, start=SOON + 500)
    with pytest.raises(Conflict, match="changed"):
        actions.undo(laid.operator, laid.tv)
    whole(laid)


def test_rights_warn_when_placed_and_refuse_a_break_in(laid: Air) -> None:
    clip = laid.make(188, "clip")
    rights.attach(laid.editor, clip.urn, "Not for use in Kazakhstan", language="en")
    done = actions.insert(laid.operator, laid.tv, start=SOON, asset=clip.pk)
    assert done.warnings
    entry = next(entry for entry in laid.laid() if entry.start_tick == SOON)
    assert (entry.kind, entry.end_tick, bool(entry.reason)) == ("standby", SOON + 188, True)
    with pytest.raises(Conflict, match="denied"):
        actions.break_in(laid.operator, laid.tv, assets=[clip.pk])
    unclear = laid.make(60, "unclear")
    rights.attach(laid.editor, unclear.urn, "Only when the moon is full", language="en")
    with pytest.raises(Conflict, match="denied"):
        actions.break_in(laid.operator, laid.tv, assets=[unclear.pk])


def test_covering_the_news_is_said(laid: Air) -> None:
    film = laid.make(2400, "film")
    done = actions.insert(laid.operator, laid.tv, start=SOON, asset=film.pk)
    assert "12:1" in done.warnings[0] or "17:1" in done.warnings[0]
    whole(laid)
    assert [entry for entry in laid.laid() if SOON <= entry.start_tick < SOON + 2400] == [
        next(entry for entry in laid.laid() if entry.asset_id == film.pk)
    ]


def test_skip_brings_what_follows_sooner(laid: Air) -> None:
    on = next(entry for entry in laid.laid() if entry.start_tick <= NOON < entry.end_tick and entry.asset_id)
    laid.time.on(max(0, on.start_tick - NOON + 5))
    first, second = laid.make(480, "first"), laid.make(270, "second")
    actions.insert(laid.operator, laid.tv, start=SOON, asset=first.pk)
    actions.insert(laid.operator, laid.tv, start=SOON + 480, asset=second.pk)
    laid.time.on(SOON - laid.time.tick + 20)
    done = actions.skip(laid.operator, laid.tv, "boring")
    whole(laid)
    entries = laid.laid()
    cut = next(entry for entry in entries if entry.asset_id == first.pk)
    assert horizon(laid.time.tick) <= cut.end_tick == done.start < horizon(laid.time.tick) + 14
    assert next(entry for entry in entries if entry.start_tick == done.start).asset_id == second.pk
    incident = Incident.objects.get(kind=Incident.Kind.SKIPPED)
    assert (incident.tick, incident.entry_id, incident.reason) == (done.start, cut.pk, "boring")


@pytest.mark.parametrize("resume", [False, True])
def test_a_break_in_and_its_return(laid: Air, resume: bool) -> None:
    film = laid.make(1200, "film")
    clip = laid.make(100, "clip")
    actions.insert(laid.operator, laid.tv, start=SOON, asset=film.pk)
    laid.time.on(SOON - NOON + 50)
    done = actions.break_in(laid.operator, laid.tv, assets=[clip.pk], resume=resume, reason="fire")
    whole(laid)
    broken = next(entry for entry in laid.laid() if entry.asset_id == clip.pk)
    assert horizon(laid.time.tick) <= broken.start_tick == done.start < horizon(laid.time.tick) + 14
    assert broken.end_tick == done.end == done.start + 100
    back = next(entry for entry in laid.laid() if entry.asset_id == film.pk and entry.start_tick >= done.end)
    if resume:
        assert (back.start_tick, back.asset_tick) == (done.end, done.start - SOON)
    else:
        assert back.start_tick - done.end < 28, "with fillers until the cut is prepared"
        assert back.asset_tick == back.start_tick - SOON
        assert back.end_tick == SOON + 1200
    assert Incident.objects.get(kind=Incident.Kind.BREAK_IN).reason == "fire"

    laid.time.on(done.start - laid.time.tick + 10)
    home = actions.return_(laid.operator, laid.tv)
    whole(laid)
    broken.refresh_from_db()
    assert horizon(laid.time.tick) <= broken.end_tick == home.start < horizon(laid.time.tick) + 14
    back = next(entry for entry in laid.laid() if entry.asset_id == film.pk and entry.start_tick >= home.start)
    assert back.asset_tick == (done.start - SOON if resume else back.start_tick - SOON)
    with pytest.raises(Conflict, match="no-break-in"):
        actions.return_(laid.operator, laid.tv)


@pytest.mark.parametrize("verb", ["break-in", "return", "skip"])
def test_what_a_person_fixed_starts_on_time_whatever_is_put_off_before_it(laid: Air, verb: str) -> None:
    film, fixed, clip = laid.make(700, "film"), laid.make(188, "fixed"), laid.make(100, "clip")
    actions.insert(laid.operator, laid.tv, start=SOON, asset=film.pk)
    actions.insert(laid.operator, laid.tv, start=SOON + 703, asset=fixed.pk, hard=True)
    laid.time.on(SOON - NOON + 50)
    if verb == "skip":
        actions.skip(laid.operator, laid.tv)
    else:
        done = actions.break_in(laid.operator, laid.tv, assets=[clip.pk], resume=True)
    if verb == "return":
        laid.time.on(done.start - laid.time.tick + 10)
        actions.return_(laid.operator, laid.tv)
    whole(laid)
    assert on(laid, fixed) == [(SOON + 703, 0, 188)]
    assert len(on(laid, film)) == (1 if verb == "skip" else 2), "what is left of it is on until then"


def test_a_bulletin_breaks_in_and_news_that_come_then_do_not_cut_it(laid: Air) -> None:
    done = actions.break_in(laid.operator, laid.tv, news=True)
    whole(laid)
    run = [entry for entry in laid.laid() if done.start <= entry.start_tick < done.end]
    assert [run[0].kind, run[1].kind] == ["ident", "bulletin-item"]
    long = laid.make(2000, "long")
    laid.time.on(100)
    done = actions.break_in(laid.operator, laid.tv, assets=[long.pk])
    actions.enter(laid.editor, laid.tv, laid.item(laid.story("Жаңа")))
    whole(laid)
    kept = [entry for entry in laid.laid() if done.start <= entry.start_tick < done.end]
    assert [entry.asset_id for entry in kept] == [long.pk]


def test_a_withdrawn_asset_leaves_its_line_to_the_fillers(laid: Air) -> None:
    clip = laid.make(188, "clip")
    actions.insert(laid.operator, laid.tv, start=SOON, asset=clip.pk)
    actions.withdraw(laid.editor, clip.urn, "wrong film")
    actions.lay_anew(laid.operator, laid.tv)
    whole(laid)
    assert not [entry for entry in laid.laid() if entry.asset_id == clip.pk]


def test_who_may_not_and_what_cannot(laid: Air) -> None:
    clip = laid.make(188, "clip")
    with pytest.raises(Denied):
        actions.insert(laid.editor, laid.tv, start=SOON, asset=clip.pk)
    with pytest.raises(Conflict, match="frozen"):
        actions.insert(laid.operator, laid.tv, start=NOON + 10, asset=clip.pk)
    with pytest.raises(Conflict, match="not-ready"):
        actions.insert(laid.operator, laid.tv, start=SOON, asset=10**9)
    with pytest.raises(Conflict, match="not-ready"):
        actions.break_in(laid.operator, laid.tv)
    assert not Line.objects.exists()
    assert Stock.objects.filter(asset=clip).count() == 0
    assert queries.lines(laid.tv, NOON) == ()
