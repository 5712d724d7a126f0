"""Durable work, with a real queue and real workers that are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import transaction

from keshen.house import jobs
from keshen.house.models import Event, Job, Organisation, User
from keshen.house.permissions import Denied
from tests.waiting import LIMIT, until

pytestmark = pytest.mark.django_db(transaction=True)

calls: list[dict] = []


@jobs.job("test.note", label="Note")
def note(context: jobs.JobContext, **args) -> None:
    calls.append(args)
    context.progress(1, 2, "half")
    context.log("a line")
    if args.get("error") == "permanent":
        raise jobs.Permanent("It has no headline. Write one.")
    if args.get("error"):
        raise OSError("disk full")


@pytest.fixture
def editor() -> User:
    calls.clear()
    house = Organisation.objects.create(slug="house", kind="house", name={"kk": "Кешен"})
    return User.objects.create(username="editor", organisation=house, roles=["editor"])


def test_a_rollback_leaves_no_job(editor):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        jobs.defer("test.note", key="k", actor=editor)
        raise ZeroDivisionError
    assert not Job.objects.exists()


def test_the_same_key_is_the_same_work(editor):
    first = jobs.defer("test.note", key="k", actor=editor, args={"n": 1})
    assert jobs.defer("test.note", key="k", actor=editor, args={"n": 2}).pk == first.pk
    jobs.perform(first.pk)
    jobs.perform(first.pk)
    assert calls == [{"n": 1}]


def test_a_permanent_failure_says_why_and_a_person_can_retry(editor):
    job = jobs.defer("test.note", key="k", actor=editor, args={"error": "permanent"})
    jobs.perform(job.pk)
    job.refresh_from_db()
    assert (job.state, job.reason, job.tail) == ("failed", "It has no headline. Write one.", "a line")
    jobs.retry(editor, job)
    job.refresh_from_db()
    assert job.state == "waiting" and job.reason == ""
    assert Event.objects.filter(kind="job.retried", actor=editor).exists()


def test_a_passing_failure_is_tried_again_and_then_given_up(editor):
    job = jobs.defer("test.note", key="k", actor=editor, args={"error": "passing"})
    for attempt in range(1, 5):
        jobs.perform(job.pk)
        job.refresh_from_db()
        assert job.attempts == attempt
        assert job.state == ("waiting" if attempt < 4 else "failed")
    assert "disk full" in job.reason and "Traceback" in job.tail


def test_cancelling_stops_running_work_at_its_next_look(editor):
    job = jobs.defer("test.note", key="k", actor=editor)
    Job.objects.filter(pk=job.pk).update(cancel_requested=True)
    jobs.perform(job.pk)
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_a_reporter_may_not_cancel(editor):
    reporter = User.objects.create(username="r", organisation=editor.organisation, roles=["reporter"])
    job = jobs.defer("test.note", key="k", actor=editor)
    with pytest.raises(Denied):
        jobs.cancel(reporter, job)


WORKER = """
import os, sys, time
os.environ["DJANGO_SETTINGS_MODULE"] = "keshen.config.settings"
import django; django.setup()
from django.conf import settings
from django.db import connections
from keshen.house import jobs, worker
from pathlib import Path

@jobs.job("test.slow", label="Slow")
def slow(context, folder, n):
    folder = Path(folder)
    (folder / f"{n}-started-{os.getpid()}").touch()
    if not (folder / "free").exists():
        time.sleep(600)
    (folder / f"{n}-done").touch()

worker.work(["fast"], 2)
"""


@jobs.job("test.slow", label="Slow")
def _slow(context: jobs.JobContext, folder: str, n: int) -> None:
    raise AssertionError("runs only in the worker processes of this test")


def _worker(log: Path) -> subprocess.Popen:
    from django.db import connection

    settings = connection.settings_dict
    address = f"dbname={settings['NAME']} host={settings['HOST']} user={settings['USER']}"
    if settings.get("PORT"):
        address += f" port={settings['PORT']}"
    if settings.get("PASSWORD"):
        address += f" password={settings['PASSWORD']}"
    return subprocess.Popen(
        [sys.executable, "-c", WORKER],
        env={**os.environ, "DATABASE_URL": address},
        stdout=log.open("w"),
        stderr=subprocess.STDOUT,
    )


def test_work_of_a_worker_killed_with_9_is_taken_over(editor, tmp_path):
    job = jobs.defer("test.slow", key="slow", actor=editor, args={"folder": str(tmp_path), "n": 1})
    first = _worker(tmp_path / "first.log")
    try:
        until(lambda: list(tmp_path.glob("1-started-*")), "the start of the work")
    finally:
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
    (tmp_path / "free").touch()
    second = _worker(tmp_path / "second.log")
    try:
        until((tmp_path / "1-done").exists, "the take-over")
        until(lambda: Job.objects.get(pk=job.pk).state == "done", "the end in the database")
    finally:
        second.terminate()
        second.wait(LIMIT)
    assert len(list(tmp_path.glob("1-started-*"))) == 2


def test_a_run_that_stalled_says_nothing_over_the_one_that_followed(editor):
    job = jobs.defer("test.note", key="k", actor=editor)
    stalled = Job.objects.get(pk=job.pk)
    stalled.attempts, stalled.state = 1, Job.State.RUNNING
    stalled.save()
    jobs.perform(job.pk)
    jobs._fail_or_try_again(jobs.JobContext(stalled), jobs.kinds["test.note"], "the other worker lost its machine")
    job.refresh_from_db()
    assert (job.state, job.attempts, job.reason) == ("done", 2, "")


def test_a_partner_sees_and_stops_only_its_own_jobs(editor):
    partner = Organisation.objects.create(slug="partner", kind="partner", name={"en": "Partner"})
    theirs = User.objects.create(username="theirs", organisation=partner, roles=["editor"])
    ours, own = jobs.defer("test.note", key="a", actor=editor), jobs.defer("test.note", key="b", actor=theirs)
    assert list(jobs.seen_by(theirs)) == [own]
    with pytest.raises(Denied):
        jobs.cancel(theirs, ours)
    jobs.cancel(theirs, own)
    assert set(jobs.seen_by(editor)) == {ours, own}
