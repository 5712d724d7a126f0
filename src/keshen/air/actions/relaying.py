"""What every edit of the laid log is made of: where it may begin, and laying anew from there."""

from __future__ import annotations

from collections.abc import Sequence

from keshen.air import load, template
from keshen.air.actions.locking import LAID_TICKS
from keshen.air.laying import Laying
from keshen.air.models import Entry, Incident, Item
from keshen.air.timeline import Timeline, horizon


def cut_point(laid: Sequence[Entry], tick: int) -> int:
    """The first segment boundary at or beyond the freeze horizon."""
    return Timeline([entry.timed() for entry in laid]).cut_point(horizon(tick))


def note_refused(laying: Laying, tick: int) -> None:
    """Items that rights keep off the air say so, where their receipts are read."""
    for item, decision in laying.refused(tick):
        reason = " ".join(decision.explanation)
        if item.reason != reason:
            Item.objects.filter(pk=item.pk).update(reason=reason)


def relay(
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
