"""A page costs nothing to render twice: finished responses, kept until the site's pulse moves on.

`PageCache` stands before Django as an ASGI application. Views marked with `responses.public` say, in a header that
never leaves the house, at which pulse they began to render. Each process follows the pulse on one connection; a kept
response is given out only while it is the latest and the connection is known to be alive, so that nobody gets a
killed page.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

import psycopg
from django.db import connections

from keshen.site.pulse import CHANNEL, ROW

MARK: Final = b"x-keshen-page"
"""`pulse;seconds;vary`: seconds is how long the page is good at most, or empty; vary is a request header, or empty."""

TRUST_SECONDS: Final = 3.0
HEARTBEAT_SECONDS: Final = 1.0
MAX_BYTES: Final = 96 * 1024 * 1024
RENDERS_AT_ONCE: Final = 16
"""Each holds a connection to a database that gives out a hundred or so; the rest wait their turn."""
ASKS: Final = (b"x-keshen-page-cache", b"1")
"""Tells a view that conditions are answered here."""
CONDITIONAL: Final = (b"etag", b"cache-control", b"vary", b"content-language", b"date")

log = logging.getLogger(__name__)

type Scope = MutableMapping[str, Any]
type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Application = Callable[[Scope, Receive, Send], Awaitable[None]]
type Headers = list[tuple[bytes, bytes]]


class Follower:
    """The pulse as this process knows it, kept by one LISTEN; `number` is None whenever it cannot be trusted."""

    def __init__(self) -> None:
        self._number: int | None = None
        self._heard = 0.0
        self._task: asyncio.Task[None] | None = None

    @property
    def number(self) -> int | None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._follow(), name="keshen-site-pulse")
        return self._number if time.monotonic() - self._heard < TRUST_SECONDS else None

    async def _follow(self) -> None:
        wait = 0.5
        while True:
            try:
                parameters = connections["default"].get_connection_params()
                for key in ("cursor_factory", "context", "pool"):
                    parameters.pop(key, None)
                async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    wait = 0.5
                    while True:
                        await self._read(connection)
                        async for note in connection.notifies(timeout=HEARTBEAT_SECONDS):
                            self._number, self._heard = max(self._number or 0, int(note.payload)), time.monotonic()
            except (psycopg.Error, OSError) as problem:
                self._number = None
                log.warning("the site's pulse is not heard, trying again in %.1f s: %s", wait, problem)
            await asyncio.sleep(wait)
            wait = min(wait * 2, 10.0)

    async def _read(self, connection: psycopg.AsyncConnection[Any]) -> None:
        cursor = await connection.execute("SELECT number FROM site_pulse WHERE id = %s", [ROW])
        row = await cursor.fetchone()
        self._number, self._heard = (int(row[0]) if row else 0), time.monotonic()


@dataclass(slots=True)
class Kept:
    """A finished response: good while the pulse is `pulse` and until `until` (monotonic seconds)."""

    pulse: int
    until: float
    status: int
    headers: Headers
    body: bytes
    etag: bytes


class PageCache:
    """Gives out kept pages, answers conditional requests, and hands everything else to `inner`."""

    def __init__(self, inner: Application, max_bytes: int = MAX_BYTES) -> None:
        self._inner = inner
        self._max_bytes = max_bytes
        self._bytes = 0
        self._pages: OrderedDict[tuple[bytes, ...], Kept] = OrderedDict()
        self._vary: dict[tuple[bytes, bytes], bytes] = {}
        self._followers: WeakKeyDictionary[asyncio.AbstractEventLoop, Follower] = WeakKeyDictionary()
        self._turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._inner(scope, receive, send)
            return
        wanted = dict(scope["headers"])
        address = (scope.get("raw_path") or scope["path"].encode(), scope.get("query_string", b""))
        kept = self._pages.get(self._key(address, wanted, self._vary.get(address, b"")))
        if kept is not None and kept.until > time.monotonic() and kept.pulse == self._follower().number:
            await _answer(kept, wanted, scope["method"], send)
            return
        await self._pass_on(address, wanted, scope, receive, send)

    def _follower(self) -> Follower:
        loop = asyncio.get_running_loop()
        return self._followers.setdefault(loop, Follower())

    def _turn(self) -> asyncio.Semaphore:
        loop = asyncio.get_running_loop()
        return self._turns.setdefault(loop, asyncio.Semaphore(RENDERS_AT_ONCE))

    @staticmethod
    def _key(address: tuple[bytes, bytes], wanted: dict[bytes, bytes], vary: bytes) -> tuple[bytes, ...]:
        encoding = b"gzip" if b"gzip" in wanted.get(b"accept-encoding", b"") else b""
        return (*address, encoding, wanted.get(vary, b"") if vary else b"", wanted.get(b"host", b""))

    async def _pass_on(
        self, address: tuple[bytes, bytes], wanted: dict[bytes, bytes], scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Let `inner` answer. What is not marked as a page is passed through as it comes; a page is kept first."""
        page: Message | None = None
        mark = b""
        body = bytearray()
        turn = self._turn()
        waiting = True

        def done() -> None:
            nonlocal waiting
            if waiting:
                waiting = False
                turn.release()

        async def look(message: Message) -> None:
            nonlocal page, mark
            # what is streamed after the start may last for hours
            done()
            if message["type"] == "http.response.start":
                # Django keeps the letter case a view wrote, though ASGI's names are in lower case
                headers = [(name.lower(), value) for name, value in message["headers"]]
                mark = dict(headers).get(MARK, b"")
                if mark:
                    page = {**message, "headers": headers}
                    return
            if page is None:
                await send(message)
            else:
                body.extend(message.get("body", b""))

        await turn.acquire()
        try:
            await self._inner({**scope, "headers": [*scope["headers"], ASKS]}, receive, look)
        finally:
            done()
        if page is None:
            return
        kept = _kept(page, mark, bytes(body))
        if scope["method"] == "GET" and not any(name == b"set-cookie" for name, _value in page["headers"]):
            self._keep(address, wanted, mark, kept)
        await _answer(kept, wanted, scope["method"], send)

    def _keep(self, address: tuple[bytes, bytes], wanted: dict[bytes, bytes], mark: bytes, kept: Kept) -> None:
        vary = mark.split(b";")[2]
        self._vary[address] = vary
        key = self._key(address, wanted, vary)
        before = self._pages.pop(key, None)
        self._bytes += len(kept.body) - (len(before.body) if before else 0)
        self._pages[key] = kept
        while self._bytes > self._max_bytes:
            (path, query, *_rest), oldest = self._pages.popitem(last=False)
            self._bytes -= len(oldest.body)
            self._vary.pop((path, query), None)


def _kept(page: Message, mark: bytes, body: bytes) -> Kept:
    pulse, seconds, vary = mark.split(b";")
    headers: Headers = [(name, value) for name, value in page["headers"] if name not in (MARK, b"vary")]
    headers.append((b"vary", b"accept-encoding, " + vary if vary else b"accept-encoding"))
    return Kept(
        pulse=int(pulse),
        until=time.monotonic() + float(seconds) if seconds else float("inf"),
        status=page["status"],
        headers=headers,
        body=body,
        etag=dict(headers).get(b"etag", b""),
    )


async def _answer(kept: Kept, wanted: dict[bytes, bytes], method: str, send: Send) -> None:
    """The kept page, or 304 when the client has it (RFC 9110, 13.1.2: weak comparison)."""
    known = {tag.strip().removeprefix(b"W/") for tag in wanted.get(b"if-none-match", b"").split(b",")}
    if kept.status == 200 and kept.etag and kept.etag.removeprefix(b"W/") in known:
        headers = [(name, value) for name, value in kept.headers if name in CONDITIONAL]
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": kept.status, "headers": kept.headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else kept.body})
