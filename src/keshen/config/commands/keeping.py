"""`keshen backup`, `restore`, `move`, `upgrade`, `doctor`, `version`: keeping a house safe."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from keshen.config import home as place
from keshen.config import readiness
from keshen.config.commands.reach import stop


def version() -> None:
    """Print the version of Keshen."""
    from keshen import __version__

    typer.echo(__version__)


def doctor() -> None:
    """Check this installation; each line says well, warning or fault, and what to do. Exit code 1 with a fault."""
    from keshen.config.doctor import report

    raise typer.Exit(1 if report() else 0)


def backup(file: Annotated[Path, typer.Argument(help="The file to write, for example house.keshen")]) -> None:
    """Write the whole house into one file. It may stay open; an older file stays until the new one is complete."""
    from keshen.config import backup as backups

    with _troubles(), _database(must_be_closed=False) as address, _bar() as progress:
        manifest = backups.write(place.home(), address, _store(), file.absolute(), progress)
    typer.echo(f"{file}: {file.stat().st_size:,} bytes, {manifest.media} media files.")
    if manifest.bucket:
        typer.echo(f"The media in {manifest.bucket} are not in it: keep versions of that bucket.")


def restore(
    file: Annotated[Path, typer.Argument(help="A backup made by `keshen backup`.")],
    yes: Annotated[bool, typer.Option("--yes", help="Replace what is here without asking.")] = False,
) -> None:
    """Put a backup in place of what is here. The house must be closed. If it fails, all is as it was."""
    from keshen.config import backup as backups
    from keshen.house import dumps

    with _troubles(), _database(must_be_closed=True) as address:
        rows = sum(dumps.tables(address).values())
        if rows and not yes:
            typer.confirm(f"There is a house here already ({rows:,} rows). Replace it?", abort=True)
        with _bar() as progress:
            manifest = backups.read(place.home(), address, _store(), file.absolute(), progress)
        readiness.forget()
        readiness.remember(seeded=readiness.database())
    typer.echo(f"Restored the house of {manifest.made}, with {manifest.media} media files. Open it with `keshen run`.")


def move(
    to: Annotated[str, typer.Option("--to", metavar="DATABASE_URL", help="postgresql://user:password@host/database")],
    replace: Annotated[bool, typer.Option("--replace", help="The database there may hold tables; they go.")] = False,
) -> None:
    """Copy the database to another PostgreSQL server (16 or later). The house must be closed."""
    from keshen.house import dumps

    with _troubles(), _database(must_be_closed=True) as address:
        there = dumps.tables(to) if dumps.server_major(to) else {}
        if there and not replace:
            stop(f"The database there holds {len(there)} tables. Name an empty one, or say --replace.")
        dump = place.home() / "move.dump"
        try:
            with _bar() as progress:
                dumps.dump(place.home(), address, dump, lambda done: progress("reading", done, 0))
                dumps.restore(place.home(), to, dump, lambda done: progress("writing", done, 0))
        finally:
            dump.unlink(missing_ok=True)
        here, there = dumps.tables(address), dumps.tables(to)
        if here != there:
            stop(
                "The copy differs from the original. Nothing here has changed; empty the database there and try again."
            )
    typer.echo(
        f"{sum(there.values()):,} rows in {len(there)} tables are there. Set DATABASE_URL to it, then `keshen run`."
    )
    typer.echo("The database here stays as it is; media stay where KESHEN_STORE says.")


def upgrade(
    remove_old: Annotated[bool, typer.Option("--remove-old", help="Remove the data an earlier upgrade left.")] = False,
) -> None:
    """Bring the data to this version of Keshen and of PostgreSQL. The house must be closed."""
    from keshen.config import upgrade as upgrades
    from keshen.config.commands.opening import migrate
    from keshen.config.supervisor import keys

    home = place.home()
    with _troubles(), keys(home):
        if remove_old:
            for path in upgrades.remove_old(home):
                typer.echo(f"removed {path}")
            return
        if place.embedded() and (majors := upgrades.needed(home)):
            typer.echo(f"PostgreSQL {majors[0]} to {majors[1]}")
            upgrades.upgrade(home, typer.echo)
        migrate()
    typer.echo("The house is up to date.")


def _store() -> str:
    return os.environ.get("KESHEN_STORE") or str(place.home() / "media")


@contextlib.contextmanager
def _troubles() -> Iterator[None]:
    """Known troubles end the command with their message."""
    from keshen.config.backup import BackupError
    from keshen.config.supervisor import HouseOpen
    from keshen.house.postgres import PostgresError
    from keshen.media.store import StoreError

    try:
        yield
    except (BackupError, HouseOpen, PostgresError, StoreError) as error:
        stop(str(error))


@contextlib.contextmanager
def _database(*, must_be_closed: bool) -> Iterator[str]:
    """The address of the house's database, started if need be. `must_be_closed`: nobody may work in the house."""
    from keshen.config.supervisor import keys
    from keshen.house import postgres

    home = place.home()
    with contextlib.ExitStack() as stack:
        if must_be_closed:
            stack.enter_context(keys(home))
        if place.embedded():
            stack.enter_context(postgres.open_for(home))
        yield place.database_address()


@contextlib.contextmanager
def _bar() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar; where the output is no terminal, a line every few seconds."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn(), console=console
    )
    tasks = {}
    said = time.monotonic()

    def progress(what: str, done: int, total: int) -> None:
        nonlocal said
        if what not in tasks:
            tasks[what] = bar.add_task(what, total=None)
        bar.update(tasks[what], completed=done, total=total or None)
        if not console.is_terminal and time.monotonic() - said > 5:
            console.print(f"{what}: {done:,} bytes" + (f" of {total:,}" if total else ""))
            said = time.monotonic()

    if console.is_terminal:
        with bar:
            yield progress
    else:
        yield progress
