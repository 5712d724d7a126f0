"""The verbs of media. Bytes are stored and measured before an action begins; the action makes them count."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.utils import timezone

from keshen.house import jobs
from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import Job, Organisation, User
from keshen.house.urns import urn
from keshen.media import profiles
from keshen.media.brief import Brief
from keshen.media.marks import Mark
from keshen.media.models import Asset, Derivation, Piece, Rendition, Track
from keshen.media.queries import missing_pieces

RENDER, NORMALISE, PREPARE = "media.render", "media.normalise", "media.prepare"
SOON = 10
"""Priority of pieces that the air waits for."""


@dataclass(frozen=True, slots=True)
class NewTrack:
    """A track whose blobs are in the store."""

    kind: str
    rung: str
    language: str
    blob_sha256: str
    size: int
    init_sha256: str = ""
    codecs: str = ""
    bandwidth: int = 0
    segments: list[list[int]] = field(default_factory=list)
    machine: bool = False


@dataclass(frozen=True, slots=True)
class NewPiece:
    """A piece whose bytes are in the store: of which track, and where in the blob. See `models.Piece`."""

    kind: str
    rung: str
    language: str
    first: int
    ticks: int
    form: str
    blob_sha256: str
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class NewRendition:
    """A picture at one width whose bytes are in the store; `tag` is the language of the words in it, if it has any."""

    width: int
    height: int
    media_type: str
    sha256: str
    size: int
    tag: str = ""


def derive(made: str, sources: Iterable[str], by: str, how: Mapping[str, Any] | None = None) -> None:
    """Note that `made` came of `sources` (URNs); noting it again changes nothing. Call inside an action."""
    Derivation.objects.bulk_create(
        [Derivation(made_urn=made, from_urn=source, by=by, how=dict(how or {})) for source in dict.fromkeys(sources)],
        ignore_conflicts=True,
    )


@action
def create_asset(
    actor: User,
    *,
    key: str,
    kind: str,
    organisation: Organisation,
    title: str,
    credit: str = "",
    alt: Mapping[str, str] | None = None,
    source_sha256: str = "",
    source_name: str = "",
    brief: Mapping[str, Any] | None = None,
    sources: Iterable[str] = (),
) -> Asset:
    """A new asset in preparation, or the one that has this `key` already."""
    permit(actor, "media.add")
    now = timezone.now()
    asset, made = Asset.objects.get_or_create(
        key=key,
        defaults={
            "urn": urn("asset", uuid4().hex, now),
            "kind": kind,
            "organisation": organisation,
            "title": title[:300],
            "credit": credit[:300],
            "alt": dict(alt or {}),
            "source_sha256": source_sha256,
            "source_name": source_name[:255],
            "brief": brief,
            "created_by": actor,
        },
    )
    if made:
        derive(asset.urn, sources, by=actor.username)
        record(actor, "asset.created", asset.urn, organisation=organisation, after=_facts(asset))
    return asset


@action
def request_package(
    actor: User, brief: Brief, *, key: str, organisation: Organisation, title: str, made_from: Iterable[str] = ()
) -> Asset:
    """Have a brief rendered: an asset in preparation, and the job that makes it.

    `key` names the work: asking again gives the same asset, and starts it anew only if it had failed. `made_from` are
    the URNs of the versions it tells. The event `asset.ready` or `asset.failed` says how it ended.
    """
    permit(actor, "media.make")
    asset = create_asset(
        actor,
        key=f"package:{key}",
        kind=Asset.Kind.PACKAGE,
        organisation=organisation,
        title=title,
        brief=brief.to_json(),
        sources=[*made_from, *brief.pictures, *filter(None, (brief.ident, brief.bed))],
    )
    return _have_made(actor, asset, RENDER)


@action
def request_normalisation(
    actor: User,
    *,
    key: str,
    organisation: Organisation,
    title: str,
    source_sha256: str,
    source_name: str,
    kind: str = Asset.Kind.VIDEO,
    credit: str = "",
    language: str = "",
    made_from: Iterable[str] = (),
) -> Asset:
    """Have a film or sound whose bytes are in the store brought into the house format, as `kind` video or audio.

    `language` is the BCP 47 tag of what is said in it; empty when nothing is.
    """
    permit(actor, "media.add")
    asset = create_asset(
        actor,
        key=f"source:{key}",
        kind=kind,
        organisation=organisation,
        title=title,
        credit=credit,
        source_sha256=source_sha256,
        source_name=source_name,
        sources=made_from,
    )
    return _have_made(actor, asset, NORMALISE, language=language)


def _have_made(actor: User, asset: Asset, job: str, **args: Any) -> Asset:
    if asset.state == Asset.State.FAILED:
        before = _facts(asset)
        asset.state, asset.reason = Asset.State.PREPARING, ""
        asset.save(update_fields=["state", "reason"])
        record(actor, "asset.restarted", asset.urn, organisation=asset.organisation, before=before, after=_facts(asset))
    if asset.state == Asset.State.PREPARING:
        jobs.defer(job, key=f"{job}:{asset.pk}", actor=actor, subject=asset.urn, args={"asset_id": asset.pk, **args})
    return asset


@action
def mark_ready(
    actor: User,
    asset: Asset,
    *,
    tracks: Iterable[NewTrack] = (),
    renditions: Iterable[NewRendition] = (),
    ticks: int | None = None,
    measured: Mapping[str, Any] | None = None,
    without: str = "",
    by: str = "",
) -> bool:
    """Give an asset all it airs or shows with, in one step; False when it was ready before.

    `without` says what the asset does without, for people to read; `by` is the program that made it.
    """
    permit(actor, "media.make")
    locked = Asset.objects.select_for_update().get(pk=asset.pk)
    if locked.state != Asset.State.PREPARING:
        return False
    before = _facts(locked)
    locked.state, locked.reason, locked.ready_at = Asset.State.READY, without, timezone.now()
    locked.duration_ticks, locked.measured = ticks, {**dict(measured or {}), **({"by": by} if by else {})}
    locked.save()
    Track.objects.bulk_create([_track(locked, new) for new in tracks])
    Rendition.objects.bulk_create([
        Rendition(
            asset=locked, tag=new.tag, width=new.width, height=new.height, media_type=new.media_type,
            sha256=new.sha256, size=new.size,
        )
        for new in renditions
    ])  # fmt: skip
    record(actor, "asset.ready", locked.urn, organisation=locked.organisation, before=before, after=_facts(locked))
    asset.refresh_from_db()
    return True


def _track(asset: Asset, new: NewTrack) -> Track:
    rung = profiles.BY_RUNG.get(new.rung)
    return Track(
        asset=asset, kind=new.kind, rung=new.rung, language=new.language, init_sha256=new.init_sha256,
        blob_sha256=new.blob_sha256, size=new.size, codecs=new.codecs, bandwidth=new.bandwidth,
        width=rung.width if rung else None, height=rung.height if rung else None, segments=new.segments,
        machine=new.machine,
    )  # fmt: skip


@action
def request_pieces(actor: User, asset: Asset, first: int, cuts: Sequence[int], marks: Sequence[Mark] = ()) -> None:
    """Have made what `cuts` from tick `first` of an asset want besides its own segments (see `cutlist.needs`).

    Asking again does nothing while that is there, and makes anew what was lost. The event `asset.prepared` says that
    it is done.
    """
    permit(actor, "media.make")
    if not missing_pieces(asset, first, cuts, marks):
        return
    rows = [mark.row() for mark in marks]
    canonical = json.dumps([first, list(cuts), rows], sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(canonical.encode()).hexdigest()[:24]
    key = f"{PREPARE}:{asset.pk}:{digest}"
    # what was made and is gone again is new work
    times = Job.objects.filter(key__startswith=f"{key}:", state=Job.State.DONE).count()
    jobs.defer(
        PREPARE,
        key=f"{key}:{times}",
        actor=actor,
        subject=asset.urn,
        args={"asset_id": asset.pk, "first": first, "cuts": list(cuts), "marks": rows},
        priority=None if marks else SOON,
    )


@action
def keep_pieces(actor: User, asset: Asset, pieces: Iterable[NewPiece], *, last: bool) -> None:
    """Keep pieces whose bytes are in the store. Event, with the `last` of them: `asset.prepared`."""
    permit(actor, "media.make")
    made = Piece.objects.bulk_create(
        [
            Piece(
                asset=asset, kind=new.kind, rung=new.rung, language=new.language, first_tick=new.first, ticks=new.ticks,
                form=new.form, blob_sha256=new.blob_sha256, offset=new.offset, size=new.size,
            )
            for new in pieces
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    if last:
        after = {"asset": asset.pk, "pieces": len(made)}
        record(actor, "asset.prepared", asset.urn, organisation=asset.organisation, after=after)


@action
def drop_pieces(actor: User, asset: Asset, blobs: Iterable[str], reason: str) -> int:
    """Forget the pieces of an asset whose bytes are lost, so that they are made anew; gives how many.

    Event: `asset.pieces_lost`.
    """
    permit(actor, "media.make")
    count, _ = Piece.objects.filter(asset=asset, blob_sha256__in=set(blobs)).delete()
    if count:
        after = {"asset": asset.pk, "pieces": count}
        record(actor, "asset.pieces_lost", asset.urn, organisation=asset.organisation, after=after, reason=reason)
    return count


@action
def mark_failed(actor: User, asset: Asset, reason: str) -> None:
    """Say that an asset in preparation cannot be made, and why."""
    _end(actor, asset, "media.make", Asset.State.FAILED, "asset.failed", reason)


@action
def abandon(actor: User, asset: Asset, reason: str) -> None:
    """Call off the rendering of an asset that nobody needs any more; one that is made stays. Event: `asset.failed`."""
    permit(actor, "media.make")
    mark_failed(actor, asset, reason)
    if asset.state == Asset.State.FAILED:
        jobs.call_off(actor, f"{RENDER}:{asset.pk}", reason)


@action
def quarantine(actor: User, asset: Asset, reason: str) -> None:
    """Keep an asset's original bytes, but let nothing use it: it is not what it says, or a person doubts it."""
    _end(actor, asset, "media.quarantine", Asset.State.QUARANTINED, "asset.quarantined", reason)


def _end(actor: User, asset: Asset, verb: str, state: str, event: str, reason: str) -> None:
    permit(actor, verb, asset)
    locked = Asset.objects.select_for_update().get(pk=asset.pk)
    final = (Asset.State.READY, state) if state == Asset.State.FAILED else (state,)
    if locked.state in final:
        return
    before = _facts(locked)
    locked.state, locked.reason = state, reason
    locked.save(update_fields=["state", "reason"])
    record(
        actor, event, locked.urn, organisation=locked.organisation, before=before, after=_facts(locked), reason=reason
    )
    asset.refresh_from_db()


@action
def describe(
    actor: User,
    asset: Asset,
    *,
    title: str | None = None,
    credit: str | None = None,
    alt: Mapping[str, str] | None = None,
) -> None:
    """Change what an asset is called, who is credited, and what a picture shows (by language tag)."""
    permit(actor, "media.change", asset)
    before = {**_facts(asset), "alt": asset.alt, "credit": asset.credit}
    asset.title = asset.title if title is None else title[:300]
    asset.credit = asset.credit if credit is None else credit[:300]
    asset.alt = asset.alt if alt is None else dict(alt)
    asset.save(update_fields=["title", "credit", "alt"])
    after = {**_facts(asset), "alt": asset.alt, "credit": asset.credit}
    record(actor, "asset.described", asset.urn, organisation=asset.organisation, before=before, after=after)


def _facts(asset: Asset) -> dict[str, Any]:
    return {
        "asset": asset.pk,
        "state": asset.state,
        "kind": asset.kind,
        "title": asset.title,
        "ticks": asset.duration_ticks,
    }
