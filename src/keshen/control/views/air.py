"""The air as the control room sees it: what every service shows now, and the schedule to scale."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from keshen.air.models import Entry, Slot
from keshen.air.proof import alarms
from keshen.control.desk_words import WORDS
from keshen.house.gate import needs, part
from keshen.house.models import Service, in_language
from keshen.house.programmes import Programme, guide
from keshen.media.houseformat import TICK_MS, datetime_at, tick_at

SPANS = {"15": _("15 min"), "60": _("1 h"), "180": _("3 h"), "1440": _("1 day")}
FROZEN_TICKS = 36
BACK = 0.2
"""The share of the span that has passed already."""


@dataclass(frozen=True, slots=True)
class Box:
    """One thing on the timeline: seconds since the Unix epoch, what it is, and its state."""

    id: str
    start: float
    end: float
    title: str
    kind: str
    state: str
    programme: str
    story: str
    reason: str
    slot: int = 0

    @property
    def playing(self) -> bool:
        return self.state == "laid" and self.start <= time.time() < self.end

    @property
    def length(self) -> str:
        """How long it is, as a clock: 0:04:48."""
        return str(timedelta(seconds=self.seconds))

    @property
    def seconds(self) -> int:
        return round(self.end - self.start)

    @property
    def at(self) -> datetime:
        return timezone.localtime(datetime.fromtimestamp(self.start, tz=timezone.get_default_timezone()))


@dataclass(frozen=True, slots=True)
class Band:
    """A programme that several entries make up."""

    start: float
    end: float
    title: str


@require_safe
@needs("house.see_control")
def on_air(request: HttpRequest) -> JsonResponse:
    """Now and next of every service, for the strip and the monitors; times in seconds since the Unix epoch."""
    known = guide()
    said: dict[str, Any] = {}
    for service in Service.objects.filter(kind__in=("tv", "radio")):
        if known is None:
            break
        both = known.now_next(service.slug)
        said[service.slug] = {
            "now": _line(both.now, service),
            "next": _line(both.next, service, whole=True),
            "alarms": alarms.sounding(service),
        }
    return JsonResponse({"at": time.time(), "services": said})


def _line(programme: Programme | None, service: Service, *, whole: bool = False) -> dict[str, Any] | None:
    if programme is None:
        return None
    now = timezone.now()
    items = () if whole else programme.items
    item = next((item for item in items if item.start <= now < item.end), None)
    shown = item if item and in_language(dict(item.titles)) else programme
    return {
        "title": in_language(dict(shown.titles)) or str(service),
        "start": shown.start.timestamp(),
        "end": shown.end.timestamp(),
    }


@require_safe
@needs("house.see_control")
def wall(request: HttpRequest) -> HttpResponse:
    """Every service's monitor, their timelines around now, one service's entries below.

    The part `timeline` can be asked for alone.
    """
    span = request.GET.get("span", "60")
    span = span if span in SPANS else "60"
    seconds = int(span) * 60
    centre = _moment(request.GET.get("at"))
    start = (centre or timezone.now()) - timedelta(seconds=seconds * BACK)
    if span == "1440":
        start = timezone.localtime(centre or timezone.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    end = start + timedelta(seconds=seconds)
    services = list(Service.objects.filter(kind__in=("tv", "radio")))
    lanes = [(service, made, bands(made)) for service in services for made in (boxes(service, start, end),)]
    wanted = request.GET.get("service", services[0].slug if services else "")
    chosen = next(((service, made) for service, made, _bands in lanes if service.slug == wanted), None)
    entry = request.GET.get("entry")
    context = {
        "here": "control:wall",
        "air": services,
        "script_words": WORDS,
        "lanes": lanes,
        "chosen": chosen,
        "entry": next((box for _service, made, _bands in lanes for box in made if box.id == entry), None),
        "listed": [box for box in chosen[1] if centre or box.id == entry or box.end > time.time()] if chosen else [],
        "span": span,
        "spans": SPANS.items(),
        "from": start.timestamp(),
        "seconds": seconds,
        "horizon": FROZEN_TICKS * TICK_MS / 1000,
        "hours": _hours(start, end),
        "earlier": (start + timedelta(seconds=seconds * (BACK - 0.8))).timestamp(),
        "later": (start + timedelta(seconds=seconds * (BACK + 0.8))).timestamp(),
        "following": centre is None,
        "language": get_language(),
    }
    template = "control/timeline.html" if part(request) == "timeline" else "control/wall.html"
    return render(request, template, context)


def boxes(service: Service, start: datetime, end: datetime) -> list[Box]:
    """What was laid between two moments, then what is planned beyond; entries that were taken out are shown as such."""
    first, last = tick_at(start), tick_at(end)
    span = {"service": service, "end_tick__gt": first, "start_tick__lt": last}
    made = [
        Box(
            f"e{entry.pk}",
            datetime_at(entry.start_tick).timestamp(),
            datetime_at(entry.end_tick).timestamp(),
            str(entry),
            entry.kind,
            "laid" if entry.state == Entry.State.LAID else "withdrawn",
            in_language(entry.slot_titles),
            entry.story_urn,
            entry.reason,
            entry.slot_tick,
        )
        for entry in Entry.objects.filter(**span, state=Entry.State.LAID)
    ]
    settled = made[-1].end if made else 0.0
    made += [
        Box(
            f"s{slot.pk}",
            max(settled, datetime_at(slot.start_tick).timestamp()),
            datetime_at(slot.end_tick).timestamp(),
            in_language(slot.titles),
            slot.kind,
            "plan",
            in_language(slot.titles),
            "",
            "",
        )
        for slot in Slot.objects.filter(**span)
        if datetime_at(slot.end_tick).timestamp() > settled
    ]
    return made


def bands(made: list[Box]) -> list[Band]:
    """The programmes of consecutive laid entries, for a line above them."""
    laid = [box for box in made if box.state == "laid"]
    found = []
    for _slot, group in groupby(laid, key=lambda box: box.slot):
        parts = list(group)
        if any(part.title != part.programme for part in parts):
            found.append(Band(parts[0].start, parts[-1].end, parts[0].programme))
    return found


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(text or ""), tz=timezone.get_default_timezone())
    except (ValueError, OverflowError, OSError):
        return None


def _hours(start: datetime, end: datetime) -> list[tuple[float, str]]:
    """Marks on the ruler: about eight of them, on whole minutes or hours."""
    seconds = (end - start).total_seconds()
    step = next(s for s in (60, 120, 300, 600, 900, 1800, 3600, 7200, 10800) if seconds / s <= 10 or s == 10800)
    mark = (int(start.timestamp()) // step + 1) * step
    zone = timezone.get_default_timezone()
    return [
        (float(at), f"{datetime.fromtimestamp(at, tz=zone):%H:%M}") for at in range(mark, int(end.timestamp()), step)
    ]
