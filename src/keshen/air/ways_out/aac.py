"""The radio stream: one continuous run of AAC frames in ADTS (ISO/IEC 14496-3, 1.A.2), sent in chunks of some ticks.

A chunk is the same for every listener, so it is made once and shared. What a listener costs is the number of writes, so
a chunk is as long as a player's buffer allows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from keshen.media.houseformat import TICK_MS

STREAM_TYPE: Final = "audio/aac"
CHUNK_TICKS: Final = 6
"""1.92 s: sent when it begins, so always inside the freeze horizon."""
BURST_CHUNKS: Final = 3
"""What a listener gets at once on connecting: 5.76 s, and never less than 3.84 s ahead of the sound after that."""
BEHIND_CHUNKS: Final = 16
"""A listener this far behind (30.72 s) cannot keep up and is let go; its player comes back to the present."""


class Stream:
    """The last chunks of one stream, each made on first wish by `make(tick)` for its ticks and then shared."""

    def __init__(
        self, make: Callable[[int], Awaitable[bytes]], keep: int = BEHIND_CHUNKS + 1, ticks: int = CHUNK_TICKS
    ) -> None:
        self._make = make
        self._ticks = ticks
        self._keep = keep
        self._chunks: dict[int, asyncio.Task[bytes]] = {}

    async def chunk(self, number: int) -> bytes:
        """The frames of chunk `number`."""
        task = self._chunks.get(number)
        if task is None:
            task = self._chunks[number] = asyncio.create_task(self._made(number))
            while len(self._chunks) > self._keep:
                del self._chunks[min(self._chunks)]
        if not task.done():
            # a listener who leaves while waiting must not take the chunk from the others
            await asyncio.wait((task,))
        return task.result()

    async def _made(self, number: int) -> bytes:
        first = number * self._ticks
        return b"".join([await self._make(tick) for tick in range(first, first + self._ticks)])


def chunk_at(now_ms: int) -> int:
    """The number of the chunk under way at `now_ms`, milliseconds since the Unix epoch."""
    return now_ms // (TICK_MS * CHUNK_TICKS)
