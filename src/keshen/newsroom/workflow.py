"""The states of a text and the verbs between them: a table, so that a screen can list what is legal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    CORRECTED = "corrected"
    HELD = "held"
    KILLED = "killed"


STATE_LABELS: Mapping[State, Promise] = {
    State.DRAFT: _("Draft"),
    State.SUBMITTED: _("Submitted"),
    State.APPROVED: _("Approved"),
    State.PUBLISHED: _("Published"),
    State.CORRECTED: _("Corrected"),
    State.HELD: _("Held"),
    State.KILLED: _("Killed"),
}
OUT = frozenset({State.PUBLISHED, State.CORRECTED})
"""States of a text that readers have. A held one they had: they are told that it is being revised."""


@dataclass(frozen=True)
class Transition:
    """A verb: from which states, to which, with which permission, and the key that does it on a screen.

    `needs_reason` verbs cannot be taken back, or need explaining to readers.
    """

    verb: str
    label: Promise
    sources: frozenset[State]
    target: State
    permission: str
    key: str
    needs_reason: bool = False


TRANSITIONS: tuple[Transition, ...] = (
    Transition("submit", _("Submit"), frozenset({State.DRAFT}), State.SUBMITTED, "newsroom.submit", "s"),
    Transition(
        "approve", _("Approve"), frozenset({State.SUBMITTED, State.APPROVED}), State.APPROVED, "newsroom.approve", "a"
    ),
    Transition(
        "publish",
        _("Publish"),
        frozenset({State.DRAFT, State.SUBMITTED, State.APPROVED}),
        State.PUBLISHED,
        "newsroom.publish",
        "p",
    ),
    Transition(
        "return",
        _("Return to the author"),
        frozenset({State.SUBMITTED, State.APPROVED}),
        State.DRAFT,
        "newsroom.approve",
        "b",
        needs_reason=True,
    ),
    Transition(
        "correct",
        _("Publish correction"),
        OUT | {State.HELD},
        State.CORRECTED,
        "newsroom.correct",
        "p",
        needs_reason=True,
    ),
    Transition("release", _("Release as it was"), frozenset({State.HELD}), State.PUBLISHED, "newsroom.publish", "r"),
    Transition("hold", _("Hold"), OUT, State.HELD, "newsroom.hold", "h", needs_reason=True),
    Transition(
        "kill", _("Kill"), OUT | {State.HELD, State.APPROVED}, State.KILLED, "newsroom.kill", "K", needs_reason=True
    ),
)
BY_VERB = {transition.verb: transition for transition in TRANSITIONS}


class NotLegal(ValueError):
    """The text is in a state from which this verb does not lead; the message says what it is and what would do."""


def legal(state: State) -> Iterable[Transition]:
    """What may follow `state`, in the order of likelihood."""
    return (transition for transition in TRANSITIONS if state in transition.sources)


def step(verb: str, state: State) -> Transition:
    """The transition of `verb` from `state`. Raises NotLegal."""
    transition = BY_VERB[verb]
    if state not in transition.sources:
        possible = ", ".join(str(other.label) for other in legal(state)) or "-"
        raise NotLegal(
            _now("“%(verb)s” is not possible: the text is “%(state)s”. Possible now: %(possible)s.")
            % {"verb": transition.label, "state": STATE_LABELS[state], "possible": possible}
        )
    return transition
