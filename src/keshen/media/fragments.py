"""Fragments of a track taken apart and put together (ISO/IEC 14496-12): what a cut without encoding is made of."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Final

from keshen.media.boxes import Buffer, FormatError, boxes
from keshen.media.houseformat import AAC_FRAME_SAMPLES

_U32: Final = struct.Struct(">I")

# What every frame of sound is: it depends on no other (8.8.3.1, sample_depends_on 2).
_SOUND_FLAGS: Final = 0x2000000
_DEFAULT_BASE_IS_MOOF, _DEFAULT_DURATION, _DEFAULT_FLAGS = 0x20000, 0x8, 0x20
_DATA_OFFSET, _SIZES = 0x1, 0x200


def fragments(segment: Buffer) -> Iterator[bytes]:
    """The fragments of a segment, each a `moof` with its `mdat`. Raises FormatError for other bytes."""
    begin: int | None = None
    for kind, at, length in boxes(segment, 0, len(segment)):
        if kind == b"moof":
            begin = at
        elif kind == b"mdat" and begin is not None:
            yield bytes(segment[begin : at + length])
            begin = None
    if begin is not None:
        raise FormatError(f"the fragment at {begin} has no data")


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return _U32.pack(len(body) + 8) + kind + body


def _full(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    return _box(kind, _U32.pack(version << 24 | flags), *parts)


def sound_fragment(frames: Sequence[bytes]) -> bytes:
    """Raw AAC frames as one fragment that decodes at 0, track 1, as `boxes.restamp` and `boxes.aac_frames` read it."""

    def head(offset: int) -> bytes:
        tfhd_flags = _DEFAULT_BASE_IS_MOOF | _DEFAULT_DURATION | _DEFAULT_FLAGS
        tfhd = _full(b"tfhd", 0, tfhd_flags, _U32.pack(1), _U32.pack(AAC_FRAME_SAMPLES), _U32.pack(_SOUND_FLAGS))
        tfdt = _full(b"tfdt", 1, 0, bytes(8))
        sizes = b"".join(_U32.pack(len(frame)) for frame in frames)
        trun = _full(b"trun", 0, _DATA_OFFSET | _SIZES, _U32.pack(len(frames)), _U32.pack(offset), sizes)
        return _box(b"moof", _full(b"mfhd", 0, 0, _U32.pack(1)), _box(b"traf", tfhd, tfdt, trun))

    return head(len(head(0)) + 8) + _box(b"mdat", *frames)


def adts_frames(data: bytes) -> list[bytes]:
    """The raw AAC frames of an ADTS stream (ISO/IEC 14496-3, 1.A.2). Raises FormatError where it is broken."""
    found, at = [], 0
    while at < len(data):
        if len(data) - at < 7 or data[at] != 0xFF or data[at + 1] & 0xF6 != 0xF0:
            raise FormatError(f"no ADTS frame begins at {at}")
        head = 7 if data[at + 1] & 1 else 9
        length = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
        if length < head or at + length > len(data):
            raise FormatError(f"the ADTS frame at {at} claims {length} bytes")
        found.append(data[at + head : at + length])
        at += length
    return found
