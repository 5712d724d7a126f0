"""The as-run of one service: what was really on the air, to the second, and whose doing it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from keshen.air import clock, queries
from keshen.air.guide import AsRun
from keshen.air.models import Entry, Incident, Line
from keshen.air.proof import day_record, orders, seal
from keshen.air.proof.orders import Order
from keshen.air.saying import clock_time
from keshen.air.serving import load
from keshen.house.gate import needs, part
from keshen.house.models import Service, in_language
from keshen.media.houseformat import TICK_MS, TICKS_PER_HOUR, datetime_at
from keshen.media.models import Asset

ORDERED = {
    Incident.Kind.BREAK_IN: ("", "◉", gettext_lazy("break-in")),
    Incident.Kind.RETURNED: ("", "↩", gettext_lazy("return")),
    Incident.Kind.SKIPPED: ("", "⏭", gettext_lazy("skip")),
}
HOW = {
    "substituted": ("failed", "!", gettext_lazy("shown instead")),
    "break-in": ("", "◉", gettext_lazy("break-in")),
    "otherwise": ("next", "◆", gettext_lazy("otherwise than planned")),
    "filler": ("", "·", gettext_lazy("filler")),
    "placed": ("ready", "✓", gettext_lazy("as placed")),
    "laid": ("ready", "✓", gettext_lazy("as laid")),
}
NOTABLE = ("substituted", "break-in", "otherwise")


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was on, as the screen has it; times of day in the house's zone."""

    id: str
    at: str
    exact: str
    until: str
    ticks: int
    title: str
    programme: str
    how: str
    why: str
    who: str

    @property
    def length(self) -> str:
        return length(self.ticks)

    @property
    def state(self) -> tuple[str, str, Any]:
        """The class, the mark and the word of how it went."""
        return HOW[self.how]


def length(ticks: int) -> str:
    """A length as hours, minutes and seconds."""
    seconds = round(ticks * TICK_MS / 1000)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _service(slug: str) -> Service:
    return get_object_or_404(Service.objects.select_related("organisation"), slug=slug, kind__in=load.ON_AIR)


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError as problem:
        raise Http404(_("Write the day like 2026-03-01.")) from problem
    if not 1970 <= found.year < date.max.year:  # the air counts from 1970, and every day has one after it
        raise Http404(_("Write the day like 2026-03-01."))
    return found


@require_safe
@needs("air.see")
def as_run(request: HttpRequest, slug: str) -> HttpResponse:
    """The last hour, an hour of a day, or what went otherwise (`view`); the part `run` can be asked for alone."""
    service = _service(slug)
    now = clock.tick()
    today = timezone.localtime(datetime_at(now)).date()
    following = not request.GET.get("day")
    day = today if following else _day(request.GET["day"])
    audience = request.GET.get("audience", "")
    start, over = day_record.bounds(day)
    end = max(start, min(over, now))
    first, last = _span(request.GET.get("hour", ""), start, end, following=following)
    seen = queries.as_run(service, min(first, start), end, audience)
    ordered = orders.orders(service, min(first, start), end)
    rows = _rows(service, seen, ordered, audience)
    sums = Counter[str]()
    for made, one in zip(rows, seen, strict=True):
        sums[made.how] += max(0, one.end - max(one.start, start))
    otherwise = request.GET.get("view") == "otherwise"
    context = {
        "here": "control:air",
        "service": service,
        "day": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1) if day < today else None,
        "following": following,
        "hour": request.GET.get("hour", ""),
        "hours": [f"{hour:02}" for hour in range((end - start + TICKS_PER_HOUR - 1) // TICKS_PER_HOUR)],
        "otherwise": otherwise,
        "rows": [
            made
            for made, one in zip(rows, seen, strict=True)
            if (made.how in NOTABLE if otherwise else one.start < last and one.end > first)
        ],
        "orders": [(order, ORDERED[order.kind], clock_time(order.tick), clock_time(order.until)) for order in ordered],
        "sums": [(HOW[how], length(ticks)) for how in HOW if (ticks := sums[how])],
        "audience": audience,
        "audiences": day_record.audiences(service, day),
        "kept": day_record.place(service, day, audience).exists(),
        "key": seal.public(seal.house_key(settings.SECRET_KEY)),
    }
    return render(request, "control/as_run_rows.html" if part(request) == "run" else "control/as_run.html", context)


def _span(hour: str, start: int, end: int, *, following: bool) -> tuple[int, int]:
    """The ticks that are listed: an hour of the day, or the last one, also where it began the day before."""
    if hour.isdigit() and int(hour) < 25:
        return start + int(hour) * TICKS_PER_HOUR, start + (int(hour) + 1) * TICKS_PER_HOUR
    return (end - TICKS_PER_HOUR, end) if following else (max(start, end - TICKS_PER_HOUR), end)


@require_safe
@needs("air.see")
def record(request: HttpRequest, slug: str, day: str) -> HttpResponse:
    """A day's sealed record as a file: the one that was kept, or of what has aired by now."""
    service, wanted = _service(slug), _day(day)
    audience = request.GET.get("audience", "")
    if audience and audience not in day_record.audiences(service, wanted):
        raise Http404(_("That audience has no record of its own on this day."))
    answer = HttpResponse(day_record.given(service, wanted, audience), content_type="application/json")
    name = f"{slug}-{wanted.isoformat()}{audience and '.' + audience.strip(':').replace(':', '.')}.as-run.json"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _rows(service: Service, seen: list[AsRun], ordered: list[Order], audience: str) -> list[Row]:
    instead = queries.shown_instead(service, {one.entry.id for one in seen if one.substituted}, audience)
    names = dict(Asset.objects.filter(urn__in=instead.values()).values_list("urn", "title"))
    shown = {entry: names.get(urn, "") for entry, urn in instead.items()}
    placed = _placed(service, seen)
    return [_row(one, orders.of(one.start, ordered), shown, placed.get(one.entry.start)) for one in seen]


def _placed(service: Service, seen: Iterable[AsRun]) -> dict[int, Line]:
    """The lines people placed, by where they begin."""
    starts = {one.entry.start for one in seen}
    if not starts:
        return {}
    lines = Line.objects.filter(service=service, start_tick__gte=min(starts), start_tick__lte=max(starts), group=0)
    return {line.start_tick: line for line in lines.select_related("placed_by") if line.asset_id}


def _row(one: AsRun, order: Order | None, shown: Mapping[int, str], line: Line | None) -> Row:
    entry = one.entry
    how, why, who = "laid", entry.reason, ""
    if one.substituted:
        how, why = "substituted", shown.get(entry.id) or entry.reason or _("the standby")
    elif order:
        how, why, who = "break-in", order.reason, order.by
    elif entry.reason or entry.kind == Entry.Kind.STANDBY:
        how = "otherwise"
    elif entry.kind == Entry.Kind.FILLER:
        how = "filler"
    elif line:
        how, who = "placed", str(line.placed_by)
    programme = in_language(dict(entry.slot_titles))
    return Row(
        id=f"r{entry.id}-{one.start}",
        at=clock_time(one.start),
        exact=f"{timezone.localtime(datetime_at(one.start)):%Y-%m-%dT%H:%M:%S.%f%z}",
        until=clock_time(one.end),
        ticks=one.end - one.start,
        title=in_language(dict(entry.titles)) or programme or Entry.Kind(entry.kind).label,
        programme=programme,
        how=how,
        why=why,
        who=who,
    )
