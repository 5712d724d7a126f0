"""For protocols whose library waits: each parcel in a thread of its own, so that no client waits for another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from keshen.wire.channels.base import Answer, Parcel

MOST = 256


class ThreadSender:
    """Calls `bring(parcel, seconds)` in a thread. `seconds` bounds each single wait on the network."""

    def __init__(self, bring: Callable[[Parcel, float], Answer], seconds: float) -> None:
        self._bring = bring
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(MOST, thread_name_prefix="wire-channel")

    async def send(self, parcel: Parcel) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._bring, parcel, self._seconds)

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
