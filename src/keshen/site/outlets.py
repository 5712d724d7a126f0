"""The site as a way out of the house."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from keshen.house.jobs import defer
from keshen.house.models import Job, User
from keshen.house.outlets import Leaving, Receipt, ReceiptState
from keshen.newsroom.forms import editions_of
from keshen.newsroom.models import Story, Text, Version
from keshen.site import article
from keshen.site.actions import defer_put_out
from keshen.site.models import Page
from keshen.site.pictures import ready

URGENT = 10


class SiteOutlet:
    """A page in each edition of a text's language."""

    name = "site"
    label = gettext_lazy("Site")

    def preview(self, version_id: int) -> Mapping[str, Any]:
        """The payload of each edition by tag, as it would be published now; rights are decided at publishing."""
        version = Version.objects.select_related("text__story").get(pk=version_id)
        pictures = ready(picture["asset"] for picture in version.pictures)
        now = timezone.now()
        return {
            edition.tag: article.payload(version, edition, pictures, now, article.corrections_of(version))
            for edition in editions_of(version.language)
        }

    def publish(self, leaving: Leaving) -> None:
        defer_put_out(leaving.actor, leaving.version, leaving.subject)

    correct = publish

    def packages(self, story_id: int) -> bool:
        return False

    def kill(self, story_id: int, actor_id: int) -> None:
        defer(
            "site.take_down",
            key=f"site.take_down:{story_id}",
            actor=User.objects.get(pk=actor_id),
            subject=Story.objects.get(pk=story_id).urn or "",
            args={"story_id": story_id, "actor_id": actor_id},
            priority=URGENT,
        )

    def receipts(self, story_id: int) -> list[Receipt]:
        pages = {page.edition_id: page for page in Page.objects.filter(story_id=story_id).select_related("publication")}
        made = []
        texts = Text.objects.filter(story_id=story_id).exclude(published=None).select_related("story", "published")
        for text in texts:
            job = Job.objects.filter(key=f"site.put_out:{text.published_id}").first()
            made += [_receipt(text, edition, pages.get(edition.pk), job) for edition in editions_of(text.language)]
        return made


def _receipt(text: Text, edition: Any, page: Page | None, job: Job | None) -> Receipt:
    killed = text.story.killed_at is not None
    state, reason = _state(text, page, job)
    shown = page is not None and page.state != Page.State.BLOCKED
    if page is not None:
        page.edition = edition
    found = page is not None and (shown or killed)
    return Receipt(
        outlet="site",
        service=page.service.slug if page else "",
        form=edition.tag,
        label=f"{_('Site')} · {edition}",
        state=state,
        address=page.address if page and found else None,
        find=_find(page) if page and found else None,
        gone=killed or state is ReceiptState.HELD,
        reason=reason,
        at=page.changed_at if page else None,
    )


def _find(page: Page) -> str:
    """Words of the page as its HTML has them: the last correction's note where there is one, else the headline."""
    corrections = page.publication.payload["corrections"] if page.publication else []
    return escape(corrections[-1]["note"] if corrections else page.headline)


def _state(text: Text, page: Page | None, job: Job | None) -> tuple[ReceiptState, str]:
    if text.story.killed_at:
        gone = page is None or page.state == Page.State.GONE
        return (ReceiptState.KILLED if gone else ReceiptState.WORKING), ""
    current = page and page.publication and page.publication.version_id == text.published_id
    if page and page.state == Page.State.HELD and current:
        return ReceiptState.HELD, _("Readers are told that it is being revised.")
    if page and page.state == Page.State.LIVE and current:
        return ReceiptState.OUT, page.reason
    if job and job.state in (Job.State.FAILED, Job.State.CANCELLED):
        return ReceiptState.FAILED, job.reason
    if job and job.state == Job.State.DONE and page and page.state == Page.State.BLOCKED:
        return ReceiptState.BLOCKED, page.reason
    return (ReceiptState.WORKING if job and job.state == Job.State.RUNNING else ReceiptState.WAITING), ""
