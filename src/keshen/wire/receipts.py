"""Where a story is on the wire: a row for each form of the public feeds, and one for each client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from keshen.house.models import Job
from keshen.house.outlets import Receipt, ReceiptState
from keshen.newsroom.models import Story, Text, Version
from keshen.wire.compose import SERVICE, item_urn
from keshen.wire.formats.registry import FORMATS
from keshen.wire.models import Delivery, Product, Subscriber

STATES: Mapping[str, ReceiptState] = {
    Delivery.State.QUEUED: ReceiptState.WAITING,
    Delivery.State.SENDING: ReceiptState.WORKING,
    Delivery.State.DELIVERED: ReceiptState.OUT,
    Delivery.State.CANCELLED: ReceiptState.KILLED,
    Delivery.State.SUSPENDED: ReceiptState.FAILED,
    Delivery.State.BLOCKED: ReceiptState.BLOCKED,
}
JOB_STATES: Mapping[str, ReceiptState] = {
    Job.State.WAITING: ReceiptState.WAITING,
    Job.State.RUNNING: ReceiptState.WORKING,
    Job.State.FAILED: ReceiptState.FAILED,
    Job.State.CANCELLED: ReceiptState.FAILED,
}


def receipts_of(story_id: int) -> list[Receipt]:
    """Every place on the wire where the story's texts are, are due, or were."""
    story = Story.objects.get(pk=story_id)
    texts = story.texts.exclude(published=None).select_related("head", "published", "story")
    return [receipt for text in texts for receipt in _of_text(text)]


def _of_text(text: Text) -> Iterator[Receipt]:
    killed = bool(text.story.killed_at)
    version = text.head if killed else text.published
    if version is None:
        return
    version.text = text
    deliveries = {
        delivery.subscriber_id: delivery
        for delivery in Delivery.objects.filter(version=version).select_related("subscriber")
    }
    wanted = [
        product.pk
        for product in Product.objects.all()
        if product.selection.matches(text.language, version.topics, version.urgency)
    ]
    for subscriber in Subscriber.objects.filter(product__in=wanted).select_related("product"):
        delivery = deliveries.pop(subscriber.pk, None)
        if subscriber.channel == Subscriber.Channel.OPEN:
            yield from _feeds(subscriber, version, delivery)
        else:
            yield _client(subscriber, version, delivery)
    for delivery in deliveries.values():
        yield _client(delivery.subscriber, version, delivery)


def _feeds(subscriber: Subscriber, version: Version, delivery: Delivery | None) -> Iterator[Receipt]:
    text = version.text
    killed = version.kind == Version.Kind.KILL
    state, reason = _state(version, delivery)
    if killed and state is ReceiptState.OUT:
        state = ReceiptState.KILLED
    for entry in FORMATS.values():
        shows_cancel = killed and entry.carries_canceled and delivery is not None
        yield Receipt(
            outlet="wire",
            service=SERVICE,
            form=entry.name,
            label=f"{entry.label} [{text.language}]",
            state=state,
            address=f"/wire/{subscriber.product.slug}.{entry.suffix}?story={text.story_id}",
            find=version.urn if shows_cancel or not killed else item_urn(text),
            gone=killed and not shows_cancel,
            reason=reason,
            at=delivery.delivered_at if delivery else None,
        )


def _client(subscriber: Subscriber, version: Version, delivery: Delivery | None) -> Receipt:
    state, reason = _state(version, delivery)
    if subscriber.state == Subscriber.State.SUSPENDED and state is ReceiptState.WAITING:
        state, reason = ReceiptState.FAILED, subscriber.reason
    if version.kind == Version.Kind.KILL and state is ReceiptState.OUT:
        state = ReceiptState.KILLED
    return Receipt(
        outlet="wire",
        service=SERVICE,
        form=subscriber.format,
        label=f"{subscriber.name} [{version.text.language}]",
        state=state,
        reason=reason,
        at=delivery.delivered_at if delivery else None,
    )


def _state(version: Version, delivery: Delivery | None) -> tuple[ReceiptState, str]:
    """The delivery's state; without one, the state of the job that would make it."""
    if delivery is not None:
        return STATES[delivery.state], delivery.reason
    killed = version.kind == Version.Kind.KILL
    key = f"wire.kill:{version.text.story_id}" if killed else f"wire.put_out:{version.pk}"
    job = Job.objects.filter(key=key).only("state", "reason").first()
    if job is not None and job.state in JOB_STATES:
        return JOB_STATES[job.state], job.reason
    if killed:
        return ReceiptState.KILLED, _("It was never sent here.")
    return ReceiptState.WAITING, _("It was published before this subscriber came.") if job else ""
