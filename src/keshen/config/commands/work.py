"""`keshen worker`, `jobs`, and the steps the supervisor runs in processes of their own."""

from __future__ import annotations

from typing import Annotated

import typer

from keshen.config.readiness import SAID


def worker(
    queue: Annotated[list[str], typer.Option(help="Queue to work on, fast, intake or render; may be repeated.")],
    concurrency: Annotated[int, typer.Option(help="Jobs at a time.", min=1, max=64)] = 1,
) -> None:
    """Work on the jobs of a queue until told to stop. A job cut off is done again by another worker."""
    from keshen.house.worker import work

    work(queue, concurrency)


def _say(text: str) -> None:
    """A line of progress, told from other output by its mark."""
    print(f"{SAID}{text}", flush=True)  # noqa: T201  read by the process that keeps this one


def prepare() -> None:
    """Bring tables and static files to this version."""
    from django.core.management import call_command

    from keshen.config import readiness
    from keshen.house.actions import found

    _say("tables")
    call_command("migrate", verbosity=0, interactive=False)
    found()
    _say("static files")
    call_command("collectstatic", verbosity=0, interactive=False, clear=False)
    readiness.remember(prepared=readiness.fingerprint())


def seed() -> None:
    """Make the demo house in an empty one; prints what it is doing. What is there already stays."""
    from keshen.config import demo, readiness

    demo.seed(_say)
    readiness.remember(seeded=readiness.database())


def manage(context: typer.Context) -> None:
    """Django's own commands, such as `keshen manage shell`."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["keshen manage", *context.args])


def jobs(
    failed: Annotated[bool, typer.Option("--failed", help="Only those that failed.")] = False,
    retry: Annotated[int | None, typer.Option(help="Number of a failed or cancelled job to do again.")] = None,
    limit: Annotated[int, typer.Option(help="How many to show, the newest first.", min=1)] = 30,
) -> None:
    """Show the house's work: waiting, running, done, failed and why."""
    from rich.table import Table

    from keshen.house import jobs as work
    from keshen.house import terminal
    from keshen.house.models import Job, User

    if retry is not None:
        job = Job.objects.filter(pk=retry).first()
        if job is None:
            typer.secho(f"There is no job {retry}. `keshen jobs --failed` lists the ones that failed.", err=True)
            raise typer.Exit(1)
        work.retry(User.objects.get(username="system"), job)
        typer.echo(f"Job {retry} is waiting for a worker again.")
        return
    rows = Job.objects.filter(state=Job.State.FAILED) if failed else Job.objects.all()
    table = Table("job", "state", "what", "progress", "for", "since", "reason")
    for job in rows[:limit]:
        share = f"{job.done / job.total:.0%}" if job.total else ""
        since = (job.started_at or job.created_at).strftime("%H:%M:%S")
        table.add_row(str(job.pk), job.state, str(job.label), f"{share} {job.note}", job.subject, since, job.reason)
    terminal.console().print(table if table.row_count else "Nothing to show.")
