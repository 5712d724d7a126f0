"""A channel written out as files, so that a plain web server or a CDN serves it and nothing of the house is asked.

What will be listed is written before it is listed: a playlist goes out only when everything it names is there. Names
and bytes are those of the house's own nodes, so two publishers write the same. For DASH, which asks for segments by the
time they begin at, they are written under those names too.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from keshen.air import clock
from keshen.air.serving.outside import Outside, OutsideError
from keshen.air.serving.segments import Segments
from keshen.air.serving.snapshot import ITSELF, Snapshot
from keshen.air.timeline import Segment
from keshen.air.ways_out import dash, hls, wvtt
from keshen.media.boxes import FormatError
from keshen.media.houseformat import TICKS_PER_HOUR
from keshen.media.store import StoreError

AHEAD_TICKS: Final = hls.FREEZE_TICKS
"""How long before it is listed a segment is written: from then on only a withdrawal can change what airs."""
KEPT_TICKS: Final = TICKS_PER_HOUR // 4
"""How long a segment stays after it aired, for viewers who stopped for a while (15 minutes)."""
AT_ONCE: Final = 8
"""How many files are written at the same time."""

log = logging.getLogger(__name__)


class NotPublished(ValueError):
    """The channel cannot be given away as files; the message says why."""


def encrypted(slug: str) -> str:
    """Why an encrypted channel is not published."""
    return f"{slug} is encrypted: its keys are the house's to give, not a folder's."


def folder(snapshot: Snapshot) -> str:
    """Where a channel's files stand; a variant's stand apart."""
    return f"{snapshot.slug}.{snapshot.mark.replace('+', 'later')}" if snapshot.mark else snapshot.slug


def _named(playlist: str) -> list[str]:
    """What a media playlist names that can be fetched: init segments and segments, gaps left out."""
    found: list[str] = []
    gap = False
    for line in playlist.splitlines():
        if line.startswith('#EXT-X-MAP:URI="'):
            found.append(line.split('"')[1])
        elif line == "#EXT-X-GAP":
            gap = True
        elif line and not line.startswith("#"):
            if not gap:
                found.append(line)
            gap = False
    return found


class Publisher:
    """Writes one service, or a variant of it; `snapshot` gives it as it stands, what is `outside` is kept as it says.

    A variant has a folder of its own, so that whoever gives the files out can say by path who may have them. With
    `dash` a manifest stands beside the playlists.
    """

    def __init__(
        self,
        snapshot: Callable[[], Snapshot | None],
        segments: Segments,
        outside: Outside,
        *,
        kept_ticks: int = KEPT_TICKS,
        dash: bool = False,
    ) -> None:
        self._snapshot = snapshot
        self._segments = segments
        self._outside = outside
        self._kept_ticks = max(kept_ticks, 2 * hls.WINDOW_TICKS)  # never what is still listed
        self._there: set[str] = set()
        self._dash = dash
        self._by_time: dict[str, str] = {}
        self._lists: dict[str, bytes] = {}
        self._doors = asyncio.Semaphore(AT_ONCE)

    async def publish(self) -> None:
        """Write what is missing and will be listed soon, then the playlists that changed; take away what is withdrawn.

        Raises OutsideError, and NotPublished for a channel that is encrypted.
        """
        snapshot = self._snapshot()
        if snapshot is None:
            return
        if snapshot.protection:
            raise NotPublished(encrypted(snapshot.slug))
        await self._take_away(snapshot)
        own = folder(snapshot)
        for rung in hls.rungs(snapshot.ladder):
            writer, now = snapshot.playlists(rung), clock.tick() - snapshot.later
            # what is listed by then first: a publisher that has just begun is behind
            for text in (writer.live(now), writer.live(now + AHEAD_TICKS)):
                names = _named(text) if text else []
                wanted = [name for name in dict.fromkeys(names) if f"{own}/{rung}/{name}" not in self._there]
                await asyncio.gather(*(self._write(snapshot, rung, name) for name in wanted))
            text = writer.live(clock.tick() - snapshot.later)
            if text and all(f"{own}/{rung}/{name}" in self._there for name in _named(text)):
                await self._renew(f"{own}/{rung}/index.m3u8", text.encode())
        await self._renew(f"{own}/index.m3u8", hls.multivariant(snapshot.ladder, winding=False).encode())
        if self._dash:
            await self._publish_by_time(snapshot, own)

    async def _publish_by_time(self, snapshot: Snapshot, own: str) -> None:
        """What a manifest names, then the manifest; what was withdrawn gets its substitute under the same name."""
        timeline, now = snapshot.timeline, clock.tick() - snapshot.later
        first = max(timeline.listed(now - hls.WINDOW_TICKS), 0)
        for end in (timeline.listed(now), timeline.listed(now + AHEAD_TICKS)):
            for rung in hls.rungs(snapshot.ladder):
                listed = timeline.segments(first, end)
                await asyncio.gather(*(self._write_by_time(snapshot, own, rung, segment) for segment in listed))
        made = snapshot.manifests("").live(clock.tick() - snapshot.later)
        if made:
            await self._renew(f"{own}/manifest.mpd", made)

    async def _write_by_time(self, snapshot: Snapshot, own: str, rung: str, segment: Segment) -> None:
        path, substitute = f"{own}/{rung}/{dash.segment_name(segment, rung)}", snapshot.given_instead(segment)
        name = hls.segment_name(segment, "m4s", substitute=substitute)
        if self._by_time.get(path) == name:
            return
        async with self._doors:
            if rung.startswith("c-"):
                init = f"{own}/{rung}/{wvtt.INIT_NAME}"
                if init not in self._there:
                    await self._outside.put(init, wvtt.init())
                    self._there.add(init)
                give = self._segments.wvtt(snapshot, segment.entry, segment.number, rung, substitute=substitute)
                data: bytes | None = await give
            else:
                data = await self._bytes(snapshot, rung, name)
            if data is not None:
                await self._outside.put(path, data, renewed=True)
                self._by_time[path] = name

    async def sweep(self) -> int:
        """Remove what aired longer ago than it is kept, what was withdrawn, and what no log knows; gives how many.

        Raises OutsideError.
        """
        snapshot = self._snapshot()
        if snapshot is None:
            return 0
        count = 0
        async for path in self._outside.names(folder(snapshot)):
            if self._is_over(snapshot, path):
                await self._outside.remove(path)
                self._there.discard(path)
                self._by_time.pop(path, None)
                count += 1
        return count

    def _is_over(self, snapshot: Snapshot, path: str) -> bool:
        """Whether a file is to be removed; what is no segment is not."""
        rung, _, name = path.partition("/")[2].rpartition("/")
        since = clock.tick() - snapshot.later - self._kept_ticks
        if (tick := dash.parse_segment_name(name, rung)) is not None:
            segment = snapshot.timeline.segment_at(tick)
            if segment is None or segment.end < since:
                return True
            return path not in self._by_time and snapshot.given_instead(segment) != ITSELF
        named = hls.parse_segment_name(name)
        if named is None:
            return False
        entry = snapshot.timeline.entry(named[0])
        if entry is None or named[1] >= entry.segments or entry.start + sum(entry.span(named[1])) < since:
            return True
        return entry.id in snapshot.closed and not named[3] and entry.id not in snapshot.lost

    async def _take_away(self, snapshot: Snapshot) -> None:
        """A withdrawal is obeyed before anything else is done."""
        names = {path: path.rpartition("/")[2] for path in self._there} | self._by_time
        for path, name in names.items():
            named = hls.parse_segment_name(name)
            if named and not named[3] and named[0] in snapshot.closed and named[0] not in snapshot.lost:
                await self._outside.remove(path)
                self._there.discard(path)
                self._by_time.pop(path, None)

    async def _renew(self, path: str, data: bytes) -> None:
        if self._lists.get(path) != data:
            await self._outside.put(path, data, renewed=True)
            self._lists[path] = data

    async def _write(self, snapshot: Snapshot, rung: str, name: str) -> None:
        async with self._doors:
            data = await self._bytes(snapshot, rung, name)
            if data is not None:
                path = f"{folder(snapshot)}/{rung}/{name}"
                await self._outside.put(path, data)
                self._there.add(path)

    async def _bytes(self, snapshot: Snapshot, rung: str, name: str) -> bytes | None:
        named = hls.parse_segment_name(name)
        if named is None:
            try:
                return await self._segments.init(name.removeprefix("init-").removesuffix(".mp4"))
            except (StoreError, FormatError):
                log.exception("%s of %s cannot be read", name, snapshot.slug)
                return None
        number, place, _suffix, substitute = named
        entry = snapshot.timeline.entry(number)
        if entry is None:
            return None
        if rung.startswith("c-"):
            return await self._segments.captions(snapshot, entry, place, rung, substitute=substitute)
        return await self._segments.aired(snapshot, entry, place, rung, substitute=substitute)


async def keep_published(publisher: Publisher, *, every: float, sweep_every: float) -> None:
    """Publish until cancelled, sweeping in between; times in seconds. What fails is said once and tried again.

    A channel that is encrypted meanwhile is not written on, and the others are.
    """
    loop = asyncio.get_running_loop()
    swept, failing = loop.time() - sweep_every, False
    while True:
        begun = loop.time()
        try:
            await publisher.publish()
            if begun - swept >= sweep_every:
                swept = begun
                if count := await publisher.sweep():
                    log.info("%d files removed", count)
            failing = False
        except (OutsideError, NotPublished) as error:
            if not failing:
                log.warning("%s; it is tried again", error)
            failing = True
        await asyncio.sleep(max(0.05, every - (loop.time() - begun)))
