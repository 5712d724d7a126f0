"""A house through simulated time: real laying, real verbs, two nodes, a player; everything from one seed.

The clock is the test's. Nodes read what a serving node reads and die at times; the player asks now the one and now the
other. What breaks a rule is collected, not raised, so that a run says everything that is wrong.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from django.db import connection, transaction

from keshen.air import actions, guide, queries, telling
from keshen.air.actions import TooSlow
from keshen.air.audiences.variants import Variant
from keshen.air.log import checkpoints, restrictions
from keshen.air.models import Entry, Incident, Stock
from keshen.air.proof import conformance
from keshen.air.scheduling.schedule import Conflict
from keshen.air.serving import load
from keshen.air.serving.marks import Mark, marks
from keshen.air.serving.snapshot import Asset, Snapshot
from keshen.air.timeline import BREATH_TICKS, FREEZE_TICKS, Timeline
from keshen.house.models import Service, Territory
from keshen.media.houseformat import TICKS_PER_HOUR, datetime_at
from keshen.newsroom.models import Story
from keshen.rights import actions as rights
from keshen.rights.models import Terms
from tests.air.house import Air

WEEK = {
    "bulletin": {"every": 30, "items": 3, "title": {"kk": "Жаңалықтар"}},
    "blocks": [
        {"at": "00:00", "title": {"kk": "Ұлы дала"}, "programmes": "steppe"},
        {"at": "18:20", "title": {"kk": "Кеш"}, "programmes": "steppe"},
    ],
}

VARIANTS = (Variant("RU"), Variant("KZ"), Variant("RU", shift=300), Variant(platform="web"))

KEPT_TICKS = 1500
"""How far back nodes read in a simulation: eight minutes, so that reading stays cheap."""
LAY_EVERY = 8000
"""Ticks between two layings; the log is laid 14,000 ahead."""


class Crash(Exception):
    """A worker was killed before its transaction ended."""


@dataclass
class Node:
    """One serving process: what it last read, and how far its clock is ahead."""

    ahead: int = 0
    known: dict[int, Asset] = field(default_factory=dict)
    services: dict[str, Snapshot] = field(default_factory=dict)
    marks: dict[int, Mark] = field(default_factory=dict)
    """What the services looked like when they were last read: as in the hub, what has not changed is not read again."""

    def read(self, service: Service, now: int, mark: Mark) -> None:
        before = self.services.get(service.slug)
        if before is None or self.marks.get(service.pk) != mark:
            self.services[service.slug] = load.snapshot(service, now, self.known, before)
            self.marks[service.pk] = mark

    def die(self) -> None:
        self.known, self.services, self.marks = {}, {}, {}


@dataclass
class Announced:
    """What the guide said of the laid hour at a tick, and until when nobody changed anything."""

    service: str
    tick: int
    lines: list[guide.Programme]
    until: int = 1 << 60


class Simulation:
    """`run` it to a tick; then `problems` is empty, or the house is wrong."""

    def __init__(self, air: Air, seed: int, *, variants: bool = False) -> None:
        self.air = air
        self.variants = variants
        self.chance = random.Random(seed)
        self.problems: list[str] = []
        self.done: Counter[str] = Counter()
        self.services = [air.tv, air.radio, air.silk, *self._more()]
        for service in self.services:
            actions.set_week(air.operator, service, WEEK)
        Stock.objects.filter(role=Stock.Role.PROGRAMME).delete()
        for ticks in (3500, 1210, 2402, 800):
            asset = air.make(ticks, f"programme {ticks}")
            actions.stock(air.operator, asset, Stock.Role.PROGRAMME, key="steppe", titles={"kk": f"Дала {ticks}"})
        self.calm = self.services[-1]
        """On this service nobody edits anything: its guide must come true."""
        self.nodes = [Node(), Node(ahead=3)]
        self.seen: dict[tuple[str, str], conformance.Playlist] = {}
        self.announced: list[Announced] = []
        self.stories: list[Story] = []
        self.terms: list[tuple[Story, Terms]] = []
        self.off_until = 0
        self.laid_at = 0
        self.count = 0
        self.other = random.Random(seed + 7919)
        """The chance of what concerns variants alone, so that a seed's house goes the same way without them."""
        self.films: dict[str, Terms] = {}
        if variants:
            for code in ("WORLD", "RU"):
                Territory.objects.create(code=code, name={"en": code})
            air.silk.territories.set(Territory.objects.filter(code="WORLD"))

    def _more(self) -> Iterable[Service]:
        for slug, kind in (("silk-way-cinema", "tv"), ("silk-way-prime", "radio")):
            service = Service.objects.create(
                organisation=self.air.tv.organisation, slug=slug, kind=kind, accent="#0a6ebd", name={"kk": slug},
                languages=["kk"],
            )  # fmt: skip
            service.territories.set(self.air.tv.territories.all())
            yield service

    def run(self, ticks: int) -> None:
        end = self.air.time.tick + ticks
        self.lay()
        while self.air.time.tick < end:
            self.air.time.on(self.chance.choice((3, 40, 900, 2500, 4500)))
            now = self.air.time.tick
            if now >= self.off_until and now - self.laid_at >= LAY_EVERY:
                self.lay()
            if now >= self.off_until:
                for _ in range(self.chance.randint(0, 2)):
                    self.act()
                if self.variants and self.other.random() < 0.2:
                    self.restrict()
            self.watch()
        self.account()

    # What people and machines do.

    def lay(self) -> None:
        self.laid_at = self.air.time.tick
        for service in self.services:
            actions.lay(self.air.system, service)
            checkpoints.keep_checkpoint(self.air.system, service)
            entries = queries.laid(service, self.air.time.tick)
            lines = guide.programmes([entry.timed() for entry in entries])
            self.announced.append(Announced(service.slug, self.air.time.tick, lines[1:-1]))

    def act(self) -> None:
        verbs: list[tuple[int, Callable[[Service], object]]] = [
            (6, self.tell), (2, self.kill), (2, self.withhold), (2, self.give_again), (2, self.anew), (4, self.skip),
            (4, self.break_in), (3, self.return_), (2, self.lose), (2, self.insert), (1, self.move), (1, self.undo),
            (1, self.outage), (2, self.node_dies),
        ]  # fmt: skip
        verb = self.chance.choices([verb for _, verb in verbs], [weight for weight, _ in verbs])[0]
        service = self.chance.choice(self.services[:-1])
        crashes = self.chance.random() < 0.1
        try:
            with transaction.atomic():
                verb(service)
                if crashes:
                    raise Crash
        except Crash:
            self.done["killed worker"] += 1
        except Conflict:
            self.done[f"{verb.__name__}, refused"] += 1
        except TooSlow:
            self.problems.append(f"{verb.__name__} took too long")
        else:
            self.done[verb.__name__] += 1
        everywhere = verb in (self.tell, self.kill, self.withhold, self.give_again, self.lose)
        self.no_longer_announced(self.services if everywhere else [service])

    def no_longer_announced(self, services: Iterable[Service]) -> None:
        """What was said of services need not come true from now on."""
        slugs = {service.slug for service in services}
        for one in self.announced:
            if one.service in slugs:
                one.until = min(one.until, self.air.time.tick)

    def tell(self, service: Service) -> None:
        story = self.air.story(f"Хабар {self.count}")
        self.count += 1
        self.stories.append(story)
        for outlet, kind in (("television", "tv"), ("radio", "radio")):
            item = self.air.item(story, ticks=self.chance.randint(20, 200), outlet=outlet)
            for one in self.services[:-1]:
                if one.kind == kind:
                    actions.enter(self.air.system, one, item)

    def kill(self, service: Service) -> None:
        story = self._story()
        if story is not None:
            Story.objects.filter(pk=story.pk).update(killed_at=datetime_at(self.air.time.tick))
            story.refresh_from_db()
            telling.kill(self.air.system, story)

    def _story(self) -> Story | None:
        living = [one for one in self.stories[-8:] if Story.objects.filter(pk=one.pk, killed_at=None).exists()]
        return self.chance.choice(living) if living else None

    def withhold(self, service: Service) -> None:
        story = self._story()
        if story is not None:
            terms = rights.attach(self.air.editor, story.urn, "Not for use in Kazakhstan", language="en")
            self.terms.append((story, terms))
            restrictions.decide_anew(story.urn)

    def give_again(self, service: Service) -> None:
        held = [one for one in self.terms if Terms.objects.filter(pk=one[1].pk, superseded_by=None).exists()]
        if held:
            story, terms = self.chance.choice(held)
            self.terms.remove((story, terms))
            rights.withdraw(self.air.editor, terms, reason="Cleared")
            restrictions.decide_anew(story.urn)

    def restrict(self) -> None:
        """A programme may not be shown in Russia, or may again; the channel to the world shows it to the others."""
        asset = self.other.choice(list(Stock.objects.filter(role="programme").select_related("asset"))).asset
        if asset.urn in self.films:
            rights.withdraw(self.air.editor, self.films.pop(asset.urn), reason="Bought")
        else:
            self.films[asset.urn] = rights.attach(
                self.air.editor, asset.urn, "Not for use in Russia", language="en"
            )  # fmt: skip
        restrictions.decide_anew(asset.urn)
        self.done["restrict"] += 1
        self.no_longer_announced(self.services)

    def anew(self, service: Service) -> None:
        actions.lay_anew(self.air.system, service)

    def skip(self, service: Service) -> None:
        actions.skip(self.air.operator, service)

    def break_in(self, service: Service) -> None:
        news = self.chance.random() < 0.3
        assets = [] if news else [self._clip().asset_id for _ in range(self.chance.randint(1, 2))]
        actions.break_in(
            self.air.operator, service, assets=assets, news=news, resume=self.chance.random() < 0.5, reason="Шұғыл"
        )

    def return_(self, service: Service) -> None:
        actions.return_(self.air.operator, service)

    def insert(self, service: Service) -> None:
        at = self.air.time.tick + self.chance.randint(30, 6000)
        clip = self._clip()
        actions.insert(self.air.operator, service, start=at, asset=clip.asset_id, hard=self.chance.random() < 0.3)

    def move(self, service: Service) -> None:
        ahead = [entry for entry in queries.laid(service, self.air.time.tick) if entry.kind == Entry.Kind.PROGRAMME]
        if ahead:
            entry = self.chance.choice(ahead)
            actions.move(self.air.operator, service, start=entry.start_tick, to=entry.start_tick + 400)

    def undo(self, service: Service) -> None:
        actions.undo(self.air.operator, service)

    def _clip(self) -> Stock:
        return self.chance.choice(list(Stock.objects.filter(role__in=("programme", "filler"))))

    def lose(self, service: Service) -> None:
        """An asset is lost after it was laid, or one that was lost is found."""
        shelf = [one.asset for one in Stock.objects.filter(role="programme").select_related("asset")]
        asset = self.chance.choice(shelf)
        if asset.urn in load.lost():
            actions.find(self.air.system, asset, "")
        else:
            actions.lose(self.air.system, asset, "There is no blob of that name.")
        for one in self.services:
            actions.lay_anew(self.air.system, one)

    def outage(self, service: Service) -> None:
        """Nobody lays anything for a while, at times for longer than was laid ahead."""
        self.off_until = self.air.time.tick + self.chance.choice((600, 4000, 16_000))

    def node_dies(self, service: Service) -> None:
        self.chance.choice(self.nodes).die()

    # What is seen.

    def watch(self) -> None:
        """Each service is asked of both nodes; what they say is judged."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        now = self.air.time.tick
        seen = marks(self.services, now)
        for service in self.chance.sample(self.services, 2):
            for node in self.nodes:
                node.read(service, now, seen[service.pk])
            first, second = (node.services[service.slug] for node in self.nodes)
            rung = next(iter([picture.rung for picture in first.ladder.pictures] or [first.ladder.sounds[0].rung]))
            same = first.playlists(rung).live(now), second.playlists(rung).live(now)
            if same[0] != same[1]:
                self.wrong(service, "two nodes differ at one tick")
            asked, ahead = self.chance.choice(((first, 0), (second, self.nodes[1].ahead)))
            self.player(service, asked, rung, now + ahead)
            if self.variants and service == self.air.silk:
                self.variant(service, (first, second), rung, now)

    def variant(self, service: Service, nodes: tuple[Snapshot, Snapshot], rung: str, now: int) -> None:
        """One variant is asked of both nodes: the same bytes, the same cuts as the channel, and the rules of time."""
        variant = self.other.choice(VARIANTS)
        first, second = (node.for_variant(variant, now) for node in nodes)
        same = [node.playlists(rung).live(now - variant.shift) for node in (first, second)]
        if same[0] != same[1]:
            self.wrong(service, f"two nodes differ at one tick in the variant {variant}")
        if same[0] is not None:
            self.player(service, first, rung, now - variant.shift, mark=repr(variant))
            self.done["variants seen"] += 1
            self.done["variants with something instead"] += "\ns" in same[0]

    def player(self, service: Service, snapshot: Snapshot, rung: str, tick: int, mark: str = "") -> None:
        text = snapshot.playlists(rung).live(tick)
        if text is None:
            last = queries.last_laid(service)
            if last is None or last.end_tick > tick - KEPT_TICKS:
                self.wrong(service, "no playlist")
            return  # the house has been off the air for longer than nodes remember
        playlist = conformance.read(text)
        for fault in conformance.judge(playlist):
            self.wrong(service, f"{fault.rule}: {fault.detail}")
        before = self.seen.get((service.slug, rung + mark))
        if before is not None and playlist.end >= before.end:
            for fault in conformance.judge_update(before, playlist):
                self.wrong(service, f"{fault.rule}: {fault.detail}")
        elif before is not None:
            # the node whose clock is behind: the other way round it must be an update too
            for fault in conformance.judge_update(playlist, before):
                self.wrong(service, f"{fault.rule} (node behind): {fault.detail}")
        if before is None or playlist.end >= before.end:
            self.seen[service.slug, rung + mark] = playlist
        other = self.chance.choice([one.rung for one in snapshot.ladder.sounds + snapshot.ladder.captions])
        read = conformance.read(snapshot.playlists(other).live(tick) or "")
        for fault in conformance.judge_renditions({rung: playlist, other: read}):
            self.wrong(service, f"{fault.rule}: {fault.detail}")

    def wrong(self, service: Service, what: str) -> None:
        self.problems.append(f"{service.slug} at {self.air.time.tick}: {what}")

    def account(self) -> None:
        """Every tick is in the as-run once, what could not be shown says why, and the guide came true."""
        now = self.air.time.tick
        for service in self.services:
            with suppress(IndexError):
                first = self.air.laid(service)[0].start_tick
                run = queries.as_run(service, first, now)
                clock = first
                for part in run:
                    if part.start != clock:
                        self.wrong(service, f"the as-run leaves out {clock} to {part.start}")
                    clock = part.end
                if clock < now and now < self.off_until:
                    clock = now
                if clock != now:
                    self.wrong(service, f"the as-run ends at {clock}, not {now}")
                timeline = Timeline([entry.timed() for entry in self.air.laid(service)])
                self._came_true(service, guide.programmes(timeline.entries))
        unsaid = Entry.objects.filter(state=Entry.State.LAID, slot_kind="off-air").exclude(
            incidents__kind=Incident.Kind.OFF_AIR
        )
        self.problems += [f"entry {entry.pk} was off the air and no incident says so" for entry in unsaid]

    def _came_true(self, service: Service, final: list[guide.Programme]) -> None:
        lines = {line.start: line for line in final}
        for said in self.announced:
            if said.service != service.slug:
                continue
            for line in said.lines:
                if line.end > min(said.until + FREEZE_TICKS, self.air.time.tick):
                    continue
                came = lines.get(line.start)
                if came is None or (came.end, came.titles) != (line.end, line.titles):
                    self.wrong(service, f"the guide of tick {said.tick} announced {line.titles} at {line.start}")
                else:
                    self.done["guide lines that came true"] += 1


assert BREATH_TICKS <= 3, "the nodes of a simulation are at most three ticks apart"
HOURS_A_DAY = 24 * TICKS_PER_HOUR
