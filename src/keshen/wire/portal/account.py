"""The client's account: how their feed is, receipts, what an invoice counts, key and test send."""

from __future__ import annotations

import csv
import io
import json
import statistics
import time
from datetime import datetime, timedelta
from typing import Any

import httpcore
import httpx
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate, TruncMonth
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from keshen.house import outgoing
from keshen.house.models import User
from keshen.wire import actions
from keshen.wire.compose import item_urn
from keshen.wire.formats.registry import FORMATS
from keshen.wire.models import Delivery, Subscriber
from keshen.wire.portal.session import SESSION, answering, ours
from keshen.wire.selection import taken_by
from keshen.wire.signing import sign

RECEIPTS = 100
MEASURED = 500
MONTHS = 12
TEST_SECONDS = 10.0


@answering
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Everything about the client itself, on one page."""
    found = ours(request)
    context = {
        "subscriber": found,
        "place": "account",
        "formats": FORMATS.values(),
        "rows": _receipts(found)[:RECEIPTS],
        "waiting": found.deliveries.filter(state__in=[Delivery.State.QUEUED, Delivery.State.SENDING]).count(),
        "health": _health(found),
        "taken": taken_by(found),
        "months": _usage(found),
        "days": _days(found),
    }
    return render(request, "wire/portal/account.html", context)


def _receipts(found: Subscriber) -> QuerySet[Delivery]:
    rows = found.deliveries.exclude(state=Delivery.State.BLOCKED)
    return rows.select_related("subscriber", "version__text", "story").defer("payload")


def _health(found: Subscriber) -> dict[str, Any]:
    """How the feed did in the last day: numbers, tries that failed, seconds from publication to the client."""
    day = found.deliveries.filter(delivered_at__gt=timezone.now() - timedelta(days=1)).defer("payload")
    seconds = sorted(row.seconds or 0.0 for row in day.order_by("-delivered_at")[:MEASURED])
    return {
        "delivered": day.count(),
        "again": day.filter(attempts__gt=1).count(),
        "stopped": found.deliveries.filter(state=Delivery.State.SUSPENDED).count(),
        "median": round(statistics.median(seconds), 2) if seconds else None,
        "slowest": round(seconds[-1], 2) if seconds else None,
    }


def _usage(found: Subscriber) -> list[dict[str, Any]]:
    """Items taken by month, newest first, for the invoice's figures."""
    taken = found.deliveries.filter(state=Delivery.State.DELIVERED).annotate(month=TruncMonth("delivered_at"))
    rows = taken.order_by().values("month").annotate(
        items=Count("id"), stories=Count("story", distinct=True), kills=Count("id", filter=Q(is_kill=True)),
        corrections=Count("id", filter=Q(version__kind="correction")),
    )  # fmt: skip
    return list(rows.order_by("-month")[:MONTHS])


def _days(found: Subscriber) -> list[dict[str, Any]]:
    since = timezone.now() - timedelta(days=14)
    taken = found.deliveries.filter(state=Delivery.State.DELIVERED, delivered_at__gt=since)
    rows = taken.annotate(day=TruncDate("delivered_at")).order_by().values("day").annotate(items=Count("id"))
    return list(rows.order_by("-day"))


@answering
@require_safe
def usage(request: HttpRequest, month: str) -> HttpResponse:
    """Every item of a month (`2026-11`) as CSV: what the invoice's figures are made of."""
    found = ours(request)
    try:
        start = timezone.make_aware(datetime.strptime(month, "%Y-%m"), timezone.get_default_timezone())
    except ValueError as error:
        raise Http404 from error
    end = (start + timedelta(days=32)).replace(day=1)
    rows = found.deliveries.filter(state=Delivery.State.DELIVERED, delivered_at__gte=start, delivered_at__lt=end)
    table = io.StringIO()
    write = csv.writer(table).writerow
    write(["number", "item", "version", "language", "kind", "delivered", "headline"])
    for row in rows.select_related("version__text__story").defer("payload").order_by("sequence").iterator(500):
        version = row.version
        name = item_urn(version.text, row.tag or None)
        write([row.sequence, name, version.number, row.tag or version.text.language, version.kind,
               row.delivered_at.isoformat() if row.delivered_at else "", _cell(version.headline)])  # fmt: skip
    answer = HttpResponse(table.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.slug}-{month}.csv"'
    return answer


def _cell(words: str) -> str:
    """Words as a table program shows them: what begins like a formula is none."""
    return f"'{words}" if words[:1] in ("=", "+", "-", "@", "\t", "\r") else words


@answering
@require_POST
def new_key(request: HttpRequest) -> HttpResponse:
    """A new key, shown this once; the old one opens nothing any more, this session goes on."""
    found = ours(request)
    key = actions.new_key(User.objects.system(), found)
    found.refresh_from_db()
    request.session[SESSION] = found.key_sha256
    return render(request, "wire/portal/key.html", {"subscriber": found, "key": key})


@answering
@require_POST
def test_send(request: HttpRequest) -> HttpResponse:
    """Send a signed test to the client's push address and say what it answered. It has no number and is no item."""
    found = ours(request)
    if not found.push_url.startswith("http") or not found.secret:
        raise Http404
    stamp = int(time.time())
    body = json.dumps({"test": True, "subscriber": found.slug, "sent": timezone.now().isoformat()}).encode()
    name = f"{found.slug}-test-{stamp}"
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": name,
        "Webhook-Id": name,
        "Webhook-Timestamp": str(stamp),
        "Webhook-Signature": sign(found.secret, name, stamp, body),
        "Keshen-Status": "test",
    }
    begun = time.monotonic()
    try:
        with outgoing.client(timeout=TEST_SECONDS) as client, client.stream(
            "POST", found.push_url, content=body, headers=headers
        ) as answer:  # fmt: skip
            took = time.monotonic() - begun
            said = _("Your server answered %(code)d after %(ms)d ms.") % {"code": answer.status_code, "ms": took * 1000}
            (messages.success if answer.is_success else messages.error)(request, said)
    except (httpx.HTTPError, httpcore.ConnectError) as problem:
        messages.error(request, _("Your server could not be reached: %(why)s") % {"why": problem})
    return redirect("wire:client-account")
