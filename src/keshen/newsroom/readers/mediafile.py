"""Pictures, sounds and films: what they say of themselves, by the table of the IPTC Photo Metadata Standard.

XMP is asked first, then IIM, then EXIF, as the Metadata Working Group advises; where they disagree, that is said.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from keshen.house.phrases import phrase, sentence
from keshen.media import metadata
from keshen.media.metadata import Embedded
from keshen.media.probe import Unreadable as NotMedia
from keshen.newsroom.body import document, paragraph
from keshen.newsroom.readers.encoding import decode
from keshen.newsroom.readers.incoming import Incoming, Kind, MediaReference, Rendition, Unreadable
from keshen.newsroom.readers.moments import moment
from keshen.newsroom.readers.subjects import topics

MAGIC = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n|GIF8[79]a|II\*\x00|MM\x00\*|RIFF....(?:WEBP|WAVE|AVI )|FORM....AIF|OggS|fLaC|ID3"
    rb"|\xff[\xfb\xf3\xf2]|....ftyp|\x1aE\xdf\xa3|\x06\x0e\x2b\x34|FLV\x01|G.{187}G.{187}G|\x00\x00\x01\xba",
    re.DOTALL,
)
ENDINGS = (
    *(".jpg", ".jpeg", ".png", ".gif", ".webp", ".tif", ".tiff", ".avif"),
    *(".mp3", ".m4a", ".wav", ".ogg", ".oga", ".flac", ".aac", ".aif", ".aiff"),
    *(".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".mxf", ".ts", ".mpg", ".mpeg"),
)
_UTF8 = "\x1b%G"
_EXIF_TIME = re.compile(r"(\d{4}):(\d{2}):(\d{2})[ T](\d{2}:\d{2}:\d{2})")
_HEADLINE = 160


@dataclass(frozen=True)
class Source:
    """Where a field stands in each standard."""

    xmp: tuple[str, ...] = ()
    iim: str = ""
    exif: str = ""
    tags: tuple[str, ...] = ()


FIELDS: Mapping[str, Source] = {
    "headline": Source(("photoshop:Headline",), "2:105"),
    "title": Source(("dc:title", "xmpDM:shotName"), "2:005", tags=("title",)),
    "caption": Source(
        ("dc:description",), "2:120", "ImageDescription", ("description", "synopsis", "comment", "subtitle")
    ),
    "alt": Source(("Iptc4xmpCore:AltTextAccessibility",)),
    "byline": Source(("dc:creator",), "2:080", "Artist", ("artist", "author", "originator", "album_artist")),
    "credit": Source(("photoshop:Credit",), "2:110"),
    "source": Source(("photoshop:Source",), "2:115", tags=("publisher", "organization")),
    "copyright": Source(("dc:rights",), "2:116", "Copyright", ("copyright",)),
    "holder": Source(("plus:CopyrightOwner/plus:CopyrightOwnerName",)),
    "instructions": Source(("photoshop:Instructions",), "2:040"),
    "usage": Source(("xmpRights:UsageTerms",), tags=("usage terms",)),
    "city": Source(("photoshop:City", "Iptc4xmpExt:LocationCreated/Iptc4xmpExt:City"), "2:090"),
    "state": Source(("photoshop:State",), "2:095"),
    "country": Source(("photoshop:Country", "Iptc4xmpExt:LocationCreated/Iptc4xmpExt:CountryName"), "2:101"),
    "created": Source(("photoshop:DateCreated", "xmp:CreateDate"), tags=("creation_time", "date", "origination_date")),
    "modified": Source(("xmp:MetadataDate", "xmp:ModifyDate")),
    "urgency": Source(("photoshop:Urgency",), "2:010"),
    "genre": Source(("Iptc4xmpCore:IntellectualGenre",), tags=("genre",)),
    "language": Source(("dc:language",), "2:135", tags=("language",)),
    "guid": Source(("Iptc4xmpExt:DigImageGUID",), "1:100"),
    "document": Source(("xmpMM:DocumentID",)),
    "reference": Source(("photoshop:TransmissionReference",), "2:103"),
    "digital_source": Source(("Iptc4xmpExt:DigitalSourceType",)),
    "slugline": Source((), "2:022"),
    "mining": Source(("plus:DataMining",)),
}


def read(data: bytes) -> list[Incoming | Unreadable]:
    """The one picture, sound or film these bytes are. Raises Unreadable."""
    with tempfile.TemporaryDirectory(prefix="keshen-metadata-") as folder:
        path = Path(folder) / "source"
        path.write_bytes(data)
        return read_path(path)


def read_path(path: Path) -> list[Incoming | Unreadable]:
    """The one picture, sound or film a file is, without its bytes in memory. Raises Unreadable."""
    try:
        found = metadata.embedded(path)
    except NotMedia as refusal:
        said = str(refusal)
        raise Unreadable(
            said[:1].upper() + said[1:] + ".", phrase("Send it as JPEG, PNG, TIFF, WebP, MP3 or MP4.")
        ) from refusal
    return [_item(found, path.stat().st_size)]


class _Values:
    """Asks for fields by the table, and notes where the standards disagree."""

    def __init__(self, found: Embedded) -> None:
        self.found = found
        self.warnings: list[str] = []
        self._utf8 = any(value.startswith(_UTF8) for value in found.iim.get("1:090", ()))
        self._told = False

    def iim(self, name: str) -> list[str]:
        return [text for value in self.found.iim.get(name, ()) if (text := self._decoded(value))]

    def _decoded(self, value: str) -> str:
        raw = value.encode("latin-1")
        if self._utf8 or raw.isascii():
            return " ".join(raw.decode("utf-8", "replace").replace("\x00", "").split())
        try:
            decoded = decode(raw)
        except Unreadable:
            return " ".join(value.split())
        if decoded.warnings and not self._told:
            read_as = phrase(
                "Its IIM fields do not say their encoding; they were read as %(encoding)s.", encoding=decoded.encoding
            )
            self.warnings.append(sentence(read_as))
            self._told = True
        return " ".join(decoded.text.split())

    def xmp(self, names: Sequence[str]) -> list[str]:
        for name in names:
            values = self.found.xmp.get(name, ())
            if values:
                # of texts in several languages the default one, which most programs write alone
                default = [text for language, text in values if language in ("", "x-default")]
                return [" ".join(text.split()) for text in default or [text for _language, text in values]]
        return []

    def all(self, field: str) -> list[str]:
        source = FIELDS[field]
        exif = self.found.exif.get(source.exif, "") if source.exif else ""
        tags = (self.found.tags.get(name, "") for name in source.tags)
        lists = (self.xmp(source.xmp), self.iim(source.iim), [exif], list(tags))
        there = [kept for values in lists if (kept := [text for value in values if (text := " ".join(value.split()))])]
        if len(there) > 1 and self.xmp(source.xmp) and self.iim(source.iim) and not _alike(there[0], there[1]):
            disagree = phrase(
                "XMP and IIM disagree about its %(field)s: “%(other)s” is the other.",
                field=field,
                other=there[1][0][:60],
            )
            self.warnings.append(sentence(disagree))
        return there[0] if there else []

    def one(self, field: str) -> str:
        return next(iter(self.all(field)), "")


def _alike(one: list[str], other: list[str]) -> bool:
    """IIM fields are cut at their length, so that a beginning is the same."""
    return all(left.startswith(right) or right.startswith(left) for left, right in zip(one, other, strict=False))


def _item(found: Embedded, size: int) -> Incoming:
    values = _Values(found)
    headline, title, caption = values.one("headline"), values.one("title"), values.one("caption")
    instructions = values.one("instructions")
    created = moment(values.one("created")) or _iim_moment(values, "2:055", "2:060") or _exif_moment(found.exif)
    kind = Kind(found.kind)
    name = headline or title or _first_sentence(caption)
    if not name:
        values.warnings.append(sentence(phrase("It says nothing of itself: give it a caption.")))
    city, country = values.one("city"), values.one("country")
    restrictions = dict.fromkeys(
        (*values.all("usage"), *_instructions(instructions), *_expiry(values), *_mining(values))
    )
    keywords = values.xmp(("dc:subject",)) or values.iim("2:025")
    return Incoming(
        headline=name,
        standfirst=caption if caption != name else "",
        body=document([paragraph(caption)] if caption else []),
        format="media",
        kind=kind,
        identifiers=tuple(
            dict.fromkeys(filter(None, (values.one("guid"), values.one("document"), values.one("reference"))))
        ),
        language=values.one("language"),
        byline="; ".join(values.all("byline")),
        slugline=values.one("slugline") or (title if title != name else ""),
        source=values.one("source"),
        date=moment(values.one("modified")) or created,
        created=created,
        urgency=int(values.one("urgency")) if values.one("urgency") in "12345678" and values.one("urgency") else 0,
        topics=topics((*values.xmp(("Iptc4xmpCore:SubjectCode",)), *(code[:13] for code in values.iim("2:012")))),
        keywords=tuple(dict.fromkeys(keywords)),
        places=tuple(filter(None, (city, values.one("state"), country))),
        genre=values.one("genre"),
        ednote=instructions,
        credit=values.one("credit"),
        copyright_holder=values.one("holder"),
        copyright_notice=values.one("copyright"),
        digital_source=values.one("digital_source").rstrip("/").rpartition("/")[2],
        restrictions=tuple(restrictions),
        embargo=_iim_moment(values, "2:030", "2:035"),
        media=(
            MediaReference(
                href="",
                caption=caption,
                alt=values.one("alt"),
                kind=kind,
                renditions=(Rendition("", "", found.media_type, found.width, found.height, size, found.seconds),),
            ),
        ),
        warnings=tuple(dict.fromkeys(values.warnings)),
    )


def _instructions(text: str) -> tuple[str, ...]:
    """Special instructions are where agencies write restrictions: all of it is terms, unless it plainly is none."""
    return (
        (text,)
        if text and not re.match(r"(?:with|see also|for story|к тексту|к материалу)\b", text, re.IGNORECASE)
        else ()
    )


def _mining(values: _Values) -> tuple[str, ...]:
    """The PLUS vocabulary's word on data mining, which is no restriction on showing the picture."""
    said = values.one("mining").rpartition("/")[2]
    if said:
        values.warnings.append(sentence(phrase("Its owner says of data mining: %(said)s.", said=said)))
    return ()


def _first_sentence(text: str) -> str:
    sentence = re.split(r"(?<=[.!?…])\s", text, maxsplit=1)[0]
    return sentence if len(sentence) <= _HEADLINE else text[: _HEADLINE - 1].rsplit(" ", 1)[0] + "…"


def _iim_moment(values: _Values, day: str, time: str) -> datetime | None:
    days, times = values.iim(day), values.iim(time)
    if not days or not re.fullmatch(r"\d{8}", days[0]) or days[0] == "00000000":
        return None
    clock = times[0] if times and re.fullmatch(r"\d{6}(?:[+-]\d{4})?", times[0]) else "000000"
    return moment(f"{days[0]}T{clock}")


def _exif_moment(exif: Mapping[str, str]) -> datetime | None:
    found = _EXIF_TIME.fullmatch(exif.get("DateTimeOriginal") or exif.get("DateTime") or "")
    if found is None:
        return None
    return moment(f"{found[1]}-{found[2]}-{found[3]}T{found[4]}{exif.get('OffsetTimeOriginal', '')}")


def _expiry(values: _Values) -> tuple[str, ...]:
    until = _iim_moment(values, "2:037", "2:038")
    return (f"Use until {until.isoformat()}",) if until else ()
