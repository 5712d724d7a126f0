"""Keeps this node's snapshots fresh: told by the database at once, polling besides, and kept when it is away."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final

import psycopg
from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from keshen.air import clock, load
from keshen.air.marks import Mark, marks
from keshen.air.snapshot import Asset, Snapshot

CHANNEL: Final = "keshen_air"
POLL_SECONDS: Final = 5.0
SETTLE_SECONDS: Final = 0.05
"""Notices of one transaction come together: a moment's wait reads once for all of them."""

log = logging.getLogger(__name__)


class Hub:
    """The services of one process. `services` maps slugs to what is known of them."""

    def __init__(self) -> None:
        self.services: dict[str, Snapshot] = {}
        self.detached: str = "starting"
        self.read_at: float = 0.0
        self._known: dict[int, Asset] = {}
        self._marks: dict[int, Mark] = {}
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="keshen-air")
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._ready = asyncio.Event()

    @property
    def ready(self) -> bool:
        """Whether the first reading was tried."""
        return self._ready.is_set()

    async def start(self) -> None:
        """Begin to read and to listen; returns when the first reading was tried."""
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._keep_fresh(), name="keshen-air-read"),
                asyncio.create_task(self._listen(), name="keshen-air-listen"),
            ]
        await self._ready.wait()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        self._tasks = []
        self._reader.shutdown(wait=False, cancel_futures=True)

    async def refresh(self) -> None:
        """Read everything now. What cannot be read stays as it was, and the node says `detached`."""
        try:
            self.services = await self.read(self._read)
            self.detached = ""
            self.read_at = time.monotonic()
        except (DatabaseError, InterfaceError, psycopg.Error, OSError) as error:
            if not self.detached or self.detached == "starting":
                log.warning("the air goes on with what is laid; the database is away: %s", error)
            self.detached = str(error).strip() or type(error).__name__

    async def read[R](self, work: Callable[[], R]) -> R:
        """Run a reading of the database off the event loop, on this hub's one connection."""
        return await asyncio.get_running_loop().run_in_executor(self._reader, _tidily, work)

    def _read(self) -> dict[str, Snapshot]:
        """Every service; one whose mark has not changed stays the object it was."""
        now = clock.tick()
        services = load.services()
        seen = marks(services, now)
        found: dict[str, Snapshot] = {}
        for service in services:
            before = self.services.get(service.slug)
            same = before is not None and self._marks.get(service.pk) == seen[service.pk] and now < before.stale_at
            found[service.slug] = before if before and same else load.snapshot(service, now, self._known, before)
        self._marks = seen
        return found

    async def _keep_fresh(self) -> None:
        while True:
            try:
                await self.refresh()
            except Exception:
                # A reading that fails for another reason must not end the readings to come.
                log.exception("the air could not be read")
                self.detached = "the air could not be read; see the log"
            self._ready.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
                await asyncio.sleep(SETTLE_SECONDS)
            self._wake.clear()

    async def _listen(self) -> None:
        while True:
            with suppress(psycopg.Error, OSError):
                async with await psycopg.AsyncConnection.connect(**_parameters(), autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._wake.set()
                    async for _notice in connection.notifies():
                        self._wake.set()
            await asyncio.sleep(1)


def _tidily[R](work: Callable[[], R]) -> R:
    close_old_connections()
    try:
        return work()
    except (DatabaseError, InterfaceError):
        connections["default"].close()
        raise


def _parameters() -> dict[str, Any]:
    parameters: dict[str, Any] = connections["default"].get_connection_params()
    return {key: value for key, value in parameters.items() if key not in {"cursor_factory", "context", "pool"}}
