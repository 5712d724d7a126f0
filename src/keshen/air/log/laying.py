"""Laying: from the week, the shelf and the news to numbered entries, each with its rights decided.

One `Laying` is one stretch of work under the service's lock. It holds what was read once, so that a laying of an hour
asks the database for each thing once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from django.utils import timezone
from django.utils.translation import gettext as _

from keshen.air import branding, queries
from keshen.air.audiences import rulings
from keshen.air.log.prepared import Prepared
from keshen.air.models import Checkpoint, Entry, Incident, Item, Week
from keshen.air.scheduling import schedule, template
from keshen.air.scheduling.compose import Composer
from keshen.air.scheduling.rotation import Kind, Played
from keshen.air.serving import load
from keshen.air.serving.snapshot import Asset
from keshen.house.models import Service, User
from keshen.media.cutlist import cut_list
from keshen.media.houseformat import MIN_ENTRY_TICKS, SEGMENT_TICKS, TICKS_PER_HOUR, datetime_at
from keshen.media.marks import Kind as MarkKind
from keshen.media.marks import Marks
from keshen.rights.actions import decide_all
from keshen.rights.models import Decision
from keshen.rights.policy import Outcome, Use

PLAIN_WEEK: Mapping[str, Any] = {
    "blocks": [{"at": "00:00", "title": {"kk": "Музыка", "ru": "Музыка", "en": "Music"}, "programmes": ""}]
}
"""What a service without a week of its own plays: its fillers."""


NEARLY_TICKS = (47, 375)
"""Fillers may take so long (15 s, else two minutes) for what follows a change to keep its time."""

LOOKED_AHEAD_TICKS = 2 * TICKS_PER_HOUR
"""How far after a change a place is looked for from which everything can stay as it is."""


class NothingToPlay(Exception):
    """There is not even a standby; the message says how to make one."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What is to be laid, after its rights were decided: itself, or the standby in its place, and why."""

    placed: template.Placed
    decision: Decision | None = None
    reason: str = ""
    barred: bool = False
    """Whether it is laid for some variants alone, since the plain address may not show it."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where numbering stands: the next sequence number, the breaks so far, and the inits of what came before."""

    sequence: int = 0
    discontinuity: int = 0
    inits: frozenset[tuple[str, str]] | None = None


class Stood(Protocol):
    """What stood on the schedule before a change, between two ticks: laid, or planned."""

    def begins(self, start: int, end: int) -> Collection[int]:
        """Where anything begins, both ticks included."""

    def programmes(self, start: int, end: int) -> Collection[int]:
        """Where a programme begins, both ticks included."""

    def rows(self, start: int, end: int) -> Sequence[tuple[int, int, int]]:
        """What begins before `end`: start, end, asset."""


class Laying:
    """Raises NothingToPlay when the house has no standby."""

    def __init__(self, actor: User, service: Service, now: int) -> None:
        self.actor = actor
        self.service = service
        self.now = now
        self.known: dict[int, Asset] = {}
        standby = load.standby(self.known)
        if standby is None:
            raise NothingToPlay(_("There is no standby picture yet. It is being made; `keshen doctor` says how far."))
        self.standby = standby
        self.shelf = queries.shelf(service, self.known, standby)
        week = Week.objects.filter(service=service).first()
        self.trouble = ""
        """Why the service's own week cannot be read; it plays its fillers until it can."""
        try:
            self.template = template.parse(week.body if week else PLAIN_WEEK)
        except template.TemplateError as error:
            self.trouble = str(error)
            self.template = template.parse(PLAIN_WEEK)
        if any(block.breaks for block in self.template.blocks):
            scenes = queries.scenes(clip.asset for clip in self.shelf.programmes)
            known = [replace(clip, scenes=scenes.get(clip.asset, ())) for clip in self.shelf.programmes]
            self.shelf = replace(self.shelf, programmes=known)
        self.zone = timezone.get_default_timezone()
        self.lines = queries.lines(service, now)
        self._items = queries.news_items(service, self.known)
        self._decided: dict[tuple[int, str, int], Decision] = {}
        self._shown_somewhere: dict[tuple[int, str, int], bool] = {}
        self._pictures = {item.asset_id: (item.asset.brief or {}).get("pictures", []) for item, _clip in self._items}
        self.offered = load.offered(service)
        self._logo = branding.logo(service)
        # what was rendered with a logo needs no other
        self._branded = {item.asset_id for item, _clip in self._items if (item.asset.brief or {}).get("service")}
        self.prepared = Prepared(radio=service.kind == Service.Kind.RADIO)
        self.gone = load.withdrawals(service.pk).keys()

    def decision(self, asset: int, story: str, tick: int) -> Decision:
        """Whether an asset may be shown at a tick; asked once an hour of air for each."""
        self._decide([(asset, story, tick)])
        return self._decided[asset, story, tick // TICKS_PER_HOUR]

    def _decide(self, asked: Iterable[tuple[int, str, int]]) -> None:
        """Decide what is not yet decided of (asset, story, tick), all at once."""
        platform = "radio" if self.service.kind == Service.Kind.RADIO else "tv"
        fresh: dict[tuple[int, str, int], tuple[list[str], Use]] = {}
        for asset, story, tick in asked:
            key = (asset, story, tick // TICKS_PER_HOUR)
            if key not in self._decided and key not in fresh:
                subjects = [urn for urn in (self.known[asset].urn, story, *self._pictures.get(asset, ())) if urn]
                use = Use(
                    exit="schedule", platform=platform, territories=self.offered.territories, at=datetime_at(tick)
                )
                fresh[key] = (subjects, use)
        self._decided.update(zip(fresh, decide_all(fresh.values()), strict=True))

    def news(self, tick: int) -> list[template.Clip]:
        """The items that may be told in a bulletin at `tick`, newest first. What rights refuse is not told."""
        self._decide((clip.asset, clip.story, tick) for _item, clip in self._items)
        return [
            clip for _item, clip in self._items if self.decision(clip.asset, clip.story, tick).outcome == Outcome.PERMIT
        ]

    @property
    def there_is_to_tell(self) -> tuple[int, ...]:
        """What bulletins may tell, rights apart: ids of items, newest first."""
        return tuple(item.pk for item, _clip in self._items)

    def refused(self, tick: int) -> list[tuple[Item, Decision]]:
        """The items that rights keep out of a bulletin at `tick`."""
        asked = [(item, self.decision(clip.asset, clip.story, tick)) for item, clip in self._items]
        return [(item, decision) for item, decision in asked if decision.outcome != Outcome.PERMIT]

    @property
    def composer(self) -> Composer:
        """What the schedule is composed by, with the lines as they stand in `lines`."""
        return Composer(
            self.template, self.shelf, self.news, self.lines, self.zone, self.plays, self.played, self.exact
        )

    @property
    def is_ordered(self) -> bool:
        """Whether some block of the week plays by what aired before it, or in parts."""
        return any(block.clock or block.breaks or block.order.kind != Kind.TURN for block in self.template.blocks)

    def resolve_touched(self, start: int, last: int, stood: Stood, end: int) -> list[template.Placed]:
        """What airs from `start` until, after `last`, what stood there still holds; or until `end`.

        That is where a programme ends and another began before, with fillers for the seconds that are missing, or where
        a fixed start is met that was met before. In blocks that play in an order, what follows holds only where it goes
        on from what is placed now.
        """
        goal = max(last, start + 1)
        if not self.is_ordered and (joined := self._joined(start, goal, stood)):
            return joined
        while True:
            placed = self.resolve(start, goal)
            reached = placed[-1].end
            met = reached in stood.begins(reached, reached)
            if reached >= end or (met and (not self.is_ordered or self._holds(start, reached, stood))):
                return placed
            goal = reached + 1

    def _joined(self, start: int, goal: int, stood: Stood) -> list[template.Placed]:
        """What airs from `start` until, after `goal`, a programme ends where another began, or nearly so."""
        enough = goal + LOOKED_AHEAD_TICKS
        placed = self.composer.compose(start, enough, enough)
        joins = sorted(stood.programmes(goal, enough + NEARLY_TICKS[-1]))
        for nearly in NEARLY_TICKS if self.shelf.fillers else NEARLY_TICKS[:1]:
            for number, one in enumerate(placed):
                if one.end >= goal and (join := _join(joins, one.end, nearly)) is not None:
                    return [*placed[: number + 1], *self.composer.filled(one.end, join, one)]
        return []

    def _holds(self, start: int, reached: int, stood: Stood) -> bool:
        more = [one for one in self.resolve(start, reached + 1) if one.start >= reached]
        return [(one.start, one.end, one.asset) for one in more] == list(stood.rows(reached, more[-1].end))

    def played(self, before: int) -> list[Played]:
        """What aired before a tick; no more than a few for a week that asks for no order."""
        if not self.is_ordered:
            return queries.just_played(self.service, before)
        series = [clip.asset for clip in self.shelf.programmes if clip.series]
        return queries.played(self.service, series, before)

    def plays(self, line: schedule.Line) -> bool:
        """Whether the asset of a line is there, is not withdrawn, and has the ticks the line says."""
        asset = self._asset(line.asset)
        if asset is None or {asset.urn, line.story} & self.gone:
            return False
        if not load.fits(asset, self.service):
            return False
        try:
            cuts = schedule.in_and_out(asset.ticks, line.asset_tick, line.asset_tick + line.ticks)
        except schedule.Conflict:
            return False
        return cuts == (line.asset_tick, line.asset_tick + line.ticks)

    def _asset(self, number: int) -> Asset | None:
        if number not in self.known:
            load.assets([number], self.known)
        return self.known.get(number)

    def exact(self, line: schedule.Line, wished: bool = True) -> bool:
        """Whether a line that can be played can be cut to the tick by now. What is `wished` and cannot is asked for."""
        asset = self._asset(line.asset)
        return asset is None or self.prepared.has(asset, line.asset_tick, line.ticks, wished=wished)

    def marks(self, placed: template.Placed) -> Marks:
        """What is drawn over something that is to be laid, as far as it is prepared; what is not is asked for."""
        asset = self._asset(placed.asset)
        if asset is None or placed.kind == Entry.Kind.STANDBY or self.service.kind == Service.Kind.RADIO:
            return ()
        wanted = tuple(mark for mark in placed.marks if not mark.is_permanent)
        always = self._logo.burn == branding.Burn.ALWAYS and placed.kind in set(branding.Drawn)
        if always and placed.asset not in self._branded and all(mark.kind != MarkKind.LOGO for mark in wanted):
            wanted = (self._logo.mark, *wanted)
        for drawn in (wanted, tuple(mark for mark in wanted if mark.is_permanent)):
            if drawn and self.prepared.has(asset, placed.asset_tick, placed.ticks, drawn, wished=drawn is wanted):
                return drawn
        return ()

    def resolve(self, start: int, until: int) -> list[template.Placed]:
        """What airs from `start` until the first fixed start at or after `until`."""
        return self.composer.compose(start, until)

    def checked(self, placed: Iterable[template.Placed]) -> list[Checked]:
        """Each with its decision; what is denied or unclear is the standby, of exactly its length."""
        placed, found = list(placed), []
        load.assets((one.asset for one in placed), self.known)
        shown = [one for one in placed if one.asset != self.standby.loop.id and one.asset in self.known]
        self._decide((one.asset, one.story, one.start) for one in shown)
        for one in placed:
            if one.asset == self.standby.loop.id:
                found.append(Checked(one))
                continue
            asset = self.known.get(one.asset)
            if asset is None:
                found.append(Checked(self._substitute(one), None, _("The media is not ready.")))
                continue
            decision = self.decision(one.asset, one.story, one.start)
            if decision.outcome == Outcome.PERMIT:
                found.append(Checked(one, decision))
            elif self._somewhere(decision, one):
                found.append(Checked(one, decision, barred=True))
            else:
                found.append(Checked(self._substitute(one), decision, " ".join(decision.explanation)))
        return found

    def _somewhere(self, decision: Decision, one: template.Placed) -> bool:
        """Whether a variant may show what the plain address may not; asked once an hour of air for each."""
        key = (one.asset, one.story, one.start // TICKS_PER_HOUR)
        if key not in self._shown_somewhere:
            found = rulings.somewhere(self.offered, decision.subjects, datetime_at(one.start))
            self._shown_somewhere[key] = found is not None
        return self._shown_somewhere[key]

    def _substitute(self, one: template.Placed) -> template.Placed:
        return replace(
            one, asset=self.standby.loop.id, asset_tick=0, kind=Entry.Kind.STANDBY.value, titles={}, story="", item=0,
            marks=(),
        )  # fmt: skip

    def position(self, before: Entry | None) -> Position:
        """Where numbering goes on after an entry."""
        if before is None:
            held = Checkpoint.objects.filter(service=self.service).last()
            return Position(held.sequence, held.discontinuity) if held else Position()
        load.assets([before.asset_id], self.known)
        asset = self.known.get(before.asset_id)
        timed = before.timed()
        return Position(timed.sequence + timed.segments, timed.discontinuity, asset.inits if asset else None)

    def lay(self, checked: Sequence[Checked], position: Position, *, again: bool = False) -> list[Entry]:
        """Write entries that follow `position`, and an incident for each substitute, unless it is laid `again`."""
        rows = []
        for one in checked:
            placed = one.placed
            inits = self.known[placed.asset].inits
            breaks = position.inits is not None and not plays_on(position.inits, inits)
            cuts = cut_list(placed.asset_tick, placed.ticks)
            rows.append(
                Entry(
                    service=self.service,
                    start_tick=placed.start,
                    end_tick=placed.end,
                    asset_id=placed.asset,
                    asset_tick=placed.asset_tick,
                    cuts=list(cuts) if placed.asset_tick % SEGMENT_TICKS else None,
                    marks=[mark.row() for mark in self.marks(placed)],
                    kind=placed.kind,
                    titles=dict(placed.titles),
                    slot_tick=placed.slot,
                    slot_kind=placed.key,
                    slot_titles=dict(placed.slot_titles),
                    story_urn=placed.story,
                    item_id=placed.item or None,
                    decision=one.decision,
                    reason=one.reason,
                    restricted=bool(one.decision and one.decision.terms) and placed.asset != self.standby.loop.id,
                    barred=one.barred,
                    sequence=position.sequence,
                    discontinuity=position.discontinuity + breaks,
                    breaks=breaks,
                )
            )
            position = Position(position.sequence + len(cuts), position.discontinuity + breaks, inits)
        made = Entry.objects.bulk_create(rows)
        self._rule([entry for entry in made if entry.restricted])
        Incident.objects.bulk_create(
            Incident(
                kind=Incident.Kind.SUBSTITUTED,
                tick=entry.start_tick,
                service=self.service,
                entry=entry,
                decision=entry.decision,
                reason=entry.reason,
                actor=self.actor,
            )
            for entry in made
            if entry.reason and not again
        )
        return made

    def _rule(self, entries: Sequence[Entry]) -> None:
        """Decide for each audience what was laid under terms."""
        if entries:
            rulings.ensure(self.service, rulings.of_entries(entries), self.now, entries[0].start_tick)


def _join(joins: Sequence[int], end: int, nearly: int) -> int | None:
    """The first of `joins` at `end`, or so far behind it that the time between can be filled, and within `nearly`."""
    place = bisect_left(joins, end)
    if place < len(joins) and joins[place] != end:
        place = bisect_left(joins, end + MIN_ENTRY_TICKS)
    return joins[place] if place < len(joins) and joins[place] <= end + nearly else None


def plays_on(before: frozenset[tuple[str, str]], after: frozenset[tuple[str, str]]) -> bool:
    """Whether a player can go from one set of inits to the other: no rung that both have differs."""
    held = dict(before)
    return all(held.get(rung, init) == init for rung, init in after)
