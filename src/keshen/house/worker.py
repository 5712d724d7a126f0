"""A worker process: runs the jobs of some queues until it is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

HEARTBEAT = 2.0
DEAD_AFTER = 8.0
"""Seconds without a heartbeat after which a worker counts as dead and its jobs go to another."""


def work(queues: Sequence[str], concurrency: int) -> None:
    """Run until SIGINT or SIGTERM; a job under way is given ten seconds to end."""
    from procrastinate.contrib.django import app

    async def serve() -> None:
        worker_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
        async with worker_app.open_async():
            await worker_app.run_worker_async(
                queues=list(queues),
                concurrency=concurrency,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=DEAD_AFTER,
                shutdown_graceful_timeout=10,
                fetch_job_polling_interval=2,
            )

    asyncio.run(serve())
