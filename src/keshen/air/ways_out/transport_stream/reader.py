"""What a service's transport stream carries at a tick, read from the timeline and the media store."""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from keshen.air import guide
from keshen.air.serving.segments import Segments
from keshen.air.serving.snapshot import Snapshot
from keshen.air.ways_out import scte35
from keshen.air.ways_out.transport_stream import mux, tables, versions
from keshen.media import avc, houseformat, profiles, samples
from keshen.media.boxes import FormatError
from keshen.media.houseformat import AAC_FRAMES_PER_TICK, MPEGTS_UNITS
from keshen.media.store import StoreError

ANNOUNCED_TICKS: Final = (13, 31)
"""A splice is told of from 9.9 s to 4.2 s before: at least the four seconds SCTE 35 asks for, and always frozen."""
GUIDE_TICKS: Final = 24 * houseformat.TICKS_PER_HOUR
BEFORE_TICKS: Final = 2 * houseformat.TICKS_PER_HOUR
"""How far back programmes are known when versions of the table are counted."""
MOST_BEFORE: Final = 16
"""How many of them are looked at: that none of so many stands by its own digest happens to nobody."""

log = logging.getLogger(__name__)

type _Table = tuple[tables.Event | None, tables.Event | None, int]


class Reader:
    """Makes the packets of any tick of one service, with the sound in the language `audio` before the others."""

    def __init__(self, segments: Segments, audio: str = "") -> None:
        self._segments = segments
        self._audio = audio
        self._guide: tuple[Snapshot, list[guide.Programme], dict[int, _Table]] | None = None
        self._versions = versions.Told()

    async def packets(self, snapshot: Snapshot, tick: int, rung: str) -> bytes:
        """The packets of a tick of the log, with the picture of `rung` (none for radio)."""
        pictures = await self._pictures(snapshot, tick + mux.PICTURE_AHEAD_TICKS, rung) if rung else ()
        languages = tuple(sorted(snapshot.languages, key=lambda tag: tag != self._audio))
        sounds = [await self._sound(snapshot, tick, language) for language in languages]
        content = mux.Content(pictures, sounds, self._told(snapshot, tick))
        return mux.tick_packets(tick, _service(snapshot, languages, picture=bool(rung)), content)

    async def _pictures(self, snapshot: Snapshot, tick: int, rung: str) -> Sequence[mux.Unit]:
        segment = snapshot.timeline.segment_at(tick)
        if segment is None:
            return ()
        substitute = snapshot.given_instead(segment)
        data = await self._segments.media(snapshot, segment.entry, segment.number, rung, substitute=substitute)
        source = snapshot.source(segment.entry, segment.number, rung, substitute=substitute)
        if data is None or source is None:
            return ()
        try:
            init = await self._segments.init(source.track.init)
            return _units(data, init, profiles.units("video", rung)).get(tick - segment.start, ())
        except (StoreError, FormatError):
            log.exception("no picture of %s at tick %s in the transport stream", snapshot.slug, tick)
            return ()

    async def _sound(self, snapshot: Snapshot, tick: int, language: str) -> Sequence[bytes]:
        rung = f"{houseformat.AUDIO_RUNG}-{language}"
        now = _groups(await self._segments.adts(snapshot, tick, rung))
        then = _groups(await self._segments.adts(snapshot, tick + 1, rung))
        return (*now[1:], then[0])

    def _told(self, snapshot: Snapshot, tick: int) -> mux.Told:
        at = tick + snapshot.later
        held = self._guide
        if held is None or held[0] is not snapshot:
            held = self._guide = (snapshot, snapshot.programmes(at - BEFORE_TICKS, at + GUIDE_TICKS), {})
        _, lines, made = held
        place = bisect_right(lines, at, key=lambda line: line.start) - 1
        if place < 0 or at >= lines[place].end:
            return mux.Told(splice=splice(snapshot, tick), later=snapshot.later)
        if place not in made:
            made[place] = self._table(lines, place)
        present, following, version = made[place]
        return mux.Told(present, following, splice(snapshot, tick), version, snapshot.later)

    def _table(self, lines: Sequence[guide.Programme], place: int) -> _Table:
        """The programme at a place of the guide, the one after it, and the version of the table of the two."""
        present, following = _pair(lines, place)
        before = lines[place - 1].start if place else None
        digest, version = tables.eit_digest(present, following), _version(lines, place)
        return present, following, self._versions.version(lines[place].start, digest, version, before)


def _pair(lines: Sequence[guide.Programme], place: int) -> tuple[tables.Event | None, tables.Event | None]:
    """The programme at a place of the guide and the one after it, as the table tells of them."""
    return _event(lines[place]), _event(lines[place + 1] if place + 1 < len(lines) else None)


def _version(lines: Sequence[guide.Programme], place: int) -> int:
    """The version by the guide of the table whose present programme is at `place`."""
    known = range(max(0, place - MOST_BEFORE), place + 1)
    return versions.follows([tables.eit_digest(*_pair(lines, number)) for number in known])


def splice(snapshot: Snapshot, tick: int) -> bytes:
    """The splice information section to send at `tick`."""
    soonest, latest = (tick + ahead for ahead in ANNOUNCED_TICKS)
    around = snapshot.timeline.between(soonest - 1, latest + 1)
    if not any(entry.kind == scte35.BREAK_KIND for entry in around):
        return scte35.NULL
    # a break that ends or begins there may reach far beyond
    reach = houseformat.TICKS_PER_HOUR
    for found in scte35.breaks(snapshot.timeline.between(soonest - reach, latest + reach)):
        if soonest <= found.start < latest:
            return scte35.leaving(found)
        if soonest <= found.end < latest:
            return scte35.returning(found)
    return scte35.NULL


def _event(line: guide.Programme | None) -> tables.Event | None:
    if line is None:
        return None
    about = tuple(guide.described(line.items).items())
    return tables.Event(line.start, line.end - line.start, tuple(line.titles.items()), about)


def _service(snapshot: Snapshot, languages: tuple[str, ...], *, picture: bool) -> mux.Service:
    names = tuple(sorted(snapshot.names.items(), key=lambda held: held[0] != snapshot.languages[0]))
    return mux.Service(snapshot.provider, names, languages, picture)


@lru_cache(maxsize=32)
def _units(data: bytes, init: bytes, of_tick: int) -> dict[int, tuple[mux.Unit, ...]]:
    """The pictures of a segment by its ticks, which have `of_tick` units each."""
    held, found = avc.parameters(init), dict[int, list[mux.Unit]]()
    view = memoryview(data)
    for sample in samples.samples(data):
        tick, decoded = divmod(sample.time, of_tick)
        body = avc.byte_stream(view[sample.offset : sample.offset + sample.size], held, sync=sample.sync)
        shown = (decoded + sample.shift) * MPEGTS_UNITS // of_tick
        unit = mux.Unit(body, shown, decoded * MPEGTS_UNITS // of_tick, sample.sync)
        found.setdefault(tick, []).append(unit)
    return {tick: tuple(units) for tick, units in found.items()}


def _groups(adts: bytes) -> Sequence[bytes]:
    """A tick of ADTS frames in three groups of five."""
    if not adts:
        return (b"",) * mux.GROUPS
    ends, place = [0], 0
    while place < len(adts):
        place += (adts[place + 3] & 3) << 11 | adts[place + 4] << 3 | adts[place + 5] >> 5
        ends.append(place)
    step = AAC_FRAMES_PER_TICK // mux.GROUPS
    return [adts[ends[number * step] : ends[(number + 1) * step]] for number in range(mux.GROUPS)]
