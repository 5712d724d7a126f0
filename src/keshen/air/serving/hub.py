"""Keeps this node's snapshots fresh: told by the database at once, polling besides, and kept when it is away."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final

import psycopg
from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from keshen.air import clock
from keshen.air.serving import load, marks
from keshen.air.serving.marks import Mark
from keshen.air.serving.snapshot import Asset, Snapshot

CHANNEL: Final = "keshen_air"
POLL_SECONDS: Final = 5.0
SETTLE_SECONDS: Final = 0.05
"""Notices of one transaction come together: a moment's wait reads once for all of them."""

TURN: Final = 250
"""How many services a look takes in besides those it was told of: what was missed is found within some looks."""

EVERYTHING: Final = "all"
"""The notice of what is no single service's."""

log = logging.getLogger(__name__)


class Hub:
    """The services of one process. `services` maps slugs to what is known of them."""

    def __init__(self) -> None:
        self.services: dict[str, Snapshot] = {}
        self.detached: str = "starting"
        self.read_at: float = 0.0
        self._known: dict[int, Asset] = {}
        self._marks: dict[int, Mark] = {}
        self._common: Mark = ()
        self._house: load.Shared | None = None
        self._told: set[str] = {EVERYTHING}
        self._turn = 0
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
        told, self._told = self._told, set()
        try:
            self.services = await self.read(lambda: self._read(told))
            self.detached = ""
            self.read_at = time.monotonic()
        except (DatabaseError, InterfaceError, psycopg.Error, OSError) as error:
            if not self.detached or self.detached == "starting":
                log.warning("the air goes on with what is laid; the database is away: %s", error)
            self.detached = str(error).strip() or type(error).__name__
            self._ask_again(told)
        except BaseException:
            self._ask_again(told)
            raise

    def _ask_again(self, told: set[str]) -> None:
        """A reading that failed half-way is made again: of what it was told, and of what is common to all."""
        self._told |= told
        self._common = ()

    async def read[R](self, work: Callable[[], R]) -> R:
        """Run a reading of the database off the event loop, on this hub's one connection."""
        return await asyncio.get_running_loop().run_in_executor(self._reader, _tidily, work)

    def _read(self, told: set[str]) -> dict[str, Snapshot]:
        """Every service. What was `told` of, is new or whose turn it is, is looked at; what has changed, is read."""
        now = clock.tick()
        slugs = load.slugs()
        known = {snapshot.service: snapshot for snapshot in self.services.values()}
        touched = self._touched(known) & slugs.keys()
        asked = set(slugs) if EVERYTHING in told else {int(one) for one in told} & slugs.keys()
        stale = {number for number, snapshot in known.items() if now >= snapshot.stale_at} & slugs.keys()
        asked |= (slugs.keys() - known.keys()) | touched | stale | self._whose_turn(list(slugs))
        services = load.services(asked)
        seen = marks.marks(services, now)
        found = {slug: known[number] for number, slug in slugs.items() if number in known}
        for service in services:
            before = known.get(service.pk)
            if before is None or service.pk in touched | stale or self._marks.get(service.pk) != seen[service.pk]:
                found[service.slug] = load.snapshot(service, now, self._known, before, self._house)
        self._marks = {number: mark for number, mark in (self._marks | seen).items() if number in slugs}
        return {slug: found[slug] for slug in slugs.values() if slug in found}

    def _touched(self, known: Mapping[int, Snapshot]) -> set[int]:
        """The services that a change of what is common to all concerns: those that have to do with it."""
        common = marks.common()
        if common == self._common:
            return set()
        before, self._house = self._house, load.shared(self._known)
        only_incidents = before is not None and self._common[1:] == common[1:]
        self._common = common
        if before is None or not only_incidents:
            return set(known)
        subjects = {subject for _kind, _service, subject, _tick in {*before.incidents} ^ {*self._house.incidents}}
        return {number for number, snapshot in known.items() if snapshot.mentions(subjects)}

    def _whose_turn(self, numbers: list[int]) -> set[int]:
        """The next of all services, so that each is looked at in time, even when nothing was told of it."""
        turn = numbers[self._turn : self._turn + TURN]
        self._turn = self._turn + TURN if self._turn + TURN < len(numbers) else 0
        return set(turn)

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
                    self._tell(EVERYTHING)
                    async for notice in connection.notifies():
                        self._tell(notice.payload)
            await asyncio.sleep(1)

    def _tell(self, payload: str) -> None:
        """Look soon at a service, by its number, or at everything."""
        self._told.add(payload if payload.isdigit() else EVERYTHING)
        self._wake.set()


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
