"""DASH manifests (ISO/IEC 23009-1) written from a timeline, over the segments that HLS has.

Time on air is time since the Unix epoch, so one period goes on for as long as the init segments stay the same; where
the timeline breaks, a new one begins. Segments are addressed by the time they begin at (`$Time$`).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from uuid import UUID

from lxml import etree

from keshen.air.protection.keys import OPEN, PERIOD_TICKS, Lock, Method, Protection
from keshen.air.timeline import LOOKBACK, Entry, Segment, Timeline
from keshen.air.ways_out import markers, scte35, wvtt
from keshen.air.ways_out.hls import WINDOW_TICKS, Ladder, Picture, locked_init
from keshen.media import profiles
from keshen.media.houseformat import (
    AUDIO_UNITS,
    SAMPLE_RATE,
    SEGMENT_TICKS,
    TICK_MS,
    datetime_at,
)

MANIFEST_TYPE: Final = "application/dash+xml"
TEXT_TYPE: Final = "application/mp4"
ITSELF: Final = "manifest.mpd"
"""Where players read the time of a manifest that is a file: in the `Date` its server gives it out with."""
DELAY_MS: Final = 3 * SEGMENT_TICKS * TICK_MS
"""How far behind the present players should stay: three segments (11.52 s), as HLS players do."""
UPDATE_MS: Final = SEGMENT_TICKS * TICK_MS // 2

_NS: Final = "urn:mpeg:dash:schema:mpd:2011"
_CENC: Final = "urn:mpeg:cenc:2013"
_DASHIF: Final = "https://dashif.org/CPS"
_CLEAR_KEY: Final = "urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e"
_SCTE: Final = "http://www.scte.org/schemas/35/2016"
_SPLICE_SCHEME: Final = "urn:scte:scte35:2014:xml+bin"
_LIVE_PROFILE: Final = "urn:mpeg:dash:profile:isoff-live:2011"
_MILLISECONDS: Final = 1000
_NAME: Final = re.compile(r"t(\d{1,16})\.m4s")


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Segments that follow each other without a break and under one key, and when their period began."""

    id: str
    lock: Lock | None
    start: int
    segments: tuple[Segment, ...]


def segment_name(segment: Segment, rung: str) -> str:
    """The address of a segment, relative to its rung."""
    return f"t{segment.start * _units(rung)}.m4s"


def parse_segment_name(name: str, rung: str) -> int | None:
    """The tick a segment's address stands for; None when `name` is no such address, or no segment can begin there."""
    match = _NAME.fullmatch(name)
    tick, rest = divmod(int(match[1]), _units(rung)) if match else (0, 1)
    return None if rest else tick


def _units(rung: str) -> int:
    if rung.startswith("c-"):
        return TICK_MS
    return profiles.units("audio" if rung.startswith("a-") else "video", rung)


def _duration(milliseconds: int) -> str:
    return f"PT{milliseconds // 1000}.{milliseconds % 1000:03d}S"


def _time(tick: int) -> str:
    return f"{datetime_at(tick):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"


class Manifests:
    """Writes the manifests of one service.

    `init` gives the address of an entry's init segment for a rung; `clock` is where players read the time
    (`urn:mpeg:dash:utc:http-iso:2014`, or `http-head` for ITSELF); `licences` where they ask for the keys of what
    `protection` says is encrypted.
    A variant that follows `later` ticks later is asked in ticks of the log; its time zero is so much later, and its
    segments are asked for with `query`.
    """

    __slots__ = (
        "_breaks",
        "_clock",
        "_init",
        "_ladder",
        "_later",
        "_licences",
        "_made",
        "_protection",
        "_query",
        "_timeline",
    )

    def __init__(
        self,
        timeline: Timeline,
        ladder: Ladder,
        init: Callable[[Entry, str], str],
        clock: str,
        *,
        protection: Protection = OPEN,
        licences: str = "",
        later: int = 0,
        query: str = "",
    ) -> None:
        self._later = later
        self._query = f"?{query}" if query else ""
        self._timeline = timeline
        self._ladder = ladder
        self._init = init
        self._clock = clock
        self._protection = protection
        self._licences = licences
        self._breaks = tuple(scte35.breaks(timeline.entries))
        self._made: tuple[int, int, bytes] = (-1, -1, b"")

    def live(self, tick: int) -> bytes | None:
        """The manifest at `tick`; None when nothing laid has ended by then."""
        timeline = self._timeline
        tick = min(tick, timeline.end + LOOKBACK)
        first, end = max(timeline.listed(tick - WINDOW_TICKS), 0), timeline.listed(tick)
        if self._made[:2] == (first, end):
            return self._made[2]
        listed = list(timeline.segments(first, end))
        if not listed:
            return None
        made = self._write(listed, live=True, depth=WINDOW_TICKS)
        self._made = (first, end, made)
        return made

    def past(self, start: int, end: int, now: int) -> bytes | None:
        """What was laid from `start` to `end` in whole segments that end by `now`; None when there is none.

        It is closed (static) once `end` has come, and grows until then.
        """
        first = self._timeline.segment_at(max(start, self._timeline.start))
        if first is None:
            return None
        listed = list(self._timeline.segments(first.sequence, self._timeline.ended(min(end, now))))
        return self._write(listed, live=end > now, depth=end - start) if listed else None

    def _write(self, listed: Sequence[Segment], *, live: bool, depth: int) -> bytes:
        namespaces = {None: _NS, "cenc": _CENC} if self._protection else {None: _NS}
        root = etree.Element(f"{{{_NS}}}MPD", nsmap=namespaces)
        last = listed[-1]
        root.set("profiles", _LIVE_PROFILE)
        root.set("type", "dynamic" if live else "static")
        root.set("minBufferTime", _duration(SEGMENT_TICKS * TICK_MS))
        root.set("maxSegmentDuration", _duration((SEGMENT_TICKS + 2) * TICK_MS))
        if live:
            root.set("availabilityStartTime", _time(self._later) if self._later else "1970-01-01T00:00:00Z")
            root.set("publishTime", _time(self._since(listed) + self._later))
            root.set("minimumUpdatePeriod", _duration(UPDATE_MS))
            root.set("timeShiftBufferDepth", _duration(depth * TICK_MS))
            root.set("suggestedPresentationDelay", _duration(DELAY_MS))
        else:
            root.set("mediaPresentationDuration", _duration((last.end - listed[0].start) * TICK_MS))
        for stretch in self._stretches(listed):
            self._period(root, stretch, origin=0 if live else listed[0].start, live=live)
        if live:
            timing = etree.SubElement(root, f"{{{_NS}}}UTCTiming")
            form = "http-head" if self._clock == ITSELF else "http-iso"
            timing.set("schemeIdUri", f"urn:mpeg:dash:utc:{form}:2014")
            timing.set("value", self._clock)
        made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
        return made

    def _since(self, listed: Sequence[Segment]) -> int:
        """The tick from which the manifest says this: its last segment came, or the one before its first went."""
        gone = self._timeline.segment(listed[0].sequence - 1)
        came = self._timeline.listed_at(listed[-1])
        return max(came, self._timeline.listed_at(gone) + WINDOW_TICKS) if gone else came

    def _stretches(self, listed: Sequence[Segment]) -> Iterator[_Stretch]:
        for (number, lock), run in groupby(listed, key=lambda one: (one.entry.discontinuity, self._lock(one))):
            segments = tuple(run)
            entries = self._timeline.entries
            began = next((one.start for one in entries if one.breaks and one.discontinuity == number), 0)
            locked = self._locked_at(segments[0], lock)
            held = f"p{number}-{locked}" if locked else f"p{number}"
            yield _Stretch(held, lock, max(began if number else 0, locked), segments)

    def _lock(self, segment: Segment) -> Lock | None:
        """What protects a segment's samples."""
        lock = self._protection.lock(segment.start)
        return lock if lock and lock.method is Method.CBCS else None

    def _locked_at(self, segment: Segment, lock: Lock | None) -> int:
        """Where the first segment begins that has the key of this one; 0 when the channel never had a key before."""
        if not self._protection:
            return 0
        changed = max((tick for tick in self._protection.since if tick <= segment.start), default=0)
        since = max(changed, lock.period * PERIOD_TICKS if lock else 0)
        return self._timeline.cut_point(since) if since >= self._timeline.start else since

    def _period(self, root: etree._Element, stretch: _Stretch, *, origin: int, live: bool) -> None:
        """One period; its time zero is that of the epoch, or for a closed manifest that of its first segment."""
        zero = stretch.start if live else stretch.segments[0].start
        period = etree.SubElement(root, f"{{{_NS}}}Period")
        period.set("id", stretch.id)
        period.set("start", _duration((zero - origin) * TICK_MS))
        self._events(period, stretch, zero)
        number = 0
        families: dict[str, list[Picture]] = {}
        for picture in self._ladder.pictures:
            families.setdefault(picture.codecs[:4], []).append(picture)
        for family in families.values():
            # a player changes between renditions of one codec only
            number += family is not next(iter(families.values()))
            units = _units(family[0].rung)
            pictures = self._set(period, number, "video", stretch, zero, units * 1000 // TICK_MS, units)
            pictures.set("frameRate", str(family[0].frame_rate))
            for picture in family:
                made = self._representation(
                    pictures, stretch, picture.rung, picture.codecs, picture.bandwidth - self._ladder.sound_bandwidth
                )
                made.set("width", str(picture.width))
                made.set("height", str(picture.height))
                made.set("sar", "1:1")
        for sound in self._ladder.sounds:
            number += 1
            sounds = self._set(period, number, "audio", stretch, zero, SAMPLE_RATE, AUDIO_UNITS)
            sounds.set("lang", sound.language)
            role = etree.SubElement(sounds, f"{{{_NS}}}Role")
            role.set("schemeIdUri", "urn:mpeg:dash:role:2011")
            role.set("value", "main" if sound is self._ladder.sounds[0] else "dub")
            sounds.insert(len(sounds.findall(f"{{{_NS}}}ContentProtection")), role)
            made = self._representation(
                sounds, stretch, sound.rung, self._ladder.sound_codecs, self._ladder.sound_bandwidth
            )
            made.set("audioSamplingRate", str(SAMPLE_RATE))
        for caption in self._ladder.captions:
            number += 1
            texts = self._set(period, number, "text", stretch, zero, wvtt.TIMESCALE, TICK_MS)
            texts.set("lang", caption.language)
            role = etree.Element(f"{{{_NS}}}Role")
            role.set("schemeIdUri", "urn:mpeg:dash:role:2011")
            role.set("value", "subtitle")
            texts.insert(0, role)
            self._representation(texts, stretch, caption.rung, wvtt.CODECS, wvtt.BANDWIDTH)

    def _set(
        self, period: etree._Element, number: int, kind: str, stretch: _Stretch, zero: int, timescale: int, units: int
    ) -> etree._Element:
        made = etree.SubElement(period, f"{{{_NS}}}AdaptationSet")
        made.set("id", str(number))
        made.set("contentType", kind)
        made.set("mimeType", TEXT_TYPE if kind == "text" else f"{kind}/mp4")
        made.set("segmentAlignment", "true")
        made.set("startWithSAP", "1")
        if stretch.lock and kind != "text":
            self._protected(made, stretch.lock)
        template = etree.SubElement(made, f"{{{_NS}}}SegmentTemplate")
        template.set("timescale", str(timescale))
        template.set("presentationTimeOffset", str(zero * units))
        template.set("media", f"$RepresentationID$/t$Time$.m4s{self._query}")
        line = etree.SubElement(template, f"{{{_NS}}}SegmentTimeline")
        first = True
        for ticks, run in groupby(stretch.segments, key=lambda segment: segment.ticks):
            held = list(run)
            one = etree.SubElement(line, f"{{{_NS}}}S")
            if first:
                one.set("t", str(held[0].start * units))
                first = False
            one.set("d", str(ticks * units))
            if len(held) > 1:
                one.set("r", str(len(held) - 1))
        return made

    def _representation(
        self, parent: etree._Element, stretch: _Stretch, rung: str, codecs: str, bandwidth: int
    ) -> etree._Element:
        made = etree.SubElement(parent, f"{{{_NS}}}Representation")
        made.set("id", rung)
        made.set("codecs", codecs)
        made.set("bandwidth", str(bandwidth))
        template = etree.SubElement(made, f"{{{_NS}}}SegmentTemplate")
        init = self._init(stretch.segments[0].entry, rung)
        if rung.startswith("c-"):
            init = wvtt.INIT_NAME
        elif stretch.lock:
            init = locked_init(init, stretch.lock.period)
        template.set("initialization", f"$RepresentationID$/{init}")
        return made

    def _protected(self, parent: etree._Element, lock: Lock) -> None:
        """Scheme and key id (ISO/IEC 23009-1, 5.8.5.2), and where Clear Key licences are (DASH-IF IOP part 6)."""
        common = etree.SubElement(parent, f"{{{_NS}}}ContentProtection")
        common.set("schemeIdUri", "urn:mpeg:dash:mp4protection:2011")
        common.set("value", "cbcs")
        common.set(f"{{{_CENC}}}default_KID", str(UUID(bytes=self._protection.key_id(lock))))
        clear = etree.SubElement(parent, f"{{{_NS}}}ContentProtection")
        clear.set("schemeIdUri", _CLEAR_KEY)
        clear.set("value", "ClearKey1.0")
        address = etree.SubElement(clear, f"{{{_DASHIF}}}Laurl", nsmap={"dashif": _DASHIF})
        address.set("Lic_type", "EME-1.0")
        address.text = self._licences

    def _events(self, period: etree._Element, stretch: _Stretch, zero: int) -> None:
        """Breaks that touch what is listed, as SCTE 214-1 puts them into an event stream."""
        found = markers.told(self._breaks, stretch.segments[0].start, stretch.segments[-1].end)
        if not found:
            return
        events = etree.SubElement(period, f"{{{_NS}}}EventStream")
        events.set("schemeIdUri", _SPLICE_SCHEME)
        events.set("timescale", str(_MILLISECONDS))
        events.set("presentationTimeOffset", str(zero * TICK_MS))
        for one in found:
            event = etree.SubElement(events, f"{{{_NS}}}Event")
            event.set("presentationTime", str(one.start * TICK_MS))
            event.set("duration", str(one.ticks * TICK_MS))
            event.set("id", str(one.id))
            signal = etree.SubElement(event, f"{{{_SCTE}}}Signal", nsmap={None: _SCTE})
            binary = etree.SubElement(signal, f"{{{_SCTE}}}Binary")
            binary.text = base64.b64encode(scte35.leaving(one)).decode()
