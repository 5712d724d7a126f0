"""The form of a client that is sent to or fetches: its fields are the channel's own, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from keshen.wire.channels.registry import OFFERED

FETCHED = "pull"
OPTION = "option-"
"""What the name of an option's field begins with."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way a client can have the stream, as a choice on a page."""

    name: str
    label: Any


@dataclass(frozen=True, slots=True)
class Field:
    """One option of the channel on a form. A secret that is `kept` is never shown again."""

    name: str
    label: Any
    help: Any
    value: str = ""
    secret: bool = False
    long: bool = False
    required: bool = False
    kept: bool = False


def ways() -> list[Way]:
    """Every way there is, fetching first."""
    return [Way(FETCHED, _("Fetched by the client")), *(Way(name, entry.label) for name, entry in OFFERED.items())]


def fields(way: str, given: Mapping[str, str], *, kept: bool = False) -> list[Field]:
    """The options of a way with what was given for them. With `kept`, `given` is what is kept of a client already."""
    channel = OFFERED.get(way)
    if channel is None:
        return []
    return [
        Field(
            name=OPTION + name,
            label=option.label,
            help=option.help,
            value="" if option.secret and kept else given.get(name, ""),
            secret=option.secret,
            long=option.long,
            required=name in channel.required and not (kept and given.get(name)),
            kept=kept and bool(given.get(name)),
        )
        for name, option in channel.options.items()
    ]


def example(way: str) -> str:
    """An address of the way, for who fills the form."""
    channel = OFFERED.get(way)
    return channel.example if channel else ""


def options(data: QueryDict) -> dict[str, str]:
    """The options of a form that were filled in. Line ends are as keys want them."""
    found = {name.removeprefix(OPTION): str(value) for name, value in data.items() if name.startswith(OPTION)}
    return {name: value.replace("\r\n", "\n").strip() for name, value in found.items() if value.strip()}
