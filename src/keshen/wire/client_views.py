"""The wire's screens of what a client takes: products and terms, script and encoding, and why it got a story or not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from keshen.house.actions import permit
from keshen.newsroom.models import Story
from keshen.wire import actions, subscriptions
from keshen.wire.entitlements import Entitlement, EntitlementError
from keshen.wire.explaining import why as explained
from keshen.wire.models import Product, Subscriber
from keshen.wire.reasons import VERDICTS, sentence

LATEST = 100


@require_POST
def client_terms(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a product on these terms, leave one, or change script and encoding."""
    client = get_object_or_404(Subscriber.objects.select_related("product"), slug=slug)
    verb = request.POST.get("verb")
    try:
        if verb == "take":
            product = get_object_or_404(Product, slug=request.POST.get("product", ""))
            subscriptions.subscribe(request.user, client, product, _terms(request.POST))
        elif verb == "leave":
            product = get_object_or_404(Product, slug=request.POST.get("product", ""))
            subscriptions.unsubscribe(request.user, client, product)
        elif verb == "reading":
            script, encoding = request.POST.get("script", ""), request.POST.get("encoding", "")
            subscriptions.set_reading(request.user, client, script, encoding)
        else:
            raise Http404
    except (EntitlementError, actions.Mistaken) as problem:
        messages.error(request, str(problem))
    return redirect("wire-control:subscriber", slug=slug)


def _terms(data: Any) -> Entitlement:
    start, end = _day(data.get("start", "")), _day(data.get("end", ""))
    return Entitlement.from_json(
        {
            "windows": [[start, end]] if start or end else [],
            "territories": data.get("territories", "").upper().replace(",", " ").split(),
            "daily": _number(data.get("daily", "")),
            "monthly": _number(data.get("monthly", "")),
            "delay_minutes": _number(data.get("delay_minutes", "")) or 0,
            "media": data.getlist("media"),
            "advance": "advance" in data,
        }
    )


def _day(text: str) -> str | None:
    """A date of the form as midnight in the house's zone."""
    if not text:
        return None
    try:
        day = datetime.fromisoformat(text)
    except ValueError as error:
        raise EntitlementError(_("A day is year, month and day.")) from error
    return timezone.make_aware(day, timezone.get_default_timezone()).isoformat()


def _number(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise EntitlementError(_("A limit is a whole number, or empty for none."))
    return int(text)


@require_GET
def why(request: HttpRequest) -> HttpResponse:
    """Why a client got a story, or did not, step by step."""
    permit(request.user, "wire.see", actions.agency())
    story, slug = request.GET.get("story", "").strip(), request.GET.get("subscriber", "")
    found = client = answer = None
    if story.isascii() and story.isdigit() and len(story) < 19:
        found = Story.objects.filter(pk=int(story)).first()
    elif story:
        found = Story.objects.filter(urn=story).first()
    if slug:
        client = Subscriber.objects.filter(slug=slug).select_related("product").first()
    if found and client:
        answer = explained(client, found)
    products = {product.slug: str(product) for product in Product.objects.all()}
    context = {
        "here": "wire-control:overview",
        "story": found,
        "given": story,
        "subscriber": client,
        "subscribers": Subscriber.objects.order_by("name"),
        "latest": Story.objects.filter(texts__published__isnull=False).distinct().order_by("-pk")[:LATEST],
        "asked": bool(story and slug),
        "verdict": answer and VERDICTS[answer.verdict],
        "state": answer and answer.verdict.value,
        "lines": [(line, sentence(line.finding, products)) for line in answer.lines] if answer else [],
    }
    return render(request, "wire/why.html", context)
