"""Taking stories in: the bytes are kept as they came, what can be read becomes stories, the rest waits for a person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import User
from keshen.house.urns import urn
from keshen.media.store import StoreError, house_store
from keshen.newsroom import body as bodies
from keshen.newsroom import readers
from keshen.newsroom.actions import create_story, save_version
from keshen.newsroom.content import Content, ContentError
from keshen.newsroom.listing import seen_by
from keshen.newsroom.models import Identifier, Original, Quarantine, Text
from keshen.newsroom.readers import Incoming, Unreadable

INTAKE_LOCK = 0x4B494E


@dataclass(frozen=True)
class Taken:
    """A story taken in, or recognised as one the house already has (`duplicate`)."""

    text: Text
    duplicate: bool
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "outcome": "known" if self.duplicate else "taken",
            "id": self.text.story_id,
            "urn": self.text.story.urn,
            "language": self.text.language,
            "headline": self.text.working.headline,
            "state": self.text.state,
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True)
class Held:
    """An item that could not be read and waits in quarantine with its bytes."""

    quarantine: Quarantine

    def to_json(self) -> dict[str, Any]:
        return {
            "outcome": "quarantined",
            "quarantine": self.quarantine.pk,
            "reason": self.quarantine.reason,
            "remedy": self.quarantine.remedy,
        }


def take(actor: User, filename: str, data: bytes, *, language: str | None = None) -> list[Taken | Held]:
    """Take in every item of a file. One bad item never costs the others; the bytes of all are kept.

    Raises `permissions.Denied`; everything else that is wrong with the file is answered with `Held`.
    """
    permit(actor, "newsroom.ingest")
    try:
        sha256 = house_store().put(data) if data else ""
    except StoreError as error:
        return [
            _hold(actor, filename, "", len(data), str(error), _("Make room in the media store, then send it again."))
        ]
    try:
        items = readers.read(data, filename, language)
    except Unreadable as error:
        return [_hold(actor, filename, sha256, len(data), str(error), error.remedy)]
    results: list[Taken | Held] = []
    for part, item in enumerate(items):
        if isinstance(item, Unreadable):
            results.append(_hold(actor, filename, sha256, len(data), str(item), item.remedy))
            continue
        try:
            results.append(_take_item(actor, filename, sha256, part, item))
        except (ContentError, bodies.BodyError) as error:
            results.append(_hold(actor, filename, sha256, len(data), str(error), _("Mend the item and send it again.")))
    return results


def content_of(data: bytes, filename: str, *, keeping: Content) -> Content:
    """The content of a one-item file, with what a file does not say (topics, restrictions, pictures) from `keeping`.

    Raises Unreadable or ContentError.
    """
    items = readers.read(data, filename, None)
    if len(items) != 1 or isinstance(items[0], Unreadable):
        if items and isinstance(items[0], Unreadable):
            raise items[0]
        raise ContentError(_("The file has %(count)d items; a correction is one.") % {"count": len(items)})
    item = items[0]
    return replace(
        keeping,
        headline=item.headline,
        standfirst=item.standfirst,
        body=item.body,
        byline=item.byline or keeping.byline,
        dateline=item.dateline or keeping.dateline,
    ).checked()


@action
def _take_item(actor: User, filename: str, sha256: str, part: int, item: Incoming) -> Taken:
    content = _content(item)
    _one_at_a_time()
    known = _known(actor, sha256, part, content, item)
    if known is not None:
        return Taken(known, True, (_("Already in the house as story %(id)d.") % {"id": known.story_id},))
    text = create_story(actor, language=item.language, content=content, source=item.source)
    save_version(actor, text)
    Original.objects.create(
        story=text.story,
        text=text,
        sha256=sha256,
        part=part,
        filename=filename,
        format=item.format,
        warnings=list(item.warnings),
        fingerprint=content.fingerprint(),
        received_by=actor,
    )
    for value in dict.fromkeys(item.identifiers):
        Identifier.objects.create(story=text.story, value=value)
    record(
        actor,
        "story.taken_in",
        text.story.urn or "",
        organisation=text.story.organisation,
        after={"filename": filename, "sha256": sha256, "part": part, "format": item.format},
    )
    text.refresh_from_db()
    return Taken(text, False, tuple(item.warnings))


def _content(item: Incoming) -> Content:
    return Content(
        headline=item.headline,
        standfirst=item.standfirst,
        body=item.body,
        byline=item.byline,
        dateline=item.dateline,
        slugline=item.slugline,
        urgency=item.urgency or Content.urgency,
        topics=tuple(item.topics),
        keywords=tuple(item.keywords),
        ednote=item.ednote,
        embargo=item.embargo,
        restrictions=tuple(item.restrictions),
    ).checked()


def _one_at_a_time() -> None:
    """Hold the intake to the end of the transaction: of two that bring the same story, the second finds it known."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [INTAKE_LOCK])


def _known(actor: User, sha256: str, part: int, content: Content, item: Incoming) -> Text | None:
    """The text this item already became: by its bytes, by the sender's name for it, or by its words.

    Only among the stories the actor may see: a partner does not learn here what others have.
    """
    stories = seen_by(actor)
    originals = Original.objects.filter(story__in=stories)
    original = (
        originals.filter(sha256=sha256, part=part).first()
        or originals.filter(fingerprint=content.fingerprint(), text__language=item.language).first()
    )
    if original:
        return original.text
    named = Identifier.objects.filter(value__in=item.identifiers, story__in=stories)
    identifier = named.first()
    return identifier.story.texts.get(is_source=True) if identifier else None


@action
def _hold(actor: User, filename: str, sha256: str, size: int, reason: str, remedy: str) -> Held:
    held = Quarantine.objects.create(
        filename=filename[:300],
        sha256=sha256,
        size=size,
        reason=reason,
        remedy=remedy,
        organisation=actor.organisation,
        received_by=actor,
    )
    record(
        actor,
        "item.quarantined",
        urn("quarantine", held.pk, held.received_at),
        organisation=actor.organisation,
        after={"filename": filename, "sha256": sha256, "reason": reason},
    )
    return Held(held)


@action
def try_again(actor: User, held: Quarantine, *, language: str | None = None) -> list[Taken | Held]:
    """Read a quarantined item once more, perhaps with its language said. Event: `item.released` when it could be."""
    permit(actor, "newsroom.ingest", held)
    results = take(actor, held.filename, house_store().read(held.sha256), language=language)
    state = Quarantine.State.DROPPED if any(isinstance(each, Held) for each in results) else Quarantine.State.TAKEN
    _settle(actor, held, state, "")
    return results


@action
def drop(actor: User, held: Quarantine, reason: str) -> None:
    """Decide that a quarantined item is not wanted. Its bytes stay. Event: `item.dropped`."""
    permit(actor, "newsroom.ingest", held)
    _settle(actor, held, Quarantine.State.DROPPED, reason)


def _settle(actor: User, held: Quarantine, state: Quarantine.State, reason: str) -> None:
    held.state = state
    held.save(update_fields=["state"])
    record(
        actor,
        "item.released" if state == Quarantine.State.TAKEN else "item.dropped",
        urn("quarantine", held.pk, held.received_at),
        organisation=held.organisation,
        reason=reason,
    )
