"""The feeds clients and the public fetch: `/wire/{product}.json`, `.xml`, `.rss`, and replay."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from keshen.wire.formats import newsml
from keshen.wire.formats.alphabets import ENCODINGS
from keshen.wire.formats.registry import BY_SUFFIX, FORMATS, Format
from keshen.wire.models import Delivery, Product, Subscriber
from keshen.wire.plans import plans_for
from keshen.wire.queries import (
    LARGEST_PAGE,
    PAGE,
    Slice,
    feed_of,
    items_of,
    last_change,
    numbered,
    open_subscriber,
    subscriber_for_key,
)

KEEP_SECONDS = 3600


class Turned(Exception):
    """The request cannot be answered: status and a sentence."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def key_of(request: HttpRequest) -> str:
    """The client's key: `Authorization: Bearer KEY`, or `?key=KEY` for readers that can only take an address."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.casefold() == "bearer" else request.GET.get("key", "")


def reader(request: HttpRequest, slug: str) -> Subscriber:
    """Who reads this product's feed: the owner of the key, or anybody where the product is open. Raises Turned."""
    product = Product.objects.filter(slug=slug).first()
    if product is None:
        raise Turned(404, f"There is no product {slug}.")
    key = key_of(request)
    if not key:
        public = open_subscriber(product) if product.is_open else None
        if public is None:
            raise Turned(401, "This product needs a key: Authorization: Bearer KEY.")
        return public
    subscriber = subscriber_for_key(key)
    if subscriber is None:
        raise Turned(401, "This key is not known, or was replaced.")
    if subscriber.product_id != product.pk and not subscriber.subscriptions.filter(product=product).exists():
        raise Turned(403, f"This key is for the product {subscriber.product.slug}.")
    if subscriber.state == Subscriber.State.SUSPENDED and subscriber.channel == Subscriber.Channel.PULL:
        raise Turned(403, f"The subscription is suspended: {subscriber.reason}")
    return subscriber


def number(request: HttpRequest, name: str, *, most: int = 2**63 - 2) -> int | None:
    """A whole number from the query. Raises Turned."""
    given = request.GET.get(name)
    if given is None or given == "":
        return None
    if not (given.isascii() and given.isdigit()) or int(given) > most:
        raise Turned(400, f"{name} is a whole number from 0 to {most}.")
    return int(given)


def answering(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Safe methods only, no session needed, refusals as plain text."""

    @csrf_exempt
    @require_safe
    def run(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Turned as turned:
            return refusal(turned)

    return run


def refusal(turned: Turned) -> HttpResponse:
    """The answer to a request that cannot be answered."""
    response = HttpResponse(str(turned), status=turned.status, content_type="text/plain; charset=utf-8")
    if turned.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="wire"'
    patch_cache_control(response, private=True, no_store=True)
    return response


def format_of(request: HttpRequest, subscriber: Subscriber) -> Format:
    """The form asked for, or the subscriber's own. Raises Turned."""
    name = request.GET.get("format") or subscriber.format
    if name not in FORMATS:
        raise Turned(400, f"format is one of {', '.join(FORMATS)}.")
    return FORMATS[name]


@answering
def feed(request: HttpRequest, slug: str, suffix: str) -> HttpResponseBase:
    """What stands now, newest first; `?after=N` what came since number N, upwards; `?before=N` pages back."""
    part = Slice(
        after=number(request, "after"),
        before=number(request, "before"),
        story=number(request, "story"),
        limit=number(request, "limit", most=LARGEST_PAGE) or PAGE,
    )
    response = respond(request, reader(request, slug), BY_SUFFIX[suffix], part)
    if BY_SUFFIX[suffix].carries_canceled:
        # where the feed can be had without asking (WebSub, section 4)
        topic = f"{settings.KESHEN_URL}{request.path}"
        links = [response.get("Link", ""), f'<{settings.KESHEN_URL}/wire/hub>; rel="hub"', f'<{topic}>; rel="self"']
        response["Link"] = ", ".join(link for link in links if link)
    return response


@answering
def replay(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Every number of the stream from `?from=N` upwards, in the subscriber's form or `?format=`."""
    subscriber = reader(request, slug)
    start = number(request, "from")
    if start is None:
        raise Turned(400, "Say from which number: ?from=N.")
    entry = format_of(request, subscriber)
    limit = number(request, "limit", most=LARGEST_PAGE) or PAGE
    return respond(request, subscriber, entry, Slice(after=max(start - 1, -1), limit=limit, replay=True))


@answering
def plan(request: HttpRequest, slug: str) -> HttpResponseBase:
    """What is approved and waits for its time, as NewsML-G2 planning items; for clients with a key only."""
    subscriber = reader(request, slug)
    if subscriber.channel == Subscriber.Channel.OPEN:
        raise Turned(401, "What is to come is told to clients only: Authorization: Bearer KEY.")
    found = plans_for(subscriber)
    if found:
        about = feed_of(subscriber, FORMATS["newsml"], f"{settings.KESHEN_URL}{request.path}")
        now = replace(about, updated=timezone.now())
        response = HttpResponse(newsml.render_plans(now, found), content_type=f"{newsml.MEDIA_TYPE}; charset=utf-8")
    else:
        response = HttpResponse(status=204)
    patch_cache_control(response, private=True, no_store=True)
    return response


def respond(request: HttpRequest, subscriber: Subscriber, entry: Format, part: Slice) -> HttpResponseBase:
    """The stream's number is the whole state of a feed, so that it is rendered once for each number and part."""
    encoding = _encoding(request, subscriber, entry)
    mark = f"wire:{subscriber.pk}:{subscriber.last_sequence}:{entry.name}:{encoding}:{request.path}:{part}"
    name = hashlib.sha256(mark.encode()).hexdigest()[:32]
    etag = f'"{name}"'
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        return unchanged
    found = cache.get_or_set(f"wire:{name}", partial(_render, request, subscriber, entry, encoding, part), KEEP_SECONDS)
    body, changed, last, more = found
    response = HttpResponse(
        body, content_type=f"{entry.feed_media_type or entry.media_type}; charset={encoding or 'utf-8'}"
    )
    response.headers["ETag"] = etag
    response.headers["Last-Modified"] = http_date(changed)
    response.headers["Keshen-Sequence"] = str(last)
    if more:
        response.headers["Link"] = f'<{more}>; rel="next"'
    patch_vary_headers(response, ["Authorization"])
    if subscriber.channel == Subscriber.Channel.OPEN:
        patch_cache_control(response, public=True, no_cache=True)
    else:
        patch_cache_control(response, private=True, no_cache=True)
    return response


def _encoding(request: HttpRequest, subscriber: Subscriber, entry: Format) -> str:
    """The character encoding asked for by `?encoding=`, else the client's own, where the form has a choice."""
    if not entry.recoded:
        return ""
    name = request.GET.get("encoding", subscriber.encoding)
    if name and name not in ENCODINGS:
        raise Turned(400, f"encoding is one of {', '.join(ENCODINGS)}.")
    return name


def _render(
    request: HttpRequest, subscriber: Subscriber, entry: Format, encoding: str, part: Slice
) -> tuple[bytes, float, int, str]:
    deliveries = numbered(subscriber, part)
    address = f"{settings.KESHEN_URL}{request.path}"
    body = entry.write_feed(feed_of(subscriber, entry, address), items_of(deliveries), encoding)
    last = max((delivery.sequence or 0 for delivery in deliveries), default=subscriber.last_sequence)
    return body, last_change(subscriber).timestamp(), last, _next(address, deliveries, part)


def _next(address: str, deliveries: list[Delivery], part: Slice) -> str:
    """The address of the part that follows, when this one is full."""
    if len(deliveries) < part.limit:
        return ""
    end = deliveries[-1].sequence or 0
    if part.replay:
        onward: dict[str, int] = {"from": end + 1}
    else:
        onward = {"after": end} if part.after is not None else {"before": end}
    if part.limit != PAGE:
        onward["limit"] = part.limit
    return f"{address}?{urlencode(onward)}"
