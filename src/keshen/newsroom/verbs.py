"""The verbs a person may give to a text now, for screens: read from the workflow's table and the permissions."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from keshen.house.models import User
from keshen.newsroom.models import Text
from keshen.newsroom.workflow import State, Transition, legal

CONSEQUENCES = {
    "kill": _("Taken down everywhere within seconds: page, wire, radio, television. This cannot be undone."),
    "correct": _("Every reader and client gets the new text, with your reason as the correction note."),
    "hold": _(
        "Readers and clients are told that the text is being revised; bulletins leave it out. Your reason is shown."
    ),
    "return": _("The text goes back to its author as a draft, with your reason."),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A verb on the screen. `why_not` says why it cannot be given just now; it is empty when it can."""

    transition: Transition
    consequence: Promise | str = ""
    why_not: Promise | str = ""


def verbs_for(person: User, text: Text, *, editing: bool = False) -> list[Offer]:
    """What `person` may do to `text`, in the order of likelihood; `editing`, also what the next edit makes possible."""
    if text.story.killed_at:
        return []
    return [
        Offer(transition, CONSEQUENCES.get(transition.verb, ""), _why_not(transition, text))
        for transition in legal(State(text.state))
        if person.may(transition.permission, text) and not _is_idle(transition, text, editing=editing)
    ]


def _is_idle(transition: Transition, text: Text, *, editing: bool) -> bool:
    """Whether the verb would do nothing: what is approved is approved again only when it changed, and killed only when
    it waits for its embargo."""
    if transition.verb == "kill" and text.state == State.APPROVED:
        return text.release_at is None
    return (
        not editing
        and transition.verb == "approve"
        and text.state == State.APPROVED
        and not text.changed_since_approval
    )


def _why_not(transition: Transition, text: Text) -> Promise | str:
    if transition.verb == "correct" and text.published and text.published.digest == text.working.digest():
        return _("Nothing differs from what is published. Edit first.")
    if transition.verb == "publish" and text.changed_since_approval:
        return _("The text changed after it was approved. Approve it again first.")
    return ""
