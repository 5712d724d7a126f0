"""The schedule as files at the operator's screen: taken in after a look at what that changes, and given out."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from keshen.air import actions
from keshen.air.exchange import exporting, interchange
from keshen.air.exchange.interchange import Unreadable
from keshen.air.saying import REFUSALS, clock_time, name, refusal
from keshen.air.scheduling.merging import Change, Changed, Overlap
from keshen.air.serving import load
from keshen.house.gate import needs
from keshen.house.models import Service
from keshen.house.words import spoken
from keshen.media.houseformat import TICKS_PER_HOUR, datetime_at, tick_at

LONGEST_TICKS = 9 * 24 * TICKS_PER_HOUR
SHOWN = 400
"""How many changes a preview lists; it counts all of them."""

OVERLAPS = (
    (Overlap.REFUSE, gettext_lazy("Refuse the file")),
    (Overlap.FOLLOW, gettext_lazy("Begin when the one above ends")),
    (Overlap.CUT, gettext_lazy("End the one above")),
)
FORMATS = (
    ("csv", gettext_lazy("CSV, for spreadsheets")),
    ("json", gettext_lazy("JSON, for programs")),
    ("m3u", gettext_lazy("M3U playlist")),
    ("xmltv", gettext_lazy("XMLTV guide")),
    ("bxf", gettext_lazy("BXF schedule")),
    ("as-run.bxf", gettext_lazy("BXF as-run")),
)
ENDINGS = {"xmltv": "xml", "bxf": "bxf.xml", "as-run.bxf": "as-run.bxf.xml"}
MARKS = {
    Change.PLACED: ("ready", "+", gettext_lazy("placed")),
    Change.MOVED: ("next", "→", gettext_lazy("moves")),
    Change.CUT: ("next", "✂", gettext_lazy("is cut")),
    Change.OUT: ("failed", "−", gettext_lazy("is taken out")),
}


def _service(slug: str) -> Service:
    return get_object_or_404(Service, slug=slug, kind__in=load.ON_AIR)


def _tick(given: str) -> int:
    """The tick of a time in the house's zone. Raises ValueError."""
    at = datetime.fromisoformat(given)
    return tick_at(at if at.tzinfo else at.replace(tzinfo=timezone.get_default_timezone()))


@require_POST
@needs("air.see")
def import_(request: HttpRequest, slug: str) -> HttpResponse:
    """A part of the dialog: what a file would change, what it changed (`verb` is `take`), or why it cannot be taken."""
    service = _service(slug)
    file = request.FILES.get("file")
    try:
        if file is None:
            raise Unreadable([(0, _("choose a file"))])
        form = request.POST.get("format") or interchange.form_of(file.name or "")
        rows = interchange.read(file.read(), form)
        start = _tick(request.POST["at"]) if request.POST.get("at") else None
        rules = actions.Rules(Overlap(request.POST.get("overlap", Overlap.REFUSE)), "over" in request.POST)
        if request.POST.get("verb") == "take":
            seen = request.POST.get("seen", "")
            done = actions.import_lines(request.user, service, rows, start=start, rules=rules, seen=seen)
            values = {"start": clock_time(done.start), "end": clock_time(done.end)}
            context = {"said": _("Taken in: %(start)s until %(end)s.") % values, "warnings": done.warnings}
            return render(request, "control/import_done.html", context)
        preview = actions.preview_import(request.user, service, rows, start=start, rules=rules)
    except Unreadable as problem:
        return render(
            request,
            "control/import_refused.html",
            {"problems": [(line, spoken(said)) for line, said in problem.problems]},
            status=409,
        )
    except (*REFUSALS, ValueError) as problem:
        return render(request, "control/import_refused.html", {"said": refusal(problem)}, status=409)
    counts = [(mark, sum(one.kind == kind for one in preview.changes)) for kind, mark in MARKS.items()]
    context = {
        "rows": [_shown(one) for one in preview.changes[:SHOWN]],
        "more": max(0, len(preview.changes) - SHOWN),
        "counts": [(mark, count) for mark, count in counts if count],
        "warnings": preview.warnings,
        "seen": preview.seen,
    }
    return render(request, "control/import_preview.html", context)


def _shown(one: Changed) -> dict[str, object]:
    day = timezone.localtime(datetime_at((one.now or one.was).start)).date()
    return {
        "day": day,
        "mark": MARKS[one.kind],
        "number": one.number,
        "title": name(one.was),
        "was": "" if one.number and one.now and one.now.start == one.was.start else _span(one.was.start, one.was.end),
        "now": _span(one.now.start, one.now.end) if one.now else "",
        "hard": one.was.hard,
    }


def _span(start: int, end: int) -> str:
    return f"{clock_time(start)} – {clock_time(end)}"


@require_safe
@needs("air.see")
def export(request: HttpRequest, slug: str) -> HttpResponse:
    """The schedule between two times as a file to keep. Answers 400 for times that make no interval."""
    service = _service(slug)
    form = request.GET.get("format", "csv")
    if form not in exporting.MEDIA_TYPES:
        return HttpResponse(_("There is no such format."), status=400)
    try:
        first, last = _tick(request.GET.get("from", "")), _tick(request.GET.get("to", ""))
    except ValueError:
        return HttpResponse(_("Give both times, as the fields show them."), status=400)
    if not first < last <= first + LONGEST_TICKS:
        return HttpResponse(_("The end comes after the beginning, by nine days at most."), status=400)
    answer = HttpResponse(exporting.export(service, form, first, last), content_type=exporting.MEDIA_TYPES[form])
    day = f"{timezone.localtime(datetime_at(first)):%Y-%m-%d}"
    answer["Content-Disposition"] = f'attachment; filename="{service.slug}-{day}.{ENDINGS.get(form, form)}"'
    return answer
