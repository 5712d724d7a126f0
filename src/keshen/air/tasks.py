"""The air's durable jobs, and the clockwork that keeps every service laid ahead."""

from __future__ import annotations

import logging

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from keshen.air import actions, clips, clock, queries, telling
from keshen.air.audiences import rulings, substitutes
from keshen.air.log import checkpoints, media_check, restrictions, standby
from keshen.air.log.laying import Laying, NothingToPlay
from keshen.air.models import Item, Ruling, Slot
from keshen.air.proof import alarm_log, day_record, watching
from keshen.air.serving import load
from keshen.house.events import subscribe
from keshen.house.jobs import JobContext, Permanent, defer, job
from keshen.house.models import Event, Job, Service, User
from keshen.media.houseformat import TICKS_PER_HOUR
from keshen.newsroom.models import Story

REPLAN_TICKS = TICKS_PER_HOUR // 6

log = logging.getLogger(__name__)


def keep_laid() -> None:
    """Lay every service at least an hour ahead, and its plan beyond; make the standby first where there is none."""
    system = User.objects.system()
    if not standby.is_prepared():
        defer("air.standby", key=f"standby:{standby.REVISION}", actor=system)
    now = clock.tick()
    laid, planned = now + actions.LAID_TICKS - TICKS_PER_HOUR // 12, now + actions.PLANNED_TICKS - REPLAN_TICKS
    hour = now // TICKS_PER_HOUR * TICKS_PER_HOUR
    for service in queries.to_keep(laid, planned, hour, alarm_log.troubled(alarm_log.SCHEDULE)):
        try:
            last = queries.last_laid(service)
            if last is None or last.end_tick < laid:
                actions.lay(system, service)
            plan = Slot.objects.filter(service=service).order_by("start_tick").last()
            if plan is None or plan.end_tick < planned:
                actions.plan(system, service)
            checkpoints.keep_checkpoint(system, service)
            _mend(system, service)
        except NothingToPlay as reason:
            log.info("%s waits: %s", service.slug, reason)
        except Exception:
            # One service that cannot be laid must not leave the others without air.
            log.exception("%s could not be laid", service.slug)
            _bridge(system, service)


def keep_variants() -> None:
    """Rule on what was not ruled on, and have something in the place of what is denied to some."""
    system = User.objects.system()
    concerned = rulings.concerned(clock.tick())
    troubled = alarm_log.troubled(alarm_log.VARIANTS)
    for service in load.services():
        if service.pk not in concerned | troubled:
            continue
        try:
            if service.pk in concerned:
                rulings.keep(service)
                _keep_prepared(system, service)
        except Exception:
            # What is not ruled on is denied, and what is not prepared is the standby: the air goes on.
            log.exception("the variants of %s could not be kept", service.slug)
            _alarm(service, alarm_log.VARIANTS, gettext("The log of the workers says why."))
        else:
            alarm_log.clear(service, [alarm_log.VARIANTS] if service.pk in troubled else [])


def _alarm(service: Service, kind: str, detail: str) -> None:
    """Raise an alarm where something failed; that the alarm fails too must not keep the others from their turn."""
    try:
        alarm_log.sound(service, kind, detail)
    except Exception:
        log.exception("no alarm could be raised for %s", service.slug)


def _keep_prepared(system: User, service: Service) -> None:
    """What some audience may not have has something in its place before it airs; where it was asked for and is not
    there, an alarm."""
    now = clock.tick()
    wanted = substitutes.wanted(service, now)
    last = max((entry.pk for entry, _audiences in wanted), default=0)
    ruled = Ruling.objects.filter(service=service).order_by("id").last()
    work = f"air.substitutes:{service.pk}:{last}:{ruled.pk if ruled else 0}:"
    asked = bool(wanted) and Job.objects.filter(key__startswith=work).exists()
    late = [str(entry) for entry, _audiences in wanted if entry.start_tick < now + substitutes.SOON_TICKS]
    if asked and late:
        alarm_log.sound(service, alarm_log.SUBSTITUTE, ", ".join(dict.fromkeys(late)))
    elif not late:
        alarm_log.clear(service, [alarm_log.SUBSTITUTE])
    if wanted:  # what failed is tried again each hour
        key = f"{work}{now // TICKS_PER_HOUR}"
        defer("air.substitutes", key=key, actor=system, args={"service_id": service.pk})


def _mend(system: User, service: Service) -> None:
    """A week that could not be read and now can is laid at once, where its fillers were."""
    if alarm_log.is_open(service, alarm_log.SCHEDULE) and not Laying(system, service, clock.tick()).trouble:
        actions.lay_anew(system, service)
        alarm_log.clear(service, [alarm_log.SCHEDULE])


def _bridge(system: User, service: Service) -> None:
    """What goes wrong in laying must not end the air: the standby is laid for a little while, and an alarm raised."""
    reason = gettext("The schedule could not be laid; the log of the workers says why.")
    try:
        alarm_log.sound(service, alarm_log.LAYING, reason)
        actions.lay_standby(system, service, reason)
    except Exception:
        log.exception("%s has not even the standby", service.slug)


def _keep_laid_tidily() -> None:
    close_old_connections()
    try:
        keep_laid()
        keep_variants()
    finally:
        close_old_connections()


@app.periodic(cron="* * * * * */10")
@app.task(name="keshen.air.keep_laid", queue="fast", queueing_lock="keshen.air.keep_laid", pass_context=False)
async def keep_laid_periodically(timestamp: int) -> None:
    """Every ten seconds, so that a house that was down is on the air as soon as it is up."""
    await sync_to_async(_keep_laid_tidily, thread_sensitive=False)()


def _keep_yesterday_tidily() -> None:
    close_old_connections()
    try:
        day_record.keep_yesterday()
    finally:
        close_old_connections()


@app.periodic(cron="25 * * * *")
@app.task(name="keshen.air.as_run", queue="fast", queueing_lock="keshen.air.as_run", pass_context=False)
async def keep_as_run_periodically(timestamp: int) -> None:
    """The as-run of the day that is over is sealed and kept."""
    await sync_to_async(_keep_yesterday_tidily, thread_sensitive=False)()


def _patrol_tidily() -> None:
    close_old_connections()
    try:
        watching.patrol()
    finally:
        close_old_connections()


@app.periodic(cron="* * * * * */5")
@app.task(name="keshen.air.patrol", queue="fast", queueing_lock="keshen.air.patrol", pass_context=False)
async def patrol_periodically(timestamp: int) -> None:
    """Every five seconds: what a player would fetch is judged."""
    await sync_to_async(_patrol_tidily, thread_sensitive=False)()


def _check_media_tidily() -> None:
    close_old_connections()
    try:
        media_check.check()
    finally:
        close_old_connections()


@app.periodic(cron="* * * * * */30")
@app.task(name="keshen.air.check_media", queue="fast", queueing_lock="keshen.air.check_media", pass_context=False)
async def check_media_periodically(timestamp: int) -> None:
    """Every half minute: is what was laid still there?"""
    await sync_to_async(_check_media_tidily, thread_sensitive=False)()


@job("air.standby", queue="render", label=_("Making the standby picture"))
def make_standby(context: JobContext) -> None:
    standby.prepare(User.objects.system(), lambda done, total: context.progress(done, total), context.check)
    keep_laid()


@job("air.substitutes", queue="render", label=_("Preparing what variants show instead"))
def prepare_substitutes(context: JobContext, *, service_id: int) -> None:
    service = Service.objects.select_related("organisation").get(pk=service_id)
    substitutes.prepare(service, lambda done, total: context.progress(done, total), context.check)


@job("air.tell", label=_("Preparing a story for bulletins"))
def tell(context: JobContext, *, outlet: str, story_id: int, actor_id: int) -> None:
    """Have a story rendered for one outlet from its published texts, as they stand now."""
    story = Story.objects.select_related("organisation").get(pk=story_id)
    if story.killed_at is None:
        telling.tell(User.objects.get(pk=actor_id), story, outlet)


@job("air.correct", label=_("Correcting a story in bulletins"))
def correct(context: JobContext, *, outlet: str, story_id: int, actor_id: int) -> None:
    """Hold what was told, take it out of later bulletins, and have the story rendered anew."""
    actor = User.objects.get(pk=actor_id)
    story = Story.objects.select_related("organisation").get(pk=story_id)
    if story.killed_at is not None:
        return
    telling.hold(actor, story, outlet)
    telling.tell(actor, story, outlet)


@job("air.kill", label=_("Taking a story off the air"))
def kill(context: JobContext, *, story_id: int, actor_id: int) -> None:
    """Withdraw a story at once from every segment address, then from what is laid."""
    telling.kill(User.objects.get(pk=actor_id), Story.objects.get(pk=story_id))


@subscribe("terms.attached", "terms.clarified", "terms.withdrawn")
def terms_changed(event: Event) -> None:
    key = f"air.decide:{event.pk}"
    defer("air.decide", key=key, actor=event.actor, subject=event.subject, args={"subject": event.subject})


@subscribe("asset.prepared")
def prepared(event: Event) -> None:
    asset = (event.after or {}).get("asset")
    key = f"{actions.REFINE}:{event.pk}"
    defer(actions.REFINE, key=key, actor=event.actor, subject=event.subject, args={"asset": asset}, priority=10)


@job(actions.REFINE, label=_("Laying what was being prepared"))
def refine(context: JobContext, *, asset: int | None = None, service: int | None = None) -> None:
    """What waits for a cut or for marks that are prepared by now gets them."""
    system = User.objects.system()
    using = queries.services_with(asset, clock.tick()) if asset is not None else {service}
    for one in load.services():
        if one.pk in using:
            actions.refine(system, one, asset)


@job("air.decide", label=_("Asking the rights again for the air"))
def decide(context: JobContext, *, subject: str) -> None:
    """What is laid, kept and held back of a story, a picture or a programme, as its terms now say."""
    restrictions.decide_anew(subject)


@subscribe("air.withdrawn")
def withdrawn(event: Event) -> None:
    key = f"air.clips:{event.pk}"
    defer("air.clips", key=key, actor=event.actor, subject=event.subject, args={"subject": event.subject})


@job("air.clips", label=_("Taking clips of something withdrawn off the air"))
def withdraw_clips(context: JobContext, *, subject: str) -> None:
    clips.withdraw(subject)


@job(clips.CLIP, queue="render", label=_("Making a clip of what aired"))
def make_clip(context: JobContext, *, asset_id: int, service_id: int, start: int, end: int) -> None:
    clips.make(context, asset_id, service_id, start, end)


@subscribe("asset.ready", "asset.failed")
def rendered(event: Event) -> None:
    asset = (event.after or {}).get("asset")
    if Item.objects.filter(asset_id=asset, state=Item.State.RENDERING).exists():
        key = f"enter:{asset}:{event.pk}"
        defer("air.enter", key=key, actor=event.actor, subject=event.subject, args={"asset_id": asset})


@job("air.enter", label=_("Entering a story in the next bulletins"))
def enter(context: JobContext, *, asset_id: int) -> None:
    """What was rendered goes into the next bulletin of each service; what failed says why."""
    item = Item.objects.select_related("story", "asset", "responsible").get(asset_id=asset_id)
    telling.finish(item)
    item.refresh_from_db()
    if item.state == Item.State.FAILED:
        raise Permanent(item.reason)
