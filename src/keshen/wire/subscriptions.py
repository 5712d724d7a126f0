"""The verbs of what a client takes: products and terms, and the script and encoding it reads."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import User
from keshen.wire.actions import Mistaken, agency
from keshen.wire.entitlements import Entitlement
from keshen.wire.formats.alphabets import ENCODINGS
from keshen.wire.models import Product, Subscriber, Subscription


@action
def subscribe(actor: User, subscriber: Subscriber, product: Product, terms: Entitlement) -> Subscription:
    """Have a client take a product on these terms, or change the terms. What it was sent stays with it.

    The first subscription besides the client's own product keeps that one, without limits. Event: `wire.subscribed`.
    """
    permit(actor, "wire.manage", agency())
    Subscriber.objects.select_for_update().get(pk=subscriber.pk)
    if product != subscriber.product and not subscriber.subscriptions.exists():
        Subscription.objects.create(subscriber=subscriber, product=subscriber.product)
    made, fresh = Subscription.objects.get_or_create(subscriber=subscriber, product=product)
    before = None if fresh else made.terms
    made.terms = terms.to_json()
    made.save(update_fields=["terms"])
    record(
        actor,
        "wire.subscribed",
        subscriber.urn,
        before={"terms": before} if before is not None else None,
        after={"subscriber": subscriber.slug, "product": product.slug, "terms": made.terms},
    )
    return made


@action
def unsubscribe(actor: User, subscriber: Subscriber, product: Product) -> None:
    """End a client's subscription of a product other than its own. Event: `wire.unsubscribed`. Raises Mistaken."""
    permit(actor, "wire.manage", agency())
    if product == subscriber.product:
        raise Mistaken(_("That is the client's own product. To end it, suspend the client or close its window."))
    gone, _rows = Subscription.objects.filter(subscriber=subscriber, product=product).delete()
    if gone:
        record(actor, "wire.unsubscribed", subscriber.urn, before={"product": product.slug})


@action
def set_reading(actor: User, subscriber: Subscriber, script: str, encoding: str) -> None:
    """Have the client's texts in another script or encoding. Texts it has keep the name it knows them by.

    Event: `wire.reading_changed`. Raises Mistaken for a script or encoding there is not.
    """
    permit(actor, "wire.manage", agency())
    if script not in ("", *Subscriber.Script.values):
        raise Mistaken(_("The script is one of %(names)s, or empty.") % {"names": ", ".join(Subscriber.Script.values)})
    if encoding and encoding not in ENCODINGS:
        raise Mistaken(_("The encoding is one of %(names)s, or empty.") % {"names": ", ".join(ENCODINGS)})
    changed: dict[str, Any] = {"script": script, "encoding": encoding}
    before = {"script": subscriber.script, "encoding": subscriber.encoding}
    Subscriber.objects.filter(pk=subscriber.pk).update(**changed)
    record(actor, "wire.reading_changed", subscriber.urn, before=before, after=changed)
