"""Common encryption of the house's tracks, scheme `cbcs` (ISO/IEC 23001-7, 10.4): samples under AES-CBC in a pattern.

Of a picture one block in ten is encrypted, and the first 32 bytes of each slice stay clear: its header lies in them
(the house's encoder writes none longer). Of sound every whole block is. Initialization vectors are constant, so a
segment's bytes depend on the key and the clear bytes alone, and two nodes give the same.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from keshen.media.boxes import Buffer, FormatError, boxes
from keshen.media.samples import Sample, samples

SCHEME: Final = b"cbcs"
COMMON_SYSTEM: Final = bytes.fromhex("1077efecc0b24d02ace33c1e52e2fb4b")
"""The `pssh` system that only lists key ids (W3C, "cenc" Initialization Data Format, 4): any key system can read it."""

_U32: Final = struct.Struct(">I")
_I32: Final = struct.Struct(">i")
_BLOCK: Final = 16
_CRYPT, _SKIP = 1, 9
_STRIDE: Final = (_CRYPT + _SKIP) * _BLOCK
_SLICE_LEAD: Final = 32
_MOST_CLEAR: Final = 0xFFFF
_STSD: Final = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")
_NAL_CONFIG: Final = {b"avc1": b"avcC", b"hvc1": b"hvcC"}
_LENGTH_SIZE_AT: Final = {b"avcC": 4, b"hvcC": 21}
_SAMPLE_ENTRY_CHILDREN: Final = 8 + 78
_TRUN_DATA_OFFSET: Final = 0x1


@dataclass(frozen=True, slots=True)
class Key:
    """A content key, its id and its constant initialization vector: 16 bytes each."""

    id: bytes
    key: bytes
    iv: bytes

    def __repr__(self) -> str:
        """Without the key: what is printed ends in logs."""
        return f"Key({self.id.hex()})"


@dataclass(frozen=True, slots=True)
class Coding:
    """How a track's samples are made up: the codec's sample entry, the bytes of a NAL unit's length (0 of sound)."""

    entry: bytes
    length_size: int = 0


def coding(init: Buffer) -> Coding:
    """What `protect` must know of a track, from its clear init segment. Raises FormatError."""
    entry, _, _, whole = _entry(init)
    config = _NAL_CONFIG.get(entry)
    if config is None:
        return Coding(entry)
    for kind, at, _ in boxes(init, whole[0] + _SAMPLE_ENTRY_CHILDREN, whole[1]):
        if kind == config:
            return Coding(entry, (init[at + 8 + _LENGTH_SIZE_AT[config]] & 3) + 1)
    raise FormatError(f"the track has no {config.decode()}")


def _entry(init: Buffer) -> tuple[bytes, list[int], int, tuple[int, int]]:
    """The sample entry: its type, where the boxes around it begin, where `moov` ends, and from where to where it is."""
    around: list[int] = []
    start, end, moov_end = 0, len(init), 0
    for wanted in _STSD:
        found = next(((at, size) for kind, at, size in boxes(init, start, end) if kind == wanted), None)
        if found is None:
            raise FormatError(f"there is no {wanted.decode()} box")
        around.append(found[0])
        start, end = found[0] + (16 if wanted == b"stsd" else 8), sum(found)
        moov_end = moov_end or end
    kind, at, size = next(iter(boxes(init, start, end)), (b"", 0, 0))
    if not size:
        raise FormatError("the track describes no samples")
    return kind, around, moov_end, (at, at + size)


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return _U32.pack(8 + len(body)) + kind + body


def protect_init(init: Buffer, key: Key) -> bytes:
    """The init segment of a protected track: the sample entry becomes `encv` or `enca`, and a `pssh` names the key.

    Raises FormatError.
    """
    kind, around, moov_end, (start, end) = _entry(init)
    picture = kind in _NAL_CONFIG
    pattern = _CRYPT << 4 | _SKIP if picture else 0
    tenc = _box(b"tenc", bytes([1, 0, 0, 0, 0, pattern, 1, 0]), key.id, bytes([len(key.iv)]), key.iv)
    scheme = _box(b"schm", bytes(4), SCHEME, _U32.pack(0x10000))
    sinf = _box(b"sinf", _box(b"frma", kind), scheme, _box(b"schi", tenc))
    entry = _box(b"encv" if picture else b"enca", bytes(init[start + 8 : end]), sinf)
    pssh = _box(b"pssh", bytes([1, 0, 0, 0]), COMMON_SYSTEM, _U32.pack(1), key.id, bytes(4))
    made = bytearray(bytes(init[:start]) + entry + bytes(init[end:moov_end]) + pssh + bytes(init[moov_end:]))
    for number, at in enumerate(around):
        grown = len(sinf) + (len(pssh) if number == 0 else 0)
        _U32.pack_into(made, at, _U32.unpack_from(made, at)[0] + grown)
    return bytes(made)


def protect(segment: Buffer, how: Coding, key: Key) -> bytes:
    """`segment`, restamped for the air, with its samples encrypted. Raises FormatError for what is no segment."""
    made = bytearray(segment)
    parts: list[bytes | bytearray] = []
    cipher = algorithms.AES(key.key)
    done = 0
    for fragment, held in groupby(samples(segment), key=lambda sample: sample.fragment):
        group = list(held)
        if not how.length_size:
            for sample in group:
                _encrypt(made, sample.offset, sample.size, cipher, key.iv, _BLOCK)
            continue
        split = [list(_subsamples(made, sample, how)) for sample in group]
        for sample, ranges in zip(group, split, strict=True):
            at = sample.offset
            for clear, protected in ranges:
                _encrypt(made, at + clear, protected, cipher, key.iv, _STRIDE)
                at += clear + protected
        head_end = fragment + _U32.unpack_from(made, fragment)[0]
        parts += (made[done:fragment], _with_subsamples(bytes(made[fragment:head_end]), split))
        done = head_end
    return b"".join((*parts, made[done:]))


def _encrypt(data: bytearray, at: int, size: int, cipher: algorithms.AES, iv: bytes, stride: int) -> None:
    """Every whole block of `size` bytes at `at` that begins a `stride`, chained from `iv`."""
    places = range(at, at + size - _BLOCK + 1, stride)
    if not places:
        return
    encryptor = Cipher(cipher, modes.CBC(iv)).encryptor()
    if stride == _BLOCK:
        end = at + len(places) * _BLOCK
        data[at:end] = encryptor.update(bytes(data[at:end]))
        return
    hidden = encryptor.update(b"".join([data[place : place + _BLOCK] for place in places]))
    for number, place in enumerate(places):
        data[place : place + _BLOCK] = hidden[number * _BLOCK : (number + 1) * _BLOCK]


def _subsamples(data: bytearray, sample: Sample, how: Coding) -> Iterator[tuple[int, int]]:
    """A picture as (clear, protected) lengths in bytes: of its NAL units only slices are protected."""
    is_slice: Callable[[int], bool] = _avc_slice if how.entry == b"avc1" else _hevc_slice
    place, end, clear = sample.offset, sample.offset + sample.size, 0
    while place < end:
        body = place + how.length_size
        after = body + int.from_bytes(data[place:body])
        if after > end or after == body:
            raise FormatError(f"a unit of {after - body} bytes at {place} of a picture that ends at {end}")
        clear += after - place
        if is_slice(data[body]) and after - body >= _SLICE_LEAD + _BLOCK:
            protected = after - body - _SLICE_LEAD
            clear -= protected
            while clear > _MOST_CLEAR:
                yield _MOST_CLEAR, 0
                clear -= _MOST_CLEAR
            yield clear, protected
            clear = 0
        place = after
    while clear:
        yield min(clear, _MOST_CLEAR), 0
        clear -= min(clear, _MOST_CLEAR)


def _avc_slice(first: int) -> bool:
    """Whether a NAL unit that begins so is a coded slice (ISO/IEC 14496-10, table 7-1)."""
    return 1 <= first & 0x1F <= 5


def _hevc_slice(first: int) -> bool:
    """Whether a NAL unit that begins so is a coded slice (ISO/IEC 23008-2, table 7-1)."""
    return first >> 1 & 0x3F < 32


def _with_subsamples(moof: bytes, split: list[list[tuple[int, int]]]) -> bytes:
    """A `moof` that tells which bytes of each sample are protected: `senc`; `saiz` and `saio` point into it."""
    told = [struct.pack(">H", len(ranges)) + b"".join(struct.pack(">HI", *one) for one in ranges) for ranges in split]
    count = _U32.pack(len(split))
    senc = _box(b"senc", bytes([0, 0, 0, 2]), count, *told)
    try:
        saiz = _box(b"saiz", bytes(4), bytes(1), count, bytes(len(one) for one in told))
    except ValueError as error:
        raise FormatError("a picture has too many slices to be protected") from error
    saio = _box(b"saio", bytes(4), _U32.pack(1), bytes(4))
    traf = next(((at, size) for kind, at, size in boxes(moof, 8, len(moof)) if kind == b"traf"), None)
    if traf is None:
        raise FormatError("the fragment has no track")
    inside = sum(traf)
    grown = len(saiz) + len(saio) + len(senc)
    made = bytearray(moof[:inside] + saiz + saio + senc + moof[inside:])
    for at in (0, traf[0]):
        _U32.pack_into(made, at, _U32.unpack_from(made, at)[0] + grown)
    _U32.pack_into(made, inside + len(saiz) + 16, inside + len(saiz) + len(saio) + 16)
    for kind, at, _ in boxes(moof, traf[0] + 8, inside):
        if kind == b"trun" and _U32.unpack_from(moof, at + 8)[0] & _TRUN_DATA_OFFSET:
            _I32.pack_into(made, at + 16, _I32.unpack_from(moof, at + 16)[0] + grown)
    return bytes(made)
