"""The house's programme guide: what pages ask about the air, answered from the laid log and the plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from keshen.air import clock, guide, load, offers, queries, variants
from keshen.air.models import Entry, Ruling, Substitute
from keshen.air.timeline import Entry as Laid
from keshen.house import programmes
from keshen.house.models import Service
from keshen.house.programmes import Airing, Item, NowNext, Programme, ProgrammeKind
from keshen.media.houseformat import TICKS_PER_HOUR, datetime_at, tick_at

KINDS = {"news": ProgrammeKind.BULLETIN, "off-air": ProgrammeKind.BREAK, "block": ProgrammeKind.FILLER}
KEPT_TICKS = guide.CATCHUP_HOURS * TICKS_PER_HOUR
AHEAD_TICKS = 12 * TICKS_PER_HOUR
"""How far ahead the next programme is looked for: blocks last for hours."""


class AirGuide:
    """Implements `house.programmes.ProgrammeGuide`."""

    def now_next(self, service_slug: str) -> NowNext:
        now = clock.tick()
        lines = joined(_lines(_service(service_slug), now, now + AHEAD_TICKS))
        shown = [_programme(service_slug, line, now) for line in lines[:2]]
        on = shown[0] if shown and lines[0].start <= now else None
        return NowNext(on, (shown[1] if len(shown) > 1 else None) if on else (shown[0] if shown else None))

    def day(self, service_slug: str, day: date, territory: str = "") -> Sequence[Programme]:
        service = _service(service_slug)
        offered = load.offered(service)
        place = variants.read({"territory": territory}, offered).territory
        midnight = datetime(day.year, day.month, day.day, tzinfo=timezone.get_default_timezone())
        start, end = tick_at(midnight), tick_at(midnight + timedelta(days=1))
        now = clock.tick()
        lines = _lines(service, start, end, variants.audience(place, offered.platform))
        lines = [line for line in lines if start <= line.start < end]
        query = f"territory={place}" if place else ""
        return [_programme(service_slug, line, now, query) for line in joined(lines)]

    def catch_up(self, service_slug: str, moment: datetime) -> str | None:
        service = _service(service_slug)
        at, now = tick_at(moment), clock.tick()
        if at > now or at < now - KEPT_TICKS:
            return None
        entry = _entries(service, at, at + 1).first()
        if entry is None or entry.story_urn in load.withdrawals(service.pk):
            return None
        return _address(service_slug, at, None)

    def airings(self, story_urn: str) -> Sequence[Airing]:
        now = clock.tick()
        found = queries.airings(story_urn, now - KEPT_TICKS)
        withheld = {one for one in {entry.service_id for entry in found} if story_urn in load.withdrawals(one)}
        return [
            Airing(
                entry.service.slug,
                datetime_at(entry.start_tick),
                datetime_at(entry.end_tick),
                _address(entry.service.slug, entry.start_tick, entry.end_tick) if entry.start_tick < now else None,
            )
            for entry in found
            if entry.service_id not in withheld
        ]


def _service(slug: str) -> Service:
    service = Service.objects.filter(slug=slug, kind__in=load.ON_AIR).first()
    if service is None:
        raise KeyError(slug)
    return service


def _entries(service: Service, start: int, end: int) -> QuerySet[Entry]:
    return Entry.objects.filter(service=service, state=Entry.State.LAID, end_tick__gt=start, start_tick__lt=end)


def _lines(service: Service, start: int, end: int, audience: str = "") -> list[guide.Programme]:
    """The guide's lines that touch an interval, each whole: the slot under way begins before it."""
    rows = list(_entries(service, start, end))
    if rows and rows[0].slot_tick < rows[0].start_tick:
        rows = list(_entries(service, rows[0].slot_tick, end))
    gone = load.withdrawals(service.pk)
    withdrawn = {row.pk: gone[row.story_urn] for row in rows if row.story_urn in gone}
    last = queries.last_laid(service)
    planned = load.planned(service, last.end_tick if last else start)
    settled: Mapping[int, int] = withdrawn
    entries = [row.timed() for row in rows]
    lines = guide.programmes(entries, [], settled, _instead(service, entries, audience))
    tail = [line for line in planned if line.start < end]
    return [line for line in [*lines, *tail] if line.end > start]


def joined(lines: Iterable[guide.Programme]) -> list[guide.Programme]:
    """Slots of one block that follow each other are one line: the template lays a block in short pieces."""
    found: list[guide.Programme] = []
    for line in lines:
        last = found[-1] if found else None
        if last is not None and line.kind == last.kind == "block" and last.titles == line.titles:
            found[-1] = replace(last, end=line.end, items=(*last.items, *line.items))
        else:
            found.append(line)
    return found


def _instead(service: Service, entries: Sequence[Laid], audience: str) -> dict[int, Mapping[str, str]]:
    """The entries an audience may not have, and what is said of them; of the plain address when it is empty."""
    if not Ruling.objects.filter(service=service).exists():
        return {}
    offered = load.offered(service)
    whom = audience or offered.everywhere
    ruled = load.denials(service, entries, offered)
    denied = [entry.id for entry in entries if ruled.concerns(entry) and ruled.denies(entry, whom)]
    rows = Substitute.objects.filter(entry__in=denied, audience=whom)
    titles = dict(rows.values_list("entry", "titles"))
    return {entry: titles.get(entry, offers.TITLES) for entry in denied}


def _programme(slug: str, line: guide.Programme, now: int, query: str = "") -> Programme:
    begun = line.laid and now - KEPT_TICKS < line.start < now
    return Programme(
        slug,
        datetime_at(line.start),
        datetime_at(line.end),
        line.titles,
        KINDS.get(line.kind, ProgrammeKind.PROGRAMME),
        tuple(
            Item(datetime_at(item.start), datetime_at(item.start + item.ticks), item.titles, item.story)
            for item in line.items
            if item.kind == "bulletin-item"
        ),
        _address(slug, line.start, line.end, query) if begun else None,
    )


def _address(slug: str, start: int, end: int | None, query: str = "") -> str:
    until = f"&to={_unix(end)}" if end is not None else ""
    return f"/air/{slug}/index.m3u8?{query}{'&' if query else ''}from={_unix(start)}{until}"


def _unix(tick: int) -> int:
    return int(datetime_at(tick).timestamp())


def register() -> None:
    programmes.register(AirGuide())
