"""Transport stream packets (ISO/IEC 13818-1, 2.4.3): payloads cut into 188 bytes, clock references, time stamps."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

PACKET: Final = 188
ROOM: Final = 184
"""What one packet carries when it has no adaptation field."""
COUNTERS: Final = 16
"""Continuity counters run from 0 to 15."""
CLOCK_WRAP: Final = 1 << 33
CLOCK_RATE: Final = 27_000_000
PER_90KHZ: Final = 300

_SYNC: Final = 0x47
_RANDOM_ACCESS: Final = 0x40
_HAS_PCR: Final = 0x10


def _head(pid: int, *, start: bool, control: int, counter: int) -> bytes:
    return struct.pack(">BHB", _SYNC, start << 14 | pid, control << 4 | counter & 0xF)


def clock_reference(pid: int, clock: int, counter: int) -> bytes:
    """A packet with nothing but a PCR (2.4.3.5); `clock` counts 27 MHz.

    It does not count: `counter` is that of the packet with payload before it.
    """
    base, extension = clock // PER_90KHZ % CLOCK_WRAP, clock % PER_90KHZ
    pcr = (base << 15 | 0x3F << 9 | extension).to_bytes(6)
    return _head(pid, start=False, control=2, counter=counter) + bytes((183, _HAS_PCR)) + pcr + b"\xff" * 176


def least(length: int, *, access: bool = False) -> int:
    """How few packets hold a payload of `length` bytes; with `access`, one says that decoding can begin there."""
    return max(1, -(-(length + 2 * access) // ROOM))


def packetise(pid: int, payload: bytes, counter: int, count: int, *, access: bool = False) -> Iterator[bytes]:
    """`payload` in exactly `count` packets, numbered from `counter`.

    The more there are than `least` says, the less the last ones hold: stuffing fills them. Raises ValueError when it
    does not fit, or has fewer bytes than packets.
    """
    rooms = _rooms(len(payload), count, access=access)
    place = 0
    for number, room in enumerate(rooms):
        part = payload[place : place + room]
        place += room
        flags = _RANDOM_ACCESS if access and number == 0 else 0
        if room == ROOM:
            yield _head(pid, start=number == 0, control=1, counter=counter + number) + part
            continue
        length = ROOM - 1 - room
        field = bytes((length, flags)) + b"\xff" * (length - 1) if length else b"\0"
        yield _head(pid, start=number == 0, control=3, counter=counter + number) + field + part


def _rooms(length: int, count: int, *, access: bool) -> list[int]:
    """How many bytes each packet holds: as many as go in, but at least one for each that follows."""
    if not least(length, access=access) <= count <= length:
        raise ValueError(f"{length} bytes do not go into {count} packets")
    rooms = []
    for number in range(count):
        room = ROOM - 2 if access and number == 0 else ROOM
        rooms.append(min(room, length - (count - number - 1)))
        length -= rooms[-1]
    return rooms


def elementary(stream: int, payload: bytes, shown: int, decoded: int | None = None, *, bounded: bool = True) -> bytes:
    """A PES packet (2.4.3.6) that begins with an access unit; times count 90 kHz and wrap at 33 bits.

    `bounded` writes its length, which only picture may leave out. Raises ValueError when that is over 16 bits.
    """
    times = _stamp(3, shown) + _stamp(1, decoded) if decoded is not None else _stamp(2, shown)
    flags = 0xC0 if decoded is not None else 0x80
    head = bytes((0x84, flags, len(times))) + times
    length = len(head) + len(payload) if bounded else 0
    if length > 0xFFFF:
        raise ValueError(f"a PES packet of {length} bytes")
    return struct.pack(">I", 0x100 | stream) + struct.pack(">H", length) + head + payload


def _stamp(prefix: int, time: int) -> bytes:
    time %= CLOCK_WRAP
    return struct.pack(">BHH", prefix << 4 | time >> 29 & 0xE | 1, time >> 14 & 0xFFFE | 1, time << 1 & 0xFFFE | 1)


def section_packets(pid: int, section: bytes, counter: int, count: int) -> Iterator[bytes]:
    """One section in `count` packets (2.4.4), after a pointer field. Raises ValueError when it does not fit."""
    return packetise(pid, b"\0" + section, counter, count)
