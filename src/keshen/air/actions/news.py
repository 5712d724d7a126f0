"""Stories on the air: into bulletins, out of them, and what becomes of an item."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from keshen.air import queries
from keshen.air.actions.locking import Locked
from keshen.air.actions.relaying import cut_point, note_refused, relay
from keshen.air.log.laying import Laying
from keshen.air.models import Entry, Item
from keshen.air.scheduling import template
from keshen.air.timeline import horizon
from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import Service, User
from keshen.newsroom.models import Story


@action
def enter(actor: User, service: Service, item: Item) -> int | None:
    """Bring an item that is ready into the next bulletin that is not frozen, and those after it.

    Returns the tick of that bulletin; None when the service has none within what is laid (it will be laid with it).
    An older telling of the story that is on the air gives way at the freeze horizon. Event: `air.item_entered`.
    """
    permit(actor, "air.news", service)
    locked = Locked(service)
    laid = queries.laid(service, locked.tick)
    if not laid or item.state != Item.State.READY:
        return None
    cut = cut_point(laid, locked.tick)
    if any(entry.item_id == item.pk and entry.start_tick >= cut for entry in laid):
        return None
    story = item.story.urn or ""
    laying = Laying(actor, service, locked.tick)
    allowed = {clip.item: clip for clip in laying.news(horizon(locked.tick))}
    if item.pk not in allowed:
        note_refused(laying, horizon(locked.tick))
        return None
    start = _change_current(laying, laid, story, allowed[item.pk], _("The corrected item is on."))
    if start is None:
        start = laying.composer.next_bulletin(cut)
        if start is None or start >= laid[-1].end_tick:
            return None
        relay(laying, laid, start, [])
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
    locked = Locked(service)
    name = story.urn or ""
    laid = queries.laid(service, locked.tick)
    cut = cut_point(laid, locked.tick) if laid else 0
    ahead = [entry for entry in laid if entry.story_urn == name and entry.end_tick > cut]
    if not ahead:
        return None
    laying = Laying(actor, service, locked.tick)
    start = None if later else _change_current(laying, laid, name, None, reason)
    if start is None:
        start = min((entry.slot_tick for entry in ahead if entry.slot_tick >= cut), default=None)
        if start is None:
            return None
        relay(laying, laid, start, [])
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


def _change_current(
    laying: Laying, laid: Sequence[Entry], story: str, instead: template.Clip | None, reason: str
) -> int | None:
    """Change the programme that is under way at the horizon, when the story has part in what is left of it.

    The story's entries go; `instead` takes the place of the first. Returns where the change begins, else None.
    """
    cut = cut_point(laid, laying.now)
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
    relay(laying, laid, start, run, slot=min(slots), reason=reason)
    return start


def _clip(entry: Entry) -> template.Clip:
    return template.Clip(
        entry.asset_id, entry.end_tick - entry.start_tick, entry.titles, entry.story_urn, entry.item_id or 0
    )


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
