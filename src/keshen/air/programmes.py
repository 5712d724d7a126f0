"""The house's programme guide: what pages ask about the air, answered from the laid log and the plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from keshen.air import clock, guide, queries
from keshen.air.audiences import offers, variants
from keshen.air.models import Entry, Ruling, Substitute
from keshen.air.serving import load
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
        found, off_web = _lines(_service(service_slug), now, now + AHEAD_TICKS)
        lines = joined(found)
        shown = [_programme(service_slug, line, now, off_web) for line in lines[:2]]
        on = shown[0] if shown and lines[0].start <= now else None
        return NowNext(on, (shown[1] if len(shown) > 1 else None) if on else (shown[0] if shown else None))

    def day(self, service_slug: str, day: date, territory: str = "") -> Sequence[Programme]:
        service = _service(service_slug)
        offered = load.offered(service)
        place = variants.read({"territory": territory}, offered).territory
        midnight = datetime(day.year, day.month, day.day, tzinfo=timezone.get_default_timezone())
        start, end = tick_at(midnight), tick_at(midnight + timedelta(days=1))
        now = clock.tick()
        lines, off_web = _lines(service, start, end, place)
        lines = [line for line in lines if start <= line.start < end]
        query = f"territory={place}" if place else ""
        return [_programme(service_slug, line, now, off_web, query) for line in joined(lines)]

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


type _Stretch = tuple[int, int]


def _lines(service: Service, start: int, end: int, territory: str = "") -> tuple[list[guide.Programme], list[_Stretch]]:
    """The guide's lines that touch an interval, each whole: the slot under way begins before it.

    And from which tick to which something else is shown on the web.
    """
    rows = list(_entries(service, start, end))
    if rows and rows[0].slot_tick < rows[0].start_tick:
        rows = list(_entries(service, rows[0].slot_tick, end))
    gone = load.withdrawals(service.pk)
    withdrawn = {row.pk: gone[row.story_urn] for row in rows if row.story_urn in gone}
    last = queries.last_laid(service)
    planned = load.planned(service, last.end_tick if last else start)
    settled: Mapping[int, int] = withdrawn
    entries = [row.timed() for row in rows]
    own, web = _instead(service, entries, territory)
    lines = guide.programmes(entries, [], settled, own)
    on_web = guide.programmes(entries, [], settled, web) if web else []
    tail = [line for line in planned if line.start < end]
    off = [(line.start, line.end) for line in on_web if line.kind == guide.SUBSTITUTED]
    return [line for line in [*lines, *tail] if line.end > start], off


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


type _Instead = dict[int, Mapping[str, str]]


def _instead(service: Service, entries: Sequence[Laid], territory: str) -> tuple[_Instead, _Instead]:
    """The entries a territory may not have on the channel itself, and on the web, and what is said of them there.

    Without a territory, those that may not be shown everywhere the channel reaches.
    """
    if not Ruling.objects.filter(service=service).exists():
        return {}, {}
    offered = load.offered(service)
    ruled = load.denials(service, entries, offered)
    concerned = [entry for entry in entries if ruled.concerns(entry)]

    def denied(whom: str) -> _Instead:
        found = [entry.id for entry in concerned if ruled.denies(entry, whom)]
        rows = Substitute.objects.filter(entry__in=found, audience=whom)
        titles = dict(rows.values_list("entry", "titles"))
        return {entry: titles.get(entry, offers.TITLES) for entry in found}

    own, web = (denied(variants.audience(territory, one)) for one in (offered.platform, variants.WEB))
    return own, web


def _programme(slug: str, line: guide.Programme, now: int, off_web: Sequence[_Stretch], query: str = "") -> Programme:
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
        not _barred(line, now, off_web),
    )


def _barred(line: guide.Programme, now: int, stretches: Sequence[_Stretch]) -> bool:
    """Whether what is on now of a line, or all of one that is not on, lies within stretches."""
    first, last = (now, now + 1) if line.start <= now < line.end else (line.start, line.end)
    return sum(max(0, min(last, end) - max(first, start)) for start, end in stretches) == last - first


def _address(slug: str, start: int, end: int | None, query: str = "") -> str:
    until = f"&to={_unix(end)}" if end is not None else ""
    return f"/air/{slug}/index.m3u8?{query}{'&' if query else ''}from={_unix(start)}{until}"


def _unix(tick: int) -> int:
    return int(datetime_at(tick).timestamp())


def register() -> None:
    programmes.register(AirGuide())
