"""The pump: sends what waits to clients that want it pushed, each by itself, over connections that stay open.

Any number of pumps may run: a lease says who serves which client. It sleeps until the database notifies it, and looks
by itself every second, which also finds what is due after a wait and what a dead pump left behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import socket
import time
from collections.abc import Coroutine
from typing import Any

import httpx
import psycopg
from django.db import connections
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from keshen.house import outgoing
from keshen.wire import leases, outbox
from keshen.wire.actions import CHANNEL
from keshen.wire.leases import LEASE_SECONDS, Lease
from keshen.wire.outbox import Answer, Parcel
from keshen.wire.signing import sign

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
SEND_TIMEOUT = httpx.Timeout(10.0, connect=5.0)
TOTAL_SECONDS = 20.0
READ_BYTES = 2000
CLIENTS_AT_ONCE = 500
DATABASE_CONNECTIONS = 6
LOST = (psycopg.OperationalError, PoolTimeout, OSError)


def database_parameters() -> dict[str, Any]:
    """Django's connection settings as psycopg takes them."""
    parameters = dict(connections["default"].get_connection_params())
    for key in ("cursor_factory", "context", "pool", "prepare_threshold"):
        parameters.pop(key, None)
    return parameters


class Pump:
    """One pump. `lease_seconds` is how long a client waits for another pump when this one dies."""

    def __init__(self, *, lease_seconds: float = LEASE_SECONDS, timeout: httpx.Timeout = SEND_TIMEOUT) -> None:
        self.owner = f"{socket.gethostname()}:{os.getpid()}"
        self._lease_seconds = lease_seconds
        self._client = outgoing.async_client(timeout=timeout)
        self._pool = AsyncConnectionPool(
            kwargs={**database_parameters(), "autocommit": True},
            min_size=1,
            max_size=DATABASE_CONNECTIONS,
            open=False,
            check=AsyncConnectionPool.check_connection,
        )
        self._held: dict[Lease, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._chance = random.Random()

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set; what is being sent then is finished first."""
        async with self._pool, self._client:
            helpers = [asyncio.create_task(self._listen()), asyncio.create_task(self._renew())]
            try:
                while not stop.is_set():
                    self._wake.clear()
                    await self._look()
                    await _first(self._wake.wait(), stop.wait(), seconds=LOOK_SECONDS)
                await asyncio.gather(*self._held.values(), return_exceptions=True)
            finally:
                for task in (*helpers, *self._held.values()):
                    task.cancel()
                await asyncio.gather(*helpers, *self._held.values(), return_exceptions=True)

    async def drain(self) -> None:
        """Send what is due now, then end: for tests and benchmarks."""
        async with self._pool, self._client:
            renewing = asyncio.create_task(self._renew())
            try:
                while await self._look() or self._held:
                    await asyncio.gather(*self._held.values())
            finally:
                renewing.cancel()

    async def _look(self) -> int:
        """Lease the clients that have something due, and serve each in a task of its own."""
        room = CLIENTS_AT_ONCE - len(self._held)
        if room <= 0:
            return 0
        try:
            async with self._pool.connection() as connection:
                found = await leases.claim(connection, self.owner, room, self._lease_seconds)
        except LOST as problem:
            log.warning("the pump lost the database and looks again: %s", problem)
            return 0
        for lease in found:
            task = asyncio.create_task(self._serve(lease), name=f"wire-{lease.subscriber}")
            self._held[lease] = task
            task.add_done_callback(lambda _, lease=lease: self._held.pop(lease, None))
        return len(found)

    async def _serve(self, lease: Lease) -> None:
        """Send to one client, one item after the other, until nothing is due or the lease is lost."""
        try:
            while parcel := await self._take(lease):
                answer = await self._send(parcel)
                async with self._pool.connection() as connection:
                    if not await outbox.settle(connection, parcel, answer, self._chance):
                        log.warning("another pump serves %s now; its writes count", parcel.slug)
                        return
            async with self._pool.connection() as connection:
                await leases.release(connection, lease)
            # something may have been lined up between the last look and the release
            self._wake.set()
        except LOST as problem:
            log.warning("serving subscriber %d stopped and will be taken up again: %s", lease.subscriber, problem)
        except Exception:
            log.exception("serving subscriber %d failed; it waits for its lease to end", lease.subscriber)

    async def _take(self, lease: Lease) -> Parcel | None:
        async with self._pool.connection() as connection:
            return await outbox.take(connection, lease)

    async def _send(self, parcel: Parcel) -> Answer:
        """One push. Whatever happens on the network is an answer, never an exception."""
        timestamp = int(time.time())
        headers = {
            "Content-Type": parcel.media_type,
            "User-Agent": "Keshen-Wire/1",
            "Idempotency-Key": parcel.message_id,
            "Webhook-Id": parcel.message_id,
            "Webhook-Timestamp": str(timestamp),
            "Webhook-Signature": sign(parcel.secret, parcel.message_id, timestamp, parcel.body),
            "Keshen-Sequence": str(parcel.sequence),
            "Keshen-Attempt": str(parcel.attempt),
            "Keshen-Item": parcel.urn,
            "Keshen-Status": parcel.status,
        }
        try:
            async with (
                asyncio.timeout(TOTAL_SECONDS),
                self._client.stream("POST", parcel.url, content=parcel.body, headers=headers) as response,
            ):
                tail = await _beginning(response)
                return Answer(
                    response.status_code,
                    tail,
                    response.headers.get("Retry-After", ""),
                    response.headers.get("Location", ""),
                )
        except TimeoutError:
            return Answer(0, f"no answer within {TOTAL_SECONDS:.0f} s")
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            return Answer(0, f"{type(problem).__name__}: {problem}")

    async def _renew(self) -> None:
        """Extend the leases held; a client whose lease was lost is left at once."""
        while True:
            await asyncio.sleep(self._lease_seconds * leases.RENEW_SECONDS / LEASE_SECONDS)
            held = dict(self._held)
            if not held:
                continue
            try:
                async with self._pool.connection() as connection:
                    still = await leases.renew(connection, held, self._lease_seconds)
            except LOST as problem:
                log.warning("the pump lost the database while renewing its leases: %s", problem)
                continue
            for lease, task in held.items():
                if lease.subscriber not in still:
                    task.cancel()

    async def _listen(self) -> None:
        """Wake when deliveries were lined up. Without the database the timer alone wakes."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    **database_parameters(),
                    autocommit=True,
                ) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    async for _note in connection.notifies():
                        self._wake.set()
            except LOST as problem:
                log.warning("the pump cannot hear the database, trying again: %s", problem)
            await asyncio.sleep(LOOK_SECONDS)


async def _beginning(response: httpx.Response) -> str:
    """The first words of the client's answer; one read to its end leaves the connection open."""
    read = bytearray()
    # raw bytes: a compressed bomb stays as small as it came
    async for chunk in response.aiter_raw(READ_BYTES):
        read += chunk
        if len(read) >= READ_BYTES:
            break
    return read[:READ_BYTES].decode("utf-8", "replace").replace("\x00", "")


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

    async def serve() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        with contextlib.suppress(asyncio.CancelledError):
            await Pump().run(stop)

    asyncio.run(serve())
