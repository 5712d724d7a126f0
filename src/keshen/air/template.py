"""A week's template resolved into what airs: bulletins on the dot, programmes between them, filled to the tick.

Resolving is a pure function of the template, the shelf (what the service may play), the news at hand and two ticks, so
that any node resolves the same, and what was resolved up to a tick never changes what follows it. Hard starts win:
what comes before one is chosen and filled to end exactly there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

from keshen.media.houseformat import MIN_ENTRY_TICKS, SEGMENT_TICKS, TICKS_PER_HOUR, cut, datetime_at, tick_at

TICKS_PER_MINUTE: Final = 187.5
LONGEST_TAIL: Final = 14
SHORTEST_PREFIX: Final = 2 * SEGMENT_TICKS
"""A filler is not begun for less than this (7.68 s): shorter rests get the standby's tail alone."""

STANDBY_PIECE: Final = 10 * SEGMENT_TICKS
"""The standby is laid in pieces (38.4 s), so that what arrives on an empty shelf soon takes its place."""

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

    @property
    def end(self) -> int:
        return self.start + self.ticks


type News = Callable[[int], Sequence[Clip]]
"""The items for a bulletin that begins at a tick, the most important first."""


def parse(body: Mapping[str, Any]) -> Template:
    """Read a template from JSON.

    ``{"bulletin": {"every": 10, "items": 5, "title": {"kk": …}}, "blocks": [{"days": ["mon", …], "at": "06:00",
    "title": {…}, "programmes": "key"}]}``. Days left out mean all. Raises TemplateError.
    """
    try:
        bulletin = None
        if given := body.get("bulletin"):
            bulletin = Bulletin(int(given["every"]), int(given["items"]), dict(given["title"]))
            if bulletin.every < 2 or 60 % bulletin.every or bulletin.items < 1:
                raise TemplateError("bulletin.every must divide 60 and be at least 2; bulletin.items at least 1")
        blocks = tuple(_block(block) for block in body["blocks"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, TemplateError):
            raise
        raise TemplateError(f"the template lacks or misspells {error}") from error
    if not blocks:
        raise TemplateError("blocks must hold at least one block")
    return Template(blocks, bulletin)


def _block(body: Mapping[str, Any]) -> Block:
    hour, _, minute = str(body["at"]).partition(":")
    at = int(hour) * 60 + int(minute)
    if not 0 <= at < 24 * 60:
        raise TemplateError(f"blocks.at must be a time of day such as 06:00, not {body['at']}")
    days = frozenset(DAYS.index(day) for day in body.get("days", DAYS))
    return Block(days, at, dict(body["title"]), str(body.get("programmes", "")))


def resolve(
    template: Template,
    shelf: Shelf,
    news: News,
    start: int,
    end: int,
    zone: tzinfo,
    *,
    limit: int | None = None,
) -> list[Placed]:
    """What airs from `start` until the first hard start at or after `end`, without gap or overlap, all in ticks.

    `limit`, at least three ticks after `start`, is a hard start besides the template's: nothing goes beyond it.
    """
    placed: list[Placed] = []
    cursor = start
    while cursor < end:
        stop = next_hard_start(template, cursor, zone)
        if stop - cursor < MIN_ENTRY_TICKS:
            stop = next_hard_start(template, stop, zone)
        if limit is not None and stop > limit - MIN_ENTRY_TICKS:
            stop = limit
        if template.bulletin and _bulletin_at(template, cursor):
            run = bulletin(template.bulletin, shelf, news(cursor), cursor, stop)
            placed += run
            cursor = run[-1].end if run else cursor
        if cursor < stop:
            placed += _body(_block_at(template, cursor, zone), shelf, cursor, stop)
        cursor = stop
    return placed


def _bulletin_ticks(template: Template) -> float:
    return template.bulletin.every * TICKS_PER_MINUTE if template.bulletin else 0.0


def _bulletin_at(template: Template, tick: int) -> bool:
    every = _bulletin_ticks(template)
    return bool(every) and round(round(tick / every) * every) == tick


def next_hard_start(template: Template, tick: int, zone: tzinfo) -> int:
    """The first start of a bulletin or a block after `tick`."""
    found = [_next_block_start(template, tick, zone)]
    if every := _bulletin_ticks(template):
        turn = int(tick // every)
        found.append(next(at for n in range(4) if (at := round((turn + n) * every)) > tick))
    return min(found)


def last_hard_start(template: Template, tick: int, zone: tzinfo) -> int:
    """The last hard start at or before `tick`."""
    found = [at for at, _ in _block_starts(template, tick, zone, range(-8, 1)) if at <= tick]
    if every := _bulletin_ticks(template):
        turn = int(tick // every)
        found.append(max(at for n in range(-1, 2) if (at := round((turn + n) * every)) <= tick))
    return max(found)


def is_hard_start(template: Template, tick: int, zone: tzinfo) -> bool:
    return last_hard_start(template, tick, zone) == tick


def _midnight(tick: int, zone: tzinfo) -> datetime:
    return datetime_at(tick).astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _block_starts(template: Template, tick: int, zone: tzinfo, days: Sequence[int]) -> Iterator[tuple[int, Block]]:
    """Every block start of the days around `tick`, `days` counted from its own."""
    today = _midnight(tick, zone)
    for away in days:
        day = today + timedelta(days=away)
        for block in template.blocks:
            if day.weekday() in block.days:
                at = day.replace(hour=block.minute // 60, minute=block.minute % 60)
                yield tick_at(at), block


def _next_block_start(template: Template, tick: int, zone: tzinfo) -> int:
    return min(at for at, _ in _block_starts(template, tick, zone, range(9)) if at > tick)


def blocks_between(template: Template, start: int, end: int, zone: tzinfo) -> list[tuple[int, int, Block]]:
    """The blocks that have a tick from `start` until `end`, each with its first tick and the one after its last."""
    days = range(-8, 2 + (end - start) // (24 * TICKS_PER_HOUR))
    starts = sorted(_block_starts(template, start, zone, days), key=lambda found: found[0])
    ends = [*(at for at, _ in starts[1:]), end]
    return [(at, until, block) for (at, block), until in zip(starts, ends, strict=True) if until > start and at < end]


def _block_at(template: Template, tick: int, zone: tzinfo) -> Block:
    past = [(at, block) for at, block in _block_starts(template, tick, zone, range(-8, 1)) if at <= tick]
    return max(past, key=lambda found: found[0])[1]


def fits(ticks: int, room: int) -> bool:
    """Whether something of `ticks` leaves of `room` nothing, or enough for an entry."""
    left = room - ticks
    return left == 0 or left >= MIN_ENTRY_TICKS


def next_bulletin(template: Template, tick: int) -> int | None:
    """The first bulletin that starts at or after `tick`; None on a service without news."""
    every = _bulletin_ticks(template)
    if not every:
        return None
    turn = int(tick // every)
    return next(at for n in range(4) if (at := round((turn + n) * every)) >= tick)


def bulletins(template: Template, start: int, end: int) -> list[int]:
    """The ticks from `start` until `end` at which there is news."""
    found: list[int] = []
    at = next_bulletin(template, start)
    while at is not None and at < end:
        found.append(at)
        at = next_bulletin(template, at + 1)
    return found


def bulletin(given: Bulletin, shelf: Shelf, items: Sequence[Clip], start: int, stop: int) -> list[Placed]:
    """Ident, as many items as there are, are allowed and fit, and the close. Nothing without news."""
    if not items:
        return []
    run: list[tuple[Clip, str]] = []
    opening = _turn(shelf.idents, start)
    closing = _turn(shelf.closes, start)
    room = stop - start - (closing.ticks if closing else 0)
    if opening and fits(opening.ticks, room):
        run.append((opening, "ident"))
        room -= opening.ticks
    for item in items:
        if sum(kind == "bulletin-item" for _, kind in run) == given.items:
            break
        if fits(item.ticks, room) and room >= item.ticks:
            run.append((item, "bulletin-item"))
            room -= item.ticks
    if closing and fits(closing.ticks, room + closing.ticks):
        run.append((closing, "ident"))
    placed: list[Placed] = []
    cursor = start
    for clip, kind in run:
        titles = given.titles
        placed.append(
            Placed(cursor, clip.ticks, clip.asset, kind, start, "news", titles, clip.titles, clip.story, clip.item)
        )
        cursor += clip.ticks
    return placed if any(entry.kind == "bulletin-item" for entry in placed) else []


def _turn(clips: Sequence[Clip], tick: int) -> Clip | None:
    return clips[tick // SEGMENT_TICKS % len(clips)] if clips else None


def _first_that_fits(clips: Sequence[Clip], turn: int, room: int) -> Clip | None:
    """The first of `clips`, beginning with number `turn`, after which `room` ticks are used up or can be filled."""
    for step in range(len(clips)):
        clip = clips[(turn + step) % len(clips)]
        if clip.ticks <= room and fits(clip.ticks, room):
            return clip
    return None


def _body(block: Block, shelf: Shelf, start: int, stop: int) -> list[Placed]:
    """Programmes of the block in turn, a filler after each, then fillers to the tick, part of what is before."""
    programmes = [clip for clip in shelf.programmes if clip.key == block.programmes]
    placed: list[Placed] = []
    cursor, turn = start, start // SEGMENT_TICKS
    slot, key, titles = start, block.programmes or "block", block.titles
    while clip := _first_that_fits(programmes, turn, stop - cursor):
        slot, titles = cursor, clip.titles or block.titles
        placed.append(Placed(cursor, clip.ticks, clip.asset, "programme", slot, key, titles, clip.titles, clip.story))
        cursor += clip.ticks
        turn += 1
        if pause := _first_that_fits(shelf.fillers, turn, stop - cursor):
            placed.append(Placed(cursor, pause.ticks, pause.asset, "filler", slot, key, titles, pause.titles))
            cursor += pause.ticks
    for clip in fill(stop - cursor, shelf, turn):
        kind = "standby" if clip.asset == shelf.standby else "filler"
        placed.append(Placed(cursor, clip.ticks, clip.asset, kind, slot, key, titles, clip.titles))
        cursor += clip.ticks
    return placed


def whole_segments(ticks: int) -> int:
    """How much of an asset of `ticks` its segments of the usual length cover: where it may be cut without encoding."""
    return sum(length for length in cut(ticks) if length == SEGMENT_TICKS)


def fill(ticks: int, shelf: Shelf, turn: int = 0) -> list[Clip]:
    """Exactly `ticks` of fillers, beginning with number `turn`: whole ones, then one cut at a segment, then a tail.

    The tail and what nothing else fits is the standby. Raises ValueError for one or two ticks, which nothing fills.
    """
    if 0 < ticks < MIN_ENTRY_TICKS or ticks < 0:
        raise ValueError(f"{ticks} ticks cannot be filled")
    found: list[Clip] = []
    n = turn
    while ticks and shelf.fillers:
        whole = _first_that_fits(shelf.fillers, n, ticks)
        if whole is None:
            break
        found.append(whole)
        ticks -= whole.ticks
        n += 1
    if ticks >= SHORTEST_PREFIX and shelf.fillers:
        clip = shelf.fillers[n % len(shelf.fillers)]
        prefix = min(ticks // SEGMENT_TICKS * SEGMENT_TICKS, whole_segments(clip.ticks))
        while prefix >= SHORTEST_PREFIX and not fits(prefix, ticks):
            prefix -= SEGMENT_TICKS
        if prefix >= SHORTEST_PREFIX:
            found.append(Clip(clip.asset, prefix, clip.titles))
            ticks -= prefix
    while ticks >= STANDBY_PIECE + MIN_ENTRY_TICKS:
        found.append(Clip(shelf.standby, STANDBY_PIECE))
        ticks -= STANDBY_PIECE
    if ticks:
        found.append(Clip(shelf.standby, ticks))
    return found


def resume(
    template: Template, shelf: Shelf, run: Sequence[tuple[Clip, str]], slot: int, start: int, stop: int, zone: tzinfo
) -> list[Placed]:
    """The rest of a bulletin that began at `slot` and is changed from `start` on, until `stop`.

    `run` is what is still to be shown, as clip and kind; what no longer fits is left out.
    """
    titles = template.bulletin.titles if template.bulletin else {}
    placed: list[Placed] = []
    cursor = start
    for clip, kind in run:
        if clip.ticks <= stop - cursor and fits(clip.ticks, stop - cursor):
            placed.append(
                Placed(cursor, clip.ticks, clip.asset, kind, slot, "news", titles, clip.titles, clip.story, clip.item)
            )
            cursor += clip.ticks
    if cursor < stop:
        placed += _body(_block_at(template, cursor, zone), shelf, cursor, stop)
    return placed
