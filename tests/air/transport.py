"""A reader of transport streams for the tests: ISO/IEC 13818-1 at its word, no code shared with the writer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

PACKET = 188
WRAP = 1 << 33
PCR_WRAP = WRAP * 300


class Broken(AssertionError):
    """A packet is not as the standard says; the message names it."""


@dataclass
class Pes:
    """A PES packet put together again: when its bytes came (27 MHz), its times (90 kHz)."""

    stream: int
    length: int
    pts: int
    dts: int
    body: bytes
    arrived: list[tuple[int, int]]
    random_access: bool
    aligned: bool


@dataclass
class Stream:
    """What was read: clock references as (packet, 27 MHz without wrap), PES packets and sections by PID."""

    packets: int = 0
    counts: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    pcrs: list[tuple[int, int]] = field(default_factory=list)
    pes: dict[int, list[Pes]] = field(default_factory=lambda: defaultdict(list))
    sections: dict[int, list[tuple[int, bytes]]] = field(default_factory=lambda: defaultdict(list))
    last_counter: dict[int, int] = field(default_factory=dict)

    def time(self, packet: int) -> int:
        """When the last byte of a packet is due, in 27 MHz from the first clock reference's own count."""
        at = packet * PACKET + PACKET - 1
        previous = following = None
        low, high = 0, len(self.pcrs) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self.pcrs[middle][0] * PACKET + 10 <= at:
                low = middle
            else:
                high = middle - 1
        place = min(low, len(self.pcrs) - 2)
        previous, following = self.pcrs[place], self.pcrs[place + 1]
        rate = (following[1] - previous[1]) / ((following[0] - previous[0]) * PACKET)
        return round(previous[1] + (at - previous[0] * PACKET - 10) * rate)


def last_start(data: bytes, pid: int) -> int:
    """Where the packet stands in which the last PES packet of `pid` begins: what comes before it is whole."""
    for place in range(len(data) // PACKET * PACKET - PACKET, -1, -PACKET):
        if (data[place + 1] & 0x1F) << 8 | data[place + 2] == pid and data[place + 1] & 0x40:
            return place
    raise Broken(f"no PES packet of {pid:#x} begins")


def clock_of(packet: bytes | bytearray) -> int | None:
    """The clock reference that a whole packet carries, in 27 MHz."""
    if not packet[3] & 0x20 or packet[4] < 7 or not packet[5] & 0x10:
        return None
    base = int.from_bytes(packet[6:12])
    return (base >> 15) * 300 + (base & 0x1FF)


@dataclass
class Span:
    """How much time lies between the first and the newest clock reference of a stream that is still coming."""

    place: int = 0
    first: int | None = None
    seconds: float = 0.0

    def read(self, data: bytes | bytearray) -> float:
        """Read on in all that came so far; the seconds it spans."""
        while self.place + PACKET <= len(data):
            clock = clock_of(data[self.place : self.place + PACKET])
            self.place += PACKET
            if clock is not None:
                self.first = clock if self.first is None else self.first
                self.seconds = (clock - self.first) % PCR_WRAP / 27_000_000
        return self.seconds


def read(data: bytes, sections: tuple[int, ...] = (0x00, 0x11, 0x12, 0x14)) -> Stream:
    """Read whole packets. Raises Broken for a lost packet, a wrong sync byte, a bad section."""
    found = Stream()
    section_pids = set(sections)
    collecting: dict[int, tuple[int, bytearray]] = {}
    building: dict[int, tuple[bytearray, list[int], bool]] = {}
    if len(data) % PACKET:
        raise Broken(f"{len(data) % PACKET} stray bytes")
    whole: list[tuple[int, bytes, list[int], bool]] = []
    for number in range(len(data) // PACKET):
        packet = data[number * PACKET : (number + 1) * PACKET]
        if packet[0] != 0x47:
            raise Broken(f"packet {number} begins with {packet[0]:#x}")
        if packet[1] & 0x80:
            raise Broken(f"packet {number} says it is damaged")
        start, pid = bool(packet[1] & 0x40), (packet[1] & 0x1F) << 8 | packet[2]
        scrambled, control, counter = packet[3] >> 6, packet[3] >> 4 & 3, packet[3] & 15
        found.packets += 1
        found.counts[pid] += 1
        if scrambled or not control:
            raise Broken(f"packet {number} of {pid:#x}: scrambling {scrambled}, control {control}")
        place, access = 4, False
        if control & 2:
            length = packet[4]
            if length > (182 if control == 3 else 183) or (control == 2 and length != 183):
                raise Broken(f"packet {number} of {pid:#x} has an adaptation field of {length} bytes")
            if length:
                flags = packet[5]
                if flags & 0x80:
                    raise Broken(f"packet {number} of {pid:#x} announces a discontinuity")
                access, inside = bool(flags & 0x40), 6
                if flags & 0x10:
                    base = int.from_bytes(packet[6:12])
                    pcr = (base >> 15) * 300 + (base & 0x1FF)
                    if found.pcrs:
                        step = (pcr - found.pcrs[-1][1]) % PCR_WRAP
                        pcr = found.pcrs[-1][1] + step
                    found.pcrs.append((number, pcr))
                    inside = 12
                if set(packet[inside : 5 + length]) - {0xFF}:
                    raise Broken(f"packet {number} of {pid:#x} is stuffed with something else than 0xFF")
            place = 5 + length
        if pid == 0x1FFF:
            continue
        last = found.last_counter.get(pid)
        if control & 1:
            if last is not None and counter != (last + 1) & 15:
                raise Broken(f"packet {number} of {pid:#x} counts {counter} after {last}")
            found.last_counter[pid] = counter
        elif last is not None and counter != last:
            raise Broken(f"packet {number} of {pid:#x}, without payload, counts {counter} after {last}")
        payload = packet[place:]
        if not control & 1:
            continue
        if pid in section_pids:
            if start:
                if pid in collecting:
                    raise Broken(f"a section of {pid:#x} is not finished at packet {number}")
                collecting[pid] = (number, bytearray(payload[1 + payload[0] :]))
            elif pid in collecting:
                collecting[pid][1].extend(payload)
            else:
                raise Broken(f"packet {number} of {pid:#x} continues no section")
            _, body = collecting[pid]
            if len(body) >= 3 and len(body) >= 3 + (body[1] & 15) * 256 + body[2]:
                size = 3 + (body[1] & 15) * 256 + body[2]
                if set(body[size:]) - {0xFF}:
                    raise Broken(f"something follows the section of {pid:#x} in packet {number}")
                section = bytes(body[:size])
                if section[0] != 0x70 and checksum(section):
                    raise Broken(f"the checksum of the section of {pid:#x} in packet {number} is wrong")
                found.sections[pid].append((number, section))
                del collecting[pid]
                if pid == 0:
                    for at in range(8, size - 4, 4):
                        section_pids.add((section[at + 2] & 0x1F) << 8 | section[at + 3])
                elif section[0] == 0x02:
                    section_pids |= {pid for pid, (kind, _) in streams(section).items() if kind == 0x86}
            continue
        if start:
            if payload[:3] != b"\0\0\1":
                raise Broken(f"packet {number} of {pid:#x} begins no PES packet")
            if pid in building:
                whole.append((pid, *building.pop(pid)))
            building[pid] = (bytearray(), [], access)
        if pid in building:
            building[pid][0].extend(payload)
            building[pid][1].extend([number, len(payload)])
    whole += [(pid, *held) for pid, held in building.items()]
    for pid, body, arrivals, access in whole:
        made = _pes(found, pid, bytes(body), arrivals, access=access)
        if made is not None:
            found.pes[pid].append(made)
    return found


def _pes(found: Stream, pid: int, data: bytes, arrivals: list[int], *, access: bool) -> Pes | None:
    length = data[4] << 8 | data[5]
    if length and len(data) < length + 6:
        return None  # the last one, cut off
    if length and len(data) != length + 6:
        raise Broken(f"a PES packet of {pid:#x} says {length + 6} bytes and has {len(data)}")
    flags, head = data[7] >> 6, data[8]
    pts = _stamp(data[9:14], flags)
    dts = _stamp(data[14:19], 1) if flags == 3 else pts
    arrived = [(found.time(arrivals[n]), arrivals[n + 1]) for n in range(0, len(arrivals), 2)]
    return Pes(data[3], length, pts, dts, data[9 + head :], arrived, access, bool(data[6] & 4))


def _stamp(data: bytes, prefix: int) -> int:
    if data[0] >> 4 != prefix or not data[0] & data[2] & data[4] & 1:
        raise Broken(f"a time stamp is malformed: {data.hex()}")
    return (data[0] >> 1 & 7) << 30 | data[1] << 22 | data[2] >> 1 << 15 | data[3] << 7 | data[4] >> 1


def checksum(data: bytes) -> int:
    """CRC-32/MPEG-2, bit by bit."""
    value = 0xFFFFFFFF
    for byte in data:
        for bit in range(7, -1, -1):
            out = (value >> 31) ^ (byte >> bit & 1)
            value = (value << 1 & 0xFFFFFFFF) ^ (0x04C11DB7 if out else 0)
    return value


def streams(pmt: bytes) -> dict[int, tuple[int, bytes]]:
    """The elementary streams of a PMT by PID: stream type and descriptors."""
    place = 12 + ((pmt[10] & 15) << 8 | pmt[11])
    found = {}
    while place < len(pmt) - 4:
        size = (pmt[place + 3] & 15) << 8 | pmt[place + 4]
        found[(pmt[place + 1] & 31) << 8 | pmt[place + 2]] = (pmt[place], pmt[place + 5 : place + 5 + size])
        place += 5 + size
    return found


def descriptors(data: bytes) -> list[tuple[int, bytes]]:
    """Tag and body of each descriptor of a loop."""
    found, place = [], 0
    while place < len(data):
        found.append((data[place], data[place + 2 : place + 2 + data[place + 1]]))
        place += 2 + data[place + 1]
    return found


def milliseconds(clocks: int) -> float:
    return clocks / 27_000
