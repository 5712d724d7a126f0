"""I-frame playlists (RFC 8216, 4.3.3.6) for fast winding: of each segment the first picture, by its byte range.

They are made from the media playlist of the same rung, so that both number alike: one picture a segment (3.84 s), since
segments have one to three, and a number must not depend on what was counted before.

The first picture of an encrypted segment has an address of its own instead of a byte range: what is encrypted whole
(RFC 8216, 4.3.2.4) has its padding at the end of the resource, and what is encrypted by samples has a head whose length
is known only once it was encrypted.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Final

HEAD_BYTES: Final = 4096
"""Enough of a fragment to know where its first picture ends."""


def names(playlist: str) -> Iterator[str]:
    """The addresses a media playlist lists, in order."""
    return (line for line in playlist.splitlines() if line and not line.startswith("#"))


_SUFFIX: Final = ".m4s"
_ALONE: Final = "-i.m4s"


def picture_of(name: str) -> str:
    """The address of the first picture of a segment, alone."""
    return name.removesuffix(_SUFFIX) + _ALONE


def segment_of(name: str) -> str:
    """The address of the segment whose first picture stands at an address; empty when none does."""
    return name.removesuffix(_ALONE) + _SUFFIX if name.endswith(_ALONE) else ""


def pictures_only(playlist: str, ends: Mapping[str, int], alone: Container[str] = ()) -> str:
    """The I-frame playlist to a media playlist; `ends` says for each address where its first picture ends.

    The first pictures of those in `alone` have addresses of their own. An address that is in neither has no picture,
    and becomes a gap (RFC 8216bis, 4.4.4.7).
    """
    made: list[str] = []
    for line in playlist.splitlines():
        if line.startswith("#EXT-X-INDEPENDENT-SEGMENTS"):
            made.append("#EXT-X-I-FRAMES-ONLY")
        elif line and not line.startswith("#"):
            gap = len(made) > 1 and made[-2] == "#EXT-X-GAP"
            if line in alone:
                made.append(picture_of(line))
                continue
            if (end := ends.get(line)) is not None:
                made.append(f"#EXT-X-BYTERANGE:{end}@0")
            elif not gap:
                made.insert(-1, "#EXT-X-GAP")
            made.append(line)
        else:
            made.append(line)
    return "\n".join(made) + "\n"
