"""What all NewsML-G2 items have in common: names, item and content metadata, rights, codes and their catalog."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from keshen.newsroom.readers import rightsml
from keshen.newsroom.readers.incoming import Kind, Link, Status
from keshen.newsroom.readers.marked import marked
from keshen.newsroom.readers.moments import moment
from keshen.newsroom.readers.restrictions import stated_in
from keshen.newsroom.readers.subjects import topics
from keshen.newsroom.readers.xmltree import Element, line, lines, words

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
MEDIA_CLASSES: Mapping[str, Kind] = {
    "text": Kind.TEXT,
    "picture": Kind.PICTURE,
    "photo": Kind.PICTURE,
    "graphic": Kind.GRAPHIC,
    "animated": Kind.GRAPHIC,
    "video": Kind.VIDEO,
    "audio": Kind.AUDIO,
    "composite": Kind.PACKAGE,
}
SCRIPTS = frozenset({"dopesheet", "shotlist", "script"})
"""Roles of descriptions that are long, of a film."""
MEDIA_TYPES: Mapping[str, Kind] = {"image": Kind.PICTURE, "video": Kind.VIDEO, "audio": Kind.AUDIO}
"""By the first part of a content type."""


@dataclass(frozen=True)
class Codes:
    """The schemes of an item's own catalog, by alias. The remote ones are IPTC's, whose aliases are known."""

    schemes: Mapping[str, str]

    def uri(self, element: Element) -> str:
        """What an element names: its `uri`, else its `qcode` with the scheme written out where the catalog has it."""
        if uri := element.get("uri"):
            return uri
        code = element.get("qcode") or ""
        alias, colon, value = code.partition(":")
        return self.schemes[alias] + value if colon and alias in self.schemes else code

    def code(self, element: Element | None) -> str:
        """The last part alone: `usable` of `stat:usable` or of the whole address."""
        if element is None:
            return ""
        return self.uri(element).rstrip("/").replace(":", "/").rpartition("/")[2] or element.get("literal") or ""


def codes_of(item: Element) -> Codes:
    """The item's catalog, with those of the message around it."""
    schemes: dict[str, str] = {}
    around = [item, *item.iterancestors()]
    for element in reversed(around):
        for scheme in (*element.iterfind("./catalog/scheme"), *element.iterfind("./header/catalog/scheme")):
            if alias := scheme.get("alias"):
                schemes[alias] = scheme.get("uri") or ""
    return Codes(schemes)


def named(element: Element | None) -> str:
    """What people call what an element names: its name, else its literal or code."""
    if element is None:
        return ""
    name = line(element, "./name")
    return name or element.get("literal") or (element.get("qcode") or "").rpartition(":")[2] or element.get("uri") or ""


def metadata(item: Element, codes: Codes) -> dict[str, Any]:
    """The fields of `Incoming` that every item has."""
    about, content = item.find("./itemMeta"), item.find("./contentMeta")
    status, warnings = _status(about, codes)
    notes = list(dict.fromkeys((*lines(about, "./edNote"), *lines(content, "./edNote"))))
    embargo, embargoed = _embargo(about)
    stated = [wording for note in notes for wording in stated_in(note)]
    return {
        "status": status,
        "identifiers": tuple(_identifiers(item, content)),
        "version": item.get("version") or "",
        "signals": tuple(code for signal in _all(about, "./signal") if (code := codes.code(signal))),
        "language": _language(item, content),
        "headline": _headline(about, content),
        "standfirst": _description(content, codes),
        "byline": "; ".join(dict.fromkeys(lines(content, "./by"))) or _creators(content),
        "dateline": line(content, "./dateline"),
        "slugline": line(content, "./slugline"),
        "source": _source(about, content),
        "date": moment(line(about, "./versionCreated")),
        "created": moment(line(about, "./firstCreated")) or moment(line(content, "./contentCreated")),
        "urgency": _number(line(content, "./urgency")),
        "topics": topics(codes.uri(subject) for subject in _all(content, "./subject")),
        "keywords": tuple(dict.fromkeys(lines(content, "./keyword"))),
        "places": tuple(dict.fromkeys(name for place in _all(content, "./located") if (name := named(place)))),
        "genre": next((name for genre in _all(content, "./genre") if (name := named(genre))), ""),
        "ednote": "\n".join(notes),
        "credit": line(content, "./creditline"),
        "copyright_holder": named(item.find("./rightsInfo/copyrightHolder")),
        "copyright_notice": line(item, "./rightsInfo/copyrightNotice"),
        "digital_source": codes.code(content.find("./digitalSourceType")) if content is not None else "",
        "restrictions": tuple(dict.fromkeys((*_restrictions(item, content), *embargoed, *stated))),
        "embargo": embargo,
        "warnings": tuple(warnings),
    }


def _all(parent: Element | None, path: str) -> Iterator[Element]:
    if parent is not None:
        yield from parent.iterfind(path)


def _status(about: Element | None, codes: Codes) -> tuple[Status, list[str]]:
    said = codes.code(about.find("./pubStatus") if about is not None else None).lower() or "usable"
    if said not in tuple(Status):
        return Status.WITHHELD, [marked(said, known=False)]
    status = Status(said)
    return status, [] if status is Status.USABLE else [marked(said)]


def _identifiers(item: Element, content: Element | None) -> Iterator[str]:
    yield from dict.fromkeys(value for value in ((item.get("guid") or "").strip(), *lines(content, "./altId")) if value)


def _language(item: Element, content: Element | None) -> str:
    tag = content.find("./language") if content is not None else None
    return (tag.get("tag") if tag is not None else "") or item.get(LANG) or ""


def _headline(about: Element | None, content: Element | None) -> str:
    """The headline proper rather than one with another role (`hldrole:sub`)."""
    found = [element for element in _all(content, "./headline") if words(element)]
    main = [element for element in found if not element.get("role") or "main" in (element.get("role") or "")]
    return next((words(element) for element in (*main, *found)), "") or line(about, "./title")


def _description(content: Element | None, codes: Codes) -> str:
    found = [element for element in _all(content, "./description") if words(element)]
    roles = {element: (element.get("role") or "").rpartition(":")[2] for element in found}
    summary = [element for element in found if roles[element] in ("", "summary", "caption")]
    return words(summary[0]) if summary else next((words(each) for each in found if roles[each] not in SCRIPTS), "")


def scripts(item: Element) -> list[str]:
    """The lines of dopesheet and shotlist, which are what a film has for a text."""
    kept: list[str] = []
    for element in item.iterfind("./contentMeta/description"):
        if (element.get("role") or "").rpartition(":")[2] in SCRIPTS:
            pieces = [element.text, *(child.tail for child in element)]
            kept += [text for piece in pieces if (text := " ".join((piece or "").split()))]
    return kept


def _creators(content: Element | None) -> str:
    return ", ".join(dict.fromkeys(name for creator in _all(content, "./creator") if (name := named(creator))))


def _source(about: Element | None, content: Element | None) -> str:
    sources = [name for source in _all(content, "./infoSource") if (name := named(source))]
    provider = named(about.find("./provider")) if about is not None else ""
    return provider or (sources[0] if sources else "")


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and 1 <= int(value) <= 9 else 0


def _embargo(about: Element | None) -> tuple[datetime | None, tuple[str, ...]]:
    """The embargo; one without a time is a restriction that a person must look at (specification, "embargoed")."""
    element = about.find("./embargoed") if about is not None else None
    if element is None:
        return None, ()
    until = moment(words(element))
    return until, () if until else (f"Embargoed {words(element)}".strip(),)


def _restrictions(item: Element, content: Element | None) -> tuple[str, ...]:
    """Terms in words, and what an encoded policy says beyond them."""
    stated: list[str] = []
    policies: list[str] = []
    for rights in item.iterfind("./rightsInfo"):
        stated += lines(rights, "./usageTerms")
        for encoded in rights.iterfind("./rightsExpressionXML"):
            policies += rightsml.in_xml(encoded)
        for encoded in rights.iterfind("./rightsExpressionData"):
            policies += rightsml.in_json("".join(str(text) for text in encoded.itertext()))
    found = rightsml.beside(stated, policies)
    return (*found, *(f"Not for {name}" for audience in _all(content, "./exclAudience") if (name := named(audience))))


def links(item: Element, codes: Codes) -> tuple[Link, ...]:
    """Other items that the item names, by the IPTC relation; files of media are not among them."""
    found: list[Link] = []
    for element in (*item.iterfind("./itemMeta/link"), *item.iterfind("./link")):
        if content_kind(element.get("contenttype") or "") is None:
            relation = (element.get("rel") or "irel:seeAlso").rpartition(":")[2]
            target = element.get("residref") or element.get("href") or ""
            if target:
                found.append(Link(relation, target, line(element, "./title")))
    origins = ((codes.uri(element), element) for element in item.iterfind("./derivedFrom"))
    found += [Link("derivedFrom", target, named(element)) for target, element in origins if target]
    return tuple(dict.fromkeys(found))


def content_kind(content_type: str) -> Kind | None:
    """What a content type holds when it is a medium."""
    return MEDIA_TYPES.get(content_type.partition("/")[0].strip().lower())
