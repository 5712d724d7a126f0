"""A message that is sent in is read once its key has opened: strangers neither fill the disk nor keep a thread.

Django reads a whole body into a temporary file before any view or middleware sees it, so this stands before Django.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from typing import Any, Final

from keshen.wire.intake.models import Source
from keshen.wire.intake.sourcing import source_for_key
from keshen.wire.streams import read

ADDRESS: Final = "/api/v1/wire/in"

type Message = MutableMapping[str, Any]
type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class KeyFirst:
    """Answers 401 or 403 to what a stranger or a paused source sends in, and reads nothing of it."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == ADDRESS:
            refusal = await read(partial(_refusal, dict(scope["headers"]).get(b"authorization", b"")))
            if refusal is not None:
                await _answer(send, *refusal)
                return
        await self._inner(scope, receive, send)


def _refusal(authorization: bytes) -> tuple[int, str] | None:
    kind, _, key = authorization.decode("latin-1").partition(" ")
    source = source_for_key(key.strip()) if kind.lower() == "bearer" else None
    if source is None:
        return 401, "Send the source's key: “Authorization: Bearer KEY”."
    if source.state != Source.State.ACTIVE:
        return 403, f"This source is paused: {source.reason}"
    return None


async def _answer(send: Send, status: int, detail: str) -> None:
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"connection", b"close")]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps({"detail": detail}, ensure_ascii=False).encode()})
