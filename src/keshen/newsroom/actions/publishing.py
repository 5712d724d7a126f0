"""From the desk to the public: submit, approve, publish, correct and kill, each a step of the workflow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from keshen.house import outlets
from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.jobs import defer
from keshen.house.models import User
from keshen.newsroom.actions.steps import (
    STANDING,
    NotPublishable,
    TooEarly,
    leaving_as,
    locked,
    make_version,
    refuse_killed,
    refuse_unfit,
    set_state,
)
from keshen.newsroom.models import Story, Text, Version
from keshen.newsroom.workflow import NotLegal, State, step


@action
def submit(actor: User, text: Text) -> Version:
    """Give the text to the desk. Event: `text.submitted`."""
    text = locked(text)
    version = _move(actor, text, "submit")
    return version


@action
def approve(actor: User, text: Text) -> Version:
    """Find the text fit to publish. Event: `text.approved`."""
    text = locked(text)
    if text.state == State.APPROVED and not text.changed_since_approval:
        raise NotLegal(_("The text is approved already, and nothing changed since."))
    return _move(actor, text, "approve")


@action
def send_back(actor: User, text: Text, reason: str) -> Version:
    """Return the text to its author with a reason. Event: `text.returned`."""
    if not reason.strip():
        raise NotLegal(_("Say why the text goes back: the author reads it."))
    return _move(actor, locked(text), "return", reason=reason)


def _move(actor: User, text: Text, verb: str, *, reason: str = "") -> Version:
    """A step of the workflow that leaves the house's inside."""
    transition = step(verb, State(text.state))
    permit(actor, transition.permission, text)
    refuse_killed(text.story)
    version = make_version(actor, text)
    text.approved = version if transition.target is State.APPROVED else None
    set_state(actor, text, verb, transition.target, reason=reason, version=version)
    return version


@action
def publish(actor: User, text: Text) -> Version:
    """Publish the text everywhere its rights allow; the actor is the editor responsible, of a machine's words too.

    What an editor approved goes out, or nothing: a text that changed since is to be approved again.
    An embargo still to come is kept: the house publishes at that moment. Event: `text.published`, or
    `text.release_planned`. Raises NotPublishable, NotLegal, Denied.
    """
    text = locked(text)
    transition = step("publish", State(text.state))
    permit(actor, transition.permission, text)
    refuse_killed(text.story)
    if text.changed_since_approval:
        raise NotPublishable(
            _("%(person)s changed this text at %(time)s, after it was approved. Approve it again, then publish.")
            % {"person": text.draft_by, "time": timezone.localtime(text.draft_at).strftime("%H:%M:%S")}
        )
    refuse_unfit(text.working)
    version = make_version(actor, text)
    if version.embargo and version.embargo > timezone.now():
        return _plan_release(actor, text, version)
    _go_out(actor, text, version, transition.target)
    return version


def _go_out(actor: User, text: Text, version: Version, state: State) -> None:
    text.published, text.release_at = version, None
    set_state(actor, text, "publish", state, version=version)
    leaving = leaving_as(actor, version)
    for outlet in outlets.all_outlets():
        outlet.publish(leaving)


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
def release(actor: User, text: Text, version_id: int) -> None:
    """Publish the version that waited for its embargo, as it was approved: what was typed since stays a draft.

    Nothing happens when another version was made meanwhile, or the text was returned or killed. Event:
    `text.published`. Raises TooEarly where the clock is behind that of the machine that called; the job is tried again.
    """
    text = locked(text)
    waits = text.release_at is not None and text.head_id == version_id and text.state == State.APPROVED.value
    if not waits or text.head is None or text.story.killed_at is not None:
        return
    if text.release_at is not None and text.release_at > timezone.now():
        raise TooEarly(f"it is due at {text.release_at.isoformat()}")
    transition = step("publish", State(text.state))
    permit(actor, transition.permission, text)
    _go_out(actor, text, text.head, transition.target)


@action
def correct(actor: User, text: Text, note: str, *, hold: Iterable[str] = (), keep: Iterable[str] = ()) -> Version:
    """Publish the working copy as a correction; readers see `note`. Translations become stale.

    `hold` and `keep` answer what `holds.questions` asks, by name: a translation (its language) is kept until it is
    revised unless it is to be held, a package (its outlet) is held unless it is to be kept.

    Event: `text.corrected`, and `text.held` for each text held. Raises NotPublishable when nothing changed, the note is
    empty or an answer is to no question.
    """
    from keshen.newsroom import holds

    text = locked(text)
    transition = step("correct", State(text.state))
    permit(actor, transition.permission, text)
    refuse_killed(text.story)
    refuse_unfit(text.working)
    if not note.strip():
        raise NotPublishable(_("Say what is corrected: readers and clients are told."))
    if text.working.embargo and text.working.embargo > timezone.now():
        raise NotPublishable(_("A correction goes out at once, and this embargo is still to come. Take it out first."))
    if text.published and text.published.digest == text.working.digest():
        raise NotPublishable(_("Nothing differs from what is published. Change the text first."))
    to_hold, packages = holds.answered(text, set(hold), set(keep))
    version = make_version(actor, text, kind=Version.Kind.CORRECTION, note=note.strip())
    text.published = version
    set_state(actor, text, "correct", transition.target, version=version, reason=note.strip())
    if text.is_source:
        text.story.texts.exclude(pk=text.pk).exclude(state=State.KILLED.value).update(stale=True)
    leaving = replace(leaving_as(actor, version), keep=packages)
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
    refuse_killed(story)
    waits = Q(state=State.APPROVED.value, release_at__isnull=False)
    out = list(Text.objects.select_for_update().filter(story=story).filter(Q(published__isnull=False) | waits))
    if not out:
        raise NotLegal(_("No text of this story was ever published: there is nothing to kill."))
    story.killed_at = timezone.now()
    story.save(update_fields=["killed_at", "changed_at"])
    versions = []
    for text in out:
        text.story = story
        version = make_version(actor, text, kind=Version.Kind.KILL, note=reason.strip())
        set_state(actor, text, "kill", step("kill", State(text.state)).target, version=version, reason=reason.strip())
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
