"""What every verb that puts something into streams shares: the locks, the question to the rights, numbering, waking."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.utils import timezone

from keshen.house.jobs import Permanent
from keshen.house.models import Service, User
from keshen.newsroom import publications
from keshen.newsroom.models import Publication, Version
from keshen.rights.actions import decide_all
from keshen.rights.policy import Outcome, Use
from keshen.wire.compose import FORM, SERVICE, wire_service
from keshen.wire.entitlements import Entitlement
from keshen.wire.formats.item import WireItem, to_json
from keshen.wire.models import Delivery, EarlierCopy, Subscriber

OUTLET = "wire"
CHANNEL = "keshen_wire"
UNSENT = (Delivery.State.QUEUED, Delivery.State.SENDING, Delivery.State.SUSPENDED)


def the_service() -> Service:
    try:
        return wire_service()
    except Service.DoesNotExist as error:
        raise Permanent(f"The house has no wire: add a service “{SERVICE}” of kind “wire”, then try again.") from error


def locked(subscribers: list[Subscriber]) -> Iterable[Subscriber]:
    """The same in the order locks are taken. Fetched streams are locked and read again: they are numbered here."""
    fetched = Subscriber.objects.filter(pk__in=[each.pk for each in subscribers if not each.is_sent_to]).order_by("pk")
    numbers = dict(fetched.select_for_update(no_key=True).values_list("pk", "last_sequence"))
    for subscriber in sorted(subscribers, key=lambda each: each.pk):
        subscriber.last_sequence = numbers.get(subscriber.pk, subscriber.last_sequence)
        yield subscriber


def territories_of(service: Service) -> frozenset[str]:
    return frozenset(service.territories.values_list("code", flat=True)) or frozenset({"WORLD"})


def use_of(territories: frozenset[str], subscriber: Subscriber, terms: Entitlement, at: datetime | None = None) -> Use:
    """What is asked: the open feed is our own audience, anybody else a client by name, where its terms say."""
    return Use(
        exit="wire",
        platform="wire",
        territories=terms.territories or territories,
        at=at or timezone.now(),
        recipient=None if subscriber.channel == Subscriber.Channel.OPEN else subscriber.slug,
    )


def withheld_from(
    item: WireItem, territories: frozenset[str], subscriber: Subscriber, terms: Entitlement, at: datetime | None = None
) -> list[str]:
    """What goes with the item that this subscriber does not take, or may not have; each decision is stored."""
    unpaid = [each.urn for each in item.pictures if terms.media and each.kind not in terms.media]
    names = [each.urn for each in item.pictures if each.urn not in unpaid]
    use = use_of(territories, subscriber, terms, at)
    decisions = decide_all([([name], use) for name in names])
    stopped = [name for name, decision in zip(names, decisions, strict=True) if decision.outcome != Outcome.PERMIT]
    return [*unpaid, *stopped]


def freeze(actor: User, version: Version, service: Service, item: WireItem, kind: str = "") -> Publication:
    """The publication of an item; `kind` tells what was sent ahead, or called back, from what was published."""
    form = FORM if item.language == version.text.language else f"{FORM}:{item.language}"
    form = f"{form}:{kind}" if kind else form
    return publications.publish(
        version, outlet=OUTLET, service=service, edition=None, form=form, payload=to_json(item), responsible=actor
    )


def line_up(subscriber: Subscriber, delivery: Delivery) -> None:
    """Put it in the stream: numbered at once where the client fetches, queued where the pump sends."""
    if not subscriber.is_sent_to:
        subscriber.last_sequence += 1
        subscriber.save(update_fields=["last_sequence"])
        delivery.sequence = subscriber.last_sequence
        delivery.state = Delivery.State.DELIVERED
        delivery.sent_at = delivery.delivered_at = timezone.now()
    delivery.save()


def put_by(delivery: Delivery) -> None:
    """Keep the bytes that went out under the delivery's number, since what it now sends are others: those get a number
    of their own when they are sent, so that one number never means two things. Nothing happens where none went out."""
    if delivery.payload is None or delivery.sequence is None or delivery.sent_at is None:
        return
    EarlierCopy.objects.create(
        delivery=delivery,
        sequence=delivery.sequence,
        payload=delivery.payload,
        payload_sha256=delivery.payload_sha256,
        sent_at=delivery.sent_at,
        attempts=delivery.attempts,
        response_code=delivery.response_code,
        tail=delivery.tail,
    )
    delivery.payload, delivery.payload_sha256 = None, ""
    delivery.sent_at, delivery.attempts, delivery.response_code, delivery.tail = None, 0, None, ""
    if delivery.state == Delivery.State.SENDING:
        # what the client answers to the try under way is said to the copy
        delivery.state = Delivery.State.QUEUED


def wake() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
