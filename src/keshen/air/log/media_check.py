"""Whether what is laid can be played: every blob is looked for an hour ahead, and read back before it airs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from django.db.models import QuerySet

from keshen.air import actions, clock
from keshen.air.log.prepared import keys, pieces
from keshen.air.models import Entry
from keshen.air.proof import alarm_log
from keshen.air.serving import load
from keshen.air.serving.snapshot import Asset
from keshen.house.models import Service, User
from keshen.media.actions import drop_pieces, request_pieces
from keshen.media.cutlist import Key
from keshen.media.houseformat import TICKS_PER_HOUR
from keshen.media.marks import marks_of
from keshen.media.models import Asset as AssetRow
from keshen.media.store import BlobStore, StoreError, house_store, verify

AHEAD_TICKS = TICKS_PER_HOUR
BACK_TICKS = 150
"""What has just aired is still in playlists."""
READ_AHEAD_TICKS = TICKS_PER_HOUR // 6

_read_back: set[str] = set()
"""Blobs this process has read back whole since it started."""


def check(store: BlobStore | None = None) -> None:
    """Look for the media of everything laid for the next hour, and for what was lost before. Safe to do again."""
    held = store or house_store()
    now = clock.tick()
    system = User.objects.system()
    lost = load.lost()
    laid = Entry.objects.filter(state=Entry.State.LAID, end_tick__gt=now - BACK_TICKS)
    ahead = laid.filter(start_tick__lt=now + AHEAD_TICKS)
    soon = set(ahead.filter(start_tick__lt=now + READ_AHEAD_TICKS).values_list("asset_id", flat=True))
    assets = set(ahead.values_list("asset_id", flat=True))
    assets |= set(AssetRow.objects.filter(urn__in=lost).values_list("pk", flat=True))
    known = load.assets(assets, {})
    rows = {row.pk: row for row in AssetRow.objects.filter(pk__in=assets).select_related("organisation")}
    cut = _pieces(held, ahead, known, soon, system)
    for asset in known.values():
        trouble = _trouble(held, asset, whole=asset.id in soon or asset.urn in lost) or cut.get(asset.id, "")
        row = rows[asset.id]
        if trouble:
            actions.lose(system, row, trouble)
        elif asset.urn in lost:
            actions.find(system, row, "")
    _lay_round(system, lost)
    _alarm()


def _trouble(store: BlobStore, asset: Asset, *, whole: bool) -> str:
    """What is wrong with an asset's media; empty when nothing is."""
    for track in asset.tracks:
        try:
            needed = max((offset + length for _ticks, offset, length in track.segments.values()), default=0)
            size = store.size(track.blob)
            if size < needed:
                return f"{track.kind} {track.rung}: {size} bytes of {needed} are there"
            if whole and track.blob not in _read_back:
                verify(store, track.blob)
                _read_back.add(track.blob)
            if track.init:
                store.size(track.init)
        except StoreError as error:
            return f"{track.kind} {track.rung}: {error}"
    return ""


def _pieces(
    store: BlobStore, ahead: QuerySet[Entry], known: Mapping[int, Asset], soon: Set[int], system: User
) -> dict[int, str]:
    """What is wrong with the pieces of what is laid, by asset. Those that are lost are made anew."""
    found: dict[int, str] = {}
    wanted: dict[int, set[Key]] = {}
    entries = [entry for entry in ahead.select_related("asset", "service") if entry.kind != Entry.Kind.STANDBY]
    for entry in entries:
        timed, radio = entry.timed(), entry.service.kind == Service.Kind.RADIO
        wanted[entry.pk] = keys(known[entry.asset_id], timed.asset_tick, entry.full_cuts, timed.marks, radio=radio)
    where = pieces(entry.asset_id for entry in entries if wanted[entry.pk])
    for entry in entries:
        asset, held = known[entry.asset_id], where.get(entry.asset_id, {})
        trouble = "a piece is not there" if wanted[entry.pk] - held.keys() else ""
        blobs = {held[key][0] for key in wanted[entry.pk] & held.keys()}
        lost = {blob for blob in blobs if not _is_there(store, blob, whole=asset.id in soon)}
        if lost:
            trouble = f"{len(lost)} blobs of pieces are lost"
            drop_pieces(system, entry.asset, lost, trouble)
        if trouble:
            found[asset.id] = trouble
            request_pieces(system, entry.asset, entry.asset_tick, entry.full_cuts, marks_of(entry.marks))
    return found


def _is_there(store: BlobStore, blob: str, *, whole: bool) -> bool:
    try:
        if whole and blob not in _read_back:
            verify(store, blob)
            _read_back.add(blob)
        return store.size(blob) > 0
    except StoreError:
        return False


def _lay_round(system: User, before: Iterable[str]) -> None:
    """What was lost or found since is laid anew without it, or with it again."""
    changed = load.lost() ^ set(before)
    if not changed:
        return
    for service in load.services():
        used = Entry.objects.filter(service=service, asset__urn__in=changed, end_tick__gt=clock.tick())
        if used.exists():
            actions.lay_anew(system, service)


def _alarm() -> None:
    lost = load.lost()
    now = clock.tick()
    for service in load.services():
        laid = Entry.objects.filter(service=service, asset__urn__in=lost, end_tick__gt=now - BACK_TICKS)
        named = laid.filter(state=Entry.State.LAID).values_list("asset__title", flat=True).order_by("asset_id")
        if titles := list(dict.fromkeys(named)):
            alarm_log.sound(service, alarm_log.MEDIA, ", ".join(titles))
        else:
            alarm_log.clear(service, [alarm_log.MEDIA])
