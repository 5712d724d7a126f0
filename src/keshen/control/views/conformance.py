"""The proof of one channel: which rules of time hold, counted since midnight, and what wants a person."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from keshen.air.models import Alarm, Checkpoint, Watch
from keshen.air.proof import alarm_log
from keshen.air.proof.conformance import Rule
from keshen.air.serving import load
from keshen.house import alarms as house_alarms
from keshen.house.gate import needs, part
from keshen.house.models import Service, User

RULES: dict[Rule, Any] = {
    Rule.READABLE: _("Playlists are well formed"),
    Rule.TARGET: _("The target duration never changes"),
    Rule.LENGTH: _("No segment is longer than the target duration"),
    Rule.WINDOW: _("At least three target durations are listed"),
    Rule.SEQUENCE: _("Sequence numbers never go back"),
    Rule.APPEND: _("Segments come at the end and go at the start, in order"),
    Rule.ADDRESS: _("The address of a segment never changes"),
    Rule.DISCONTINUITY: _("Discontinuities are counted right"),
    Rule.CLOCK: _("Time goes on without gap or overlap"),
    Rule.INIT: _("Every segment keeps its initialisation"),
    Rule.RENDITIONS: _("All renditions have the same segments"),
    Rule.FRESH: _("A new segment is listed in time"),
    Rule.EARLY: _("Nothing is listed before it has ended"),
    Rule.SEGMENT: _("What is listed is given when asked for"),
}
SHOWN = 30


def open_alarms() -> list[tuple[Alarm, Any]]:
    """What is open on every channel, newest first, with what it is in words."""
    rows = Alarm.objects.filter(cleared_at=None).select_related("service")
    return [(row, words(row.kind)) for row in rows]


def for_the_frame(person: User) -> list[house_alarms.Alarm]:
    """The channels' open alarms, for the top bar of every screen."""
    if not person.may("air.see"):
        return []
    return [
        house_alarms.Alarm(
            f"air.{row.kind}",
            f"{row.service}: {text}",
            reverse("control:conformance", args=[row.service.slug]),
            row.raised_at,
        )
        for row, text in open_alarms()
    ]


def words(kind: str) -> Any:
    """An alarm's kind as people read it."""
    return alarm_log.KINDS.get(kind) or RULES.get(kind) or kind  # type: ignore[call-overload]


@require_safe
@needs("air.see")
def conformance(request: HttpRequest, slug: str) -> HttpResponse:
    """The page, or its part `rules` alone."""
    service = get_object_or_404(Service, slug=slug, kind__in=load.ON_AIR)
    today = timezone.localdate()
    counted = {row.rule: row for row in Watch.objects.filter(service=service, day=today)}
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    since = Alarm.objects.filter(service=service)
    shown = (since.filter(cleared_at=None) | since.filter(seen_at__gte=midnight))[:SHOWN]
    opened = {alarm.kind for alarm in shown if alarm.cleared_at is None}
    context = {
        "here": "control:air",
        "service": service,
        "rules": [(text, rule, counted.get(rule.value), rule.value in opened) for rule, text in RULES.items()],
        "alarms": [(alarm, words(alarm.kind)) for alarm in shown],
        "watched": bool(counted),
        "checkpoint": Checkpoint.objects.filter(service=service).last(),
        "day": today,
    }
    template = "control/conformance_rules.html" if part(request) == "rules" else "control/conformance.html"
    return render(request, template, context)
