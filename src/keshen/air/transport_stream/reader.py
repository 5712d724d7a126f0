"""What a service's transport stream carries at a tick, read from the timeline and the media store."""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from keshen.air import guide, scte35
from keshen.air.segments import Segments
from keshen.air.snapshot import Snapshot
from keshen.air.transport_stream import mux, tables
from keshen.media import avc, houseformat, samples
from keshen.media.boxes import FormatError
from keshen.media.houseformat import AAC_FRAMES_PER_TICK, MPEGTS_UNITS, VIDEO_UNITS
from keshen.media.store import StoreError

ANNOUNCED_TICKS: Final = (13, 31)
"""A splice is told of from 9.9 s to 4.2 s before: at least the four seconds SCTE 35 asks for, and always frozen."""
GUIDE_TICKS: Final = 24 * houseformat.TICKS_PER_HOUR

log = logging.getLogger(__name__)


class Reader:
    """Makes the packets of any tick of any service."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments
        self._lines: dict[str, tuple[Snapshot, list[guide.Programme]]] = {}

    async def packets(self, snapshot: Snapshot, tick: int, rung: str) -> bytes:
        """The packets of `tick`, with the picture of `rung` (none for radio)."""
        pictures = await self._pictures(snapshot, tick + mux.PICTURE_AHEAD_TICKS, rung) if rung else ()
        sounds = [await self._sound(snapshot, tick, language) for language in snapshot.languages]
        content = mux.Content(pictures, sounds, self._told(snapshot, tick))
        return mux.tick_packets(tick, _service(snapshot, picture=bool(rung)), content)

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
            return _units(data, init).get(tick - segment.start, ())
        except (StoreError, FormatError):
            log.exception("no picture of %s at tick %s in the transport stream", snapshot.slug, tick)
            return ()

    async def _sound(self, snapshot: Snapshot, tick: int, language: str) -> Sequence[bytes]:
        rung = f"{houseformat.AUDIO_RUNG}-{language}"
        now = _groups(await self._segments.adts(snapshot, tick, rung))
        then = _groups(await self._segments.adts(snapshot, tick + 1, rung))
        return (*now[1:], then[0])

    def _told(self, snapshot: Snapshot, tick: int) -> mux.Told:
        held = self._lines.get(snapshot.slug)
        if held is None or held[0] is not snapshot:
            held = (snapshot, snapshot.programmes(tick, tick + GUIDE_TICKS))
            self._lines[snapshot.slug] = held
        lines = held[1]
        place = bisect_right(lines, tick, key=lambda line: line.start) - 1
        present = lines[place] if place >= 0 and tick < lines[place].end else None
        following = lines[place + 1] if 0 <= place + 1 < len(lines) else None
        return mux.Told(_event(present), _event(following), splice(snapshot, tick))


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


def _service(snapshot: Snapshot, *, picture: bool) -> mux.Service:
    names = tuple(sorted(snapshot.names.items(), key=lambda held: held[0] != snapshot.languages[0]))
    return mux.Service(snapshot.provider, names, snapshot.languages, picture)


@lru_cache(maxsize=32)
def _units(data: bytes, init: bytes) -> dict[int, tuple[mux.Unit, ...]]:
    """The pictures of a segment by its ticks."""
    held, found = avc.parameters(init), dict[int, list[mux.Unit]]()
    view = memoryview(data)
    for sample in samples.samples(data):
        tick, decoded = divmod(sample.time, VIDEO_UNITS)
        body = avc.byte_stream(view[sample.offset : sample.offset + sample.size], held, sync=sample.sync)
        shown = (decoded + sample.shift) * MPEGTS_UNITS // VIDEO_UNITS
        unit = mux.Unit(body, shown, decoded * MPEGTS_UNITS // VIDEO_UNITS, sample.sync)
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
