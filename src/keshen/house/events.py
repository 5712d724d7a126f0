"""The event log: every change is recorded in its own transaction, and subscribers defer their jobs in it too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection

from keshen.house.models import Event, Organisation, User

type Handler = Callable[[Event], None]
_subscriptions: dict[str, list[Handler]] = defaultdict(list)


def subscribe(*kinds: str) -> Callable[[Handler], Handler]:
    """Call the handler when an event of one of `kinds` is recorded, in the same transaction.

    A handler only defers jobs: work it did itself would be lost or done twice with the transaction.
    """

    def register(handler: Handler) -> Handler:
        for kind in kinds:
            _subscriptions[kind].append(handler)
        return handler

    return register


def record(
    actor: User,
    kind: str,
    subject: str,
    *,
    organisation: Organisation | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> Event:
    """Append what `actor` did to `subject` (a URN). Raises RuntimeError outside an action's transaction."""
    event = Event(
        actor=actor, kind=kind, subject=subject, organisation=organisation, before=before, after=after, reason=reason
    )
    return record_all([event])[0]


def record_all(events: Iterable[Event]) -> list[Event]:
    """Append what was done together, in one statement. Raises RuntimeError outside an action's transaction."""
    made = list(events)
    if made and not connection.in_atomic_block:
        kinds = ", ".join(sorted({event.kind for event in made}))
        raise RuntimeError(f"{kinds} recorded outside an action: what changed and its event must commit together")
    Event.objects.bulk_create(made)
    for event in made:
        for handler in _subscriptions[event.kind]:
            handler(event)
    return made


def mark() -> int:
    """A point in the log to go on from: everything by transactions below it can be seen now, and later too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint")
        return int(cursor.fetchone()[0])


def events_since(point: int, limit: int) -> list[Event]:
    """Events that may not have been seen yet at `point` (a `mark`), in order. Some may have been: better twice."""
    return list(Event.objects.filter(xid__gte=point).select_related("actor").order_by("xid", "id")[:limit])


def events_after(last_id: int, limit: int = 500) -> list[Event]:
    """Events that follow `last_id`, in order, only those that no open transaction can still slip in before."""
    settled = "xid < (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint"
    return list(Event.objects.filter(id__gt=last_id).extra(where=[settled]).order_by("id")[:limit])
