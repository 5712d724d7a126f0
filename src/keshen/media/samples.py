"""The samples of a segment (ISO/IEC 14496-12, 8.8): where each frame's bytes lie and when it is decoded and shown."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from keshen.media.boxes import Buffer, FormatError, boxes

_U32: Final = struct.Struct(">I")
_I32: Final = struct.Struct(">i")

# Flags of `tfhd` and `trun`: the field each announces, in the order in which the fields stand.
_TFHD_FIELDS: Final = ((0x1, 8, ""), (0x2, 4, ""), (0x8, 4, "duration"), (0x10, 4, "size"), (0x20, 4, "flags"))
_DEFAULT_BASE_IS_MOOF: Final = 0x20000
_TRUN_DATA_OFFSET, _TRUN_FIRST_FLAGS = 0x1, 0x4
_SAMPLE_FIELDS: Final = ((0x100, "duration"), (0x200, "size"), (0x400, "flags"), (0x800, "shift"))
_IS_NON_SYNC: Final = 0x10000
_MOST_SAMPLES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Sample:
    """One frame: its bytes at `offset` of the segment, decoded `time` units after the segment's first one.

    It is shown `shift` units after it is decoded; `fragment` is where its `moof` begins, `sync` whether one can start
    here.
    """

    offset: int
    size: int
    time: int
    shift: int
    sync: bool
    fragment: int


def samples(segment: Buffer) -> list[Sample]:
    """Every sample of a segment, in decoding order. Raises FormatError for bytes that are not one."""
    found: list[_Timed] = []
    try:
        for kind, at, length in boxes(segment, 0, len(segment)):
            if kind == b"moof":
                found += _fragment(segment, at, length, _end(found))
    except (struct.error, IndexError) as error:
        raise FormatError("the bytes end in the middle of a box") from error
    return [sample for sample, _ in found]


def first_of_fragment(head: Buffer) -> tuple[Sample, int, int]:
    """Of the beginning of a fragment: its first sample, its length in bytes, its duration in units.

    `head` holds the whole `moof` and the header of the `mdat` after it. Raises FormatError when it does not.
    """
    try:
        length, kind = _U32.unpack_from(head, 0)[0], bytes(head[4:8])
        if kind != b"moof" or length < 8:
            raise FormatError("no fragment begins here")
        held = _fragment(head, 0, length, 0)
        data, name = _U32.unpack_from(head, length)[0], bytes(head[length + 4 : length + 8])
    except (struct.error, IndexError) as error:
        raise FormatError("the bytes end in the middle of a box") from error
    if name != b"mdat" or not held:
        raise FormatError("the fragment holds no samples")
    return held[0][0], length + data, _end(held)


type _Timed = tuple[Sample, int]
"""A sample and its duration."""


def _end(found: list[_Timed]) -> int:
    return found[-1][0].time + found[-1][1] if found else 0


def _fragment(data: Buffer, at: int, length: int, time: int) -> list[_Timed]:
    found: list[_Timed] = []
    for kind, inside, size in boxes(data, at + 8, at + length):
        if kind == b"traf":
            defaults: dict[str, int] = {}
            for leaf, place, room in boxes(data, inside + 8, inside + size):
                if leaf == b"tfhd":
                    defaults = _defaults(data, place)
                elif leaf == b"trun":
                    found += _run(data, place, room, at, defaults, _end(found) or time)
    return found


def _defaults(data: Buffer, at: int) -> dict[str, int]:
    flags = _U32.unpack_from(data, at + 8)[0] & 0xFFFFFF
    if not flags & _DEFAULT_BASE_IS_MOOF:
        raise FormatError(f"the fragment at {at} does not count its data from itself")
    held: dict[str, int] = {}
    place = at + 16
    for flag, size, name in _TFHD_FIELDS:
        if flags & flag:
            if name:
                held[name] = _U32.unpack_from(data, place)[0]
            place += size
    return held


def _run(data: Buffer, at: int, length: int, base: int, defaults: dict[str, int], time: int) -> Iterator[_Timed]:
    flags, count = _U32.unpack_from(data, at + 8)[0] & 0xFFFFFF, _U32.unpack_from(data, at + 12)[0]
    place, offset, first_flags = at + 16, base, None
    if flags & _TRUN_DATA_OFFSET:
        offset, place = base + _I32.unpack_from(data, place)[0], place + 4
    if flags & _TRUN_FIRST_FLAGS:
        first_flags, place = _U32.unpack_from(data, place)[0], place + 4
    if count > _MOST_SAMPLES or place + count * 4 * (flags & 0xF00).bit_count() > at + length:
        raise FormatError(f"the fragment at {base} claims {count} samples")
    for number in range(count):
        held = {"shift": 0, **defaults}
        for flag, name in _SAMPLE_FIELDS:
            if flags & flag:
                held[name] = (_I32 if name == "shift" else _U32).unpack_from(data, place)[0]
                place += 4
        if number == 0 and first_flags is not None:
            held["flags"] = first_flags
        size, duration = held.get("size", 0), held.get("duration", 0)
        sync = not held.get("flags", 0) & _IS_NON_SYNC
        yield Sample(offset, size, time, held["shift"], sync, base), duration
        offset, time = offset + size, time + duration
