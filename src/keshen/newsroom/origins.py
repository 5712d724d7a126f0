"""Stories of items that were understood before they were wanted, each with where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import Desk, Organisation, User
from keshen.newsroom.actions import create_story, save_version
from keshen.newsroom.content import Content
from keshen.newsroom.models import Identifier, Original, Text


@dataclass(frozen=True)
class Came:
    """How an item came: the message it was in, what the sender calls it, and what could not be understood."""

    filename: str
    sha256: str
    part: int
    format: str
    identifiers: tuple[str, ...] = ()
    version: str = ""
    sent_at: datetime | None = None
    warnings: tuple[str, ...] = ()


@action
def note_origin(actor: User, text: Text, content: Content, came: Came) -> None:
    """Write down where a text came from: its original bytes, and the sender's names for it.

    Event: `story.taken_in`.
    """
    permit(actor, "newsroom.ingest", text)
    Original.objects.create(
        story=text.story,
        text=text,
        sha256=came.sha256,
        part=came.part,
        filename=came.filename[:300],
        format=came.format,
        warnings=list(came.warnings),
        fingerprint=content.fingerprint(),
        digest=text.working.digest(),
        identifier=came.identifiers[0][:500] if came.identifiers else "",
        sender_version=came.version[:60],
        sent_at=came.sent_at,
        received_by=actor,
    )
    for value in dict.fromkeys(came.identifiers):
        Identifier.objects.get_or_create(story=text.story, value=value)
    record(
        actor,
        "story.taken_in",
        text.story.urn or "",
        organisation=text.story.organisation,
        after={"filename": came.filename, "sha256": came.sha256, "part": came.part, "format": came.format},
    )


@action
def take_as_story(
    actor: User,
    content: Content,
    came: Came,
    *,
    language: str,
    source: str,
    organisation: Organisation,
    desk: Desk | None,
) -> Text:
    """Make a story of an item that was understood before. Events: `story.created`, `story.taken_in`."""
    permit(actor, "newsroom.ingest")
    text = create_story(actor, language=language, content=content, source=source, organisation=organisation, desk=desk)
    save_version(actor, text)
    text.refresh_from_db()
    note_origin(actor, text, content, came)
    return text
