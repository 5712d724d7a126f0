"""The operator's screen: a service's schedule as data, its shelf, pictures at a cut, and the verbs of the air."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from keshen.air import actions, board, branding
from keshen.air.exchange import interchange
from keshen.air.saying import REFUSALS, clock_time, refusal
from keshen.air.scheduling.schedule import Conflict
from keshen.air.serving import load, stills
from keshen.control.desk_words import WORDS
from keshen.control.views import files
from keshen.house.gate import needs
from keshen.house.models import Service, User, in_language
from keshen.house.permissions import allowed
from keshen.media.houseformat import TICK_MS, TICKS_PER_HOUR
from keshen.media.models import Asset

LONGEST_TICKS = 9 * 24 * TICKS_PER_HOUR
SHELF = 60
"""How many assets the shelf shows for one search."""

CORNERS = (
    ("top-left", _("Top left")),
    ("top-right", _("Top right")),
    ("bottom-left", _("Bottom left")),
    ("bottom-right", _("Bottom right")),
)

type Given = Mapping[str, Any]
type Verb = Callable[[User, Service, Given], actions.Done]

VERBS: Mapping[str, Verb] = {
    "insert": lambda actor, service, given: actions.insert(
        actor,
        service,
        start=int(given["start"]),
        asset=int(given.get("asset") or 0),
        first=int(given.get("first") or 0),
        last=None if given.get("last") is None else int(given["last"]),
        kind=str(given.get("kind") or "programme"),
        hard=bool(given.get("hard")),
    ),
    "move": lambda actor, service, given: actions.move(
        actor, service, start=int(given["start"]), to=int(given["to"]), asset=_seen(given)
    ),
    "trim": lambda actor, service, given: actions.trim(
        actor,
        service,
        start=int(given["start"]),
        first=int(given["first"]),
        last=int(given["last"]),
        asset=_seen(given),
    ),
    "remove": lambda actor, service, given: actions.remove(
        actor, service, start=int(given["start"]), asset=_seen(given)
    ),
    "fix": lambda actor, service, given: actions.fix(
        actor, service, start=int(given["start"]), hard=bool(given["hard"]), asset=_seen(given)
    ),
    "mark": lambda actor, service, given: actions.mark(
        actor, service, start=int(given["start"]), marks=list(given["marks"]), asset=_seen(given)
    ),
    "logo": lambda actor, service, given: _logo(actor, service, given),
    "undo": lambda actor, service, given: actions.undo(actor, service),
    "redo": lambda actor, service, given: actions.redo(actor, service),
    "skip": lambda actor, service, given: actions.skip(actor, service, str(given.get("reason") or "")),
    "break-in": lambda actor, service, given: actions.break_in(
        actor,
        service,
        assets=[int(asset) for asset in given.get("assets") or ()],
        news=bool(given.get("news")),
        resume=bool(given.get("resume")),
        reason=str(given.get("reason") or ""),
    ),
    "return": lambda actor, service, given: actions.return_(actor, service, str(given.get("reason") or "")),
}
SAID = {
    "insert": _("Placed at %(start)s, until %(end)s."),
    "move": _("Moved to %(start)s."),
    "trim": _("Trimmed: %(start)s until %(end)s."),
    "remove": _("Taken out at %(start)s."),
    "fix": _("Changed at %(start)s."),
    "mark": _("The marks of %(start)s are set."),
    "logo": _("The logo is set."),
    "undo": _("Undone."),
    "redo": _("Done again."),
    "skip": _("Ends at %(start)s; what follows comes sooner."),
    "break-in": _("On the air from %(start)s until %(end)s."),
    "return": _("Back to the schedule at %(start)s."),
}


def _logo(actor: User, service: Service, given: Given) -> actions.Done:
    actions.set_logo(actor, service, given)
    return actions.Done(0, 0)


def _seen(given: Given) -> int | None:
    return None if given.get("asset") is None else int(given["asset"])


def _service(slug: str) -> Service:
    return get_object_or_404(Service, slug=slug, kind__in=load.ON_AIR)


@require_safe
@needs("air.see")
def desk(request: HttpRequest) -> HttpResponse:
    """The schedule of one service, to be edited."""
    services = load.services()
    chosen = next(
        (one for one in services if one.slug == request.GET.get("service")), services[0] if services else None
    )
    context = {
        "here": "control:air",
        "services": services,
        "service": chosen,
        "may_edit": chosen is not None and allowed(request.user, "air.schedule", chosen),
        "script_words": WORDS,
        "tick_ms": TICK_MS,
        "offset": timezone.localtime().utcoffset() or timedelta(),
        "corners": CORNERS,
        "burns": branding.Burn.choices,
        "overlaps": files.OVERLAPS,
        "formats": files.FORMATS,
        "readable": interchange.FORMATS,
    }
    return render(request, "control/desk.html", context)


@require_safe
@needs("air.see")
def data(request: HttpRequest, slug: str) -> HttpResponse:
    """What is on the schedule between two ticks."""
    try:
        first, last = int(request.GET["from"]), int(request.GET["to"])
    except (KeyError, ValueError):
        return JsonResponse({"said": "from and to are ticks"}, status=400)
    if not first < last <= first + LONGEST_TICKS:
        return JsonResponse({"said": "from and to are ticks at most nine days apart"}, status=400)
    return JsonResponse(board.board(_service(slug), first, last))


@require_safe
@needs("air.see")
def shelf(request: HttpRequest, slug: str) -> HttpResponse:
    """What may be placed on a service, the shelf's own first; `q` narrows by title."""
    service = _service(slug)
    asked = request.GET.get("q", "").strip()
    rows = Asset.objects.filter(
        state=Asset.State.READY, duration_ticks__isnull=False, kind__in=(Asset.Kind.VIDEO, Asset.Kind.AUDIO)
    ).prefetch_related("stock")
    found = []
    for row in rows.order_by("-id")[: SHELF * 20]:
        stock = next((one for one in row.stock.all() if one.service_id in (None, service.pk)), None)
        if stock is not None and stock.role in ("standby", "tail"):
            continue
        title = (in_language(stock.titles) if stock else "") or row.title
        if asked.casefold() in f"{title} {row.title}".casefold():
            role = stock.get_role_display() if stock else row.get_kind_display()
            found.append({"asset": row.pk, "title": title, "ticks": row.duration_ticks, "role": str(role)})
    found.sort(key=lambda one: str(one["title"]).casefold())
    return JsonResponse({"assets": found[:SHELF], "more": max(0, len(found) - SHELF)})


@require_safe
@needs("air.see")
def still(request: HttpRequest, asset: int, tick: int) -> HttpResponse:
    """The picture of an asset at one of its ticks."""
    try:
        made = stills.still(asset, tick)
    except LookupError:
        return HttpResponseNotFound()
    answer = HttpResponse(made, content_type=stills.MEDIA_TYPE)
    answer["Cache-Control"] = "private, max-age=86400, immutable"
    return answer


@require_POST
@needs("air.see")
def do(request: HttpRequest, slug: str, verb: str) -> HttpResponse:
    """Do a verb of the air. Answers 409 with what is in the way and what to do; then nothing was changed."""
    if verb not in VERBS:
        raise Http404
    try:
        given = json.loads(request.body or b"{}")
        done = VERBS[verb](request.user, _service(slug), given)
    except REFUSALS as problem:
        code = problem.code if isinstance(problem, Conflict) else "busy"
        free = problem.free if isinstance(problem, Conflict) else None
        return JsonResponse({"said": refusal(problem), "code": code, "free": free}, status=409)
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as problem:
        return JsonResponse({"said": f"{verb}: {type(problem).__name__} {problem}", "code": "mistaken"}, status=400)
    said = str(SAID[verb]) % {"start": clock_time(done.start), "end": clock_time(done.end)}
    return JsonResponse(
        {"said": said, "start": done.start, "end": done.end, "warnings": list(done.warnings), "event": done.event}
    )
