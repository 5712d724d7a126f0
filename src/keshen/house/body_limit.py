"""No request brings more than the house takes: refused before its body is spooled to disk.

Django reads a whole body into a temporary file before any middleware sees it, so this stands before Django.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

MOST_BYTES: Final = 64 * 1024 * 1024
"""Room for the largest text (40 MB) or picture (40 MB) that is read, with its form around it."""

type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

REFUSAL: Final = f"Too large: at most {MOST_BYTES // 1024 // 1024} MB are taken at once.".encode()


class BodyLimit:
    """Answers 413 when a request says it is larger than `most` bytes; one that becomes larger is cut off."""

    def __init__(self, inner: Application, most: int = MOST_BYTES) -> None:
        self._inner = inner
        self._most = most

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _said(scope) > self._most:
            await _refuse(send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            # a body of unknown length that grows too large is a client that went away
            return message if received <= self._most else {"type": "http.disconnect"}

        await self._inner(scope, counted, send)


def _said(scope: MutableMapping[str, Any]) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"")
    return int(length) if length.isdigit() else 0


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": REFUSAL})
