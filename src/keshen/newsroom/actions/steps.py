"""What the verbs of a text have in common: its lock, a version made of it, where it stands, and what is refused."""

from __future__ import annotations

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from keshen.house import outlets
from keshen.house.events import record
from keshen.house.models import User
from keshen.newsroom import body as bodies
from keshen.newsroom.content import Content
from keshen.newsroom.models import Story, Text, Version, content_values
from keshen.newsroom.workflow import NotLegal, State
from keshen.rights import actions as rights


class Conflict(Exception):
    """Somebody else saved the text meanwhile. What was typed is still with whoever typed it; both can be compared."""

    def __init__(self, text: Text) -> None:
        super().__init__(
            _("%(person)s saved this text at %(time)s. Compare, then save again; nothing you typed is lost.")
            % {"person": text.draft_by, "time": timezone.localtime(text.draft_at).strftime("%H:%M:%S")}
        )
        self.text = text


class NotPublishable(Exception):
    """The text cannot go out as it is; the message says what to do."""


class TooEarly(Exception):
    """What is to be done at a time was asked for before it."""


STANDING = ["state", "head", "stale", "approved", "published", "release_at"]
"""Where a text stands: what a step of the workflow changes in one statement."""


EVENT_OF_VERB = {
    "submit": "text.submitted",
    "approve": "text.approved",
    "return": "text.returned",
    "publish": "text.published",
    "correct": "text.corrected",
    "hold": "text.held",
    "release": "text.released",
    "kill": "text.killed",
}


def locked(text: Text) -> Text:
    """The text with its row locked; two editors' verbs come one after the other.

    The story's row is locked first, as a kill does: so a verb sees the kill that came before it, and neither waits
    for the other for ever.
    """
    story = Story.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=text.story_id)
    related = ("head", "approved", "published")
    locked = Text.objects.select_for_update(of=("self",)).select_related(*related).get(pk=text.pk)
    locked.story = story
    return locked


def make_version(
    actor: User,
    text: Text,
    *,
    kind: Version.Kind = Version.Kind.EDIT,
    note: str = "",
    machine: bool = False,
    content: Content | None = None,
) -> Version:
    """The working copy, or other `content`, as a version. It is the text's head then, which the caller saves with what
    else it changes.
    """
    content = content or text.working
    if text.head and text.head.digest == content.digest() and kind == text.head.kind and machine == text.head.machine:
        return text.head
    source = None if text.is_source else text.story.texts.get(is_source=True).head
    version = Version.objects.create(
        text=text,
        number=(text.versions.aggregate(last=Max("number"))["last"] or 0) + 1,
        kind=kind,
        note=note,
        machine=machine,
        source_version=source,
        author=actor,
        digest=content.digest(),
        **content_values(content),
    )
    text.head = version
    if kind != Version.Kind.HOLD:
        text.stale = False
    rights.set_terms(actor, text.story.urn or "", list(content.restrictions), language=text.language)
    record(
        actor,
        "text.version_saved",
        text.story.urn or "",
        organisation=text.story.organisation,
        after={"version": version.urn, "id": version.pk, "kind": kind, "note": note},
    )
    return version


def set_state(actor: User, text: Text, verb: str, state: State, *, version: Version, reason: str = "") -> None:
    before = text.state
    text.state = state.value
    text.save(update_fields=STANDING)
    text.story.save(update_fields=["changed_at"])
    record(
        actor,
        EVENT_OF_VERB[verb],
        text.story.urn or "",
        organisation=text.story.organisation,
        before={"state": before},
        after={"state": state.value, "text": text.pk, "version": version.urn, "id": version.pk},
        reason=reason,
    )


def leaving_as(actor: User, version: Version) -> outlets.Leaving:
    story = version.text.story
    return outlets.Leaving(version=version.pk, story=story.pk, subject=story.urn or "", actor=actor)


def refuse_killed(story: Story) -> None:
    if story.killed_at:
        raise NotLegal(_("The story was killed; write a new one and link it."))


def refuse_unfit(content: Content) -> None:
    if not content.headline.strip():
        raise NotPublishable(_("The text has no headline. Write one."))
    if not bodies.paragraphs(content.body):
        raise NotPublishable(_("The text has no body. Write at least one paragraph."))
