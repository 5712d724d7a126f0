"""What an operator does to the air at once: skip, break in, return. Each at the first place beyond the freeze."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keshen.air import queries
from keshen.air.actions.schedule import Desk, Done, line_of_entry
from keshen.air.models import Entry, Incident
from keshen.air.scheduling import schedule, template
from keshen.air.scheduling.schedule import BULLETIN, Conflict, Line
from keshen.air.serving import load
from keshen.house.actions import action
from keshen.house.models import Service, User
from keshen.media.houseformat import MIN_ENTRY_TICKS
from keshen.rights.policy import Outcome

LONGEST_NEWS_TICKS = 5625
"""A bulletin that is broken in with lasts no longer than half an hour."""


@action
def skip(actor: User, service: Service, reason: str = "") -> Done:
    """End what is on the air at the first place beyond the freeze; what follows comes so much sooner.

    Events: `air.schedule_changed` where lines move, and an incident. Raises Conflict (`ends`) when it ends by itself
    before.
    """
    desk = Desk(actor, service)
    entry = _under_way(desk)
    stop = _stop(desk, entry.end_tick)
    following = [line_of_entry(one) for one in desk.log.between(entry.end_tick, stop)]
    instead = schedule.resumed(following, desk.frozen, stop, 0)
    after = schedule.interrupt(desk.before, desk.frozen, stop, instead or [_empty(desk, stop, entry)])
    event = desk.keep(after, "skip", reason=reason)
    _note(desk, Incident.Kind.SKIPPED, entry, reason, {"was": entry.end_tick})
    return Done(desk.frozen, stop, (), event.pk if event else 0)


def _empty(desk: Desk, stop: int, entry: Entry) -> Line:
    return Line(desk.frozen, stop - desk.frozen, titles=entry.slot_titles)


@action
def break_in(
    actor: User,
    service: Service,
    *,
    assets: Sequence[int] = (),
    news: bool = False,
    resume: bool = False,
    reason: str = "",
) -> Done:
    """Put clips or a bulletin on the air at the first place beyond the freeze, then return by itself.

    The schedule is joined where it stands by then; with `resume`, what was broken into goes on where it was left,
    until the next hard start. Event: `air.schedule_changed`, and an incident. Raises Conflict (`not-ready`, `denied`,
    `nothing` without anything to show).
    """
    desk = Desk(actor, service)
    first = desk.frozen
    clips = _clips(desk, assets) if not news else _news(desk)
    if not clips:
        raise Conflict("not-ready")
    end = clips[-1].end
    stop = _stop(desk, end) if resume else _joint(desk, end)
    was = _was(desk, first, stop)
    after = _back(was, first, end, stop, resume=resume)
    schedule_after = schedule.interrupt(desk.before, first, stop, [*clips, *after])
    entry = desk.log.at(first)
    event = desk.keep(schedule_after, "break-in", reason=reason)
    detail = {"until": end, "stop": stop, "resume": resume, "was": [line.row() for line in was]}
    _note(desk, Incident.Kind.BREAK_IN, entry, reason, detail)
    return Done(first, end, (), event.pk if event else 0)


@action
def return_(actor: User, service: Service, reason: str = "") -> Done:
    """End a break-in at the first place beyond the freeze, and go back to the schedule as the break-in was to.

    Event: `air.schedule_changed`, and an incident. Raises Conflict (`no-break-in`).
    """
    desk = Desk(actor, service)
    first = desk.frozen
    kinds = (Incident.Kind.BREAK_IN, Incident.Kind.RETURNED)
    made = Incident.objects.filter(kind__in=kinds, service=service).order_by("id").last()
    if (
        made is None
        or made.kind == Incident.Kind.RETURNED
        or made.detail["until"] <= first
        or not any(line.group == made.tick for line in desk.before)
    ):
        raise Conflict("no-break-in")
    was = [schedule.line_of(row) for row in made.detail["was"]]
    stop = _stop(desk, first, besides=made.tick) if made.detail["resume"] else made.detail["stop"]
    back = _back(was, made.tick, first, stop, resume=made.detail["resume"])
    after = schedule.interrupt(desk.before, first, max(stop, made.detail["stop"]), back)
    event = desk.keep(after, "return", reason=reason)
    entry = desk.log.at(first - 1)
    _note(desk, Incident.Kind.RETURNED, entry, reason, {"until": made.detail["until"]})
    return Done(first, stop, (), event.pk if event else 0)


def _under_way(desk: Desk) -> Entry:
    """What is on the air now and still is when something can be changed."""
    entry = desk.log.at(desk.frozen)
    if entry is None or entry.start_tick == desk.frozen or entry.end_tick - desk.frozen < MIN_ENTRY_TICKS:
        on = next(desk.log.since(desk.frozen - 1), None)
        raise Conflict("ends", line_of_entry(on) if on else None, on.end_tick if on else desk.frozen)
    return entry


def _clips(desk: Desk, assets: Sequence[int]) -> list[Line]:
    found: list[Line] = []
    cursor = desk.frozen
    known = load.assets(assets, desk.laying.known)
    titles = queries.titles(assets)
    for asset in assets:
        if asset not in known:
            raise Conflict("not-ready")
        line = Line(cursor, known[asset].ticks, asset, titles=titles.get(asset, {}), hard=True, group=desk.frozen)
        if not desk.laying.plays(line):
            raise Conflict("not-ready", line)
        if desk.laying.decision(asset, "", cursor).outcome != Outcome.PERMIT:
            raise Conflict("denied", line)
        found.append(line)
        cursor = line.end
    return found


def _news(desk: Desk) -> list[Line]:
    given = desk.laying.template.bulletin or template.Bulletin(60, 5, {})
    items = desk.laying.news(desk.frozen)
    told = template.bulletin(given, desk.laying.shelf, items, desk.frozen, desk.frozen + LONGEST_NEWS_TICKS)
    if not told:
        return []
    ticks = told[-1].end - desk.frozen
    return [Line(desk.frozen, ticks, kind=BULLETIN, titles=given.titles, hard=True, group=desk.frozen)]


def _stop(desk: Desk, tick: int, besides: int | None = None) -> int:
    """The first fixed start from `tick` on that is not in the middle of anything laid, the lines of the break-in at
    tick `besides` apart."""
    composer = desk.laying.composer
    composer = type(composer)(
        composer.week,
        composer.shelf,
        composer.news,
        [line for line in composer.lines if line.hard and line.group != besides],
        composer.zone,
        composer.plays,
    )
    at = composer.next_fixed(tick - 1)
    while (held := desk.log.at(at)) is not None and held.start_tick < at:
        at = composer.next_fixed(at)
    return at


def _was(desk: Desk, first: int, stop: int) -> list[Line]:
    """What is laid from `first` until `stop`, as lines; what is under way at `first` from there on."""
    found = []
    for entry in desk.log.between(first, stop):
        line = line_of_entry(entry)
        into = max(0, first - line.start)
        found.append(
            Line(
                line.start + into,
                line.ticks - into,
                line.asset,
                line.asset_tick + into if line.asset else 0,
                line.kind,
                line.titles,
                story=line.story,
                item=line.item,
                marks=line.marks,
            )
        )
    return [line for line in found if line.ticks >= MIN_ENTRY_TICKS]


def _back(was: Sequence[Line], group: int, tick: int, stop: int, *, resume: bool) -> list[Line]:
    if resume:
        return schedule.resumed(was, tick, stop, group)
    found = schedule.joined(was, tick, group)
    last = found[-1].end if found else tick
    if stop - last >= MIN_ENTRY_TICKS:
        found.append(Line(last, stop - last, titles=was[-1].titles if was else {}, group=group))
    return found


def _joint(desk: Desk, tick: int) -> int:
    """Where what is joined at `tick` ends: what is laid from there on needs no change."""
    for entry in desk.log.since(tick - 1):
        if entry.end_tick == tick or entry.end_tick >= tick + MIN_ENTRY_TICKS:
            line = line_of_entry(entry)
            if entry.end_tick == tick or line.is_weak or schedule.joined([line], tick, 0):
                return entry.end_tick
    return _stop(desk, tick)


def _note(desk: Desk, kind: Incident.Kind, entry: Entry | None, reason: str, detail: dict[str, Any]) -> None:
    Incident.objects.create(
        kind=kind,
        tick=desk.frozen,
        service=desk.service,
        entry=entry,
        reason=reason,
        detail=detail,
        actor=desk.actor,
    )
