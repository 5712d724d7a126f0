"""The as-run of one service and day as a sealed record, kept in the house once the day is over."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from keshen.air import clock, load, queries, seal
from keshen.house.models import Service
from keshen.media.houseformat import datetime_at, tick_at
from keshen.media.models import Asset


def record(service: Service, day: date) -> dict[str, Any]:
    """What was seen from midnight to midnight of the house's zone, or until now; every tick once."""
    zone = timezone.get_default_timezone()
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    start = tick_at(midnight)
    end = min(tick_at(midnight + timedelta(days=1)), clock.tick())
    seen = queries.as_run(service, start, end)
    urns = dict(Asset.objects.filter(pk__in={part.entry.asset for part in seen}).values_list("pk", "urn"))
    return {
        "service": service.slug,
        "day": day.isoformat(),
        "zone": str(zone),
        "made_at": timezone.now().isoformat(),
        "from_tick": start,
        "to_tick": end,
        "parts": [
            {
                "start": datetime_at(part.start).isoformat(timespec="milliseconds"),
                "end": datetime_at(part.end).isoformat(timespec="milliseconds"),
                "start_tick": part.start,
                "end_tick": part.end,
                "entry": part.entry.id,
                "kind": part.entry.kind,
                "programme": part.entry.programme,
                "titles": dict(part.entry.titles) or dict(part.entry.slot_titles),
                "asset": urns[part.entry.asset],
                "story": part.entry.story,
                "substituted": part.substituted,
                "reason": part.entry.reason,
            }
            for part in seen
        ],
    }


def sealed(service: Service, day: date) -> bytes:
    return seal.seal(record(service, day), seal.house_key(settings.SECRET_KEY))


def place(service: Service, day: date) -> Path:
    """Where the house keeps a day's record."""
    return Path(settings.KESHEN_HOME) / "as-run" / service.slug / f"{day.isoformat()}.json"


def keep_yesterday() -> int:
    """Write the records of the day that is over, where they are not there yet; gives how many."""
    day = timezone.localtime(datetime_at(clock.tick())).date() - timedelta(days=1)
    made = 0
    for service in load.services():
        path = place(service, day)
        if not path.exists() and service.entries.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(".new")
            fresh.write_bytes(sealed(service, day))
            fresh.replace(path)
            made += 1
    return made
