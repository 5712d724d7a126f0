"""The log is written with what it tells of, and nobody can change it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from keshen.house.events import events_after, record, subscribe
from keshen.house.models import Event, Organisation, User
from tests.waiting import until

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    house = Organisation.objects.create(slug="house", kind="house", name={"kk": "Кешен"})
    return User.objects.create(username="somebody", organisation=house, roles=["editor"])


@pytest.mark.parametrize(
    "statement",
    ["UPDATE house_event SET reason = 'other'", "DELETE FROM house_event", "TRUNCATE house_event CASCADE"],
)
def test_the_database_refuses_to_change_the_log(person, statement):
    with transaction.atomic():
        record(person, "thing.done", "urn:x")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or TRUNCATE is refused for foreign keys still to be checked
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Event.objects.get().reason == ""


def test_an_event_says_who_what_and_when(person):
    with transaction.atomic():
        record(person, "thing.done", "urn:x", before={"a": 1}, after={"a": 2}, reason="because")
    event = Event.objects.get()
    assert (event.actor, event.kind, event.subject, event.before, event.after, event.reason) == (
        person,
        "thing.done",
        "urn:x",
        {"a": 1},
        {"a": 2},
        "because",
    )
    assert event.at and event.xid > 0


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_an_action_is_refused(person):
    with pytest.raises(RuntimeError, match="outside an action"):
        record(person, "thing.done", "urn:x")
    assert not Event.objects.exists()


def test_a_subscriber_hears_of_it_in_the_same_transaction(person):
    heard = []
    subscribe("test.heard")(heard.append)
    with transaction.atomic():
        event = record(person, "test.heard", "urn:x")
        assert heard == [event]


@pytest.mark.django_db(transaction=True)
def test_a_reader_never_skips_a_row_that_commits_late(person):
    """A transaction that began first and commits last must not fall behind the reader's mark."""
    with transaction.atomic():
        record(person, "thing.first", "urn:x")
    late = connection.copy()
    try:
        with transaction.atomic():
            record(person, "thing.late", "urn:x")
            late.ensure_connection()
            with late.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO house_event (kind, subject, actor_id, reason) VALUES ('thing.early', 'urn:x', %s, '')",
                    [person.pk],
                )

                def settled() -> list[str]:
                    cursor.execute(
                        "SELECT kind FROM house_event WHERE id > 0 AND xid < "
                        "(pg_snapshot_xmin(pg_current_snapshot())::text)::bigint ORDER BY id"
                    )
                    return [row[0] for row in cursor.fetchall()]

                # a transaction of anybody on this server that began before holds them back, whatever it writes to
                until(settled, "the first event settled")
                assert settled() == ["thing.first"]
    finally:
        late.close()
    until(lambda: len(events_after(0)) == 3, "the events settled")
    assert [event.kind for event in events_after(0)] == ["thing.first", "thing.late", "thing.early"]
