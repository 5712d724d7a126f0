"""The air's verbs. Each takes the service's lock, reads the clock under it, and ends within two seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from keshen.air import clock, load, queries, template
from keshen.air.hls import WINDOW_TICKS
from keshen.air.laying import Checked, Laying, Position
from keshen.air.models import Entry, Incident, Item, Slot, Stock, Week
from keshen.air.timeline import Timeline, horizon
from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import Service, User
from keshen.house.urns import urn
from keshen.media.houseformat import MIN_ENTRY_TICKS, TICKS_PER_HOUR
from keshen.media.models import Asset
from keshen.newsroom.models import Story

LOCK = 0x4B41
"""First half of the advisory lock of a service; the second is its id."""
EDIT_MS = 2000
LAID_TICKS = TICKS_PER_HOUR * 5 // 4
"""How far ahead the log is laid: never less than an hour."""
PLANNED_TICKS = 26 * TICKS_PER_HOUR


class TooSlow(Exception):
    """The edit took so long that what it checked may be frozen by now. Nothing was changed; try again."""


class _Locked:
    """The service's lock for the rest of the transaction; `tick` is the instant the edit is made at."""

    def __init__(self, service: Service) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{EDIT_MS}ms"])
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, service.pk])
            self._began = clock.milliseconds()
            self.tick = clock.tick()
            cursor.execute("SELECT set_config('keshen.tick', %s, true)", [str(self.tick)])

    def finish(self) -> None:
        """Last thing before the commit. Raises TooSlow."""
        if clock.milliseconds() - self._began > EDIT_MS:
            raise TooSlow(_("The schedule was busy. Nothing was changed; try again."))


def service_urn(service: Service) -> str:
    """The URN of a service; it has no day of making, so it carries its organisation's."""
    return urn("service", f"{service.slug}-{service.kind}", timezone.now().replace(year=1970, month=1, day=1))


@action
def set_week(actor: User, service: Service, body: Mapping[str, Any]) -> Week:
    """Give a service its weekly template. Event: `air.week_set`. Raises template.TemplateError."""
    permit(actor, "air.lay", service)
    template.parse(body)
    before = Week.objects.filter(service=service).first()
    week, _made = Week.objects.update_or_create(service=service, defaults={"body": dict(body)})
    if before is None or before.body != week.body:
        record(
            actor,
            "air.week_set",
            service_urn(service),
            organisation=service.organisation,
            before=before and {"week": before.body},
            after={"week": week.body},
        )
    return week


@action
def stock(
    actor: User,
    asset: Asset,
    role: Stock.Role,
    *,
    service: Service | None = None,
    titles: Mapping[str, str] | None = None,
    key: str = "",
    position: int = 0,
) -> Stock:
    """Put an asset on the shelf of a service, or of all. Doing it again changes nothing. Event: `air.stocked`."""
    permit(actor, "air.stock", service)
    row, made = Stock.objects.get_or_create(
        service=service,
        role=role,
        asset=asset,
        defaults={"titles": dict(titles or {}), "key": key, "position": position},
    )
    if made:
        after = {"role": role.value, "service": service.slug if service else None, "key": key}
        record(actor, "air.stocked", asset.urn, organisation=asset.organisation, after=after)
    return row


@action
def lay(actor: User, service: Service, *, until: int | None = None) -> int:
    """Lay the log of a service on, until a tick (by default an hour and a quarter ahead); returns how many entries.

    Where the log ended in the past, the house was off the air: that time is one standby entry and an incident, and the
    week goes on from now. What is added at the end was told to nobody, so that it may commit late. Event: `air.laid`.
    Raises laying.NothingToPlay.
    """
    permit(actor, "air.lay", service)
    locked = _Locked(service)
    until = locked.tick + LAID_TICKS if until is None else until
    last = queries.last_laid(service)
    if last is not None and last.end_tick >= until:
        return 0
    laying = Laying(actor, service, locked.tick)
    position = laying.position(last)
    made: list[Entry] = []
    if last is None:
        start = locked.tick - WINDOW_TICKS  # so that the first playlist is a whole window long
    else:
        start = last.end_tick
        if start < locked.tick:
            made += _off_air(laying, start, max(locked.tick, start + MIN_ENTRY_TICKS), position)
            start, position = made[-1].end_tick, laying.position(made[-1])
    made += laying.lay(laying.checked(laying.resolve(start, until)), position)
    _note_refused(laying, start)
    record(
        actor,
        "air.laid",
        service_urn(service),
        organisation=service.organisation,
        after={"from": start, "to": made[-1].end_tick, "entries": len(made)},
    )
    return len(made)


def _off_air(laying: Laying, start: int, end: int, position: Position) -> list[Entry]:
    reason = _("The house was off the air.")
    placed = template.Placed(start, end - start, laying.standby.loop.id, Entry.Kind.STANDBY.value, start, "off-air", {})
    made = laying.lay([Checked(placed)], position)
    Incident.objects.create(
        kind=Incident.Kind.OFF_AIR,
        tick=start,
        service=laying.service,
        entry=made[0],
        reason=reason,
        detail={"until": end},
        actor=laying.actor,
    )
    return made


def _note_refused(laying: Laying, tick: int) -> None:
    """Items that rights keep off the air say so, where their receipts are read."""
    for item, decision in laying.refused(tick):
        reason = " ".join(decision.explanation)
        if item.reason != reason:
            Item.objects.filter(pk=item.pk).update(reason=reason)


@action
def plan(actor: User, service: Service) -> int:
    """Work out anew what follows the laid log, for the guide; returns how many lines."""
    permit(actor, "air.lay", service)
    locked = _Locked(service)
    last = queries.last_laid(service)
    if last is None:
        return 0
    laying = Laying(actor, service, locked.tick)
    placed = laying.resolve(last.end_tick, locked.tick + PLANNED_TICKS)
    Slot.objects.filter(service=service).delete()
    Slot.objects.bulk_create(
        Slot(service=service, start_tick=start, end_tick=end, kind=kind, titles=dict(titles))
        for start, end, kind, titles in template.lines(placed)
    )
    return len(placed)


@action
def lay_anew(actor: User, service: Service) -> int | None:
    """Lay again what is not frozen, since the shelf has changed; a bulletin that is under way then ends first.

    Returns the tick from which the log is new; None when nothing is laid that far. Event: `air.laid_anew`.
    """
    permit(actor, "air.lay", service)
    locked = _Locked(service)
    laid = queries.laid(service, locked.tick)
    cut = _cut_point(laid, locked.tick) if laid else 0
    news = (Entry.Kind.ITEM, Entry.Kind.IDENT)
    start = next((entry.start_tick for entry in laid if entry.start_tick >= cut and entry.kind not in news), None)
    if start is None:
        return None
    _relay(Laying(actor, service, locked.tick), laid, start, [])
    record(
        actor,
        "air.laid_anew",
        service_urn(service),
        organisation=service.organisation,
        after={"tick": start},
    )
    return start


@action
def enter(actor: User, service: Service, item: Item) -> int | None:
    """Bring an item that is ready into the next bulletin that is not frozen, and those after it.

    Returns the tick of that bulletin; None when the service has none within what is laid (it will be laid with it).
    An older telling of the story that is on the air gives way at the freeze horizon. Event: `air.item_entered`.
    """
    permit(actor, "air.news", service)
    locked = _Locked(service)
    laid = queries.laid(service, locked.tick)
    if not laid or item.state != Item.State.READY:
        return None
    cut = _cut_point(laid, locked.tick)
    if any(entry.item_id == item.pk and entry.start_tick >= cut for entry in laid):
        return None
    story = item.story.urn or ""
    laying = Laying(actor, service, locked.tick)
    allowed = {clip.item: clip for clip in laying.news(horizon(locked.tick))}
    if item.pk not in allowed:
        _note_refused(laying, horizon(locked.tick))
        return None
    start = _change_current(laying, laid, story, allowed[item.pk], _("The corrected item is on."))
    if start is None:
        start = template.next_bulletin(laying.template, cut)
        if start is None or start >= laid[-1].end_tick:
            return None
        _relay(laying, laid, start, [])
    record(
        actor,
        "air.item_entered",
        story,
        organisation=item.story.organisation,
        after={"service": service.slug, "item": item.pk, "tick": start},
    )
    locked.finish()
    return start


@action
def take_out(actor: User, service: Service, story: Story, reason: str, *, later: bool = False) -> int | None:
    """Take a story out of what is not yet frozen: the entry on air is cut at the first boundary beyond the freeze.

    With `later`, the programme that is under way keeps it and only those that follow go without. Returns the tick
    from which the log is changed; None when nothing of the story was to come. Event: `air.taken_out`.
    """
    permit(actor, "air.news", service)
    locked = _Locked(service)
    name = story.urn or ""
    laid = queries.laid(service, locked.tick)
    cut = _cut_point(laid, locked.tick) if laid else 0
    ahead = [entry for entry in laid if entry.story_urn == name and entry.end_tick > cut]
    if not ahead:
        return None
    laying = Laying(actor, service, locked.tick)
    start = None if later else _change_current(laying, laid, name, None, reason)
    if start is None:
        start = min((entry.slot_tick for entry in ahead if entry.slot_tick >= cut), default=None)
        if start is None:
            return None
        _relay(laying, laid, start, [])
    record(
        actor,
        "air.taken_out",
        name,
        organisation=story.organisation,
        after={"service": service.slug, "tick": start},
        reason=reason,
    )
    locked.finish()
    return start


@action
def withdraw(actor: User, subject: str, reason: str) -> Incident:
    """Take a story or an asset (by URN) off the air for good: every segment of it answers 410 from now on.

    Doing it again changes nothing. Event: `air.withdrawn`.
    """
    permit(actor, "air.withdraw")
    held = Incident.objects.filter(kind=Incident.Kind.WITHDRAWN, subject=subject).first()
    if held is not None:
        return held
    made = Incident.objects.create(
        kind=Incident.Kind.WITHDRAWN, tick=clock.tick(), subject=subject, reason=reason, actor=actor
    )
    record(actor, "air.withdrawn", subject, after={"tick": made.tick}, reason=reason)
    return made


def _cut_point(laid: Sequence[Entry], tick: int) -> int:
    """The first segment boundary at or beyond the freeze horizon."""
    return Timeline([entry.timed() for entry in laid]).cut_point(horizon(tick))


def _change_current(
    laying: Laying, laid: Sequence[Entry], story: str, instead: template.Clip | None, reason: str
) -> int | None:
    """Change the programme that is under way at the horizon, when the story has part in what is left of it.

    The story's entries go; `instead` takes the place of the first. Returns where the change begins, else None.
    """
    cut = _cut_point(laid, laying.now)
    current = next((entry for entry in laid if entry.start_tick < cut < entry.end_tick), None)
    slots = {entry.slot_tick for entry in laid if entry.slot_tick < cut and entry.end_tick > cut}
    rest = [entry for entry in laid if entry.slot_tick in slots and entry.end_tick > cut]
    touched = [entry for entry in rest if entry.story_urn == story]
    if not touched:
        return None
    start = cut
    if current is not None and current.story_urn != story:
        start = current.end_tick
        rest = [entry for entry in rest if entry.pk != current.pk]
    run: list[tuple[template.Clip, str]] = []
    for entry in rest:
        if entry.story_urn == story:
            if instead is not None and entry.pk == touched[0].pk:
                run.append((instead, Entry.Kind.ITEM.value))
        elif entry.kind in (Entry.Kind.ITEM, Entry.Kind.IDENT):
            run.append((_clip(entry), entry.kind))
    _relay(laying, laid, start, run, slot=min(slots), reason=reason)
    return start


def _clip(entry: Entry) -> template.Clip:
    return template.Clip(
        entry.asset_id, entry.end_tick - entry.start_tick, entry.titles, entry.story_urn, entry.item_id or 0
    )


def _relay(
    laying: Laying,
    laid: Sequence[Entry],
    start: int,
    run: Sequence[tuple[template.Clip, str]],
    *,
    slot: int | None = None,
    reason: str = "",
) -> None:
    """Void what is laid from `start` on and lay it anew to where it ended; an entry that spans `start` is cut there.

    With `slot`, a programme that began there goes on with `run` first.
    """
    until = max(laid[-1].end_tick, laying.now + LAID_TICKS)
    before = [entry for entry in laid if entry.start_tick < start]
    last = before[-1] if before else None
    if last is not None and last.end_tick > start:
        was = last.end_tick
        last.end_tick = start
        last.save(update_fields=["end_tick"])
        Incident.objects.create(
            kind=Incident.Kind.CUT,
            tick=start,
            service=laying.service,
            entry=last,
            reason=reason,
            detail={"was": was},
            actor=laying.actor,
        )
    Entry.objects.filter(service=laying.service, state=Entry.State.LAID, start_tick__gte=start).update(
        state=Entry.State.VOID
    )
    placed: list[template.Placed] = []
    if slot is not None:
        load.assets([clip.asset for clip, _kind in run], laying.known)
        placed = template.resume(laying.template, laying.shelf, run, slot, start, laying.zone)
        start = placed[-1].end if placed else start
    placed += laying.resolve(start, until)
    laying.lay(laying.checked(placed), laying.position(last))


@action
def shelve_item(actor: User, item: Item, state: Item.State, reason: str = "") -> Item:
    """Move an item between the states of a telling. A killed one stays killed. Event: `air.item_changed`."""
    permit(actor, "air.news")
    held = Item.objects.select_for_update(of=("self",)).select_related("story").get(pk=item.pk)
    if held.state in (state, Item.State.KILLED):
        return held
    before = held.state
    held.state, held.reason = state, reason
    if state == Item.State.READY:
        held.ready_at = timezone.now()
        Item.objects.filter(story=held.story, outlet=held.outlet).exclude(pk=held.pk).filter(
            Q(state=Item.State.READY) | Q(state=Item.State.HELD)
        ).update(state=Item.State.REPLACED)
    held.save(update_fields=["state", "reason", "ready_at"])
    record(
        actor,
        "air.item_changed",
        held.story.urn or "",
        organisation=held.story.organisation,
        before={"item": held.pk, "state": before},
        after={"item": held.pk, "state": state.value, "outlet": held.outlet},
        reason=reason,
    )
    return held
