"""The agenda as one client may have it."""

from __future__ import annotations

from datetime import timedelta

from django.core.cache import cache
from django.utils import timezone

from keshen.newsroom.forms import tags_of
from keshen.rights.actions import decide_all
from keshen.rights.policy import Outcome, Use
from keshen.rights.queries import terms_of
from keshen.wire.actions.streams import territories_of, use_of
from keshen.wire.agenda.models import Occasion
from keshen.wire.compose import wire_service
from keshen.wire.entitlements import Entitlement
from keshen.wire.formats.icalendar import Entry
from keshen.wire.intake.models import IncomingItem
from keshen.wire.models import Subscriber
from keshen.wire.plans import plans_for
from keshen.wire.products import Subject, bare
from keshen.wire.selection import taken_by

KEPT = timedelta(days=1)
"""How long after it began something is still told; what was taken back too."""
MOST = 500
DECIDED_SECONDS = 600


def occasions_for(subscriber: Subscriber) -> list[Occasion]:
    """What was announced, is in a product the client takes and may be told under its terms; soonest first."""
    now = timezone.now()
    coming = Occasion.objects.filter(begins_at__gt=now - KEPT).select_related("organisation")[:MOST]
    taken = [(product.selection, terms) for product, terms in taken_by(subscriber)]
    fit: list[tuple[Occasion, Entitlement]] = []
    for occasion in coming:
        subject = Subject(
            tags=tags_of(occasion.language),
            topics=tuple(bare(code) for code in occasion.topics),
            urgency=1,
            places=tuple(word for word in (occasion.place, occasion.headline) if word),
        )
        terms = next((terms for selection, terms in taken if selection.matches(subject)), None)
        if terms is not None and (not terms.windows or any(window.holds(now) for window in terms.windows)):
            fit.append((occasion, terms))
    return _permitted(subscriber, fit)


def _permitted(subscriber: Subscriber, fit: list[tuple[Occasion, Entitlement]]) -> list[Occasion]:
    """Those the rights let the client have. A decision is stored, and holds for some minutes or until terms change."""
    places = territories_of(wire_service())
    stamps: dict[str, list[int]] = {}
    for row in terms_of([occasion.urn for occasion, _terms in fit]):
        stamps.setdefault(row.subject, []).append(row.pk)
    names = {
        occasion.pk: f"wire:occasion:{subscriber.pk}:{occasion.pk}:{sorted(stamps.get(occasion.urn, []))}"
        for occasion, _terms in fit
    }
    known: dict[str, bool] = cache.get_many(names.values())
    asked: list[tuple[Occasion, Use]] = [
        (occasion, use_of(places, subscriber, terms)) for occasion, terms in fit if names[occasion.pk] not in known
    ]
    decisions = decide_all([([occasion.urn], use) for occasion, use in asked])
    fresh = {
        names[occasion.pk]: decision.outcome == Outcome.PERMIT
        for (occasion, _use), decision in zip(asked, decisions, strict=True)
    }
    if fresh:
        cache.set_many(fresh, DECIDED_SECONDS)
    known |= fresh
    return [occasion for occasion, _terms in fit if known[names[occasion.pk]]]


def announced(item: IncomingItem) -> Occasion | None:
    """What clients are told of that an item, or one that it updates, became; None where nothing stands."""
    found: IncomingItem | None = item
    while found is not None:
        if occasion := Occasion.objects.filter(item=found, withdrawn_at=None).first():
            return occasion
        found = found.updates
    return None


def entries_for(subscriber: Subscriber) -> list[Entry]:
    """Occasions, and what of our own is approved and waits for its time, as calendars have them."""
    found = [
        Entry(
            uid=occasion.urn,
            summary=occasion.headline,
            starts=occasion.starts,
            ends=occasion.ends,
            changed=occasion.changed_at,
            location=occasion.place,
            description=occasion.note,
            language=occasion.language,
            revision=occasion.revision,
            cancelled=occasion.withdrawn_at is not None,
        )
        for occasion in occasions_for(subscriber)
    ]
    return found + [
        Entry(
            uid=plan.urn,
            summary=plan.slugline or plan.item_urn,
            starts=plan.scheduled.isoformat(),
            changed=plan.changed,
            description=plan.item_urn,
            language=plan.language,
            revision=plan.version,
        )
        for plan in plans_for(subscriber)
    ]
