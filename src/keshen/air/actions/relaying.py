"""What every edit of the laid log is made of: where it may begin, and laying anew from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from keshen.air.actions.locking import LAID_TICKS
from keshen.air.log.laid_log import LaidLog
from keshen.air.log.laying import Checked, Laying, plays_on
from keshen.air.models import Entry, Incident, Item, Renumbering
from keshen.air.scheduling import schedule, template
from keshen.air.scheduling.compose import LINE
from keshen.air.serving import load
from keshen.air.timeline import Timeline, horizon
from keshen.media.houseformat import MIN_ENTRY_TICKS, TICKS_PER_HOUR
from keshen.media.marks import marks_of

KEPT = 500
"""An edit that changed more entries than this is composed anew when it is taken back."""

FILLS = (Entry.Kind.FILLER, Entry.Kind.STANDBY)
FAR_BACK_TICKS = TICKS_PER_HOUR
"""What fills since longer ago is not composed anew from its beginning."""


@dataclass(frozen=True, slots=True)
class Relaid:
    """What an edit laid anew, from tick `start` to `until`: ids of the entries it took `out`, and of those it `made`.

    `news` is what there was to tell then (ids of items), where news was taken out.
    """

    start: int
    until: int
    out: tuple[int, ...]
    made: tuple[int, ...]
    news: tuple[int, ...]

    @classmethod
    def of(cls, laying: Laying, out: Sequence[Entry], made: Sequence[Entry]) -> Relaid:
        told = laying.there_is_to_tell if any(entry.item_id for entry in out) else ()
        numbers = (tuple(entry.pk for entry in entries) for entries in (out, made))
        return cls(made[0].start_tick, made[-1].end_tick, *numbers, told)

    def row(self) -> dict[str, Any]:
        """As an event keeps it, so that the edit can be taken back: nothing where it was large."""
        few = len(self.out) + len(self.made) <= KEPT
        kept = {"out": list(self.out), "made": list(self.made), "news": list(self.news)}
        return {"relaid": kept} if few else {}


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


def clear(laying: Laying, laid: Sequence[Entry], start: int, reason: str, until: int | None = None) -> Entry | None:
    """Void what begins from `start` on (before `until`) and cut what spans it; returns the entry before."""
    last = next((entry for entry in reversed(laid) if entry.start_tick < start), None)
    if last is None:
        rows = Entry.objects.filter(service=laying.service, state=Entry.State.LAID, start_tick__lt=start)
        last = rows.order_by("start_tick").last()
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
    gone = Entry.objects.filter(service=laying.service, state=Entry.State.LAID, start_tick__gte=start)
    if until is not None:
        gone = gone.filter(start_tick__lt=until)
    gone.update(state=Entry.State.VOID)
    return last


def rebuild(laying: Laying, log: LaidLog, first: int, last: int, reason: str) -> Relaid | None:
    """Compose anew what a change of lines from tick `first` to `last` touches, and nothing else of the log.

    What follows stays the rows it is, and counts on (see `Renumbering`). None when it is not laid that far, or nothing
    of it changes. `laying.lines` are the lines as they are now.
    """
    cut = log.cut_point(laying.now)
    first = max(first, cut)
    if not log or first >= log.end:
        return None
    start = _begin(laying, log, cut, first) if laying.is_ordered else _near(log, cut, first)
    placed = laying.resolve_touched(start, last, log, log.end)
    old = log.between(start, placed[-1].end)
    same = _alike(laying, placed, old)
    placed = placed[same:]
    if not placed:
        return None
    start, until = placed[0].start, placed[-1].end
    following = log.at(until) if until < log.end else None
    before = clear(laying, old, start, reason, until)
    made = laying.lay(laying.checked(placed), laying.position(before))
    if following is not None:
        count_on(laying, made[-1], following)
    return Relaid.of(laying, [entry for entry in old if entry.start_tick >= start], made)


def goes_on(entry: Entry) -> bool:
    """Whether a programme that was interrupted goes on with it: to compose from there would leave out the rest."""
    of_one = (Entry.Kind.PROGRAMME, Entry.Kind.BREAK)
    return entry.slot_tick < entry.start_tick and entry.kind in of_one and entry.slot_kind != LINE


def _alike(laying: Laying, placed: Sequence[template.Placed], old: Sequence[Entry]) -> int:
    """How many of what is placed, from the first, stand there as they are, with the marks they would get now."""
    for number, (new, entry) in enumerate(zip(placed, old, strict=False)):
        marks = laying.marks(new)
        if replace(new, marks=()) != replace(placed_of(entry), marks=()) or marks != marks_of(entry.marks):
            return number
    return min(len(placed), len(old))


def count_on(laying: Laying, last: Entry, following: Entry) -> None:
    """Have what was laid from `following` on count on from `last`, by one row."""
    position, was = laying.position(last), following.timed()
    load.assets([following.asset_id], laying.known)
    inits = laying.known[following.asset_id].inits if following.asset_id in laying.known else None
    breaks = position.inits is not None and inits is not None and not plays_on(position.inits, inits)
    if breaks != following.breaks:
        # its own mark is part of the entry: it is laid again, and what follows it counts on
        log = LaidLog(laying.service, following.end_tick)
        Entry.objects.filter(pk=following.pk).update(state=Entry.State.VOID)
        checked = Checked(placed_of(following), following.decision, following.reason, following.barred)
        again = laying.lay([checked], position, again=True)[0]
        if log and (after := log.at(following.end_tick)) is not None:
            count_on(laying, again, after)
        return
    segments = position.sequence - was.sequence
    more = position.discontinuity + following.breaks - was.discontinuity
    if segments or more:
        Renumbering.objects.create(
            service=laying.service, tick=following.start_tick, entry=last.pk, segments=segments, breaks=more
        )


def _begin(laying: Laying, log: LaidLog, cut: int, first: int) -> int:
    """From where to compose for a change at `first`: a fixed start, else the nearest beginning before it."""
    fixed = laying.composer.fixed_before(first)
    return fixed if fixed >= cut and _begins(log, fixed) else _near(log, cut, first)


def _begins(log: LaidLog, tick: int) -> bool:
    """Whether something begins at a tick that does not go on with what was before."""
    here = log.at(tick)
    return here.start_tick == tick and not goes_on(here) if here is not None else tick == log.end


def _near(log: LaidLog, cut: int, first: int) -> int:
    """Where the programme begins that `first` comes in the middle of; else the nearest place an entry may be cut."""
    before = log.at(first - 1)
    if _begins(log, first) and (before is None or before.kind not in FILLS):
        return first
    if (before := log.at(first - MIN_ENTRY_TICKS)) is not None:
        earliest = cut if goes_on(before) else max(cut, first - FAR_BACK_TICKS)
        for tick, bound in ((before.slot_tick, earliest), (before.start_tick, cut)):
            if bound <= tick <= first - MIN_ENTRY_TICKS and _begins(log, tick):
                return tick
    entries = [entry.timed() for entry in log.between(cut, first)]
    ticks = (entry.start + offset for entry in entries for offset in entry.starts())
    return max((tick for tick in ticks if cut <= tick <= first - MIN_ENTRY_TICKS), default=cut)


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
