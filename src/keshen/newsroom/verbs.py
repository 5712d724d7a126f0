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
    "return": _("The text goes back to its author as a draft, with your reason."),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """A verb on the screen. `why_not` says why it cannot be given just now; it is empty when it can."""

    transition: Transition
    consequence: Promise | str = ""
    why_not: Promise | str = ""


def verbs_for(person: User, text: Text) -> list[Offer]:
    """What `person` may do to `text`, in the order of likelihood."""
    if text.story.killed_at:
        return []
    return [
        Offer(transition, CONSEQUENCES.get(transition.verb, ""), _why_not(transition, text))
        for transition in legal(State(text.state))
        if person.may(transition.permission, text)
    ]


def _why_not(transition: Transition, text: Text) -> Promise | str:
    if transition.verb == "correct" and text.published and text.published.digest == text.working.digest():
        return _("Nothing differs from what is published. Edit first.")
    return ""
