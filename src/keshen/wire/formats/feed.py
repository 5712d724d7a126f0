"""What a feed says of itself, the same in every form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """`sequence` is the highest number in the feed's stream (0: nothing sent yet), `updated` when that came."""

    address: str
    title: str
    language: str
    updated: datetime
    sequence: int = 0
    site: str = ""
    provider: str = ""
