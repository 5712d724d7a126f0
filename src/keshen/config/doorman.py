"""Who answers at the house's address until the web process does: "the house is opening", in its languages.

Every request gets 503 with `Retry-After`, so that people wait, programs come again, and nobody indexes it. It shares
the port with the web process that is starting (SO_REUSEPORT), and leaves when that answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

RETRY_SECONDS = 3
HEAD_BYTES = 16 * 1024
WAIT_SECONDS = 5.0
STATIC = Path(__file__).resolve().parent.parent / "house" / "static"
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'"
FILES: Mapping[str, tuple[str, str]] = {
    "/static/house/opening.css": ("house/opening.css", "text/css; charset=utf-8"),
    "/static/house/mark.svg": ("house/mark.svg", "image/svg+xml"),
}
"""What the page is drawn with: address, file, media type."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent for one request."""

    status: str
    media_type: str
    body: bytes

    def to_bytes(self, *, with_body: bool) -> bytes:
        lines = [
            f"HTTP/1.1 {self.status}",
            f"Content-Type: {self.media_type}",
            f"Content-Length: {len(self.body)}",
            "Cache-Control: no-store",
            "Connection: close",
            f"Content-Security-Policy: {POLICY}",
            "X-Content-Type-Options: nosniff",
        ]
        if not self.status.startswith("200"):
            lines.append(f"Retry-After: {RETRY_SECONDS}")
        head = "\r\n".join(lines).encode("ascii") + b"\r\n\r\n"
        return head + self.body if with_body else head


def answer(path: str) -> Answer:
    """What the doorman says at an address."""
    path = path.partition("?")[0]
    if path in FILES:
        name, media_type = FILES[path]
        return Answer("200 OK", media_type, (STATIC / name).read_bytes())
    if path == "/healthz":
        said = json.dumps({"status": "opening"}).encode()
        return Answer("503 Service Unavailable", "application/json", said)
    return Answer("503 Service Unavailable", "text/html; charset=utf-8", (STATIC / "house/opening.html").read_bytes())


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        async with asyncio.timeout(WAIT_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
            method, _space, rest = head.split(b"\r\n", 1)[0].decode("latin-1").partition(" ")
            writer.write(answer(rest.partition(" ")[0]).to_bytes(with_body=method != "HEAD"))
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()
        await writer.wait_closed()


@contextlib.asynccontextmanager
async def doorman(host: str, port: int) -> AsyncIterator[None]:
    """Answer at the address for as long as this is entered. Raises OSError when it cannot be listened at."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    server = await asyncio.start_server(
        _serve, host, port, family=family, reuse_address=True, reuse_port=True, limit=HEAD_BYTES
    )
    try:
        yield
    finally:
        server.close()
        await server.wait_closed()
