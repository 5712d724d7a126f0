"""Reading and restamping fragmented MP4 (ISO/IEC 14496-12), as far as the house format needs it.

A track is kept as two blobs: its init segment, and its fragments joined. The index says where each segment lies in
the second, and `restamp` gives a segment its place on the air.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from keshen.media import houseformat

type Buffer = bytes | bytearray | memoryview

_HEADER: Final = struct.Struct(">I4s")
_U32: Final = struct.Struct(">I")
_U64: Final = struct.Struct(">Q")

# Bytes between a box's header and its first child.
_CONTAINERS: Final = {
    b"moov": 0,
    b"trak": 0,
    b"mdia": 0,
    b"minf": 0,
    b"stbl": 0,
    b"moof": 0,
    b"traf": 0,
    b"stsd": 8,
    b"avc1": 78,
    b"hvc1": 78,
    b"mp4a": 28,
}

# Flags of `tfhd` and `trun` (ISO/IEC 14496-12, 8.8.7 and 8.8.8), with the size of the field each announces.
_TFHD_FIELDS: Final = ((0x1, 8), (0x2, 4), (0x8, 4), (0x10, 4))
_TFHD_DURATION, _TFHD_SIZE = 0x8, 0x10
_TRUN_BEFORE_SAMPLES: Final = ((0x1, 4), (0x4, 4))
_TRUN_DURATION, _TRUN_SIZE = 0x100, 0x200

# A fragment is two seconds; no track of the house has more samples in one.
_MAX_SAMPLES: Final = 10_000

_ADTS_FIXED: Final = 0xFFF1  # sync word, MPEG-4, no CRC (ISO/IEC 14496-3, 1.A.2.2)


class FormatError(ValueError):
    """The bytes are not a track in the house format; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment of a track: length in ticks, and where its bytes lie in the track's media blob."""

    ticks: int
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Index:
    """A track file taken apart: `init` is its init segment; file bytes `start` to `end` are the media blob."""

    init: bytes
    start: int
    end: int
    segments: tuple[Segment, ...]

    @property
    def ticks(self) -> int:
        return sum(segment.ticks for segment in self.segments)

    @property
    def bandwidth(self) -> int:
        """Peak segment bit rate in bits a second, as BANDWIDTH wants it (RFC 8216, 4.3.4.2)."""
        return max(round(s.length * 8 / houseformat.seconds(s.ticks)) for s in self.segments)


def _reading[**P, R](reader: Callable[P, R]) -> Callable[P, R]:
    """Turn a read past the end, which truncated bytes cause, into FormatError."""

    @functools.wraps(reader)
    def read(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return reader(*args, **kwargs)
        except (struct.error, IndexError) as error:
            raise FormatError("the bytes end in the middle of a box") from error

    return read


@dataclass(frozen=True, slots=True)
class _Fragment:
    offset: int
    length: int
    decode_time: int
    duration: int


def boxes(data: Buffer, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The boxes between two offsets as (type, offset, length). Raises FormatError for a box that leaves its parent."""
    while start < end:
        if end - start < 8:
            raise FormatError(f"{end - start} stray bytes at {start}")
        length, kind = _HEADER.unpack_from(data, start)
        if length == 1:
            length = _U64.unpack_from(data, start + 8)[0] if end - start >= 16 else 0
        elif length == 0:
            length = end - start
        if length < 8 or start + length > end:
            raise FormatError(f"box {kind!r} at {start} has a wrong length of {length} bytes")
        yield kind, start, length
        start += length


def find(data: Buffer, path: tuple[bytes, ...]) -> tuple[int, int]:
    """Offset and length of the first box at `path`. Raises FormatError when there is none."""
    start, end = 0, len(data)
    for depth, wanted in enumerate(path):
        for kind, offset, length in boxes(data, start, end):
            if kind == wanted:
                if depth == len(path) - 1:
                    return offset, length
                start, end = offset + 8 + _CONTAINERS[kind], offset + length
                break
        else:
            break
    raise FormatError(f"there is no {b'.'.join(path).decode()} box")


def _tfhd_default(data: Buffer, offset: int, wanted: int) -> int:
    """The default of one field, by its flag, in the `tfhd` box at `offset`; 0 when the box does not give it."""
    flags = _U32.unpack_from(data, offset + 8)[0] & 0xFFFFFF
    if not flags & wanted:
        return 0
    skip = sum(size for flag, size in _TFHD_FIELDS if flags & flag and flag < wanted)
    return int(_U32.unpack_from(data, offset + 16 + skip)[0])


def _trun_samples(data: Buffer, offset: int, length: int) -> tuple[int, int, int, int]:
    """Of a `trun` box: its flags, the sample count, where the sample records begin and how long one record is."""
    flags, count = _U32.unpack_from(data, offset + 8)[0] & 0xFFFFFF, _U32.unpack_from(data, offset + 12)[0]
    first = offset + 16 + sum(size for flag, size in _TRUN_BEFORE_SAMPLES if flags & flag)
    record = 4 * (flags & 0xF00).bit_count()
    if first + count * record > offset + length or count > _MAX_SAMPLES:
        raise FormatError(f"the fragment at {offset} claims {count} samples")
    return flags, count, first, record


def _fragment(data: Buffer, offset: int, length: int) -> tuple[int, int]:
    """Decode time and duration, in the track's time scale, of the fragment whose `moof` is at `offset`."""
    decode_time = duration = default = 0
    for kind, at, size in boxes(data, offset + 8, offset + length):
        if kind != b"traf":
            continue
        for inner, inside, room in boxes(data, at + 8, at + size):
            if inner == b"tfhd":
                default = _tfhd_default(data, inside, _TFHD_DURATION)
            elif inner == b"tfdt":
                if data[inside + 8] != 1:
                    raise FormatError(f"the decode time at {inside} has 32 bits; the house format has 64")
                decode_time = _U64.unpack_from(data, inside + 12)[0]
            elif inner == b"trun":
                flags, count, first, record = _trun_samples(data, inside, room)
                if flags & _TRUN_DURATION:
                    duration += sum(_U32.unpack_from(data, first + n * record)[0] for n in range(count))
                else:
                    duration += default * count
    return decode_time, duration


@_reading
def duration(fragment: Buffer) -> int:
    """How long a fragment (a `moof` and its `mdat`) lasts, in units of its track. Raises FormatError."""
    for kind, offset, length in boxes(fragment, 0, len(fragment)):
        if kind == b"moof":
            return _fragment(fragment, offset, length)[1]
    raise FormatError("no fragment begins here")


@_reading
def index(data: Buffer, units: int, cut: Callable[[int], list[int]] = houseformat.cut) -> Index:
    """Take a track file apart, `units` being one tick in its time scale, and line it up with its `cut` list.

    Raises FormatError when a fragment is not whole ticks, when time has a gap, or when no fragment begins where the
    cut list wants a segment.
    """
    init_end = start = end = 0
    fragments: list[_Fragment] = []
    head: tuple[int, int, int] | None = None
    for kind, offset, length in boxes(data, 0, len(data)):
        if kind == b"moov":
            init_end = start = end = offset + length
        elif kind == b"moof":
            if not fragments:
                start = offset
            head = (offset, *_fragment(data, offset, length))
        elif kind == b"mdat" and head:
            fragments.append(_Fragment(head[0], offset + length - head[0], head[1], head[2]))
            end = offset + length
            head = None
    if not init_end or not fragments:
        raise FormatError("there is no init segment followed by fragments")
    return Index(bytes(data[:init_end]), start, end, tuple(_segments(fragments, start, units, cut)))


def _segments(fragments: list[_Fragment], start: int, units: int, cut: Callable[[int], list[int]]) -> Iterator[Segment]:
    clock = 0
    for fragment in fragments:
        if fragment.decode_time != clock:
            raise FormatError(f"a fragment begins at {fragment.decode_time}, not at {clock}")
        if fragment.duration % units or not fragment.duration:
            raise FormatError(f"the fragment at {clock} is {fragment.duration} units long, not whole ticks of {units}")
        clock += fragment.duration
    rest = iter(fragments)
    for ticks in cut(clock // units):
        taken, first, length = 0, None, 0
        while taken < ticks:
            fragment = next(rest)
            first = fragment.offset if first is None else first
            length = fragment.offset + fragment.length - first
            taken += fragment.duration // units
        if taken != ticks or first is None:
            raise FormatError(f"no fragment ends where a segment of {ticks} ticks ends")
        yield Segment(ticks, first - start, length)


def restamp(segment: Buffer, tick: int, sequence: int, units: int) -> bytearray:
    """`segment` as it airs: its first sample decodes at `tick` (from the epoch), its fragments count from `sequence`.

    `units` is one tick in the track's time scale (`houseformat.VIDEO_UNITS` or `AUDIO_UNITS`). Only `tfdt` and `mfhd`
    change, so equal arguments give equal bytes on every node. Raises FormatError for bytes that are not a segment.
    """
    made = bytearray(segment)
    place(made, tick, sequence, units)
    return made


@_reading
def place(segment: bytearray, tick: int, sequence: int, units: int) -> None:
    """Restamp a segment where it is: see `restamp`."""
    shift: int | None = None
    offset, end = 0, len(segment)
    while offset < end:
        try:
            length, kind = _HEADER.unpack_from(segment, offset)
        except struct.error as error:
            raise FormatError(f"{end - offset} stray bytes at {offset}") from error
        if length < 8 or offset + length > end:
            raise FormatError(f"box {kind!r} at {offset} has a wrong length of {length} bytes")
        if kind == b"moof":
            for inner, inside, size in boxes(segment, offset + 8, offset + length):
                if inner == b"mfhd":
                    _U32.pack_into(segment, inside + 12, sequence & 0xFFFFFFFF)
                    sequence += 1
                elif inner == b"traf":
                    for leaf, at, _ in boxes(segment, inside + 8, inside + size):
                        if leaf == b"tfdt":
                            decode_time = _U64.unpack_from(segment, at + 12)[0]
                            if shift is None:
                                shift = tick * units - decode_time
                            _U64.pack_into(segment, at + 12, decode_time + shift)
        offset += length
    if shift is None:
        raise FormatError("the segment holds no fragment")


def codecs(init: Buffer) -> str:
    """The CODECS attribute (RFC 6381) of an init segment of the house: AVC, HEVC, else AAC. Raises FormatError."""
    stsd = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")
    with suppress(FormatError):
        offset, _ = find(init, (*stsd, b"avc1", b"avcC"))
        return "avc1." + bytes(init[offset + 9 : offset + 12]).hex()
    with suppress(FormatError):
        offset, _ = find(init, (*stsd, b"hvc1", b"hvcC"))
        return _hevc(bytes(init[offset + 8 : offset + 31]))
    return f"mp4a.40.{audio_config(init)[0] >> 3}"


def _hevc(config: bytes) -> str:
    """The codec string of an HEVC decoder configuration (ISO/IEC 14496-15, annex E)."""
    space, tier, profile = ("", "A", "B", "C")[config[1] >> 6], "LH"[config[1] >> 5 & 1], config[1] & 0x1F
    compatible = int(f"{int.from_bytes(config[2:6]):032b}"[::-1], 2)
    constraints = [f"{byte:X}" for byte in config[6:12].rstrip(b"\0")]
    return ".".join([f"hvc1.{space}{profile}", f"{compatible:X}", f"{tier}{config[12]}", *constraints])


@_reading
def audio_config(init: Buffer) -> bytes:
    """The AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) of an audio init segment. Raises FormatError without one."""
    offset, length = find(init, (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"mp4a", b"esds"))
    at, end = offset + 12, offset + length
    while at < end:
        tag, at, size = init[at], at + 1, 0
        while init[at] & 0x80:
            size, at = size << 7 | init[at] & 0x7F, at + 1
        size, at = size << 7 | init[at], at + 1
        match tag:
            case 0x03:  # ES descriptor: go in, past its id and flags
                at += 3
            case 0x04:  # decoder configuration: go in, past its fixed fields
                at += 13
            case 0x05:
                return bytes(init[at : at + size])
            case _:
                at += size
    raise FormatError("the audio track has no decoder configuration")


def aac_frames(segment: Buffer) -> Iterator[memoryview]:
    """The raw AAC frames of an audio segment, in order. Raises FormatError when the sizes do not fit the data."""
    view, sizes, default = memoryview(segment), list[int](), 0
    for kind, offset, length in boxes(segment, 0, len(segment)):
        if kind == b"moof":
            sizes = []
            for inner, at, size in boxes(segment, offset + 8, offset + length):
                if inner != b"traf":
                    continue
                for leaf, inside, room in boxes(segment, at + 8, at + size):
                    if leaf == b"tfhd":
                        default = _tfhd_default(segment, inside, _TFHD_SIZE)
                    elif leaf == b"trun":
                        flags, count, first, record = _trun_samples(segment, inside, room)
                        first += 4 if flags & _TRUN_DURATION else 0
                        sizes += (
                            [_U32.unpack_from(segment, first + n * record)[0] for n in range(count)]
                            if flags & _TRUN_SIZE
                            else [default] * count
                        )
        elif kind == b"mdat":
            if sum(sizes) != length - 8:
                raise FormatError(f"the frames have {sum(sizes)} bytes, the data {length - 8}")
            at = offset + 8
            for size in sizes:
                yield view[at : at + size]
                at += size


@_reading
def adts_ticks(segment: Buffer, config: bytes) -> list[bytes]:
    """An audio segment as ADTS (ISO/IEC 14496-3, 1.A.2), one chunk of 15 frames a tick.

    `config` is the AudioSpecificConfig of the track. Raises FormatError when the frames are not whole ticks.
    """
    object_type, rate = config[0] >> 3, (config[0] & 7) << 1 | config[1] >> 7
    channels = config[1] >> 3 & 0xF
    head = _ADTS_FIXED << 40 | (object_type - 1) << 38 | rate << 34 | channels << 30
    frames = [(head | (len(frame) + 7) << 13 | 0x7FF << 2).to_bytes(7) + bytes(frame) for frame in aac_frames(segment)]
    step = houseformat.AAC_FRAMES_PER_TICK
    if len(frames) % step:
        raise FormatError(f"{len(frames)} AAC frames are not whole ticks of {step}")
    return [b"".join(frames[n : n + step]) for n in range(0, len(frames), step)]
