"""Watching for a story's arrival goes on while the house's web process starts anew."""

from __future__ import annotations

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from keshen.newsroom import arrivals


class Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def test_a_house_that_starts_anew_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "receipts", lambda _story: [])
    port = free_port()
    servers: list[HTTPServer] = []

    def open_later() -> None:
        time.sleep(0.6)
        servers.append(HTTPServer(("127.0.0.1", port), Healthy))
        servers[0].serve_forever()

    threading.Thread(target=open_later, daemon=True).start()
    looked = list(arrivals.watch(f"http://127.0.0.1:{port}", [1], timeout=1.5))
    servers[0].shutdown()
    servers[0].server_close()
    assert looked and all(table == {1: []} for table in looked)


def test_a_closed_house_is_told_of_at_once_when_nobody_waits() -> None:
    begun = time.monotonic()
    with pytest.raises(httpx.ConnectError):
        next(arrivals.watch(f"http://127.0.0.1:{free_port()}", [1], timeout=0))
    assert time.monotonic() - begun < 1
