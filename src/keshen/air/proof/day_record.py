"""The as-run of one service and day as a sealed record, kept in the house once the day is over."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from keshen.air import clock, queries
from keshen.air.audiences import rulings
from keshen.air.models import Entry, Ruling
from keshen.air.proof import orders, seal
from keshen.air.serving import load
from keshen.house.models import Service
from keshen.media.houseformat import datetime_at, tick_at
from keshen.media.models import Asset


def record(service: Service, day: date, audience: str = "") -> dict[str, Any]:
    """What was seen from midnight to midnight of the house's zone, or until now; every tick once.

    By an audience (`variants.audience`), or at the plain address. `orders` are the break-ins, returns and skips of it.
    """
    zone = timezone.get_default_timezone()
    start, over = bounds(day)
    end = max(start, min(over, clock.tick()))
    ordered = orders.orders(service, start, end)
    seen = queries.as_run(service, start, end, audience)
    instead = queries.shown_instead(service, {part.entry.id for part in seen if part.substituted}, audience)
    urns = dict(Asset.objects.filter(pk__in={part.entry.asset for part in seen}).values_list("pk", "urn"))
    return {
        "service": service.slug,
        **({"audience": audience} if audience else {}),
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
                **({"shown": instead[part.entry.id]} if part.substituted and part.entry.id in instead else {}),
                "reason": part.entry.reason,
                **({"break_in": held.tick} if (held := orders.of(part.start, ordered)) else {}),
            }
            for part in seen
        ],
        "orders": [order.row() for order in ordered],
    }


def bounds(day: date) -> tuple[int, int]:
    """The first tick of a day of the house's zone, and of the day after."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=timezone.get_default_timezone())
    return tick_at(midnight), tick_at(midnight + timedelta(days=1))


def given(service: Service, day: date, audience: str = "") -> bytes:
    """A day's sealed record: as it was kept when the day was over, else of what has aired by now."""
    try:
        return place(service, day, audience).read_bytes()
    except FileNotFoundError:
        return sealed(service, day, audience)


def sealed(service: Service, day: date, audience: str = "") -> bytes:
    return seal.seal(record(service, day, audience), seal.house_key(settings.SECRET_KEY))


def place(service: Service, day: date, audience: str = "") -> Path:
    """Where the house keeps a day's record; that of an audience beside the channel's own."""
    name = f"{day.isoformat()}.{audience.strip(':').replace(':', '.')}" if audience else day.isoformat()
    return Path(settings.KESHEN_HOME) / "as-run" / service.slug / f"{name}.json"


def audiences(service: Service, day: date) -> list[str]:
    """The audiences that were denied something that aired on a day, each with a record of its own."""
    start, end = bounds(day)
    rows = service.entries.filter(state=Entry.State.LAID, end_tick__gt=start, start_tick__lt=end)
    ruled = Ruling.objects.filter(service=service).exclude(spans=[]).values_list("asset_id", flat=True)
    denied = rulings.denied_to(service, list(rows.filter(Q(restricted=True) | Q(asset__in=set(ruled)))))
    own = load.offered(service).everywhere
    return sorted({whom for found in denied.values() for whom in found if whom != own})


def keep_yesterday() -> int:
    """Write the records of the day that is over, where they are not there yet; gives how many."""
    day = timezone.localtime(datetime_at(clock.tick())).date() - timedelta(days=1)
    made = 0
    for service in load.services():
        if place(service, day).exists() or not service.entries.exists():
            continue
        for audience in (*audiences(service, day), ""):  # the channel's own last: where it is, all are
            path = place(service, day, audience)
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(".new")
            fresh.write_bytes(sealed(service, day, audience))
            fresh.replace(path)
            made += 1
    return made
