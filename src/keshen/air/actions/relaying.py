"""What every edit of the laid log is made of: where it may begin, and laying anew from there."""

from __future__ import annotations

from collections.abc import Sequence

from keshen.air import load, schedule, template
from keshen.air.actions.locking import LAID_TICKS
from keshen.air.compose import LINE
from keshen.air.laying import Checked, Laying
from keshen.air.models import Entry, Incident, Item
from keshen.air.timeline import Timeline, horizon
from keshen.media.houseformat import MIN_ENTRY_TICKS
from keshen.media.marks import marks_of


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
    last = clear(laying, laid, start, reason)
    placed: list[template.Placed] = []
    if slot is not None:
        load.assets([clip.asset for clip, _kind in run], laying.known)
        stop = _stop(laying, start)
        placed = template.resume(laying.template, laying.shelf, run, slot, start, stop, laying.zone)
        start = placed[-1].end if placed else start
    placed += laying.resolve(start, until)
    laying.lay(laying.checked(placed), laying.position(last))
    laying.prepared.ask()


def _stop(laying: Laying, start: int) -> int:
    """Where a programme that goes on at `start` ends at the latest."""
    covering = schedule.at(laying.lines, start)
    return covering.end if covering else laying.composer.next_fixed(start)


def clear(laying: Laying, laid: Sequence[Entry], start: int, reason: str) -> Entry | None:
    """Void what begins at or after `start` and cut what spans it; returns the entry that is then the last."""
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
    return last


def rebuild(laying: Laying, laid: Sequence[Entry], first: int, last: int, reason: str) -> tuple[int, int] | None:
    """Compose anew what a change of lines from tick `first` to `last` touches, and nothing else of the log.

    What follows is laid again as it was, only numbered on. Returns from where to where the log is new; None when it is
    not laid that far. `laying.lines` are the lines as they are now.
    """
    if not laid or first >= laid[-1].end_tick:
        return None
    start = _begin(laying, laid, max(first, cut_point(laid, laying.now)))
    old = [(entry.start_tick, entry.end_tick, entry.asset_id) for entry in laid]
    begins = {entry.start_tick for entry in laid}
    placed = laying.resolve_touched(start, last, old, begins, laid[-1].end_tick)
    until = placed[-1].end
    if until < laid[-1].end_tick:
        kept = [entry for entry in laid if entry.start_tick >= until]
    else:
        kept = []
    load.assets({entry.asset_id for entry in kept}, laying.known)
    before = clear(laying, laid, start, reason)
    made = laying.lay(laying.checked(placed), laying.position(before))
    again = [Checked(placed_of(entry), entry.decision, entry.reason, entry.barred) for entry in kept]
    laying.lay(again, laying.position(made[-1]), again=True)
    return start, until


def goes_on(entry: Entry) -> bool:
    """Whether a programme that was interrupted goes on with it: to compose from there would leave out the rest."""
    of_one = (Entry.Kind.PROGRAMME, Entry.Kind.BREAK)
    return entry.slot_tick < entry.start_tick and entry.kind in of_one and entry.slot_kind != LINE


def _begin(laying: Laying, laid: Sequence[Entry], first: int) -> int:
    """From where to compose for a change at `first`: a fixed start, else a beginning, else where a cut may be."""
    cut = cut_point(laid, laying.now)
    fixed = laying.composer.fixed_before(first)
    starts = {entry.start_tick for entry in laid if not goes_on(entry)} | {laid[-1].end_tick}
    if fixed >= cut and fixed in starts:
        return fixed
    places = [tick for tick in sorted(starts) if cut <= tick <= first]
    if not places:
        under_way = [entry.timed() for entry in laid if entry.end_tick > cut and entry.start_tick <= first]
        ticks = (entry.start + offset for entry in under_way for offset in entry.starts())
        places = [tick for tick in ticks if cut <= tick <= first][::-1]
    usable = (tick for tick in places if tick == first or first - tick >= MIN_ENTRY_TICKS)
    return next(usable, cut)


def placed_of(entry: Entry) -> template.Placed:
    """A laid entry as it was before it was laid."""
    return template.Placed(
        entry.start_tick,
        entry.end_tick - entry.start_tick,
        entry.asset_id,
        entry.kind,
        entry.slot_tick,
        entry.slot_kind,
        entry.slot_titles,
        entry.titles,
        entry.story_urn,
        entry.item_id or 0,
        entry.asset_tick,
        marks_of(entry.marks),
    )
