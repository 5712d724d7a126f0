"""The wire by HTTP: what clients take and on which terms, and why one got a story or did not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from ninja.errors import HttpError

from keshen.house.permissions import permit
from keshen.newsroom.models import Story
from keshen.wire import actions, subscriptions
from keshen.wire.entitlements import Entitlement, EntitlementError
from keshen.wire.explaining import why
from keshen.wire.models import Product, Subscriber
from keshen.wire.products import Filter, FilterError
from keshen.wire.reasons import VERDICTS, sentence

router = Router(tags=["wire"])


class ProductIn(Schema):
    """A new product. `filter` has languages, script, topics, places, media, urgency; what is left out lets all pass."""

    slug: str
    name: dict[str, str]
    filter: dict[str, Any] = {}
    is_open: bool = False


class ReadingIn(Schema):
    """The script (ISO 15924) and the character encoding a client reads; empty: as written, and UTF-8."""

    script: str = ""
    encoding: str = ""


class TermsIn(Schema):
    """The terms of a subscription; what is left out sets no limit."""

    windows: list[tuple[str | None, str | None]] = []
    territories: list[str] = []
    daily: int | None = None
    monthly: int | None = None
    delay_minutes: int = 0
    media: list[str] = []
    advance: bool = False


class SubscriptionOut(Schema):
    """A product a client takes, and its terms."""

    product: str
    terms: TermsIn


class LineOut(Schema):
    """One step on the way of one version to the client. `key` and `params` say for programs what `text` says."""

    language: str
    version: int
    at: datetime
    key: str
    params: dict[str, str]
    text: str


class WhyOut(Schema):
    """Where it ended (has, killed, waits, stopped, not), in words, and every step from what was stored."""

    verdict: str
    text: str
    lines: list[LineOut]


def _refused(problem: Exception) -> HttpError:
    return HttpError(422, str(problem))


@router.post("/products", response=dict[str, Any])
def add_product(request: HttpRequest, data: ProductIn) -> Any:
    """A new product, or the one of that slug."""
    permit(request.user, "wire.manage", actions.agency())
    try:
        made = actions.add_product(
            request.user, data.slug, data.name, Filter.from_json(data.filter), is_open=data.is_open
        )
    except FilterError as problem:
        raise _refused(problem) from problem
    return {"slug": made.slug, "filter": made.filter, "is_open": made.is_open}


@router.get("/subscribers/{slug}/subscriptions", response=list[SubscriptionOut])
def list_subscriptions(request: HttpRequest, slug: str) -> Any:
    """The products a client takes."""
    permit(request.user, "wire.see", actions.agency())
    taken = get_object_or_404(Subscriber, slug=slug).subscriptions.select_related("product")
    return [{"product": row.product.slug, "terms": row.entitlement.to_json()} for row in taken]


@router.put("/subscribers/{slug}/subscriptions/{product}", response=SubscriptionOut)
def subscribe(request: HttpRequest, slug: str, product: str, data: TermsIn) -> Any:
    """Have a client take a product on these terms, or change them."""
    permit(request.user, "wire.manage", actions.agency())
    client, taken = get_object_or_404(Subscriber, slug=slug), get_object_or_404(Product, slug=product)
    try:
        terms = Entitlement.from_json(data.dict())
    except EntitlementError as problem:
        raise _refused(problem) from problem
    made = subscriptions.subscribe(request.user, client, taken, terms)
    return {"product": taken.slug, "terms": made.terms}


@router.delete("/subscribers/{slug}/subscriptions/{product}", response={204: None})
def unsubscribe(request: HttpRequest, slug: str, product: str) -> Any:
    """End a client's subscription of a product."""
    permit(request.user, "wire.manage", actions.agency())
    client, taken = get_object_or_404(Subscriber, slug=slug), get_object_or_404(Product, slug=product)
    try:
        subscriptions.unsubscribe(request.user, client, taken)
    except actions.Mistaken as problem:
        raise _refused(problem) from problem
    return 204, None


@router.put("/subscribers/{slug}/reading", response=ReadingIn)
def set_reading(request: HttpRequest, slug: str, data: ReadingIn) -> Any:
    """Have a client's texts in another script or encoding, from the next text on."""
    permit(request.user, "wire.manage", actions.agency())
    try:
        subscriptions.set_reading(request.user, get_object_or_404(Subscriber, slug=slug), data.script, data.encoding)
    except actions.Mistaken as problem:
        raise _refused(problem) from problem
    return data


@router.get("/why", response=WhyOut)
def explain(request: HttpRequest, subscriber: str, story: int = Query(..., ge=1, le=2**63 - 1)) -> Any:
    """Why a client got a story, or did not: from what was stored when it was decided."""
    permit(request.user, "wire.see", actions.agency())
    answer = why(get_object_or_404(Subscriber, slug=subscriber), get_object_or_404(Story, pk=story))
    return {
        "verdict": answer.verdict.value,
        "text": str(VERDICTS[answer.verdict]),
        "lines": [
            {
                "language": line.language,
                "version": line.number,
                "at": line.at,
                "key": line.finding.key,
                "params": dict(line.finding.params),
                "text": sentence(line.finding),
            }
            for line in answer.lines
        ],
    }
