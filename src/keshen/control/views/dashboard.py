"""Today: the air, the work under way, the latest stories, and what failed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from keshen.control.desk_words import ALARM_WORDS
from keshen.control.subjects import with_subjects
from keshen.control.views.conformance import open_alarms
from keshen.control.views.jobs import failed, under_way
from keshen.house.gate import needs, part
from keshen.house.models import Service
from keshen.newsroom import listing

STORIES = 10
FAILURES = 6


@require_safe
@needs("house.see_control")
def dashboard(request: HttpRequest) -> HttpResponse:
    """The whole screen, or one of its parts: `latest`, `under-way`, `failures`, `air-alarms`."""
    context: dict[str, Any] = {"here": "control:dashboard"}
    asked = part(request)
    parts = {"latest": _latest, "under-way": _under_way, "failures": _failures, "air-alarms": _air_alarms}
    if asked in parts:
        return render(request, f"control/{asked.replace('-', '_')}.html", parts[asked](request))
    for made in parts.values():
        context |= made(request)
    context["script_words"] = ALARM_WORDS
    context["air"] = Service.objects.filter(kind__in=("tv", "radio"))
    return render(request, "control/dashboard.html", context)


def _latest(request: HttpRequest) -> dict[str, Any]:
    if not request.user.may("newsroom.see"):
        return {"rows": []}
    return {"rows": listing.rows(listing.seen_by(request.user)[:STORIES], listing.languages())}


def _under_way(request: HttpRequest) -> dict[str, Any]:
    return {"jobs": under_way(request.user)}


def _air_alarms(request: HttpRequest) -> dict[str, Any]:
    return {"air_alarms": open_alarms() if request.user.may("air.see") else []}


def _failures(request: HttpRequest) -> dict[str, Any]:
    return {"failures": with_subjects(failed(request.user)[:FAILURES])}
