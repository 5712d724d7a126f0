"""Watching for a story's arrival goes on while the house's web process starts anew."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from keshen.newsroom import arrivals
from tests.ports import free_port


class Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Clock:
    """A time that goes on only while the watcher sleeps; `at_sleep` hears how often it did."""

    def __init__(self, at_sleep: Callable[[int], None] = lambda _count: None) -> None:
        self.now, self.slept, self.at_sleep = 0.0, 0, at_sleep

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += 1
        self.at_sleep(self.slept)


def test_a_house_that_starts_anew_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "receipts", lambda _story: [])
    port = free_port()
    servers: list[HTTPServer] = []

    def open_later(count: int) -> None:
        if count == 2:
            servers.append(HTTPServer(("127.0.0.1", port), Healthy))
            threading.Thread(target=servers[0].serve_forever, daemon=True).start()

    monkeypatch.setattr(arrivals, "time", Clock(open_later))
    looked = list(arrivals.watch(f"http://127.0.0.1:{port}", [1], timeout=1.5))
    servers[0].shutdown()
    servers[0].server_close()
    assert looked and all(table == {1: []} for table in looked)


def test_a_closed_house_is_told_of_at_once_when_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(arrivals, "time", clock)
    with pytest.raises(httpx.ConnectError):
        next(arrivals.watch(f"http://127.0.0.1:{free_port()}", [1], timeout=0))
    assert clock.slept == 0
