"""The client's own door: what stands in their stream, searched and fetched in any form; receipts, usage, key, test.

A client comes in with the key of its feed, posted once and never in an address; the session remembers the key's hash,
so that a new key ends every session of the old.
"""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import httpcore
import httpx
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate, TruncMonth
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from keshen.house import outgoing
from keshen.house.models import User
from keshen.language.stemming import tokens
from keshen.newsroom import body as bodies
from keshen.newsroom.reading import direction_of
from keshen.wire import actions, feeds
from keshen.wire.compose import item_of
from keshen.wire.formats.registry import BY_SUFFIX, FORMATS
from keshen.wire.models import Delivery, Subscriber
from keshen.wire.queries import LARGEST_PAGE, Slice, standing, subscriber_for_key
from keshen.wire.signing import sign

SESSION = "wire_client"
PAGE = 30
RECEIPTS = 100
SEARCHED = 500
TEST_SECONDS = 10.0


type View = Callable[..., HttpResponseBase]


def answering(view: View) -> View:
    """What is not there is said on the client's own page, and nothing is kept in between."""

    @never_cache
    @functools.wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Http404:
            return render(request, "wire/portal/missing.html", {"subscriber": _client(request)}, status=404)

    return run


def _client(request: HttpRequest) -> Subscriber | None:
    """Whose session this is; None when nobody signed in, or the key was replaced since."""
    digest = request.session.get(SESSION, "")
    return Subscriber.objects.select_related("product").filter(key_sha256=digest).first() if digest else None


def _ours(request: HttpRequest, *, items: bool = False) -> Subscriber:
    """Whose session this is; with `items`, only who may have them now. Raises Http404."""
    found = _client(request)
    if found is None or (items and not _may_fetch(found)):
        raise Http404
    return found


def _may_fetch(found: Subscriber) -> bool:
    """As with the feeds: who fetches and is suspended gets nothing; one whose server was at fault may still look."""
    return found.state == Subscriber.State.ACTIVE or found.channel != Subscriber.Channel.PULL


@sensitive_post_parameters("key")
@never_cache
@require_http_methods(["GET", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """With the key, or the session that it began: what stands, receipts, usage."""
    wrong = False
    if request.method == "POST":
        known = subscriber_for_key(request.POST.get("key", ""))
        wrong = known is None
        if known is not None:
            request.session[SESSION] = known.key_sha256
    found = _client(request)
    if found is None:
        return render(request, "wire/portal/door.html", {"wrong": wrong}, status=403 if wrong else 200)
    query = request.GET.get("q", "").strip()
    stands = standing(found) if _may_fetch(found) else Delivery.objects.none()
    page = Paginator(_searched(stands, query), PAGE).get_page(request.GET.get("page"))
    context = {
        "subscriber": found,
        "page": page,
        "query": query,
        "formats": FORMATS.values(),
        "rows": _receipts(found)[:RECEIPTS],
        "waiting": found.deliveries.filter(state__in=[Delivery.State.QUEUED, Delivery.State.SENDING]).count(),
        "months": _usage(found),
        "days": _days(found),
    }
    return render(request, "wire/portal/home.html", context)


def _receipts(found: Subscriber) -> QuerySet[Delivery]:
    rows = found.deliveries.exclude(state=Delivery.State.BLOCKED)
    return rows.select_related("subscriber", "version__text", "story").defer("payload")


def _searched(rows: QuerySet[Delivery], query: str) -> Sequence[Delivery] | QuerySet[Delivery]:
    """Those with every word of the query, in any form, in headline or body as they were published."""
    rows = rows.select_related("version__text", "story").defer("payload")
    words = query.split()[:8]
    for word in words:
        either = Q()
        for stem in _stems(word):
            either |= Q(version__text__search__contains=stem)
        rows = rows.filter(either)
    if not words:
        return rows
    # the index is over the house's working copy: what readers do not have yet must not be found
    return [row for row in rows[:SEARCHED] if _says(row, words)]


def _stems(word: str) -> set[str]:
    return {stem for language in ("kk", "ru", "en", "ar") for stem in tokens(word, language)} or {word.lower()}


def _says(row: Delivery, words: Sequence[str]) -> bool:
    version = row.version
    lines = [version.headline, version.standfirst, *bodies.paragraphs(version.body)]
    said = set(tokens(" ".join(lines), version.text.language))
    return all(said & _stems(word) for word in words)


def _usage(found: Subscriber) -> list[dict[str, Any]]:
    """Items taken by month, newest first, for the invoice's figures."""
    taken = found.deliveries.filter(state=Delivery.State.DELIVERED).annotate(month=TruncMonth("delivered_at"))
    rows = taken.order_by().values("month").annotate(
        items=Count("id"), stories=Count("story", distinct=True), kills=Count("id", filter=Q(is_kill=True))
    )  # fmt: skip
    return list(rows.order_by("-month")[:12])


def _days(found: Subscriber) -> list[dict[str, Any]]:
    since = timezone.now() - timedelta(days=14)
    taken = found.deliveries.filter(state=Delivery.State.DELIVERED, delivered_at__gt=since)
    rows = taken.annotate(day=TruncDate("delivered_at")).order_by().values("day").annotate(items=Count("id"))
    return list(rows.order_by("-day"))


@answering
@require_safe
def item(request: HttpRequest, number: int, suffix: str = "") -> HttpResponse:
    """One item of the stream as it reads; with a suffix, its bytes in that form."""
    found = _ours(request, items=True)
    delivery = get_object_or_404(standing(found).select_related("publication", "version__text"), sequence=number)
    if delivery.publication is None:
        raise Http404
    made = item_of(delivery.publication).numbered(number).without_pictures(delivery.withheld)
    if suffix:
        entry = BY_SUFFIX.get(suffix)
        if entry is None:
            raise Http404
        answer = HttpResponse(entry.write(made, found.encoding), content_type=entry.content_type(found.encoding))
        answer.headers["Content-Disposition"] = f'attachment; filename="{found.slug}-{number}.{suffix}"'
        return answer
    version = delivery.version
    context = {
        "subscriber": found,
        "delivery": delivery,
        "version": version,
        "direction": direction_of(version.text.language),
        "html": SafeString(bodies.to_html(version.body, lambda _node: "")),
        "formats": FORMATS.values(),
    }
    return render(request, "wire/portal/item.html", context)


@answering
@require_safe
def replay(request: HttpRequest) -> HttpResponseBase:
    """The stream again from a number, as a download in the client's form or the one asked for."""
    found = _ours(request, items=True)
    start = request.GET.get("from", "")
    entry = FORMATS.get(request.GET.get("format", ""), found.form)
    if not (start.isascii() and start.isdigit() and len(start) < 19):
        messages.error(request, _("Say from which number."))
        return redirect("wire:client")
    part = Slice(after=max(int(start) - 1, -1), limit=LARGEST_PAGE, replay=True)
    answer = feeds.respond(request, found, entry, part)
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.slug}-from-{start}.{entry.suffix}"'
    return answer


@answering
@require_POST
def new_key(request: HttpRequest) -> HttpResponse:
    """A new key, shown this once; the old one opens nothing any more, this session goes on."""
    found = _ours(request)
    key = actions.new_key(User.objects.system(), found)
    found.refresh_from_db()
    request.session[SESSION] = found.key_sha256
    return render(request, "wire/portal/key.html", {"subscriber": found, "key": key})


@answering
@require_POST
def test_send(request: HttpRequest) -> HttpResponse:
    """Send a signed test to the client's push address and say what it answered. It has no number and is no item."""
    found = _ours(request)
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
    return redirect("wire:client")


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    request.session.flush()
    return redirect("wire:client")


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
