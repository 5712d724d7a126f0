"""For a command that needs the database: see that it answers, or start the embedded one for the time it takes."""

from __future__ import annotations

import atexit
import os
from typing import NoReturn

import typer

from keshen.config.home import home
from keshen.house import postgres


def stop(message: str) -> NoReturn:
    """End the command with a message for the person at the terminal."""
    typer.secho(message, fg=typer.colors.RED, err=True)
    raise typer.Exit(1)


def reach_database(*, must_be_open: bool = False) -> None:
    """Return when the database can be used. `must_be_open`: only a running house will do."""
    if os.environ.get("DATABASE_URL"):
        return
    here = home()
    if postgres.running(here):
        return
    if must_be_open:
        stop(f"The house in {here} is not open. Open it with `make demo` or `keshen run`, and say this again.")
    if postgres.data_major(here) is None:
        stop(f"There is no house in {here} yet. Make one with `make demo` or `keshen run`, or set KESHEN_HOME.")
    try:
        process = postgres.start(here)
    except postgres.PostgresError as error:
        stop(str(error))
    if process is not None:
        atexit.register(postgres.stop, here)
