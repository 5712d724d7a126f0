"""What a reader makes of one item: as much as it understood, and warnings about the rest.

The names follow NewsML-G2 and ninjs, the two that every other format can be read into.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from keshen.house.phrases import Phrase
from keshen.newsroom.body import Node, document


class Unreadable(Exception):
    """A file or an item that cannot be read. The message says what is wrong, `remedy` what its sender can do."""

    def __init__(self, reason: Phrase | str, remedy: Phrase | str) -> None:
        super().__init__(reason)
        self.remedy = remedy


class Kind(StrEnum):
    """What an item is, after the IPTC item natures (`http://cv.iptc.org/newscodes/ninature/`)."""

    TEXT = "text"
    PICTURE = "picture"
    GRAPHIC = "graphic"
    VIDEO = "video"
    AUDIO = "audio"
    PACKAGE = "package"
    PLANNING = "planning"
    EVENT = "event"
    CONCEPT = "concept"
    KNOWLEDGE = "knowledge"


MEDIA = frozenset({Kind.PICTURE, Kind.GRAPHIC, Kind.VIDEO, Kind.AUDIO})


class Status(StrEnum):
    """IPTC publishing status (`http://cv.iptc.org/newscodes/pubstatusg2/`)."""

    USABLE = "usable"
    WITHHELD = "withheld"
    CANCELED = "canceled"


@dataclass(frozen=True)
class Rendition:
    """One file of a picture, sound or film: its address at the sender and what the sender says of it (0: nothing).

    `role` is the sender's name for it (highRes, preview, …), `identifier` another name of the file itself; sizes are
    pixels, bytes and seconds.
    """

    href: str
    role: str = ""
    media_type: str = ""
    width: int = 0
    height: int = 0
    size_bytes: int = 0
    seconds: float = 0.0
    identifier: str = ""


def best_of(renditions: Iterable[Rendition], kind: Kind = Kind.PICTURE) -> Rendition:
    """The largest by pixels, then by bytes; the first of equals; a film's preview picture only where there is no film.

    Raises ValueError when there are none.
    """
    first = {Kind.VIDEO: "video", Kind.AUDIO: "audio"}.get(kind, "image")

    def rank(file: Rendition) -> tuple[bool, int, int]:
        other = file.media_type.partition("/")[0] not in ("", "application", first)
        return (not other, file.width * file.height, file.size_bytes)

    return max(renditions, key=rank)


@dataclass(frozen=True)
class MediaReference:
    """A picture, sound or film that an item names and does not hold: what there is to fetch, and its terms.

    `href` is the address of the best rendition, or a name inside the same package of files; `renditions` are all.
    """

    href: str
    caption: str = ""
    alt: str = ""
    kind: Kind = Kind.PICTURE
    identifier: str = ""
    headline: str = ""
    credit: str = ""
    copyright_notice: str = ""
    restrictions: tuple[str, ...] = ()
    renditions: tuple[Rendition, ...] = ()


@dataclass(frozen=True)
class Link:
    """Another item and what it is to this one: the sender's relation, by its IPTC name where there is one."""

    relation: str
    target: str
    title: str = ""


@dataclass(frozen=True)
class Member:
    """An item in a package: in which group it stands, and by what name it is known."""

    target: str
    group: str = ""
    title: str = ""
    kind: str = ""
    description: str = ""


@dataclass(frozen=True)
class Group:
    """A group of a package, in the order in which its members are read.

    `mode` is how what stands in it belongs together (`http://cv.iptc.org/newscodes/packagegroupmode/`: `seq` in this
    order, `alt` one instead of another, `bag` in any order), `within` the group that it stands in itself.
    """

    name: str
    mode: str = ""
    within: str = ""
    title: str = ""


@dataclass(frozen=True)
class Part:
    """A part of a film or sound: what is to be seen or heard, and its beginning and end in seconds (0: not said).

    `sound` is the sender's word for what is spoken in `language` (VoiceOver, Interlocution), `picture` a still of it.
    """

    description: str = ""
    starts: float = 0.0
    ends: float = 0.0
    language: str = ""
    sound: str = ""
    picture: str = ""


@dataclass(frozen=True)
class Occasion:
    """When and where an event is. Times are ISO 8601, as exact as the sender was: a day or a month alone, too.

    `participants` are those who take part, each with what he is there; `admission` is what one needs to get in;
    `position` is latitude and longitude in degrees (WGS 84), with a comma between them.
    """

    starts: str = ""
    ends: str = ""
    place: str = ""
    recurrence: str = ""
    status: str = ""
    organiser: str = ""
    contact: str = ""
    participants: tuple[str, ...] = ()
    position: str = ""
    admission: str = ""


@dataclass(frozen=True)
class Coverage:
    """What the sender plans to deliver on something: of which kind, when, by whom, and what came of it already.

    `covers_from` and `covers_until` are when who is assigned is at it, in ISO 8601. `delivered` are the names of items,
    or their titles where that is all there is.
    """

    kind: str
    headline: str = ""
    due: str = ""
    assigned: str = ""
    covers_from: str = ""
    covers_until: str = ""
    language: str = ""
    note: str = ""
    delivered: tuple[str, ...] = ()


@dataclass(frozen=True)
class Concept:
    """A person, place, organisation, event or idea: its URI or code, its names and definitions by language.

    `notes` tell it from others, `details` are facts by the names that NewsML-G2 has for them (born, position, contact,
    a scheme's alias). `relations` are to other concepts, `occasion` is when and where an event is.
    """

    identifier: str
    type: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    definitions: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, str] = field(default_factory=dict)
    relations: tuple[Link, ...] = ()
    occasion: Occasion | None = None


@dataclass(frozen=True)
class Subject:
    """What an item is about beside its media topics: a person, an organisation, a place, an event, an idea.

    `type` is its IPTC nature (`http://cv.iptc.org/newscodes/cpnature/`: person, organisation, geoArea, poi, event,
    object, abstract), `identifier` its URI or code at the sender. `relation` is what a facet says of the subject
    before it (gender, distance). `relevance` is how much the item is about it and `confidence` how sure that is, from 1
    to 100 (0: not said); `said_by` is who or what says so, a person or a machine.
    """

    name: str
    identifier: str = ""
    type: str = ""
    relation: str = ""
    relevance: int = 0
    confidence: int = 0
    said_by: str = ""


@dataclass(frozen=True)
class Contributor:
    """Who worked on an item beside its author, or passed it on; `role` is the sender's word for what they did."""

    name: str
    role: str = ""


@dataclass(frozen=True)
class Incoming:
    """One item as it was understood.

    `identifiers` are the sender's names for it, the one that stays through all versions first; `version` is the
    sender's. `title` is a short name of the item where its headline is another, `services` are the sender's own that it
    belongs to. `date` is when this version was made, `created` when the first was, or when a picture was taken.
    `language` is a BCP 47 tag, empty when nobody could tell. `urgency` is IPTC's 1 to 9, 0 when not said.
    `restrictions` are terms in the sender's own words.
    """

    headline: str
    body: Node = field(default_factory=lambda: document([]))
    format: str = ""
    kind: Kind = Kind.TEXT
    status: Status = Status.USABLE
    identifiers: tuple[str, ...] = ()
    version: str = ""
    signals: tuple[str, ...] = ()
    language: str = ""
    standfirst: str = ""
    byline: str = ""
    dateline: str = ""
    slugline: str = ""
    title: str = ""
    services: tuple[str, ...] = ()
    contributors: tuple[Contributor, ...] = ()
    source: str = ""
    date: datetime | None = None
    created: datetime | None = None
    urgency: int = 0
    topics: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    about: tuple[Subject, ...] = ()
    genre: str = ""
    ednote: str = ""
    credit: str = ""
    copyright_holder: str = ""
    copyright_notice: str = ""
    digital_source: str = ""
    web_address: str = ""
    restrictions: tuple[str, ...] = ()
    embargo: datetime | None = None
    media: tuple[MediaReference, ...] = ()
    links: tuple[Link, ...] = ()
    parts: tuple[Part, ...] = ()
    members: tuple[Member, ...] = ()
    groups: tuple[Group, ...] = ()
    occasion: Occasion | None = None
    coverages: tuple[Coverage, ...] = ()
    concepts: tuple[Concept, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def identifier(self) -> str:
        """The sender's name for the item through all its versions, or nothing."""
        return self.identifiers[0] if self.identifiers else ""

    @property
    def pictures(self) -> tuple[MediaReference, ...]:
        """The pictures and graphics among what it names."""
        return tuple(each for each in self.media if each.kind in (Kind.PICTURE, Kind.GRAPHIC))
