"""The ways out of the house. Distributing rooms register their outlets here; the newsroom knows them only by this."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from keshen.house.models import User


class ReceiptState(StrEnum):
    WAITING = "waiting"
    WORKING = "working"
    OUT = "out"
    BLOCKED = "blocked"
    FAILED = "failed"
    HELD = "held"
    KILLED = "killed"


@dataclass(frozen=True)
class Receipt:
    """Where one form of a story is, and how anybody can see it there.

    `address` is the public path, `page` the one where a person sees or hears it, when that is another; `find` is
    text that stands in the body fetched from it. With `gone` set, the address proves absence: it answers 404 or
    410, or 200 without `find`. `reason` says why it is not out.
    """

    outlet: str
    service: str
    form: str
    label: str
    state: ReceiptState
    address: str | None = None
    page: str | None = None
    find: str | None = None
    gone: bool = False
    reason: str = ""
    at: datetime | None = None

    @property
    def form_name(self) -> str:
        """The kind of form, without whose it is: `ninjs` of `ninjs:client:kk`."""
        return self.form.partition(":")[0]


@dataclass(frozen=True)
class Leaving:
    """A version on its way out, as an outlet needs it to ask for its job: ids, the story's URN, who answers for it.

    `keep` names the outlets whose packages stay in use until they are made anew; the others hold theirs.
    """

    version: int
    story: int
    subject: str
    actor: User
    keep: frozenset[str] = frozenset()


class Outlet(Protocol):
    """A way out. `publish`, `correct` and `kill` are called inside the newsroom's transaction and only defer jobs."""

    name: str
    label: Any

    def preview(self, version_id: int) -> Mapping[str, Any]:
        """What would go out, without sending: for screens."""

    def publish(self, leaving: Leaving) -> None:
        """A version is published for the first time in its language."""

    def correct(self, leaving: Leaving) -> None:
        """A published text has a new version that replaces the one before; one of kind “hold” says only that."""

    def packages(self, story_id: int) -> bool:
        """Whether the outlet tells the story in packages that are in use: a correction asks what becomes of them."""

    def kill(self, story_id: int, actor_id: int) -> None:
        """A story is killed: take every form of it down."""

    def receipts(self, story_id: int) -> list[Receipt]:
        """Where the story is, a row for each form."""


ORDER = ("wire", "site", "radio", "television")
_outlets: dict[str, Outlet] = {}


def register(outlet: Outlet) -> None:
    """Add a way out, at start. Raises ValueError when the name is taken."""
    if outlet.name in _outlets:
        raise ValueError(f"two outlets are named {outlet.name}")
    _outlets[outlet.name] = outlet


def all_outlets() -> Iterable[Outlet]:
    return _outlets.values()


def receipts(story_id: int) -> list[Receipt]:
    """Everywhere the story is or should be, over all outlets: the fastest first."""
    ordered = sorted(_outlets.values(), key=lambda outlet: ORDER.index(outlet.name) if outlet.name in ORDER else 99)
    return [receipt for outlet in ordered for receipt in outlet.receipts(story_id)]
