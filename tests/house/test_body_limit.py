"""Requests that are too large end before anything reads them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from keshen.house.body_limit import BodyLimit


async def _reads_all(scope: Any, receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError("gone")
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def _ask(chunks: list[bytes], said: bytes | None) -> int:
    left, sent = list(chunks), []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-length", said)] if said else []
    asyncio.run(BodyLimit(_reads_all, most=10)({"type": "http", "headers": headers}, receive, send))
    return sent[0]["status"]


def test_what_says_it_is_too_large_is_refused_unread() -> None:
    assert _ask([b"x" * 11], b"11") == 413
    assert _ask([b"x" * 10], b"10") == 200


def test_what_becomes_too_large_is_cut_off() -> None:
    with pytest.raises(ConnectionError):
        _ask([b"x" * 6, b"x" * 6, b"x"], None)
