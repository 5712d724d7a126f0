"""Many clients' turns in one transaction: whoever comes while one is under way goes with the next.

So what a delivery costs falls as the load rises, and a client that is alone waits for nobody.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import PoolClosed, PoolTimeout

from keshen.wire.outbox import Next, Outbox, Turn

log = logging.getLogger(__name__)

LOST = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError, PoolTimeout, PoolClosed, OSError)
"""What it looks like when the database is away, or answers too late."""
AT_ONCE = 2
MOST = 64
"""Turns of one transaction: it holds all their rows for as long as it lasts."""

type Database = Callable[[], AbstractAsyncContextManager[AsyncConnection]]
type Waiting = tuple[Turn, asyncio.Future[Next]]


class Rounds:
    """Takes turns as they come; `database` gives a connection for one short use."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._outbox = Outbox()
        self._waiting: list[Waiting] = []
        self._running: set[asyncio.Task[None]] = set()
        self._alone: set[asyncio.Task[None]] = set()

    async def turn(self, turn: Turn) -> Next:
        """Have it written down and taken. Raises what the database raised."""
        future: asyncio.Future[Next] = asyncio.get_running_loop().create_future()
        self._waiting.append((turn, future))
        if len(self._running) < AT_ONCE:
            self._start(self._running, self._run())
        return await future

    def _start(self, among: set[asyncio.Task[None]], work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work, name="wire-round")
        among.add(task)
        task.add_done_callback(among.discard)

    async def _run(self) -> None:
        await asyncio.sleep(0)  # others that are ready come along
        while self._waiting:
            together, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            await self._round([each for each in together if not each[1].done()], wait=False)

    async def _round(self, together: list[Waiting], *, wait: bool) -> None:
        if not together:
            return
        try:
            async with self._database() as connection:
                found = await self._outbox.turns(connection, [turn for turn, _future in together], wait=wait)
        except LOST as problem:
            _tell(together, problem)
        except Exception as problem:
            if len(together) == 1:
                _tell(together, problem)
                return
            log.exception("a round of %d turns failed; each is taken alone", len(together))
            self._each(together)
        else:
            # whoever was locked is waited for apart, so that the others go on
            self._each([each for each in together if each[0].lease not in found])
            for turn, future in together:
                if turn.lease in found and not future.done():
                    future.set_result(found[turn.lease])

    def _each(self, turns: list[Waiting]) -> None:
        for each in turns:
            self._start(self._alone, self._round([each], wait=True))


def _tell(turns: list[Waiting], problem: Exception) -> None:
    for _turn, future in turns:
        if not future.done():
            future.set_exception(problem)
