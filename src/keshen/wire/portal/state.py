"""How the wire is, for everybody: no client is named."""

from __future__ import annotations

import json
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from keshen.wire.models import Delivery, Subscriber


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """How the wire is, for everybody: no client is named."""
    now = timezone.now()
    hour = Delivery.objects.filter(subscriber__push_url__gt="", delivered_at__gt=now - timedelta(hours=1))
    seconds = sorted(row.seconds or 0.0 for row in hour.only("created_at", "delivered_at")[:5000])
    due = Delivery.objects.filter(
        state__in=[Delivery.State.QUEUED, Delivery.State.SENDING],
        attempts=0,
        subscriber__state=Subscriber.State.ACTIVE,
        subscriber__failures=0,
    )
    oldest = due.order_by("created_at").values_list("created_at", flat=True).first()
    behind = (now - oldest).total_seconds() if oldest else 0.0
    last = Delivery.objects.exclude(sequence=None).order_by("-id").values_list("created_at", flat=True).first()
    told = {
        "state": "good" if behind < 10 else "late",
        "behind_seconds": round(behind, 1),
        "delivered_last_hour": len(seconds),
        "median_seconds": round(seconds[len(seconds) // 2], 3) if seconds else None,
        "slowest_of_hundred_seconds": round(seconds[int(len(seconds) * 0.99)], 3) if seconds else None,
        "last_item_at": last.isoformat() if last else None,
    }
    if request.GET.get("as") == "json":
        response = HttpResponse(json.dumps(told), content_type="application/json")
    else:
        response = render(request, "wire/portal/status.html", {"told": told, "last": last, "now": now})
    response.headers["Cache-Control"] = "public, max-age=5"
    return response
