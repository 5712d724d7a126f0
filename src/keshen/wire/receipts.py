"""Where a story is on the wire: a row for each form of the public feeds, and one for each client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from keshen.house.models import Job
from keshen.house.outlets import Receipt, ReceiptState
from keshen.newsroom.models import Story, Text, Version
from keshen.wire.compose import SERVICE, item_urn
from keshen.wire.formats.registry import FORMATS
from keshen.wire.models import Delivery, Subscriber
from keshen.wire.selection import products_for

STATES: Mapping[str, ReceiptState] = {
    Delivery.State.QUEUED: ReceiptState.WAITING,
    Delivery.State.SENDING: ReceiptState.WORKING,
    Delivery.State.DELIVERED: ReceiptState.OUT,
    Delivery.State.CANCELLED: ReceiptState.KILLED,
    Delivery.State.SUSPENDED: ReceiptState.FAILED,
    Delivery.State.BLOCKED: ReceiptState.BLOCKED,
}
SAID: Mapping[str, ReceiptState] = {
    Version.Kind.KILL: ReceiptState.KILLED,
    Version.Kind.HOLD: ReceiptState.HELD,
}
"""What a notice that has arrived says of its text."""
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
    version = text.head if text.story.killed_at else text.published
    if version is None:
        return
    version.text = text
    # the job first: once it is done, every delivery it makes is there
    job = _job(version)
    deliveries = {
        delivery.subscriber_id: delivery
        for delivery in Delivery.objects.filter(version=version).select_related("subscriber__product").defer("payload")
    }
    expected = Subscriber.objects.filter(product__in=products_for(version)).select_related("product")
    receivers = {subscriber.pk: subscriber for subscriber in expected}
    receivers |= {delivery.subscriber_id: delivery.subscriber for delivery in deliveries.values()}
    for subscriber in receivers.values():
        delivery = deliveries.get(subscriber.pk)
        came_later = delivery is None and job is not None and job.state == Job.State.DONE
        was_never_there = delivery is None and version.kind == Version.Kind.HOLD
        if was_never_there or (came_later and version.kind != Version.Kind.KILL):
            continue
        state, reason = _state(version, delivery, job)
        if subscriber.channel == Subscriber.Channel.OPEN:
            yield from _feeds(subscriber, version, delivery, state, reason)
        else:
            yield _client(subscriber, version, delivery, state, reason)


def _job(version: Version) -> Job | None:
    """The work that makes the version's deliveries."""
    killed = version.kind == Version.Kind.KILL
    key = f"wire.kill:{version.text.story_id}" if killed else f"wire.put_out:{version.pk}"
    return Job.objects.filter(key=key).only("state", "reason").first()


def _state(version: Version, delivery: Delivery | None, job: Job | None) -> tuple[ReceiptState, str]:
    """The delivery's state; without one, the state of the job that would make it."""
    killed = version.kind == Version.Kind.KILL
    if delivery is not None:
        state = STATES[delivery.state]
        return (SAID.get(version.kind, state) if state is ReceiptState.OUT else state), delivery.told
    if job is not None and job.state in JOB_STATES:
        return JOB_STATES[job.state], job.reason
    if killed:
        return ReceiptState.KILLED, _("It was never sent here.")
    return ReceiptState.WAITING, ""


def _feeds(
    subscriber: Subscriber, version: Version, delivery: Delivery | None, state: ReceiptState, reason: str
) -> Iterator[Receipt]:
    """A row for each form of a public feed. After a kill it shows the cancel, if the text ever was in it."""
    text = version.text
    only_said = version.kind in SAID
    was_there = Delivery.objects.filter(subscriber=subscriber, version__text=text).exclude(sequence=None).exists()
    for entry in FORMATS.values():
        if not entry.announced:
            continue
        gone = only_said and not (entry.carries_canceled and was_there)
        yield Receipt(
            outlet="wire",
            service=SERVICE,
            form=entry.name,
            label=f"{entry.label} [{text.language}]",
            state=state,
            address=f"/wire/{subscriber.product.slug}.{entry.suffix}?story={text.story_id}",
            find=item_urn(text) if gone else version.urn,
            gone=gone,
            reason=reason,
            at=delivery.delivered_at if delivery else None,
        )


def _client(
    subscriber: Subscriber, version: Version, delivery: Delivery | None, state: ReceiptState, reason: str
) -> Receipt:
    """A client's row; what waits for a suspended one says why that is."""
    if subscriber.state == Subscriber.State.SUSPENDED and state is ReceiptState.WAITING:
        state, reason = ReceiptState.FAILED, subscriber.reason
    return Receipt(
        outlet="wire",
        service=SERVICE,
        form=f"{subscriber.format}:{subscriber.slug}:{version.text.language}",
        label=f"{subscriber.name} [{version.text.language}]",
        state=state,
        reason=reason,
        at=delivery.delivered_at if delivery else None,
    )
