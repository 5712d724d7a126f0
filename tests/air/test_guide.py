"""What pages, screens and programs are told of the air, and what stands at its addresses after a kill."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone

from keshen.air import actions, guide, queries, telling
from keshen.air.models import Entry, Incident
from keshen.air.programmes import AirGuide, joined
from keshen.air.serving.server import Air as Server
from keshen.air.timeline import horizon
from keshen.house.models import Organisation, Service
from keshen.house.programmes import ProgrammeKind
from keshen.media.houseformat import datetime_at
from tests.air.house import Air


class Asked:
    """The application of this node, holding what the test's transaction holds."""

    def __init__(self, air: Air) -> None:
        self.air = air

    def get(self, path: str, query: str = "") -> tuple[int, str]:
        async def ask() -> tuple[int, str]:
            server = Server()
            server.hub.services = self.services
            server.hub.detached = ""
            server.hub.read = self.read
            answer = await server.answer(path, query)
            return answer.status, answer.body.decode("utf-8", "replace")

        self.services = {
            service.slug: queries.snapshot(service, self.air.time.tick)
            for service in (self.air.tv, self.air.radio, self.air.silk)
        }
        self.withdrawn = {
            entry.pk: queries.is_withdrawn(entry.service_id, entry.pk) for entry in Entry.objects.all()
        }  # fmt: skip
        return asyncio.run(ask())

    async def read(self, work: object) -> bool:
        cell = work.__closure__
        number = next(each.cell_contents for each in cell if isinstance(each.cell_contents, int))
        return self.withdrawn.get(number, False)


@pytest.fixture
def asked(air: Air) -> Asked:
    return Asked(air)


def kill(air: Air, item: object) -> None:
    item.story.killed_at = timezone.now()
    item.story.save()
    telling.kill(air.editor, item.story)


def test_a_killed_item_answers_410_aired_on_air_and_to_come(air: Air, asked: Asked) -> None:
    item = air.item(air.story("Жойылатын"), ticks=100)
    air.lay_all()
    on = next(entry for entry in air.bulletin() if entry.item_id == item.pk)
    later = next(entry for entry in air.laid() if entry.item_id == item.pk and entry.start_tick > on.end_tick)
    air.time.on(on.start_tick + 50 - air.time.tick)
    listed = asked.get("/air/jibek-joly/v360/index.m3u8")[1]
    assert f"\ne{on.pk}-3.m4s" in listed
    kill(air, item)
    for number in (0, 3, 5):
        assert asked.get(f"/air/jibek-joly/v360/e{on.pk}-{number}.m4s")[0] == 410
        assert asked.get(f"/air/jibek-joly/c-kk/e{on.pk}-{number}.vtt")[0] == 410
    assert asked.get(f"/air/jibek-joly/v360/e{later.pk}-0.m4s")[0] == 410, "though it was never aired"
    after = asked.get("/air/jibek-joly/v360/index.m3u8")[1]
    assert "#EXT-X-GAP" in after
    assert after.count("#EXTINF") == listed.count("#EXTINF")
    air.time.on(40)
    now = asked.get("/air/jibek-joly/v360/index.m3u8")[1]
    assert f"\ns{on.pk}-5.m4s" in now, "within the frozen time the substitute shows"
    start = datetime_at(on.start_tick).isoformat()
    past = asked.get("/air/jibek-joly/v360/index.m3u8", f"from={start.replace('+', '%2B')}")[1]
    assert f"\ns{on.pk}-0.m4s" in past
    assert f"\ne{on.pk}-" not in past
    part = next(part for part in queries.as_run(air.tv, on.start_tick, air.time.tick) if part.entry.id == on.pk)
    assert part.withdrawn is not None


def test_what_is_still_to_come_is_not_served_early(air: Air, asked: Asked) -> None:
    air.lay_all()
    ahead = next(entry for entry in air.laid() if entry.start_tick > horizon(air.time.tick))
    assert asked.get(f"/air/jibek-joly/v360/e{ahead.pk}-0.m4s")[0] == 404


def test_a_service_with_nothing_laid_says_so(air: Air, asked: Asked) -> None:
    assert asked.get("/air/jibek-joly/index.m3u8")[0] == 200
    assert asked.get("/air/jibek-joly/v360/index.m3u8")[0] == 503
    assert asked.get("/air/jibek-joly/poster.jpg")[0] == 404
    shown = json.loads(asked.get("/air/jibek-joly/now.json")[1])
    assert shown["now"] is None


def test_at_gives_the_programme_that_was_on(air: Air, asked: Asked) -> None:
    air.lay_all()
    air.time.on(1500)
    at = int(datetime_at(air.time.tick - 700).timestamp())
    status, text = asked.get("/air/jibek-joly/v360/index.m3u8", f"at={at}")
    assert status == 200
    assert "#EXT-X-PLAYLIST-TYPE:" in text
    assert asked.get("/air/jibek-joly/index.m3u8", f"at={at}")[1].count("index.m3u8?from=") >= 4


def test_pages_ask_the_guide(air: Air) -> None:
    item = air.item(air.story("Бүгінгі хабар"), ticks=100)
    air.lay_all()
    actions.plan(air.system, air.tv)
    asked = AirGuide()
    on = next(entry for entry in air.bulletin() if entry.item_id == item.pk)
    air.time.on(on.start_tick + 10 - air.time.tick)
    shown = asked.now_next("jibek-joly")
    assert shown.now is not None
    assert shown.now.kind == ProgrammeKind.BULLETIN
    assert [one.titles["kk"] for one in shown.now.items] == ["Бүгінгі хабар"]
    assert shown.next is not None
    assert shown.next.start == shown.now.end
    assert shown.now.catch_up is not None
    day = asked.day("jibek-joly", timezone.localdate(datetime_at(air.time.tick)))
    assert [one.start for one in day] == sorted(one.start for one in day)
    for before, after in pairwise(day):
        assert before.end == after.start
        assert (before.kind, before.titles) != (ProgrammeKind.FILLER, after.titles) or after.kind != before.kind
    airings = asked.airings(item.story.urn)
    assert {one.service for one in airings} == {"jibek-joly", "silk-way"}
    assert airings[0].catch_up is not None
    assert airings[-1].catch_up is None
    assert asked.catch_up("jibek-joly", datetime_at(air.time.tick) + timedelta(hours=1)) is None
    kill(air, item)
    assert not asked.airings(item.story.urn)
    with pytest.raises(KeyError):
        asked.now_next("kazinform")


def test_slots_of_a_block_are_one_line_around_the_news() -> None:
    def line(start: int, kind: str, title: str) -> guide.Programme:
        return guide.Programme(start, start + 10, kind, {"kk": title})

    lines = [line(0, "block", "Дала"), line(10, "block", "Дала"), line(20, "news", "Жаңалықтар")]
    lines += [line(30, "news", "Жаңалықтар"), line(40, "block", "Дала"), line(50, "block", "Түн")]
    assert [(one.start, one.end, one.titles["kk"]) for one in joined(lines)] == [
        (0, 20, "Дала"), (20, 30, "Жаңалықтар"), (30, 40, "Жаңалықтар"), (40, 50, "Дала"), (50, 60, "Түн"),
    ]  # fmt: skip
    assert joined([]) == []


def test_a_service_without_anything_does_not_raise(air: Air) -> None:
    Service.objects.create(
        organisation=Organisation.objects.get(slug="complex"), slug="empty", kind="tv", accent="#000000", name={}
    )
    asked = AirGuide()
    assert asked.now_next("empty").now is None
    assert not asked.day("empty", timezone.localdate(datetime_at(air.time.tick)))
    assert asked.catch_up("empty", datetime_at(air.time.tick)) is None


def test_the_as_run_accounts_for_every_tick_and_equals_the_guide(air: Air) -> None:
    air.item(air.story("Хабар"))
    air.lay_all()
    announced = guide.programmes([entry.timed() for entry in air.laid()])
    air.time.on(3000)
    seen = queries.as_run(air.tv, air.time.tick - 2900, air.time.tick)
    clock = air.time.tick - 2900
    for part in seen:
        assert part.start == clock
        clock = part.end
        line = next(line for line in announced if line.start <= part.start < line.end)
        assert line.titles == part.entry.slot_titles
    assert clock == air.time.tick
    assert not Incident.objects.exclude(kind=Incident.Kind.SUBSTITUTED).exists()
