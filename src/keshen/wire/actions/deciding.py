"""Asking the rights again about what is out or was stopped."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import Service, User
from keshen.newsroom import publications
from keshen.newsroom.models import Story, Version
from keshen.rights.actions import decide
from keshen.rights.policy import Outcome
from keshen.wire.actions.ahead import put_ahead
from keshen.wire.actions.putting_out import put_out
from keshen.wire.actions.streams import UNSENT, put_by, territories_of, the_service, use_of, withheld_from
from keshen.wire.compose import item_of
from keshen.wire.models import Delivery, Selection, Subscriber
from keshen.wire.selection import terms_of


@action
def reconsider(actor: User, story: Story) -> None:
    """Ask the rights again for what they stopped, after a person made the terms clear. Event: `wire.reconsidered`."""
    permit(actor, "wire.resume", story)
    decide_anew(actor, story.pk)


@action
def decide_anew(actor: User, story_id: int) -> None:
    """Ask the rights again about a story that is out: what they now stop is neither sent nor fetched any more, what
    they stopped and now allow goes out. What a client already has stays with it; only a kill calls that back.

    Event: `wire.reconsidered`.
    """
    story = Story.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=story_id)
    if story.killed_at:
        return
    service = the_service()
    theirs = Delivery.objects.filter(story=story, is_kill=False, called_back=False)
    theirs = theirs.exclude(version__kind=Version.Kind.HOLD)
    stopped = 0
    for subscriber in (
        Subscriber.objects.filter(pk__in=theirs.values("subscriber")).select_for_update(no_key=True).order_by("pk")
    ):
        stopped += _decide_anew(subscriber, theirs.filter(subscriber=subscriber), story, service)
    out = Version.objects.filter(pk__in=story.texts.exclude(published=None).values("published"))
    for version in out.select_related("text__story", "author"):
        put_out(publications.responsible_for(version), version.pk)
    for text in story.texts.filter(release_at__gt=timezone.now()).select_related("approved__author"):
        if text.approved is not None:
            put_ahead(publications.responsible_for(text.approved), text.pk)
    after = {"stopped": stopped, "still_blocked": theirs.filter(state=Delivery.State.BLOCKED).count()}
    record(actor, "wire.reconsidered", story.urn or "", organisation=story.organisation, after=after)


def _decide_anew(subscriber: Subscriber, theirs: QuerySet[Delivery], story: Story, service: Service) -> int:
    """Take out of a stream what rights now stop, and the pictures they now withhold; returns how many changed."""
    fetched = not subscriber.is_sent_to
    live = theirs.filter(state__in=(*UNSENT, Delivery.State.DELIVERED) if fetched else UNSENT)
    changed = 0
    places = territories_of(service)
    for delivery in live.select_related("publication").select_for_update(of=("self",), no_key=True):
        kept = Selection.objects.filter(version=delivery.version_id).first()
        choice = kept.choice(subscriber) if kept else None
        terms = terms_of(subscriber, choice.product if choice else subscriber.product.slug)
        item = item_of(delivery.publication) if delivery.publication else None
        at = item.embargoed_until if item and item.is_embargoed(timezone.now()) else None
        decision = decide([story.urn or ""], use_of(places, subscriber, terms, at))
        delivery.decision = decision
        if decision.outcome != Outcome.PERMIT:
            delivery.state, delivery.reason, delivery.next_at = (
                Delivery.State.BLOCKED, " ".join(decision.explanation), None
            )  # fmt: skip
        else:
            withheld = withheld_from(item, places, subscriber, terms, at) if item else []
            if withheld == delivery.withheld:
                continue
            delivery.withheld = withheld
            put_by(delivery)
        delivery.save()
        changed += 1
    if changed and fetched:
        subscriber.last_sequence += 1  # feeds are kept by this number: it goes on, and they are made anew
        subscriber.save(update_fields=["last_sequence"])
    return changed
