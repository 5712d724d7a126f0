"""Who follows a stream live: one listener a process, which wakes those whose stream grew.

It hears that something was lined up, and looks by itself every two seconds, since what a pump numbers is not announced.
One query serves all followers.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import Context
from weakref import WeakKeyDictionary

import psycopg

from keshen.wire.actions import CHANNEL
from keshen.wire.pump import database_parameters
from keshen.wire.rounds import LOST

LOOK_SECONDS = 2.0
DATABASE_SECONDS = 5.0
MOST_OF_ONE = 20
MOST_OF_ALL = 2000

log = logging.getLogger(__name__)


class Crowded(Exception):
    """So many follow already that one more would be at the cost of the others."""


class Followers:
    """Those of one event loop; the listener runs while there are any."""

    def __init__(self) -> None:
        self._here: Counter[int] = Counter()
        self._numbers: dict[int, int] = {}
        self._grown = asyncio.Condition()
        self._listener: asyncio.Task[None] | None = None

    @contextmanager
    def following(self, subscriber: int, *, most: int = MOST_OF_ONE) -> Iterator[None]:
        """Be counted as a follower of the stream. Raises Crowded beyond `most` of it, or too many in all."""
        if self._here[subscriber] >= most or self._here.total() >= MOST_OF_ALL:
            raise Crowded
        self._here[subscriber] += 1
        if self._listener is None or self._listener.done():
            # in a context of its own: it outlives the request that happened to be the first
            self._listener = asyncio.create_task(self._listen(), name="keshen-wire-followers", context=Context())
        try:
            yield
        finally:
            self._here[subscriber] -= 1
            if not self._here[subscriber]:
                del self._here[subscriber]
                self._numbers.pop(subscriber, None)
            if not self._here and self._listener:
                self._listener.cancel()
                self._listener = None

    async def past(self, subscriber: int, number: int, seconds: float) -> bool:
        """Wait until the stream is past `number`, at most `seconds`; whether it is."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._grown:
                await self._grown.wait_for(lambda: self._numbers.get(subscriber, 0) > number)
        return self._numbers.get(subscriber, 0) > number

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    **database_parameters(), autocommit=True
                ) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    while True:
                        await self._look(connection)
                        async for _note in connection.notifies(timeout=LOOK_SECONDS, stop_after=1):
                            pass
            except LOST as problem:
                log.warning("those who follow the wire lost the database, trying again: %r", problem)
            await asyncio.sleep(1.0)

    async def _look(self, connection: psycopg.AsyncConnection) -> None:
        async with asyncio.timeout(DATABASE_SECONDS):
            found = await connection.execute(
                "SELECT id, last_sequence FROM wire_subscriber WHERE id = ANY(%s)", [list(self._here)]
            )
            numbers = dict(await found.fetchall())
        if numbers != self._numbers:
            self._numbers = numbers
            async with self._grown:
                self._grown.notify_all()


_of_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, Followers] = WeakKeyDictionary()


def followers() -> Followers:
    """Those of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _of_loops:
        _of_loops[loop] = Followers()
    return _of_loops[loop]
