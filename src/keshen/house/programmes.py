"""What the channels show, as readers may ask it. The air registers one guide at start; pages know the air only by this.

The site draws from it: the live strip of the front (`now_next`), the guide and the day under a player (`day`), catch-up
(`catch_up`) and the listen and watch buttons of a story (`airings`). Every instant is an aware datetime in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


class ProgrammeKind(StrEnum):
    PROGRAMME = "programme"
    BULLETIN = "bulletin"
    FILLER = "filler"
    BREAK = "break"


@dataclass(frozen=True, slots=True)
class Item:
    """A part of a programme that has a name of its own: one story of a bulletin. `story` is its URN, or empty."""

    start: datetime
    end: datetime
    titles: Mapping[str, str]
    story: str = ""


@dataclass(frozen=True, slots=True)
class Programme:
    """One line of the guide: `start` until `end`, `titles` by language tag, the stories in it.

    `catch_up` is the address of a playlist that plays the programme from its beginning, once it has begun and while
    it is kept; None before, after, and where rights or a kill forbid it.
    """

    service: str
    start: datetime
    end: datetime
    titles: Mapping[str, str]
    kind: ProgrammeKind = ProgrammeKind.PROGRAMME
    items: Sequence[Item] = field(default=())
    catch_up: str | None = None
    on_web: bool = True


@dataclass(frozen=True, slots=True)
class NowNext:
    """What is on and what follows; None where nothing is laid or planned."""

    now: Programme | None
    next: Programme | None


@dataclass(frozen=True, slots=True)
class Airing:
    """One time a story was, is or will be on a service. `catch_up` plays it from its first second, once aired."""

    service: str
    start: datetime
    end: datetime
    catch_up: str | None = None


class ProgrammeGuide(Protocol):
    """What a room that has a timeline offers. All methods are cheap enough for a page view (a few ms) and never raise
    for a service that exists but has nothing laid: they answer with nothing."""

    def now_next(self, service_slug: str) -> NowNext:
        """What `service_slug` plays at this moment, and next. Raises KeyError for a service that has no air."""

    def day(self, service_slug: str, day: date, territory: str = "") -> Sequence[Programme]:
        """The programmes that begin on `day` in the house's time zone, in order, fillers between them included.

        With a territory, as they are shown there. Raises KeyError for a service that has no air, and ValueError, with
        what there is, for a territory it does not reach.
        """

    def catch_up(self, service_slug: str, moment: datetime) -> str | None:
        """The address of a playlist that plays on from `moment`; None when it is ahead, forgotten or withdrawn.

        Raises KeyError for a service that has no air.
        """

    def airings(self, story_urn: str) -> Sequence[Airing]:
        """When and where a story is on the air: what can be caught up first, then what is laid, soonest first.

        Empty for a killed story.
        """


_guides: list[ProgrammeGuide] = []


def register(guide: ProgrammeGuide) -> None:
    """Offer the house's guide, at start. Raises ValueError when there is one already."""
    if _guides:
        raise ValueError("the house has a programme guide already")
    _guides.append(guide)


def guide() -> ProgrammeGuide | None:
    """The house's guide; None in a house without an air."""
    return _guides[0] if _guides else None
