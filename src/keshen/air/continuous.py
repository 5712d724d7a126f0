"""What is sent without end over one connection: the radio stream and the transport stream, in time with the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final
from urllib.parse import parse_qs, quote

from keshen.air import aac, clock
from keshen.air.http import CORS, NOT_KEPT
from keshen.air.hub import Hub
from keshen.air.segments import Segments
from keshen.air.snapshot import Snapshot
from keshen.air.transport_stream import mux
from keshen.air.transport_stream.reader import Reader
from keshen.house.models import in_language
from keshen.media.houseformat import GOP_TICKS, TICK_MS

type Receive = Callable[[], Awaitable[Mapping[str, Any]]]
type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BURST_TICKS: Final = 10
"""A receiver of the transport stream gets at least 3.2 s at once, from the last key picture before that."""
BEHIND_TICKS: Final = 94
"""One this far behind (30 s) cannot keep up and is let go."""


class Continuous:
    """The endless streams of one process; each part is made once and shared by all who take it."""

    def __init__(self, hub: Hub, segments: Segments) -> None:
        self._hub = hub
        self._segments = segments
        self._reader = Reader(segments)
        self._sounds: dict[tuple[str, str], aac.Stream] = {}
        self._transports: dict[tuple[str, str], aac.Stream] = {}

    async def serve(self, path: str, query: str, send: Send, receive: Receive) -> bool:
        """Send the stream without end that stands at `path`; whether one does."""
        slug, _, name = path.removeprefix("/air/").partition("/")
        snapshot = self._hub.services.get(slug)
        if snapshot is None or not snapshot.timeline.entries or snapshot.protection:
            return False
        given = parse_qs(query, max_num_fields=20)
        match name:
            case "listen.aac":
                language = (given.get("language") or given.get("audio") or [""])[0]
                if language and language not in snapshot.languages:
                    return False
                await self.listen(slug, language, send, receive)
            case "stream.ts":
                pictures = [one.rung for one in snapshot.ladder.pictures if one.codecs.startswith("avc1")]
                rung = given.get("rung", pictures[:1] or [""])[0]
                if rung not in (pictures or [""]):
                    return False
                await self.transport(slug, rung, send, receive)
            case _:
                return False
        return True

    async def listen(self, slug: str, language: str, send: Send, receive: Receive) -> None:
        """The radio stream, until the listener goes or falls too far behind."""
        snapshot = self._hub.services[slug]
        stream = self._sound(slug, f"a-{language or snapshot.languages[0]}")
        first = aac.chunk_at(clock.milliseconds()) - aac.BURST_CHUNKS + 1
        name = (b"icy-name", quote(in_language(dict(snapshot.names), "en")).encode())
        await _send_all(stream, first, aac.CHUNK_TICKS, aac.BEHIND_CHUNKS, (aac.STREAM_TYPE, name), send, receive)

    async def transport(self, slug: str, rung: str, send: Send, receive: Receive) -> None:
        """The transport stream with the picture of `rung`, until the receiver goes or falls too far behind."""
        snapshot = self._hub.services[slug]
        name = (b"x-service", quote(in_language(dict(snapshot.names), "en")).encode())
        first = key_tick(snapshot, clock.tick() - BURST_TICKS) - mux.PICTURE_AHEAD_TICKS
        await _send_all(self.ticks(slug, rung), first, 1, BEHIND_TICKS, (mux.STREAM_TYPE, name), send, receive)

    def _sound(self, slug: str, rung: str) -> aac.Stream:
        stream = self._sounds.get((slug, rung))
        if stream is None:

            async def make(tick: int) -> bytes:
                return await self._segments.adts(self._hub.services[slug], tick, rung)

            stream = self._sounds[slug, rung] = aac.Stream(make)
        return stream

    def ticks(self, slug: str, rung: str) -> aac.Stream:
        """The transport stream of a service, a chunk a tick."""
        stream = self._transports.get((slug, rung))
        if stream is None:

            async def make(tick: int) -> bytes:
                return await self._reader.packets(self._hub.services[slug], tick, rung)

            stream = self._transports[slug, rung] = aac.Stream(make, keep=BEHIND_TICKS, ticks=1)
        return stream


def key_tick(snapshot: Snapshot, tick: int) -> int:
    """The last tick at or before `tick` that begins with a picture one can start from."""
    segment = snapshot.timeline.segment_at(tick)
    if segment is None:
        return max(tick, snapshot.timeline.start)
    return tick - (tick - segment.start) % GOP_TICKS


async def _send_all(
    stream: aac.Stream,
    number: int,
    ticks: int,
    behind: int,
    described: tuple[str, tuple[bytes, bytes]],
    send: Send,
    receive: Receive,
) -> None:
    """Send chunk after chunk of `ticks` each, every one when its time comes."""
    media_type, name = described
    headers = [
        (b"content-type", media_type.encode()),
        (b"cache-control", NOT_KEPT.encode()),
        name,
        *CORS,
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    left = asyncio.ensure_future(_until_disconnected(receive))
    try:
        while not left.done():
            now = clock.milliseconds()
            if now // (TICK_MS * ticks) - number > behind:
                break
            if wait := max(0.0, (number * ticks * TICK_MS - now) / 1000):
                await asyncio.sleep(wait)
                continue
            if body := await stream.chunk(number):
                await send({"type": "http.response.body", "body": body, "more_body": True})
            number += 1
    except OSError:
        return  # the receiver went while we were sending
    finally:
        left.cancel()
    if not left.done():
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
