"""The operator's edits of the schedule: each one transaction, logged with what it changed, so that it can be undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from django.utils import timezone
from django.utils.translation import gettext as _

from keshen.air import queries
from keshen.air.actions.locking import Locked, service_urn
from keshen.air.actions.planning import replan
from keshen.air.actions.relaying import rebuild
from keshen.air.actions.restoring import restore
from keshen.air.log.laid_log import LaidLog
from keshen.air.log.laying import Laying
from keshen.air.models import Entry, Line, Slot
from keshen.air.scheduling import schedule, template
from keshen.air.scheduling.schedule import Conflict, Lines
from keshen.air.serving import load
from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import Event, Service, User
from keshen.media.houseformat import datetime_at
from keshen.media.marks import marks_of
from keshen.rights.policy import Outcome

CHANGED = "air.schedule_changed"
STEPS = 100
"""How far back one may undo."""

TURNS = {"undo": "undoes", "redo": "redoes"}
"""What an event that takes another back calls that one's number."""


@dataclass(frozen=True, slots=True)
class Done:
    """What an edit did: `start` to `end` of what was placed, in ticks, and what to know about it."""

    start: int
    end: int
    warnings: tuple[str, ...] = ()
    event: int = 0


class Desk:
    """One edit under the service's lock: the log, the lines, from where they may be changed.

    Raises laying.NothingToPlay.
    """

    def __init__(self, actor: User, service: Service) -> None:
        permit(actor, "air.schedule", service)
        self.locked = Locked(service)
        self.actor = actor
        self.service = service
        self.laying = Laying(actor, service, self.locked.tick)
        self.log = LaidLog(service, self.locked.tick)
        self.frozen = self.log.cut_point(self.locked.tick)
        self.before = self.laying.lines

    def line(self, start: int, asset: int | None = None) -> schedule.Line:
        """What begins at a tick: a line, or what the template put there. Raises Conflict (`changed`) for nothing, or
        for another asset than the person saw."""
        found = next((line for line in self.before if line.start == start), None) or self._derived(start)
        if found is None or (asset is not None and found.asset != asset):
            raise Conflict("changed", found or schedule.at(self.before, start))
        return found

    def _derived(self, start: int) -> schedule.Line | None:
        entry = self.log.at(start)
        if entry is not None and entry.start_tick == start:
            return line_of_entry(entry)
        for slot in Slot.objects.filter(service=self.service, start_tick__lte=start, end_tick__gt=start):
            for begin, ticks, asset, asset_tick, kind, titles in slot.parts:
                if begin == start:
                    return schedule.Line(begin, ticks, asset, asset_tick, kind, titles)
        return None

    def keep(self, after: Lines, verb: str, *, reason: str = "", takes_back: Event | None = None) -> Event | None:
        """Write the lines as they are to be, lay anew what that touches, and log it. None when nothing changed.

        `takes_back` is the edit that is undone, or the undoing that is done again.
        """
        touched = schedule.span(self.before, after)
        if touched is None:
            return None
        removed, added = set(self.before) - set(after), set(after) - set(self.before)
        Line.objects.filter(service=self.service, start_tick__in=[line.start for line in removed]).delete()
        Line.objects.bulk_create(self._row(line) for line in sorted(added, key=lambda line: line.start))
        self.laying.lines = schedule.ordered(after)
        stood = restore(self.laying, self.log, takes_back.after or {}, reason) if takes_back else None
        made = stood or rebuild(self.laying, self.log, *touched, reason)
        if self.log:
            until = max(self.log.end, made.until) if made else self.log.end
            replan(self.laying, touched[0], touched[1], until)
        for line in added:
            if line.asset and self.laying.plays(line):
                self.laying.exact(line)
                self.laying.marks(placed_of_line(line))
        self.laying.prepared.ask()
        turned = {TURNS[verb]: takes_back.pk} if takes_back else {}
        event = record(
            self.actor,
            CHANGED,
            service_urn(self.service),
            organisation=self.service.organisation,
            before={"lines": [line.row() for line in schedule.ordered(removed)]},
            after={
                "lines": [line.row() for line in schedule.ordered(added)],
                "verb": verb,
                "service": self.service.slug,
                "from": made.start if made else touched[0],
                **(made.row() if made else {}),
                **turned,
            },
            reason=reason,
        )
        self.locked.finish()
        return event

    def _row(self, line: schedule.Line) -> Line:
        return Line(
            service=self.service,
            start_tick=line.start,
            end_tick=line.end,
            asset_id=line.asset or None,
            asset_tick=line.asset_tick,
            kind=line.kind,
            titles=dict(line.titles),
            hard=line.hard,
            group=line.group,
            story_urn=line.story,
            item_id=line.item or None,
            marks=[mark.row() for mark in line.marks],
            placed_by=self.actor,
        )

    def cut(self, asset: int, first: int, last: int | None) -> tuple[int, int]:
        """Where an asset may begin and end, nearest to what is wished. Raises Conflict (`not-ready`, `too-short`)."""
        held = load.assets([asset], self.laying.known).get(asset)
        if held is None:
            raise Conflict("not-ready")
        return schedule.in_and_out(held.ticks, first, held.ticks if last is None else last)

    def warnings(self, line: schedule.Line) -> tuple[str, ...]:
        """What a person should know before a line airs: what rights say, and which bulletins it covers."""
        found = []
        if line.asset and line.asset in self.laying.known:
            decision = self.laying.decision(line.asset, line.story, line.start)
            if decision.outcome != Outcome.PERMIT:
                found.append(" ".join(decision.explanation))
            if not self.laying.plays(line):
                found.append(_("The media cannot be played there; fillers will be on instead."))
            elif not self.laying.exact(line):
                found.append(_("The cut is being prepared; until it is there, up to four seconds are left to fillers."))
            elif line.marks and not self.laying.marks(placed_of_line(line)):
                found.append(_("The marks are being prepared; until they are there, it airs without them."))
        covered = template.bulletins(self.laying.template, line.start, line.end) if line.asset else []
        if covered:
            times = ", ".join(f"{timezone.localtime(datetime_at(tick)):%H:%M}" for tick in covered[:4])
            found.append(_("It covers the news at %(times)s.") % {"times": times})
        return tuple(found)

    def done(self, line: schedule.Line, after: Lines, event: Event | None) -> Done:
        placed = min(
            (one for one in after if one.asset == line.asset and one.asset_tick == line.asset_tick),
            key=lambda one: abs(one.start - line.start),
            default=line,
        )
        return Done(placed.start, placed.end, self.warnings(placed), event.pk if event else 0)


def line_of_entry(entry: Entry) -> schedule.Line:
    """A laid entry as a line; what only fills is a line without an asset."""
    fills = entry.kind in (Entry.Kind.FILLER, Entry.Kind.STANDBY)
    return schedule.Line(
        entry.start_tick,
        entry.end_tick - entry.start_tick,
        0 if fills else entry.asset_id,
        0 if fills else entry.asset_tick,
        entry.kind,
        entry.titles or entry.slot_titles,
        story=entry.story_urn,
        item=entry.item_id or 0,
        marks=() if fills else tuple(mark for mark in marks_of(entry.marks) if not mark.is_permanent),
    )


def placed_of_line(line: schedule.Line) -> template.Placed:
    """A line as it would be laid whole."""
    return template.Placed(
        line.start, line.ticks, line.asset, line.kind, line.start, "line", line.titles,
        asset_tick=line.asset_tick, marks=line.marks,
    )  # fmt: skip


@action
def insert(
    actor: User,
    service: Service,
    *,
    start: int,
    asset: int = 0,
    first: int = 0,
    last: int | None = None,
    kind: str = Entry.Kind.PROGRAMME.value,
    titles: Mapping[str, str] | None = None,
    hard: bool = False,
) -> Done:
    """Place an asset at a tick, from its tick `first` to `last`; what is soft and in its way moves on.

    With asset 0, `last` is a length that is left to the fillers, or tells the news when `kind` is `bulletin`. Event:
    `air.schedule_changed`. Raises Conflict, laying.NothingToPlay.
    """
    desk = Desk(actor, service)
    if asset:
        begin, end = desk.cut(asset, first, last)
        line = schedule.Line(
            start, end - begin, asset, begin, kind, dict(titles or queries.titles([asset]).get(asset, {})), hard
        )
    else:
        line = schedule.Line(start, last or 0, kind=kind, titles=dict(titles or {}), hard=hard)
    after = schedule.insert(desk.before, line, desk.frozen)
    return desk.done(line, after, desk.keep(after, "insert"))


@action
def move(actor: User, service: Service, *, start: int, to: int, asset: int | None = None) -> Done:
    """Move what begins at a tick to another. What the template had put there is left to the fillers.

    `asset` is what the person saw there. Event: `air.schedule_changed`. Raises Conflict.
    """
    desk = Desk(actor, service)
    line = desk.line(start, asset)
    if line.is_weak:
        raise Conflict("filler", line)
    moved = replace(line, start=to)
    if line in desk.before:
        after = schedule.move(desk.before, line, to, desk.frozen)
    else:
        after = schedule.insert(schedule.leave_empty(desk.before, line, desk.frozen), moved, desk.frozen)
    return desk.done(moved, after, desk.keep(after, "move"))


@action
def remove(actor: User, service: Service, *, start: int, asset: int | None = None) -> Done:
    """Take out what begins at a tick. A placed line gives its time back to the template; what the template put there
    is left to the fillers. Event: `air.schedule_changed`. Raises Conflict."""
    desk = Desk(actor, service)
    line = desk.line(start, asset)
    if line in desk.before:
        after = schedule.remove(desk.before, line, desk.frozen)
    else:
        after = schedule.leave_empty(desk.before, line, desk.frozen)
    event = desk.keep(after, "remove")
    return Done(line.start, line.end, (), event.pk if event else 0)


@action
def trim(actor: User, service: Service, *, start: int, first: int, last: int, asset: int | None = None) -> Done:
    """Play what begins at a tick from tick `first` of its asset to `last`, or as near as it can be cut.

    Event: `air.schedule_changed`. Raises Conflict.
    """
    desk = Desk(actor, service)
    line = desk.line(start, asset)
    if line.is_weak:
        raise Conflict("filler", line)
    begin, end = desk.cut(line.asset, first, last)
    lines = desk.before if line in desk.before else schedule.ordered([*schedule.carve(desk.before, line), line])
    after = schedule.trim(lines, line, begin, end - begin, desk.frozen)
    return desk.done(replace(line, asset_tick=begin, ticks=end - begin), after, desk.keep(after, "trim"))


@action
def fix(actor: User, service: Service, *, start: int, hard: bool, asset: int | None = None) -> Done:
    """Make what begins at a tick start hard, or soft again. Event: `air.schedule_changed`. Raises Conflict."""
    desk = Desk(actor, service)
    line = desk.line(start, asset)
    if line.start < desk.frozen:
        raise Conflict("frozen", line, desk.frozen)
    if line.is_weak and line not in desk.before:
        raise Conflict("filler", line)
    lines = desk.before if line in desk.before else schedule.ordered([*schedule.carve(desk.before, line), line])
    after = schedule.fix(lines, line, hard)
    return desk.done(line, after, desk.keep(after, "fix"))


@action
def undo(actor: User, service: Service) -> Done:
    """Take back one's own last edit that stands. Event: `air.schedule_changed`. Raises Conflict (`nothing`,
    `changed`, `frozen`)."""
    return _turn(actor, service, lambda desk: _history(actor, service)[0], "undo")


@action
def redo(actor: User, service: Service) -> Done:
    """Do again what one took back last. Event: `air.schedule_changed`. Raises Conflict, as `undo` does."""
    return _turn(actor, service, lambda desk: _history(actor, service)[1], "redo")


def _turn(actor: User, service: Service, found: Callable[[Desk], list[Event]], verb: str) -> Done:
    desk = Desk(actor, service)
    stack = found(desk)
    if not stack:
        raise Conflict("nothing")
    event = stack[-1]
    removed = tuple(schedule.line_of(row) for row in (event.before or {}).get("lines", []))
    added = tuple(schedule.line_of(row) for row in (event.after or {}).get("lines", []))
    after = schedule.undone(desk.before, removed, added, desk.frozen)
    made = desk.keep(after, verb, takes_back=event)
    changed = [*removed, *added]
    return Done(min(one.start for one in changed), max(one.end for one in changed), (), made.pk if made else 0)


def _history(actor: User, service: Service) -> tuple[list[Event], list[Event]]:
    """What this person can undo, and redo, the next one last."""
    rows = Event.objects.filter(kind=CHANGED, subject=service_urn(service), actor=actor).order_by("-id")[:STEPS]
    done: list[Event] = []
    taken: list[Event] = []
    for event in reversed(rows):
        after = event.after or {}
        if "undoes" in after:
            done = done[:-1]
            taken.append(event)
        elif "redoes" in after:
            taken = taken[:-1]
            done.append(event)
        else:
            done.append(event)
            taken = []
    return done, taken
