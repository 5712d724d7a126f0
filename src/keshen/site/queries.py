"""What pages ask: the front, a section, a story in all its editions, what is related, what is new."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from keshen.house.models import Edition
from keshen.newsroom.models import Link
from keshen.site.models import Page

FRONT_POOL = 120
BESIDE_LEAD = 4
LATEST = 12
IN_SECTION = 4
PER_PAGE = 24
RELATED = 4
FRESH = timedelta(hours=36)
BREAKING = timedelta(hours=3)
FLASH = 1


@dataclass(frozen=True)
class Section:
    """A first-level topic with its newest stories. `code` is the Media Topic's."""

    code: str
    pages: list[Page]


@dataclass(frozen=True)
class Front:
    """The front of an edition: one lead, those beside it, sections of the rest, the newest by time."""

    breaking: Page | None = None
    lead: Page | None = None
    beside: list[Page] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    latest: list[Page] = field(default_factory=list)


def live(edition: Edition) -> QuerySet[Page]:
    """What readers of an edition have, newest first."""
    return Page.objects.filter(edition=edition, state=Page.State.LIVE).select_related("edition").defer("search")


def front(edition: Edition) -> Front:
    """The front now. The lead is the most urgent of the last day and a half; a flash leads and breaks for 3 hours."""
    pool = list(live(edition)[:FRONT_POOL])
    if not pool:
        return Front()
    now = timezone.now()
    fresh = [page for page in pool if page.published_at > now - FRESH] or pool
    ranked = sorted(fresh, key=lambda page: (page.urgency, page.picture is None, -page.published_at.timestamp()))
    lead, beside = ranked[0], ranked[1 : 1 + BESIDE_LEAD]
    used = {lead.pk, *(page.pk for page in beside)}
    by_section: dict[str, list[Page]] = defaultdict(list)
    for page in pool:
        if page.pk not in used:
            by_section[page.section].append(page)
    known = [Section(code, pages[:IN_SECTION]) for code, pages in by_section.items() if code]
    other = [Section("", pages[:IN_SECTION]) for code, pages in by_section.items() if not code]
    flash = next((p for p in pool if p.urgency == FLASH and p.published_at > now - BREAKING), None)
    return Front(breaking=flash, lead=lead, beside=beside, sections=[*known, *other], latest=pool[:LATEST])


def section_codes(edition: Edition) -> list[str]:
    """First-level topics an edition has stories in, the fullest first."""
    counted = Page.objects.filter(edition=edition, state=Page.State.LIVE).exclude(section="")
    return list(
        counted.order_by()
        .values_list("section")
        .annotate(n=Count("id"))
        .order_by("-n", "section")
        .values_list("section", flat=True)
    )


def in_section(edition: Edition, code: str, number: int) -> tuple[list[Page], bool]:
    """Page `number` (from 1) of a topic of either level, and whether there are more."""
    first = (number - 1) * PER_PAGE
    pages = list(live(edition).filter(Q(section=code) | Q(topics__contains=[code]))[first : first + PER_PAGE + 1])
    return pages[:PER_PAGE], len(pages) > PER_PAGE


def page_of(story_id: int, edition: Edition) -> Page | None:
    """The story's page in an edition, whatever its state."""
    found = Page.objects.filter(story_id=story_id, edition=edition).defer("search")
    return found.select_related(
        "edition", "service", "story", "publication__version__text", "publication__responsible"
    ).first()


def everywhere(story_id: int) -> list[Page]:
    """The story's live pages in every edition, in the editions' order."""
    found = Page.objects.filter(story_id=story_id, state=Page.State.LIVE).select_related("edition").defer("search")
    return list(found.order_by("edition__position", "edition_id"))


def related(page: Page) -> list[Page]:
    """Stories linked to this one, then those that share topics, newest first."""
    links = Link.objects.filter(Q(story_id=page.story_id) | Q(target_id=page.story_id)).values_list("story", "target")
    linked = {one for pair in links for one in pair} - {page.story_id}
    others = live(page.edition).exclude(story_id=page.story_id)
    found = list(others.filter(story_id__in=linked)[:RELATED])
    have = {one.pk for one in found}
    for narrower in (Q(topics__overlap=page.topics), Q(section=page.section)):
        if len(found) < RELATED and page.section:
            found += [one for one in others.filter(narrower)[: RELATED + len(have)] if one.pk not in have]
            have = {one.pk for one in found}
    return found[:RELATED]
