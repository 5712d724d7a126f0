"""Program and service information: PAT and PMT (ISO/IEC 13818-1, 2.4.4), SDT, EIT and TDT (ETSI EN 300 468)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from keshen.air.ways_out.sections import crc
from keshen.media.houseformat import datetime_at

STREAM_ID: Final = 1
ORIGINAL_NETWORK: Final = 0xFF00
"""Original network ids from 0xFF00 on are for private use (ETSI TS 101 162)."""
PAT_PID, SDT_PID, EIT_PID, TDT_PID = 0x00, 0x11, 0x12, 0x14

_PAT, _PMT, _SDT_ACTUAL, _EIT_PRESENT_ACTUAL, _TDT = 0x00, 0x02, 0x42, 0x4E, 0x70
_LANGUAGE, _REGISTRATION, _SHORT_EVENT, _SERVICE, _NAMES = 0x0A, 0x05, 0x4D, 0x48, 0x5D
_UTF8: Final = b"\x15"
"""Selects UTF-8 (EN 300 468, annex A.2): no single-byte table holds Kazakh."""
_MOST_TITLE: Final = 120
_MOST_ABOUT: Final = 1_300
"""What an event says stays within the packets that a section is always given."""
_RUNNING, _STARTS_SOON = 4, 2

# ISO 639-2 codes for the subtags of BCP 47 that have two letters.
ISO_639_2: Final = {
    "kk": "kaz", "ru": "rus", "en": "eng", "ar": "ara", "uz": "uzb", "ky": "kir", "tr": "tur", "zh": "zho",
    "de": "deu", "fr": "fra", "es": "spa", "tg": "tgk", "tk": "tuk", "az": "aze", "mn": "mon", "ug": "uig",
}  # fmt: skip


def language(tag: str) -> bytes:
    """The three letters that descriptors name a language with; `und` for one we have no code for."""
    primary = tag.partition("-")[0].lower()
    return (primary if len(primary) == 3 and primary.isascii() else ISO_639_2.get(primary, "und")).encode()


def text(written: str, most: int) -> bytes:
    """`written` as a DVB text of at most `most` bytes, cut between letters."""
    body = " ".join(written.split()).encode()[: most - 1]
    return _UTF8 + body.decode("utf-8", "ignore").encode() if body else b""


def _descriptor(tag: int, body: bytes) -> bytes:
    return bytes((tag, len(body))) + body


def _section(table: int, extension: int, body: bytes, *, version: int, number: int = 0, last: int = 0) -> bytes:
    """A section in the long form (2.4.4.11) with its CRC."""
    private = 0x40 if table >= 0x40 else 0
    length = len(body) + 9
    head = struct.pack(
        ">BHHBBB", table, (0x80 | private | 0x30) << 8 | length, extension, 0xC1 | (version & 31) << 1, number, last
    )
    return head + body + struct.pack(">I", crc(head + body))


def _by_content(body: bytes) -> int:
    """A version number that is the same on every node: a digest of what the table says."""
    return crc(body) & 31


@dataclass(frozen=True, slots=True)
class Elementary:
    """One elementary stream of the programme: its PID, its stream type (ISO/IEC 13818-1, 2.4.4.10), its language."""

    pid: int
    type: int
    language: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One programme as the present and following table tells of it; ticks, titles and lines below by language tag."""

    start: int
    ticks: int
    titles: Sequence[tuple[str, str]]
    about: Sequence[tuple[str, str]] = ()


def pat(number: int, pmt_pid: int) -> bytes:
    """The program association table: one programme `number`."""
    body = struct.pack(">HH", number, 0xE000 | pmt_pid)
    return _section(_PAT, STREAM_ID, body, version=_by_content(body))


def pmt(number: int, pcr_pid: int, streams: Iterable[Elementary], registration: bytes = b"") -> bytes:
    """The program map table; `registration` is a format identifier, such as `CUEI`."""
    info = _descriptor(_REGISTRATION, registration) if registration else b""
    body = struct.pack(">HH", 0xE000 | pcr_pid, 0xF000 | len(info)) + info
    for stream in streams:
        held = _descriptor(_LANGUAGE, language(stream.language) + b"\0") if stream.language else b""
        body += struct.pack(">BHH", stream.type, 0xE000 | stream.pid, 0xF000 | len(held)) + held
    return _section(_PMT, number, body, version=_by_content(body))


def sdt(number: int, provider: str, names: Sequence[tuple[str, str]], *, radio: bool) -> bytes:
    """The service description table of this stream: its one service, named in each language."""
    own = text(names[0][1], 60) if names else b""
    owner = text(provider, 60)
    held = _descriptor(_SERVICE, bytes((2 if radio else 1, len(owner))) + owner + bytes((len(own),)) + own)
    if len(names) > 1:
        each = b""
        for tag, name in names:
            written = text(name, 40)
            one = language(tag) + bytes((0, len(written))) + written
            each += one if len(each) + len(one) <= 255 else b""
        held += _descriptor(_NAMES, each)
    # flags: present and following events are told, schedules are not; the service runs and is not scrambled
    body = struct.pack(">HB", ORIGINAL_NETWORK, 0xFF)
    body += struct.pack(">HBH", number, 0xFD, _RUNNING << 13 | len(held)) + held
    return _section(_SDT_ACTUAL, STREAM_ID, body, version=_by_content(body))


def _bcd(value: int) -> int:
    return value // 10 << 4 | value % 10


def _time(at: datetime) -> bytes:
    """Modified Julian Date and UTC in binary-coded decimals (EN 300 468, annex C)."""
    day = at.toordinal() - datetime(1858, 11, 17).toordinal()
    return struct.pack(">HBBB", day, _bcd(at.hour), _bcd(at.minute), _bcd(at.second))


def _event(event: Event, running: int) -> bytes:
    seconds = event.ticks * 320 // 1000
    length = bytes((_bcd(min(seconds // 3600, 99)), _bcd(seconds // 60 % 60), _bcd(seconds % 60)))
    about = dict(event.about)
    held = b""
    for tag, title in event.titles:
        name, more = text(title, _MOST_TITLE), text(about.get(tag, ""), _MOST_TITLE)
        short = language(tag) + bytes((len(name),)) + name + bytes((len(more),)) + more
        if len(held) + len(short) + 2 <= _MOST_ABOUT:
            held += _descriptor(_SHORT_EVENT, short)
    identity = event.start // 94 & 0xFFFF  # half a minute each: the same number comes again after 22 days
    return (
        struct.pack(">H", identity)
        + _time(datetime_at(event.start))
        + length
        + struct.pack(">H", running << 13 | len(held))
        + held
    )


def _events(present: Event | None, following: Event | None) -> list[bytes]:
    fixed = struct.pack(">HHBB", STREAM_ID, ORIGINAL_NETWORK, 1, _EIT_PRESENT_ACTUAL)
    return [
        fixed + (_event(event, running) if event else b"")
        for event, running in ((present, _RUNNING), (following, _STARTS_SOON))
    ]


def eit_digest(present: Event | None, following: Event | None) -> int:
    """What tells one present and following table from another, for `versions`."""
    return crc(b"".join(_events(present, following)))


def eit(number: int, present: Event | None, following: Event | None, version: int) -> list[bytes]:
    """Present and following (EN 300 468, 5.2.4): two sections of one table, which have one version number."""
    return [
        _section(_EIT_PRESENT_ACTUAL, number, body, version=version, number=place, last=1)
        for place, body in enumerate(_events(present, following))
    ]


def tdt(tick: int) -> bytes:
    """The time and date table: what UTC it is when this is received."""
    return struct.pack(">BH", _TDT, 0x7005) + _time(datetime_at(tick))
