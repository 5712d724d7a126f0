"""The schedule and the as-run of a service as files for other systems."""

from __future__ import annotations

from django.utils import timezone

from keshen.air import board, queries
from keshen.air.exchange import bxf, interchange
from keshen.air.exchange.interchange import Row
from keshen.house.models import Service, in_language
from keshen.media.houseformat import datetime_at, seconds

MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "m3u": "audio/x-mpegurl; charset=utf-8",
    "xmltv": "application/xml; charset=utf-8",
    "bxf": "application/xml; charset=utf-8",
    "as-run.bxf": "application/xml; charset=utf-8",
}


def export(service: Service, form: str, first: int, last: int) -> bytes:
    """What is on the schedule from tick `first` until `last`, in one of MEDIA_TYPES. Raises ValueError for another."""
    if form == "as-run.bxf":
        return _as_run(service, first, last)
    parts = board.board(service, first, last)["parts"]
    if form == "bxf":
        events = [
            bxf.BxfEvent(
                str(part["start"]),
                part["start"],
                part["ticks"],
                str(part["asset"]),
                part["in"],
                part["title"],
                part["hard"],
            )
            for part in parts
        ]
        return bxf.message(events, service.slug, timezone.now(), timezone.get_default_timezone())
    zone = timezone.get_default_timezone()
    rows = [
        Row(
            0,
            datetime_at(part["start"]).astimezone(zone),
            str(part["asset"]),
            seconds(part["in"]),
            seconds(part["in"] + part["ticks"]),
            part["hard"],
            part["title"],
        )
        for part in parts
        if not part["fills"]
    ]
    return interchange.write(rows, form, service.slug)


def _as_run(service: Service, first: int, last: int) -> bytes:
    events = [
        bxf.BxfEvent(
            f"entry {row.entry.id}",
            row.start,
            row.end - row.start,
            str(row.entry.asset),
            row.entry.asset_tick + row.start - row.entry.start,
            in_language(dict(row.entry.titles)) or in_language(dict(row.entry.slot_titles)),
            seen="Aired With Discrepancy" if row.substituted or row.entry.reason else "Aired Without Discrepancy",
        )
        for row in queries.as_run(service, first, last)
    ]
    return bxf.message(events, service.slug, timezone.now(), timezone.get_default_timezone(), as_run=True)
