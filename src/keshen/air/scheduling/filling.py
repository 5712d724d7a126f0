"""From one hard start to the next: what a block plays, and fillers that end exactly there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from keshen.air.scheduling import breaking, clockface, rotation
from keshen.air.scheduling.formats import Block, Clip, Placed, Shelf
from keshen.air.scheduling.rotation import Order, Played
from keshen.media.houseformat import MIN_ENTRY_TICKS, SEGMENT_TICKS, cut

LONGEST_TAIL: Final = 14
SHORTEST_PREFIX: Final = 2 * SEGMENT_TICKS
"""A filler is not begun for less than this (7.68 s): shorter rests get the standby's tail alone."""

BREAK: Final = "break"
"""The kind of everything that is shown in a break, fillers too, so that a break is told of as one."""

STANDBY_PIECE: Final = 10 * SEGMENT_TICKS
"""The standby is laid in pieces (38.4 s), so that what arrives on an empty shelf soon takes its place."""


def fits(ticks: int, room: int) -> bool:
    """Whether something of `ticks` leaves of `room` nothing, or enough for an entry."""
    left = room - ticks
    return left == 0 or left >= MIN_ENTRY_TICKS


def first_that_fits(clips: Sequence[Clip], turn: int, room: int) -> Clip | None:
    """The first of `clips`, beginning with number `turn`, after which `room` ticks are used up or can be filled."""
    for step in range(len(clips)):
        clip = clips[(turn + step) % len(clips)]
        if clip.ticks <= room and fits(clip.ticks, room):
            return clip
    return None


type Exact = Callable[[int, int, int], bool]
"""Whether an asset can be cut to the tick by now: the asset, from which tick of it, for how many."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a block plays next: a clip, as what, and the ticks of it at which a break comes."""

    clip: Clip
    kind: str
    cuts: tuple[int, ...] = ()


def body(
    block: Block,
    shelf: Shelf,
    start: int,
    stop: int,
    hour: Callable[[int], int],
    played: Sequence[Played] = (),
    exact: Exact = lambda asset, first, ticks: True,
    *,
    enough: int | None = None,
    goes_on: bool = False,
) -> list[Placed]:
    """Programmes of the block in its order or by its clock, then fillers to the tick, part of what is before.

    With `enough`, only what begins before that tick. A block that `goes_on` takes its turn after what was `played`.
    """
    placed: list[Placed] = []
    slot, key, titles = start, block.programmes or "block", block.titles
    cursor = start
    past = list(played)
    for chosen in _chosen(block, shelf, start, stop, hour, past, exact, goes_on=goes_on):
        if enough is not None and cursor >= enough:
            return placed
        clip, kind = chosen.clip, chosen.kind
        if kind == "programme":
            slot, titles = cursor, clip.titles or block.titles
        for first, ticks in breaking.parts(clip.ticks, chosen.cuts):
            if first and block.breaks:
                placed += _break(block.breaks, shelf, cursor, slot, key, titles)
                cursor = placed[-1].end
            placed.append(
                Placed(cursor, ticks, clip.asset, kind, slot, key, titles, clip.titles, clip.story, asset_tick=first)
            )
            cursor += ticks
        past.append(Played(clip.asset, cursor))
    for clip in fill(
        stop - cursor, shelf, cursor // SEGMENT_TICKS if block.clock else start // SEGMENT_TICKS + len(placed)
    ):
        kind = "standby" if clip.asset == shelf.standby else "filler"
        placed.append(Placed(cursor, clip.ticks, clip.asset, kind, slot, key, titles, clip.titles))
        cursor += clip.ticks
    return placed


def _break(
    given: breaking.Breaks, shelf: Shelf, start: int, slot: int, key: str, titles: Mapping[str, str]
) -> list[Placed]:
    """A break of exactly its length: what it is to show while it fits, each once, then fillers."""
    rest = [clip for clip in shelf.programmes if given.play and clip.key == given.play]
    cursor, end = start, start + given.lasting
    placed: list[Placed] = []

    def add(clip: Clip) -> None:
        nonlocal cursor
        placed.append(Placed(cursor, clip.ticks, clip.asset, BREAK, slot, key, titles, clip.titles, clip.story))
        cursor = placed[-1].end

    while clip := first_that_fits(rest, start // given.lasting, end - cursor):
        add(clip)
        rest.remove(clip)
    for clip in fill(end - cursor, shelf, start // SEGMENT_TICKS):
        add(clip)
    return placed


def _chosen(
    block: Block,
    shelf: Shelf,
    start: int,
    stop: int,
    hour: Callable[[int], int],
    past: list[Played],
    exact: Exact,
    *,
    goes_on: bool,
) -> Iterator[Chosen]:
    """What a block plays from `start` while it fits; `past` grows by what was chosen between two answers."""
    cursor, turn = start, start // SEGMENT_TICKS
    if block.clock:
        section, begins = clockface.section_at(block.clock, hour(start), start)
        while True:
            count = 0
            for play in clockface.steps_from(section, begins):
                clip = _step(block, shelf, play, cursor, stop - cursor, past)
                if clip is not None:
                    yield Chosen(clip, "ident" if play == clockface.IDENT else "programme")
                    cursor += clip.ticks
                    count += 1
            begins = False
            if not count:
                return
    programmes = [clip for clip in shelf.programmes if clip.key == block.programmes]
    if goes_on and (last := _last_of(programmes, shelf.fillers, past, start)) is not None:
        turn = last + 1
    while chosen := _interrupted(block, programmes, turn, cursor, stop - cursor, past, exact):
        yield chosen
        cursor += chosen.clip.ticks + len(chosen.cuts) * (block.breaks.lasting if block.breaks else 0)
        turn += 1
        if pause := first_that_fits(shelf.fillers, turn, stop - cursor):
            yield Chosen(pause, "filler")
            cursor += pause.ticks


def _interrupted(
    block: Block, programmes: Sequence[Clip], turn: int, at: int, room: int, past: Sequence[Played], exact: Exact
) -> Chosen | None:
    """The next programme, with all of its breaks; with fewer where none fits with all of them."""
    given = block.breaks
    if given is None:
        clip = _pick(block.order, programmes, turn, at, room, past)
        return Chosen(clip, "programme") if clip else None
    points = {clip.asset: breaking.points(clip.ticks, clip.scenes, given) for clip in programmes}
    whole = {clip.asset: clip for clip in programmes}
    for most in range(max(map(len, points.values()), default=0), -1, -1):
        airing = [
            replace(clip, ticks=clip.ticks + len(points[clip.asset][:most]) * given.lasting) for clip in programmes
        ]
        if found := _pick(block.order, airing, turn, at, room, past):
            clip = whole[found.asset]
            wished = points[clip.asset][:most]
            return Chosen(clip, "programme", _cuts(clip, wished, exact))
    return None


def _cuts(clip: Clip, wished: tuple[int, ...], exact: Exact) -> tuple[int, ...]:
    return breaking.cuts(clip.ticks, wished, lambda first, ticks: exact(clip.asset, first, ticks)) if wished else ()


def _last_of(programmes: Sequence[Clip], fillers: Sequence[Clip], past: Sequence[Played], at: int) -> int | None:
    """Which of some programmes was on last before tick `at`, with nothing but fillers after it."""
    places = {clip.asset: place for place, clip in enumerate(programmes)}
    pauses = {clip.asset for clip in fillers}
    if not past or past[-1].end != at:
        return None
    last = next((one.asset for one in reversed(past) if one.asset not in pauses), None)
    return places.get(last) if last is not None else None


def _step(block: Block, shelf: Shelf, play: str, at: int, room: int, past: Sequence[Played]) -> Clip | None:
    if play == clockface.IDENT:
        return first_that_fits(shelf.idents, at // SEGMENT_TICKS, room)
    named = [clip for clip in shelf.programmes if clip.key == play]
    order = block.order if play == block.programmes else rotation.Order(rotation.Kind.SHUFFLE, block.order.seed)
    return _pick(order, named, at // SEGMENT_TICKS, at, room, past)


def _pick(order: Order, clips: Sequence[Clip], turn: int, at: int, room: int, past: Sequence[Played]) -> Clip | None:
    if order.kind == rotation.Kind.TURN:
        return first_that_fits(clips, turn, room)
    choices = [rotation.Choice(clip.asset, clip.ticks, clip.artist, clip.series, clip.episode) for clip in clips]
    found = rotation.choose(choices, order, past, at, lambda one: one.ticks <= room and fits(one.ticks, room))
    return next((clip for clip in clips if found and clip.asset == found.asset), None)


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
        whole = first_that_fits(shelf.fillers, n, ticks)
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
