"""Durable work of media: packages rendered, films and sounds brought into the house format."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from keshen.house.actions import action
from keshen.house.events import record
from keshen.house.jobs import Cancelled, JobContext, Permanent, job, kinds
from keshen.house.models import User
from keshen.media import pieces, stages
from keshen.media.actions import NORMALISE, PREPARE, RENDER, keep_pieces, mark_failed, mark_ready, quarantine
from keshen.media.brief import BadBrief, Brief
from keshen.media.confined import ProgramFailed
from keshen.media.graphics import GraphicsProblem
from keshen.media.marks import BadMark, marks_of
from keshen.media.models import Asset
from keshen.media.normalise import Unreadable, normalise
from keshen.media.package import Render, Rendered
from keshen.media.queries import missing_pieces
from keshen.media.speech import SpeechFailed
from keshen.media.store import house_store
from keshen.media.workplace import workplace


@job(RENDER, label=_("Render a package"), queue="render")
def render_package(context: JobContext, *, asset_id: int) -> None:
    """Render the brief of an asset and make it ready."""
    asset = _begun(asset_id)
    if asset is None:
        return
    try:
        brief = Brief.from_json(asset.brief or {})
        with workplace(f"render-{asset.pk}") as folder:
            made = Render(brief, context, house_store(), folder).make()
    except (BadBrief, GraphicsProblem, SpeechFailed) as error:
        _give_up(asset, str(error))
        raise Permanent(str(error)) from error
    except Exception as error:
        _count(context, asset, error)
        raise
    _ready(asset, made, by="keshen.media.render")
    context.progress(100, 100)


@job(NORMALISE, label=_("Bring a file into the house format"), queue="render")
def normalise_source(context: JobContext, *, asset_id: int, language: str = "") -> None:
    """Bring an asset's original into the house format; what cannot be read is quarantined, its bytes kept."""
    asset = _begun(asset_id)
    if asset is None:
        return
    try:
        with workplace(f"normalise-{asset.pk}") as folder:
            made = normalise(asset, language, context, house_store(), folder)
    except Unreadable as error:
        quarantine(User.objects.system(), asset, str(error))
        raise Permanent(str(error)) from error
    except Exception as error:
        _count(context, asset, error)
        raise
    _ready(asset, made, by="keshen.media.normalise")
    context.progress(100, 100)


@job(PREPARE, label=_("Prepare cuts and marks"), queue="render")
def prepare_pieces(
    context: JobContext, *, asset_id: int, first: int, cuts: list[int], marks: list[dict[str, Any]]
) -> None:
    """Make the pieces a cut list of an asset wants; what is there already stays."""
    asset = Asset.objects.prefetch_related("tracks").get(pk=asset_id)
    system = User.objects.system()
    try:
        drawn = marks_of(marks)
        wanted = missing_pieces(asset, first, cuts, drawn)
        with workplace(f"pieces-{asset.pk}") as folder:
            for made in pieces.make(asset, wanted, drawn, context, house_store(), folder):
                keep_pieces(system, asset, made, last=False)
    except (BadMark, GraphicsProblem, pieces.NotCuttable) as error:
        raise Permanent(str(error)) from error
    keep_pieces(system, asset, (), last=True)
    context.progress(100, 100)


def _begun(asset_id: int) -> Asset | None:
    """The asset to work on, started again if it had failed; None when there is nothing to do."""
    asset = Asset.objects.select_related("organisation").get(pk=asset_id)
    if asset.state == Asset.State.FAILED:
        _restart(User.objects.system(), asset)
    return asset if asset.state == Asset.State.PREPARING else None


@action
def _restart(actor: User, asset: Asset) -> None:
    before = {"asset": asset.pk, "state": asset.state, "reason": asset.reason}
    asset.state, asset.reason = Asset.State.PREPARING, ""
    asset.save(update_fields=["state", "reason"])
    record(actor, "asset.restarted", asset.urn, organisation=asset.organisation, before=before)


def _ready(asset: Asset, made: Rendered, by: str) -> None:
    mark_ready(
        User.objects.system(),
        asset,
        tracks=made.tracks,
        ticks=made.ticks,
        measured=made.measured,
        without="\n".join(dict.fromkeys(made.without)),
        by=by,
    )


def _give_up(asset: Asset, reason: str) -> None:
    mark_failed(User.objects.system(), asset, reason)


def _count(context: JobContext, asset: Asset, error: Exception) -> None:
    """Keep what a program said last; when no try is left, or a person stopped it, the asset has failed."""
    if isinstance(error, ProgramFailed):
        for line in error.tail:
            context.log(line)
    if isinstance(error, Cancelled):
        _give_up(asset, "cancelled")
    elif context.job.attempts >= kinds[context.job.name].attempts:
        _give_up(asset, str(error))


def _forget_old_stages() -> None:
    close_old_connections()
    try:
        stages.forget_old(timezone.now())
    finally:
        close_old_connections()


@app.periodic(cron="41 3 * * *")
@app.task(name="keshen.media.tidy", queue="fast", queueing_lock="keshen.media.tidy", pass_context=False)
async def tidy_periodically(timestamp: int) -> None:
    """Every night: stages nobody will go on from are forgotten."""
    await sync_to_async(_forget_old_stages, thread_sensitive=False)()
