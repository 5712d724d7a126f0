"""The clock of the air. Whoever asks for the present asks here, so that a run in simulated time is one patch."""

from __future__ import annotations

import time

from keshen.media.houseformat import TICK_MS


def milliseconds() -> int:
    """Milliseconds since the Unix epoch, now."""
    return time.time_ns() // 1_000_000


def tick() -> int:
    """The tick that is under way."""
    return milliseconds() // TICK_MS
