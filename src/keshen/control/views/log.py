"""The log: who did what to what, when, before and after."""

from __future__ import annotations

import json

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from keshen.control.subjects import named
from keshen.house.gate import needs, part
from keshen.house.models import Event

PAGE = 80


@require_safe
@needs("house.see_log")
def log(request: HttpRequest) -> HttpResponse:
    """Events, newest first, by subject, actor or kind; the part `events` can be asked for alone."""
    events = Event.objects.select_related("actor")
    if not request.user.is_of_the_house:
        events = events.filter(organisation=request.user.organisation_id)
    for name, lookup in (("subject", "subject__icontains"), ("actor", "actor__username"), ("kind", "kind__startswith")):
        if value := request.GET.get(name, "").strip():
            events = events.filter(**{lookup: value})
    page = Paginator(events, PAGE).get_page(request.GET.get("page"))
    names = named(event.subject for event in page.object_list)
    for event in page.object_list:
        event.about = names.get(event.subject)
        event.details = _details(event)
    context = {"here": "control:log", "events": page.object_list, "page": page, "wanted": request.GET}
    return render(request, "control/log_rows.html" if part(request) == "events" else "control/log.html", context)


def _details(event: Event) -> list[tuple[str, str, str]]:
    """What the event changed, field by field: name, before, after."""
    before, after = event.before or {}, event.after or {}
    return [
        (name, _shown(before.get(name)), _shown(after.get(name)))
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    ]


def _shown(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
