"""Sections as transport streams carry tables in (ISO/IEC 13818-1, 2.4.4): what all of them end with."""

from __future__ import annotations

from typing import Final


def _table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)
        table.append(value & 0xFFFFFFFF)
    return tuple(table)


_TABLE: Final = _table()


def crc(data: bytes) -> int:
    """CRC-32 without reflection (ISO/IEC 13818-1, annex A); over a section with its own at the end it is 0."""
    value = 0xFFFFFFFF
    for byte in data:
        value = value << 8 & 0xFFFFFFFF ^ _TABLE[value >> 24 ^ byte]
    return value
