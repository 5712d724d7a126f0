"""The list of stories: what a person sees of them, filtered and searched, with a dot for each language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from keshen.house.models import Edition, User
from keshen.language.stemming import tokens
from keshen.newsroom.models import Story, Text
from keshen.newsroom.workflow import STATE_LABELS, State

PAGE = 60

STATE_MARKS: Mapping[str, str] = {
    State.DRAFT: "○",
    State.SUBMITTED: "◆",
    State.APPROVED: "✓",
    State.PUBLISHED: "●",
    State.CORRECTED: "◈",
    State.HELD: "‖",
    State.KILLED: "✕",
}
DOT_OF_STATE: Mapping[str, str] = {
    State.DRAFT: "draft",
    State.SUBMITTED: "draft",
    State.APPROVED: "draft",
    State.PUBLISHED: "published",
    State.CORRECTED: "published",
    State.HELD: "held",
    State.KILLED: "killed",
}
DOT_LABELS: Mapping[str, Promise] = {
    "none": _("no text"),
    "draft": _("in work"),
    "stale": _("behind its source"),
    "published": _("published"),
    "held": _("held until it is revised"),
    "killed": _("killed"),
}


@dataclass(frozen=True, slots=True)
class Dot:
    """How far a story is in one language."""

    language: str
    state: str

    @property
    def label(self) -> Promise:
        return DOT_LABELS[self.state]


@dataclass(frozen=True, slots=True)
class Row:
    """One story in the list: its leading text (the source, else the first), and a dot for each language."""

    story: Story
    lead: Text | None
    dots: tuple[Dot, ...]

    @property
    def headline(self) -> str:
        return str(self.lead.draft.get("headline", "")) if self.lead else ""

    @property
    def number(self) -> str:
        return str(self.story.pk)

    @property
    def state(self) -> str:
        if self.story.killed_at:
            return State.KILLED.value
        return self.lead.state if self.lead else State.DRAFT.value

    @property
    def mark(self) -> str:
        return STATE_MARKS[self.state]

    @property
    def state_label(self) -> Promise:
        return STATE_LABELS[State(self.state)]


def legend() -> dict[str, list[tuple[Any, ...]]]:
    """What the marks of the list mean: the story's states (state, mark, label) and the dots' (state, label)."""
    states = [(state.value, mark, STATE_LABELS[State(state)]) for state, mark in STATE_MARKS.items()]
    return {"states": states, "dots": list(DOT_LABELS.items())}


def languages() -> list[str]:
    """The languages texts are written in: the editions that are derived from no other."""
    return list(Edition.objects.filter(derived_from=None).values_list("tag", flat=True))


def seen_by(person: User) -> QuerySet[Story]:
    """The stories this person may know of: the house's people all, others their own organisation's."""
    stories = Story.objects.all()
    return stories if person.is_of_the_house else stories.filter(organisation=person.organisation_id)


def filtered(stories: QuerySet[Story], wanted: Mapping[str, Any]) -> QuerySet[Story]:
    """The stories that fit `wanted`: q, state, language, desk; what is empty or unknown does not narrow."""
    state, language, desk = wanted.get("state"), wanted.get("language"), wanted.get("desk")
    narrowed = Q()
    if state in set(State):
        narrowed &= Q(state=state)
    if language:
        narrowed &= Q(language=language)
    if query := str(wanted.get("q") or "").strip():
        found = Text.objects.annotate(words=SearchVector("search", config="simple")).filter(_matches(query))
        stories = stories.filter(
            Q(texts__in=found)
            | Q(slugline__icontains=query)
            | Q(urn=query)
            | (Q(pk=int(query)) if query.isdecimal() and len(query) < 10 else Q())
        )
    if narrowed:
        stories = stories.filter(texts__in=Text.objects.filter(narrowed))
    if desk:
        stories = stories.filter(desk__slug=desk)
    return stories.distinct()


def _matches(query: str) -> Q:
    """All words of the query, in any language of the house, the last one perhaps unfinished."""
    any_language = Q(pk__in=[])
    for language in languages():
        stems = [stem for word in tokens(query, language) if (stem := "".join(c for c in word if c.isalnum()))]
        if stems:
            any_language |= Q(words=SearchQuery(" & ".join(f"{stem}:*" for stem in stems), "simple", search_type="raw"))
    return any_language


def rows(stories: QuerySet[Story], tags: Iterable[str]) -> list[Row]:
    """The stories as rows, latest change first."""
    tags = tuple(tags)
    return [row(story, tags) for story in stories.select_related("desk", "organisation").prefetch_related("texts")]


def row(story: Story, tags: Iterable[str]) -> Row:
    texts = {text.language: text for text in story.texts.all()}
    lead = next((text for text in texts.values() if text.is_source), next(iter(texts.values()), None))
    return Row(story, lead, tuple(Dot(tag, _dot(texts.get(tag))) for tag in dict.fromkeys((*tags, *texts))))


def _dot(text: Text | None) -> str:
    if text is None:
        return "none"
    return "stale" if text.stale and text.state not in (State.KILLED, State.HELD) else DOT_OF_STATE[text.state]
