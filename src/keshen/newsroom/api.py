"""The newsroom by HTTP: what the screens and the command line do, for programs with a key."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import File, Form, Query, Router, Schema
from ninja.errors import HttpError
from ninja.files import UploadedFile
from pydantic import Field

from keshen.house import outlets
from keshen.house.models import User
from keshen.house.permissions import Denied, permit
from keshen.house.words import spoken
from keshen.newsroom import actions, holds
from keshen.newsroom.body import BodyError
from keshen.newsroom.content import ContentError
from keshen.newsroom.ingest import Taken, content_of, take
from keshen.newsroom.models import Story, Text
from keshen.newsroom.readers import Unreadable
from keshen.newsroom.workflow import NotLegal

router = Router(tags=["newsroom"])

PAGE = 50
MAX_ID = 2**63 - 1


class TextOut(Schema):
    """A text of a story: its state, and the number of the version readers have."""

    language: str
    state: str
    stale: bool
    headline: str
    published_version: int | None


class StoryOut(Schema):
    """A story and its texts."""

    id: int
    urn: str
    slugline: str
    created_at: datetime
    changed_at: datetime
    killed_at: datetime | None
    texts: list[TextOut]


class ReceiptOut(Schema):
    """Where one form of a story is. `address` is a public path; `reason` says why it is not out."""

    outlet: str
    service: str
    form: str
    state: str
    address: str | None
    reason: str


class StoryWithReceipts(StoryOut):
    receipts: list[ReceiptOut]


class Paging(Schema):
    """`before` is the id of the last story of the page before."""

    before: int | None = Field(None, ge=1, le=MAX_ID)


class Refusal(Schema):
    """Why not, and what to do."""

    detail: str


class IngestOptions(Schema):
    """How to take a file in."""

    language: str | None = Field(None, max_length=12)
    publish: bool = False


class Reason(Schema):
    reason: str = Field(min_length=1, max_length=2000)


class Correction(Schema):
    """The corrected text, headline first, and what readers are told of it."""

    text: str = Field(min_length=1, max_length=1_000_000)
    note: str = Field(min_length=1, max_length=2000)
    hold: list[str] = Field(default_factory=list, max_length=50)
    keep: list[str] = Field(default_factory=list, max_length=50)


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _seen_by(user: User) -> Any:
    """The stories this person may see: all of the house's for its own people, else their organisation's."""
    permit(user, "newsroom.see")
    stories = Story.objects.prefetch_related("texts__published")
    return stories if user.is_of_the_house else stories.filter(organisation=user.organisation)


def _story(story: Story) -> dict[str, Any]:
    return {
        "id": story.pk,
        "urn": story.urn,
        "slugline": story.slugline,
        "created_at": story.created_at,
        "changed_at": story.changed_at,
        "killed_at": story.killed_at,
        "texts": [
            {
                "language": text.language,
                "state": text.state,
                "stale": text.stale,
                "headline": text.working.headline,
                "published_version": text.published.number if text.published else None,
            }
            for text in story.texts.all()
        ],
    }


@router.get("/stories", response={200: list[StoryOut], 403: Refusal})
def list_stories(request: HttpRequest, paging: Query[Paging]) -> Any:
    """The newest stories first, fifty a page."""
    stories = _seen_by(_person(request)).order_by("-id")
    if paging.before:
        stories = stories.filter(pk__lt=paging.before)
    return [_story(story) for story in stories[:PAGE]]


@router.get("/stories/{story_id}", response={200: StoryWithReceipts, 403: Refusal, 404: Refusal})
def show_story(request: HttpRequest, story_id: int) -> Any:
    """A story, its texts, and everywhere it is."""
    story = _found(request, story_id)
    return {**_story(story), "receipts": outlets.receipts(story.pk)}


@router.post("/stories", response={200: list[dict[str, Any]], 403: Refusal, 413: Refusal, 422: Any})
def ingest_file(request: HttpRequest, options: Form[IngestOptions], file: File[UploadedFile]) -> Any:
    """Take in a file of one or more stories. Each is answered: taken, known, updated, kept, or quarantined and why."""
    actor = _person(request)
    rows = []
    for result in take(actor, file.name or "upload", file.read(), language=options.language):
        row = result.to_json()
        if options.publish and isinstance(result, Taken) and result.publishable:
            try:
                actions.publish(actor, result.text)
                row["state"] = "published"
            except (Denied, NotLegal, actions.NotPublishable) as refusal:
                row["not_published"] = spoken(refusal)
        rows.append(row)
    return rows


@router.post("/stories/{story_id}/kill", response={200: StoryOut, 403: Refusal, 404: Refusal, 409: Refusal, 422: Any})
def kill_story(request: HttpRequest, story_id: int, reason: Reason) -> Any:
    """Kill a story everywhere. It cannot be undone."""
    story = _found(request, story_id)
    try:
        actions.kill(_person(request), story, reason.reason)
    except (NotLegal, actions.NotPublishable) as refusal:
        raise HttpError(409, spoken(refusal)) from refusal
    return _story(_found(request, story_id))


CHANGED = {200: StoryOut, 403: Refusal, 404: Refusal, 409: Refusal, 422: Any}


@router.post("/stories/{story_id}/texts/{language}/correct", response=CHANGED)
def correct_text(request: HttpRequest, story_id: int, language: str, correction: Correction) -> Any:
    """Publish a correction. `hold` and `keep` say what becomes of translations (languages) and packages (outlets)."""
    text = _text(request, story_id, language)
    try:
        content = content_of(correction.text.encode(), "correction.txt", keeping=text.working)
        saved = actions.save_draft(_person(request), text, content, text.draft_revision)
        actions.correct(_person(request), saved, correction.note, hold=correction.hold, keep=correction.keep)
    except (NotLegal, actions.NotPublishable, actions.Conflict, ContentError, BodyError, Unreadable) as refusal:
        raise HttpError(409, spoken(refusal)) from refusal
    return _story(_found(request, story_id))


@router.post("/stories/{story_id}/texts/{language}/hold", response=CHANGED)
def hold_text(request: HttpRequest, story_id: int, language: str, reason: Reason) -> Any:
    """Hold a text that is out until it is revised; readers and clients are told."""
    try:
        holds.hold(_person(request), _text(request, story_id, language), reason.reason)
    except (NotLegal, actions.NotPublishable) as refusal:
        raise HttpError(409, spoken(refusal)) from refusal
    return _story(_found(request, story_id))


@router.post("/stories/{story_id}/texts/{language}/release", response=CHANGED)
def release_text(request: HttpRequest, story_id: int, language: str) -> Any:
    """Let a held text out again as it was."""
    try:
        holds.release(_person(request), _text(request, story_id, language))
    except NotLegal as refusal:
        raise HttpError(409, spoken(refusal)) from refusal
    return _story(_found(request, story_id))


def _text(request: HttpRequest, story_id: int, language: str) -> Text:
    story = _found(request, story_id)
    text = story.texts.filter(language=language).first() if "\x00" not in language else None
    if text is None:
        raise HttpError(404, f"Story {story_id} has no text in that language.")
    return text


def _found(request: HttpRequest, story_id: int) -> Story:
    stories = _seen_by(_person(request))
    if not 0 < story_id <= MAX_ID:
        raise HttpError(404, f"There is no story {story_id}.")
    story: Story = get_object_or_404(stories, pk=story_id)
    return story
