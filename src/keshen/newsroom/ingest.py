"""Taking stories in: the bytes are kept as they came, what can be read becomes stories, the rest waits for a person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import User
from keshen.house.urns import urn
from keshen.media.store import StoreError, house_store
from keshen.newsroom import body as bodies
from keshen.newsroom import readers
from keshen.newsroom.actions import create_story, save_draft, save_version
from keshen.newsroom.content import MAX_HEADLINE, MAX_KEYWORD, MAX_LINE, Content, ContentError
from keshen.newsroom.intake_media import bring_in, is_media
from keshen.newsroom.models import Identifier, Kept, Original, Quarantine, Text
from keshen.newsroom.quarantine import MAKE_ROOM, MEND, Held, hold, read_held, reread_with
from keshen.newsroom.readers import Incoming, Kind, Status, Unreadable
from keshen.newsroom.readers.describe import describe
from keshen.newsroom.recognise import Standing, kept_before, recognise
from keshen.newsroom.workflow import State
from keshen.rights import actions as rights
from keshen.rights.queries import terms_of

INTAKE_LOCK = 0x4B494E
OPEN = frozenset({State.DRAFT, State.PUBLISHED, State.CORRECTED})
"""States in which a new version of the sender may become the working copy: nobody is about to approve what stood."""


class Outcome(StrEnum):
    """What became of a story that came in."""

    TAKEN = "taken"
    KNOWN = "known"
    UPDATED = "updated"
    UPDATE_WAITS = "update_waits"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Taken:
    """A story taken in, recognised as one the house already has, or brought up to its sender's new version."""

    text: Text
    outcome: Outcome
    warnings: tuple[str, ...]

    @property
    def duplicate(self) -> bool:
        """Whether the house had exactly this already."""
        return self.outcome is Outcome.KNOWN

    @property
    def publishable(self) -> bool:
        """Whether it may be published for the first time: it is new, or was brought up to date before it was out."""
        return self.outcome in (Outcome.TAKEN, Outcome.UPDATED) and not self.text.is_out

    def to_json(self) -> dict[str, Any]:
        return {
            "outcome": self.outcome.value,
            "id": self.text.story_id,
            "urn": self.text.story.urn,
            "language": self.text.language,
            "headline": self.text.working.headline,
            "state": self.text.state,
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True)
class Noted:
    """An item that was understood and has no place in the newsroom yet; it is kept with everything understood of it."""

    kept: Kept
    known: bool
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "outcome": "known" if self.known else "kept",
            "kept": self.kept.pk,
            "kind": self.kept.kind,
            "identifier": self.kept.identifier,
            "headline": self.kept.headline,
            "asset": self.kept.asset,
            "warnings": list(self.warnings),
        }


def take(actor: User, filename: str, data: bytes, *, language: str | None = None) -> list[Taken | Noted | Held]:
    """Take in every item of a file. One bad item never costs the others; the bytes of all are kept.

    Raises `permissions.Denied`; everything else that is wrong with the file is answered with `Held`.
    """
    permit(actor, "newsroom.ingest")
    try:
        sha256 = house_store().put(data) if data else ""
    except StoreError as error:
        return [hold(actor, filename, "", len(data), error, MAKE_ROOM)]
    try:
        items = readers.read(data, filename, language)
    except Unreadable as error:
        return [hold(actor, filename, sha256, len(data), error, error.remedy)]
    results: list[Taken | Noted | Held] = []
    for part, item in enumerate(items):
        if isinstance(item, Unreadable):
            results.append(hold(actor, filename, sha256, len(data), item, item.remedy, part=part))
            continue
        try:
            if is_media(item):
                asset = bring_in(actor, filename, data, sha256, item)
                results.append(_note(actor, filename, sha256, part, item, asset.urn))
                continue
            room = _take_item if item.kind is Kind.TEXT else _note
            results.append(room(actor, filename, sha256, part, item))
        except (Unreadable, StoreError) as error:
            remedy = getattr(error, "remedy", "") or MAKE_ROOM
            results.append(hold(actor, filename, sha256, len(data), error, remedy, part=part))
        except (ContentError, bodies.BodyError) as error:
            results.append(hold(actor, filename, sha256, len(data), error, MEND, part=part))
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
def _take_item(actor: User, filename: str, sha256: str, part: int, item: Incoming) -> Taken | Noted:
    content = content_from(item)
    _one_at_a_time()
    found = recognise(actor, sha256, part, content, item)
    if found is not None and found.standing is not Standing.NEWER:
        return _same(found.standing, found.text)
    if item.status is Status.CANCELED:
        return _note(actor, filename, sha256, part, item) if found is None else _withdraw(actor, found.text, item)
    if found is not None:
        return _update(actor, filename, sha256, part, item, content, found.text)
    text = create_story(actor, language=item.language, content=content, source=item.source)
    save_version(actor, text)
    _keep_original(actor, filename, sha256, part, item, text)
    for value in dict.fromkeys(item.identifiers):
        Identifier.objects.create(story=text.story, value=value)
    record(
        actor,
        "story.taken_in",
        text.story.urn or "",
        organisation=text.story.organisation,
        after={
            "filename": filename,
            "sha256": sha256,
            "part": part,
            "format": item.format,
            "pictures": len(item.pictures),
        },
    )
    text.refresh_from_db()
    return Taken(text, Outcome.TAKEN, (*item.warnings, *_passed_embargo(content)))


def _passed_embargo(content: Content) -> tuple[str, ...]:
    """An embargo that is over holds nothing back, which is said: it may be a slip of the year."""
    if content.embargo is None or content.embargo > timezone.now():
        return ()
    until = f"{timezone.localtime(content.embargo):%d.%m.%Y %H:%M}"
    return (_("Its embargo ended on %(time)s: it may go out at once.") % {"time": until},)


def _same(standing: Standing, text: Text) -> Taken:
    """Nothing is changed: the house has it, or a newer version of it."""
    if standing is Standing.OLDER:
        said = _("Older than what story %(id)d already has from its sender: nothing was changed.")
    else:
        said = _("Already in the house as story %(id)d.")
    return Taken(text, Outcome.KNOWN, (said % {"id": text.story_id},))


def _update(actor: User, filename: str, sha256: str, part: int, item: Incoming, content: Content, text: Text) -> Taken:
    """The sender's new version of a text: the working copy, where nobody here has worked on it since; else it waits."""
    last = Original.objects.filter(text=text, waits=False).order_by("-pk").first()
    untouched = last is not None and last.digest == text.working.digest()
    waits = not untouched or text.state not in OPEN or text.story.killed_at is not None
    if not waits:
        text = save_draft(actor, text, content, text.draft_revision)
        save_version(actor, text, note=_("The sender's version %(v)s") % {"v": item.version} if item.version else "")
        text.refresh_from_db()
    _keep_original(actor, filename, sha256, part, item, text, waits=waits)
    record(
        actor,
        "story.update_waits" if waits else "story.updated_by_sender",
        text.story.urn or "",
        organisation=text.story.organisation,
        after={
            "filename": filename,
            "sha256": sha256,
            "part": part,
            "version": item.version,
            "pictures": 0 if waits else len(item.pictures),
        },
    )
    if waits:
        said = _("Story %(id)d was worked on here: the sender's new version is kept with it, to be compared.")
    elif text.is_out:
        said = _("Story %(id)d is published: its working copy has the sender's new version. Publish the correction.")
    else:
        said = _("Story %(id)d was brought up to the sender's new version.")
    outcome = Outcome.UPDATE_WAITS if waits else Outcome.UPDATED
    return Taken(text, outcome, (said % {"id": text.story_id}, *item.warnings))


def _withdraw(actor: User, text: Text, item: Incoming) -> Taken:
    """The sender took it back: nothing leaves the house until a person decides, and what is out is for a kill."""
    reason = " ".join(part for part in (item.headline, item.ednote) if part)[:MAX_LINE]
    wording = f"Withdrawn by the sender: {reason}" if reason else "Withdrawn by the sender"
    if terms_of([text.story.urn or ""]).filter(wording=wording).exists():
        return _same(Standing.SAME, text)
    rights.attach(actor, text.story.urn or "", wording)
    record(
        actor,
        "story.withdrawn_by_sender",
        text.story.urn or "",
        organisation=text.story.organisation,
        after={"version": item.version, "identifier": item.identifier, "out": text.is_out},
        reason=reason,
    )
    said = _("The sender withdrew it; story %(id)d is stopped at every exit.") % {"id": text.story_id}
    if text.is_out:
        said += " " + _("It was published: kill it.")
    return Taken(text, Outcome.WITHDRAWN, (said, *item.warnings))


def _keep_original(
    actor: User, filename: str, sha256: str, part: int, item: Incoming, text: Text, *, waits: bool = False
) -> None:
    Original.objects.create(
        story=text.story,
        text=text,
        sha256=sha256,
        part=part,
        filename=filename[:300],
        format=item.format,
        warnings=list(item.warnings),
        fingerprint=content_from(item).fingerprint(),
        digest="" if waits else text.working.digest(),
        identifier=item.identifier[:500],
        sender_version=item.version[:60],
        sent_at=timezone.make_aware(item.date) if item.date and timezone.is_naive(item.date) else item.date,
        waits=waits,
        received_by=actor,
    )


@action
def _note(actor: User, filename: str, sha256: str, part: int, item: Incoming, asset: str = "") -> Noted:
    """Keep what was understood of an item that is no story. Event: `item.kept`."""
    _one_at_a_time()
    known = kept_before(actor, sha256, part, item)
    if known is not None:
        return Noted(known, True, (_("Already kept."),))
    kept = Kept.objects.create(
        kind=item.kind.value,
        headline=item.headline,
        identifier=item.identifier[:500],
        sender_version=item.version[:60],
        asset=asset,
        understood=describe(item),
        sha256=sha256,
        part=part,
        filename=filename[:300],
        format=item.format,
        organisation=actor.organisation,
        received_by=actor,
    )
    record(
        actor,
        "item.kept",
        urn("kept", kept.pk, kept.received_at),
        organisation=actor.organisation,
        after={"filename": filename, "sha256": sha256, "part": part, "kind": kept.kind, "headline": kept.headline},
    )
    if asset:
        said = _("Taken in as an asset of the house.")
    elif item.kind is Kind.TEXT:
        said = _("The sender withdrew a story that the house does not have; this is kept.")
    else:
        said = _("Understood and kept: the newsroom has no place for this kind (%(kind)s) yet.") % {"kind": kept.kind}
    return Noted(kept, False, (said, *item.warnings))


def content_from(item: Incoming) -> Content:
    """What an editor will work on. Raises ContentError or `body.BodyError`."""
    withheld = ("Withheld by the sender",) if item.status is Status.WITHHELD else ()
    return Content(
        headline=_fitting(item.headline, MAX_HEADLINE),
        standfirst=item.standfirst,
        body=item.body,
        byline=_fitting(item.byline, MAX_LINE),
        dateline=_fitting(item.dateline, MAX_LINE),
        slugline=_fitting(item.slugline, MAX_LINE),
        urgency=item.urgency or Content.urgency,
        topics=tuple(item.topics),
        keywords=_keywords(item),
        ednote=item.ednote,
        embargo=item.embargo,
        restrictions=(*item.restrictions, *withheld),
    ).checked()


def _keywords(item: Incoming) -> tuple[str, ...]:
    """The sender's keywords, and the names of what it is about: whom, which organisations and teams, which events."""
    names = (each.name for each in item.about if each.name not in item.places and not each.relation)
    return tuple(dict.fromkeys(_fitting(word, MAX_KEYWORD) for word in (*item.keywords, *names) if word))


def _fitting(text: str, most: int) -> str:
    """A line no longer than the house keeps; the sender's own is with the original bytes."""
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"


def _one_at_a_time() -> None:
    """Hold the intake to the end of the transaction: of two that bring the same story, the second finds it known."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [INTAKE_LOCK])


def _read_again(actor: User, held: Quarantine, language: str | None) -> list[Taken | Noted]:
    """Quarantine's other try, for what a person brought."""
    return [
        (_take_item if item.kind is Kind.TEXT else _note)(actor, held.filename, held.sha256, part, item)
        for part, item in read_held(held, language)
    ]


reread_with("", _read_again)
