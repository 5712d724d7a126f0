"""Live updates for open screens: one LISTEN a process, fanned out to every stream of server-sent events.

Three channels of the database are heard. `keshen_event` carries the id of a recorded event, `keshen_job` that of a job
that moved; `keshen_presence` says who reads or edits what, and is kept in memory only. Streams that fall behind are
told to load afresh, never blocked upon.

A page carries a mark of the log, taken before anything of it was read (`events.mark`); its stream begins with what
happened since, so that nothing falls between the two.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from keshen.house.events import events_since
from keshen.house.models import Event, Job, User

EVENTS = "keshen_event"
JOBS = "keshen_job"
PRESENCE = "keshen_presence"
PRESENCE_SECONDS = 25.0
HEARTBEAT_SECONDS = 15.0
BACKLOG = 500

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to tell screens: those of `organisation` and of the house itself; all, when it is for `everybody`."""

    kind: str
    data: dict[str, Any]
    organisation: int | None = None
    everybody: bool = False

    def line(self) -> str:
        """The message as a server-sent event (HTML Living Standard, 9.2)."""
        return f"event: {self.kind}\ndata: {json.dumps(self.data, ensure_ascii=False)}\n\n"


LOST = Message("lost", {}, everybody=True)


@dataclass(slots=True)
class Seen:
    """Somebody is at a subject until `until` (monotonic seconds)."""

    name: str
    mode: str
    until: float


@dataclass(eq=False, slots=True)
class Subscriber:
    """One open screen: what waits to be sent to it, and how much it may know."""

    organisation: int
    sees_all: bool
    queue: asyncio.Queue[Message] = field(default_factory=lambda: asyncio.Queue(BACKLOG))

    def tell(self, message: Message) -> None:
        if not (self.sees_all or message.everybody or message.organisation == self.organisation):
            return
        try:
            self.queue.put_nowait(message)
        except asyncio.QueueFull:
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(LOST)


class Hub:
    """The listener of one event loop, started by its first subscriber."""

    def __init__(self) -> None:
        self._subscribers: set[Subscriber] = set()
        self._listener: asyncio.Task[None] | None = None
        self._hears = asyncio.Event()
        self._present: dict[str, dict[str, Seen]] = {}

    async def stream(self, user: User, since: int | None = None) -> AsyncIterator[str]:
        """Server-sent events for `user` until the client goes away; first what happened after the mark `since`."""
        subscriber = Subscriber(user.organisation_id, user.is_of_the_house)
        self._subscribers.add(subscriber)
        if self._listener is None or self._listener.done():
            # in a context of its own: it outlives the request that happened to be the first
            self._listener = asyncio.create_task(self._listen(), name="keshen-live", context=Context())
        try:
            yield "retry: 2000\n\n"
            if subscriber.sees_all:
                yield self._presence_message().line()
            if since is not None:
                # what comes from now on is heard; what was missed before is looked up, and may be told twice
                while not await self._hears_within(HEARTBEAT_SECONDS):
                    yield ": still here\n\n"
                for message in await sync_to_async(_missed)(since):
                    subscriber.tell(message)
            while True:
                try:
                    message = await asyncio.wait_for(subscriber.queue.get(), HEARTBEAT_SECONDS)
                    yield message.line()
                except TimeoutError:
                    yield ": still here\n\n"
        finally:
            self._subscribers.discard(subscriber)
            if not self._subscribers and self._listener:
                self._listener.cancel()
                self._listener = None

    async def _hears_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._hears.wait(), seconds)
        return self._hears.is_set()

    def _tell(self, message: Message) -> None:
        for subscriber in tuple(self._subscribers):
            subscriber.tell(message)

    async def _listen(self) -> None:
        """Hear the database for as long as anybody is here; after a lost connection all screens load afresh."""
        wait = 0.5
        while True:
            try:
                parameters = connections["default"].get_connection_params()
                for key in ("cursor_factory", "context", "pool"):
                    parameters.pop(key, None)
                connection = await psycopg.AsyncConnection.connect(**parameters, autocommit=True)
                async with connection:
                    for channel in (EVENTS, JOBS, PRESENCE):
                        await connection.execute(f"LISTEN {channel}")
                    if wait > 0.5:
                        self._tell(LOST)
                    wait = 0.5
                    self._hears.set()
                    async for note in connection.notifies():
                        await self._hear(note.channel, note.payload)
            except (psycopg.Error, DatabaseError, InterfaceError, OSError) as problem:
                log.warning("live updates lost the database, trying again in %.1f s: %s", wait, problem)
            finally:
                self._hears.clear()
            await asyncio.sleep(wait)
            wait = min(wait * 2, 10.0)

    async def _hear(self, channel: str, payload: str) -> None:
        if channel == PRESENCE:
            said = json.loads(payload)
            people = self._present.setdefault(said["subject"], {})
            if said["mode"] == "gone":
                people.pop(said["who"], None)
            else:
                people[said["who"]] = Seen(said["name"], said["mode"], time.monotonic() + PRESENCE_SECONDS)
            self._tell(self._presence_message())
            return
        if channel == JOBS:
            self._tell(Message("job", {"id": int(payload)}, everybody=True))
            return
        event = await sync_to_async(_event)(int(payload))
        if event is not None:
            self._tell(_change(event))

    def _presence_message(self) -> Message:
        now = time.monotonic()
        present: dict[str, list[dict[str, str]]] = {}
        for subject, people in list(self._present.items()):
            for who in [who for who, seen in people.items() if seen.until < now]:
                del people[who]
            if people:
                present[subject] = [{"who": who, "name": s.name, "mode": s.mode} for who, s in people.items()]
            else:
                del self._present[subject]
        return Message("presence", {"subjects": present})


def _change(event: Event) -> Message:
    said = {
        "id": event.pk,
        "kind": event.kind,
        "subject": event.subject,
        "actor": event.actor.username,
        "at": event.at.isoformat(),
    }
    return Message("change", said, event.organisation_id)


_MOVED = f"SELECT max(id) FROM {Job._meta.db_table} WHERE age(xmin) <= age(%s::xid8::xid)"


def _missed(since: int) -> list[Message]:
    """What a screen whose page was made at the mark `since` has not heard: changes, and that jobs moved.

    Jobs have no log. The row itself knows the transaction that wrote it last (`xmin`).
    """
    close_old_connections()
    try:
        events = events_since(since, BACKLOG)
        if len(events) == BACKLOG:
            return [LOST]
        with connections["default"].cursor() as cursor:
            cursor.execute(_MOVED, [str(since)])
            [moved] = cursor.fetchone()
        jobs = [] if moved is None else [Message("job", {"id": moved}, everybody=True)]
        return [*map(_change, events), *jobs]
    finally:
        connections["default"].close()  # the stream lasts for hours, and needs none


def _event(pk: int) -> Event | None:
    close_old_connections()
    return Event.objects.select_related("actor").filter(pk=pk).first()


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


def say_present(user: User, subject: str, mode: str) -> None:
    """Tell every process that `user` is at `subject`; mode is `read`, `edit` or `gone`. Screens say it every 10 s."""
    payload = json.dumps({"subject": subject, "who": user.username, "name": str(user), "mode": mode})
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [PRESENCE, payload])
