"""What the rooms' commands share at a terminal: who acts, how to say no, in which language, and how wide a table is."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

import typer
from rich.console import Console

UNBROKEN = 300
"""Columns of a table that no terminal shows: wide enough that no address is broken over lines."""
LANGUAGES = ("kk", "ru", "en")
"""The terminal's languages; any other speaks English."""


def console() -> Console:
    """Where tables are printed: as wide as the terminal, or unbroken into a file or pipe.

    Words are printed as they are: `[kk]` in a form's name or `[/b]` in a headline is no markup, `:dog:` no picture.
    """
    return Console(width=None if sys.stdout.isatty() else UNBROKEN, markup=False, emoji=False)


def fail(message: str) -> typer.Exit:
    """Say why not; the exit with code 1 is the caller's to raise."""
    typer.echo(f"{typer.style('✕', fg=typer.colors.RED)} {message}", err=True)
    return typer.Exit(1)


def refuse(error: Exception) -> typer.Exit:
    """Say what an action refused with, in the terminal's language; the exit is the caller's to raise."""
    from keshen.house.words import spoken

    return fail(spoken(error))


def person(username: str) -> Any:
    """Who acts, by login. Ends the command, naming the logins there are, when there is no such person."""
    from keshen.house.models import User

    found = User.objects.select_related("organisation", "desk").filter(username=username, is_active=True).first()
    if found is None:
        names = ", ".join(User.objects.filter(is_active=True, is_system=False).values_list("username", flat=True))
        raise fail(f"Nobody here is called {username}. Logins of this house: {names or 'none yet; run `make demo`'}.")
    return found


def language(environment: Mapping[str, str] = os.environ) -> str:
    """The language a terminal asks for, as POSIX has it: LC_ALL before LC_MESSAGES before LANG (`kk_KZ.UTF-8`)."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if said := environment.get(name):
            tag = said.partition(".")[0].partition("_")[0].lower()
            return tag if tag in LANGUAGES else "en"
    return "en"
