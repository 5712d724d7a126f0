"""The laid log read for serving: thousands of rows at first, and then only those that changed."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from functools import lru_cache
from sys import intern
from typing import Any

from django.db.models import QuerySet, Subquery, TextField
from django.db.models.functions import Cast, Coalesce

from keshen.air import timeline
from keshen.air.models import Entry, Renumbering
from keshen.air.serving.snapshot import Snapshot
from keshen.house.models import Service
from keshen.media.marks import marks_of


def laid_since(service: Service | int, tick: int) -> QuerySet[Entry]:
    """The laid entries that end after a tick, in order.

    They follow each other, so one look into the index finds the first: what it costs does not grow with the log.
    """
    laid = Entry.objects.filter(service=service, state=Entry.State.LAID)
    first = laid.filter(start_tick__lte=tick).order_by("-start_tick").values("start_tick")[:1]
    return laid.filter(start_tick__gte=Coalesce(Subquery(first), tick), end_tick__gt=tick)


ROW = (
    "id", "start_tick", "end_tick", "asset_id", "kind", "sequence", "moved", "discontinuity", "moved_breaks", "breaks",
    "asset_tick", "cuts", "slot_tick", "slot_kind", "story_urn", Cast("titles", TextField()),
    Cast("slot_titles", TextField()), "reason", Cast("marks", TextField()), "restricted", "barred",
)  # fmt: skip


@lru_cache(maxsize=20_000)
def _parsed(text: str) -> Any:
    """What a column of JSON holds; equal ones are one object, since a programme airs again and again. Not to be
    changed."""
    return json.loads(text)


type Renumbered = frozenset[tuple[int, int, int, int, int]]
"""Renumberings by their id, with the tick and the last entry they hold for, the segments and breaks they add."""


def reread(service: int, after: int, before: Snapshot) -> tuple[list[timeline.Entry], Renumbered]:
    """The laid entries as `entries` gives them: those that are known are not read again. What changed since is."""
    held = {entry.id: entry for entry in before.timeline.entries}
    known = renumberings(service, min(held, default=0))
    rows = laid_since(service, after)
    standing = list(rows.values_list("id", "end_tick"))
    changed = [number for number, end in standing if number not in held or held[number].end != end]
    fresh = {entry.id: entry for entry in entries(service, after, changed)} if changed else {}
    news = known - before.renumbered
    kept = {number: _moved(held[number], news) for number, _end in standing if number in held} | fresh
    return [kept[number] for number, _end in standing if number in kept], known


def renumberings(service: int, first: int) -> Renumbered:
    """The renumberings of a service that may hold for entries from the id `first` on."""
    rows = Renumbering.objects.filter(service=service, entry__gte=first)
    return frozenset(rows.values_list("id", "tick", "entry", "segments", "breaks"))


def _moved(entry: timeline.Entry, renumbered: Renumbered) -> timeline.Entry:
    held = [one for one in renumbered if one[1] <= entry.start and one[2] >= entry.id]
    if not held:
        return entry
    sequence, discontinuity = sum(one[3] for one in held), sum(one[4] for one in held)
    return replace(entry, sequence=entry.sequence + sequence, discontinuity=entry.discontinuity + discontinuity)


def laid(service: int, after: int, before: Snapshot | None) -> tuple[timeline.Timeline, Renumbered]:
    """The laid log of a service from a tick on, and what its numbers are counted with. What is known from `before` is
    not read again."""
    if before is not None:
        try:
            known, numbers = reread(service, after, before)
            return timeline.Timeline(known), numbers
        except timeline.TimelineError:
            pass  # it changed between two statements: it is read at once, in one
    found = entries(service, after)
    return timeline.Timeline(found), renumberings(service, min((one.id for one in found), default=0))


def entries(service: int, after: int, numbers: Collection[int] | None = None) -> list[timeline.Entry]:
    """The laid entries of a service that end after a tick, in order; of them those with some ids, where given.

    There may be thousands: they are read as rows, without models.
    """
    rows = laid_since(service, after)
    rows = rows if numbers is None else rows.filter(pk__in=numbers)
    return [
        timeline.Entry(
            number, start, end - start, asset, intern(kind), sequence + moved, discontinuity + moved_breaks, breaks,
            asset_tick,
            timeline.shortened(cuts, end - start) if cuts is not None else None,
            slot, intern(programme), story, _parsed(titles), _parsed(slot_titles), reason, marks_of(_parsed(marks)),
            len(cuts or ()), restricted, barred,
        )
        for (
            number, start, end, asset, kind, sequence, moved, discontinuity, moved_breaks, breaks, asset_tick, cuts,
            slot, programme, story, titles, slot_titles, reason, marks, restricted, barred,
        ) in rows.values_list(*ROW)
    ]  # fmt: skip
