"""What a channel plays at any tick: a function of its laid log and the clock.

A `Timeline` is the laid log of one service between two ticks, without gap or overlap. It is made once from rows and
never changes; everything the air shows (playlists, guide, as-run, the radio stream, what is on now) is asked of it.
Sequence numbers are cumulative counts kept on each entry, so that a timeline which knows only the last hours still
gives the numbers of the whole life of the channel.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Final

from keshen.media.houseformat import JOINED_TAIL_TICKS, MIN_ENTRY_TICKS, SEGMENT_TICKS, cut
from keshen.media.marks import Marks

FREEZE_TICKS: Final = 36
"""What lies less than this ahead of the clock (11.52 s) is frozen: players may already have been told of it."""

BREATH_TICKS: Final = 3
"""After a withdrawal, the time (0.96 s) within which every node of the house has heard of it."""

LISTING_TICKS: Final = 4
"""Playlists begin to name two segments at least this far apart (1.28 s), so that nodes whose clocks are a second
apart never differ by more than one."""

LOOKBACK: Final = 8
"""How many segments shorter than that in a row are spread out so."""

type Span = tuple[int, int | None]
"""A stretch of time something was withheld: from a tick until another, or for good."""


class TimelineError(ValueError):
    """The entries are not a timeline; the message names the two that do not meet."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One stretch of the air, `start` to `start + ticks`, playing `asset` from `asset_tick` on.

    `sequence` counts the segments and `discontinuity` the breaks of all entries before this one; with `breaks` there
    is one at this entry's own start, counted in it too. `cuts` is None for the house cut of the length; `laid` is how
    many segments it had before it was cut on air, 0 for as many as now. `slot` is the first tick of the programme the
    entry belongs to. `story` is the URN of the story told, `titles` maps language tags to text; `reason` says why a
    filler stands here. `marks` are drawn over the picture, by ticks of the asset. `restricted` is whether there were
    terms on it when it was laid, and `barred` whether those keep it from the plain address, so that only variants show
    it.
    """

    id: int
    start: int
    ticks: int
    asset: int
    kind: str
    sequence: int = 0
    discontinuity: int = 0
    breaks: bool = False
    asset_tick: int = 0
    cuts: tuple[int, ...] | None = None
    slot: int = 0
    programme: str = ""
    story: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)
    slot_titles: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    marks: Marks = ()
    laid: int = 0
    restricted: bool = False
    barred: bool = False

    @property
    def end(self) -> int:
        return self.start + self.ticks

    @property
    def segments(self) -> int:
        """How many segments the entry has."""
        return len(self.cuts) if self.cuts is not None else count(self.ticks)

    def starts(self) -> list[int]:
        """Where the entry's segments begin, in ticks from its own start, and where the last one ends."""
        return [0, *accumulate(self.cuts if self.cuts is not None else cut(self.ticks))]

    def segment_at(self, offset: int) -> int:
        """The number of the segment that holds the tick `offset` from the entry's start."""
        if self.cuts is None:
            return min(offset // SEGMENT_TICKS, self.segments - 1)
        return bisect_right(self.starts(), offset) - 1

    def span(self, number: int) -> tuple[int, int]:
        """Segment `number` as (ticks from the entry's start, length in ticks). Raises IndexError when there is none."""
        if not 0 <= number < self.segments:
            raise IndexError(f"entry {self.id} has {self.segments} segments, no number {number}")
        if self.cuts is None:
            offset = number * SEGMENT_TICKS
            last = number == self.segments - 1
            return offset, self.ticks - offset if last else SEGMENT_TICKS
        starts = self.starts()
        return starts[number], starts[number + 1] - starts[number]


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment on the air: `number` within its entry, `sequence` within the channel, `start` in ticks."""

    entry: Entry
    number: int
    sequence: int
    start: int
    ticks: int

    @property
    def end(self) -> int:
        return self.start + self.ticks


@dataclass(frozen=True, slots=True)
class State:
    """What is on the air at one tick: the entry, how far into it, how long it still lasts, what comes next."""

    entry: Entry
    offset: int
    left: int
    next: Entry | None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where counting stands at a tick: the numbers the first segment that begins there gets."""

    tick: int
    sequence: int
    discontinuity: int


def count(ticks: int) -> int:
    """How many segments the house cut of `ticks` has, without making it."""
    if ticks < MIN_ENTRY_TICKS:
        raise ValueError(f"an entry has at least {MIN_ENTRY_TICKS} ticks, not {ticks}")
    whole, tail = divmod(ticks, SEGMENT_TICKS)
    return whole + (tail > JOINED_TAIL_TICKS or (tail > 0 and whole == 0))


def shortened(cuts: Sequence[int], ticks: int) -> tuple[int, ...]:
    """As much of a cut list as `ticks` hold: an entry that was cut on air ends where one of its segments does."""
    return tuple(cuts[: bisect_left(list(accumulate(cuts)), ticks) + 1])


def horizon(tick: int) -> int:
    """The first tick that may still be changed when the clock stands at `tick`."""
    return tick + FREEZE_TICKS


def is_replaced(segment: Segment, span: Span) -> bool:
    """Whether viewers were shown the substitute in a segment of something withheld for a stretch of time."""
    since, until = span
    return segment.end > since + BREATH_TICKS and (until is None or segment.end <= until + BREATH_TICKS)


def shifted(spans: Sequence[Span], ticks: int) -> tuple[Span, ...]:
    """Stretches of time as a variant that follows `ticks` later counts them."""
    return tuple((since - ticks, None if until is None else until - ticks) for since, until in spans)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time in as few stretches as hold it, in order."""
    found: list[Span] = []
    for since, until in sorted(spans, key=lambda span: span[0]):
        if found and ((last := found[-1])[1] is None or since <= last[1]):
            ends = None if last[1] is None or until is None else max(last[1], until)
            found[-1] = (last[0], ends)
        else:
            found.append((since, until))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Window:
    """What live playlists name from tick `since` until tick `until`, each segment for `ticks`."""

    since: int
    until: int
    ticks: int
    segments: tuple[Segment, ...]


class Timeline:
    """The laid log of one service, in order. Raises TimelineError when two entries do not meet."""

    __slots__ = ("_places", "_sequences", "_starts", "_window", "entries")

    def __init__(self, entries: Sequence[Entry]) -> None:
        for before, after in pairwise(entries):
            if before.end != after.start:
                raise TimelineError(f"entry {before.id} ends at {before.end}, entry {after.id} begins at {after.start}")
            if before.sequence + before.segments != after.sequence:
                raise TimelineError(f"entry {after.id} counts from {after.sequence}, not on from entry {before.id}")
            if before.discontinuity + after.breaks != after.discontinuity:
                raise TimelineError(
                    f"entry {after.id} counts breaks from {after.discontinuity}, not from {before.id} on"
                )
        self.entries = tuple(entries)
        self._starts = [entry.start for entry in entries]
        self._sequences = [entry.sequence for entry in entries]
        self._places: dict[int, int] | None = None
        self._window = Window(0, 0, 0, ())

    @property
    def start(self) -> int:
        return self.entries[0].start if self.entries else 0

    @property
    def end(self) -> int:
        return self.entries[-1].end if self.entries else 0

    def entry(self, id: int) -> Entry | None:  # noqa: A002  the field's own name
        """The entry with an id; None when this timeline does not hold it."""
        if self._places is None:
            self._places = {entry.id: place for place, entry in enumerate(self.entries)}
        place = self._places.get(id)
        return None if place is None else self.entries[place]

    def index_at(self, tick: int) -> int | None:
        """The place in `entries` of the one that holds `tick`; None outside the timeline."""
        place = bisect_right(self._starts, tick) - 1
        return place if place >= 0 and tick < self.entries[place].end else None

    def at(self, tick: int) -> State | None:
        """What is on the air at `tick`; None outside the timeline."""
        place = self.index_at(tick)
        if place is None:
            return None
        entry = self.entries[place]
        following = self.entries[place + 1] if place + 1 < len(self.entries) else None
        return State(entry, tick - entry.start, entry.end - tick, following)

    def between(self, start: int, end: int) -> Sequence[Entry]:
        """The entries that have a tick in `start` to `end`."""
        first = max(bisect_right(self._starts, start) - 1, 0)
        found = self.entries[first : bisect_left(self._starts, end)]
        return found[1:] if found and found[0].end <= start else found

    def segment_at(self, tick: int) -> Segment | None:
        """The segment that holds `tick`; None outside the timeline."""
        place = self.index_at(tick)
        if place is None:
            return None
        entry = self.entries[place]
        return _segment(entry, entry.segment_at(tick - entry.start))

    def segment(self, sequence: int) -> Segment | None:
        """The segment with a media sequence number; None when this timeline does not hold it."""
        place = bisect_right(self._sequences, sequence) - 1
        if place < 0:
            return None
        entry = self.entries[place]
        number = sequence - entry.sequence
        return _segment(entry, number) if number < entry.segments else None

    def ended(self, tick: int) -> int:
        """The media sequence number after the last segment that ends at or before `tick`."""
        if not self.entries or tick < self.start:
            return self.entries[0].sequence if self.entries else 0
        held = self.segment_at(tick)
        if held is not None:
            return held.sequence
        last = self.entries[-1]
        return last.sequence + last.segments

    def listed_at(self, segment: Segment) -> int:
        """The tick from which live playlists name a segment: its end, or a little later after very short ones."""
        late = latest = 0
        held: Segment | None = segment
        for _ in range(LOOKBACK):
            if held is None or held.ticks >= SEGMENT_TICKS:
                break
            late += LISTING_TICKS - held.ticks
            latest = max(latest, late)
            held = self.segment(held.sequence - 1)
        return segment.end + latest

    def listed(self, tick: int) -> int:
        """The media sequence number after the last segment that live playlists name at `tick`."""
        number = self.ended(tick)
        while (last := self.segment(number - 1)) is not None and self.listed_at(last) > tick:
            number -= 1
        return number

    def window(self, tick: int, ticks: int) -> Window | None:
        """What live playlists name at `tick`, each segment for `ticks` after it was first named; None for nothing.

        The last answer is kept: every rendition of a channel asks the same. When the log has run out it stands still.
        """
        tick = min(tick, self.end + LOOKBACK)
        held = self._window
        if held.ticks == ticks and held.since <= tick < held.until:
            return held
        end = self.listed(tick)
        listed = tuple(self.segments(max(self.listed(tick - ticks), 0), end))
        if not listed:
            return None
        following = self.segment(end)
        until = self.listed_at(listed[0]) + ticks
        if following is not None:
            until = min(until, self.listed_at(following))
        self._window = Window(tick, until, ticks, listed)
        return self._window

    def segments(self, first: int, end: int) -> Iterator[Segment]:
        """The segments with sequence numbers `first` to `end` (not included), as far as the timeline holds them."""
        for place in range(max(bisect_right(self._sequences, first) - 1, 0), len(self.entries)):
            entry = self.entries[place]
            if entry.sequence >= end:
                return
            for number in range(max(0, first - entry.sequence), min(entry.segments, end - entry.sequence)):
                yield _segment(entry, number)

    def checkpoint(self, tick: int) -> Checkpoint | None:
        """The counts at the first segment that begins at or after `tick`; None past the end."""
        held = self.segment_at(tick)
        if held is None:
            return None
        if held.start < tick:
            following = self.segment(held.sequence + 1)
            if following is None:
                return None
            held = following
        return Checkpoint(held.start, held.sequence, held.entry.discontinuity)

    def cut_point(self, tick: int) -> int:
        """The first tick at or beyond `tick` where a segment begins or the timeline ends: where an edit may begin."""
        held = self.segment_at(tick)
        if held is None:
            return max(tick, self.end)
        return held.start if held.start == tick else held.end


def _segment(entry: Entry, number: int) -> Segment:
    offset, ticks = entry.span(number)
    return Segment(entry, number, entry.sequence + number, entry.start + offset, ticks)
