"""What goes wrong does not end the air: something is shown, it says why, and an alarm is raised."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from keshen.air import actions, queries, tasks
from keshen.air.log import laying, media_check
from keshen.air.models import Alarm, Entry, Incident, Slot
from keshen.air.proof import alarm_log
from keshen.air.serving import load
from keshen.house.models import Event, Job
from keshen.media import actions as media
from keshen.media.houseformat import TICKS_PER_HOUR
from keshen.media.store import BlobDamaged, BlobMissing
from tests.air.house import Air
from tests.air.pieces import on, prepare
from tests.air.test_guide import Asked


def open_alarms(service: object) -> set[str]:
    return set(Alarm.objects.filter(service=service, cleared_at=None).values_list("kind", flat=True))


@pytest.mark.parametrize("body", [{}, {"blocks": []}, {"blocks": [{"at": "26:00", "title": {}}]}])
def test_a_schedule_with_nothing_in_it_plays_fillers_and_alarms(air: Air, body: dict[str, object]) -> None:
    air.tv.week.body = body
    air.tv.week.save()
    tasks.keep_laid()
    assert air.check().end > air.time.tick + TICKS_PER_HOUR
    assert {entry.kind for entry in air.laid()} <= {Entry.Kind.FILLER, Entry.Kind.STANDBY}
    assert open_alarms(air.tv) == {alarm_log.SCHEDULE}
    assert Event.objects.filter(kind="air.alarm_raised").count() == 1
    assert Slot.objects.filter(service=air.tv).exists(), "the guide goes on too"
    assert not open_alarms(air.radio)
    actions.set_week(air.operator, air.tv, {"blocks": [{"at": "00:00", "title": {"kk": "А"}, "programmes": "steppe"}]})
    air.time.on(TICKS_PER_HOUR)
    tasks.keep_laid()
    assert not open_alarms(air.tv), "over, it clears by itself"


def test_laying_that_fails_leaves_the_standby_and_alarms(
    air: Air, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    actions.lay(air.system, air.tv)
    air.time.on(TICKS_PER_HOUR)
    with monkeypatch.context() as patch, caplog.at_level(logging.CRITICAL):
        patch.setattr(laying.Laying, "resolve", lambda *_: 1 / 0)
        for _ in range(4):
            tasks.keep_laid()
            air.time.on(1500)
        timeline = air.check()
        assert timeline.at(air.time.tick - 1) is not None, "never without air"
        on = Entry.objects.get(pk=timeline.entries[-1].id)
        assert on.kind == Entry.Kind.STANDBY
        assert on.reason
    assert alarm_log.LAYING in open_alarms(air.tv)
    air.time.on(4000)
    tasks.keep_laid()
    assert alarm_log.LAYING not in open_alarms(air.tv)
    air.check()


def test_the_services_that_need_nothing_cost_one_query_together(
    air: Air, django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    tasks.keep_laid()
    air.time.on(-(-air.time.tick // TICKS_PER_HOUR) * TICKS_PER_HOUR - air.time.tick)
    tasks.keep_laid()
    tasks.keep_laid()
    air.time.on(14)
    tasks.keep_laid()  # the counts of this hour's first segment are known by now
    assert [service.checkpoints.count() > 0 for service in load.services()] == [True] * 3
    with django_assert_max_num_queries(8):
        tasks.keep_laid()
    assert [service.slug for service in queries.to_keep(air.time.tick, 0, 0, [air.radio.pk])] == [air.radio.slug]
    Slot.objects.filter(service=air.tv).delete()
    assert [service.slug for service in queries.to_keep(0, 0, 0, [])] == [air.tv.slug]


class Shelves:
    """The media store's blobs as these tests want them: all there but some."""

    def __init__(self) -> None:
        self.missing: set[str] = set()
        self.short: set[str] = set()

    def size(self, sha256: str) -> int:
        if sha256 in self.missing:
            raise BlobMissing("There is no blob of that name.")
        return 10 if sha256 in self.short else 1 << 30


@pytest.fixture
def shelves(monkeypatch: pytest.MonkeyPatch) -> Shelves:
    made = Shelves()
    monkeypatch.setattr(media_check, "verify", lambda store, sha256: store.size(sha256))
    monkeypatch.setattr(media_check, "_read_back", set())
    return made


def blob(air: Air, entry: Entry) -> str:
    return entry.asset.tracks.filter(rung="v360").get().blob_sha256


@pytest.mark.parametrize("how", ["missing", "short"])
def test_media_lost_while_it_airs_is_the_standby_from_then_on_and_everywhere(
    air: Air, shelves: Shelves, how: str
) -> None:
    actions.lay(air.system, air.tv)
    on = next(entry for entry in air.laid() if entry.kind == "programme" and entry.end_tick > air.time.tick + 100)
    air.time.on(on.start_tick + 40 - air.time.tick)
    media_check.check(shelves)
    assert not open_alarms(air.tv)
    getattr(shelves, how).add(blob(air, on))
    media_check.check(shelves)
    assert open_alarms(air.tv) == {alarm_log.MEDIA}
    laid = [entry for entry in air.laid() if entry.asset_id == on.asset_id and entry.end_tick > air.time.tick + 60]
    assert not [entry for entry in laid if entry.start_tick > air.time.tick], "what follows is laid without it"
    air.check()
    asked = Asked(air)
    air.time.on(30)
    text = asked.get("/air/jibek-joly/v360/index.m3u8")[1]
    assert f"\ns{on.pk}-4.m4s" in text
    part = next(one for one in queries.as_run(air.tv, air.time.tick - 5, air.time.tick) if one.entry.id == on.pk)
    assert part.substituted
    getattr(shelves, how).clear()
    media_check.check(shelves)
    assert not load.lost()
    assert not open_alarms(air.tv)
    assert Incident.objects.filter(kind=Incident.Kind.FOUND).count() == 1
    later = [entry for entry in air.laid() if entry.asset_id == on.asset_id and entry.start_tick > air.time.tick]
    assert later, "found again, it is laid again"


def test_bytes_that_changed_are_found_before_they_air(
    air: Air, shelves: Shelves, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.lay(air.system, air.tv)
    next_on = next(entry for entry in air.laid() if entry.kind == "programme" and entry.start_tick > air.time.tick)
    bad = blob(air, next_on)

    def verify(store: Shelves, sha256: str) -> int:
        if sha256 == bad:
            raise BlobDamaged("Its bytes have changed.")
        return 1

    monkeypatch.setattr(media_check, "verify", verify)
    media_check.check(shelves)
    assert load.lost() == {next_on.asset.urn}
    assert not [entry for entry in air.laid() if entry.asset_id == next_on.asset_id]


def test_a_piece_that_is_lost_is_made_anew_and_the_standby_stands_in(air: Air, shelves: Shelves) -> None:
    clip = air.make(188, "clip")
    actions.lay(air.system, air.tv)
    start = air.time.tick + 400
    actions.insert(air.operator, air.tv, start=start, asset=clip.pk, first=7, last=100)
    prepare(air, clip.pk)
    assert on(air, clip) == [(start, 7, 93)]
    media_check.check(shelves)
    assert not load.lost()
    shelves.missing.add("d" * 64)
    media_check.check(shelves)
    assert load.lost() == {clip.urn}
    assert Job.objects.filter(name=media.PREPARE, state=Job.State.WAITING).count() == 1, "it is asked for again"
    assert not on(air, clip)
    shelves.missing.clear()
    prepare(air, clip.pk)
    media_check.check(shelves)
    assert not load.lost()
    assert on(air, clip) == [(start, 7, 93)]
    air.check()


@pytest.mark.parametrize("given", ["round", {"burn": "often"}, {"size": "huge"}, {"corner": 3, "opacity": []}])
def test_a_logo_that_cannot_be_read_does_not_stop_the_air(air: Air, given: object) -> None:
    air.tv.settings = {"logo": given}
    air.tv.accent = "blue"
    air.tv.save()
    actions.lay(air.system, air.tv)
    assert air.check().end > air.time.tick + TICKS_PER_HOUR


def test_a_lost_assets_own_addresses_are_still_given(air: Air, shelves: Shelves) -> None:
    """Players were told of them: they get the standby's bytes, not a 410."""
    actions.lay(air.system, air.tv)
    on = next(entry for entry in air.laid() if entry.kind == "programme" and entry.end_tick > air.time.tick + 100)
    air.time.on(on.start_tick + 40 - air.time.tick)
    shelves.missing.add(blob(air, on))
    media_check.check(shelves)
    snapshot = queries.snapshot(air.tv, air.time.tick)
    assert snapshot.lost == {on.pk}
    actions.withdraw(air.system, on.asset.urn, "killed besides")
    assert not queries.snapshot(air.tv, air.time.tick).lost
    asked = Asked(air)
    assert asked.get(f"/air/jibek-joly/v360/e{on.pk}-0.m4s")[0] == 410
