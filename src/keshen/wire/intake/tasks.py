"""The intake's clockwork: every few seconds the sources that are due are looked at, each by a job of its own.

A look is a row of the queue with a lock, not a job that people see: how a source is stands on the source.
"""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.utils.translation import gettext_lazy as _
from procrastinate import exceptions
from procrastinate.contrib.django import app

from keshen.house.events import subscribe
from keshen.house.jobs import JobContext, job
from keshen.wire.intake import looking, pictures

QUEUE = "intake"


@app.periodic(cron="* * * * * */3")
@app.task(name="keshen.wire.due", queue=QUEUE, queueing_lock="keshen.wire.due", pass_context=False)
async def look_around(timestamp: int) -> None:
    """Have every source that is due looked at."""
    for source_id in await sync_to_async(_due, thread_sensitive=False)():
        try:
            await look.configure(queueing_lock=f"keshen.wire.look.{source_id}").defer_async(source_id=source_id)
        except exceptions.AlreadyEnqueued:
            continue  # the last look waits for a worker still


@app.task(name="keshen.wire.look", queue=QUEUE)
def look(source_id: int) -> None:
    """Look at one source, and go on at once while it has more."""
    close_old_connections()
    try:
        looked = looking.look_at(source_id)
        while looked is not None and looked.more:
            looked = looking.look_at(source_id, now=True)
    finally:
        close_old_connections()


@job(pictures.JOB, queue=QUEUE, attempts=3, label=_("Fetching an item’s pictures"))
def fetch_pictures(context: JobContext, *, item_id: int) -> None:
    pictures.fetch(context, item_id)


@job(pictures.STORY_JOB, queue=QUEUE, attempts=3, label=_("Fetching a story’s pictures"))
def fetch_story_pictures(context: JobContext, *, story: str, sha256: str, part: int) -> None:
    pictures.fetch_for_story(context, story, sha256, part)


subscribe("story.taken_in", "story.updated_by_sender")(pictures.ask_for_story)


def _due() -> list[int]:
    close_old_connections()
    try:
        return looking.due()
    finally:
        close_old_connections()
