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
from urllib.parse import parse_qs, quote

from django.conf import settings

from keshen.air import captions, clock, dash, hls, iframes, keys, licensing, poster, shown, wvtt
from keshen.air.continuous import Continuous
from keshen.air.http import (
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
from keshen.air.hub import Hub
from keshen.air.interval import interval
from keshen.air.segments import Segments
from keshen.air.snapshot import Snapshot
from keshen.house import admission
from keshen.media.boxes import FormatError
from keshen.media.houseformat import seconds
from keshen.media.store import StoreError, house_store

type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Mapping[str, Any]]]
type Send = Callable[[Mapping[str, Any]], Awaitable[None]]

LISTED_EARLY_TICKS: Final = 3
"""A player whose clock or playlist is a second ahead of this node may ask for what this one has not listed yet."""

KEPT_BYTES: Final = 64 << 20
"""Segments whose answers are kept ready: those asked for last, which most ask for. Their bytes are kept anyway."""

OPEN_TO_ALL: Final = frozenset({"epg.xml", "guide.json", "now.json"})
"""What a restricted channel tells everybody."""

_INIT: Final = re.compile(r"init-([0-9a-f]{64})(?:-(\d{1,9}))?\.mp4")

log = logging.getLogger(__name__)


class Air:
    """One process's air: its hub of snapshots, its segments, its radio streams."""

    def __init__(self) -> None:
        self.hub = Hub()
        self.segments = Segments(house_store(), settings.SECRET_KEY)
        self.continuous = Continuous(self.hub, self.segments)
        self._posters: dict[str, tuple[tuple[int, int], bytes]] = {}
        self._live: dict[str, tuple[Snapshot, int, Ready]] = {}
        self._sent: OrderedDict[str, tuple[Snapshot, Ready]] = OrderedDict()
        self._sent_bytes = 0

    async def answer(self, path: str, query: str) -> Answer:
        """What stands at a path below /air/."""
        parts = path.removeprefix("/air/").split("/")
        if parts == ["epg.xml"]:
            return shown.xmltv(self.hub.services.values())
        if parts == ["channels.m3u"]:
            return shown.channels(self._listed())
        if parts == ["dvbi.xml"]:
            return shown.service_list(self._listed())
        if parts == ["time"]:
            return shown.time()
        snapshot = self.hub.services.get(parts[0])
        if snapshot is None:
            return NOT_FOUND
        if len(parts) == 2:
            return await self._service(snapshot, parts[1], query)
        if len(parts) == 3 and parts[1] in set(hls.rungs(snapshot.ladder)):
            if parts[2] == "index.m3u8":
                return self._media_playlist(snapshot, parts[1], query)
            if parts[2] == "iframes.m3u8" and parts[1] in {picture.rung for picture in snapshot.ladder.pictures}:
                return await self._iframes(snapshot, parts[1], query)
            return await self._segment(snapshot, parts[1], parts[2])
        return NOT_FOUND

    def _listed(self) -> list[Snapshot]:
        return [one for one in self.hub.services.values() if one.slug not in settings.KESHEN_RESTRICTED]

    async def _service(self, snapshot: Snapshot, name: str, query: str) -> Answer:
        match name:
            case "index.m3u8":
                asked = interval(snapshot, query)
                if isinstance(asked, Answer):
                    return asked
                handed = f"?{quote(query, safe='=&:+-.')}" if asked else ""
                return _multivariant(snapshot.ladder, handed, winding=not snapshot.protection)
            case "manifest.mpd":
                return self._manifest(snapshot, query)
            case "epg.xml":
                return shown.xmltv([snapshot])
            case "now.json":
                return shown.now(snapshot)
            case "guide.json":
                return shown.day(snapshot)
            case "poster.jpg":
                return await self._poster(snapshot)
            case "listen.aac" | "stream.ts" if snapshot.protection:
                return licensing.NO_OPEN_STREAM
        return licensing.given(snapshot, name) or NOT_FOUND

    async def endless(self, path: str, query: str, send: Send, receive: Receive) -> bool:
        """Send a stream without end, if one stands at `path`; whether it does."""
        slug, _, name = path.removeprefix("/air/").partition("/")
        snapshot = self.hub.services.get(slug)
        if snapshot is None or not snapshot.timeline.entries or snapshot.protection:
            return False
        given = parse_qs(query, max_num_fields=20)
        match name:
            case "listen.aac":
                language = given.get("language", [""])[0]
                known = language if language in snapshot.languages else ""
                await self.continuous.listen(slug, known, send, receive)
            case "stream.ts":
                pictures = [one.rung for one in snapshot.ladder.pictures if one.codecs.startswith("avc1")]
                rung = given.get("rung", pictures[:1] or [""])[0]
                if rung not in (pictures or [""]):
                    return False
                await self.continuous.transport(slug, rung, send, receive)
            case _:
                return False
        return True

    def ready(self, path: str) -> Ready | None:
        """What was answered at a path and still stands: a live playlist until the segment under way ends, a segment.

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

    def _media_playlist(self, snapshot: Snapshot, rung: str, query: str) -> Answer:
        writer = snapshot.playlists(rung)
        now = clock.tick()
        asked = interval(snapshot, query)
        if isinstance(asked, Answer):
            return asked
        if asked:
            text = writer.past(asked[0], asked[1], now, skip="_HLS_skip=" in query)
            return fresh(text, hls.PLAYLIST_TYPE) if text else NOT_FOUND
        text = writer.live(now)
        if text is None:
            return NOTHING_LAID
        answer = _playlist(text)
        self._live[f"/air/{snapshot.slug}/{rung}/index.m3u8"] = (snapshot, writer.until, Ready(answer))
        return answer

    async def _iframes(self, snapshot: Snapshot, rung: str, query: str) -> Answer:
        if snapshot.protection:
            return NOT_FOUND  # a byte range of what is encrypted whole cannot be read
        answer = self._media_playlist(snapshot, rung, query.replace("_HLS_skip=", ""))
        if answer.status != 200:
            return answer
        text, ends = answer.body.decode(), dict[str, int]()
        for name in iframes.names(text):
            number, place, _, substitute = hls.parse_segment_name(name) or (0, 0, "", False)
            if (entry := snapshot.timeline.entry(number)) is not None:
                end = await self.segments.picture_end(snapshot, entry, place, rung, substitute=substitute)
                ends.update({name: end} if end else {})
        return fresh(iframes.pictures_only(text, ends), hls.PLAYLIST_TYPE)

    def _manifest(self, snapshot: Snapshot, query: str) -> Answer:
        writer, now = snapshot.manifests(f"{settings.KESHEN_URL}/air"), clock.tick()
        asked = interval(snapshot, query)
        if isinstance(asked, Answer):
            return asked
        first, last = asked or (now - 2 * hls.WINDOW_TICKS, now)
        if snapshot.protection.holds(keys.Method.AES_128, first, last):
            return licensing.NOT_IN_DASH
        if asked:
            made = writer.past(asked[0], asked[1], now)
            return fresh(made, dash.MANIFEST_TYPE) if made else NOT_FOUND
        made = writer.live(now)
        return _manifest(made) if made else NOTHING_LAID

    async def _at_time(self, snapshot: Snapshot, rung: str, tick: int) -> Answer:
        """The segment that begins at a tick, as DASH asks for it. What was withdrawn shows its substitute."""
        segment = snapshot.timeline.segment_at(tick)
        if segment is None or segment.start != tick or segment.end > clock.tick() + LISTED_EARLY_TICKS:
            return NOT_FOUND
        substitute = snapshot.is_substituted(segment)
        if rung.startswith("c-"):
            told = await self.segments.wvtt(snapshot, segment.entry, segment.number, rung, substitute=substitute)
            return Answer(200, told, dash.TEXT_TYPE, SHORT)
        made = await self.segments.aired(snapshot, segment.entry, segment.number, rung, substitute=substitute)
        if made is None:
            return NOT_FOUND
        kind = "audio/mp4" if rung.startswith("a-") else "video/mp4"
        return Answer(200, made, kind, SHORT, ranges=True)

    async def _segment(self, snapshot: Snapshot, rung: str, name: str) -> Answer:
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
        asked = hls.parse_segment_name(name)
        if asked is None or (asked[2] == "vtt") != rung.startswith("c-") or asked[2] not in {"vtt", "m4s"}:
            return NOT_FOUND
        number, substitute = asked[1], asked[3]
        entry = snapshot.timeline.entry(asked[0])
        if entry is None:
            return await self._unknown(snapshot, asked[0])
        if entry.id in snapshot.withdrawn and not substitute and entry.id not in snapshot.lost:
            return GONE
        if substitute and entry.id not in snapshot.withheld:
            return NOT_FOUND
        if number >= entry.segments or entry.start + sum(entry.span(number)) > clock.tick() + LISTED_EARLY_TICKS:
            return NOT_FOUND
        if asked[2] == "vtt":
            body = await self.segments.captions(snapshot, entry, number, rung, substitute=substitute)
            return Answer(200, body, f"{captions.VTT_TYPE}; charset=utf-8", SEGMENT_CACHE)
        made = await self.segments.aired(snapshot, entry, number, rung, substitute=substitute)
        if made is None:
            return NOT_FOUND
        kind = "audio/mp4" if rung.startswith("a-") else "video/mp4"
        answer = Answer(200, made, kind, SEGMENT_CACHE, f'"{rung}-{name}"', ranges=True)
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

    async def _poster(self, snapshot: Snapshot) -> Answer:
        segment = snapshot.timeline.segment_at(clock.tick())
        if segment is None:
            return NOT_FOUND
        key = (segment.entry.id, segment.number)
        held = self._posters.get(snapshot.slug)
        if held is None or held[0] != key:
            substitute = segment.entry.id in snapshot.withdrawn
            source = snapshot.source(segment.entry, segment.number, "v360", substitute=substitute)
            data = await self.segments.media(snapshot, segment.entry, segment.number, "v360", substitute=substitute)
            if source is None or data is None:
                return NOT_FOUND
            try:
                init = await self.segments.init(source.track.init)
                held = (key, await asyncio.to_thread(poster.picture, init, data))
            except (StoreError, ValueError) as error:
                log.warning("no picture of %s: %s", snapshot.slug, error)
                return NOT_FOUND
            self._posters[snapshot.slug] = held
        return Answer(200, held[1], poster.MEDIA_TYPE, "public, max-age=2", f'"{key[0]}-{key[1]}"')


@lru_cache(maxsize=256)
def _playlist(text: str) -> Answer:
    return fresh(text, hls.PLAYLIST_TYPE)


@lru_cache(maxsize=64)
def _manifest(made: bytes) -> Answer:
    return fresh(made, dash.MANIFEST_TYPE)


@lru_cache(maxsize=256)
def _multivariant(ladder: hls.Ladder, query: str, *, winding: bool) -> Answer:
    return fresh(hls.multivariant(ladder, query, winding=winding), hls.PLAYLIST_TYPE)


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
    if air is None or (ready := air.ready(path)) is None:
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
            slug: {"on": snapshot.timeline.at(now) is not None, "laid_seconds": seconds(snapshot.timeline.end - now)}
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
    asked = path
    if settings.KESHEN_RESTRICTED or path.startswith(admission.PREFIX):
        try:
            path = _admitted(path)
        except admission.NotAdmitted as error:
            status, headers, body = respond(problem(403, str(error)), {})
            await _send(send, status, headers, b"" if method == "HEAD" else body)
            return
    air = await _air()
    query = scope.get("query_string", b"").decode("latin-1")
    if not query and method == "GET" and (ready := air.ready(path)) and (sent := ready.to(scope["headers"])):
        await send(sent[0])
        await send(sent[1])
        return
    if (
        method == "GET"
        and path.endswith(("/listen.aac", "/stream.ts"))
        and await air.endless(path, query, send, receive)
    ):
        return
    if method == "POST":
        answer = await licensing.licence(air.hub.services, path, receive)
    else:
        answer = await air.answer(path, query)
        if path != asked and path.endswith("/manifest.mpd"):
            answer = licensing.signed(answer, path, asked)
    status, headers, body = respond(answer, dict(scope["headers"]))
    await _send(send, status, headers, b"" if method == "HEAD" else body)


def _admitted(path: str) -> str:
    """The plain path of one that may be asked for. Raises NotAdmitted."""
    if path.startswith(admission.PREFIX):
        return admission.admitted(settings.SECRET_KEY, path, clock.milliseconds() // 1000)
    slug, _, name = path.removeprefix("/air/").partition("/")
    if slug in settings.KESHEN_RESTRICTED and name not in OPEN_TO_ALL:
        raise admission.NotAdmitted("This channel plays at signed addresses.")
    return path


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
