"""Streams without end as variants have them: the same rights, hours and languages as playlists, over one log."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, MutableMapping
from typing import Any

import pytest

from keshen.air import actions, queries
from keshen.air.audiences.variants import Variant, parse
from keshen.air.models import Entry, Stock
from keshen.air.serving.hub import Hub
from keshen.air.serving.snapshot import ITSELF, STANDBY, Snapshot
from keshen.air.ways_out.continuous import MOST_STREAMS, Continuous
from keshen.house.models import Territory
from keshen.media.houseformat import TICKS_PER_HOUR
from keshen.rights import actions as rights
from tests.air import transport
from tests.air.house import Air


class Heard:
    """Stands for the segments: what is asked for, and in place of what."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int, str, int]] = []
        """Entry, tick of the log, rung, what is given instead."""

    async def adts(self, snapshot: Snapshot, tick: int, rung: str) -> bytes:
        segment = snapshot.timeline.segment_at(tick)
        assert segment is not None
        self.asked.append((segment.entry.id, tick, rung, snapshot.given_instead(segment)))
        return b""

    async def media(self, snapshot: Snapshot, entry: Entry, number: int, rung: str, *, substitute: int) -> None:
        self.asked.append((entry.id, entry.start, rung, substitute))  # type: ignore[attr-defined]  # a timeline's


@pytest.fixture
def world(air: Air) -> Air:
    """Silk Way reaches everywhere, and is in a film that Russia may not see."""
    for code in ("WORLD", "RU"):
        Territory.objects.get_or_create(code=code, defaults={"name": {"en": code}})
    air.silk.territories.set(Territory.objects.filter(code="WORLD"))
    row = next(row for row in Stock.objects.filter(role="programme") if row.asset.duration_ticks == 500)
    rights.attach(air.editor, row.asset.urn, "Not for use in Russia", language="en")
    actions.lay(air.system, air.silk)
    entry = next(one for one in air.laid(air.silk) if one.asset_id == row.asset_id and one.start_tick > air.time.tick)
    air.time.on(entry.start_tick + 300 - air.time.tick)
    return air


def take(
    air: Air, name: str, query: str, *, bound: str = "", edge: str = ""
) -> tuple[bool, Heard, list[MutableMapping[str, Any]]]:
    """Take a stream of Silk Way until its first part has come."""
    heard, sent = Heard(), list[MutableMapping[str, Any]]()
    known = queries.snapshot(air.silk, air.time.tick)

    async def run() -> bool:
        hub = Hub()
        hub.services = {air.silk.slug: known}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        async def receive() -> Mapping[str, Any]:
            while not heard.asked:
                await asyncio.sleep(0)
            return {"type": "http.disconnect"}

        serve = Continuous(hub, heard).serve  # type: ignore[arg-type]  # what it needs of segments
        return await serve(f"/air/silk-way/{name}", query, send, receive, bound=bound, edge=edge)

    return asyncio.run(run()), heard, sent


AUDIENCES = (
    ("territory=KZ", "", "", ITSELF),
    ("territory=RU", "", "", STANDBY),
    ("", "", "", STANDBY),
    ("", "territory=RU", "", STANDBY),
    ("", "territory=KZ", "", ITSELF),
    ("", "", "KZ", ITSELF),
    ("", "", "FR", STANDBY),
    ("territory=KZ&platform=web", "", "", ITSELF),
)
REFUSED = (
    ("listen.aac", "territory=KZ", "territory=RU", ""),
    ("listen.aac", "territory=KZ", "", "RU"),
    ("listen.aac", "territory=XX", "", ""),
    ("listen.aac", "audio=fr", "", ""),
    ("listen.aac", "language=fr", "", ""),
    ("listen.aac", "restart", "", ""),
    ("stream.ts", "from=1772453356", "", ""),
    ("stream.ts", "rung=v9", "", ""),
)


@pytest.mark.parametrize("name", ["listen.aac", "stream.ts"])
def test_rights_decide_for_each_audience(world: Air, name: str) -> None:
    for query, bound, edge, instead in AUDIENCES:
        there, heard, sent = take(world, name, query, bound=bound, edge=edge)
        assert there and sent[0]["status"] == 200
        assert {given for *_, given in heard.asked} == {instead}, (query, bound, edge)


def test_what_may_not_be_asked_for_is_not_sent(world: Air) -> None:
    for name, query, bound, edge in REFUSED:
        there, heard, sent = take(world, name, query, bound=bound, edge=edge)
        assert not there and not sent and not heard.asked, query


def test_a_stream_that_follows_later_has_the_log_of_then_and_the_hours_of_its_viewers(world: Air) -> None:
    _, now, _ = take(world, "listen.aac", "territory=KZ")
    world.time.on(TICKS_PER_HOUR // 5)
    _, later, _ = take(world, "listen.aac", "territory=KZ&shift=0.2&audio=ru")
    assert [tick for _, tick, *_ in later.asked] == [tick for _, tick, *_ in now.asked]
    assert {rung for _, _, rung, _ in now.asked} == {"a-en"} and {rung for _, _, rung, _ in later.asked} == {"a-ru"}


def test_the_tables_of_a_stream_that_follows_later(world: Air) -> None:
    """The guide and the time are those of its viewers, the first sound is the one asked for."""
    hub = Hub()
    hub.services = {world.silk.slug: queries.snapshot(world.silk, world.time.tick)}
    found: dict[str, transport.Stream] = {}
    for query in ("", "shift=0.2&audio=ru"):
        offered = hub.services["silk-way"].offered
        assert offered is not None
        variant = parse(query, offered)
        stream = Continuous(hub, Heard()).ticks("silk-way", "", variant)  # type: ignore[arg-type]

        async def made() -> bytes:
            later = TICKS_PER_HOUR // 5 if variant.shift else 0  # noqa: B023  called at once
            first = (world.time.tick - 200) // 75 * 75 + later
            return b"".join([await stream.chunk(first + n) for n in range(10)])  # noqa: B023

        found[query] = transport.read(asyncio.run(made()))
    plain, later = found.values()
    (time_plain,), (time_later,) = (one.sections[0x14] for one in (plain, later))
    assert minutes(time_later[1][5:8]) - minutes(time_plain[1][5:8]) in (12, 12 - 1440)
    start_plain, start_later = (one.sections[0x12][1][1][18:21] for one in (plain, later))
    assert minutes(start_later) - minutes(start_plain) in (12, 12 - 1440)
    assert plain.pcrs == later.pcrs, "what they play has one clock"
    languages = [[body for _, body in transport.streams(one.sections[0x20][0][1]).values()] for one in (plain, later)]
    assert b"eng" in languages[0][0] and b"rus" in languages[1][0]


def minutes(told: bytes) -> float:
    """Minutes of the day from binary-coded decimals."""
    hours, minute, second = (byte // 16 * 10 + byte % 16 for byte in told)
    return round(hours * 60 + minute + second / 60)


def test_streams_that_nobody_asks_for_again_are_let_go(world: Air) -> None:
    hub = Hub()
    hub.services = {world.silk.slug: queries.snapshot(world.silk, world.time.tick)}
    streams = Continuous(hub, Heard())  # type: ignore[arg-type]
    first = streams.ticks("silk-way", "v360")
    assert streams.ticks("silk-way", "v360") is first, "it is shared"
    for number in range(1, MOST_STREAMS + 10):
        streams.ticks("silk-way", "v360", Variant(shift=number))
    assert streams.ticks("silk-way", "v360") is not first
    assert len(streams._streams) == MOST_STREAMS
