"""What the intake's screens call things: states and how they are marked, parts of rules, health."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from keshen.wire.intake.models import IncomingItem

STATE_MARKS: Mapping[str, tuple[str, str]] = {
    IncomingItem.State.NEW: ("○", ""),
    IncomingItem.State.TAKEN: ("✓", "done"),
    IncomingItem.State.MERGED: ("⤵", "done"),
    IncomingItem.State.DROPPED: ("✕", ""),
    IncomingItem.State.REPLACED: ("↻", ""),
}
"""Sign and CSS class of each state of an item."""

PART_LABELS: Mapping[str, Promise] = {
    "sources": _("Source"),
    "languages": _("Language"),
    "urgency": _("Urgency"),
    "topics": _("Topics"),
    "places": _("Places"),
    "words": _("Words looked for"),
    "without": _("Without"),
}
HEALTH: Mapping[str, tuple[str, str, Promise]] = {
    "good": ("✓", "done", _("Good")),
    "idle": ("–", "", _("Nothing yet")),
    "waiting": ("◆", "working", _("Trying again")),
    "failing": ("!", "failed", _("Failing")),
    "paused": ("‖", "", _("Paused")),
}
"""Sign, CSS class and word of a source's health."""
