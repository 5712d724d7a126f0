"""Readings of the air that more than one caller needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.conf import settings
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from keshen.air import guide
from keshen.air.log import laid_rows
from keshen.air.models import Checkpoint, Entry, Item, Line, Slot, Stock, Substitute
from keshen.air.scheduling import rotation, schedule, template
from keshen.air.scheduling.rotation import Played
from keshen.air.serving import load
from keshen.air.serving.snapshot import Asset, Snapshot, Standby, held_back
from keshen.air.timeline import Timeline
from keshen.house.models import Service
from keshen.media import models as media
from keshen.media.houseformat import TICKS_PER_HOUR

OUTLET_OF_KIND = {Service.Kind.TV.value: "television", Service.Kind.RADIO.value: "radio"}
REMEMBERED_TICKS = 48 * TICKS_PER_HOUR
"""How far back things that must stand apart are looked for."""

NEWS_POOL = 40
"""How many of the newest items a bulletin may choose from."""

CLIP_ROLES = {
    Stock.Role.PROGRAMME.value: "programmes",
    Stock.Role.FILLER.value: "fillers",
    Stock.Role.IDENT.value: "idents",
    Stock.Role.CLOSE.value: "closes",
}


def shelf(service: Service, known: dict[int, Asset], standby: Standby) -> template.Shelf:
    """What the service may play now. What is not complete, or was withdrawn, is not on it."""
    rows = list(
        Stock.objects.filter(Q(service=service) | Q(service=None), role__in=CLIP_ROLES).order_by("position", "id")
    )
    load.assets((row.asset_id for row in rows), known)
    gone = load.withdrawals(service.pk)
    clips: dict[str, list[template.Clip]] = {name: [] for name in CLIP_ROLES.values()}
    for row in rows:
        asset = known.get(row.asset_id)
        if asset and asset.urn not in gone and load.fits(asset, service):
            clip = template.Clip(
                asset.id,
                asset.ticks,
                row.titles,
                key=row.key,
                artist=row.artist,
                series=row.series,
                episode=row.episode,
            )
            clips[CLIP_ROLES[row.role]].append(clip)
    return template.Shelf(standby.loop.id, **clips)


def lines(service: Service, now: int) -> schedule.Lines:
    """The lines people placed on the service that end after `now`."""
    return tuple(row.timed() for row in Line.objects.filter(service=service, end_tick__gt=now).order_by("start_tick"))


def played(service: Service, series: Iterable[int], before: int) -> list[Played]:
    """What aired and what is to air before a tick: of the last days, and of each series however long ago, in order."""
    rows = Entry.objects.filter(service=service, state=Entry.State.LAID, start_tick__lt=before)
    fields = ("slot_tick", "asset", "end_tick")
    found = set(rows.filter(end_tick__gt=before - REMEMBERED_TICKS).values_list(*fields))
    if last := rows.filter(asset__in=set(series)).order_by("-start_tick").values_list(*fields).first():
        found.add(last)
    settled = max((end for _slot, _asset, end in found), default=0)
    for slot in Slot.objects.filter(service=service, start_tick__gte=settled, start_tick__lt=before):
        found |= {(slot.start_tick, part[2], part[0] + part[1]) for part in slot.parts if part[0] < before}
    return [Played(one.asset, min(one.end, before)) for one in rotation.aired(found)]


def scenes(assets: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """The frames at which the scenes of assets begin, as far as they were measured."""
    rows = media.Asset.objects.filter(pk__in=set(assets), measured__has_key="scenes")
    return {pk: tuple(found) for pk, found in rows.values_list("pk", "measured__scenes")}


def just_played(service: Service, before: int) -> list[Played]:
    """The last few things laid that end by a tick, in order."""
    rows = Entry.objects.filter(service=service, state=Entry.State.LAID, end_tick__lte=before, start_tick__lt=before)
    return [Played(asset, end) for asset, end in rows.order_by("-start_tick").values_list("asset", "end_tick")[:4]][
        ::-1
    ]


def titles(assets: Iterable[int]) -> dict[int, dict[str, str]]:
    """What the guide calls assets: as the shelf does, else by their own titles."""
    rows = media.Asset.objects.filter(pk__in=set(assets))
    found = {row.pk: {settings.LANGUAGE_CODE: row.title} for row in rows if row.title}
    return found | {row.asset_id: row.titles for row in Stock.objects.filter(asset__in=rows) if row.titles}


def not_playable(service: Service) -> list[tuple[Stock, str]]:
    """What stands on the service's shelf and cannot be laid, with the reason: for the operator."""
    rows = Stock.objects.filter(Q(service=service) | Q(service=None)).select_related("asset")
    known: dict[int, Asset] = {}
    load.assets((row.asset_id for row in rows), known)
    found = []
    for row in rows:
        if row.asset.state != media.Asset.State.READY:
            found.append((row, row.asset.reason or row.asset.get_state_display()))
        elif row.role in CLIP_ROLES and not load.fits(known[row.asset_id], service):
            found.append((row, "tracks are missing or not on the cut list"))
    return found


def news_items(service: Service, known: dict[int, Asset]) -> list[tuple[Item, template.Clip]]:
    """The items a bulletin of this service may carry, newest first."""
    outlet = OUTLET_OF_KIND[service.kind]
    rows = list(
        Item.objects.filter(
            outlet=outlet, state=Item.State.READY, story__killed_at=None, asset__state=media.Asset.State.READY
        )
        .select_related("story", "asset")
        .order_by("-id")[:NEWS_POOL]  # by number: a clock that was set back must not put old news before new
    )
    load.assets((row.asset_id for row in rows if row.asset_id), known)
    found = []
    for row in rows:
        asset = known.get(row.asset_id or 0)
        if asset and speaks(service, row.titles) and load.fits(asset, service):
            clip = template.Clip(asset.id, asset.ticks, row.titles, row.story.urn or "", row.pk)
            found.append((row, clip))
    return found


def speaks(service: Service, tags: Iterable[str]) -> bool:
    """Whether a story told in these languages is for a service: it has one of the service's, or the house's first."""
    told = {tag.partition("-")[0] for tag in tags}
    return not told.isdisjoint([*service.languages, settings.LANGUAGE_CODE])


def territories(service: Service) -> frozenset[str]:
    """Where a service can be received: ISO 3166-1 codes, or WORLD."""
    return frozenset(service.territories.values_list("code", flat=True)) or frozenset({"WORLD"})


def laid(service: Service, after: int) -> list[Entry]:
    """The laid entries that end after a tick, in order."""
    return list(laid_rows.laid_since(service, after).select_related("decision"))


def to_keep(laid: int, planned: int, counted: int, besides: Collection[int]) -> list[Service]:
    """The services whose log ends before tick `laid`, whose plan ends before tick `planned`, whose counts were last
    written down before tick `counted`, and those with the numbers `besides`; by one query, however many there are."""
    of_service = {"service": OuterRef("pk")}
    log = Entry.objects.filter(**of_service, state=Entry.State.LAID).order_by("-start_tick").values("end_tick")
    plan = Slot.objects.filter(**of_service).order_by("-start_tick").values("end_tick")
    counts = Checkpoint.objects.filter(**of_service).order_by("-tick").values("tick")
    rows = Service.objects.filter(kind__in=load.ON_AIR).select_related("organisation")
    latest = {"log": log, "plan": plan, "counts": counts}
    rows = rows.alias(**{name: Coalesce(Subquery(found[:1]), -1) for name, found in latest.items()})
    kept = Q(log__gte=laid, plan__gte=planned, counts__gte=counted) & ~Q(pk__in=besides)
    return list(rows.exclude(kept))


def last_laid(service: Service) -> Entry | None:
    return Entry.objects.filter(service=service, state=Entry.State.LAID).order_by("start_tick").last()


def is_withdrawn(service_id: int, entry_id: int) -> bool:
    """Whether an entry, laid or taken out before it aired, is of something withdrawn."""
    entry = Entry.objects.filter(pk=entry_id, service_id=service_id).select_related("asset").first()
    if entry is None:
        return False
    return not {entry.story_urn, entry.asset.urn}.isdisjoint(load.withdrawals(service_id))


def snapshot(service: Service, now: int) -> Snapshot:
    """The service as a serving node sees it."""
    return load.snapshot(service, now, {})


def as_run(service: Service, start: int, end: int, audience: str = "") -> list[guide.AsRun]:
    """What an audience saw from `start` to `end`, in ticks: every tick once. Without one, at the plain address."""
    rows = laid_rows.laid_since(service, start).filter(start_tick__lt=end).select_related("asset")
    suspended = load.suspensions(service.pk)
    entries = [row.timed() for row in rows]
    for_all = {
        row.pk: tuple(span for urn in (row.story_urn, row.asset.urn) for span in suspended.get(urn, ())) for row in rows
    }
    there = load.offered(service)
    ruled = load.denials(service, entries, there)
    withheld = held_back(tuple(entries), for_all, ruled, audience or there.everywhere)
    return guide.as_run(Timeline(entries), start, end, withheld)


def shown_instead(service: Service, entries: Iterable[int], audience: str = "") -> dict[int, str]:
    """The assets (URN) prepared for an audience in place of entries."""
    rows = Substitute.objects.filter(entry__in=entries, audience=audience or load.offered(service).everywhere)
    return dict(rows.values_list("entry", "asset__urn"))


def airings(story_urn: str, after: int) -> list[Entry]:
    """The laid entries of a story that end after a tick, over all services, soonest first."""
    return list(
        Entry.objects.filter(story_urn=story_urn, state=Entry.State.LAID, end_tick__gt=after)
        .select_related("service")
        .order_by("start_tick")
    )


def services_with(asset: int, after: int) -> set[int]:
    """The services that have an asset laid or placed beyond a tick."""
    laid = Entry.objects.filter(asset=asset, end_tick__gt=after, state=Entry.State.LAID)
    placed = Line.objects.filter(asset=asset, end_tick__gt=after)
    return {*laid.values_list("service_id", flat=True), *placed.values_list("service_id", flat=True)}


def story_services(story_urn: str, after: int) -> Iterable[int]:
    """The services with something of the story still to come."""
    return sorted({entry.service_id for entry in airings(story_urn, after)})
