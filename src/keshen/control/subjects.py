"""What a URN is called: people read titles and headlines, never hashes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from keshen.house.models import Job
from keshen.media.models import Asset
from keshen.newsroom.models import Story, Text


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing by its name; `address` is its screen, empty where it has none."""

    name: str
    address: str = ""


def named(urns: Iterable[str]) -> dict[str, Subject]:
    """The stories and assets among `urns` by URN, in two queries; what has no name is left out."""
    wanted = {urn for urn in urns if urn}
    found = {
        urn: Subject(title)
        for urn, title in Asset.objects.filter(urn__in=wanted).exclude(title="").values_list("urn", "title")
    }
    stories = Text.objects.filter(Q(is_source=True), story__urn__in=wanted).select_related("story")
    return found | {text.story.urn: story_subject(text.story, text) for text in stories}


def story_subject(story: Story, text: Text) -> Subject:
    """The story by its headline, else its slugline, else its number."""
    name = str(text.draft.get("headline") or story.slugline or f"№ {story.pk}")
    return Subject(name, reverse("newsroom:story", args=[story.pk]))


def with_subjects(jobs: Iterable[Job]) -> list[Job]:
    """The jobs, each with `about`: what it works on, or None; and `detail`, which tells alike ones without it apart."""
    rows = list(jobs)
    names = named(job.subject for job in rows)
    for job in rows:
        job.about = names.get(job.subject)
        last = job.key.rpartition(":")[2]
        job.detail = "" if last.isdigit() else last
    return rows
