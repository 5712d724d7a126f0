"""What the agency means to send: a text that is approved and waits for its time. None of its words are in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """`urn` names the plan and `item_urn` the text that will come; `version` grows when the plan changes."""

    urn: str
    item_urn: str
    version: int
    language: str
    slugline: str
    scheduled: datetime
    created: datetime
    changed: datetime
    topics: tuple[str, ...] = ()
    urgency: int = 5
    provider: str = ""
    pictures: int = 0
