"""What goes out on the wire, before it takes a form: one text of a story in one version, complete in itself.

Times are aware datetimes. Language tags are BCP 47, media topics IPTC codes, identifiers `urn:newsml` names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from keshen.rights.terms import Terms

# XML 1.0 production 2 (Char) has no place for these, so no form may carry them.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TIMES = ("created", "version_created", "embargoed_until")


class PubStatus(StrEnum):
    """IPTC publishing status (`http://cv.iptc.org/newscodes/pubstatusg2/`)."""

    USABLE = "usable"
    WITHHELD = "withheld"
    CANCELED = "canceled"


class Relation(StrEnum):
    """How another item relates to this one, after the IPTC item relations."""

    TRANSLATION_OF = "translationOf"
    TRANSLATED_AS = "translatedAs"
    SUPERSEDES = "supersedes"
    UPDATES = "updates"
    REWRITES = "rewrites"
    SUPPLEMENTS = "supplements"
    PACKAGES = "packages"
    SEE_ALSO = "seeAlso"


@dataclass(frozen=True, slots=True)
class Rendition:
    """One file of a picture, film or sound: address, IANA media type, size in pixels and bytes (0: not known)."""

    name: str
    href: str
    content_type: str
    width: int = 0
    height: int = 0
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, film or sound that goes with the text: its `kind` is picture, video or audio, `seconds` how long it
    lasts. `created` is when the house had it ready."""

    urn: str
    title: str = ""
    alt: str = ""
    credit: str = ""
    digital_source: str = ""
    renditions: tuple[Rendition, ...] = ()
    created: datetime | None = None
    kind: str = "picture"
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Link:
    """Another item, named by its URN, and what it is to this one."""

    relation: Relation
    urn: str
    title: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class WireItem:
    """One version of one text as clients get it.

    `urn` names the text for good and `version` counts its versions from 1; `version_urn` names this version alone.
    `body_html` is well-formed HTML of the house's structured body and `paragraphs` the same without markup.
    `urgency` is 1 (flash) to 9. `digital_source` is an IPTC digital source type, empty when people wrote the text.
    `terms` is what its restrictions were understood to mean.
    `sequence` is the number in the receiving client's stream, 0 before it has one.
    """

    urn: str
    version: int
    version_urn: str
    story_urn: str
    language: str
    headline: str
    created: datetime
    version_created: datetime
    status: PubStatus = PubStatus.USABLE
    slugline: str = ""
    standfirst: str = ""
    paragraphs: tuple[str, ...] = ()
    body_html: str = ""
    byline: str = ""
    dateline: str = ""
    topics: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    urgency: int = 4
    editor_note: str = ""
    correction: str = ""
    embargoed_until: datetime | None = None
    provider: str = ""
    credit: str = ""
    copyright_holder: str = ""
    copyright_notice: str = ""
    usage_terms: str = ""
    digital_source: str = ""
    web_address: str = ""
    pictures: tuple[Picture, ...] = ()
    links: tuple[Link, ...] = ()
    terms: tuple[Terms, ...] = ()
    sequence: int = 0

    @property
    def is_notice(self) -> bool:
        """Whether it only says what became of the text, as a cancel and a hold do, and carries no content."""
        return self.status is not PubStatus.USABLE

    def is_embargoed(self, at: datetime) -> bool:
        """Whether it may not be published yet at that moment."""
        return self.embargoed_until is not None and self.embargoed_until > at

    @property
    def canceled(self) -> bool:
        return self.status is PubStatus.CANCELED

    @property
    def right_to_left(self) -> bool:
        """Whether the language, in the script its tag names or implies, runs from right to left."""
        tag = self.language.casefold()
        return "-arab" in tag or (tag.split("-")[0] in {"ar", "fa", "he", "ur"} and "-latn" not in tag)

    @property
    def packages(self) -> tuple[Link, ...]:
        """What the text leads as a package, in order."""
        return tuple(link for link in self.links if link.relation is Relation.PACKAGES)

    def numbered(self, sequence: int) -> WireItem:
        """The same item as number `sequence` of a client's stream."""
        return replace(self, sequence=sequence)

    def without_pictures(self, withheld: Collection[str]) -> WireItem:
        """The same item without the pictures of these URNs."""
        if not withheld:
            return self
        return replace(self, pictures=tuple(picture for picture in self.pictures if picture.urn not in withheld))

    def addressed(self, address: Callable[[str], str]) -> WireItem:
        """The same item with the address of every file changed."""
        if not self.pictures:
            return self
        pictures = tuple(
            replace(each, renditions=tuple(replace(file, href=address(file.href)) for file in each.renditions))
            for each in self.pictures
        )
        return replace(self, pictures=pictures)

    def note(self) -> str:
        """What the receiving editors should read: the correction, then the editor's note."""
        return "\n".join(part for part in (self.correction, self.editor_note) if part)


def to_json(item: WireItem) -> dict[str, Any]:
    """The item as plain JSON, times in ISO 8601; `from_json` reads it back to an equal item."""
    data = asdict(item)
    for name in _TIMES:
        data[name] = data[name].isoformat() if data[name] else None
    data["pictures"] = [
        {**row, "renditions": list(row["renditions"]), "created": row["created"] and row["created"].isoformat()}
        for row in data["pictures"]
    ]
    data["terms"] = [terms.to_json() for terms in item.terms]
    for name in ("paragraphs", "topics", "keywords", "links"):
        data[name] = list(data[name])
    return data


def from_json(data: Mapping[str, Any]) -> WireItem:
    """The item `to_json` wrote. Fields this version does not know are left out.

    Raises KeyError, TypeError or ValueError when what is needed is absent or of another kind.
    """
    known = {field.name for field in fields(WireItem)}
    values = {name: value for name, value in data.items() if name in known}
    for name in _TIMES:
        values[name] = datetime.fromisoformat(values[name]) if values.get(name) else None
    values["status"] = PubStatus(values.get("status", PubStatus.USABLE))
    for name in ("paragraphs", "topics", "keywords"):
        values[name] = tuple(values.get(name, ()))
    values["pictures"] = tuple(_picture(row) for row in values.get("pictures", ()))
    values["terms"] = tuple(Terms.from_json(row) for row in values.get("terms", ()))
    values["links"] = tuple(Link(**{**row, "relation": Relation(row["relation"])}) for row in values.get("links", ()))
    return WireItem(**values)


def _picture(row: Mapping[str, Any]) -> Picture:
    created = row.get("created")
    files = tuple(Rendition(**file) for file in row.get("renditions", ()))
    return Picture(**{**row, "renditions": files, "created": datetime.fromisoformat(created) if created else None})


def clean(text: str) -> str:
    """The text without the characters XML cannot carry."""
    return _UNPRINTABLE.sub("", text)
