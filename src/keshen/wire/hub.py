"""Our WebSub hub: whoever may read a feed may have it sent, once they have shown that the callback is theirs."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from keshen.house import outgoing
from keshen.house.actions import action
from keshen.house.events import record
from keshen.house.jobs import Permanent, defer
from keshen.house.models import User
from keshen.rights.policy import Window
from keshen.wire.channels import registry
from keshen.wire.entitlements import Entitlement
from keshen.wire.feeds import Turned, reader, refusal
from keshen.wire.formats.registry import BY_SUFFIX
from keshen.wire.models import Product, Subscriber, Subscription

CHANNEL = "websub"
LEASE_SECONDS = 10 * 24 * 3600
SHORTEST_SECONDS, LONGEST_SECONDS = 300, 30 * 24 * 3600
SECRET_BYTES = 200
MOST = 1000
"""Subscriptions of one product through the hub: it is open to anybody, and each costs a push an item."""
ANSWER_BYTES = 2000
WAIT_SECONDS = 10.0


def address() -> str:
    """Where the hub is."""
    return f"{settings.KESHEN_URL}/wire/hub"


@csrf_exempt
@require_POST
def hub(request: HttpRequest) -> HttpResponseBase:
    """Take a request to subscribe or unsubscribe (section 5): 202, then the callback is asked whether it means it."""
    try:
        asked = _asked(request)
    except Turned as turned:
        return refusal(turned)
    system = User.objects.system()
    defer(
        "wire.verify_hub",
        key=f"wire.verify_hub:{_name(asked['topic'], asked['callback'])}:{secrets.token_hex(8)}",
        actor=system,
        args=asked,
    )
    return HttpResponse(status=202)


def _asked(request: HttpRequest) -> dict[str, Any]:
    """What was asked, as the job takes it. Raises Turned."""
    given = request.POST
    mode, topic, callback = (given.get(f"hub.{name}", "") for name in ("mode", "topic", "callback"))
    if mode not in ("subscribe", "unsubscribe"):
        raise Turned(400, "hub.mode is subscribe or unsubscribe.")
    slug, suffix = _feed(topic)
    reader(request, slug)
    if not BY_SUFFIX[suffix].carries_canceled:
        raise Turned(400, f"{BY_SUFFIX[suffix].label} cannot say that an item is dead: subscribe to .json or .xml.")
    if len(given.get("hub.secret", "").encode()) >= SECRET_BYTES:
        raise Turned(400, f"hub.secret is shorter than {SECRET_BYTES} bytes.")
    lease = given.get("hub.lease_seconds") or str(LEASE_SECONDS)
    if not (lease.isascii() and lease.isdigit() and len(lease) < 10):
        raise Turned(400, "hub.lease_seconds is a number of seconds.")
    try:
        registry.check(registry.CHANNELS[CHANNEL], callback, {})
    except ValueError as problem:
        raise Turned(400, str(problem)) from problem
    if mode == "subscribe" and Subscriber.objects.filter(channel=CHANNEL, product__slug=slug).count() >= MOST:
        raise Turned(503, "The hub has as many subscriptions of this feed as it can carry.")
    seconds = min(max(int(lease), SHORTEST_SECONDS), LONGEST_SECONDS)
    return {"mode": mode, "topic": topic, "callback": callback, "secret": given.get("hub.secret", ""), "lease": seconds}


def _feed(topic: str) -> tuple[str, str]:
    """Product and suffix of a feed's address. Raises Turned for any other address."""
    parts = urlsplit(topic)
    slug, _, suffix = parts.path.removeprefix("/wire/").partition(".")
    ours = topic.startswith(f"{settings.KESHEN_URL}/wire/") and not parts.query and not parts.fragment
    if not ours or "/" in slug or suffix not in BY_SUFFIX:
        raise Turned(404, f"hub.topic is a feed of this house, such as {settings.KESHEN_URL}/wire/all.json.")
    return slug, suffix


def _name(topic: str, callback: str) -> str:
    return "websub-" + hashlib.sha256(f"{topic}\n{callback}".encode()).hexdigest()[:20]


def verify(mode: str, topic: str, callback: str, secret: str, lease: int) -> None:
    """Ask the callback whether it means it (section 5.3), and do it if it says so. Raises Permanent if it does not."""
    challenge = secrets.token_urlsafe(32)
    question = {"hub.mode": mode, "hub.topic": topic, "hub.challenge": challenge}
    if mode == "subscribe":
        question["hub.lease_seconds"] = str(lease)
    parts = urlsplit(callback)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *question.items()])
    with outgoing.client(timeout=WAIT_SECONDS) as client:
        try:
            with client.stream("GET", urlunsplit(parts._replace(query=query))) as response:
                status, said = response.status_code, next(response.iter_raw(ANSWER_BYTES), b"")
        except httpx.HTTPError as problem:
            raise Permanent(f"{callback} could not be asked: {type(problem).__name__}: {problem}") from problem
    if not 200 <= status < 300 or not hmac.compare_digest(said, challenge.encode()):
        raise Permanent(f"{callback} does not want it (answer {status}).")
    system = User.objects.system()
    (begin if mode == "subscribe" else end)(system, topic, callback, secret, lease)


@action
def begin(actor: User, topic: str, callback: str, secret: str, lease: int) -> None:
    """Send the feed there for `lease` seconds from now; again for one that is sent already.

    Event: `wire.hub_subscribed`.
    """
    slug, suffix = _feed(topic)
    product = Product.objects.get(slug=slug)
    options = {"topic": topic, "hub": address(), "hub_secret": secret}
    made, _fresh = Subscriber.objects.update_or_create(
        slug=_name(topic, callback),
        defaults={
            "name": f"WebSub {urlsplit(callback).hostname}",
            "product": product,
            "channel": CHANNEL,
            "format": BY_SUFFIX[suffix].name,
            "push_url": callback,
            "options": options,
            "state": Subscriber.State.ACTIVE,
            "reason": "",
        },
    )
    now = timezone.now()
    window = Entitlement(windows=(Window(start=None, end=now + timedelta(seconds=lease)),))
    Subscription.objects.update_or_create(subscriber=made, product=product, defaults={"terms": window.to_json()})
    record(actor, "wire.hub_subscribed", made.urn, after={"topic": topic, "callback": callback, "lease": lease})


@action
def end(actor: User, topic: str, callback: str, secret: str, lease: int) -> None:
    """Send nothing more there. Event: `wire.hub_unsubscribed`."""
    made = Subscriber.objects.filter(slug=_name(topic, callback)).first()
    if made is None:
        return
    now = timezone.now()
    window = Entitlement(windows=(Window(start=None, end=now),))
    Subscription.objects.filter(subscriber=made).update(terms=window.to_json())
    Subscriber.objects.filter(pk=made.pk).update(state=Subscriber.State.SUSPENDED, reason="It unsubscribed.")
    record(actor, "wire.hub_unsubscribed", made.urn, after={"topic": topic, "callback": callback})
