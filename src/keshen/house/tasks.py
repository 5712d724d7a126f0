"""The queue's own housekeeping: work of workers that died is found by its heartbeat and given to another."""

from __future__ import annotations

from typing import Any

from procrastinate import builtin_tasks
from procrastinate.contrib.django import app

from keshen.house import jobs  # noqa: F401  registers the task that runs every job
from keshen.house.worker import DEAD_AFTER

KEEP_FINISHED_HOURS = 24


@app.periodic(cron="* * * * * */5")
@app.task(name="keshen.take_over", queue="fast", queueing_lock="keshen.take_over", pass_context=False)
async def take_over(timestamp: int) -> None:
    """Retry the jobs of workers that stopped sending heartbeats."""
    for stalled in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
        await app.job_manager.retry_job(stalled)


@app.periodic(cron="17 * * * *")
@app.task(name="keshen.tidy", queue="fast", queueing_lock="keshen.tidy", pass_context=True)
async def tidy(context: Any, timestamp: int) -> None:
    """Forget the queue's entries that ended well; the `Job` rows people see stay."""
    await builtin_tasks.remove_old_jobs(context, max_hours=KEEP_FINISHED_HOURS)
