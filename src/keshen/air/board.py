"""The schedule as the operator's screen and programs read it: laid entries, placed lines, the plan, the format."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone

from keshen.air import branding, clock
from keshen.air.log.laid_log import LaidLog
from keshen.air.log.laying import PLAIN_WEEK
from keshen.air.models import Entry, Incident, Line, Slot, Week
from keshen.air.proof import alarms
from keshen.air.scheduling import template
from keshen.house.models import Service, in_language
from keshen.media.houseformat import TICK_MS, datetime_at, tick_at
from keshen.media.marks import marks_of
from keshen.media.models import Asset

FILLS = (Entry.Kind.FILLER, Entry.Kind.STANDBY)


def board(service: Service, first: int, last: int) -> dict[str, Any]:
    """Everything on a service's schedule from tick `first` until `last`; ticks throughout."""
    now = clock.tick()
    within = Q(end_tick__gt=first, start_tick__lt=last)
    entries = list(Entry.objects.filter(within, service=service, state=Entry.State.LAID))
    lines = list(Line.objects.filter(within, service=service))
    placed = {line.start_tick: line for line in lines}
    laid_until = Entry.objects.filter(service=service, state=Entry.State.LAID).aggregate(at=Max("end_tick"))["at"] or 0
    parts = [_entry(entry, placed) for entry in entries]
    for slot in Slot.objects.filter(within, service=service, end_tick__gt=laid_until):
        parts += _planned(slot, max(first, laid_until), last, placed)
    planned_until = max([laid_until, *(part["start"] + part["ticks"] for part in parts)])
    parts += [_line(line) for line in lines if line.start_tick >= planned_until]
    lengths = dict(Asset.objects.filter(pk__in={part["asset"] for part in parts}).values_list("pk", "duration_ticks"))
    for part in parts:
        part["whole"] = lengths.get(part["asset"]) or part["ticks"]
    return {
        "service": service.slug,
        "tick_ms": TICK_MS,
        "now": now,
        "first": first,
        "last": last,
        "frozen": LaidLog(service, now).cut_point(now),
        "laid_until": laid_until,
        "planned_until": planned_until,
        "parts": parts,
        "format": _format(service, first, last),
        "break_in": _break_in(service, now),
        "empty": alarms.only_fillers(service),
        "logo": branding.settings_of(branding.logo(service)),
    }


def _entry(entry: Entry, placed: dict[int, Line]) -> dict[str, Any]:
    line = placed.get(entry.start_tick)
    return {
        "start": entry.start_tick,
        "ticks": entry.end_tick - entry.start_tick,
        "asset": entry.asset_id,
        "in": entry.asset_tick,
        "kind": entry.kind,
        "title": in_language(entry.titles) or in_language(entry.slot_titles),
        "programme": in_language(entry.slot_titles),
        "state": "laid",
        "placed": line is not None and (not line.group or line.hard),
        "hard": bool(line and line.hard),
        "group": line.group if line and line.hard else 0,
        "fills": entry.kind in FILLS,
        "reason": entry.reason,
        "story": entry.story_urn,
        "entry": entry.pk,
        "marks": _marks(line.marks if line else entry.marks, entry.asset_tick),
        "waits": line is not None and _waits(line, entry),
    }


def _marks(rows: list[dict[str, Any]], asset_tick: int) -> list[dict[str, Any]]:
    """What is drawn over an entry, by ticks from its start; the logo over everything is the service's."""
    return [
        {**mark.row(), "first": max(0, mark.first - asset_tick), "last": mark.last - asset_tick}
        for mark in marks_of(rows)
        if not mark.is_permanent
    ]


def _waits(line: Line, entry: Entry) -> bool:
    """Whether a line is laid otherwise than it says, until its cut and its marks are prepared."""
    if line.asset_id is None or entry.reason:
        return False
    if (entry.asset_id, entry.asset_tick, entry.end_tick) != (line.asset_id, line.asset_tick, line.end_tick):
        return entry.kind in FILLS or entry.asset_id == line.asset_id
    return tuple(one for one in marks_of(entry.marks) if not one.is_permanent) != marks_of(line.marks)


def _planned(slot: Slot, first: int, last: int, placed: dict[int, Line]) -> list[dict[str, Any]]:
    found = []
    for start, ticks, asset, asset_tick, kind, titles in slot.parts:
        if start + ticks <= first or start >= last:
            continue
        line = placed.get(start)
        found.append(
            {
                "start": start,
                "ticks": ticks,
                "asset": asset,
                "in": asset_tick,
                "kind": kind,
                "title": in_language(titles) or in_language(slot.titles),
                "programme": in_language(slot.titles),
                "state": "planned",
                "placed": line is not None and (not line.group or line.hard),
                "hard": bool(line and line.hard),
                "group": line.group if line and line.hard else 0,
                "fills": kind in FILLS,
                "reason": "",
                "story": "",
                "entry": 0,
                "marks": _marks(line.marks if line else [], asset_tick),
                "waits": False,
            }
        )
    return found


def _line(line: Line) -> dict[str, Any]:
    return {
        "start": line.start_tick,
        "ticks": line.end_tick - line.start_tick,
        "asset": line.asset_id or 0,
        "in": line.asset_tick,
        "kind": line.kind,
        "title": in_language(line.titles),
        "programme": in_language(line.titles),
        "state": "planned",
        "placed": not line.group or line.hard,
        "hard": line.hard,
        "group": line.group if line.hard else 0,
        "fills": line.asset_id is None and line.kind != "bulletin",
        "reason": "",
        "story": line.story_urn,
        "entry": 0,
        "marks": _marks(line.marks, line.asset_tick),
        "waits": False,
    }


def _format(service: Service, first: int, last: int) -> list[dict[str, Any]]:
    """The blocks of the week in the interval: what the template calls each time."""
    week = Week.objects.filter(service=service).first()
    zone = timezone.get_default_timezone()
    blocks = template.blocks_between(template.parse(week.body if week else PLAIN_WEEK), first, last, zone)
    return [{"start": start, "end": end, "title": in_language(dict(block.titles))} for start, end, block in blocks]


def _break_in(service: Service, now: int) -> dict[str, Any] | None:
    """The break-in that is on or about to be, if one can be returned from."""
    kinds = (Incident.Kind.BREAK_IN, Incident.Kind.RETURNED)
    made = Incident.objects.filter(kind__in=kinds, service=service, tick__gt=now - 24 * 11_250).order_by("id").last()
    if made is None or made.kind == Incident.Kind.RETURNED or made.detail["until"] <= now:
        return None
    return {"start": made.tick, "until": made.detail["until"], "resume": made.detail["resume"]}


def day_of(tick: int) -> tuple[int, int]:
    """The first tick of the local day that holds `tick`, and of the day after."""
    local = datetime_at(tick).astimezone(timezone.get_default_timezone())
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return tick_at(midnight), tick_at(midnight + timedelta(days=1))
