"""The bytes of segments: read by range, restamped to their place on the air, and kept while they are wanted."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from functools import lru_cache
from typing import Final

from keshen.air.protection import keys
from keshen.air.serving.snapshot import STANDBY, Snapshot, Source
from keshen.air.timeline import Entry
from keshen.air.ways_out import captions, hls, iframes, wvtt
from keshen.media import boxes, cenc, profiles, samples
from keshen.media.store import BlobStore, StoreError

KEPT_BYTES: Final = 96 << 20
KEPT_ENDS: Final = 50_000
KEPT_CAPTIONS: Final = 64
FRAGMENTS_PER_SEGMENT: Final = 3
"""A segment of 14 ticks has GOPs of 6, 6 and 2: sequence numbers of fragments leave room for three."""

log = logging.getLogger(__name__)

type Key = tuple[int, int, str, int]


class Kept:
    """Bytes by key, the last used first, under a bound; what several ask for at once is made once."""

    def __init__(self, bound: int = KEPT_BYTES) -> None:
        self._bound = bound
        self._size = 0
        self._held: OrderedDict[Key, bytes] = OrderedDict()
        self._making: dict[Key, asyncio.Task[bytes]] = {}

    async def get(self, key: Key, make: Callable[[], Awaitable[bytes]]) -> bytes:
        held = self._held.get(key)
        if held is not None:
            self._held.move_to_end(key)
            return held
        task = self._making.get(key)
        if task is None:
            # what the store has in memory is made at once, and costs no turn of the loop
            task = asyncio.Task(self._make(key, make), loop=asyncio.get_running_loop(), eager_start=True)
            if task.done():
                return task.result()
            self._making[key] = task
        return await asyncio.shield(task)

    async def _make(self, key: Key, make: Callable[[], Awaitable[bytes]]) -> bytes:
        try:
            made = await make()
        finally:
            self._making.pop(key, None)
        self._held[key] = made
        self._size += len(made)
        while self._size > self._bound:
            self._size -= len(self._held.popitem(last=False)[1])
        return made


class Segments:
    """Makes segments of any service from the media store; keys of protected ones come from the house's `secret`."""

    def __init__(self, store: BlobStore, secret: str = "") -> None:
        self._store = store
        self._secret = secret
        self._kept = Kept()
        self._locked = Kept(KEPT_BYTES // 2)
        self._picture_ends: OrderedDict[tuple[str, int], int] = OrderedDict()
        self._cues_held: OrderedDict[str, tuple[captions.Cue, ...]] = OrderedDict()

    async def media(self, snapshot: Snapshot, entry: Entry, number: int, rung: str, *, substitute: int) -> bytes | None:
        """A picture or sound segment as it airs; None when nothing can play there.

        An asset whose bytes are lost is replaced by the standby of the same length: the air does not stop.
        """
        key = (entry.id, number, rung, substitute)
        try:
            return await self._kept.get(key, lambda: self._restamped(snapshot, entry, number, rung, substitute))
        except LookupError:
            return None

    async def aired(self, snapshot: Snapshot, entry: Entry, number: int, rung: str, *, substitute: int) -> bytes | None:
        """A picture or sound segment as it leaves the house: encrypted, where the channel is."""
        lock = snapshot.protection.lock(entry.start + entry.span(number)[0])
        if lock is None:
            return await self.media(snapshot, entry, number, rung, substitute=substitute)
        key = (entry.id, number, rung, substitute)
        try:
            return await self._locked.get(key, lambda: self._protected(snapshot, entry, number, rung, substitute, lock))
        except LookupError:
            return None

    async def _protected(
        self, snapshot: Snapshot, entry: Entry, number: int, rung: str, substitute: int, lock: keys.Lock
    ) -> bytes:
        made = await self.media(snapshot, entry, number, rung, substitute=substitute)
        if made is None:
            raise LookupError(rung)
        key = keys.key(self._secret, snapshot.slug, lock.period)
        if lock.method is keys.Method.AES_128:
            return await asyncio.to_thread(keys.whole, made, key, entry.sequence + number)
        source = snapshot.source(entry, number, rung, substitute=substitute) or snapshot.source(
            entry, number, rung, substitute=STANDBY
        )
        if source is None:
            raise LookupError(rung)
        try:
            how = _coding(await self._store.aread(source.track.init))
            return await asyncio.to_thread(cenc.protect, made, how, key)
        except (StoreError, boxes.FormatError) as error:
            log.exception("entry %s segment %s of %s cannot be encrypted", entry.id, number, rung)
            raise LookupError(rung) from error

    async def _restamped(self, snapshot: Snapshot, entry: Entry, number: int, rung: str, substitute: int) -> bytes:
        source = snapshot.source(entry, number, rung, substitute=substitute)
        if source is not None:
            try:
                return await self._read(source, entry, number)
            except (StoreError, boxes.FormatError):
                log.exception("entry %s segment %s of %s is lost; the standby plays", entry.id, number, rung)
        source = snapshot.source(entry, number, rung, substitute=STANDBY)
        if source is None:
            raise LookupError(rung)
        try:
            return await self._read(source, entry, number)
        except (StoreError, boxes.FormatError) as error:
            log.exception("the standby itself is lost: prepare it again with `keshen doctor`")
            raise LookupError(rung) from error

    async def _read(self, source: Source, entry: Entry, number: int) -> bytes:
        held = await self._store.aread_range(source.track.blob, source.offset, source.length)
        units = profiles.units(source.track.kind, source.track.rung)
        tick = entry.start + entry.span(number)[0]
        sequence = (entry.sequence + number) * FRAGMENTS_PER_SEGMENT + 1
        if not isinstance(held, bytearray):
            held = bytearray(held)
        boxes.place(held, tick, sequence, units)
        return bytes(held)

    async def pictures(
        self, snapshot: Snapshot, names: Iterable[str], rung: str
    ) -> tuple[dict[str, int], frozenset[str]]:
        """Where the first pictures of the segments at some addresses end, and which of those have their own address."""
        ends, alone = dict[str, int](), set[str]()
        for name in names:
            number, place, _, substitute = hls.parse_segment_name(name) or (0, 0, "", 0)
            if (entry := snapshot.timeline.entry(number)) is None:
                continue
            if snapshot.protection.lock(entry.start + entry.span(place)[0]):
                alone.add(name)
            elif end := await self.picture_end(snapshot, entry, place, rung, substitute=substitute):
                ends[name] = end
        return ends, frozenset(alone)

    async def picture_end(
        self, snapshot: Snapshot, entry: Entry, number: int, rung: str, *, substitute: int
    ) -> int | None:
        """Where the first picture of a segment ends, in bytes from its start; None when it cannot be read."""
        source = snapshot.source(entry, number, rung, substitute=substitute)
        if source is None:
            return None
        key = (source.track.blob, source.offset)
        held = self._picture_ends.get(key)
        if held is None:
            try:
                head = await self._store.aread_range(*key, min(iframes.HEAD_BYTES, source.length))
                sample, _, _ = samples.first_of_fragment(head)
            except (StoreError, boxes.FormatError):
                log.exception("no first picture of entry %s segment %s of %s", entry.id, number, rung)
                return None
            held = self._picture_ends[key] = sample.offset + sample.size
            if len(self._picture_ends) > KEPT_ENDS:
                self._picture_ends.popitem(last=False)
        return held

    async def picture(
        self, snapshot: Snapshot, entry: Entry, number: int, rung: str, *, substitute: int
    ) -> bytes | None:
        """The first picture of an encrypted segment, as a resource of its own; None when it is clear or cannot be had.

        What is encrypted whole is encrypted anew, with its own padding: nothing can be read from the middle of it.
        """
        lock = snapshot.protection.lock(entry.start + entry.span(number)[0])
        if lock is None:
            return None
        whole = lock.method is keys.Method.AES_128
        held = await (self.media if whole else self.aired)(snapshot, entry, number, rung, substitute=substitute)
        if held is None:
            return None
        try:
            sample, _, _ = samples.first_of_fragment(held)
        except boxes.FormatError:
            log.exception("no first picture of entry %s segment %s of %s", entry.id, number, rung)
            return None
        made = bytes(held[: sample.offset + sample.size])
        key = keys.key(self._secret, snapshot.slug, lock.period)
        return keys.whole(made, key, entry.sequence + number) if whole else made

    async def captions(self, snapshot: Snapshot, entry: Entry, number: int, rung: str, *, substitute: int) -> bytes:
        """A caption segment as it leaves the house; without captions it has only the header."""
        cues, start, tick, ticks = await self._cues(snapshot, entry, number, rung, substitute)
        made = captions.segment(cues, start, tick, ticks).encode()
        lock = snapshot.protection.lock(entry.start + entry.span(number)[0])
        if lock is None or lock.method is not keys.Method.AES_128:
            return made
        return keys.whole(made, keys.key(self._secret, snapshot.slug, lock.period), entry.sequence + number)

    async def wvtt(self, snapshot: Snapshot, entry: Entry, number: int, rung: str, *, substitute: int) -> bytes:
        """A caption segment as a fragment of MP4; without captions it says that nothing is shown."""
        told = await self._cues(snapshot, entry, number, rung, substitute)
        return wvtt.segment(*told, sequence=entry.sequence + number + 1)

    async def _cues(
        self, snapshot: Snapshot, entry: Entry, number: int, rung: str, substitute: int
    ) -> tuple[tuple[captions.Cue, ...], int, int, int]:
        """The cues of the asset on the air, the tick it begins at, and the segment's own start and length in it."""
        offset, ticks = entry.span(number)
        source = None if substitute else snapshot.source(entry, number, rung)
        cues: tuple[captions.Cue, ...] = ()
        asset_tick = entry.asset_tick + offset
        if source is not None:
            try:
                cues = await self._captions_of(source.track.blob)
                asset_tick = source.asset_tick
            except StoreError:
                log.exception("captions %s of entry %s are lost; the segment goes without", rung, entry.id)
        return cues, entry.start + offset - asset_tick, asset_tick, ticks

    async def _captions_of(self, blob: str) -> tuple[captions.Cue, ...]:
        """The cues of a track: every segment of it asks for them. Raises StoreError."""
        held = self._cues_held.get(blob)
        if held is None:
            data = await self._store.aread(blob)
            held = self._cues_held[blob] = captions.parse(data.decode("utf-8", "replace"))
            if len(self._cues_held) > KEPT_CAPTIONS:
                self._cues_held.popitem(last=False)
        return held

    async def adts(self, snapshot: Snapshot, tick: int, rung: str) -> bytes:
        """The sound of one tick as ADTS frames; empty when nothing can play."""
        segment = snapshot.timeline.segment_at(tick)
        if segment is None:
            return b""
        key = (segment.entry.id, segment.number, rung, snapshot.given_instead(segment))
        data = await self.media(snapshot, segment.entry, segment.number, rung, substitute=key[3])
        source = snapshot.source(segment.entry, segment.number, rung, substitute=key[3])
        if data is None or source is None:
            return b""
        config = boxes.audio_config(await self._store.aread(source.track.init))
        return _adts(data, config)[tick - segment.start]

    async def init(self, sha256: str) -> bytes:
        """An init segment. Raises StoreError."""
        return await self._store.aread(sha256)

    async def protected_init(self, service: str, sha256: str, period: int) -> bytes:
        """The init segment of a track protected with an hour's key. Raises StoreError, FormatError."""
        return cenc.protect_init(await self._store.aread(sha256), keys.key(self._secret, service, period))


@lru_cache(maxsize=64)
def _coding(init: bytes) -> cenc.Coding:
    return cenc.coding(init)


@lru_cache(maxsize=64)
def _adts(data: bytes, config: bytes) -> tuple[bytes, ...]:
    return tuple(boxes.adts_ticks(data, config))
