"""Splice information (ANSI/SCTE 35): where breaks begin and end, for whoever puts something else in their place.

The same section goes into the transport stream, into HLS as DATERANGE (RFC 8216bis, 4.4.5.1.1) and into DASH as an
event (SCTE 214-1), so that all three name the same moment with the same event id.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from keshen.air.timeline import Entry
from keshen.air.ways_out.sections import crc
from keshen.media.houseformat import MPEGTS_UNITS, MPEGTS_WRAP, mpegts

BREAK_KIND: Final = "break"

_TABLE: Final = 0xFC
_SPLICE_NULL, _SPLICE_INSERT = 0x00, 0x05
_ANY_TIER: Final = 0xFFF


@dataclass(frozen=True, slots=True)
class Break:
    """A stretch of the air that may be covered, in ticks; `id` names it wherever it is told of."""

    id: int
    start: int
    ticks: int

    @property
    def end(self) -> int:
        return self.start + self.ticks


def breaks(entries: Iterable[Entry]) -> Iterator[Break]:
    """The breaks among entries that follow each other: runs of entries of that kind, named for the first of each."""
    for kind, run in groupby(entries, key=lambda entry: entry.kind):
        if kind == BREAK_KIND:
            held = list(run)
            yield Break(held[0].id & 0xFFFFFFFF, held[0].start, held[-1].end - held[0].start)


def _section(command: int, body: bytes) -> bytes:
    # protocol version, no encryption and no adjustment of times, no control word
    held = bytes(7) + (_ANY_TIER << 12 | len(body)).to_bytes(3) + bytes((command,)) + body
    held += struct.pack(">H", 0)
    made = struct.pack(">BH", _TABLE, 0x3000 | len(held) + 4) + held
    return made + struct.pack(">I", crc(made))


def _time(tick: int) -> bytes:
    """splice_time() with a time: the 90 kHz clock at `tick`."""
    return (0xFE << 32 | mpegts(tick)).to_bytes(5)


def _insert(event: int, tick: int, *, leaves: bool, ticks: int = 0) -> bytes:
    flags = leaves << 7 | 1 << 6 | bool(ticks) << 5 | 0xF
    body = struct.pack(">IBB", event, 0x7F, flags) + _time(tick)
    if ticks:
        # the network comes back by itself when the time is over
        body += (0xFE << 32 | ticks * MPEGTS_UNITS % MPEGTS_WRAP).to_bytes(5)
    return _section(_SPLICE_INSERT, body + struct.pack(">HBB", event & 0xFFFF, 0, 0))


def leaving(given: Break) -> bytes:
    """The section that says a break begins, and how long it is."""
    return _insert(given.id, given.start, leaves=True, ticks=given.ticks)


def returning(given: Break) -> bytes:
    """The section that says a break is over."""
    return _insert(given.id, given.end, leaves=False)


NULL: Final = _section(_SPLICE_NULL, b"")
"""Nothing to tell: sent so that a receiver knows the signal is there (SCTE 67)."""
