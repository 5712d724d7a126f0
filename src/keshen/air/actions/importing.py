"""Taking a schedule in from a file: all of it or nothing, and what cannot stand is named by its line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from django.utils.translation import gettext as _

from keshen.air import queries, saying, schedule
from keshen.air.actions.schedule import Desk, Done
from keshen.air.interchange import Row, Unreadable
from keshen.air.schedule import Conflict, Line
from keshen.house.actions import action
from keshen.house.models import Service, User
from keshen.media.houseformat import seconds, tick_at
from keshen.media.models import Asset

TICK_SECONDS = seconds(1)


@action
def import_lines(actor: User, service: Service, rows: Sequence[Row], *, start: int | None = None) -> Done:
    """Place the rows of a file; one without a time follows the one before it, the first then begins at tick `start`.

    Event: `air.schedule_changed`, one for all of them. Raises interchange.Unreadable, naming lines.
    """
    desk = Desk(actor, service)
    placed = _lines(desk, rows, start)
    problems = [
        (row.line, _("overlaps line %(line)d, which lasts until %(time)s") % {"line": other.line, "time": _clock(one)})
        for (other, one), (row, following) in pairwise(sorted(placed, key=lambda pair: pair[1].start))
        if following.start < one.end
    ]
    if problems:
        raise Unreadable(problems)
    after = desk.before
    for row, line in placed:
        try:
            after = schedule.insert(after, line, desk.frozen)
        except Conflict as problem:
            problems.append((row.line, saying.refusal(problem)))
    if problems:
        raise Unreadable(problems)
    event = desk.keep(after, "import")
    warnings = tuple(
        _("Line %(line)d: %(said)s") % {"line": row.line, "said": said}
        for row, line in placed
        for said in desk.warnings(line)
    )
    first = min((line.start for _row, line in placed), default=desk.frozen)
    return Done(
        first, max((line.end for _row, line in placed), default=first), warnings[:100], event.pk if event else 0
    )


def _clock(line: Line) -> str:
    return saying.clock_time(line.end)


def _lines(desk: Desk, rows: Sequence[Row], start: int | None) -> list[tuple[Row, Line]]:
    numbers = {row.asset for row in rows if row.asset.isascii() and row.asset.isdigit() and len(row.asset) < 19}
    by_number = {str(pk): pk for pk in Asset.objects.filter(pk__in=numbers).values_list("pk", flat=True)}
    by_urn = dict(Asset.objects.filter(urn__in={row.asset for row in rows} - numbers).values_list("urn", "pk"))
    names = queries.titles({*by_number.values(), *by_urn.values()})
    found: list[tuple[Row, Line]] = []
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
            found.append((row, Line(at, end - begin, asset, begin, titles=titles, hard=row.hard)))
            cursor = at + end - begin
    if problems:
        raise Unreadable(problems)
    return found
