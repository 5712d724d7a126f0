"""Holding a text that is out until it is revised, and what a correction asks about translations and packages.

A hold is a version of its own: it goes through every outlet as a correction does, and says only that the text is being
revised and why. What lifts it is the next version: the revised text, or the text as it was.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from keshen.house import outlets
from keshen.house.actions import action, permit
from keshen.house.models import User
from keshen.newsroom.actions import steps
from keshen.newsroom.models import Text, Version
from keshen.newsroom.workflow import OUT, State, step


@dataclass(frozen=True, slots=True)
class Question:
    """What a correction asks about something that is out: a translation, by its language, or the packages of an outlet.

    `default` is “hold”, “keep” or nothing: then a person must say.
    """

    name: str
    label: Any
    default: str = ""


def questions(text: Text) -> list[Question]:
    """What correcting `text` asks: of the source each published translation, and each kind of package in use."""
    asked = []
    if text.is_source:
        out = text.story.texts.filter(state__in=OUT).exclude(pk=text.pk)
        asked = [Question(other.language, other.language) for other in out]
    packages = [outlet for outlet in outlets.all_outlets() if outlet.packages(text.story_id)]
    return asked + [Question(outlet.name, outlet.label, "hold") for outlet in packages]


def answered(text: Text, hold: Set[str], keep: Set[str]) -> tuple[Sequence[Text], frozenset[str]]:
    """The translations to hold, and the outlets whose packages stay in use. Raises NotPublishable."""
    if both := hold & keep:
        raise steps.NotPublishable(_("Hold or keep, not both: %(names)s.") % {"names": ", ".join(sorted(both))})
    others = {other.language: other for other in text.story.texts.filter(state__in=OUT).exclude(pk=text.pk)}
    names = {outlet.name for outlet in outlets.all_outlets()}
    known = names | (set(others) if text.is_source else set())
    if unknown := (hold | keep) - known:
        raise steps.NotPublishable(
            _("Nothing to hold or keep is called %(names)s. There is: %(known)s.")
            % {"names": ", ".join(sorted(unknown)), "known": ", ".join(sorted(known)) or "-"}
        )
    return [other for language, other in others.items() if language in hold], frozenset(keep & names)


@action
def hold(actor: User, text: Text, reason: str) -> Version:
    """Hold a text that is out: readers, clients and bulletins go without it until it is revised. Event: `text.held`.

    Returns the version that says so. Raises NotPublishable without a reason, NotLegal, Denied.
    """
    text = steps.locked(text)
    permit(actor, step("hold", State(text.state)).permission, text)
    steps.refuse_killed(text.story)
    if not reason.strip():
        raise steps.NotPublishable(_("Say why the text is held: readers and clients are told."))
    return hold_one(actor, text, reason.strip())


def hold_one(actor: User, text: Text, reason: str) -> Version:
    """Hold `text`, whose story is locked, within the action of the caller."""
    locked = steps.locked(text)
    transition = step("hold", State(locked.state))
    assert locked.published is not None
    version = steps.make_version(
        actor, locked, kind=Version.Kind.HOLD, note=reason, content=locked.published.content,
        machine=locked.published.machine,
    )  # fmt: skip
    _replace_with(actor, locked, version, "hold", transition.target, reason)
    return version


@action
def release(actor: User, text: Text) -> Version:
    """Let a held text out again as it was: it stands after all. What was typed meanwhile stays a draft.

    Event: `text.released`. A revised text is let out by correcting. Raises NotLegal, Denied.
    """
    text = steps.locked(text)
    transition = step("release", State(text.state))
    permit(actor, transition.permission, text)
    steps.refuse_killed(text.story)
    assert text.published is not None
    version = steps.make_version(actor, text, content=text.published.content, machine=text.published.machine)
    _replace_with(actor, text, version, "release", transition.target, "")
    return version


def _replace_with(actor: User, text: Text, version: Version, verb: str, state: State, reason: str) -> None:
    text.published = version
    steps.set_state(actor, text, verb, state, version=version, reason=reason)
    leaving = steps.leaving_as(actor, version)
    for outlet in outlets.all_outlets():
        outlet.correct(leaving)
