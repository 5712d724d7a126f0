"""What a reader makes of one item: as much as it understood, and warnings about the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from keshen.newsroom.body import Node


class Unreadable(Exception):
    """A file or an item that cannot be read. The message says what is wrong, `remedy` what its sender can do."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.remedy = remedy


@dataclass(frozen=True)
class PictureReference:
    """A picture the item names: its address at the sender, its caption and what it shows."""

    href: str
    caption: str = ""
    alt: str = ""


@dataclass(frozen=True)
class Incoming:
    """One item as it was understood. `date` is the sender's; `language` a BCP 47 tag, empty when nobody could tell."""

    headline: str
    body: Node
    format: str
    language: str = ""
    standfirst: str = ""
    byline: str = ""
    dateline: str = ""
    slugline: str = ""
    source: str = ""
    date: datetime | None = None
    urgency: int = 0
    topics: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    ednote: str = ""
    restrictions: tuple[str, ...] = ()
    embargo: datetime | None = None
    identifiers: tuple[str, ...] = ()
    pictures: tuple[PictureReference, ...] = ()
    warnings: tuple[str, ...] = ()
