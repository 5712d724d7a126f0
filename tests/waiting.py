"""Waiting for what will happen: for the thing itself, never for a time in which it ought to have happened.

The limit is there so that a test ends when it never happens. It says nothing about how fast anything is.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

LIMIT = 240.0
"""Seconds after which what has not happened never will, on a machine however busy."""


def until[T](condition: Callable[[], T], what: str, *, seconds: float = LIMIT, every: float = 0.05) -> T:
    """The first true answer of `condition`. Raises AssertionError after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        late = time.monotonic() >= deadline
        if answer := condition():
            return answer
        assert not late, f"{what}: not within {seconds:.0f} s"
        time.sleep(every)


async def come[T](condition: Callable[[], T], what: str, *, seconds: float = LIMIT, every: float = 0.02) -> T:
    """The same where a loop runs."""
    deadline = time.monotonic() + seconds
    while True:
        late = time.monotonic() >= deadline
        if answer := condition():
            return answer
        assert not late, f"{what}: not within {seconds:.0f} s"
        await asyncio.sleep(every)
