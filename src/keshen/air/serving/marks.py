"""What tells that a service has changed, at the price of a few small look-ups.

A node looks at its services every few seconds besides being told. Reading a day's log each time costs as much as
serving it; a mark says whether there is anything new to read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Count, Max, QuerySet

from keshen.air.models import Incident, Offer, Renumbering, Ruling, Slot, Stock, Substitute
from keshen.air.serving.load import SUSPENDING
from keshen.house.models import Edition, Service, Territory
from keshen.media.houseformat import TICKS_PER_HOUR
from keshen.media.models import Asset

type Mark = tuple[object, ...]

APART = 7919
"""Services are read anew at moments of the hour that lie so many ticks apart, and not all at once."""

COUNTED = """
SELECT service_id, count(*), max(id), sum(end_tick) FROM air_entry
WHERE state = 'laid' AND service_id = ANY(%(services)s)
AND start_tick >= (%(now)s + service_id * %(apart)s %% %(hour)s) / %(hour)s * %(hour)s
    - service_id * %(apart)s %% %(hour)s - %(hour)s
GROUP BY service_id
"""


def marks(services: Sequence[Service], now: int) -> dict[int, Mark]:
    """The mark of each service at tick `now`: equal marks mean that reading it again would give the same.

    What lies an hour back is frozen for good, so only what follows is counted. The hour is part of the mark: once an
    hour each service is read again, and what has left the catch-up window is dropped.
    """
    numbers = [service.pk for service in services]
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, {"services": numbers, "now": now, "apart": APART, "hour": TICKS_PER_HOUR})
        entries = {service: str(found) for service, *found in cursor.fetchall()}
    slots = _counted(Slot.objects.filter(service__in=numbers))
    renumbered = _counted(Renumbering.objects.filter(service__in=numbers))
    rulings = _counted(Ruling.objects.filter(service__in=numbers))
    instead = _counted(Substitute.objects.filter(entry__service__in=numbers), "entry__service")
    offers = dict(Offer.objects.filter(service__in=numbers).values_list("service", "changed_at"))
    return {
        service.pk: (
            (now + service.pk * APART % TICKS_PER_HOUR) // TICKS_PER_HOUR,
            entries.get(service.pk),
            slots.get(service.pk),
            renumbered.get(service.pk),
            rulings.get(service.pk),
            instead.get(service.pk),
            str(offers.get(service.pk)),
            json.dumps([service.slug, service.kind, service.name, service.accent, service.languages, service.settings]),
        )
        for service in services
    }


def common() -> Mark:
    """What is common to all services, as a mark: what keeps things off the air, the standby, the editions."""
    standby = Stock.objects.filter(service=None, role__in=(Stock.Role.STANDBY, Stock.Role.TAIL))
    return (
        tuple(Incident.objects.filter(kind__in=SUSPENDING).aggregate(Count("id"), Max("id")).values()),
        tuple(standby.filter(asset__state=Asset.State.READY).order_by("id").values_list("id", flat=True)),
        json.dumps(list(Edition.objects.order_by("position", "id").values_list("tag", "name"))),
        Territory.objects.aggregate(last=Max("id"))["last"],
    )


def _counted(rows: QuerySet[Any], by: str = "service") -> dict[int, str]:
    found = rows.order_by(by).values_list(by).annotate(Count("id"), Max("id"))
    return {service: str(counted) for service, *counted in found}
