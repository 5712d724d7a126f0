"""A small house with two channels and a radio, whose clock the test sets; assets are rows without bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.db import connection

from keshen.air import actions, clock
from keshen.air.log import standby
from keshen.air.models import Entry, Item, Stock
from keshen.air.timeline import Timeline
from keshen.house.models import Edition, Organisation, Service, Territory, User
from keshen.media import actions as media
from keshen.media.houseformat import RUNGS, TICK_MS, cut, tick_at
from keshen.media.models import Asset
from keshen.newsroom import actions as newsroom
from keshen.newsroom import body as bodies
from keshen.newsroom.content import Content
from keshen.newsroom.models import Story

# Five minutes past the hour: the next bulletin is five minutes away.
NOON = tick_at(datetime(2026, 3, 2, 12, 5, tzinfo=UTC))
INIT = {"v720": "a" * 64, "v360": "b" * 64, "a": "c" * 64}
WEEK = {
    "bulletin": {"every": 10, "items": 4, "title": {"kk": "Жаңалықтар", "en": "News"}},
    "blocks": [{"at": "00:00", "title": {"kk": "Ұлы дала"}, "programmes": "steppe"}],
}


class Clock:
    """The air's clock, standing still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON * TICK_MS

    @property
    def tick(self) -> int:
        return self.now // TICK_MS

    def on(self, ticks: int) -> int:
        self.now += ticks * TICK_MS
        return self.tick


def stopped(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The air's clock, stopped at noon."""
    held = Clock()
    monkeypatch.setattr(clock, "milliseconds", lambda: held.now)
    monkeypatch.setattr(clock, "tick", lambda: held.tick)
    return held


type Maker = Callable[..., Asset]


@dataclass
class Air:
    """The house of a test and what it can be asked."""

    operator: User
    editor: User
    system: User
    tv: Service
    radio: Service
    silk: Service
    make: Maker
    time: Clock

    def laid(self, service: Service | None = None) -> list[Entry]:
        return list(Entry.objects.filter(service=service or self.tv, state=Entry.State.LAID))

    def check(self, service: Service | None = None) -> Timeline:
        """The whole laid log is a timeline, and the database agrees."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        return Timeline([entry.timed() for entry in self.laid(service)])

    def story(self, headline: str = "Ақбөкен көбейді", *restrictions: str, language: str = "kk") -> Story:
        content = Content(
            headline=headline, body=bodies.from_paragraphs(["Бір сөйлем."]), restrictions=restrictions
        )  # fmt: skip
        text = newsroom.create_story(self.editor, language=language, content=content)
        version = newsroom.save_version(self.editor, text)
        text.refresh_from_db()
        text.published, text.state = version, "published"
        text.save()
        return text.story

    def item(self, story: Story, *, ticks: int = 80, outlet: str = "television", ready: bool = True) -> Item:
        asset = self.make(ticks, title=f"{outlet} {story.pk} {ticks}")
        text = story.texts.get(language="kk")
        item = Item.objects.create(
            story=story,
            outlet=outlet,
            digest=f"{asset.pk:064d}",
            versions=[text.published_id],
            asset=asset,
            titles={"kk": text.published.headline},
            responsible=self.editor,
        )
        return actions.shelve_item(self.editor, item, Item.State.READY) if ready else item

    def lay_all(self) -> None:
        for service in (self.tv, self.radio, self.silk):
            actions.lay(self.system, service)

    def of_story(self, story: Story, service: Service | None = None) -> list[Entry]:
        return [entry for entry in self.laid(service) if entry.story_urn == story.urn]

    def bulletin(self, tick: int | None = None, service: Service | None = None) -> list[Entry]:
        """The entries of the first bulletin that begins at or after a tick."""
        found = [entry for entry in self.laid(service) if entry.slot_kind == "news"]
        at = min(entry.slot_tick for entry in found if entry.slot_tick >= (tick or self.time.tick))
        return [entry for entry in found if entry.slot_tick == at]


def build(time: Clock) -> Air:
    """Organisations, people, services, a shelf full of assets."""
    house = Organisation.objects.create(slug="complex", kind="house", name={"kk": "Кешен"})
    system = User.objects.create(username="system", organisation=house, roles=["system"], is_system=True)
    operator = User.objects.create(username="operator", organisation=house, roles=["operator"])
    editor = User.objects.create(username="editor", organisation=house, roles=["editor"])
    for position, (tag, script) in enumerate((("kk", "Cyrl"), ("kk-Latn", "Latn"), ("ru", "Cyrl"), ("en", "Latn"))):
        Edition.objects.create(tag=tag, language=tag[:2], script=script, name={tag: tag}, position=position)
    kazakhstan = Territory.objects.create(code="KZ", name={"en": "Kazakhstan"})

    def service(slug: str, kind: str, *languages: str) -> Service:
        made = Service.objects.create(
            organisation=house, slug=slug, kind=kind, accent="#0a6ebd", name={"kk": slug}, languages=list(languages)
        )
        made.territories.add(kazakhstan)
        actions.set_week(operator, made, WEEK)
        return made

    count = 0

    def make(ticks: int, title: str = "", languages: tuple[str, ...] = ("kk",), **inits: str) -> Asset:
        nonlocal count
        count += 1
        asset = media.create_asset(
            operator, key=f"test:{count}", kind=Asset.Kind.VIDEO, organisation=house, title=title or f"asset {count}"
        )
        segments = [[length, n * 1000, 1000] for n, length in enumerate(cut(ticks))]
        rungs = [("video", rung, "") for rung in RUNGS] + [("audio", "a", tag) for tag in languages]
        tracks = [
            media.NewTrack(
                kind, rung, language, f"{count:064d}", 1000, init_sha256=inits.get(rung, INIT[rung]), segments=segments
            )
            for kind, rung, language in rungs
        ]
        media.mark_ready(system, asset, tracks=tracks, ticks=ticks)
        return asset

    actions.stock(operator, make(120, "standby"), Stock.Role.STANDBY)
    for ticks in standby.TAILS:
        actions.stock(operator, make(ticks, f"tail {ticks}"), Stock.Role.TAIL)
    for ticks in (188, 94):
        actions.stock(operator, make(ticks, f"filler {ticks}"), Stock.Role.FILLER)
    for ticks in (500, 270):
        actions.stock(
            operator, make(ticks, f"programme {ticks}"), Stock.Role.PROGRAMME, key="steppe", titles={"kk": "Дала"}
        )
    actions.stock(operator, make(20, "ident"), Stock.Role.IDENT)
    actions.stock(operator, make(16, "close"), Stock.Role.CLOSE)
    return Air(
        operator, editor, system, service("jibek-joly", "tv", "kk"), service("jibek-joly-radio", "radio", "kk"),
        service("silk-way", "tv", "en", "ru"), make, time,
    )  # fmt: skip
