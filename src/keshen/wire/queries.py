"""Reads of the wire that more than one caller needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from keshen.house.models import in_language
from keshen.wire.actions import hash_of
from keshen.wire.compose import item_of, wire_service
from keshen.wire.formats.feed import Feed
from keshen.wire.formats.item import WireItem
from keshen.wire.formats.registry import Format
from keshen.wire.media_addresses import signed
from keshen.wire.models import Delivery, Product, Subscriber

PAGE = 50
LARGEST_PAGE = 200


@dataclass(frozen=True, slots=True)
class Slice:
    """Which part of a stream. `after` follows it upwards, `before` pages back, neither gives the newest.

    With `replay` every number from `after` + 1 is given, else of each text only what stands now.
    """

    after: int | None = None
    before: int | None = None
    story: int | None = None
    limit: int = PAGE
    replay: bool = False


def subscriber_for_key(key: str) -> Subscriber | None:
    """Whose key it is."""
    return Subscriber.objects.select_related("product").filter(key_sha256=hash_of(key)).first() if key else None


def open_subscriber(product: Product) -> Subscriber | None:
    """The public feed of a product, if it has one."""
    return Subscriber.objects.filter(product=product, channel=Subscriber.Channel.OPEN).select_related("product").first()


def given(subscriber: Subscriber) -> QuerySet[Delivery]:
    """Every number that may still be given: of a killed story only the kill, and nothing rights have stopped since."""
    stream = Delivery.objects.filter(subscriber=subscriber).exclude(sequence=None)
    return stream.filter(Q(story__killed_at=None) | Q(is_kill=True)).exclude(state=Delivery.State.BLOCKED)


def standing(subscriber: Subscriber) -> QuerySet[Delivery]:
    """Of each text only what stands now, newest first."""
    newer = Delivery.objects.filter(
        subscriber=subscriber,
        story=OuterRef("story"),
        version__text=OuterRef("version__text"),
        sequence__gt=OuterRef("sequence"),
    )
    return given(subscriber).filter(~Exists(newer)).order_by("-sequence")


def numbered(subscriber: Subscriber, part: Slice) -> list[Delivery]:
    """The deliveries of a part of the stream, upwards when it follows, else newest first.

    Of a killed story only the kill is given, in a replay too: nobody ends on a killed text. What rights have stopped
    since it went out is not given again.
    """
    found = given(subscriber) if part.replay else standing(subscriber)
    found = found.select_related("publication", "subscriber")
    if part.story is not None:
        found = found.filter(story=part.story)
    if part.after is not None:
        return list(found.filter(sequence__gt=part.after).order_by("sequence")[: part.limit])
    if part.before is not None:
        found = found.filter(sequence__lt=part.before)
    return list(found.order_by("-sequence")[: part.limit])


def items_of(deliveries: Iterable[Delivery]) -> list[WireItem]:
    """The items as these clients have them: their number, their pictures."""
    return [for_client(item_of(delivery.publication), delivery) for delivery in deliveries if delivery.publication]


def for_client(item: WireItem, delivery: Delivery) -> WireItem:
    """The item as the client of a delivery has it: its number, what it may have, addresses that are its own."""
    made = item.numbered(delivery.sequence or 0).without_pictures(delivery.withheld)
    if delivery.subscriber.channel == Subscriber.Channel.OPEN:
        return made
    return made.addressed(partial(signed, client=delivery.subscriber.slug))


def feed_of(subscriber: Subscriber, entry: Format, address: str) -> Feed:
    """What the feed says of itself."""
    service = wire_service()
    language = (service.languages or ["kk"])[0]
    return Feed(
        address=address,
        title=f"{in_language(service.name, language)}: {in_language(subscriber.product.name, language)}",
        language=language,
        updated=last_change(subscriber),
        sequence=subscriber.last_sequence,
        site=f"{settings.KESHEN_URL}/",
        provider=in_language(service.name, language),
    )


def last_change(subscriber: Subscriber) -> datetime:
    """When the stream last grew."""
    last = Delivery.objects.filter(subscriber=subscriber).exclude(sequence=None).order_by("-sequence").first()
    return last.sent_at if last and last.sent_at else subscriber.created_at


def waiting(subscribers: QuerySet[Subscriber]) -> dict[int, int]:
    """How many deliveries wait, by subscriber."""
    due = Delivery.objects.filter(subscriber__in=subscribers, state__in=[Delivery.State.QUEUED, Delivery.State.SENDING])
    return {row["subscriber"]: row["number"] for row in due.values("subscriber").annotate(number=Count("id"))}
