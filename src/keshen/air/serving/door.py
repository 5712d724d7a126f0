"""The door of an air node: an HTTP server that has the answers most ask for ready in bytes.

A live playlist and the newest segments are the same for everybody. Whoever asks for one of them, and for nothing more
than that (no condition, no range), is known by the request's first line and its header fields, and gets bytes that
were written once; every other request takes the usual way, through the ASGI application, and makes such bytes ready.
"""

from __future__ import annotations

import asyncio
import re
from asyncio import TimerHandle
from functools import lru_cache
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from keshen.air.serving.server import at_once

ENCODINGS: Final = 4096
"""Header blocks that are remembered: a player sends the same ones with every request."""

FIELDS: Final = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\x00\r\n]*\r\n)+\r\n")
"""Header fields and the empty line that ends a request without a body (RFC 9112, 2.1 and 5)."""

ASKS_MORE: Final = frozenset(
    {b"if-none-match", b"range", b"expect", b"content-length", b"transfer-encoding", b"upgrade", b"te", b"trailer"}
)
"""Fields of requests that are not answered with the same bytes as all others."""


@lru_cache(maxsize=ENCODINGS)
def plain(fields: bytes) -> bool | None:
    """Whether a request with these header fields takes gzip; None when it must be looked at with care."""
    if not FIELDS.fullmatch(fields):
        return None
    hosts, zipped = 0, False
    for line in fields[:-4].lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name in ASKS_MORE or (name == b"connection" and value.strip() != b"keep-alive"):
            return None
        hosts += name == b"host"
        zipped = zipped or (name == b"accept-encoding" and b"gzip" in value)
    return zipped if hosts == 1 else None


class Door(HttpToolsProtocol):
    """One connection. A request that came whole and alone may be answered at once; others are parsed and composed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._parsing = False
        self._heard = 0.0
        self._watch: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the class above
        super().connection_made(transport)
        self._heard = self.loop.time()
        self._watch = self.loop.call_later(self.timeout_keep_alive, self._close_if_quiet)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self._parsing = True
        self._heard = self.loop.time()
        super().on_message_begin()

    def on_message_complete(self) -> None:
        self._parsing = False
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        if not self._at_once(data):
            super().data_received(data)

    def _at_once(self, data: bytes) -> bool:
        """Answer with bytes that are ready, if there are and nothing else is under way on the connection."""
        if self._parsing or self._answering or self.flow.write_paused:
            return False
        line, _, fields = data.partition(b"\r\n")
        if not line.startswith(b"GET /air/") or not line.endswith(b" HTTP/1.1"):
            return False
        zipped = plain(fields)
        if zipped is None or (ready := at_once(line[4:-9].decode("latin-1"))) is None:
            return False
        self._unset_keepalive_if_required()
        self._heard = self.loop.time()
        self.transport.writelines(ready.written(self.server_state.default_headers, zipped=zipped))
        return True

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _close_if_quiet(self) -> None:
        """Let go of a connection on which no request began for a while. One timer a connection, not one a request."""
        left = self._heard + self.timeout_keep_alive - self.loop.time()
        if left <= 0 and not self._answering:
            self.transport.close()
        elif not self.transport.is_closing():
            self._watch = self.loop.call_later(max(left, 1.0), self._close_if_quiet)
