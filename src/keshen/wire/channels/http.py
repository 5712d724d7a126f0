"""HTTP push: a signed POST of one item to the client's address, over connections that stay open."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping
from functools import lru_cache

import httpcore
import httpx

from keshen.house import outgoing
from keshen.wire.channels.base import Answer, Parcel
from keshen.wire.signing import sign

READ_BYTES = 2000
TAIL_SECONDS = 2.0
CONNECT_SECONDS = 5.0
IDLE_SECONDS = 60.0
NETWORK = (
    httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpcore.UnsupportedProtocol,
    httpcore.ConnectionNotAvailable,
)  # fmt: skip


class HttpSender:
    """Kept connections to all who are pushed to, a pool for each. `seconds` is how long an answer may take."""

    def __init__(self, seconds: float) -> None:
        self._timeout = {
            "connect": min(seconds, CONNECT_SECONDS), "read": seconds, "write": seconds, "pool": seconds,
        }  # fmt: skip
        self._lines: OrderedDict[str, tuple[float, httpcore.AsyncConnectionPool]] = OrderedDict()

    async def send(self, parcel: Parcel) -> Answer:
        return await self.post(parcel.slug, parcel.url, parcel.body, headers_of(parcel))

    async def post(
        self, client: str, url: str, body: bytes, headers: Mapping[str, str], method: str = "POST"
    ) -> Answer:
        """One request; the status is the answer, whatever becomes of the body that follows it."""
        try:
            line = await self._line(client)
            async with line.stream(
                method, _target(url), headers=dict(headers), content=body, extensions={"timeout": self._timeout}
            ) as response:
                tail = await _beginning(response)
                given = httpx.Headers(response.headers)
                return Answer(response.status, tail, given.get("Retry-After", ""), given.get("Location", ""))
        except (*NETWORK, httpx.InvalidURL) as problem:
            return Answer(0, f"{type(problem).__name__}: {problem}")

    async def close(self) -> None:
        while self._lines:
            _client, (_used, line) = self._lines.popitem()
            await line.aclose()

    async def _line(self, client: str) -> httpcore.AsyncConnectionPool:
        """The client's own pool; those that nobody used for long are closed."""
        now = time.monotonic()
        _used, line = self._lines.pop(client, None) or (now, outgoing.async_line())
        self._lines[client] = (now, line)
        while (oldest := next(iter(self._lines.values())))[0] < now - IDLE_SECONDS:
            self._lines.popitem(last=False)
            await oldest[1].aclose()
        return line


@lru_cache(maxsize=4096)
def _target(url: str) -> httpcore.URL:
    """The address taken apart, its name as DNS has it. Raises httpx.InvalidURL."""
    to = httpx.URL(url)
    return httpcore.URL(scheme=to.raw_scheme, host=to.raw_host, port=to.port, target=to.raw_path)


def headers_of(parcel: Parcel) -> dict[str, str]:
    """What every pushed request says of itself. Raises ValueError for a broken secret."""
    timestamp = int(time.time())
    return {
        "Content-Type": parcel.media_type,
        "User-Agent": "Keshen-Wire/1",
        "Idempotency-Key": parcel.message_id,
        "Webhook-Id": parcel.message_id,
        "Webhook-Timestamp": str(timestamp),
        "Webhook-Signature": sign(parcel.secret, parcel.message_id, timestamp, parcel.body),
        "Keshen-Sequence": str(parcel.sequence),
        "Keshen-Attempt": str(parcel.attempt),
        "Keshen-Item": parcel.urn,
        "Keshen-Status": parcel.status,
    }


def check(url: str, options: Mapping[str, str]) -> None:
    """Raise ValueError or outgoing.Refused unless it is an http or https address the house may call."""
    outgoing.check_url(url)


async def _beginning(response: httpcore.Response) -> str:
    """The first words of the client's answer; one read to its end leaves the connection open."""
    read = bytearray()
    try:
        async with asyncio.timeout(TAIL_SECONDS):
            # raw bytes: a compressed bomb stays as small as it came
            async for chunk in response.aiter_stream():
                read += chunk
                if len(read) >= READ_BYTES:
                    break
    except (*NETWORK, TimeoutError) as problem:
        read += f" [the answer broke off: {type(problem).__name__}]".encode()
    return read[:READ_BYTES].decode("utf-8", "replace").replace("\x00", "")
