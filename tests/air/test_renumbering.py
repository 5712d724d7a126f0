"""An edit touches what it must and nothing more: the rest of the log counts on by one row, on every node."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from keshen.air import actions
from keshen.air.models import Entry, Renumbering, Stock
from keshen.air.serving import load
from keshen.air.serving.snapshot import Asset
from keshen.media.houseformat import TICKS_PER_HOUR
from tests.air.house import NOON, Air

pytestmark = pytest.mark.django_db
LATER = NOON + TICKS_PER_HOUR


@pytest.fixture
def day(air: Air) -> Air:
    """Half a day of clips of unlike lengths, one after the other, with nothing that begins hard between them."""
    air.operator.roles = ["operator", "editor"]
    for ticks in (37, 26, 15):
        clip = air.make(ticks, f"clip {ticks}")
        actions.stock(air.system, clip, Stock.Role.PROGRAMME, key="clips", titles={"kk": f"{ticks}"})
    actions.set_week(air.operator, air.tv, {"blocks": [{"at": "00:00", "title": {"kk": "x"}, "programmes": "clips"}]})
    actions.lay(air.system, air.tv, until=NOON + 6 * TICKS_PER_HOUR)
    return air


def rows(air: Air) -> set[tuple[int, str, int]]:
    return set(Entry.objects.filter(service=air.tv).values_list("id", "state", "end_tick"))


def test_an_edit_touches_a_few_rows_however_much_is_laid(day: Air) -> None:
    clip = day.make(50, "one-off")
    before, known = rows(day), dict[int, Asset]()
    assert len(before) > 500
    snapshot = load.snapshot(day.tv, NOON, known)
    actions.insert(day.operator, day.tv, start=LATER, asset=clip.pk, hard=True)
    touched = rows(day) ^ before
    assert len({number for number, _state, _end in touched}) <= 12
    log = day.check()
    assert log.at(LATER).entry.asset == clip.pk
    assert Renumbering.objects.count() <= 1
    again = load.snapshot(day.tv, NOON, known, snapshot)
    assert again.timeline.entries == load.snapshot(day.tv, NOON, {}).timeline.entries
    same = {id(entry) for entry in snapshot.timeline.entries} & {id(entry) for entry in again.timeline.entries}
    assert len(same) > 100, "what did not change is the object it was"


def test_edits_and_their_undoing_leave_a_log_that_counts_on(day: Air) -> None:
    clips = [day.make(ticks, f"one-off {ticks}") for ticks in (50, 3, 111, 12)]
    known, snapshot = dict[int, Asset](), None
    was = [(entry.start_tick, entry.asset_id) for entry in day.laid()]
    for number, clip in enumerate(clips):
        actions.insert(day.operator, day.tv, start=LATER + 500 * (3 - number), asset=clip.pk, hard=number % 2 == 0)
        snapshot = load.snapshot(day.tv, NOON, known, snapshot)
        assert snapshot.timeline.entries == day.check().entries
    actions.move(day.operator, day.tv, start=LATER, to=LATER + 5000)
    for _ in range(5):
        actions.undo(day.operator, day.tv)
        snapshot = load.snapshot(day.tv, NOON, known, snapshot)
        assert snapshot.timeline.entries == day.check().entries
    assert [(entry.start_tick, entry.asset_id) for entry in day.laid()] == was, "the clips take their turns as before"


def test_the_database_refuses_numbers_that_do_not_go_on(day: Air) -> None:
    last = Entry.objects.filter(service=day.tv).order_by("id").last()
    middle = day.laid()[500]
    row = {"service": day.tv, "entry": last.pk, "segments": 1, "breaks": 0}
    with pytest.raises(DatabaseError, match="not on from entry"), transaction.atomic():
        Renumbering.objects.create(tick=middle.start_tick, **row)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match="freeze horizon"), transaction.atomic():
        Renumbering.objects.create(tick=day.time.tick - 10**9, **row)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        made = Renumbering.objects.create(tick=last.end_tick + 5, **row)
        made.delete()


def test_what_was_taken_out_and_killed_since_does_not_come_back(day: Air) -> None:
    taken = next(entry for entry in day.laid() if entry.start_tick >= LATER)
    clip = day.make(50, "one-off")
    actions.insert(day.operator, day.tv, start=taken.start_tick, asset=clip.pk, hard=True)
    actions.lose(day.system, taken.asset, "There is no blob of that name.")
    actions.undo(day.operator, day.tv)
    found = day.check().at(taken.start_tick).entry
    assert found.asset not in (taken.asset_id, clip.pk)


def test_undo_puts_back_what_stood_even_between_edits_that_joined(day: Air) -> None:
    """Composing it anew would change everything from the other edit on."""
    clips = [day.make(ticks, f"one-off {ticks}") for ticks in (51, 64)]
    actions.insert(day.operator, day.tv, start=LATER, asset=clips[0].pk)
    was = [(entry.start_tick, entry.asset_id) for entry in day.laid()]
    actions.insert(day.operator, day.tv, start=LATER + 3000, asset=clips[1].pk)
    between = rows(day)
    actions.undo(day.operator, day.tv)
    assert [(entry.start_tick, entry.asset_id) for entry in day.laid()] == was
    assert len({number for number, _state, _end in rows(day) ^ between}) <= 24
    actions.redo(day.operator, day.tv)
    assert day.check().at(LATER + 3000).entry.asset == clips[1].pk
