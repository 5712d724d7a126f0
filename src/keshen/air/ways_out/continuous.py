"""What is sent without end over one connection: the radio stream and the transport stream, in time with the clock."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final
from urllib.parse import parse_qs, quote

from keshen.air import clock
from keshen.air.audiences.variants import PLAIN, Variant, written
from keshen.air.serving.asking import Asked, asked, from_edge
from keshen.air.serving.http import CORS, NOT_KEPT, Answer, problem
from keshen.air.serving.hub import Hub
from keshen.air.serving.segments import Segments
from keshen.air.serving.snapshot import Snapshot
from keshen.air.timeline import FREEZE_TICKS
from keshen.air.ways_out import aac
from keshen.air.ways_out.transport_stream import mux
from keshen.air.ways_out.transport_stream.reader import Reader
from keshen.house.models import in_language
from keshen.media.houseformat import GOP_TICKS, TICK_MS

type Receive = Callable[[], Awaitable[Mapping[str, Any]]]
type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BURST_TICKS: Final = 10
"""A receiver of the transport stream gets at least 3.2 s at once, from the last key picture before that."""
BEHIND_TICKS: Final = 94
"""One this far behind (30 s) cannot keep up and is let go."""


MOST_STREAMS: Final = 64
"""How many streams are shared at a time, those asked for last; who takes an older one goes on alone."""
PAST: Final = ("from", "to", "at", "restart")

type _Key = tuple[str, str, str]


class Continuous:
    """The endless streams of one process; each part is made once and shared by all who take it."""

    def __init__(self, hub: Hub, segments: Segments) -> None:
        self._hub = hub
        self._segments = segments
        self._streams: OrderedDict[_Key, aac.Stream] = OrderedDict()

    async def serve(
        self,
        path: str,
        query: str,
        send: Send,
        receive: Receive,
        bound: str = "",
        edge: str = "",
        until: int | None = None,
    ) -> bool:
        """Send the stream without end that stands at `path`, as the audience of `query` has it; whether one does.

        `bound` is what the address is signed for, and `until` the Unix time it ends at; `edge` the territory the edge
        says the viewer is in. While the channel is encrypted, only a signed address has a stream: it is in the clear.
        """
        slug, _, name = path.removeprefix("/air/").partition("/")
        snapshot = self._hub.services.get(slug)
        if snapshot is None or not snapshot.timeline.entries:
            return False
        wanted = asked(snapshot, query, bound or from_edge(edge, snapshot.offered))
        if isinstance(wanted, Answer) or (given := _given(wanted)).keys() & set(PAST):
            return False
        later = wanted.snapshot.later

        def may() -> bool:
            return self.is_open(slug, later) if until is None else clock.milliseconds() <= until * 1000

        if not may():
            return False
        match name:
            case "listen.aac":
                language = given.get("language") or wanted.variant.audio
                if language and language not in snapshot.languages:
                    return False
                await self.listen(slug, wanted.variant, language, send, receive, may)
            case "stream.ts":
                pictures = [one.rung for one in snapshot.ladder.pictures if one.codecs.startswith("avc1")]
                rung = given.get("rung", (pictures or [""])[0])
                if rung not in (pictures or [""]):
                    return False
                await self.transport(slug, wanted.variant, rung, send, receive, may)
            case _:
                return False
        return True

    def is_open(self, slug: str, later: int = 0) -> bool:
        """Whether anybody may have a channel in the clear: nothing that is sent now, `later` ticks on, is encrypted."""
        snapshot = self._hub.services[slug]
        at = clock.tick() - later
        return not any(snapshot.protection.lock(tick) for tick in (at - FREEZE_TICKS, at))

    async def listen(
        self, slug: str, variant: Variant, language: str, send: Send, receive: Receive, may: Callable[[], bool]
    ) -> None:
        """The radio stream, until the listener goes, falls too far behind, or may not have it any longer."""
        snapshot = self._as(slug, variant)
        stream = self._sound(slug, variant, f"a-{language or snapshot.languages[0]}")
        first = aac.chunk_at(clock.milliseconds()) - aac.BURST_CHUNKS + 1
        name = (b"icy-name", quote(in_language(dict(snapshot.names), "en")).encode())
        await _send_all(stream, first, aac.CHUNK_TICKS, aac.BEHIND_CHUNKS, (aac.STREAM_TYPE, name), send, receive, may)

    async def transport(
        self, slug: str, variant: Variant, rung: str, send: Send, receive: Receive, may: Callable[[], bool]
    ) -> None:
        """The transport stream with the picture of `rung`; it ends as `listen` does."""
        snapshot = self._as(slug, variant)
        name = (b"x-service", quote(in_language(dict(snapshot.names), "en")).encode())
        later = snapshot.later
        first = key_tick(snapshot, clock.tick() - BURST_TICKS - later) - mux.PICTURE_AHEAD_TICKS + later
        described = (mux.STREAM_TYPE, name)
        await _send_all(self.ticks(slug, rung, variant), first, 1, BEHIND_TICKS, described, send, receive, may)

    def _as(self, slug: str, variant: Variant) -> Snapshot:
        return self._hub.services[slug].for_variant(variant, clock.tick())

    def _sound(self, slug: str, variant: Variant, rung: str) -> aac.Stream:
        async def make(tick: int) -> bytes:
            snapshot = self._as(slug, variant)
            return await self._segments.adts(snapshot, tick - snapshot.later, rung)

        return self._shared((slug, written(variant), rung), lambda: aac.Stream(make))

    def ticks(self, slug: str, rung: str, variant: Variant = PLAIN) -> aac.Stream:
        """The transport stream of a service as a variant has it, a chunk for each tick of the clock."""
        reader = Reader(self._segments, variant.audio)

        async def make(tick: int) -> bytes:
            snapshot = self._as(slug, variant)
            return await reader.packets(snapshot, tick - snapshot.later, rung)

        key = (slug, written(variant), f"{rung}.{variant.audio}.ts")
        return self._shared(key, lambda: aac.Stream(make, keep=BEHIND_TICKS, ticks=1))

    def _shared(self, key: _Key, make: Callable[[], aac.Stream]) -> aac.Stream:
        stream = self._streams.pop(key, None) or make()
        self._streams[key] = stream
        while len(self._streams) > MOST_STREAMS:
            self._streams.popitem(last=False)
        return stream


def _given(wanted: Asked) -> dict[str, str]:
    return {
        name: values[0] for name, values in parse_qs(wanted.query, max_num_fields=20, keep_blank_values=True).items()
    }


def no_such_stream(wanted: Asked, name: str) -> Answer:
    """Why an endless stream is not given: what was asked for is not on the channel, or is past."""
    snapshot, given = wanted.snapshot, _given(wanted)
    if past := [one for one in PAST if one in given]:
        return problem(400, f"A stream without end is of now only. Leave {', '.join(past)} out, or take index.m3u8.")
    if name == "listen.aac":
        return problem(400, f"There is no such sound. There is: {', '.join(snapshot.languages)}.")
    pictures = ", ".join(picture.rung for picture in snapshot.ladder.pictures) or "none"
    return problem(400, f"There is no such picture. There is: {pictures}.")


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
    may: Callable[[], bool],
) -> None:
    """Send chunk after chunk of `ticks` each, every one when its time comes, as long as the receiver `may` have it."""
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
            if not may():
                break
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
