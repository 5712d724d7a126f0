"""What a service's week is made of, and what it may play: the template as data, read from JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from keshen.air.scheduling import breaking, clockface, rotation
from keshen.air.scheduling.breaking import Breaks
from keshen.air.scheduling.clockface import Clock
from keshen.air.scheduling.rotation import TURN, Order
from keshen.media.marks import Marks

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class TemplateError(ValueError):
    """The template cannot be read; the message says which key and what it should hold."""


@dataclass(frozen=True, slots=True)
class Clip:
    """Something the service may play: an asset of `ticks`, and how the guide names it by language tag."""

    asset: int
    ticks: int
    titles: Mapping[str, str] = field(default_factory=dict)
    story: str = ""
    item: int = 0
    key: str = ""
    artist: str = ""
    series: str = ""
    episode: int = 0
    scenes: tuple[int, ...] = ()
    """The frames at which its scenes begin, where they are known."""


@dataclass(frozen=True, slots=True)
class Bulletin:
    """News every `every` minutes past the hour, of at most `items` items."""

    every: int
    items: int
    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Block:
    """From `minute` of the local day on, on `days` (0 is Monday): what the time is called, and which programmes."""

    days: frozenset[int]
    minute: int
    titles: Mapping[str, str]
    programmes: str
    order: Order = TURN
    clock: Clock = ()
    breaks: Breaks | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A service's week. With no bulletin, programmes follow each other and only blocks start hard."""

    blocks: tuple[Block, ...]
    bulletin: Bulletin | None = None


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a service may play, by role; `standby` fills any length exactly."""

    standby: int
    programmes: Sequence[Clip] = ()
    fillers: Sequence[Clip] = ()
    idents: Sequence[Clip] = ()
    closes: Sequence[Clip] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry before it is laid. `slot` is where its programme begins; `key` is the programme's kind in the guide."""

    start: int
    ticks: int
    asset: int
    kind: str
    slot: int
    key: str
    slot_titles: Mapping[str, str]
    titles: Mapping[str, str] = field(default_factory=dict)
    story: str = ""
    item: int = 0
    asset_tick: int = 0
    marks: Marks = ()

    @property
    def end(self) -> int:
        return self.start + self.ticks


def parse(body: Mapping[str, Any]) -> Template:
    """Read a template from JSON.

    ``{"bulletin": {"every": 10, "items": 5, "title": {"kk": …}}, "blocks": [{"days": ["mon", …], "at": "06:00",
    "title": {…}, "programmes": "key"}]}``. Days left out mean all. A block may have an `order` (see `rotation.parse`),
    name a `clock` of the template's `clocks` (see `clockface.parse`), and interrupt long programmes with `breaks` (see
    `breaking.parse`). Raises TemplateError.
    """
    try:
        bulletin = None
        if given := body.get("bulletin"):
            bulletin = Bulletin(int(given["every"]), int(given["items"]), dict(given["title"]))
            if bulletin.every < 2 or 60 % bulletin.every or bulletin.items < 1:
                raise TemplateError("bulletin.every must divide 60 and be at least 2; bulletin.items at least 1")
        clocks = {str(name): clockface.parse(steps) for name, steps in body.get("clocks", {}).items()}
        blocks = tuple(_block(block, clocks) for block in body["blocks"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, TemplateError):
            raise
        raise TemplateError(f"the template lacks or misspells {error}") from error
    if not blocks:
        raise TemplateError("blocks must hold at least one block")
    return Template(blocks, bulletin)


def _block(body: Mapping[str, Any], clocks: Mapping[str, Clock]) -> Block:
    hour, _, minute = str(body["at"]).partition(":")
    at = int(hour) * 60 + int(minute)
    if not 0 <= at < 24 * 60:
        raise TemplateError(f"blocks.at must be a time of day such as 06:00, not {body['at']}")
    days = frozenset(DAYS.index(day) for day in body.get("days", DAYS))
    if (clock := str(body.get("clock", ""))) and clock not in clocks:
        raise TemplateError(f"clocks lacks {clock}, which a block names; it has {', '.join(clocks) or 'none'}")
    order = rotation.parse(body)
    breaks = breaking.parse(body["breaks"]) if body.get("breaks") else None
    return Block(days, at, dict(body["title"]), str(body.get("programmes", "")), order, clocks.get(clock, ()), breaks)
