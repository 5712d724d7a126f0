"""The laid log's laws as the database keeps them, whatever program writes to it."""

from __future__ import annotations

import random

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from keshen.air import actions, queries
from keshen.air.log import checkpoints
from keshen.air.models import Checkpoint, Entry
from keshen.air.timeline import count, shortened
from keshen.media.houseformat import TICKS_PER_HOUR, cut
from tests.air.house import Air


def follow(air: Air, **changed: object) -> Entry:
    """Write an entry after the last one, as the log wants it but for what is `changed`."""
    last = queries.last_laid(air.tv)
    values = {
        "service": air.tv, "asset": last.asset, "kind": "filler", "slot_tick": last.end_tick, "slot_kind": "x",
        "start_tick": last.end_tick, "end_tick": last.end_tick + 40,
        "sequence": last.sequence + last.timed().segments, "discontinuity": last.discontinuity,
    }  # fmt: skip
    return Entry.objects.create(**values | changed)


def test_an_entry_as_the_log_wants_it_is_taken(air: Air) -> None:
    actions.lay(air.system, air.tv)
    follow(air)
    follow(air, breaks=True, discontinuity=queries.last_laid(air.tv).discontinuity + 1)
    air.check()


@pytest.mark.parametrize("changed", [{"sequence": 1}, {"discontinuity": 7}, {"breaks": True}])
def test_numbering_that_does_not_go_on_is_refused(air: Air, changed: dict[str, object]) -> None:
    actions.lay(air.system, air.tv)
    with pytest.raises(IntegrityError, match="counts from"), transaction.atomic():
        follow(air, **changed)
        air.check()


def test_shortening_within_a_segment_or_under_what_follows_is_refused(air: Air) -> None:
    actions.lay(air.system, air.tv)
    entry = air.laid()[-3]
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(end_tick=entry.end_tick - 12)
        air.check()


@pytest.mark.parametrize("ticks", [3, 11, 12, 13, 14, 15, 24, 26, 27, 500])
def test_the_database_counts_segments_as_the_house_does(db: None, ticks: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT air_segments(%s, NULL), air_segments(%s, %s)", [ticks, ticks, cut(ticks)])
        assert cursor.fetchone() == (count(ticks), count(ticks))


def test_the_database_counts_the_segments_of_a_cut_list_that_was_shortened(db: None) -> None:
    chance = random.Random(5)
    for _ in range(30):
        cuts = [chance.randint(3, 14) for _ in range(8)]
        at = sum(cuts[: chance.randint(1, 8)])
        with connection.cursor() as cursor:
            cursor.execute("SELECT air_segments(%s, %s)", [at, cuts])
            assert cursor.fetchone()[0] == len(shortened(cuts, at))


def test_a_checkpoint_an_hour_says_what_the_playlists_number(air: Air) -> None:
    actions.lay(air.system, air.tv)
    assert checkpoints.keep_checkpoint(air.system, air.tv) is None, "the hour began before the log"
    for _ in range(3):
        air.time.on(TICKS_PER_HOUR)
        actions.lay(air.system, air.tv)
        assert checkpoints.keep_checkpoint(air.system, air.tv)
        assert checkpoints.keep_checkpoint(air.system, air.tv) is None
    timeline = air.check()
    kept = list(Checkpoint.objects.filter(service=air.tv))
    assert len(kept) == 3
    for one in kept:
        segment = timeline.segment(one.sequence)
        assert segment is not None
        assert segment.start == one.tick
        assert segment.entry.discontinuity == one.discontinuity


def test_a_checkpoint_stays_and_nothing_is_laid_before_it(air: Air) -> None:
    actions.lay(air.system, air.tv)
    air.time.on(TICKS_PER_HOUR)
    actions.lay(air.system, air.tv)
    kept = checkpoints.keep_checkpoint(air.system, air.tv)
    for change in ({"sequence": 0}, {"tick": 1}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Checkpoint.objects.filter(pk=kept.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Checkpoint.objects.filter(pk=kept.pk).delete()
    with pytest.raises(IntegrityError, match="never goes back"), transaction.atomic():
        Checkpoint.objects.create(service=air.tv, tick=kept.tick + 9, sequence=kept.sequence, discontinuity=0)
    with pytest.raises(DatabaseError, match="before a checkpoint"), transaction.atomic():
        first = air.laid()[0]
        follow(air, start_tick=first.start_tick - 40, end_tick=first.start_tick, sequence=0)


def test_numbering_goes_on_from_the_checkpoint_when_the_log_is_gone(air: Air) -> None:
    """As after a long retention has ended, or a restore without the log."""
    Checkpoint.objects.create(service=air.tv, tick=air.time.tick - 500, sequence=77_000, discontinuity=3)
    actions.lay(air.system, air.tv)
    first = air.laid()[0]
    assert (first.sequence, first.discontinuity) == (77_000, 3)
