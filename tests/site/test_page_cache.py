"""Finished pages are kept until the site changes, and never longer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from keshen.site import page_cache
from keshen.site.page_cache import PageCache
from tests.waiting import LIMIT, come


@pytest.fixture
def committed(db: None) -> Iterator[None]:
    """The test database; the pulse is changed on other threads' connections, so that it commits, and put back."""
    yield

    def forget() -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM site_pulse")

    with ThreadPoolExecutor(1) as thread:
        thread.submit(_in_thread, forget).result()


@pytest.fixture(autouse=True)
def trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow this machine is, the pulse counts as heard."""
    monkeypatch.setattr(page_cache, "TRUST_SECONDS", LIMIT)


class Clock:
    """The time, which a test may put forward."""

    ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


class Counting:
    """An application that says how often it was asked and marks its answer with the pulse it read."""

    def __init__(self, seconds: str = "", vary: str = "", pulse: int | None = None) -> None:
        self.asked = 0
        self.seconds, self.vary, self.pulse = seconds, vary, pulse
        self.number = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        body = f"answer {self.asked}".encode()
        headers = [
            (b"ETag", b'"e%d"' % self.asked),  # in the letter case of Django's responses
            (b"X-Keshen-Page", f"{self.number};{self.seconds};{self.vary}".encode()),
            (b"Vary", b"Cookie"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def get(application: Any, path: str = "/kk/", method: str = "GET", **headers: str) -> tuple[int, dict, bytes]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": named}
    await application(scope, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(part.get("body", b"") for part in sent[1:])


def beat() -> int:
    from keshen.site import pulse

    pulse.beat()
    return pulse.number()


async def followed(cache: PageCache) -> None:
    await come(lambda: cache._follower().number is not None, "the pulse heard")


async def close(cache: PageCache) -> None:
    task = cache._follower()._task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.usefixtures("committed")
def test_a_page_is_rendered_once_and_anew_after_a_change() -> None:
    async def play() -> None:
        inner = Counting()
        inner.number = await asyncio.to_thread(_in_thread, beat)
        cache = PageCache(inner)
        await followed(cache)
        first = await get(cache)
        second = await get(cache)
        assert first[2] == second[2] == b"answer 1" and inner.asked == 1
        assert b"x-keshen-page" not in first[1] and first[1][b"vary"] == b"accept-encoding"
        status, _headers, body = await get(cache, if_none_match='W/"e1"')
        assert (status, body) == (304, b"")
        assert (await get(cache, method="HEAD"))[2] == b""
        inner.number = await asyncio.to_thread(_in_thread, beat)
        await come(lambda: cache._follower().number == inner.number, "the change heard")
        assert (await get(cache))[2] == b"answer 2"
        await close(cache)

    asyncio.run(play())


def _in_thread(work: Any) -> Any:
    try:
        return work()
    finally:
        connection.close()


@pytest.mark.usefixtures("committed")
def test_a_page_rendered_before_a_change_is_not_given_out_after_it() -> None:
    """The view read the pulse, then a kill committed while it rendered."""

    async def play() -> None:
        inner = Counting()
        inner.number = await asyncio.to_thread(_in_thread, beat)
        cache = PageCache(inner)
        await followed(cache)
        latest = await asyncio.to_thread(_in_thread, beat)
        await come(lambda: cache._follower().number == latest, "the change heard")
        await get(cache)
        await get(cache)
        assert inner.asked == 2
        await close(cache)

    asyncio.run(play())


@pytest.mark.usefixtures("committed")
def test_what_is_good_for_a_time_and_what_varies(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(page_cache, "time", clock)

    async def play() -> None:
        inner = Counting(seconds="600", vary="accept-language")
        inner.number = await asyncio.to_thread(_in_thread, beat)
        cache = PageCache(inner)
        await followed(cache)
        await get(cache, accept_language="ru")
        await get(cache, accept_language="ru")
        assert inner.asked == 1
        await get(cache, accept_language="kk")
        assert inner.asked == 2
        clock.ahead += 601
        await followed(cache)
        await get(cache, accept_language="ru")
        assert inner.asked == 3
        await close(cache)

    asyncio.run(play())


@pytest.mark.usefixtures("committed")
def test_nothing_is_given_out_while_the_pulse_is_not_heard() -> None:
    async def play() -> None:
        inner = Counting()
        inner.number = await asyncio.to_thread(_in_thread, beat)
        cache = PageCache(inner)
        await followed(cache)
        await get(cache)
        await close(cache)
        cache._follower()._heard -= 2 * LIMIT
        await get(cache)
        assert inner.asked == 2
        await close(cache)

    asyncio.run(play())


@pytest.mark.usefixtures("committed")
def test_the_cache_holds_no_more_than_it_may() -> None:
    async def play() -> None:
        inner = Counting()
        inner.number = await asyncio.to_thread(_in_thread, beat)
        cache = PageCache(inner, max_bytes=40)
        await followed(cache)
        for number in range(20):
            await get(cache, path=f"/kk/{number}")
        assert cache._bytes <= 40 and len(cache._pages) <= 5
        await close(cache)

    asyncio.run(play())
