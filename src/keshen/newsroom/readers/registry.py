"""The formats the house reads: each is one module with a `read` and one line here.

A format is recognised by what a file begins with where that is sure, else by the file's ending, else it is plain text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePath

from keshen.newsroom.readers import (
    anpa1312,
    feed,
    icalendar,
    iptc7901,
    jsonfeed,
    mediafile,
    newsml1,
    newsml_g2,
    ninjs,
    nitf,
    page,
    plain,
    wxr,
)
from keshen.newsroom.readers.incoming import Incoming, Unreadable

type Reader = Callable[[bytes], Sequence[Incoming | Unreadable]]

_ROOT = re.compile(
    r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>\s*)*<(?:[\w.-]+:)?([A-Za-z][\w.-]*)",
    re.DOTALL | re.IGNORECASE,
)


@dataclass(frozen=True)
class Head:
    """The first bytes of a file, and its root element where they are XML."""

    data: bytes

    @cached_property
    def text(self) -> str:
        """The bytes as characters; zero bytes, which UTF-16 has, are left out."""
        return self.data.replace(b"\x00", b"").decode("latin-1").removeprefix("ï»¿").lstrip("þÿ")

    @cached_property
    def root(self) -> str:
        found = _ROOT.match(self.text)
        return found[1] if found else ""


@dataclass(frozen=True)
class Format:
    """One format: its short name, what people call it, its reader, and what it is recognised by.

    `roots` are XML root elements, `begins` a pattern the text begins with, `has` one that must stand in its head too;
    `magic` is the same of bytes that are no text, which `read_path` reads from where they lie; `endings` of file names
    count where nothing else is sure.
    """

    name: str
    label: str
    read: Reader
    endings: tuple[str, ...] = ()
    roots: frozenset[str] = field(default_factory=frozenset)
    begins: re.Pattern[str] | None = None
    has: re.Pattern[str] | None = None
    magic: re.Pattern[bytes] | None = None
    read_path: Callable[[Path], Sequence[Incoming | Unreadable]] | None = None

    @property
    def binary(self) -> bool:
        """Whether it is no text, so that no limit and no encoding of texts applies."""
        return self.magic is not None

    def recognises(self, head: Head) -> bool:
        if self.magic is not None:
            return self.magic.match(head.data) is not None
        sure = head.root in self.roots or (self.begins is not None and self.begins.match(head.text) is not None)
        return sure and (self.has is None or self.has.search(head.text) is not None)


_JSON = re.compile(r"\s*[\[{]\s*[\"\[{\]}]")

FORMATS: tuple[Format, ...] = (
    Format(
        "media",
        "pictures, sound and video with IPTC, XMP and EXIF",
        mediafile.read,
        mediafile.ENDINGS,
        magic=mediafile.MAGIC,
        read_path=mediafile.read_path,
    ),
    Format("newsml-g2", "NewsML-G2 and EventsML-G2", newsml_g2.read, roots=newsml_g2.ROOTS),
    Format("nitf", "NITF", nitf.read, (".nitf",), roots=nitf.ROOTS),
    Format("newsml-1", "NewsML 1.0 to 1.2", newsml1.read, roots=newsml1.ROOTS),
    Format("json-feed", "JSON Feed", jsonfeed.read, begins=_JSON, has=jsonfeed.MARK),
    Format("ninjs", "ninjs 1.x to 3.x", ninjs.read, (".json", ".ninjs"), begins=_JSON),
    Format("wxr", "WordPress export", wxr.read, (".wxr",), roots=frozenset({"rss"}), has=wxr.MARK),
    Format("feed", "RSS and Atom", feed.read, (".rss", ".atom", ".xml"), roots=feed.ROOTS),
    Format("icalendar", "iCalendar", icalendar.read, (".ics", ".ical"), begins=icalendar.BEGINS),
    Format("anpa1312", "ANPA 1312", anpa1312.read, (".anpa",), begins=anpa1312.BEGINS),
    Format("iptc7901", "IPTC 7901", iptc7901.read, (".iptc", ".7901"), begins=iptc7901.BEGINS),
    Format(
        "html",
        "HTML",
        page.read_html,
        (".html", ".htm", ".xhtml"),
        roots=frozenset({"html", "HTML", "head", "body", "article"}),
        begins=re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<!DOCTYPE\s+html", re.IGNORECASE),
    ),
    Format("markdown", "Markdown", page.read_markdown, (".md", ".markdown")),
    Format("text", "plain text", plain.read, (".txt",)),
)
"""In the order in which they are tried: the particular before the general."""

_BY_ENDING = {ending: entry for entry in FORMATS for ending in entry.endings}
_PLAIN = next(entry for entry in FORMATS if entry.name == "text")
_HEAD = 8192


def format_of(data: bytes, filename: str) -> Format:
    """What format these bytes are in."""
    head = Head(data[:_HEAD])
    for entry in FORMATS:
        if entry.recognises(head):
            return entry
    return _BY_ENDING.get(PurePath(filename).suffix.lower(), _PLAIN)
