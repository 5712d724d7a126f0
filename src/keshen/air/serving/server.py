"""The air's own application: playlists, segments, radio, guide. ASGI, beside Django and not through its middleware.

Everything is answered from memory and the media store. Nothing here writes, and no answer waits for the database,
except for catch-up beyond what is in memory.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import lru_cache
from typing import Any, Final

from django.conf import settings

from keshen.air import clock
from keshen.air.protection import gate, keys, licensing
from keshen.air.serving import asking, shown
from keshen.air.serving.asking import Asked, asked
from keshen.air.serving.http import (
    CORS,
    FOR_EVER,
    GONE,
    NOT_FOUND,
    NOTHING_LAID,
    SEGMENT_CACHE,
    SHORT,
    Answer,
    Ready,
    fresh,
    messages,
    problem,
    respond,
)
from keshen.air.serving.hub import Hub
from keshen.air.serving.posters import Posters
from keshen.air.serving.segments import Segments
from keshen.air.serving.snapshot import Snapshot
from keshen.air.ways_out import captions, dash, hls, iframes, wvtt
from keshen.air.ways_out.continuous import Continuous, no_such_stream
from keshen.house import admission
from keshen.media.boxes import FormatError
from keshen.media.houseformat import seconds
from keshen.media.store import StoreError, house_store

type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Mapping[str, Any]]]
type Send = Callable[[Mapping[str, Any]], Awaitable[None]]

ENDLESS: Final = ("/listen.aac", "/stream.ts")
LISTED_EARLY_TICKS: Final = 3
"""A player whose clock or playlist is a second ahead of this node may ask for what this one has not listed yet."""

KEPT_BYTES: Final = 64 << 20
"""Segments whose answers are kept ready: those asked for last, which most ask for. Their bytes are kept anyway."""

_INIT: Final = re.compile(r"init-([0-9a-f]{64})(?:-(\d{1,9}))?\.mp4")

log = logging.getLogger(__name__)


class Air:
    """One process's air: its hub of snapshots, its segments, its radio streams."""

    def __init__(self) -> None:
        self.hub = Hub()
        self.segments = Segments(house_store(), settings.SECRET_KEY)
        self.continuous = Continuous(self.hub, self.segments)
        self._posters = Posters(self.segments)
        self._live: dict[str, tuple[Snapshot, int, Ready]] = {}
        self._sent: OrderedDict[str, tuple[Snapshot, Ready]] = OrderedDict()
        self._sent_bytes = 0

    async def answer(self, path: str, query: str, bound: str = "", edge: str = "") -> Answer:
        """What stands at a path below /air/.

        `bound` is what the address is signed for; `edge` the territory the edge says the viewer is in.
        """
        parts = path.removeprefix("/air/").split("/")
        if parts in (["epg.xml"], ["channels.m3u"]):
            lists = parts == ["channels.m3u"]
            found = asking.all_as(self._listed() if lists else self.hub.services.values(), query)
            if isinstance(found, Answer):
                return found
            return shown.channels(found) if lists else shown.xmltv(found)
        if parts == ["dvbi.xml"]:
            return shown.service_list(self._listed())
        if parts == ["time"]:
            return shown.time()
        snapshot = self.hub.services.get(parts[0])
        if snapshot is None:
            return NOT_FOUND
        wanted = asked(snapshot, query, bound or asking.from_edge(edge, snapshot.offered))
        if isinstance(wanted, Answer):
            return wanted
        if len(parts) == 2:
            return await self._service(wanted, parts[1])
        if len(parts) == 3 and parts[1] in set(hls.rungs(snapshot.ladder)):
            if parts[2] == "index.m3u8":
                return self._media_playlist(wanted, parts[1])
            if parts[2] == "iframes.m3u8" and parts[1] in {picture.rung for picture in snapshot.ladder.pictures}:
                return await self._iframes(wanted, parts[1])
            return await self._segment(wanted, parts[1], parts[2])
        return NOT_FOUND

    def _listed(self) -> list[Snapshot]:
        return [one for one in self.hub.services.values() if one.slug not in settings.KESHEN_RESTRICTED]

    async def _service(self, wanted: Asked, name: str) -> Answer:
        snapshot = wanted.snapshot
        match name:
            case "index.m3u8":
                found = wanted.interval()
                if isinstance(found, Answer):
                    return found
                variant = wanted.variant
                return _multivariant(snapshot.ladder, wanted.passed_on, variant.audio, variant.captions)
            case "manifest.mpd":
                return self._manifest(wanted)
            case "epg.xml":
                return shown.xmltv([snapshot])
            case "now.json":
                return shown.now(snapshot)
            case "guide.json":
                return shown.day(snapshot)
            case "poster.jpg":
                return await self._posters.answer(snapshot)
            case "listen.aac" | "stream.ts":
                return no_such_stream(wanted, name)
        return licensing.given(snapshot, name) or NOT_FOUND

    def is_open(self, path: str, query: str) -> bool:
        """Whether nothing stands at a path, or what anybody may have in the clear."""
        snapshot = self.hub.services.get(path.removeprefix("/air/").partition("/")[0])
        wanted = asked(snapshot, query) if snapshot else NOT_FOUND
        return isinstance(wanted, Answer) or self.continuous.is_open(wanted.snapshot.slug, wanted.snapshot.later)

    def ready(self, path: str) -> Ready | None:
        """What was answered there (query and all) and still stands: a live playlist while its segment runs, a segment.

        News of the service ends both.
        """
        if (held := self._live.get(path)) is not None:
            snapshot, until, ready = held
            return ready if clock.tick() < until and self.hub.services.get(snapshot.slug) is snapshot else None
        if (sent := self._sent.get(path)) is not None and self.hub.services.get(sent[0].slug) is sent[0]:
            return sent[1]
        return None

    def _keep(self, path: str, snapshot: Snapshot, answer: Answer) -> Answer:
        """Keep a segment's answer, made into messages, beside the newest others."""
        if (before := self._sent.pop(path, None)) is not None:
            self._sent_bytes -= before[1].size
        self._sent[path] = (snapshot, Ready(answer))
        self._sent_bytes += len(answer.body)
        while self._sent_bytes > KEPT_BYTES:
            self._sent_bytes -= self._sent.popitem(last=False)[1][1].size
        return answer

    def _media_playlist(self, wanted: Asked, rung: str, *, skips: bool = True) -> Answer:
        snapshot, query = wanted.snapshot, wanted.query
        writer = snapshot.playlists(rung)
        now = wanted.now
        found = wanted.interval()
        if isinstance(found, Answer):
            return found
        if found:
            text = writer.past(found[0], found[1], now, skip=skips and "_HLS_skip=" in query)
            return fresh(text, hls.PLAYLIST_TYPE) if text else NOT_FOUND
        text = writer.live(now)
        if text is None:
            return NOTHING_LAID
        answer = _playlist(text)
        if query == snapshot.query and not (wanted.bound or snapshot.later):
            key = f"/air/{snapshot.slug}/{rung}/index.m3u8" + (f"?{query}" if query else "")
            self._live[key] = (self.hub.services[snapshot.slug], writer.until, Ready(answer))
        return answer

    async def _iframes(self, wanted: Asked, rung: str) -> Answer:
        snapshot = wanted.snapshot
        answer = self._media_playlist(wanted, rung, skips=False)
        if answer.status != 200:
            return answer
        text = answer.body.decode()
        ends, alone = await self.segments.pictures(snapshot, iframes.names(text), rung)
        return fresh(iframes.pictures_only(text, ends, alone), hls.PLAYLIST_TYPE)

    def _manifest(self, wanted: Asked) -> Answer:
        snapshot, now = wanted.snapshot, wanted.now
        writer = snapshot.manifests(f"{settings.KESHEN_URL}/air")
        found = wanted.interval()
        if isinstance(found, Answer):
            return found
        first, last = found or (now - 2 * hls.WINDOW_TICKS, now)
        if snapshot.protection.holds(keys.Method.AES_128, first, last):
            return licensing.NOT_IN_DASH
        if found:
            made = writer.past(found[0], found[1], now)
            return fresh(made, dash.MANIFEST_TYPE) if made else NOT_FOUND
        made = writer.live(now)
        return _manifest(made) if made else NOTHING_LAID

    async def _at_time(self, snapshot: Snapshot, rung: str, tick: int) -> Answer:
        """The segment that begins at a tick, as DASH asks for it. What was withdrawn shows its substitute."""
        segment = snapshot.timeline.segment_at(tick)
        if segment is None or segment.start != tick or segment.end > clock.tick() + LISTED_EARLY_TICKS:
            return NOT_FOUND
        substitute = snapshot.given_instead(segment)
        if rung.startswith("c-"):
            told = await self.segments.wvtt(snapshot, segment.entry, segment.number, rung, substitute=substitute)
            return Answer(200, told, dash.TEXT_TYPE, SHORT)
        made = await self.segments.aired(snapshot, segment.entry, segment.number, rung, substitute=substitute)
        if made is None:
            return NOT_FOUND
        kind = "audio/mp4" if rung.startswith("a-") else "video/mp4"
        return Answer(200, made, kind, SHORT, ranges=True)

    async def _segment(self, wanted: Asked, rung: str, name: str) -> Answer:
        snapshot = wanted.snapshot
        if match := _INIT.fullmatch(name):
            try:
                body = await self._init(snapshot, match[1], match[2])
            except (StoreError, FormatError):
                return NOT_FOUND
            return Answer(200, body, "video/mp4", FOR_EVER, f'"{match[1][:24]}{match[2] or ""}"', ranges=True)
        if name == wvtt.INIT_NAME and rung.startswith("c-"):
            return Answer(200, wvtt.init(), dash.TEXT_TYPE, FOR_EVER)
        if (tick := dash.parse_segment_name(name, rung)) is not None:
            return await self._at_time(snapshot, rung, tick)
        pictured = iframes.segment_of(name) if rung.startswith("v") else ""
        named = hls.parse_segment_name(pictured or name)
        if named is None or (named[2] == "vtt") != rung.startswith("c-") or named[2] not in {"vtt", "m4s"}:
            return NOT_FOUND
        number, substitute = named[1], named[3]
        entry = snapshot.timeline.entry(named[0])
        if entry is None:
            return await self._unknown(snapshot, named[0])
        taken_down = snapshot.withdrawn if wanted.bound else snapshot.closed
        if entry.id in taken_down and not substitute and entry.id not in snapshot.lost:
            return GONE
        if not snapshot.gives(entry, substitute):
            return NOT_FOUND
        if number >= entry.segments or entry.start + sum(entry.span(number)) > clock.tick() + LISTED_EARLY_TICKS:
            return NOT_FOUND
        if named[2] == "vtt":
            body = await self.segments.captions(snapshot, entry, number, rung, substitute=substitute)
            return Answer(200, body, f"{captions.VTT_TYPE}; charset=utf-8", SEGMENT_CACHE)
        give = self.segments.picture if pictured else self.segments.aired
        made = await give(snapshot, entry, number, rung, substitute=substitute)
        if made is None:
            return NOT_FOUND
        kind = "audio/mp4" if rung.startswith("a-") else "video/mp4"
        answer = Answer(200, made, kind, SEGMENT_CACHE, f'"{rung}-{name}"', ranges=True)
        if wanted.bound or wanted.query:
            return answer  # a kept answer is given to everybody
        return self._keep(f"/air/{snapshot.slug}/{rung}/{name}", snapshot, answer)

    async def _init(self, snapshot: Snapshot, sha256: str, period: str | None) -> bytes:
        """An init segment. Raises StoreError, FormatError."""
        if not period:
            return await self.segments.init(sha256)
        if not licensing.is_given(snapshot, int(period)):
            raise FormatError(f"no key of the hour {period} is given")
        return await self.segments.protected_init(snapshot.slug, sha256, int(period))

    async def _unknown(self, snapshot: Snapshot, number: int) -> Answer:
        """An entry that is not in the log: withdrawn before it aired, or never there."""
        from keshen.air import queries

        if self.hub.detached:
            return NOT_FOUND
        withdrawn = await self.hub.read(lambda: queries.is_withdrawn(snapshot.service, number))
        return GONE if withdrawn else NOT_FOUND


@lru_cache(maxsize=256)
def _playlist(text: str) -> Answer:
    return fresh(text, hls.PLAYLIST_TYPE)


@lru_cache(maxsize=64)
def _manifest(made: bytes) -> Answer:
    return fresh(made, dash.MANIFEST_TYPE)


@lru_cache(maxsize=256)
def _multivariant(ladder: hls.Ladder, query: str, audio: str, captions: str) -> Answer:
    return fresh(hls.multivariant(ladder, query, audio, captions), hls.PLAYLIST_TYPE)


_airs: dict[int, Air] = {}


async def _air() -> Air:
    """The air of the running event loop, started by the first who asks."""
    key = id(asyncio.get_running_loop())
    air = _airs.get(key)
    if air is None:
        air = _airs[key] = Air()
    if not air.hub.ready:
        await air.hub.start()
    return air


def at_once(path: str) -> Ready | None:
    """What a plain GET of `path` is answered with, if this process has it ready and everybody may have it."""
    air = _airs.get(id(asyncio.get_running_loop()))
    if air is None or settings.KESHEN_TERRITORY_HEADER or (ready := air.ready(path)) is None:
        return None
    restricted = settings.KESHEN_RESTRICTED
    return None if restricted and path.split("/", 3)[2] in restricted else ready


def health() -> dict[str, Any]:
    """How this process's air stands, for `/healthz`: `open`, or `detached` and why when the database is away."""
    air = next(reversed(_airs.values()), None)
    if air is None:
        return {"status": "starting", "services": {}}
    now = clock.tick()
    return {
        "status": "detached" if air.hub.detached else "open",
        "reason": air.hub.detached,
        "services": {
            slug: {
                "on": snapshot.timeline.at(now) is not None,
                "laid_seconds": seconds(max(0, snapshot.timeline.end - now)),
            }
            for slug, snapshot in air.hub.services.items()
        },
    }


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """ASGI: requests below /air/, and the process's start and stop."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    if scope["type"] != "http":
        return
    method, path = scope["method"], scope["path"]
    if method == "OPTIONS":
        allowed = [
            (b"access-control-allow-methods", b"GET, HEAD, POST"),
            (b"access-control-allow-headers", b"range, content-type"),
        ]
        await _send(send, 204, [*CORS, *allowed, (b"access-control-max-age", b"86400")], b"")
        return
    if method not in {"GET", "HEAD"} and not (method == "POST" and path.endswith(f"/{licensing.ADDRESS}")):
        await _send(send, 405, [(b"allow", b"GET, HEAD, OPTIONS"), (b"content-length", b"0")], b"")
        return
    asked_at, bound, until = path, "", gate.OPEN
    if settings.KESHEN_RESTRICTED or path.startswith(admission.PREFIX):
        try:
            path, bound, until = gate.admitted(path)
        except admission.NotAdmitted as error:
            status, headers, body = respond(problem(403, str(error)), {})
            await _send(send, status, headers, b"" if method == "HEAD" else body)
            return
    air = await _air()
    query = scope.get("query_string", b"").decode("latin-1")
    edge = gate.territory(scope["headers"]) if settings.KESHEN_TERRITORY_HEADER else ""
    asked = f"{path}?{query}" if query else path
    if not (bound or edge) and method == "GET" and (ready := air.ready(asked)) and (sent := ready.to(scope["headers"])):
        await send(sent[0])
        await send(sent[1])
        return
    endless = path.endswith(ENDLESS)
    if endless and until is None and not air.is_open(path, query):
        answer = licensing.NO_OPEN_STREAM
    elif endless and method == "GET" and await air.continuous.serve(path, query, send, receive, bound, edge, until):
        return
    elif method == "POST":
        answer = await licensing.licence(air.hub.services, path, receive)
    else:
        answer = await air.answer(path, query, bound, edge)
        if path != asked_at and path.endswith("/manifest.mpd"):
            answer = licensing.signed(answer, path, asked_at)
    status, headers, body = respond(answer, dict(scope["headers"]))
    headers += gate.varied()
    await _send(send, status, headers, b"" if method == "HEAD" else body)


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    for message in messages(status, headers, body):
        await send(message)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await _air()
            await send({"type": "lifespan.startup.complete"})
        else:
            air = _airs.pop(id(asyncio.get_running_loop()), None)
            if air is not None:
                await air.hub.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return
