"""Who gets a version and why: gathers what `entitlements.choose` needs, and keeps what it chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Count, Prefetch, Q
from django.utils import timezone

from keshen.media.models import Asset
from keshen.newsroom import body as bodies
from keshen.newsroom.forms import tags_of
from keshen.newsroom.models import Text, Version
from keshen.wire.compose import KINDS
from keshen.wire.entitlements import Choice, Entitlement, Had, choose
from keshen.wire.models import Delivery, Product, Selection, Subscriber, Subscription
from keshen.wire.products import Filter, Subject, bare, tag_in

_ALIVE = (Delivery.State.QUEUED, Delivery.State.SENDING, Delivery.State.SUSPENDED)


def subject_of(version: Version) -> Subject:
    """The version as filters see it."""
    shown = {row["asset"] for row in version.pictures}
    shown |= {node["attrs"]["asset"] for node in bodies.pictures(version.body)}
    kinds = Asset.objects.filter(urn__in=shown).values_list("kind", flat=True) if shown else ()
    return Subject(
        tags=tags_of(version.text.language),
        topics=tuple(bare(code) for code in version.topics),
        urgency=version.urgency,
        places=tuple(word for word in (version.dateline, *version.keywords) if word),
        media=frozenset({"text", *(KINDS[kind] for kind in kinds if kind in KINDS)}),
    )


def products_for(version: Version) -> list[Product]:
    """The products the version belongs to."""
    subject = subject_of(version)
    return [product for product in Product.objects.all() if product.selection.matches(subject)]


def candidates() -> Iterable[Subscriber]:
    """Every client, with the products it takes."""
    taken = Prefetch("subscriptions", Subscription.objects.select_related("product"))
    return Subscriber.objects.select_related("product").prefetch_related(taken).order_by("pk")


def taken_by(subscriber: Subscriber) -> list[tuple[Product, Entitlement]]:
    """The products a client takes, and on which terms."""
    rows = [(row.product, row.entitlement) for row in subscriber.subscriptions.all()]
    return rows or [(subscriber.product, Entitlement())]


def terms_of(subscriber: Subscriber, product: str) -> Entitlement:
    """The terms a client takes a product on today; of a product it no longer takes, those of the first it takes."""
    taken = taken_by(subscriber)
    return next((terms for found, terms in taken if found.slug == product), taken[0][1])


def choose_all(version: Version, *, ahead: bool = False) -> dict[Subscriber, Choice]:
    """What is chosen for every client about this version, now; it is kept as a `Selection`. What is asked `ahead` of
    publication does not begin anybody's delay."""
    now = timezone.now()
    asked = Selection.objects.filter(version=version, ahead=False).order_by("id")
    first = asked.values_list("made_at", flat=True).first()
    subject = subject_of(version)
    had = tags_had(version.text)
    everybody = list(candidates())
    counted = _volumes([s for s in everybody if any(terms.limited for _product, terms in taken_by(s))], version.text)
    filters: dict[int, Filter] = {}
    chosen = {}
    for subscriber in everybody:
        taken = []
        for product, terms in taken_by(subscriber):
            if product.pk not in filters:
                filters[product.pk] = product.selection
            taken.append((product.slug, filters[product.pk], terms))
        today, month = counted.get(subscriber.pk, (0, 0))
        so_far = Had(today, month, subscriber.pk in had)
        chosen[subscriber] = choose(taken, subject, so_far, published=first or now, now=now)
    kept = {str(s.pk): choice.to_json() for s, choice in chosen.items()}
    Selection.objects.create(version=version, choices=kept, ahead=ahead)
    return chosen


def tags_had(text: Text) -> dict[int, str]:
    """The clients that were sent the text, or are about to be, and under which tag they know it."""
    theirs = Delivery.objects.filter(version__text=text).filter(Q(sequence__isnull=False) | Q(state__in=_ALIVE))
    return {
        subscriber: tag or text.language for subscriber, tag in theirs.order_by("id").values_list("subscriber", "tag")
    }


def tag_for(subscriber: Subscriber, choice: Choice, subject: Subject, had: Mapping[int, str]) -> str:
    """The tag it goes out under: the one the client knows it by, else by the client's and the product's script."""
    if subscriber.pk in had:
        return had[subscriber.pk]
    product = next((p for p, _terms in taken_by(subscriber) if p.slug == choice.product), subscriber.product)
    return tag_in(subject.tags, subscriber.script, product.selection.script)


def _volumes(subscribers: list[Subscriber], text: Text) -> dict[int, tuple[int, int]]:
    """Stories today and this month, in the house's own days, of clients whose terms count them."""
    if not subscribers:
        return {}
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    month = today.replace(day=1)
    sent = (
        Delivery.objects.filter(subscriber__in=subscribers, is_kill=False, created_at__gte=month)
        .exclude(state__in=[Delivery.State.BLOCKED, Delivery.State.CANCELLED])
        .exclude(story=text.story_id)
        .values("subscriber")
        .annotate(
            month=Count("story", distinct=True),
            today=Count("story", distinct=True, filter=Q(created_at__gte=today)),
        )
    )
    return {row["subscriber"]: (row["today"], row["month"]) for row in sent.order_by()}
