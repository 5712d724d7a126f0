"""Before the air: which languages are there, who may not see what, and what they are shown; and clips of what aired."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from keshen.air import clips, clock
from keshen.air.audiences import readiness, substitutes
from keshen.air.serving import load
from keshen.house.gate import needs, part
from keshen.house.models import Service
from keshen.house.permissions import Denied, allowed
from keshen.media.houseformat import datetime_at, tick_at

SHOWN = 300
"""Rows of the board: a day of an ordinary service, a few hours of one of clips."""
CLIP_SECONDS = 60


def _service(slug: str) -> Service:
    return get_object_or_404(Service.objects.select_related("organisation"), slug=slug, kind__in=load.ON_AIR)


@require_safe
@needs("air.see")
def variants(request: HttpRequest, slug: str) -> HttpResponse:
    """The page, or its part `board` alone."""
    service = _service(slug)
    now = clock.tick()
    rows = readiness.board(service)
    there = load.offered(service)
    ended = timezone.localtime(datetime_at(now))
    context = {
        "here": "control:air",
        "service": service,
        "rows": rows[:SHOWN],
        "more": max(0, len(rows) - SHOWN),
        "lacking": sum(row.worst in (readiness.State.LATE, readiness.State.MISSING) for row in rows),
        "sounds": there.sounds,
        "captions": there.captions if service.kind == Service.Kind.TV else (),
        "legend": [(readiness.MARKS[state], label) for state, label in readiness.LABELS.items()],
        "stand_ins": load.stand_ins(service).items(),
        "denied": substitutes.listed(service, now),
        "may_clip": allowed(request.user, "media.add"),
        "clip_from": f"{timezone.localtime(datetime_at(now - 3 * CLIP_SECONDS)):%Y-%m-%dT%H:%M:%S}",
        "clip_to": f"{ended:%Y-%m-%dT%H:%M:%S}",
    }
    template = "control/variants_board.html" if part(request) == "board" else "control/variants.html"
    return render(request, template, context)


@require_POST
@needs("air.see")
def clip(request: HttpRequest, slug: str) -> HttpResponse:
    """Have what aired between two times kept as an asset."""
    service = _service(slug)
    try:
        start, end = (_tick(request.POST.get(name, "")) for name in ("from", "to"))
        made = clips.request(request.user, service, start, end, title=request.POST.get("title", "").strip()[:200])
    except ValueError:
        messages.error(request, _("Give both times, as the fields show them."))
    except (clips.NotKept, Denied) as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("The clip “%(title)s” is being made; Jobs says how far.") % {"title": made.title})
    return redirect("control:variants", slug)


def _tick(given: str) -> int:
    """The tick of a time in the house's zone. Raises ValueError."""
    at = datetime.fromisoformat(given)
    return tick_at(at if at.tzinfo else at.replace(tzinfo=timezone.get_default_timezone()))
