"""The wire by HTTP: products, clients and receipts for staff programs; a client's own receipts by its own key."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status
from ninja.errors import HttpError
from ninja.security import HttpBearer

from keshen.house.permissions import permit
from keshen.wire import actions
from keshen.wire.api_clients import router as clients
from keshen.wire.models import Delivery, Product, Subscriber
from keshen.wire.products import FilterError
from keshen.wire.queries import subscriber_for_key

router = Router(tags=["wire"])
router.add_router("", clients)
PAGE = 100
MAX_ID = 2**63 - 1


class ClientKey(HttpBearer):
    """A subscriber's key for fetching."""

    def authenticate(self, request: HttpRequest, token: str) -> Subscriber | None:
        return subscriber_for_key(token)


class ProductOut(Schema):
    """A product and what it selects; an empty list lets everything through."""

    slug: str
    name: dict[str, str]
    filter: dict[str, Any]
    is_open: bool


class SubscriberIn(Schema):
    """A new client. With `push_url` items are sent there, without it they are fetched. The address says by which
    channel; `options` are what that needs besides, such as passwords and keys."""

    name: str = Field(min_length=1, max_length=200)
    product: str
    format: str = "ninjs"
    push_url: str = ""
    options: dict[str, str] = {}


class SubscriberOut(Schema):
    """A client and how it stands. `secret` and `key` are given once, when they are made."""

    slug: str
    name: str
    product: str
    channel: str
    format: str
    push_url: str
    state: str
    health: str
    reason: str
    last_sequence: int
    failures: int
    last_success_at: datetime | None
    key: str = ""
    secret: str = ""


class DeliveryOut(Schema):
    """One version for one client. `response_code` null means that no answer came."""

    id: int
    subscriber: str
    story: int
    version: str
    language: str
    state: str
    is_kill: bool
    sequence: int | None
    attempts: int
    response_code: int | None
    reason: str
    tail: str
    payload_sha256: str
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None

    @staticmethod
    def resolve_subscriber(row: Delivery) -> str:
        return row.subscriber.slug

    @staticmethod
    def resolve_story(row: Delivery) -> int:
        return row.story_id

    @staticmethod
    def resolve_version(row: Delivery) -> str:
        return row.version.urn

    @staticmethod
    def resolve_language(row: Delivery) -> str:
        return row.version.language


def _rows() -> Any:
    return Delivery.objects.select_related("subscriber", "version__text").defer("payload")


@router.get("/products", response=list[ProductOut])
def products(request: HttpRequest) -> Any:
    permit(request.user, "wire.see", actions.agency())
    return Product.objects.all()


@router.get("/subscribers", response=list[SubscriberOut])
def subscribers(request: HttpRequest) -> Any:
    permit(request.user, "wire.see", actions.agency())
    return [_without_secret(made) for made in Subscriber.objects.select_related("product")]


@router.post("/subscribers", response={201: SubscriberOut})
def add_subscriber(request: HttpRequest, data: SubscriberIn) -> Any:
    """A new client; its key and secret are in this answer and nowhere else."""
    permit(request.user, "wire.manage", actions.agency())
    product = get_object_or_404(Product, slug=data.product)
    try:
        made, key = actions.add_subscriber(request.user, data.name, product, data.format, data.push_url, data.options)
    except (actions.Mistaken, FilterError) as problem:
        raise HttpError(422, str(problem)) from problem
    return Status(201, {**_described(made), "key": key, "secret": made.secret})


@router.post("/subscribers/{slug}/resume", response=SubscriberOut)
def resume(request: HttpRequest, slug: str) -> Any:
    made = get_object_or_404(Subscriber, slug=slug)
    actions.resume(request.user, made)
    return _without_secret(Subscriber.objects.select_related("product").get(pk=made.pk))


@router.get("/deliveries", response=list[DeliveryOut])
def deliveries(
    request: HttpRequest,
    story: int | None = Query(None, ge=1, le=MAX_ID),
    subscriber: str = "",
    before: int | None = Query(None, ge=1, le=MAX_ID),
) -> Any:
    """The latest deliveries, of a story or a client; `before` an id pages back."""
    permit(request.user, "wire.see", actions.agency())
    found = _rows()
    if story is not None:
        found = found.filter(story=story)
    if subscriber:
        found = found.filter(subscriber__slug=subscriber)
    if before is not None:
        found = found.filter(pk__lt=before)
    return found[:PAGE]


@router.get("/receipts", response=list[DeliveryOut], auth=ClientKey())
def receipts(request: HttpRequest, after: int = Query(0, ge=0, le=MAX_ID)) -> Any:
    """What the asking client was sent and how that went, upwards from sequence number `after`."""
    client: Subscriber = request.auth
    return _rows().filter(subscriber=client, sequence__gt=after).order_by("sequence")[:PAGE]


def _described(made: Subscriber) -> dict[str, Any]:
    names = ("slug", "name", "channel", "format", "push_url", "state", "health", "reason")
    numbers = ("last_sequence", "failures", "last_success_at")
    return {**{name: getattr(made, name) for name in (*names, *numbers)}, "product": made.product.slug}


def _without_secret(made: Subscriber) -> dict[str, Any]:
    return {**_described(made), "key": "", "secret": ""}
