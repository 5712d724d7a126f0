"""H.264 between its two forms: with lengths, as MP4 keeps it (ISO/IEC 14496-15), and as a byte stream with start codes
(ISO/IEC 14496-10, Annex B), as transport streams carry it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from keshen.media.boxes import Buffer, FormatError, find

START_CODE: Final = b"\0\0\0\1"
DELIMITER: Final = START_CODE + b"\x09\xf0"
"""An access unit delimiter for any kind of picture (7.3.2.4); transport streams want one before each."""

_STSD: Final = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a decoder needs before the first picture: the parameter sets as a byte stream, and how long lengths are."""

    sets: bytes
    length_size: int


def parameters(init: Buffer) -> Parameters:
    """The parameter sets of an init segment's `avcC` (ISO/IEC 14496-15, 5.3.3.1). Raises FormatError without one."""
    offset, length = find(init, (*_STSD, b"avc1", b"avcC"))
    data = bytes(init[offset + 8 : offset + length])
    try:
        length_size, place, made = (data[4] & 3) + 1, 5, b""
        for mask in (0x1F, 0xFF):  # the sequence parameter sets, then those of pictures
            count, place = data[place] & mask, place + 1
            for _ in range(count):
                size = struct.unpack_from(">H", data, place)[0]
                made += START_CODE + data[place + 2 : place + 2 + size]
                place += 2 + size
    except (struct.error, IndexError) as error:
        raise FormatError("the decoder configuration is cut off") from error
    return Parameters(made, length_size)


def byte_stream(sample: Buffer, held: Parameters, *, sync: bool) -> bytes:
    """One sample as an access unit of a byte stream; before one that playing can begin with stand the parameter sets.

    Raises FormatError when the lengths inside do not add up.
    """
    made: list[Buffer] = [DELIMITER, held.sets if sync else b""]
    place, end = 0, len(sample)
    while place < end:
        size = int.from_bytes(sample[place : place + held.length_size])
        place += held.length_size
        if not size or place + size > end:
            raise FormatError(f"a unit of {size} bytes at {place} of a picture of {end}")
        made += (START_CODE, sample[place : place + size])
        place += size
    return b"".join(made)
