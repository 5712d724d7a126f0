"""What tells that a service has changed, at the price of a few small look-ups.

A node looks at its services every few seconds besides being told. Reading a day's log each time costs as much as
serving it; a mark says whether there is anything new to read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db.models import Count, Max, Sum

from keshen.air.models import Entry, Incident, Offer, Ruling, Slot, Stock, Substitute
from keshen.house.models import Edition, Service, Territory
from keshen.media.houseformat import TICKS_PER_HOUR
from keshen.media.models import Asset

type Mark = tuple[object, ...]


def marks(services: Sequence[Service], now: int) -> dict[int, Mark]:
    """The mark of each service at tick `now`: equal marks mean that reading it again would give the same.

    What lies an hour back is frozen for good, so only what follows is counted. The hour is part of the mark: once an
    hour everything is read again, and what has left the catch-up window is dropped.
    """
    hour = now // TICKS_PER_HOUR
    laid = Entry.objects.filter(state=Entry.State.LAID, start_tick__gte=(hour - 1) * TICKS_PER_HOUR)
    entries = {
        service: found
        for service, *found in laid.order_by("service")
        .values_list("service")
        .annotate(Count("id"), Max("id"), Sum("end_tick"))
    }
    slots = {
        service: found
        for service, *found in Slot.objects.order_by("service").values_list("service").annotate(Count("id"), Max("id"))
    }
    standby = Stock.objects.filter(service=None, role__in=(Stock.Role.STANDBY, Stock.Role.TAIL))
    shared = (
        hour,
        Incident.objects.aggregate(last=Max("id"))["last"],
        Ruling.objects.aggregate(last=Max("id"))["last"],
        Substitute.objects.aggregate(last=Max("id"))["last"],
        Territory.objects.aggregate(last=Max("id"))["last"],
        str(Offer.objects.aggregate(last=Max("changed_at"))["last"]),
        tuple(standby.filter(asset__state=Asset.State.READY).order_by("id").values_list("id", flat=True)),
        json.dumps(list(Edition.objects.order_by("position", "id").values_list("tag", "name"))),
    )
    return {
        service.pk: (
            *shared,
            str(entries.get(service.pk)),
            str(slots.get(service.pk)),
            json.dumps([service.slug, service.kind, service.name, service.accent, service.languages, service.settings]),
        )
        for service in services
    }
