"""Captions as DASH wants them: WebVTT in fragments of MP4 (ISO/IEC 14496-30, 7), cut like the picture.

A sample is the cues on the screen together for a stretch of time; a cue that goes on in the next sample, or in the next
segment, keeps its source id. Time counts in milliseconds, in which a tick is whole.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from typing import Final

from keshen.air.ways_out.captions import Cue, settings
from keshen.media.houseformat import TICK_MS

CODECS: Final = "wvtt"
TIMESCALE: Final = 1000
INIT_NAME: Final = "init-wvtt.mp4"
BANDWIDTH: Final = 2_000
"""Bits a second: what people can read stays far below."""

_MATRIX: Final = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_NOTHING: Final = b"\0\0\0\x08vtte"
_DEFAULT_BASE_IS_MOOF: Final = 0x20000
_DATA_OFFSET, _DURATIONS, _SIZES = 0x1, 0x100, 0x200


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def _full(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", version << 24 | flags), *parts)


@cache
def init() -> bytes:
    """The init segment, which is the same for every caption track."""
    entry = _box(b"wvtt", bytes(6), struct.pack(">H", 1), _box(b"vttC", b"WEBVTT"))
    tables = [_full(kind, bytes(4)) for kind in (b"stts", b"stsc", b"stco")] + [_full(b"stsz", bytes(8))]
    samples = _box(b"stbl", _full(b"stsd", struct.pack(">I", 1), entry), *tables)
    here = _full(b"dref", struct.pack(">I", 1), _full(b"url ", flags=1))
    information = _box(b"minf", _full(b"nmhd"), _box(b"dinf", here), samples)
    header = _full(b"mdhd", struct.pack(">4I2H", 0, 0, TIMESCALE, 0, 0x55C4, 0))
    handler = _full(b"hdlr", bytes(4), b"text", bytes(12), b"captions\0")
    track = _full(b"tkhd", struct.pack(">5I", 0, 0, 1, 0, 0), bytes(16), _MATRIX, bytes(8), flags=7)
    movie = _full(
        b"mvhd", struct.pack(">4IiH", 0, 0, TIMESCALE, 0, 0x10000, 0x100), bytes(10), _MATRIX, bytes(24), b"\0\0\0\2"
    )
    extends = _box(b"mvex", _full(b"trex", struct.pack(">5I", 1, 1, 0, 0, 0)))
    whole = _box(b"trak", track, _box(b"mdia", header, handler, information))
    return _box(b"ftyp", b"iso6", bytes(4), b"iso6cmfcdash") + _box(b"moov", movie, whole, extends)


def segment(cues: Iterable[Cue], asset_start: int, first: int, ticks: int, sequence: int) -> bytes:
    """The captions of `ticks` from `first`, in ticks of the asset, whose own start stands at tick `asset_start`."""
    begin, end = first * TICK_MS, (first + ticks) * TICK_MS
    shown = [cue for cue in cues if cue.start < end and cue.end > begin and cue.end > cue.start]
    points = {begin, end, *(min(max(at, begin), end) for cue in shown for at in (cue.start, cue.end))}
    samples, lengths = [], []
    for start, until in pairwise(sorted(points)):
        samples.append(b"".join(_cue(cue) for cue in shown if cue.start <= start < cue.end) or _NOTHING)
        lengths.append(until - start)
    table = b"".join(struct.pack(">2I", length, len(data)) for length, data in zip(lengths, samples, strict=True))
    decode_time = asset_start * TICK_MS + begin

    def moof(offset: int) -> bytes:
        run = struct.pack(">Ii", len(samples), offset)
        track = _box(
            b"traf",
            _full(b"tfhd", struct.pack(">I", 1), flags=_DEFAULT_BASE_IS_MOOF),
            _full(b"tfdt", struct.pack(">Q", decode_time), version=1),
            _full(b"trun", run, table, flags=_DATA_OFFSET | _DURATIONS | _SIZES),
        )
        return _box(b"moof", _full(b"mfhd", struct.pack(">I", sequence & 0xFFFFFFFF)), track)

    return moof(len(moof(0)) + 8) + _box(b"mdat", *samples)


def _cue(cue: Cue) -> bytes:
    """A cue as a box: its source id is its place in time, which no other cue of the track with other words shares."""
    source = _box(b"vsid", struct.pack(">i", _source_id(cue)))
    how = settings(cue)
    placed = _box(b"sttg", how.encode()) if how else b""
    return _box(b"vttc", source, placed, _box(b"payl", cue.text.encode()))


def _source_id(cue: Cue) -> int:
    """A number for a cue that is the same on every node."""
    return (cue.start * 1_000_003 ^ cue.end * 8_191 ^ len(cue.text)) & 0x7FFFFFFF
