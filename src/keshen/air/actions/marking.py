"""Marks over the picture: on an entry, and a service's logo; and laying anew what was waiting for its pieces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from keshen.air import branding, queries
from keshen.air.actions.locking import Locked, service_urn
from keshen.air.actions.relaying import cut_point, placed_of, rebuild
from keshen.air.actions.schedule import Desk, Done, placed_of_line
from keshen.air.branding import Burn, Logo
from keshen.air.log.laid_log import LaidLog
from keshen.air.log.laying import Laying
from keshen.air.models import Entry
from keshen.air.scheduling import schedule
from keshen.air.scheduling.schedule import Conflict
from keshen.air.serving import load
from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.jobs import defer
from keshen.house.models import Service, User
from keshen.media.marks import BadMark, Kind, Mark, mark_of

REFINE = "air.refine"


@action
def mark(
    actor: User,
    service: Service,
    *,
    start: int,
    marks: Sequence[Mapping[str, Any]],
    asset: int | None = None,
) -> Done:
    """Draw `marks` over what begins at a tick, in place of those it had; none takes all away.

    Each is as `marks.mark_of` reads it, but `first` and `last` count from the start of the entry, and may be left out
    for all of it; a logo looks as the service's does. It airs with them once they are prepared, and without until then.
    Event: `air.schedule_changed`. Raises Conflict, marks.BadMark.
    """
    desk = Desk(actor, service)
    line = desk.line(start, asset)
    if line.start < desk.frozen:
        raise Conflict("frozen", line, desk.frozen)
    if line.is_weak or not line.asset:
        raise Conflict("filler", line)
    drawn = tuple(_placed(one, line, branding.logo(service), service) for one in marks)
    lines = desk.before if line in desk.before else schedule.ordered([*schedule.carve(desk.before, line), line])
    marked = replace(line, marks=drawn)
    after = schedule.ordered([*(one for one in lines if one != line), marked])
    return desk.done(marked, after, desk.keep(after, "mark"))


def _placed(given: Mapping[str, Any], line: schedule.Line, logo: Logo, service: Service) -> Mark:
    """A mark by ticks of the asset, within the line."""
    row = {
        "accent": service.accent,
        "last": line.ticks,
        "first": 0,
        **{k: v for k, v in given.items() if v is not None},
    }
    words = {Kind.LOGO: logo.mark.text, Kind.REPEAT: branding.repeat(service)}.get(row.get("kind", ""))
    made = mark_of({"text": words, **row} if words else row)
    first = min(made.first, line.ticks) + line.asset_tick
    last = min(made.last, line.ticks) + line.asset_tick
    if made.kind == Kind.LOGO:
        return logo.over(first, last)
    return replace(made, first=first, last=last)


@action
def set_logo(actor: User, service: Service, given: Mapping[str, Any]) -> Logo:
    """Set how a service's logo looks and what it is drawn over: `text`, `corner`, `size`, `opacity`, `picture`, `burn`.

    What is left out stays. What is laid and not yet frozen gets it once that is prepared. Event: `air.logo_set`.
    Raises marks.BadMark.
    """
    permit(actor, "air.schedule", service)
    held = Service.objects.select_for_update().get(pk=service.pk)
    before = branding.settings_of(branding.logo(held))
    wanted = {**before, **{name: value for name, value in given.items() if name in before and value is not None}}
    if wanted["burn"] not in Burn.values:
        raise BadMark(f"a logo is drawn over {', '.join(Burn.values)}, not {wanted['burn']}")
    burn = Burn(wanted["burn"])
    row = {name: value for name, value in wanted.items() if name != "burn"}
    made = Logo(mark_of({**branding.logo(held).mark.row(), **row}), burn)
    held.settings = {**held.settings, branding.SETTING: branding.settings_of(made)}
    held.save(update_fields=["settings"])
    service.settings = held.settings
    after = branding.settings_of(made)
    if after != before:
        event = record(
            actor, "air.logo_set", service_urn(service), organisation=service.organisation, before=before, after=after
        )
        defer(REFINE, key=f"{REFINE}:{event.pk}", actor=actor, subject=event.subject, args={"service": service.pk})
    return made


@action
def refine(actor: User, service: Service, asset: int | None = None) -> tuple[int, int] | None:
    """Lay anew what stands otherwise than it should and need not any longer: a cut or marks that are prepared now.

    With `asset`, only what plays it. Gives from where to where the log is new; None when nothing was waiting. What
    still waits is asked for. Event: `air.refined`.
    """
    permit(actor, "air.lay", service)
    locked = Locked(service)
    laid = queries.laid(service, locked.tick)
    if not laid:
        return None
    laying = Laying(actor, service, locked.tick)
    cut = cut_point(laid, locked.tick)
    behind = [span for span in _behind(laying, laid, asset) if cut <= span[0] < laid[-1].end_tick]
    laying.prepared.ask()
    if not behind:
        return None
    first, last = min(start for start, _end in behind), max(end for _start, end in behind)
    made = rebuild(laying, LaidLog(service, locked.tick), first, last, "")
    if made is not None:
        record(
            actor,
            "air.refined",
            service_urn(service),
            organisation=service.organisation,
            after={"from": made.start, "to": made.until, "service": service.slug},
        )
    laying.prepared.ask()
    locked.finish()
    return (made.start, made.until) if made is not None else None


def _behind(laying: Laying, laid: Sequence[Entry], asset: int | None) -> list[tuple[int, int]]:
    """The stretches that are laid otherwise than they would be now."""
    load.assets({entry.asset_id for entry in laid}, laying.known)
    lines = {(line.start, line.asset, line.asset_tick, line.end): line for line in laying.lines if line.asset}
    found = []
    for entry in laid:
        line = lines.pop((entry.start_tick, entry.asset_id, entry.asset_tick, entry.end_tick), None)
        if asset in (None, entry.asset_id) and entry.kind != Entry.Kind.STANDBY:
            wanted = laying.marks(placed_of_line(line) if line else placed_of(entry))
            if [one.row() for one in wanted] != entry.marks:
                found.append((entry.start_tick, entry.end_tick))
    waiting = (line for line in lines.values() if asset in (None, line.asset))
    found += [(line.start, line.end) for line in waiting if laying.plays(line) and laying.exact(line)]
    return found
