"""Products and the clients that take them: made, keyed, stopped, set going again."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import User
from keshen.house.urns import urn
from keshen.wire.actions.mistaken import Mistaken
from keshen.wire.actions.streams import wake
from keshen.wire.channels import registry
from keshen.wire.channels.base import Channel
from keshen.wire.compose import agency
from keshen.wire.formats.registry import FORMATS
from keshen.wire.models import Delivery, Product, Subscriber
from keshen.wire.products import Filter
from keshen.wire.signing import new_secret


@action
def add_product(
    actor: User, slug: str, name: dict[str, str], selection: Filter | None = None, *, is_open: bool = False
) -> Product:
    """A product of that slug, made or found; an open one has its public feed. Event: `wire.product_added`."""
    permit(actor, "wire.manage", agency())
    product, fresh = Product.objects.get_or_create(
        slug=slug, defaults={"name": name, "filter": (selection or Filter()).to_json(), "is_open": is_open}
    )
    if product.is_open:
        Subscriber.objects.get_or_create(
            product=product,
            channel=Subscriber.Channel.OPEN,
            defaults={"slug": f"open-{slug}", "name": f"/wire/{slug}", "format": "ninjs"},
        )
    if fresh:
        record(
            actor,
            "wire.product_added",
            urn("product", product.slug, timezone.now()),
            after={"product": slug, "filter": product.filter, "open": is_open},
        )
    return product


def add_subscriber(
    actor: User,
    name: str,
    product: Product,
    format_name: str,
    push_url: str = "",
    options: Mapping[str, str] | None = None,
) -> tuple[Subscriber, str]:
    """A new client of a product, and its key, shown this once. With `push_url` items are sent there: the address says
    by which channel, `options` hold what that needs besides (channels.registry).

    Event: `wire.subscriber_added`. Raises Mistaken for an unknown form, a taken name or an address we may not call.
    """
    permit(actor, "wire.manage", agency())
    if format_name not in FORMATS:
        raise Mistaken(
            _("No such form: %(form)s. There are: %(forms)s.") % {"form": format_name, "forms": ", ".join(FORMATS)}
        )
    if push_url and not FORMATS[format_name].carries_canceled:
        raise Mistaken(
            _("%(form)s cannot carry a cancel, so it is only fetched. Push ninjs or newsml.") % {"form": format_name}
        )
    channel = _channel_of(push_url, options or {}) if push_url else None
    return _add_subscriber(actor, name, product, format_name, push_url, channel, options or {})


def _channel_of(push_url: str, options: Mapping[str, str]) -> Channel:
    """The channel of an address, which can be used with these options. Raises Mistaken."""
    try:
        channel = registry.channel_for(push_url)
        registry.check(channel, push_url, options)
    except ValueError as error:
        raise Mistaken(str(error)) from error
    return channel


@action
def _add_subscriber(
    actor: User,
    name: str,
    product: Product,
    format_name: str,
    push_url: str,
    channel: Channel | None,
    options: Mapping[str, str],
) -> tuple[Subscriber, str]:
    slug = slugify(name, allow_unicode=False) or f"client-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    if Subscriber.objects.filter(slug=slug).exists():
        raise Mistaken(_("There is a subscriber %(slug)s already. Choose another name.") % {"slug": slug})
    key = secrets.token_urlsafe(32)
    made = Subscriber.objects.create(
        slug=slug,
        name=name,
        product=product,
        channel=channel.name if channel else Subscriber.Channel.PULL,
        format=format_name,
        push_url=push_url,
        secret=new_secret() if channel and channel.signs else "",
        options=dict(options),
        key_sha256=hash_of(key),
    )
    record(
        actor,
        "wire.subscriber_added",
        made.urn,
        after={"subscriber": slug, "product": product.slug, "format": format_name, "push_url": push_url},
    )
    return made, key


def hash_of(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


@action
def new_key(actor: User, subscriber: Subscriber) -> str:
    """Another key for fetching, shown this once; the old one ends. Event: `wire.key_changed`."""
    permit(actor, "wire.manage", agency())
    key = secrets.token_urlsafe(32)
    Subscriber.objects.filter(pk=subscriber.pk).update(key_sha256=hash_of(key))
    record(actor, "wire.key_changed", subscriber.urn)
    return key


@action
def suspend(actor: User, subscriber: Subscriber, reason: str) -> None:
    """Stop sending; what comes meanwhile waits. Event: `wire.subscriber_suspended`."""
    permit(actor, "wire.manage", agency())
    if not reason.strip():
        raise Mistaken(_("Say why: the next shift reads it."))
    Subscriber.objects.filter(pk=subscriber.pk).update(state=Subscriber.State.SUSPENDED, reason=reason.strip())
    record(actor, "wire.subscriber_suspended", subscriber.urn, reason=reason.strip())


@action
def resume(actor: User, subscriber: Subscriber, push_url: str = "", options: Mapping[str, str] | None = None) -> None:
    """Send again, from where it stopped, to another address or with other options where these are given.

    Event: `wire.subscriber_resumed`. Raises Mistaken for an address or options that cannot be used.
    """
    permit(actor, "wire.resume", agency())
    locked = Subscriber.objects.select_for_update(no_key=True).get(pk=subscriber.pk)
    if (push_url and push_url != locked.push_url) or options:
        permit(actor, "wire.manage", agency())
        if not locked.is_sent_to:
            raise Mistaken(_("This client fetches: there is no address to send to."))
        locked.push_url = push_url or locked.push_url
        locked.options = {**locked.options, **(options or {})}
        channel = _channel_of(locked.push_url, locked.options)
        locked.channel = channel.name
        locked.secret = locked.secret or (new_secret() if channel.signs else "")
    before = {"state": locked.state, "reason": locked.reason}
    locked.state, locked.reason = Subscriber.State.ACTIVE, ""
    locked.paused_until, locked.paused_by_client, locked.failures = None, False, 0
    locked.save()
    theirs = Delivery.objects.filter(subscriber=locked)
    theirs.filter(state=Delivery.State.QUEUED).exclude(next_at=None).update(next_at=None)
    again = _suspended(theirs)
    record(actor, "wire.subscriber_resumed", locked.urn, before=before, after={"deliveries": again})
    wake()


@action
def retry(actor: User, delivery: Delivery) -> None:
    """Send a suspended delivery again, with the number it has. Event: `wire.delivery_retried`."""
    permit(actor, "wire.resume", agency())
    locked = Delivery.objects.select_for_update(of=("self",)).select_related("story__organisation").get(pk=delivery.pk)
    if locked.state != Delivery.State.SUSPENDED:
        raise Mistaken(
            _("Only a suspended delivery is sent again; this one is “%(state)s”.")
            % {"state": locked.get_state_display()}
        )
    _suspended(Delivery.objects.filter(pk=locked.pk))
    record(
        actor,
        "wire.delivery_retried",
        locked.story.urn or "",
        organisation=locked.story.organisation,
        before=locked.log_values(),
    )
    wake()


def _suspended(deliveries: QuerySet[Delivery]) -> int:
    """Queue again those of `deliveries` that stopped, except what a kill has overtaken."""
    stopped = deliveries.filter(state=Delivery.State.SUSPENDED).filter(Q(story__killed_at=None) | Q(is_kill=True))
    return int(stopped.update(state=Delivery.State.QUEUED, next_at=None, reason=""))
