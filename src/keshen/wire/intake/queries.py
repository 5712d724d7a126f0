"""Reads of the intake that more than one caller needs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from keshen.house.models import User
from keshen.language.stemming import tokens
from keshen.wire.intake.models import IncomingItem, Source

OPEN = "new"


def sources_seen_by(person: User) -> QuerySet[Source]:
    """The sources this person may know of: the house's people all, others their own organisation's."""
    found = Source.objects.select_related("organisation", "desk")
    return found if person.is_of_the_house else found.filter(organisation=person.organisation_id)


def seen_by(person: User) -> QuerySet[IncomingItem]:
    """The items this person may know of."""
    found = IncomingItem.objects.select_related("source", "desk", "rule", "updates", "story", "settled_by", "same_as")
    return found if person.is_of_the_house else found.filter(organisation=person.organisation_id)


def filtered(items: QuerySet[IncomingItem], wanted: Mapping[str, Any]) -> QuerySet[IncomingItem]:
    """The items that fit `wanted`: state (new unless said; `all`), source, language, desk (`-`: none), q."""
    state = str(wanted.get("state") or OPEN)
    if state in IncomingItem.State.values:
        items = items.filter(state=state)
    if source := wanted.get("source"):
        items = items.filter(source__slug=source)
    if language := wanted.get("language"):
        items = items.filter(language=language)
    if desk := wanted.get("desk"):
        items = items.filter(desk=None) if desk == "-" else items.filter(desk__slug=desk)
    if query := str(wanted.get("q") or "").strip():
        items = items.filter(_matches(query, items))
    return items


def _matches(query: str, items: QuerySet[IncomingItem]) -> Q:
    """All words of the query in any language in which items came, or the sender's name for the item."""
    found = Q(identifiers__contains=[query]) | Q(headline__icontains=query)
    for language in ("kk", "ru", "en", "ar"):
        if stems := ["".join(filter(str.isalnum, stem)) for stem in tokens(query, language)]:
            search = SearchQuery(" & ".join(f"{stem}:*" for stem in stems if stem), "simple", search_type="raw")
            matching = IncomingItem.objects.annotate(vector=SearchVector("words", config="simple")).filter(
                vector=search
            )
            found |= Q(pk__in=matching.values("pk"))
    return found


def waiting_by_desk(items: QuerySet[IncomingItem]) -> dict[str, int]:
    """How many wait, by the desk's short name; `-` for those on none."""
    rows = items.filter(state=IncomingItem.State.NEW).order_by().values("desk__slug").annotate(number=Count("id"))
    return {row["desk__slug"] or "-": row["number"] for row in rows}


def day(of: date) -> tuple[datetime, datetime]:
    """A day in the house's time zone, from its beginning until the next."""
    start = timezone.make_aware(datetime.combine(of, time.min))
    return start, start + timedelta(days=1)


def traffic(items: QuerySet[IncomingItem], start: datetime, end: datetime, most: int) -> list[IncomingItem]:
    """What came in a time, newest first, at most so many."""
    return list(items.filter(received_at__gte=start, received_at__lt=end).order_by("-id")[:most])


def today_by_source(sources: QuerySet[Source]) -> dict[int, int]:
    """How many items came in the last 24 hours, by source."""
    since = timezone.now() - timedelta(hours=24)
    rows = IncomingItem.objects.filter(source__in=sources, received_at__gte=since).order_by()
    return {row["source"]: row["number"] for row in rows.values("source").annotate(number=Count("id"))}
