"""The newsroom's verbs: the only place where stories change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from keshen.house import outlets
from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.jobs import defer
from keshen.house.models import Desk, Organisation, User
from keshen.house.urns import urn
from keshen.language.stemming import tokens
from keshen.newsroom import body as bodies
from keshen.newsroom.content import Content
from keshen.newsroom.models import Link, Story, Text, Version, content_values
from keshen.newsroom.workflow import NotLegal, State, step
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


@action
def create_story(
    actor: User,
    *,
    language: str,
    content: Content,
    organisation: Organisation | None = None,
    desk: Desk | None = None,
    source: str = "",
) -> Text:
    """A new story with its source text, as a draft of the actor's. Event: `story.created`."""
    owner = organisation or actor.organisation
    permit(actor, "newsroom.write", Story(organisation=owner))
    content = content.checked()
    story = Story.objects.create(
        organisation=owner,
        desk=desk or actor.desk,
        slugline=content.slugline,
        urgency=content.urgency,
        source=source,
        created_by=actor,
    )
    story.urn = urn("story", story.pk, story.created_at)
    story.save(update_fields=["urn"])
    record(
        actor,
        "story.created",
        story.urn,
        organisation=story.organisation,
        after={"story": story.pk, "slugline": story.slugline, "language": language},
    )
    return _new_text(actor, story, language, content, is_source=True)


@action
def add_text(actor: User, story: Story, language: str, content: Content | None = None) -> Text:
    """The story in another language, beginning with the source's own words to translate. Event: `text.added`."""
    story = Story.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=story.pk)
    permit(actor, "newsroom.write", story)
    _refuse_killed(story)
    source = story.texts.get(is_source=True)
    content = content or _to_translate(source.working)
    return _new_text(actor, story, language, content.checked(), is_source=False)


def _to_translate(source: Content) -> Content:
    """The source's content with each block naming the block it is to be translated from."""

    def from_block(node: bodies.Node) -> bodies.Node:
        made = dict(node)
        if "id" in node.get("attrs", {}):
            made["attrs"] = {**node["attrs"], "id": bodies.new_id(), "from": node["attrs"]["id"]}
        if "content" in node:
            made["content"] = [from_block(child) for child in node["content"]]
        return made

    return replace(source, body=from_block(source.body))


def _new_text(actor: User, story: Story, language: str, content: Content, *, is_source: bool) -> Text:
    text = Text.objects.create(
        story=story,
        language=language,
        is_source=is_source,
        draft=content.to_json(),
        draft_revision=1,
        draft_by=actor,
        draft_at=timezone.now(),
        search=_search(content, language),
    )
    record(
        actor,
        "text.added",
        story.urn or "",
        organisation=story.organisation,
        after={"text": text.pk, "language": language, "headline": content.headline},
    )
    return text


@action
def save_draft(actor: User, text: Text, content: Content, base_revision: int) -> Text:
    """Keep the working copy as it is typed. Raises Conflict when it changed since `base_revision`.

    Event: `text.draft_saved`, without the words: versions keep those.
    """
    text = _locked(text)
    permit(actor, "newsroom.write", text)
    _refuse_killed(text.story)
    content = content.checked()
    if text.draft_revision != base_revision:
        raise Conflict(text)
    before = text.draft_revision
    _keep(actor, text, content)
    record(
        actor,
        "text.draft_saved",
        text.story.urn or "",
        organisation=text.story.organisation,
        before={"text": text.pk, "revision": before},
        after={"text": text.pk, "revision": text.draft_revision},
    )
    return text


def _keep(actor: User, text: Text, content: Content) -> None:
    text.draft = content.to_json()
    text.draft_revision += 1
    text.draft_by = actor
    text.draft_at = timezone.now()
    text.search = _search(content, text.language)
    text.save(update_fields=["draft", "draft_revision", "draft_by", "draft_at", "search"])
    story = text.story
    if text.is_source:
        story.slugline, story.urgency = content.slugline, content.urgency
    story.save(update_fields=["slugline", "urgency", "changed_at"])


@action
def save_version(actor: User, text: Text, *, note: str = "", machine: bool = False) -> Version:
    """Make the working copy a version; when nothing changed, the version that is. Event: `text.version_saved`."""
    text = _locked(text)
    permit(actor, "newsroom.write", text)
    _refuse_killed(text.story)
    version = _version(actor, text, note=note, machine=machine)
    text.save(update_fields=["head", "stale"])
    return version


def _version(
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


@action
def submit(actor: User, text: Text) -> Version:
    """Give the text to the desk. Event: `text.submitted`."""
    text = _locked(text)
    version = _move(actor, text, "submit")
    return version


@action
def approve(actor: User, text: Text) -> Version:
    """Find the text fit to publish. Event: `text.approved`."""
    text = _locked(text)
    if text.state == State.APPROVED and not text.changed_since_approval:
        raise NotLegal(_("The text is approved already, and nothing changed since."))
    return _move(actor, text, "approve")


@action
def send_back(actor: User, text: Text, reason: str) -> Version:
    """Return the text to its author with a reason. Event: `text.returned`."""
    if not reason.strip():
        raise NotLegal(_("Say why the text goes back: the author reads it."))
    return _move(actor, _locked(text), "return", reason=reason)


def _move(actor: User, text: Text, verb: str, *, reason: str = "") -> Version:
    """A step of the workflow that leaves the house's inside."""
    transition = step(verb, State(text.state))
    permit(actor, transition.permission, text)
    _refuse_killed(text.story)
    version = _version(actor, text)
    text.approved = version if transition.target is State.APPROVED else None
    _set_state(actor, text, verb, transition.target, reason=reason, version=version)
    return version


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


def _set_state(actor: User, text: Text, verb: str, state: State, *, version: Version, reason: str = "") -> None:
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


@action
def publish(actor: User, text: Text) -> Version:
    """Publish the text everywhere its rights allow; the actor is the editor responsible, of a machine's words too.

    What an editor approved goes out, or nothing: a text that changed since is to be approved again.
    An embargo still to come is kept: the house publishes at that moment. Event: `text.published`, or
    `text.release_planned`. Raises NotPublishable, NotLegal, Denied.
    """
    text = _locked(text)
    transition = step("publish", State(text.state))
    permit(actor, transition.permission, text)
    _refuse_killed(text.story)
    if text.changed_since_approval:
        raise NotPublishable(
            _("%(person)s changed this text at %(time)s, after it was approved. Approve it again, then publish.")
            % {"person": text.draft_by, "time": timezone.localtime(text.draft_at).strftime("%H:%M:%S")}
        )
    _refuse_unfit(text.working)
    version = _version(actor, text)
    if version.embargo and version.embargo > timezone.now():
        return _plan_release(actor, text, version)
    _go_out(actor, text, version, transition.target)
    return version


def _go_out(actor: User, text: Text, version: Version, state: State) -> None:
    text.published, text.release_at = version, None
    _set_state(actor, text, "publish", state, version=version)
    leaving = _leaving(actor, version)
    for outlet in outlets.all_outlets():
        outlet.publish(leaving)


def _leaving(actor: User, version: Version) -> outlets.Leaving:
    story = version.text.story
    return outlets.Leaving(version=version.pk, story=story.pk, subject=story.urn or "", actor=actor)


def _plan_release(actor: User, text: Text, version: Version) -> Version:
    text.release_at, text.approved = version.embargo, version
    text.state = State.APPROVED.value
    text.save(update_fields=STANDING)
    defer(
        "newsroom.release",
        key=f"release:{version.pk}",
        actor=actor,
        subject=text.story.urn or "",
        args={"text_id": text.pk, "version_id": version.pk, "actor_id": actor.pk},
        at=version.embargo,
    )
    record(
        actor,
        "text.release_planned",
        text.story.urn or "",
        organisation=text.story.organisation,
        after={"text": text.pk, "version": version.urn, "at": version.embargo.isoformat() if version.embargo else ""},
    )
    return version


@action
def correct(actor: User, text: Text, note: str, *, hold: Iterable[str] = (), keep: Iterable[str] = ()) -> Version:
    """Publish the working copy as a correction; readers see `note`. Translations become stale.

    `hold` and `keep` answer what `holds.questions` asks, by name: a translation (its language) is kept until it is
    revised unless it is to be held, a package (its outlet) is held unless it is to be kept.

    Event: `text.corrected`, and `text.held` for each text held. Raises NotPublishable when nothing changed, the note is
    empty or an answer is to no question.
    """
    from keshen.newsroom import holds

    text = _locked(text)
    transition = step("correct", State(text.state))
    permit(actor, transition.permission, text)
    _refuse_killed(text.story)
    _refuse_unfit(text.working)
    if not note.strip():
        raise NotPublishable(_("Say what is corrected: readers and clients are told."))
    if text.working.embargo and text.working.embargo > timezone.now():
        raise NotPublishable(_("A correction goes out at once, and this embargo is still to come. Take it out first."))
    if text.published and text.published.digest == text.working.digest():
        raise NotPublishable(_("Nothing differs from what is published. Change the text first."))
    to_hold, packages = holds.answered(text, set(hold), set(keep))
    version = _version(actor, text, kind=Version.Kind.CORRECTION, note=note.strip())
    text.published = version
    _set_state(actor, text, "correct", transition.target, version=version, reason=note.strip())
    if text.is_source:
        text.story.texts.exclude(pk=text.pk).exclude(state=State.KILLED.value).update(stale=True)
    leaving = replace(_leaving(actor, version), keep=packages)
    for outlet in outlets.all_outlets():
        outlet.correct(leaving)
    for held in to_hold:
        holds.hold_one(actor, held, note.strip())
    return version


@action
def kill(actor: User, story: Story, reason: str) -> list[Version]:
    """Kill the story: a kill version in every text ever published, or that waits for its embargo and may have gone to
    clients in advance; taken down from every outlet. It cannot be undone.

    Event: `story.killed`. Returns the kill versions.
    """
    story = Story.objects.select_for_update().get(pk=story.pk)
    permit(actor, "newsroom.kill", story)
    if not reason.strip():
        raise NotPublishable(_("A kill needs a reason: every client and partner is told."))
    _refuse_killed(story)
    waits = Q(state=State.APPROVED.value, release_at__isnull=False)
    out = list(Text.objects.select_for_update().filter(story=story).filter(Q(published__isnull=False) | waits))
    if not out:
        raise NotLegal(_("No text of this story was ever published: there is nothing to kill."))
    story.killed_at = timezone.now()
    story.save(update_fields=["killed_at", "changed_at"])
    versions = []
    for text in out:
        text.story = story
        version = _version(actor, text, kind=Version.Kind.KILL, note=reason.strip())
        _set_state(actor, text, "kill", step("kill", State(text.state)).target, version=version, reason=reason.strip())
        versions.append(version)
    record(
        actor,
        "story.killed",
        story.urn or "",
        organisation=story.organisation,
        after={"versions": [version.urn for version in versions]},
        reason=reason.strip(),
    )
    for outlet in outlets.all_outlets():
        outlet.kill(story.pk, actor.pk)
    return versions


@action
def link(actor: User, story: Story, target: Story, kind: Link.Kind) -> Link:
    """Say how one story stands to another. Event: `story.linked`."""
    permit(actor, "newsroom.write", story)
    permit(actor, "newsroom.see", target)
    made, fresh = Link.objects.get_or_create(story=story, target=target, kind=kind)
    if fresh:
        record(
            actor,
            "story.linked",
            story.urn or "",
            organisation=story.organisation,
            after={"target": target.urn, "kind": kind},
        )
    return made


def _locked(text: Text) -> Text:
    """The text with its row locked; two editors' verbs come one after the other.

    The story's row is locked first, as a kill does: so a verb sees the kill that came before it, and neither waits
    for the other for ever.
    """
    story = Story.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=text.story_id)
    related = ("head", "approved", "published")
    locked = Text.objects.select_for_update(of=("self",)).select_related(*related).get(pk=text.pk)
    locked.story = story
    return locked


def _refuse_killed(story: Story) -> None:
    if story.killed_at:
        raise NotLegal(_("The story was killed; write a new one and link it."))


def _refuse_unfit(content: Content) -> None:
    if not content.headline.strip():
        raise NotPublishable(_("The text has no headline. Write one."))
    if not bodies.paragraphs(content.body):
        raise NotPublishable(_("The text has no body. Write at least one paragraph."))


def _search(content: Content, language: str) -> str:
    words = " ".join([content.headline, content.slugline, content.standfirst, *bodies.paragraphs(content.body)])
    return " ".join(dict.fromkeys(tokens(words, language)))


@action
def release(actor: User, text: Text, version_id: int) -> None:
    """Publish the version that waited for its embargo, as it was approved: what was typed since stays a draft.

    Nothing happens when another version was made meanwhile, or the text was returned or killed. Event:
    `text.published`. Raises TooEarly where the clock is behind that of the machine that called; the job is tried again.
    """
    text = _locked(text)
    waits = text.release_at is not None and text.head_id == version_id and text.state == State.APPROVED.value
    if not waits or text.head is None or text.story.killed_at is not None:
        return
    if text.release_at is not None and text.release_at > timezone.now():
        raise TooEarly(f"it is due at {text.release_at.isoformat()}")
    transition = step("publish", State(text.state))
    permit(actor, transition.permission, text)
    _go_out(actor, text, text.head, transition.target)
