"""What wants a person now, as the rooms see it: each registers a source at start. An alarm ends when its cause does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keshen.house.models import User


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing: a sentence that says what is wrong and what to do, where to do it, and since when."""

    kind: str
    words: str
    address: str
    since: datetime


type Source = Callable[["User"], Iterable[Alarm]]

_sources: list[Source] = []


def register(source: Source) -> None:
    """Add a room's alarms, at start. A source gives those the person may see, cheaply: it is asked for every page."""
    _sources.append(source)


def alarms_for(user: User) -> list[Alarm]:
    """All alarms the person may see, the longest standing first."""
    return sorted((alarm for source in _sources for alarm in source(user)), key=lambda alarm: alarm.since)
