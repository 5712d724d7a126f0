"""The clock of the air. Whoever asks for the present asks here, so that a run in simulated time is one patch.

It follows the machine's clock, but never goes back and never leaps: when the machine's clock is set to another time,
this one goes on by its own count and is drawn towards the new time at one part in twenty. What was listed stays
listed, nothing is listed that was not laid, and `leap` tells how far the machine's clock was moved, for an alarm.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from keshen.media.houseformat import TICK_MS

NOTICED_MS: Final = 500
"""A smaller difference is how clocks are disciplined, and followed as it comes."""

DRAWN: Final = 20
"""After a leap this clock gains or loses one part in so many until it agrees again."""


class SteadyClock:
    """Milliseconds since the Unix epoch. `wall` is the machine's clock, `steady` one that is never set; both in ns."""

    __slots__ = ("_at", "_now", "_steady", "_wall", "leap")

    def __init__(self, wall: Callable[[], int], steady: Callable[[], int]) -> None:
        self._wall, self._steady = wall, steady
        self._now = wall() // 1_000_000
        self._at = steady() // 1_000_000
        self.leap = 0
        """How many milliseconds the machine's clock is ahead of this one, when it was set; else 0."""

    def milliseconds(self) -> int:
        at = self._steady() // 1_000_000
        passed = max(at - self._at, 0)
        ahead = self._wall() // 1_000_000 - self._now - passed
        if -NOTICED_MS <= ahead <= NOTICED_MS:
            self.leap = 0
            self._now = max(self._now, self._now + passed + ahead)
            self._at = at
        elif passed >= DRAWN:  # smaller steps would round to nothing
            drawn = min(passed // DRAWN, abs(ahead))
            self._now += passed + (drawn if ahead > 0 else -drawn)
            self._at = at
            self.leap = ahead
        else:
            self.leap = ahead
            return self._now + passed - (passed // DRAWN if ahead < 0 else 0)
        return self._now


def _steady_ns() -> int:
    """A clock that is never set and goes on while the machine sleeps, where there is one."""
    return time.clock_gettime_ns(_BOOT) if _BOOT is not None else time.monotonic_ns()


_BOOT: Final[int | None] = getattr(time, "CLOCK_BOOTTIME", None)
_clock = SteadyClock(time.time_ns, _steady_ns)


def milliseconds() -> int:
    """Milliseconds since the Unix epoch, now."""
    return _clock.milliseconds()


def tick() -> int:
    """The tick that is under way."""
    return _clock.milliseconds() // TICK_MS


def leap() -> int:
    """How many milliseconds the machine's clock was set ahead of the air's, or behind it when negative; 0 when not."""
    return _clock.leap
