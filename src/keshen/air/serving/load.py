"""Reading a service from the database into memory, for serving."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from django.conf import settings

from keshen.air import guide
from keshen.air.audiences import offers
from keshen.air.audiences.denials import Denials, Ruled
from keshen.air.audiences.variants import WORLD, Offered
from keshen.air.log import laid_rows
from keshen.air.log.prepared import pieces
from keshen.air.models import Incident, Offer, Ruling, Slot, Stock, Substitute
from keshen.air.protection import keys
from keshen.air.serving.snapshot import NEVER, Asset, Snapshot, Standby, Track, held_back, withdrawn
from keshen.air.timeline import Entry as Laid
from keshen.air.timeline import Span, Timeline
from keshen.air.ways_out import hls
from keshen.house.models import Edition, Service, Territory, in_language
from keshen.media import models as media
from keshen.media import profiles
from keshen.media.houseformat import (
    AUDIO_BITRATE,
    AUDIO_RUNG,
    CAPTION_RUNG,
    SEGMENT_TICKS,
    TICKS_PER_HOUR,
    Rung,
)
from keshen.media.profiles import Profile

log = logging.getLogger(__name__)

KEPT_TICKS = guide.CATCHUP_HOURS * TICKS_PER_HOUR
ON_AIR = (Service.Kind.TV, Service.Kind.RADIO)
SOUND_CODECS = "mp4a.40.2"
PICTURE_CODECS = {"high": "6400", "main": "4d40", "baseline": "42c0"}
"""Profile and constraint bytes of avc1 (ISO/IEC 14496-15) for each profile of the house format."""
HEVC_CODECS = "hvc1.1.6.L{level}.90"
"""Main profile, progressive frames only (ISO/IEC 14496-15, annex E); a level is thirty times its number."""


def services(numbers: Collection[int] | None = None) -> list[Service]:
    """Every service that has an air, in order; of them those with some `numbers`, where these are given."""
    rows = Service.objects.filter(kind__in=ON_AIR).select_related("organisation")
    return list(rows if numbers is None else rows.filter(pk__in=numbers))


def slugs() -> dict[int, str]:
    """The slugs of the services that have an air, by number, in order."""
    return dict(Service.objects.filter(kind__in=ON_AIR).values_list("pk", "slug"))


def ladder(service: Service, editions: Sequence[Edition] | None = None) -> hls.Ladder:
    """The tracks a service always announces: its languages' sound, and captions in every edition of the house.

    `editions` are those of the house, in order, where they were read before.
    """
    radio = service.kind == Service.Kind.RADIO
    held = Edition.objects.order_by("position", "id") if editions is None else editions
    names = {edition.tag: edition for edition in held}
    languages = [str(tag) for tag in service.languages] or ["kk"]
    sounds = tuple(
        hls.Rendition(f"{AUDIO_RUNG}-{tag}", tag, in_language(names[tag].name, tag) if tag in names else tag)
        for tag in languages
    )
    captions = tuple(
        hls.Rendition(f"{CAPTION_RUNG}-{tag}", tag, in_language(edition.name, tag)) for tag, edition in names.items()
    )
    pictures = tuple(
        hls.Picture(rung.name, rung.width, rung.height, codecs(rung), rung.maxrate + AUDIO_BITRATE, rung.frame_rate)
        for rung in profile(service).rungs
    )
    return hls.Ladder(() if radio else pictures, sounds, () if radio else captions, SOUND_CODECS, AUDIO_BITRATE)


def profile(service: Service) -> Profile:
    """The house profile of a service."""
    return profiles.PROFILES.get(str(service.settings.get("profile", "")), profiles.DEFAULT)


def codecs(rung: Rung) -> str:
    """The CODECS attribute (RFC 6381) of a rendition of the picture."""
    if rung.codec == "hevc":
        return HEVC_CODECS.format(level=round(float(rung.level) * 30))
    return f"avc1.{PICTURE_CODECS[rung.profile]}{round(float(rung.level) * 10):02x}"


def assets(ids: Iterable[int], known: dict[int, Asset]) -> dict[int, Asset]:
    """The assets with these ids and their tracks; ready assets never change, so those in `known` are not read again."""
    missing = set(ids) - known.keys()
    rows = media.Asset.objects.filter(pk__in=missing, state=media.Asset.State.READY).prefetch_related("tracks")
    for row in rows:
        known[row.pk] = _asset(row)
    return known


def _asset(row: media.Asset) -> Asset:
    return Asset(row.pk, row.urn, row.duration_ticks or 0, tuple(_track(track) for track in row.tracks.all()))


def _track(row: media.Track) -> Track:
    starts: dict[int, tuple[int, int, int]] = {}
    tick = 0
    for ticks, offset, length in row.segments:
        starts[tick] = (ticks, offset, length)
        tick += ticks
    return Track(
        row.kind,
        row.rung,
        row.language,
        row.init_sha256,
        row.blob_sha256,
        row.codecs,
        row.bandwidth,
        row.width or 0,
        row.height or 0,
        starts,
    )


def standby(known: dict[int, Asset]) -> Standby | None:
    """The house's standby, when it has been prepared."""
    rows = list(
        Stock.objects.filter(
            role__in=(Stock.Role.STANDBY, Stock.Role.TAIL), service=None, asset__state=media.Asset.State.READY
        ).order_by("-id")
    )
    assets((row.asset_id for row in rows), known)
    loop = next((known[row.asset_id] for row in rows if row.role == Stock.Role.STANDBY), None)
    if loop is None:
        return None
    tails = {known[row.asset_id].ticks: known[row.asset_id] for row in reversed(rows) if row.role == Stock.Role.TAIL}
    return Standby(loop, tails)


type Told = tuple[str, int | None, str, int]
"""An incident: its kind, its service (None for the house's), its subject (URN), its tick."""

SUSPENDING = (
    Incident.Kind.WITHHELD,
    Incident.Kind.GIVEN_AGAIN,
    Incident.Kind.LOST,
    Incident.Kind.FOUND,
    Incident.Kind.WITHDRAWN,
)


def incidents() -> list[Told]:
    """What ever kept something off the air or gave it again, in order."""
    rows = Incident.objects.filter(kind__in=SUSPENDING).order_by("id")
    return list(rows.values_list("kind", "service_id", "subject", "tick"))


def suspensions(
    service: int | None = None, *, media: bool = True, told: Sequence[Told] | None = None
) -> dict[str, tuple[Span, ...]]:
    """When a service might not give something: URN of a story or an asset, and the stretches of time, oldest first.

    Without a service, only what was killed; with `media`, also when an asset was lost. `told` is what `incidents`
    gave, where it was read before.
    """
    rows = incidents() if told is None else told
    found = _spans(rows, Incident.Kind.WITHHELD, Incident.Kind.GIVEN_AGAIN, service)
    if media:
        for subject, spans in _spans(rows, Incident.Kind.LOST, Incident.Kind.FOUND).items():
            found[subject] = (*found.get(subject, ()), *spans)
    for kind, _service, subject, tick in rows:
        if kind == Incident.Kind.WITHDRAWN:
            found[subject] = (*found.get(subject, ()), (tick, None))
    return found


ANY = -1


def _spans(rows: Sequence[Told], begins: str, ends: str, service: int | None = ANY) -> dict[str, tuple[Span, ...]]:
    """The stretches between incidents of one kind and of another, by subject; of one service, or of any."""
    found: dict[str, tuple[Span, ...]] = {}
    for kind, of, subject, tick in rows:
        if service not in (ANY, of):
            continue
        spans = found.get(subject, ())
        if kind == begins:
            found[subject] = (*spans, (tick, None))
        elif kind == ends and spans:
            found[subject] = (*spans[:-1], (spans[-1][0], tick))
    return found


def _losses(told: Sequence[Told] | None = None) -> dict[str, tuple[Span, ...]]:
    """When assets could not be played, by URN; the same for every service."""
    return _spans(incidents() if told is None else told, Incident.Kind.LOST, Incident.Kind.FOUND)


def lost() -> set[str]:
    """The assets (URN) that cannot be played now."""
    return set(still_withheld(_losses()))


def withdrawals(service: int | None = None) -> dict[str, int]:
    """What a service may give no more, killed for good or withheld by rights: URN of a story or an asset, and the tick.

    Without a service, only what was killed.
    """
    return still_withheld(suspensions(service))


def still_withheld[K](spans: Mapping[K, Iterable[Span]]) -> dict[K, int]:
    """Of what was withheld for stretches of time, that which is so now, and since when."""
    since = {key: [start for start, until in held if until is None] for key, held in spans.items()}
    return {key: min(starts) for key, starts in since.items() if starts}


def protection(service: Service) -> keys.Protection:
    """How the channel is encrypted, and since when."""
    return keys.protection(service.slug, service.settings.get("protection", ()))


def planned(service: Service, start: int) -> tuple[guide.Programme, ...]:
    rows = Slot.objects.filter(service=service, end_tick__gt=start)
    return tuple(guide.Programme(row.start_tick, row.end_tick, row.kind, row.titles, laid=False) for row in rows)


def offered(service: Service, house: Shared | None = None) -> Offered:
    """What variants a service can have."""
    tags = [edition.tag for edition in house.editions] if house else None
    return Offered(
        "radio" if service.kind == Service.Kind.RADIO else "tv",
        frozenset(service.territories.values_list("code", flat=True)) or frozenset({WORLD}),
        house.territories if house else frozenset(Territory.objects.values_list("code", flat=True)),
        tuple(service.languages) or ("kk",),
        tuple(Edition.objects.order_by("position", "id").values_list("tag", flat=True) if tags is None else tags),
    )


def stand_ins(service: Service) -> Mapping[str, tuple[str, ...]]:
    """The languages that stand in for missing ones, as the service declared; an offer nobody can read declares none."""
    row = Offer.objects.filter(service=service).first()
    try:
        return offers.parse(row.body).languages if row else {}
    except offers.OfferError as error:
        log.warning("the offer of %s cannot be read: %s", service.slug, error)
        return {}


def denials(service: Service, entries: Sequence[Laid], there: Offered) -> Denials:
    """What was ruled of the assets of some entries."""
    rows = Ruling.objects.filter(service=service, asset__in={entry.asset for entry in entries}).order_by("id")
    found: dict[int, dict[str, tuple[Ruled, ...]]] = {}
    for asset, audience, tick, spans in rows.values_list("asset", "audience", "tick", "spans"):
        held = found.setdefault(asset, {})
        held[audience] = (*held.get(audience, ()), Ruled(tick, tuple((since, until) for since, until in spans)))
    return Denials(there.everywhere, tuple(there.audiences()), found)


@dataclass(frozen=True, slots=True)
class Shared:
    """What the readings of all services have in common, read once for all of them."""

    editions: tuple[Edition, ...]
    standby: Standby | None
    incidents: tuple[Told, ...]
    territories: frozenset[str]


def shared(known: dict[int, Asset]) -> Shared:
    editions = tuple(Edition.objects.order_by("position", "id"))
    territories = frozenset(Territory.objects.values_list("code", flat=True))
    return Shared(editions, standby(known), tuple(incidents()), territories)


def snapshot(
    service: Service, now: int, known: dict[int, Asset], before: Snapshot | None = None, house: Shared | None = None
) -> Snapshot:
    """The service as it stands: the laid log back to the end of catch-up, and everything it plays."""
    house = house or shared(known)
    log, renumbered = laid_rows.laid(service.pk, now - KEPT_TICKS, before)
    laid = log.entries
    there = offered(service, house)
    ruled = denials(service, laid, there)
    concerned = [entry.id for entry in laid if ruled.concerns(entry)]
    instead = list(Substitute.objects.filter(entry__in=concerned)) if concerned else []
    assets((entry.asset for entry in laid), known)
    assets((row.asset_id for row in instead), known)
    suspended = suspensions(service.pk, told=house.incidents)
    urns = {asset.id: asset.urn for asset in known.values()} if suspended else {}
    subjects = {
        entry.id: {entry.story, urns.get(entry.asset, "")} & suspended.keys() for entry in (laid if suspended else ())
    }
    for_all = {entry: _merged(suspended[urn] for urn in held) for entry, held in subjects.items() if held}
    missing = set(still_withheld(_losses(house.incidents))) & suspended.keys()
    kept_back = still_withheld(suspensions(service.pk, media=False, told=house.incidents)) if missing else {}
    whole = house.standby.loop.id if house.standby else 0
    withheld = held_back(log.entries, for_all, ruled, there.everywhere)
    gone = still_withheld(for_all)
    edge = ruled.next_edge(now)
    lines = before.lines if before else {}
    used = {entry.asset for entry in laid} | {row.asset_id for row in instead}
    return Snapshot(
        service=service.pk,
        slug=service.slug,
        radio=service.kind == Service.Kind.RADIO,
        names=service.name,
        accent=service.accent,
        languages=there.sounds,
        ladder=ladder(service, house.editions),
        timeline=log,
        renumbered=renumbered,
        assets={asset: known[asset] for asset in used if asset in known},
        standby=house.standby,
        withheld=withheld,
        withdrawn=withdrawn(for_all, withheld, now),
        lost=frozenset(entry for entry, held in subjects.items() if held & missing and not held & kept_back.keys()),
        gone=frozenset(still_withheld(suspended)),
        pieces=pieces({entry.asset for entry in laid if entry.asset != whole and _is_cut(entry, known)}),
        provider=in_language(service.organisation.name, "en"),
        instead=settings.KESHEN_INTERSTITIALS.replace("{service}", service.slug),
        planned=planned(service, log.end),
        protection=protection(service),
        lines={rung: _recent(held, now, log) for rung, held in lines.items()},
        offered=there,
        suspended=for_all,
        denials=ruled,
        prepared={(row.entry_id, row.audience): (row.asset_id, row.tick) for row in instead},
        titles_instead={(row.entry_id, row.audience): row.titles for row in instead},
        closed=frozenset(gone) | {entry.id for entry in laid if ruled.nowhere(entry, now)},
        stale_at=NEVER if edge is None else edge,
        stand_ins=stand_ins(service),
        audience=there.everywhere,
    )


def _is_cut(entry: Laid, known: Mapping[int, Asset]) -> bool:
    """Whether an entry may want pieces: it has marks, or begins or ends within a segment of its asset."""
    asset = known.get(entry.asset)
    last = entry.asset_tick + entry.ticks
    cut = entry.cuts is not None or (asset is not None and last != asset.ticks)
    return cut or bool(entry.marks)


def _merged(spans: Iterable[Sequence[Span]]) -> tuple[Span, ...]:
    """The stretches of several subjects as one entry's, those that have ended first."""
    return tuple(sorted(chain.from_iterable(spans), key=lambda span: (span[1] is None, span[0])))


def _recent(held: dict[tuple[int, int], str], now: int, log: Timeline) -> dict[tuple[int, int], str]:
    """The kept lines a live playlist may still need."""
    oldest = log.at(max(now - 2 * hls.WINDOW_TICKS, log.start))
    return {key: line for key, line in held.items() if oldest and key[0] >= oldest.entry.id - 1000}


def fits(asset: Asset, service: Service) -> bool:
    """Whether the asset has every track this service plays."""
    return is_complete(asset, radio=service.kind == Service.Kind.RADIO, rungs=profile(service).rungs)


def is_complete(asset: Asset, *, radio: bool, rungs: Iterable[Rung] = profiles.DEFAULT.rungs) -> bool:
    """Whether the asset has every track a service of this kind plays, on the cut list of its length."""
    if asset.audio("") is None or asset.ticks < SEGMENT_TICKS // 4:
        return False
    needed = [track for track in asset.tracks if track.kind == "audio"]
    if not radio:
        pictures = [asset.video(rung.name) for rung in rungs]
        if None in pictures:
            return False
        needed += [track for track in pictures if track is not None]
    return all(sum(ticks for ticks, _, _ in track.segments.values()) == asset.ticks for track in needed)
