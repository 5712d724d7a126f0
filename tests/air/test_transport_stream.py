"""The transport stream, packet by packet, over any pictures and sound hypothesis can think of, across the wrap."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from keshen.air.timeline import Entry
from keshen.air.ways_out import scte35
from keshen.air.ways_out.transport_stream import mux, tables
from keshen.media.houseformat import MPEGTS_WRAP, mpegts
from tests.air import transport
from tests.air.transport import milliseconds, read

SERVICE = mux.Service("Silk Way", (("kk", "Жібек жолы"), ("ru", "Шёлковый путь")), ("kk", "ru"), picture=True)
RADIO = mux.Service("Silk Way", (("kk", "Жібек жолы радиосы"),), ("kk",), picture=False)
WRAPS_AT = -(-MPEGTS_WRAP // 28_800)
"""The first tick that begins beyond 33 bits of 90 kHz."""
BUFFER = 3_584

frame_sizes = st.lists(st.integers(30, 60_000), min_size=8, max_size=8)
sound_sizes = st.lists(st.integers(40, 400), min_size=15, max_size=15)


def frame(size: int) -> bytes:
    """An ADTS frame of `size` bytes."""
    head = 0xFFF1 << 40 | 1 << 38 | 3 << 34 | 2 << 30 | size << 13 | 0x7FF << 2
    return head.to_bytes(7) + bytes(size - 7)


def content(pictures: list[int], frames: list[int], told: mux.Told = mux.Told()) -> mux.Content:  # noqa: B008
    units = [mux.Unit(bytes((n,)) * size, 3600 * n, 3600 * n, sync=n == 0) for n, size in enumerate(pictures)]
    groups = [b"".join(frame(size) for size in frames[n : n + 5]) for n in (0, 5, 10)]
    return mux.Content(units, [groups, groups], told)


@settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.integers(-4, 4), st.lists(st.tuples(frame_sizes, sound_sizes), min_size=7, max_size=7))
def test_any_ticks_make_one_stream(from_wrap: int, given_sizes: list[tuple[list[int], list[int]]]) -> None:
    first = 5 * WRAPS_AT + from_wrap - 3
    data = b"".join(mux.tick_packets(first + n, SERVICE, content(*sizes)) for n, sizes in enumerate(given_sizes))
    found = read(data)
    assert (found.pcrs[0][1] - 11) // 300 % MPEGTS_WRAP == pytest.approx(mpegts(first), abs=100)
    assert len(found.pcrs) == 10 * len(given_sizes)
    assert max(milliseconds(b[1] - a[1]) for a, b in pairwise(found.pcrs)) <= 40
    pictures = found.pes[mux.PICTURE_PID]
    assert len(pictures) == 8 * len(given_sizes)
    assert [len(one.body) for one in pictures] == [size for sizes, _ in given_sizes for size in sizes]
    assert {(b.pts - a.pts) % MPEGTS_WRAP for a, b in pairwise(pictures)} == {3600}
    assert pictures[0].pts == mpegts(first + 1)
    for pid in (mux.SOUND_PID, mux.SOUND_PID + 1):
        assert {(b.pts - a.pts) % MPEGTS_WRAP for a, b in pairwise(found.pes[pid])} == {9600}
    in_time(found)


def in_time(found: transport.Stream) -> None:
    """Every byte arrives before it is needed, and none more than a second before."""
    base = found.pcrs[0][1] // 300
    for packets in found.pes.values():
        for one in packets:
            due = ((one.dts - base + MPEGTS_WRAP // 2) % MPEGTS_WRAP - MPEGTS_WRAP // 2 + base) * 300
            early, late = milliseconds(due - one.arrived[0][0]), milliseconds(due - one.arrived[-1][0])
            assert 0 <= late <= early <= 1000, (early, late)


def test_the_sound_buffer_never_overflows() -> None:
    """The decoder of ISO/IEC 13818-1, 2.4.2: bytes come in as sent, a frame leaves when it is due."""
    ticks = 40
    data = b"".join(mux.tick_packets(1000 + n, SERVICE, content([4000] * 8, [341] * 15)) for n in range(ticks))
    found = read(data)
    events: list[tuple[int, int]] = []
    for one in found.pes[mux.SOUND_PID]:
        events += [(at, size) for at, size in one.arrived]
        events += [(one.pts * 300 + n * 1920 * 300, -one.length // 5) for n in range(5)]
    held = most = 0
    for _, change in sorted(events):
        held += change
        most = max(most, held)
        assert held > -2000
    assert most <= BUFFER


def test_radio_has_its_clock_on_the_sound() -> None:
    groups = [b"".join(frame(341) for _ in range(5)) for _ in range(3)]
    data = b"".join(mux.tick_packets(n, RADIO, mux.Content((), [groups])) for n in range(20))
    found = read(data)
    assert max(milliseconds(b[1] - a[1]) for a, b in pairwise(found.pcrs)) <= 40
    assert set(found.pes) == {mux.SOUND_PID}
    pmt = found.sections[mux.PMT_PID][0][1]
    assert (pmt[8] & 31) << 8 | pmt[9] == mux.SOUND_PID
    assert sorted(kind for kind, _ in transport.streams(pmt).values()) == [0x0F, 0x86]
    in_time(found)


def test_a_gap_in_picture_and_sound_leaves_the_counters_whole() -> None:
    full, empty = content([4000] * 8, [341] * 15), mux.Content()
    read(b"".join(mux.tick_packets(n, SERVICE, empty if n % 3 else full) for n in range(12)))


def test_tables_say_what_is_on_and_come_often_enough() -> None:
    long = "Қазақстан мен Өзбекстанның музейлері туралы ұзақ әңгіме " * 6
    told = mux.Told(
        tables.Event(WRAPS_AT, 5625, [("kk", "Жаңалықтар"), ("ru", "Новости"), ("ar", "أخبار")], [("kk", long)]),
        tables.Event(WRAPS_AT + 5625, 11_250, [(tag, long) for tag in ("kk", "ru", "en", "ar", "uz", "ky")]),
    )
    data = b"".join(mux.tick_packets(WRAPS_AT + n, SERVICE, content([500] * 8, [100] * 15, told)) for n in range(160))
    found = read(data)
    limits = {0x00: 100, mux.PMT_PID: 100, 0x11: 2000, 0x12: 2000, 0x14: 30_000, mux.SPLICE_PID: 5000}
    for pid, most in limits.items():
        times = [found.time(number) for number, _ in found.sections[pid]]
        assert max(milliseconds(b - a) for a, b in pairwise(times)) <= most, hex(pid)
    pmt = found.sections[mux.PMT_PID][0][1]
    held = transport.streams(pmt)
    assert {pid: kind for pid, (kind, _) in held.items()} == {0x21: 0x1B, 0x30: 0x0F, 0x31: 0x0F, 0x40: 0x86}
    assert held[0x30][1] == b"\x0a\x04kaz\0"
    sdt = found.sections[0x11][0][1]
    assert "Жібек жолы".encode() in sdt
    assert "Шёлковый путь".encode() in sdt
    present, following = (next(s for _, s in found.sections[0x12] if s[6] == place) for place in (0, 1))
    assert "Жаңалықтар".encode() in present
    assert "أخبار".encode() in present
    assert len(following) < 1472
    for section in (present, following):
        length = (section[24] & 15) << 8 | section[25]
        for tag, body in transport.descriptors(section[26 : 26 + length]):
            assert tag == 0x4D
            body[5 : 5 + body[3] - 1].decode()
    assert section[21:24] == b"\x01\x00\x00", "an hour in binary-coded decimals"


def test_the_two_sections_of_the_guide_come_apart_the_last_first() -> None:
    """EN 300 468, 5.1.4: 25 ms between two sections of one table; libdvbpsi wants number one before number nought."""
    event = tables.Event(1000, 5625, [(tag, "Ұзақ әңгіме " * 20) for tag in ("kk", "ru", "en", "ar", "uz")])
    told = mux.Told(event, event, version=9)
    data = b"".join(mux.tick_packets(n, SERVICE, content([500] * 8, [100] * 15, told)) for n in range(1000, 1011))
    found = read(data)
    assert [section[6] for _, section in found.sections[0x12]] == [1, 0] * 2
    assert {section[5] >> 1 & 31 for _, section in found.sections[0x12]} == {9}
    packets = [data[at : at + 188] for at in range(0, len(data), 188)]
    of_guide = [n for n, packet in enumerate(packets) if (packet[1] & 31) << 8 | packet[2] == tables.EIT_PID]
    begun = [(before, n) for before, n in pairwise(of_guide) if packets[n][1] & 0x40]
    assert len(begun) == 3
    assert min(milliseconds(found.time(n) - found.time(before + 1)) for before, n in begun) >= 25


def entry(number: int, start: int, ticks: int, kind: str) -> Entry:
    return Entry(number, start, ticks, 1, kind)


def test_splices_name_the_tick_of_a_break() -> None:
    entries = [entry(1, 0, 40, "programme"), entry(2, 40, 30, "break"), entry(3, 70, 12, "break"),
               entry(4, 82, 50, "programme")]  # fmt: skip
    (found,) = scte35.breaks(entries)
    assert (found.id, found.start, found.ticks) == (2, 40, 42)
    leaving, returning = scte35.leaving(found), scte35.returning(found)
    for section in (leaving, returning, scte35.NULL):
        assert transport.checksum(section) == 0
        assert len(section) == 3 + ((section[1] & 15) << 8 | section[2])
    assert leaving[13] == returning[13] == 5
    assert leaving[14:18] == (2).to_bytes(4)
    assert leaving[19] & 0xF0 == 0b1110_0000, "out of network, the whole programme, with its length"
    assert returning[19] & 0xF0 == 0b0100_0000
    assert int.from_bytes(leaving[20:25]) & (1 << 33) - 1 == mpegts(40)
    assert int.from_bytes(leaving[25:30]) & (1 << 33) - 1 == 42 * 28_800
    assert int.from_bytes(returning[20:25]) & (1 << 33) - 1 == mpegts(82)
