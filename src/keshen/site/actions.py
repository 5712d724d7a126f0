"""What changes the site: a version appears, a story goes. Both may be repeated; the outcome is the same."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import connection
from django.utils import timezone

from keshen.house.actions import action
from keshen.house.jobs import Permanent, defer, inherited_priority
from keshen.house.models import Edition, Service, User
from keshen.newsroom import publications
from keshen.newsroom.body import paragraphs
from keshen.newsroom.body import pictures as body_pictures
from keshen.newsroom.forms import editions_of, form
from keshen.newsroom.models import Publication, Story, Text, Version
from keshen.rights.actions import Use, decide
from keshen.rights.queries import moments_after
from keshen.site import article, pulse
from keshen.site.editions import site_service
from keshen.site.models import Page
from keshen.site.pictures import ready
from keshen.site.search import document

OUTLET = "site"
FORM = "page"

BEFORE_AIR = 2
"""Readers wait for the page; what is to be rendered for the air takes its time anyway."""


@action
def put_out(actor: User, version_id: int) -> None:
    """Show a version in every edition of its language, where rights allow.

    Nothing happens when a newer version was published or the story was killed meanwhile: what overtook it stays.
    Raises jobs.Permanent when the house has no site.
    """
    version = Version.objects.select_related("text").get(pk=version_id)
    story = Story.objects.select_for_update().get(pk=version.text.story_id)
    text = Text.objects.select_for_update().get(pk=version.text_id)
    if story.killed_at or text.published_id != version.pk:
        return
    text.story, version.text = story, text
    service = site_service()
    if service is None:
        raise Permanent("The house has no site. Add a service of kind “web”, then try again.")
    allowed, refusal = decide_use(story.urn or "", service)
    shown, left_out = _pictures(version, service)
    for edition in editions_of(version.language):
        if allowed:
            _show(actor, version, edition, service, shown, left_out)
        else:
            _block(version, edition, service, refusal)
    _decide_again_in_time(actor, version)
    pulse.beat()


def decide_use(subject: str, service: Service) -> tuple[bool, str]:
    """Whether `subject` may stand on the site, by a stored decision, and why not."""
    territories = frozenset(service.territories.values_list("code", flat=True)) or frozenset({"WORLD"})
    decision = decide([subject], Use(exit="site", platform="web", territories=territories, at=timezone.now()))
    return decision.permits, "\n".join(decision.explanation)


def _decide_again_in_time(actor: User, version: Version) -> None:
    """What a window or an embargo opens or closes later is decided anew at that moment."""
    pictures = [picture["asset"] for picture in version.pictures]
    pictures += [node["attrs"]["asset"] for node in body_pictures(version.body)]
    for moment in moments_after([version.text.story.urn or "", *pictures], timezone.now()):
        defer_put_out(actor, version, at=moment)


def defer_put_out(actor: User, version: Version, *, at: datetime | None = None, why: str = "") -> None:
    """Ask for the version to be shown, now or at a moment; `why` tells one asking from another."""
    defer(
        "site.put_out",
        key=":".join(filter(None, ["site.put_out", str(version.pk), at.isoformat() if at else "", why])),
        actor=actor,
        subject=version.text.story.urn or "",
        args={"version_id": version.pk, "actor_id": actor.pk},
        at=at,
        priority=inherited_priority() + BEFORE_AIR,
    )


def _pictures(version: Version, service: Service) -> tuple[dict[str, article.Asset], dict[str, str]]:
    """The story's pictures that may be shown, and for each that may not a sentence, by URN."""
    urns = [picture["asset"] for picture in version.pictures]
    urns += [node["attrs"]["asset"] for node in body_pictures(version.body)]
    shown, refusals = {}, {}
    for urn, asset in ready(urns).items():
        allowed, refusal = decide_use(urn, service)
        if allowed:
            shown[urn] = asset
        else:
            refusals[urn] = f"{asset.title}: {refusal}"
    return shown, refusals


def _show(
    actor: User,
    version: Version,
    edition: Edition,
    service: Service,
    shown: dict[str, article.Asset],
    left_out: dict[str, str],
) -> None:
    form_name = _form(left_out)
    page = Page.objects.filter(story=version.text.story, edition=edition).first()
    stands = page.publication if page and page.state == Page.State.LIVE else None
    if stands and (stands.version_id, stands.form) == (version.pk, form_name):
        return
    publication = Publication.objects.filter(
        version=version, outlet=OUTLET, service=service, edition=edition, form=form_name
    ).first() or publications.publish(
        version,
        outlet=OUTLET,
        service=service,
        edition=edition,
        form=form_name,
        payload=article.payload(version, edition, shown, timezone.now()),
        responsible=actor,
    )
    made = publication.payload
    first = page.published_at if page else publication.published_at
    page, _fresh = Page.objects.update_or_create(
        story=version.text.story,
        edition=edition,
        defaults={
            "service": service,
            "publication": publication,
            "state": Page.State.LIVE,
            "reason": "\n".join(left_out.values()),
            "slug": made["slug"],
            "headline": made["headline"],
            "standfirst": made["standfirst"] or made["description"],
            "section": made["section"],
            "topics": made["topics"],
            "urgency": made["urgency"],
            "picture": made["lead"],
            "machine": made["machine"],
            "published_at": first,
            "changed_at": publication.published_at,
        },
    )
    _index(page, version, edition)


def _form(left_out: dict[str, str]) -> str:
    """The page whole, or the page without some pictures: a publication of its own, since terms may change later."""
    if not left_out:
        return FORM
    return f"{FORM} without {hashlib.sha256(' '.join(sorted(left_out)).encode()).hexdigest()[:16]}"


def _index(page: Page, version: Version, edition: Edition) -> None:
    """Make the page findable by the words it shows and, where its script is derived, by the words it came from."""
    parts: list[list[str]] = [[], [], []]
    for tag in dict.fromkeys([edition.tag, version.language]):
        made = form(version, tag)
        found = document(
            headline=made.headline,
            standfirst=" ".join([made.standfirst, *made.keywords]),
            body=" ".join(paragraphs(made.body)),
            tag=tag,
        )
        for part, words in zip(parts, found, strict=True):
            part.append(words)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE site_page SET search = setweight(to_tsvector('simple', %s), 'A')
                || setweight(to_tsvector('simple', %s), 'B') || setweight(to_tsvector('simple', %s), 'C')
            WHERE id = %s
            """,
            [*(" ".join(part) for part in parts), page.pk],
        )


def _block(version: Version, edition: Edition, service: Service, reason: str) -> None:
    """Nobody may read it here: what stood before goes too."""
    made = form(version, edition.tag)
    now = timezone.now()
    blank = {"state": Page.State.BLOCKED, "reason": reason, "publication": None, "picture": None, "search": None}
    Page.objects.update_or_create(
        story=version.text.story,
        edition=edition,
        defaults={**blank, "changed_at": now},
        create_defaults={
            **blank,
            "service": service,
            "slug": article.slug(made.headline),
            "headline": made.headline,
            "published_at": now,
            "changed_at": now,
        },
    )


@action
def take_down(actor: User, story_id: int) -> None:
    """Replace every page of a killed story by the notice; its address stays and answers 410."""
    Story.objects.select_for_update().get(pk=story_id)
    Page.objects.filter(story_id=story_id).exclude(state=Page.State.GONE).update(
        state=Page.State.GONE, reason="", picture=None, search=None, standfirst="", changed_at=timezone.now()
    )
    pulse.beat()
