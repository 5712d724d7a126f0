"""`keshen demo`, `run` and `migrate`: from nothing to a house on the air, with every step said."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Annotated

import typer

from keshen.config import home as place
from keshen.config.commands.reach import reach_database, stop

Attached = Annotated[bool, typer.Option("--attached", hidden=True, help="End when the process that started this ends.")]
Verbose = Annotated[bool, typer.Option("--verbose", help="Show what every process prints, not only the log files.")]


def demo(attached: Attached = False, verbose: Verbose = False) -> None:
    """Open the demo house: make it the first time, then run it until Ctrl-C."""
    _open(demo_house=True, attached=attached, verbose=verbose)


def run(attached: Attached = False, verbose: Verbose = False) -> None:
    """Open the house and keep its processes running until Ctrl-C."""
    _open(demo_house=False, attached=attached, verbose=verbose)


def migrate() -> None:
    """Bring the database's tables and the static files to this version."""
    from keshen.house import postgres

    if place.embedded():
        try:
            started = postgres.start(place.home())
        except postgres.PostgresError as error:
            stop(str(error))
        if started is not None:
            import atexit

            atexit.register(postgres.stop, place.home())
    else:
        reach_database()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keshen.config.settings")
    import django

    django.setup()
    from keshen.config.commands.work import prepare

    prepare()


def _open(*, demo_house: bool, attached: bool, verbose: bool) -> None:
    import signal

    from keshen.config.opening import Trouble, open_house
    from keshen.config.supervisor import HouseOpen
    from keshen.house.launch import die_with
    from keshen.house.postgres import PostgresError

    if attached:
        # make was killed: close the house with it, in good order
        die_with(os.getppid(), signal.SIGTERM)
    try:
        code = asyncio.run(open_house(demo_house=demo_house, verbose=verbose))
    except (Trouble, HouseOpen, PostgresError, ValueError, OSError) as error:
        stop(str(error))
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
