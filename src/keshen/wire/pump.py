"""The pump: sends what waits to clients that want it sent, each by itself, by whatever channel they chose.

Any number of pumps may run: a lease says who serves which client. It sleeps until the database notifies it, and looks
by itself every second, which also finds what is due after a wait and what a dead pump left behind.

A pump cut off from its database neither waits for ever nor makes others wait: each use of the database is bounded
here, and a transaction that the other end hears nothing more of is ended there.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import resource
import socket
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from django.db import connections
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from keshen.wire import leases, outbox
from keshen.wire.actions import CHANNEL
from keshen.wire.channels.base import Answer, Parcel, Sender
from keshen.wire.channels.registry import CHANNELS
from keshen.wire.leases import LEASE_SECONDS, Lease
from keshen.wire.outbox import Next, Turn
from keshen.wire.rounds import LOST, Rounds
from keshen.wire.verdicts import Verdict, asked_for

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
SEND_SECONDS = 10.0
TOTAL_SECONDS = 20.0
CLIENTS_AT_ONCE = 2000
FAILING_AT_ONCE = CLIENTS_AT_ONCE // 2
"""Clients that did not take their last item get at most so many places: they never crowd out those that do."""
STARTING_AT_ONCE = 64
"""Clients claimed and not yet sent to: as many as can be begun while their leases last; the rest is for other pumps."""
DATABASE_CONNECTIONS = 6
DATABASE_SECONDS = 5.0
WAIT_SECONDS = 15.0
FORGOTTEN_SECONDS = 5
ATTENTIVE = {"connect_timeout": 5, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}


def database_parameters() -> dict[str, Any]:
    """Django's connection settings as psycopg takes them, attentive to a connection that fell silent."""
    parameters = dict(connections["default"].get_connection_params())
    for key in ("cursor_factory", "context", "pool", "prepare_threshold"):
        parameters.pop(key, None)
    return {**ATTENTIVE, "tcp_user_timeout": 10_000, **parameters}


async def _bounded(connection: AsyncConnection) -> None:
    """A pump that vanishes inside a transaction holds a client's row no longer than this."""
    await connection.execute(f"SET idle_in_transaction_session_timeout = '{FORGOTTEN_SECONDS}s'")
    await connection.execute(f"SET statement_timeout = '{DATABASE_SECONDS:.0f}s'")


def _pool(most: int) -> AsyncConnectionPool:
    return AsyncConnectionPool(
        kwargs={**database_parameters(), "autocommit": True},
        min_size=1,
        max_size=most,
        open=False,
        configure=_bounded,
        check=AsyncConnectionPool.check_connection,
    )


class Pump:
    """One pump. `lease_seconds` is how long a client waits for another pump when this one dies; `send_seconds` how
    long a client may take over an answer."""

    def __init__(self, *, lease_seconds: float = LEASE_SECONDS, send_seconds: float = SEND_SECONDS) -> None:
        self.owner = f"{socket.gethostname()}:{os.getpid()}"
        self._lease_seconds = lease_seconds
        self._send_seconds = send_seconds
        self._pool = _pool(DATABASE_CONNECTIONS)
        # leases are kept on a connection of their own: however busy the others are, what is ours stays ours
        self._keeping = _pool(1)
        self._rounds = Rounds(self._database)
        self._senders: dict[str, Sender] = {}
        self._held: dict[Lease, asyncio.Task[None]] = {}
        self._failing: set[Lease] = set()
        self._asked: dict[int, datetime] = {}
        """Until when subscribers that said so want nothing; kept until it is written down, whoever has the lease."""
        self._starting: set[Lease] = set()
        self._wake = asyncio.Event()
        self._stopping = False
        self._chance = random.Random()

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set; what is being sent then is finished first."""
        async with self._open():
            helpers = [asyncio.create_task(self._listen()), asyncio.create_task(self._renew())]
            try:
                while not stop.is_set():
                    self._wake.clear()
                    await self._look()
                    await _first(self._wake.wait(), stop.wait(), seconds=LOOK_SECONDS)
                self._stopping = True
                await asyncio.gather(*self._held.values(), return_exceptions=True)
            finally:
                for task in (*helpers, *self._held.values()):
                    task.cancel()
                await asyncio.gather(*helpers, *self._held.values(), return_exceptions=True)

    async def drain(self) -> None:
        """Send what is due now, then end: for tests and benchmarks."""
        async with self._open():
            renewing = asyncio.create_task(self._renew())
            try:
                while await self._look() or self._held:
                    await _first(self._wake.wait(), seconds=LOOK_SECONDS)
                    self._wake.clear()
            finally:
                renewing.cancel()

    @contextlib.asynccontextmanager
    async def _open(self) -> AsyncIterator[None]:
        async with self._pool, self._keeping:
            try:
                yield
            finally:
                for sender in self._senders.values():
                    await sender.close()

    @contextlib.asynccontextmanager
    async def _database(self, pool: AsyncConnectionPool | None = None) -> AsyncIterator[AsyncConnection]:
        """A connection for one short use, waited for as long as a busy pump may have to. Raises one of LOST; after a
        use that took too long none of the connections there are is trusted."""
        pool = pool or self._pool
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(WAIT_SECONDS) as limit, pool.connection(WAIT_SECONDS) as connection:
                limit.reschedule(loop.time() + DATABASE_SECONDS)
                yield connection
        except TimeoutError:
            await pool.drain()
            raise

    async def _look(self) -> int:
        """Lease the clients that have something due, and serve each in a task of its own."""
        found: list[Lease] = []
        try:
            for well in (True, False):
                room = CLIENTS_AT_ONCE - len(self._held)
                room = room if well else min(room, FAILING_AT_ONCE - len(self._failing))
                room = min(room, STARTING_AT_ONCE - len(self._starting))
                if room <= 0:
                    continue
                async with self._database(self._keeping) as connection:
                    claimed = await leases.claim(connection, self.owner, room, self._lease_seconds, well=well)
                self._starting.update(claimed)
                if not well:
                    self._failing.update(claimed)
                for lease in claimed:
                    task = asyncio.create_task(self._serve(lease), name=f"wire-{lease.subscriber}")
                    self._held[lease] = task
                    task.add_done_callback(lambda _, lease=lease: self._let_go(lease))
                found += claimed
        except LOST as problem:
            log.warning("the pump lost the database and looks again: %r", problem)
        return len(found)

    def _let_go(self, lease: Lease) -> None:
        self._held.pop(lease, None)
        self._failing.discard(lease)
        self._started(lease)
        # something may have been lined up between its last look and the release
        self._wake.set()

    def _started(self, lease: Lease) -> None:
        """Its first turn is over; when others waited for that, they are claimed now."""
        if len(self._starting) >= STARTING_AT_ONCE:
            self._wake.set()
        self._starting.discard(lease)

    async def _serve(self, lease: Lease) -> None:
        """Send to one client, one item after the other, until nothing is due or the lease is lost."""
        try:
            await self._heed(lease)
            following = await self._rounds.turn(Turn(lease, goes_on=not self._stopping))
            self._started(lease)
            while following.parcel is not None:
                answer = await self._send(following.parcel)
                self._hear(lease, answer)
                following = await self._go_on(lease, following.parcel, answer)
            if not following.held:
                log.warning("another pump serves subscriber %d now; its writes count", lease.subscriber)
        except LOST as problem:
            log.warning("serving subscriber %d stopped and will be taken up again: %r", lease.subscriber, problem)
        except Exception:
            log.exception("serving subscriber %d failed; it waits for its lease to end", lease.subscriber)

    async def _go_on(self, lease: Lease, parcel: Parcel, answer: Answer) -> Next:
        """Write down what the client said, and take what is next. While the database is away it is tried for as long
        as the lease may be ours."""
        deadline = asyncio.get_running_loop().time() + self._lease_seconds
        turn = Turn(lease, parcel, answer)
        while True:
            try:
                if turn.took and outbox.verdict_of(answer) is not Verdict.DELIVERED:
                    async with self._database() as connection:
                        if not await outbox.refused(connection, lease, parcel, answer, self._chance):
                            return Next(False)
                    self._asked.pop(lease.subscriber, None)
                    turn = Turn(lease)
                return await self._rounds.turn(replace(turn, goes_on=not self._stopping))
            except LOST:
                if asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(self._chance.uniform(0.1, 0.5))

    def _hear(self, lease: Lease, answer: Answer) -> None:
        """Keep in mind for how long the client wants to be left alone."""
        now = datetime.now(UTC)
        seconds = asked_for(answer.retry_after, now) if outbox.verdict_of(answer) is Verdict.LATER else None
        if seconds:
            self._asked[lease.subscriber] = now + timedelta(seconds=seconds)

    async def _heed(self, lease: Lease) -> None:
        """Write down first what the client said when the lease was lost before it could be."""
        until = self._asked.get(lease.subscriber)
        if until is not None:
            if until > datetime.now(UTC):
                async with self._database() as connection:
                    await outbox.asked_to_wait(connection, lease, until)
            self._asked.pop(lease.subscriber, None)

    async def _send(self, parcel: Parcel) -> Answer:
        """One try by the client's channel. Whatever happens on the way is an answer, never an exception."""
        sender = self._senders.get(parcel.channel)
        if sender is None:
            sender = self._senders[parcel.channel] = CHANNELS[parcel.channel].open(self._send_seconds)
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                return await sender.send(parcel)
        except TimeoutError:
            return Answer(0, f"no answer within {TOTAL_SECONDS:.0f} s")
        except Exception as problem:
            log.exception("sending %s failed in a way nobody thought of", parcel.message_id)
            return Answer(0, f"{type(problem).__name__}: {problem}")

    async def _renew(self) -> None:
        """Extend the leases held; a client whose lease was lost is left at once."""
        while True:
            await asyncio.sleep(self._lease_seconds * leases.RENEW_SECONDS / LEASE_SECONDS)
            held = dict(self._held)
            if not held:
                continue
            try:
                async with self._database(self._keeping) as connection:
                    still = await leases.renew(connection, held, self._lease_seconds)
            except LOST as problem:
                log.warning("the pump lost the database while renewing its leases: %r", problem)
                continue
            for lease, task in held.items():
                if lease.subscriber not in still:
                    task.cancel()

    async def _listen(self) -> None:
        """Wake when deliveries were lined up. Without the database the timer alone wakes."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    **database_parameters(), autocommit=True
                ) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    async for _note in connection.notifies():
                        self._wake.set()
            except LOST as problem:
                log.warning("the pump cannot hear the database, trying again: %r", problem)
            await asyncio.sleep(LOOK_SECONDS)


async def _first(*waits: Coroutine[Any, Any, Any], seconds: float) -> None:
    """Wait for the first of these, at most `seconds`."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


def run() -> None:
    """Pump until SIGINT or SIGTERM."""
    import signal

    # each client may have a connection of its own
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    async def serve() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        with contextlib.suppress(asyncio.CancelledError):
            await Pump().run(stop)

    asyncio.run(serve())
