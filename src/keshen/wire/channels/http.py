"""HTTP push: a signed POST of one item to the client's address, over connections that stay open."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

import httpx

from keshen.house import outgoing
from keshen.wire.channels.base import Answer, Parcel
from keshen.wire.signing import sign

READ_BYTES = 2000
TAIL_SECONDS = 2.0
CONNECT_SECONDS = 5.0


class HttpSender:
    """One client of HTTP for all that is pushed. `seconds` is how long an answer may take."""

    def __init__(self, seconds: float) -> None:
        self._client = outgoing.async_client(timeout=httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS)))

    async def send(self, parcel: Parcel) -> Answer:
        return await self.post(parcel.url, parcel.body, headers_of(parcel))

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], method: str = "POST") -> Answer:
        """One request; the status is the answer, whatever becomes of the body that follows it."""
        try:
            async with self._client.stream(method, url, content=body, headers=dict(headers)) as response:
                tail = await _beginning(response)
                given = response.headers
                return Answer(response.status_code, tail, given.get("Retry-After", ""), given.get("Location", ""))
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            return Answer(0, f"{type(problem).__name__}: {problem}")

    async def close(self) -> None:
        await self._client.aclose()


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


async def _beginning(response: httpx.Response) -> str:
    """The first words of the client's answer; one read to its end leaves the connection open."""
    read = bytearray()
    try:
        async with asyncio.timeout(TAIL_SECONDS):
            # raw bytes: a compressed bomb stays as small as it came
            async for chunk in response.aiter_raw(READ_BYTES):
                read += chunk
                if len(read) >= READ_BYTES:
                    break
    except (httpx.HTTPError, TimeoutError) as problem:
        read += f" [the answer broke off: {type(problem).__name__}]".encode()
    return read[:READ_BYTES].decode("utf-8", "replace").replace("\x00", "")
