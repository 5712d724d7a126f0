"""The `keshen` command: a table of verbs, each loaded from its room only when it is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command as command_of

type Needs = Literal["nothing", "django", "database", "house"]


@dataclass(frozen=True)
class Verb:
    """Where a command lives, what it is for, and what it needs: nothing, Django, the database, or an open house."""

    target: str
    help: str
    needs: Needs = "nothing"
    hidden: bool = False
    lighter: Mapping[str, Needs] = field(default_factory=dict)
    """Subcommands that need less."""


VERBS = {
    "demo": Verb("keshen.config.commands.opening:demo", "Open the demo house; the first time, make it."),
    "run": Verb("keshen.config.commands.opening:run", "Open the house and keep its processes running."),
    "ingest": Verb("keshen.newsroom.command:ingest", "Take stories in from files, and send them out.", "house"),
    "story": Verb("keshen.newsroom.command:story", "Show, correct or kill a story.", "house"),
    "transliterate": Verb("keshen.language.command:app", "Write Kazakh in Latin or Arabic script."),
    "wire": Verb(
        "keshen.wire.command:app",
        "The agency wire: what came in, clients, deliveries, the pump.",
        "database",
        lighter={"read": "nothing"},
    ),
    "air": Verb("keshen.air.commands.air:app", "The air: schedule, break-in, skip, return.", "database"),
    "send": Verb("keshen.air.commands.send:send", "Send a channel as a transport stream, over SRT or UDP.", "database"),
    "jobs": Verb("keshen.config.commands.work:jobs", "What the house is working on, and what failed.", "database"),
    "user": Verb(
        "keshen.config.commands.people:app", "Add people, give them passwords, and their programs keys.", "database"
    ),
    "backup": Verb("keshen.config.commands.keeping:backup", "Write the whole house into one file."),
    "restore": Verb("keshen.config.commands.keeping:restore", "Put a backup in place of what is here."),
    "move": Verb("keshen.config.commands.keeping:move", "Copy the database to another PostgreSQL server."),
    "upgrade": Verb(
        "keshen.config.commands.keeping:upgrade", "Bring the data to this version of Keshen and PostgreSQL."
    ),
    "doctor": Verb("keshen.config.commands.keeping:doctor", "Check this installation and say what to do."),
    "migrate": Verb("keshen.config.commands.opening:migrate", "Bring the database's tables to this version."),
    "version": Verb("keshen.config.commands.keeping:version", "Print the version of Keshen."),
    "worker": Verb("keshen.config.commands.work:worker", "Run one worker (more of them, on more machines).", "django"),
    "prepare": Verb("keshen.config.commands.work:prepare", "Tables and static files.", "django", hidden=True),
    "seed": Verb("keshen.config.commands.work:seed", "Make the demo house.", "django", hidden=True),
    "manage": Verb(
        "keshen.config.commands.work:manage", "Django's own commands, for developers.", "django", hidden=True
    ),
}


class Rooms(TyperGroup):
    """A group whose commands are loaded when called; for the list of them their line of help is enough."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        verb = VERBS.get(cmd_name)
        if verb is None:
            return None
        return TyperCommand(name=cmd_name, help=verb.help, hidden=verb.hidden)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        if name in VERBS:
            verb = VERBS[name]
            if not {"--help", "-h"} & set(rest):
                make_ready(verb.lighter.get(rest[0], verb.needs) if rest else verb.needs)
            command = load(name, verb)
        return name, command, rest


def load(name: str, verb: Verb) -> Any:
    """The command itself: a Typer application, or a function made into one."""
    module, attribute = verb.target.split(":")
    found = getattr(import_module(module), attribute)
    if not isinstance(found, typer.Typer):
        app = typer.Typer(add_completion=False)
        settings = {"allow_extra_args": True, "ignore_unknown_options": True} if name == "manage" else None
        app.command(name, help=None, context_settings=settings)(found)
        found = app
    command = command_of(found)
    command.name = name
    return command


def make_ready(needs: str) -> None:
    """Load Django, and see that the database answers, as far as a command needs them."""
    if needs == "nothing":
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "keshen.config.settings")
    if needs in {"database", "house"}:
        from keshen.config.commands.reach import reach_database

        reach_database(must_be_open=needs == "house")
    import django

    django.setup()
    if needs in {"database", "house"}:
        from django.utils import translation

        from keshen.house import terminal

        translation.activate(terminal.language())


app = typer.Typer(
    cls=Rooms,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Keshen runs a media house: wire, web, radio and television from one story.",
)


@app.callback()
def root() -> None:
    """The commands are in the table above."""


def main() -> None:
    """Entry point of the `keshen` script."""
    try:
        app()
    except BrokenPipeError:
        # the reader (head, less) has gone; Python would complain again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    main()
