"""The radio stream: one continuous run of AAC frames in ADTS (ISO/IEC 14496-3, 1.A.2), a chunk a tick.

The chunk of a tick is the same for every listener, so it is made once and shared: a listener costs one write a tick.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

from keshen.media.houseformat import TICK_MS

STREAM_TYPE: Final = "audio/aac"
BURST_TICKS: Final = 13
"""What a listener gets at once on connecting: the first whole number of ticks over 4 s, a player's usual buffer."""
BEHIND_TICKS: Final = 94
"""A listener this far behind (30 s) cannot keep up and is let go; its player comes back to the present."""


class Ring:
    """The chunks of the last ticks of one stream, made on first wish by `make(tick)` and then shared."""

    def __init__(self, make: Callable[[int], Awaitable[bytes]], keep: int = BEHIND_TICKS) -> None:
        self._make = make
        self._keep = keep
        self._chunks: OrderedDict[int, bytes] = OrderedDict()

    async def chunk(self, tick: int) -> bytes:
        """The frames of `tick`."""
        held = self._chunks.get(tick)
        if held is None:
            held = self._chunks[tick] = await self._make(tick)
            while len(self._chunks) > self._keep:
                self._chunks.popitem(last=False)
        return held


def due(first: int, sent: int, now_ms: int) -> int:
    """How many ticks a listener who connected at tick `first` and got `sent` of them should get at `now_ms`.

    `now_ms` is milliseconds since the Unix epoch. A tick is due when it begins, less the burst.
    """
    return max(0, now_ms // TICK_MS - first + 1 - sent)


def wait_seconds(tick: int, now_ms: int) -> float:
    """Seconds until `tick` begins; never negative."""
    return max(0.0, (tick * TICK_MS - now_ms) / 1000)
