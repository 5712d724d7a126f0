"""What changes the site: a version appears, a story goes. Both may be repeated; the outcome is the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from keshen.house.actions import action
from keshen.house.jobs import Permanent, defer, inherited_priority
from keshen.house.models import Edition, Service, User
from keshen.newsroom import publications
from keshen.newsroom.body import paragraphs
from keshen.newsroom.body import pictures as body_pictures
from keshen.newsroom.forms import Spelling, editions_of, form, spelling_of
from keshen.newsroom.models import Story, Text, Version
from keshen.rights.actions import Use, decide, decide_all
from keshen.rights.models import Decision
from keshen.rights.queries import moments_after
from keshen.site import article, pulse
from keshen.site.editions import site_service
from keshen.site.models import Page
from keshen.site.pictures import ready
from keshen.site.search import document

OUTLET = "site"
FORM = "page"
HELD_FORM = "held"

SHOWN = ["service", "publication", "state", "reason", "slug", "headline", "standfirst", "section", "topics", "urgency",
         "picture", "machine", "changed_at"]  # fmt: skip
"""What of a page changes with the version it shows; when readers first had it does not."""

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
    if version.kind == Version.Kind.HOLD:
        _hold(actor, version, service)
        pulse.beat()
        return
    pictures = ready(_pictures_in(version))
    use = _use(service)
    of_story, *of_pictures = decide_all([([story.urn or ""], use), *(([urn], use) for urn in pictures)])
    editions = editions_of(version.language)
    if of_story.permits:
        verdicts = dict(zip(pictures, of_pictures, strict=True))
        shown = {urn: asset for urn, asset in pictures.items() if verdicts[urn].permits}
        left_out = {urn: f"{asset.title}: {_why(verdicts[urn])}" for urn, asset in pictures.items() if urn not in shown}
        _show(actor, version, editions, service, shown, left_out)
    else:
        for edition in editions:
            _block(version, edition, service, _why(of_story))
    _decide_again_in_time(actor, version, pictures)
    pulse.beat()


def _hold(actor: User, version: Version, service: Service) -> None:
    """Put a notice where the text stood: its address stays, lists, feeds and search go without it.

    Rights are not asked: nothing of the text is shown. Where rights stopped the page, it stays stopped.
    """
    pages = {page.edition_id: page for page in _pages_of(version.text.story) if page.state == Page.State.LIVE}
    editions = [edition for edition in editions_of(version.language) if edition.pk in pages]
    spelling = spelling_of(version.text.story) if len(editions) > 1 else None
    published = publications.publish_in(
        version,
        editions,
        outlet=OUTLET,
        service=service,
        form=HELD_FORM,
        payload=lambda edition: article.notice(version, cast(Edition, edition), spelling),
        responsible=actor,
    )
    for edition in editions:
        publication = published[edition.pk]
        Page.objects.filter(pk=pages[edition.pk].pk).update(
            state=Page.State.HELD, publication=publication, reason="", search=None, changed_at=publication.published_at
        )


def decide_use(subject: str, service: Service) -> bool:
    """Whether `subject` may stand on the site, by a stored decision."""
    return decide([subject], _use(service)).permits


def _use(service: Service) -> Use:
    territories = frozenset(service.territories.values_list("code", flat=True)) or frozenset({"WORLD"})
    return Use(exit="site", platform="web", territories=territories, at=timezone.now())


def _why(decision: Decision) -> str:
    return "\n".join(decision.explanation)


def _pictures_in(version: Version) -> list[str]:
    urns = [picture["asset"] for picture in version.pictures]
    return urns + [node["attrs"]["asset"] for node in body_pictures(version.body)]


def _decide_again_in_time(actor: User, version: Version, pictures: Iterable[str]) -> None:
    """What a window or an embargo opens or closes later is decided anew at that moment."""
    subject = version.text.story.urn or ""
    for moment in moments_after([subject, *pictures], timezone.now()):
        defer_put_out(actor, version.pk, subject, at=moment)


def defer_put_out(actor: User, version: int, subject: str, *, at: datetime | None = None, why: str = "") -> None:
    """Ask for the version of a story (its URN) to be shown, now or at a moment; `why` tells one asking from another."""
    defer(
        "site.put_out",
        key=":".join(filter(None, ["site.put_out", str(version), at.isoformat() if at else "", why])),
        actor=actor,
        subject=subject,
        args={"version_id": version, "actor_id": actor.pk},
        at=at,
        priority=inherited_priority() + BEFORE_AIR,
    )


def _show(
    actor: User,
    version: Version,
    editions: Sequence[Edition],
    service: Service,
    shown: dict[str, article.Asset],
    left_out: dict[str, str],
) -> None:
    """Make the page of every edition that does not show the version so already."""
    story, form_name = version.text.story, _form(left_out)
    pages = {page.edition_id: page for page in _pages_of(story)}
    due = [edition for edition in editions if not _stands(pages.get(edition.pk), version, form_name)]
    if not due:
        return
    notes = article.corrections_of(version)
    spelling = spelling_of(story) if len(editions) > 1 else None
    now = timezone.now()
    published = publications.publish_in(
        version,
        due,
        outlet=OUTLET,
        service=service,
        form=form_name,
        payload=lambda edition: article.payload(version, cast(Edition, edition), shown, now, notes, spelling),
        responsible=actor,
    )
    made = []
    for edition in due:
        publication, before = published[edition.pk], pages.get(edition.pk)
        words = publication.payload
        made.append(
            Page(
                story=story,
                edition=edition,
                service=service,
                publication=publication,
                state=Page.State.LIVE,
                reason="\n".join(left_out.values()),
                slug=words["slug"],
                headline=words["headline"],
                standfirst=words["standfirst"] or words["description"],
                section=words["section"],
                topics=words["topics"],
                urgency=words["urgency"],
                picture=words["lead"],
                machine=words["machine"],
                published_at=before.published_at if before else publication.published_at,
                changed_at=publication.published_at,
            )
        )
    Page.objects.bulk_create(made, update_conflicts=True, unique_fields=["story", "edition"], update_fields=SHOWN)
    _index(made, version, spelling)


def _pages_of(story: Story) -> QuerySet[Page]:
    return Page.objects.filter(story=story).select_related("publication").defer("search", "publication__payload")


def _stands(page: Page | None, version: Version, form_name: str) -> bool:
    stands = page.publication if page and page.state == Page.State.LIVE else None
    return stands is not None and (stands.version_id, stands.form) == (version.pk, form_name)


def _form(left_out: dict[str, str]) -> str:
    """The page whole, or the page without some pictures: a publication of its own, since terms may change later."""
    if not left_out:
        return FORM
    return f"{FORM} without {hashlib.sha256(' '.join(sorted(left_out)).encode()).hexdigest()[:16]}"


def _index(pages: Iterable[Page], version: Version, spelling: Spelling | None) -> None:
    """Make pages findable by the words they show and, where their script is derived, by the words it came from."""
    stems: dict[str, tuple[str, str, str]] = {}
    for tag in {version.language, *(page.edition.tag for page in pages)}:
        made = form(version, tag, spelling)
        stems[tag] = document(
            headline=made.headline,
            standfirst=" ".join([made.standfirst, *made.keywords]),
            body=" ".join(paragraphs(made.body)),
            tag=tag,
        )
    rows: list[int | str] = []
    for page in pages:
        parts = [stems[tag] for tag in dict.fromkeys([page.edition.tag, version.language])]
        rows += [page.pk, *(" ".join(words) for words in zip(*parts, strict=True))]
    values = ", ".join(["(%s::bigint, %s, %s, %s)"] * (len(rows) // 4))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE site_page SET search = setweight(to_tsvector('simple', stems.a), 'A')
                || setweight(to_tsvector('simple', stems.b), 'B') || setweight(to_tsvector('simple', stems.c), 'C')
            FROM (VALUES {values}) AS stems (id, a, b, c) WHERE site_page.id = stems.id
            """,
            rows,
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
