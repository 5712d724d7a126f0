"""Taking a schedule in from a file: all of it or nothing, what cannot stand named by its line; first as a preview."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from keshen.air import queries, saying
from keshen.air.actions.schedule import Desk, Done
from keshen.air.exchange.interchange import Row, Unreadable
from keshen.air.scheduling import merging
from keshen.air.scheduling.merging import Change, Changed, Merged, Overlap, Problem
from keshen.air.scheduling.schedule import Conflict, Line
from keshen.house.actions import action
from keshen.house.models import Service, User
from keshen.media.houseformat import seconds, tick_at
from keshen.media.models import Asset

TICK_SECONDS = seconds(1)
MOST_WARNINGS = 100


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would change, in order of time, and what to know of its rows as (line of the file, said).

    `seen` names exactly this outcome: given back to `import_lines`, another is refused.
    """

    changes: tuple[Changed, ...]
    warnings: tuple[tuple[int, str], ...]
    seen: str


@dataclass(frozen=True, slots=True)
class Rules:
    """How an import settles what overlaps: rows of the file with each other, and with what was placed before."""

    overlap: Overlap = Overlap.REFUSE
    over: bool = False


REFUSE = Rules()


@transaction.atomic
def preview_import(
    actor: User, service: Service, rows: Sequence[Row], *, start: int | None = None, rules: Rules = REFUSE
) -> Preview:
    """What `import_lines` would do now. Nothing is changed. Raises what it would raise."""
    desk = Desk(actor, service)
    merged = _merged(desk, rows, start, rules)
    return Preview(merged.changes, _warnings(desk, merged), _seen(merged))


@action
def import_lines(
    actor: User,
    service: Service,
    rows: Sequence[Row],
    *,
    start: int | None = None,
    rules: Rules = REFUSE,
    seen: str = "",
) -> Done:
    """Place the rows of a file; one without a time follows the one before it, the first then begins at tick `start`.

    `seen` is the preview the person agreed to. Event: `air.schedule_changed`, one for all of them. Raises
    interchange.Unreadable, naming lines, and Conflict (`outdated`) when the outcome would be another by now.
    """
    desk = Desk(actor, service)
    merged = _merged(desk, rows, start, rules)
    if seen and seen != _seen(merged):
        raise Conflict("outdated")
    event = desk.keep(merged.lines, "import")
    placed = [one.now for one in merged.changes if one.kind == Change.PLACED and one.now]
    first = min((line.start for line in placed), default=desk.frozen)
    last = max((line.end for line in placed), default=first)
    said = (_("Line %(line)d: %(said)s") % {"line": line, "said": said} for line, said in _warnings(desk, merged))
    return Done(first, last, tuple(said), event.pk if event else 0)


def _merged(desk: Desk, rows: Sequence[Row], start: int | None, rules: Rules) -> Merged:
    merged = merging.merge(desk.before, _lines(desk, rows, start), desk.frozen, rules.overlap, over=rules.over)
    if merged.problems:
        raise Unreadable([(problem.number, _refusal(problem)) for problem in merged.problems])
    return merged


def _refusal(problem: Problem) -> str:
    above = problem.conflict.line
    if not problem.other or above is None:
        return saying.refusal(problem.conflict)
    values = {"line": problem.other, "time": saying.clock_time(above.end)}
    return _("overlaps line %(line)d, which lasts until %(time)s") % values


def _seen(merged: Merged) -> str:
    rows = [
        [one.kind, one.number, one.was.row() if not one.number else None, one.now.row() if one.now else None]
        for one in merged.changes
    ]
    return hashlib.sha256(json.dumps(rows, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]


def _warnings(desk: Desk, merged: Merged) -> tuple[tuple[int, str], ...]:
    found: list[tuple[int, str]] = []
    for one in merged.changes:
        if one.kind == Change.PLACED and one.now and len(found) < MOST_WARNINGS:
            found += [(one.number, said) for said in desk.warnings(one.now)]
    return tuple(found[:MOST_WARNINGS])


def _lines(desk: Desk, rows: Sequence[Row], start: int | None) -> list[merging.Row]:
    numbers = {row.asset for row in rows if row.asset.isascii() and row.asset.isdigit() and len(row.asset) < 19}
    by_number = {str(pk): pk for pk in Asset.objects.filter(pk__in=numbers).values_list("pk", flat=True)}
    by_urn = dict(Asset.objects.filter(urn__in={row.asset for row in rows} - numbers).values_list("urn", "pk"))
    names = queries.titles({*by_number.values(), *by_urn.values()})
    found: list[merging.Row] = []
    problems: list[tuple[int, str]] = []
    cursor = start
    for row in rows:
        asset = by_number.get(row.asset) or by_urn.get(row.asset)
        at = tick_at(row.start) if row.start else cursor
        if asset is None:
            problems.append((row.line, _("there is no asset %(asset)s") % {"asset": row.asset}))
        elif at is None:
            problems.append((row.line, _("it has no time, and none was given to begin at")))
        else:
            last = None if row.last is None else round(row.last / TICK_SECONDS)
            try:
                begin, end = desk.cut(asset, round(row.first / TICK_SECONDS), last)
            except Conflict as problem:
                problems.append((row.line, saying.refusal(problem)))
                continue
            titles = names.get(asset, {}) or {"kk": row.title}
            found.append(merging.Row(row.line, Line(at, end - begin, asset, begin, titles=titles, hard=row.hard)))
            cursor = at + end - begin
    if problems:
        raise Unreadable(problems)
    return found
