"""One tick of a service as transport stream packets: a pure function, so two nodes send the same bytes.

Every elementary stream gets a multiple of sixteen packets in a tick, and each table a number that follows from the
tick. So every continuity counter is known from the tick alone, and a receiver that comes back to another node, or to
this one after it died, sees no jump. The bytes of a tick are spread evenly over its 320 ms: between any two clock
references the rate is the same, and each says exactly when its byte is due.

Picture arrives one tick before it is shown. Sound arrives five frames (107 ms) before, which the 3,584 bytes of a
receiver's sound buffer (ISO/IEC 13818-1, 2.4.2.7) can hold.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from keshen.air.ways_out import scte35
from keshen.air.ways_out.transport_stream import tables
from keshen.air.ways_out.transport_stream.packets import (
    CLOCK_RATE,
    COUNTERS,
    PACKET,
    PER_90KHZ,
    clock_reference,
    elementary,
    least,
    packetise,
    section_packets,
)
from keshen.media.houseformat import MPEGTS_UNITS, TICK_MS, mpegts

STREAM_TYPE: Final = "video/mp2t"
NUMBER: Final = 1
"""The programme number: a stream carries one service."""
PMT_PID, PICTURE_PID, SOUND_PID, SPLICE_PID = 0x20, 0x21, 0x30, 0x40
CUEI: Final = b"CUEI"

PICTURE_AHEAD_TICKS: Final = 1
GROUPS: Final = 3
"""A tick's fifteen frames of sound go out as three PES packets of five frames."""

_FEWEST: Final = 50
"""Packets a tick at least (235 kbit/s), null ones among them, so that clock references come often enough."""
_NULL: Final = b"\x47\x1f\xff\x10" + b"\xff" * (PACKET - 4)

_TICK_CLOCK: Final = CLOCK_RATE * TICK_MS // 1000
_PCRS: Final = 10
"""Clock references a tick: one every 32 ms. DVB (ETSI TR 101 290) wants them within 40 ms."""
_PROGRAM_TABLES: Final = 4
"""PAT and PMT a tick: one every 80 ms, within the 100 ms of EN 300 468 (TR 101 211, 4.1)."""
_SERVICE_EVERY: Final = 5
"""SDT and EIT each 1.6 s, within the two seconds of TR 101 211, 4.4."""
_SDT_PACKETS: Final = 4
_EIT_PACKETS: Final = 8
_EIT_PART: Final = 40
"""Per cent of a tick that each of the two sections is spread over: 25 ms must part them (EN 300 468, 5.1.4)."""
_TIME_EVERY: Final = 75
"""TDT each 24 s, within the 30 s of TR 101 211."""
SPLICE_EVERY: Final = 6
"""One splice information section each 1.92 s, a null one when there is nothing to tell."""

_AVC, _AAC_ADTS, _SCTE_35 = 0x1B, 0x0F, 0x86
_VIDEO_STREAM, _AUDIO_STREAM = 0xE0, 0xC0
_WHOLE: Final = 1 << 24
"""Places within a tick are fractions of this."""


@dataclass(frozen=True, slots=True)
class Service:
    """What the tables say of a service: its names by language tag, the languages of its sounds in order."""

    provider: str
    names: tuple[tuple[str, str], ...]
    sounds: tuple[str, ...]
    picture: bool

    @property
    def pcr_pid(self) -> int:
        return PICTURE_PID if self.picture else SOUND_PID


@dataclass(frozen=True, slots=True)
class Unit:
    """One picture as a byte stream: `shown` and `decoded` in 90 kHz from its tick's start."""

    data: bytes
    shown: int
    decoded: int
    sync: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What the service says at a tick: the programme on now and the one after it, and a splice information section.

    `version` is that of the table of the two programmes (see `versions`); `later` is by how many ticks the stream
    follows the log, which its clock on the wall says and its time stamps do not.
    """

    present: tables.Event | None = None
    following: tables.Event | None = None
    splice: bytes = scte35.NULL
    version: int = 0
    later: int = 0


@dataclass(frozen=True, slots=True)
class Content:
    """What goes out during one tick.

    `pictures` are those of the tick after it. Each of `sounds`, one a language, has three groups of five ADTS frames:
    the second and third of this tick, and the first of the next. Without pictures or with empty groups there is
    nothing of that kind.
    """

    pictures: Sequence[Unit] = ()
    sounds: Sequence[Sequence[bytes]] = ()
    told: Told = Told()


type _Placed = tuple[int, bytes]


def _whole(count: int) -> int:
    """The next multiple of the continuity counter's period."""
    return -(-count // COUNTERS) * COUNTERS


def _pictures(tick: int, pictures: Sequence[Unit]) -> list[bytes]:
    base = mpegts(tick + PICTURE_AHEAD_TICKS)
    each = []
    for unit in pictures:
        decoded = base + unit.decoded if unit.decoded != unit.shown else None
        each.append((elementary(_VIDEO_STREAM, unit.data, base + unit.shown, decoded, bounded=False), unit.sync))
    counts = [least(len(payload), access=sync) for payload, sync in each]
    if counts:
        counts[-1] += _whole(sum(counts)) - sum(counts)
    made: list[bytes] = []
    for (payload, sync), count in zip(each, counts, strict=True):
        made += packetise(PICTURE_PID, payload, len(made), count, access=sync)
    return made


def _sound(tick: int, place: int, groups: Sequence[bytes]) -> list[_Placed]:
    """The packets of one sound: each group in the first half of its third of the tick."""
    step = MPEGTS_UNITS // GROUPS
    payloads = [
        elementary(_AUDIO_STREAM + place, group, mpegts(tick) + (number + 1) * step)
        for number, group in enumerate(groups)
        if group
    ]
    counts = [least(len(payload), access=True) for payload in payloads]
    for number in range(_whole(sum(counts)) - sum(counts)):
        counts[number % len(counts)] += 1
    made: list[_Placed] = []
    for number, (payload, count) in enumerate(zip(payloads, counts, strict=True)):
        packets = packetise(SOUND_PID + place, payload, len(made), count, access=True)
        made += [
            ((number * _WHOLE + index * _WHOLE // (2 * count)) // GROUPS, packet)
            for index, packet in enumerate(packets)
        ]
    return made


@lru_cache(maxsize=1024)
def _program_tables(service: Service) -> tuple[bytes, bytes]:
    streams = [tables.Elementary(PICTURE_PID, _AVC)] if service.picture else []
    streams += [
        tables.Elementary(SOUND_PID + place, _AAC_ADTS, language) for place, language in enumerate(service.sounds)
    ]
    streams.append(tables.Elementary(SPLICE_PID, _SCTE_35))
    return tables.pat(NUMBER, PMT_PID), tables.pmt(NUMBER, service.pcr_pid, streams, CUEI)


@lru_cache(maxsize=1024)
def _description(service: Service) -> bytes:
    return tables.sdt(NUMBER, service.provider, service.names, radio=not service.picture)


def _program(tick: int, service: Service) -> list[_Placed]:
    """PAT and PMT; how many packets each has had before follows from the tick."""
    pat, pmt = _program_tables(service)
    made: list[_Placed] = []
    pmt_count = 1 if least(len(pmt) + 1) == 1 else COUNTERS
    for number in range(_PROGRAM_TABLES):
        at = number * _WHOLE // _PROGRAM_TABLES
        done = tick * _PROGRAM_TABLES + number
        made += [(at, packet) for packet in section_packets(tables.PAT_PID, pat, done, 1)]
        made += [(at, packet) for packet in section_packets(PMT_PID, pmt, done * pmt_count, pmt_count)]
    return made


def _tables(tick: int, service: Service, told: Told) -> list[_Placed]:
    """The other tables; here too the counters follow from the tick."""
    made: list[_Placed] = []
    rounds, rest = divmod(tick, _SERVICE_EVERY)
    if rest == 0:
        packets = section_packets(tables.SDT_PID, _description(service), rounds * _SDT_PACKETS, _SDT_PACKETS)
        made += _spread(packets, _SDT_PACKETS)
    if rest == _SERVICE_EVERY // 2:
        present, following = tables.eit(NUMBER, told.present, told.following, told.version)
        # the last section first: libdvbpsi, and so VLC, then has the whole table at once, and not a round later
        for place, section in enumerate((following, present)):
            packets = section_packets(tables.EIT_PID, section, place * _EIT_PACKETS, _EIT_PACKETS)
            made += [
                (place * _WHOLE // 2 + at * _EIT_PART // 100, packet) for at, packet in _spread(packets, _EIT_PACKETS)
            ]
    if tick % _TIME_EVERY == 0:
        at = tables.tdt(tick + told.later)
        made += [(0, packet) for packet in section_packets(tables.TDT_PID, at, tick // _TIME_EVERY, 1)]
    if tick % SPLICE_EVERY == 0:
        made += [(0, packet) for packet in section_packets(SPLICE_PID, told.splice, tick // SPLICE_EVERY, 1)]
    return made


def _spread(packets: Iterable[bytes], count: int) -> list[_Placed]:
    """Packets evenly over the tick: many together would make what comes after them late."""
    return [((2 * place + 1) * _WHOLE // (2 * count), packet) for place, packet in enumerate(packets)]


def tick_packets(tick: int, service: Service, content: Content) -> bytes:
    """The packets that go out from the start of `tick` to its end. Raises ValueError when a table does not fit."""
    pictures = _pictures(tick, content.pictures)
    sounds = [placed for place, groups in enumerate(content.sounds) for placed in _sound(tick, place, groups)]
    program, told = _program(tick, service), _tables(tick, service, content.told)
    others = len(program) + len(told) + _PCRS
    wanted = len(pictures) + len(sounds) + others
    # where there is hardly a picture, null packets keep the sound to half of the rate: so it is always in time
    total = max(_FEWEST, wanted, 2 * len(sounds) + others)
    references = {number * total // _PCRS for number in range(_PCRS)}
    # what must be in time first, then what should come regularly, then what fills
    queues = [deque(sorted(_slots(placed, total), key=_place)) for placed in (program, sounds, told)]
    queues += [deque((0, packet) for packet in pictures), deque([(0, _NULL)] * (total - wanted))]
    clock, counter = mpegts(tick) * PER_90KHZ, COUNTERS - 1
    made: list[bytes] = []
    for number in range(total):
        if number in references:
            # the reference stands for the arrival of its own last byte (2.4.2.2)
            due = clock + _TICK_CLOCK * (number * PACKET + 11) // (total * PACKET)
            made.append(clock_reference(service.pcr_pid, due, counter))
            continue
        queue = next((queue for queue in queues if queue and queue[0][0] <= number), None)
        packet = (queue or min(filter(None, queues), key=lambda queue: queue[0][0])).popleft()[1]
        if (packet[1] & 0x1F) << 8 | packet[2] == service.pcr_pid:
            counter = packet[3] & 0xF
        made.append(packet)
    return b"".join(made)


def _slots(placed: Iterable[_Placed], total: int) -> Iterator[_Placed]:
    return ((at * total // _WHOLE, packet) for at, packet in placed)


def _place(placed: _Placed) -> int:
    return placed[0]
