"""A week's template resolved into what airs: bulletins on the dot, programmes between them, filled to the tick.

Resolving is a pure function of the template, the shelf (what the service may play), the news at hand and two ticks, so
that any node resolves the same, and what was resolved up to a tick never changes what follows it. Hard starts win:
what comes before one is chosen and filled to end exactly there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from keshen.air.scheduling import clockface, rotation
from keshen.air.scheduling.filling import STANDBY_PIECE, Exact, body, fill, fits, whole_segments
from keshen.air.scheduling.formats import Block, Bulletin, Clip, Placed, Shelf, Template, TemplateError, parse
from keshen.air.scheduling.rotation import Played
from keshen.media.houseformat import MIN_ENTRY_TICKS, SEGMENT_TICKS, TICKS_PER_HOUR, datetime_at, tick_at

__all__ = [
    "STANDBY_PIECE",
    "Block",
    "Bulletin",
    "Clip",
    "Placed",
    "Shelf",
    "Template",
    "TemplateError",
    "bulletin",
    "fill",
    "fits",
    "next_bulletin",
    "parse",
    "resolve",
    "resume",
    "whole_segments",
]

TICKS_PER_MINUTE: Final = 187.5

type News = Callable[[int], Sequence[Clip]]
"""The items for a bulletin that begins at a tick, the most important first."""


def resolve(
    template: Template,
    shelf: Shelf,
    news: News,
    start: int,
    end: int,
    zone: tzinfo,
    *,
    limit: int | None = None,
    played: Sequence[Played] = (),
    exact: Exact = lambda asset, first, ticks: True,
    enough: int | None = None,
) -> list[Placed]:
    """What airs from `start` until the first hard start at or after `end`, without gap or overlap, all in ticks.

    `limit`, at least three ticks after `start`, is a hard start besides the template's: nothing goes beyond it.
    `played` is what aired before `start`: blocks that play in an order need it, others go on in turn from it. `exact`
    says which cuts are prepared. With `enough`, no more than what begins before that tick.
    """
    placed: list[Placed] = []
    past = list(played)
    cursor = start
    while cursor < end:
        stop = next_hard_start(template, cursor, zone)
        if stop - cursor < MIN_ENTRY_TICKS:
            stop = next_hard_start(template, stop, zone)
        if limit is not None and stop > limit - MIN_ENTRY_TICKS:
            stop = limit
        if template.bulletin and (_bulletin_at(template, cursor) or _clock_tells(template, cursor, zone)):
            run = bulletin(template.bulletin, shelf, news(cursor), cursor, stop)
            placed += run
            cursor = run[-1].end if run else cursor
        if cursor < stop:
            block = _block_at(template, cursor, zone)
            run = body(
                block, shelf, cursor, stop, lambda tick: _hour(tick, zone), past, exact,
                enough=enough, goes_on=cursor == start and not is_hard_start(template, cursor, zone),
            )  # fmt: skip
            past += rotation.aired((one.slot, one.asset, one.end) for one in run)
            placed += run
        if enough is not None and placed and placed[-1].end >= enough:
            break
        cursor = stop
    return placed


def _bulletin_ticks(template: Template) -> float:
    return template.bulletin.every * TICKS_PER_MINUTE if template.bulletin else 0.0


def _bulletin_at(template: Template, tick: int) -> bool:
    every = _bulletin_ticks(template)
    return bool(every) and round(round(tick / every) * every) == tick


def _clock_tells(template: Template, tick: int, zone: tzinfo) -> bool:
    """Whether a format clock has news at `tick`."""
    clock = _block_at(template, tick, zone).clock
    if not clock:
        return False
    section, begins = clockface.section_at(clock, _hour(tick, zone), tick)
    return begins and section.steps[0].play == clockface.NEWS


def next_hard_start(template: Template, tick: int, zone: tzinfo) -> int:
    """The first start of a bulletin or a block after `tick`."""
    found = [_next_block_start(template, tick, zone)]
    if every := _bulletin_ticks(template):
        turn = int(tick // every)
        found.append(next(at for n in range(4) if (at := round((turn + n) * every)) > tick))
    if clock := _block_at(template, tick, zone).clock:
        found.append(clockface.starts(clock, _hour(tick, zone), tick) or found[0])
    return min(found)


def last_hard_start(template: Template, tick: int, zone: tzinfo) -> int:
    """The last hard start at or before `tick`."""
    found = [at for at, _ in _block_starts(template, tick, zone, range(-8, 1)) if at <= tick]
    if every := _bulletin_ticks(template):
        turn = int(tick // every)
        found.append(max(at for n in range(-1, 2) if (at := round((turn + n) * every)) <= tick))
    if clock := _block_at(template, tick, zone).clock:
        before = clockface.last(clock, _hour(tick, zone), tick)
        found.append(before)
    return max(found)


def is_hard_start(template: Template, tick: int, zone: tzinfo) -> bool:
    return last_hard_start(template, tick, zone) == tick


def _hour(tick: int, zone: tzinfo) -> int:
    return tick_at(datetime_at(tick).astimezone(zone).replace(minute=0, second=0, microsecond=0))


def _midnight(tick: int, zone: tzinfo) -> datetime:
    return datetime_at(tick).astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _block_starts(template: Template, tick: int, zone: tzinfo, days: Sequence[int]) -> Iterator[tuple[int, Block]]:
    """Every block start of the days around `tick`, `days` counted from its own."""
    today = _midnight(tick, zone)
    times = tuple((block.days, block.minute) for block in template.blocks)
    for away in days:
        for at, number in _day(times, today + timedelta(days=away)):
            yield at, template.blocks[number]


@lru_cache(maxsize=1024)
def _day(times: tuple[tuple[frozenset[int], int], ...], midnight: datetime) -> tuple[tuple[int, int], ...]:
    """When the blocks of a day begin, and which: asked again for every line of every day."""
    return tuple(
        (tick_at(midnight.replace(hour=minute // 60, minute=minute % 60)), number)
        for number, (days, minute) in enumerate(times)
        if midnight.weekday() in days
    )


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
        placed += body(_block_at(template, cursor, zone), shelf, cursor, stop, lambda tick: _hour(tick, zone))
    return placed
