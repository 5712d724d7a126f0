"""Durable work: deferred in the transaction that needs it, run at least once, seen, cancelled and retried by people.

A `Job` row is what people see; Procrastinate is the queue beneath it. The row's key is its identity: deferring the same
key again is the same work, so that a job may be deferred by a retried job without being done twice.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import close_old_connections, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from procrastinate.contrib.django import app
from psycopg.types.json import Jsonb

from keshen.house.models import Job, User

logger = logging.getLogger(__name__)

RETRY_SECONDS = (1, 5, 30, 120, 600)
TAIL_LINES = 40
LOOK_EVERY = 0.5


class Permanent(Exception):
    """The work cannot succeed as it is; the message says why and what to do. It is not tried again by itself."""


class Cancelled(Exception):
    """A person asked for the work to stop."""


@dataclass(frozen=True)
class Kind:
    """A kind of job: its function, the queue its workers read, what people call it, and how often it is tried."""

    name: str
    run: Callable[..., None]
    queue: str
    label: str | Promise
    attempts: int


kinds: dict[str, Kind] = {}
_priority: ContextVar[int] = ContextVar("priority of the work under way", default=0)


@contextmanager
def at_priority(priority: int) -> Iterator[None]:
    """Give the jobs deferred within this priority; those they defer in turn inherit it."""
    token = _priority.set(priority)
    try:
        yield
    finally:
        _priority.reset(token)


def inherited_priority() -> int:
    """The priority that a job deferred now has unless another is said."""
    return _priority.get()


class JobContext:
    """A running job's way to say how far it is and to hear that it should stop."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._looked = 0.0
        self._tail: list[str] = []

    def progress(self, done: float, total: float, note: str = "") -> None:
        """`done` of `total`, in any unit; written at most twice a second. Raises Cancelled when asked to stop."""
        self.job.done, self.job.total, self.job.note = done, total, note[:200]
        if self._due() or done >= total:
            self._write(done=done, total=total, note=self.job.note)
            self._raise_if_cancelled()

    def check(self) -> None:
        """Raise Cancelled when a person asked the work to stop; looks at most twice a second."""
        if self._due():
            self._raise_if_cancelled()

    def log(self, line: str) -> None:
        """Keep a line of what the work printed; the last ones are shown when it fails."""
        self._tail = [*self._tail[-TAIL_LINES + 1 :], line.rstrip()]

    @property
    def tail(self) -> str:
        return "\n".join(self._tail)

    def _due(self) -> bool:
        now = time.monotonic()
        if now - self._looked < LOOK_EVERY:
            return False
        self._looked = now
        return True

    def _write(self, **values: Any) -> None:
        Job.objects.filter(pk=self.job.pk).update(**values)
        _notify(self.job.pk)

    def _raise_if_cancelled(self) -> None:
        if Job.objects.filter(pk=self.job.pk, cancel_requested=True).exists():
            raise Cancelled


def job(
    name: str, *, label: str | Promise, queue: str = "fast", attempts: int = 4
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a kind of job. `queue` is `fast` for what takes under a second, `render` for heavy work."""

    def register(run: Callable[..., None]) -> Callable[..., None]:
        if name in kinds:
            raise ValueError(f"two jobs are named {name}")
        kinds[name] = Kind(name, run, queue, label, attempts)
        return run

    return register


def defer(
    name: str,
    *,
    key: str,
    actor: User,
    subject: str = "",
    args: Mapping[str, Any] | None = None,
    at: datetime | None = None,
    priority: int | None = None,
) -> Job:
    """Ask for work, in the current transaction: a rollback leaves none.

    Higher `priority` runs first; when not said, it is that of the job which asks.

    The same key again is the same work: it is started anew only if it had failed or been cancelled.
    """
    fresh = Job(
        key=key,
        name=kinds[name].name,
        subject=subject,
        args=dict(args or {}),
        created_by=actor,
        created_at=timezone.now(),
        priority=inherited_priority() if priority is None else priority,
    )
    fresh.pk = _insert(fresh)
    if fresh.pk is not None:
        fresh._state.adding = False  # the row is there: saving the object again changes it
        _queue(fresh, at=at)
        return fresh
    known = Job.objects.get(key=key)
    if known.state in (Job.State.FAILED, Job.State.CANCELLED):
        _reset(known)
        _enqueue(known, at=at)
    return known


# One statement each: a story that goes out asks for a job at every outlet, and every job begins and ends.
_INSERT = """
WITH made AS (
    INSERT INTO house_job (key, name, subject, args, state, done, total, note, reason, tail, priority, attempts,
                           cancel_requested, created_by_id, created_at)
    VALUES (%s, %s, %s, %s, 'waiting', 0, 0, '', '', '', %s, 0, FALSE, %s, %s)
    ON CONFLICT (key) DO NOTHING RETURNING id)
SELECT id, pg_notify('keshen_job', id::text) FROM made
"""
_BEGIN = """
WITH begun AS (
    UPDATE house_job SET state = 'running', attempts = attempts + 1, started_at = now()
    WHERE id = %s AND state IN ('waiting', 'running') RETURNING *)
SELECT begun.*, pg_notify('keshen_job', begun.id::text) AS told FROM begun
"""
_END = """
WITH ended AS (
    UPDATE house_job SET state = %s, reason = %s, tail = %s, finished_at = now()
    WHERE id = %s AND attempts = %s AND state = 'running' RETURNING id)
SELECT pg_notify('keshen_job', id::text) FROM ended
"""


def _insert(job: Job) -> int | None:
    """The new row's id; None when there is a job of that key."""
    values = [job.key, job.name, job.subject, Jsonb(job.args), job.priority, job.created_by_id, job.created_at]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
        row = cursor.fetchone()
    return int(row[0]) if row else None


def seen_by(person: User) -> QuerySet[Job]:
    """The jobs this person may know of: the house's people all, others those their own organisation asked for."""
    jobs = Job.objects.all()
    return jobs if person.is_of_the_house else jobs.filter(created_by__organisation=person.organisation_id)


def retry(actor: User, job: Job) -> None:
    """Start a failed or cancelled job again, by a person's wish."""
    from keshen.house.events import record
    from keshen.house.permissions import permit

    permit(actor, "house.manage_jobs", job.created_by)
    with transaction.atomic():
        locked = Job.objects.select_for_update().get(pk=job.pk)
        if locked.state in (Job.State.FAILED, Job.State.CANCELLED):
            record(actor, "job.retried", locked.subject, before={"job": locked.key, "reason": locked.reason})
            _reset(locked)
            _enqueue(locked)


def cancel(actor: User, job: Job, reason: str = "") -> None:
    """Stop a job: at once when it waits, at its next look when it runs."""
    from keshen.house.permissions import permit

    permit(actor, "house.manage_jobs", job.created_by)
    with transaction.atomic():
        call_off(actor, job.key, reason)


def call_off(actor: User, key: str, reason: str) -> None:
    """Stop the work of a key that nobody needs any more, in the transaction and by the right of the calling action."""
    from keshen.house.events import record

    locked = Job.objects.select_for_update().filter(key=key).first()
    if locked is None or locked.state not in (Job.State.WAITING, Job.State.RUNNING):
        return
    if locked.state == Job.State.WAITING:
        locked.state, locked.finished_at = Job.State.CANCELLED, timezone.now()
    locked.cancel_requested = True
    locked.save(update_fields=["state", "finished_at", "cancel_requested"])
    record(actor, "job.cancelled", locked.subject, before={"job": locked.key}, reason=reason)
    _notify(locked.pk)


def _reset(job: Job) -> None:
    job.state, job.reason, job.tail, job.note = Job.State.WAITING, "", "", ""
    job.attempts, job.done, job.total = 0, 0, 0
    job.cancel_requested, job.started_at, job.finished_at = False, None, None
    job.save()


def _enqueue(job: Job, *, at: datetime | None = None) -> None:
    _queue(job, at=at)
    _notify(job.pk)


def _queue(job: Job, *, at: datetime | None = None) -> None:
    kind = kinds[job.name]
    app.configure_task("keshen.run", queue=kind.queue, schedule_at=at, priority=job.priority).defer(job_id=job.pk)


def _notify(job_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('keshen_job', %s)", [str(job_id)])


@app.task(name="keshen.run")
def run(job_id: int) -> None:
    """What the queue calls: one job, on a database connection that is good."""
    close_old_connections()
    try:
        perform(job_id)
    finally:
        close_old_connections()


def perform(job_id: int) -> None:
    """Run one job to its end and write down how it ended. A job that ended already is left as it is."""
    row = next(iter(Job.objects.raw(_BEGIN, [job_id])), None)
    if row is None:
        return
    kind = kinds[row.name]
    context = JobContext(row)
    try:
        with at_priority(row.priority):
            kind.run(context, **row.args)
    except Cancelled:
        _finish(context, Job.State.CANCELLED, "")
    except Permanent as error:
        _finish(context, Job.State.FAILED, str(error))
    except Exception as error:
        logger.exception("job %s failed (attempt %d)", row.key, row.attempts)
        context.log(traceback.format_exc())
        _fail_or_try_again(context, kind, f"{type(error).__name__}: {error}")
    else:
        _finish(context, Job.State.DONE, "")


def _fail_or_try_again(context: JobContext, kind: Kind, reason: str) -> None:
    if context.job.attempts >= kind.attempts:
        _finish(context, Job.State.FAILED, reason)
        return
    wait = RETRY_SECONDS[min(context.job.attempts, len(RETRY_SECONDS)) - 1]
    with transaction.atomic():
        if not _ours(context).update(state=Job.State.WAITING, reason=reason, tail=context.tail):
            return
        _enqueue(context.job, at=timezone.now() + timedelta(seconds=wait))


def _ours(context: JobContext) -> QuerySet[Job]:
    """The job, while this run is its latest: one that stalled and was given to another worker says nothing more."""
    return Job.objects.filter(pk=context.job.pk, attempts=context.job.attempts, state=Job.State.RUNNING)


def _finish(context: JobContext, state: Job.State, reason: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_END, [state.value, reason, context.tail, context.job.pk, context.job.attempts])
