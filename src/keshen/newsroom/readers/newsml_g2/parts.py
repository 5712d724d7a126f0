"""What all NewsML-G2 items have in common: names, item and content metadata, rights, codes and their catalog."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from keshen.newsroom.readers import rightsml
from keshen.newsroom.readers.incoming import Contributor, Kind, Link, Status, Subject
from keshen.newsroom.readers.marked import marked, outdated
from keshen.newsroom.readers.moments import moment
from keshen.newsroom.readers.restrictions import stated_in
from keshen.newsroom.readers.subjects import topic, topics
from keshen.newsroom.readers.xmltree import Element, line, lines, local, words

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
KEYS = ("qcode", "uri", "literal")
"""What an element may name a concept by."""
GEOGRAPHY = frozenset({"geoArea", "poi"})
NATURES = frozenset({"abstract", "event", "object", "organisation", "person", *GEOGRAPHY})
"""Natures of concepts (`http://cv.iptc.org/newscodes/cpnature/`), and which of them are places."""
ADDRESS = ("line", "locality", "area", "country")
"""The parts of an address, from the narrowest (`AddressType` of the schema)."""
MEDIA_TYPES: Mapping[str, Kind] = {"image": Kind.PICTURE, "video": Kind.VIDEO, "audio": Kind.AUDIO}
"""By the first part of a content type."""
type Test = Callable[[Element], bool]


@dataclass(frozen=True)
class Codes:
    """What an item says of the codes in it: the schemes of its own catalog by alias, and names by code.

    The remote catalogs are IPTC's, whose aliases are known. Names stand in `assert` elements, once for all places
    where the code is used (NewsML-G2 Implementation Guide, "assert"). `language` is the item's: of names in several
    languages that one is taken.
    """

    schemes: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)
    natures: Mapping[str, str] = field(default_factory=dict)
    language: str = ""

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

    def name(self, element: Element) -> str:
        """The name of what an element names: its own, else the one asserted; nothing where there is none."""
        said = next((name for key in KEYS if (name := self.names.get(element.get(key) or ""))), "")
        return in_language(element, "./name", self.language) or said

    def nature(self, element: Element) -> str:
        """What a concept is by its type, else by IPTC's nature that is asserted of it; nothing where none is."""
        asserted = next((nature for key in KEYS if (nature := self.natures.get(element.get(key) or ""))), "")
        return last(element.get("type") or element.get("typeuri")) or asserted

    def named(self, element: Element | None) -> str:
        """What people call what an element names: its name, else its literal or code."""
        return "" if element is None else self.name(element) or named(element)

    def called(self, element: Element | None) -> str:
        """As `named`; but an address is no name."""
        name = self.named(element)
        return "" if element is not None and name == element.get("uri") else name


def codes_of(item: Element) -> Codes:
    """The item's catalog, with those of the message around it."""
    schemes: dict[str, str] = {}
    language = language_of(item)
    around = [item, *item.iterancestors()]
    for element in reversed(around):
        for scheme in (*element.iterfind("./catalog/scheme"), *element.iterfind("./header/catalog/scheme")):
            if alias := scheme.get("alias"):
                schemes[alias] = scheme.get("uri") or ""
    bare = Codes(schemes)
    names: dict[str, str] = {}
    natures: dict[str, str] = {}
    for asserted in item.iterfind("./assert"):
        keys = [value for key in KEYS if (value := asserted.get(key))]
        if name := in_language(asserted, "./name", language) or address(asserted):
            names |= dict.fromkeys(keys, name)
        if nature := next((code for code in map(bare.code, asserted.iterfind("./type")) if code in NATURES), ""):
            natures |= dict.fromkeys(keys, nature)
    return Codes(schemes, names, natures, language)


def address(element: Element) -> str:
    """Where a point of interest is, in one line; nothing where no address is given."""
    parts = [part for name in ADDRESS for part in element.iterfind(f"./POIDetails/address/{name}")]
    return ", ".join(dict.fromkeys(text for part in parts if (text := line(part, "./name") or words(part))))


def in_language(parent: Element | None, path: str, language: str, proper: Test | None = None) -> str:
    """The text at `path`, `chosen` among those there are."""
    return chosen(_all(parent, path), language, proper)


def chosen(elements: Iterable[Element], language: str, proper: Test | None = None) -> str:
    """The text of the first that is `proper` and in `language`, else of the first that comes near.

    What says no language of its own is in the item's.
    """

    def far(element: Element) -> tuple[bool, bool, bool]:
        said = (element.get(LANG) or language).lower()
        alike = said.split("-")[0] == language.lower().split("-")[0]
        return (not (proper is None or proper(element)), not alike, said != language.lower())

    found = [(element, text) for element in elements if (text := words(element))]
    if len(found) < 2:
        return found[0][1] if found else ""
    return min(found, key=lambda each: far(each[0]))[1]


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
    title = in_language(about, "./title", codes.language)
    headline = _headline(content, codes.language) or title
    slugline = in_language(content, "./slugline", codes.language)
    return {
        "status": status,
        "identifiers": tuple(_identifiers(item, content)),
        "version": item.get("version") or "",
        "signals": tuple(code for signal in _all(about, "./signal") if (code := codes.code(signal))),
        "language": codes.language,
        "headline": headline,
        "title": title if title not in (headline, slugline) else "",
        "standfirst": _description(content, codes.language),
        "byline": _by(content, codes.language) or _creators(content, codes),
        "dateline": in_language(content, "./dateline", codes.language),
        "slugline": slugline,
        "services": tuple(dict.fromkeys(name for each in _all(about, "./service") if (name := codes.called(each)))),
        "contributors": tuple(dict.fromkeys((*_contributors(content, codes), *_hops(item, codes)))),
        "source": _source(about, content, codes),
        "date": moment(line(about, "./versionCreated")),
        "created": moment(line(about, "./firstCreated")) or moment(line(content, "./contentCreated")),
        "urgency": _number(line(content, "./urgency")),
        "topics": topics(codes.uri(subject) for subject, _whole in subjects(content)),
        "keywords": tuple(dict.fromkeys(lines(content, "./keyword"))),
        "places": tuple(dict.fromkeys(filter(None, places(content, codes)))),
        "about": tuple(dict.fromkeys(about_of(content, codes))),
        "genre": next((name for genre in _all(content, "./genre") if (name := codes.named(genre))), ""),
        "ednote": "\n".join(notes),
        "credit": in_language(content, "./creditline", codes.language),
        "copyright_holder": codes.named(item.find("./rightsInfo/copyrightHolder")),
        "copyright_notice": in_language(item, "./rightsInfo/copyrightNotice", codes.language),
        "digital_source": codes.code(content.find("./digitalSourceType")) if content is not None else "",
        "restrictions": tuple(dict.fromkeys((*_restrictions(item, content, codes), *embargoed, *stated))),
        "embargo": embargo,
        "warnings": (*warnings, *outdated(line(about, "./expires"))),
    }


def last(code: str | None) -> str:
    """The last part of a code or an address: `gender` of `aspfacet:gender`."""
    return (code or "").rstrip("/").replace(":", "/").rpartition("/")[2]


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


def language_of(item: Element) -> str:
    """The language of the content, else of the item, else of its headline or title."""
    content = item.find("./contentMeta")
    tag = content.find("./language") if content is not None else None
    named = ("./contentMeta/headline", "./itemMeta/title")
    around = (element.get(LANG) for path in named for element in item.iterfind(path) if words(element))
    return (tag.get("tag") if tag is not None else "") or item.get(LANG) or next(filter(None, around), "")


def _headline(content: Element | None, language: str) -> str:
    """The headline proper rather than one with another role (`hldrole:sub`)."""
    return in_language(content, "./headline", language, lambda element: last(element.get("role")) in ("", "main"))


def _description(content: Element | None, language: str) -> str:
    """The description that a text stands under, rather than one with another role; never a script."""
    short = [each for each in _all(content, "./description") if last(each.get("role")) not in SCRIPTS]
    return chosen(short, language, lambda element: last(element.get("role")) in ("", "summary", "caption"))


def scripts(item: Element) -> list[str]:
    """The lines of dopesheet and shotlist, which are what a film has for a text."""
    kept: list[str] = []
    for element in item.iterfind("./contentMeta/description"):
        if (element.get("role") or "").rpartition(":")[2] in SCRIPTS:
            pieces = [element.text, *(child.tail for child in element)]
            kept += [text for piece in pieces if (text := " ".join((piece or "").split()))]
    return kept


def subjects(content: Element | None) -> Iterator[tuple[Element, Element]]:
    """What it is about, each with the `subject` it stands in.

    A faceted subject is its main concept with the facets beside it (since 2.26).
    """
    for subject in _all(content, "./subject"):
        parts = (*subject.iterfind("./mainConcept"), *subject.iterfind("./facetConcept"))
        yield from ((each, subject) for each in (subject, *parts))


def about_of(content: Element | None, codes: Codes) -> Iterator[Subject]:
    """The subjects that are no media topics: people, organisations, events, and what is of the sender's own schemes."""
    for element, subject in subjects(content):
        identifier, name = codes.uri(element), codes.name(element) or element.get("literal") or ""
        if (identifier or name) and not topic(identifier):
            nature = codes.nature(element) or codes.nature(subject)
            facet = element.get("rel") or element.get("reluri") if local(element) == "facetConcept" else None
            yield Subject(
                name=name,
                identifier=identifier,
                type=nature if facet is None else "",
                relation=last(facet),
                relevance=_percent(element.get("relevance")),
                confidence=_percent(element.get("confidence")),
                said_by=last(element.get("creator") or element.get("creatoruri")),
            )


def _percent(value: str | None) -> int:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 4 and int(value) <= 100 else 0


def places(content: Element | None, codes: Codes) -> Iterator[str]:
    """Where it was made, and then the places it is about; each before the wider ones that it is said to be in."""
    for element in (*_all(content, "./located"), *_all(content, "./subject")):
        if local(element) == "located" or codes.nature(element) in GEOGRAPHY:
            yield codes.called(element)
            yield from (codes.name(wider) for wider in element.iterfind(".//broader"))


def _contributors(content: Element | None, codes: Codes) -> Iterator[Contributor]:
    for each in _all(content, "./contributor"):
        if name := codes.called(each):
            yield Contributor(name, last(each.get("role") or each.get("roleuri") or each.get("jobtitle")))


def _hops(item: Element, codes: Codes) -> Iterator[Contributor]:
    """Those through whose hands it went, in order, with what they did to what: "created content"."""
    for hop in sorted(item.iterfind("./hopHistory/hop"), key=lambda hop: _order(hop.get("seq"))):
        if name := codes.called(hop.find("./party")):
            done = (f"{last(codes.code(each))} {last(each.get('target'))}".strip() for each in hop.iterfind("./action"))
            yield Contributor(name, ", ".join(done))


def _order(number: str | None) -> int:
    return int(number) if number and number.isascii() and number.isdigit() and len(number) < 9 else 0


def _by(content: Element | None, language: str) -> str:
    """The bylines in the item's language, of which there may be several; else the first there is."""
    bylines = list(_all(content, "./by"))
    own = [words(each) for each in bylines if (each.get(LANG) or language).split("-")[0] == language.split("-")[0]]
    return "; ".join(dict.fromkeys(filter(None, own))) or chosen(bylines, language)


def _creators(content: Element | None, codes: Codes) -> str:
    return ", ".join(dict.fromkeys(name for creator in _all(content, "./creator") if (name := codes.called(creator))))


def _source(about: Element | None, content: Element | None, codes: Codes) -> str:
    """Who provides it; where that is an address without a name, who the information is from, if that has one."""
    provider = about.find("./provider") if about is not None else None
    called = (codes.called(each) for each in (provider, *_all(content, "./infoSource")))
    return next((name for name in called if name), "") or codes.named(provider)


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and 1 <= int(value) <= 9 else 0


def _embargo(about: Element | None) -> tuple[datetime | None, tuple[str, ...]]:
    """The embargo; one without a time is a restriction that a person must look at (specification, "embargoed")."""
    element = about.find("./embargoed") if about is not None else None
    if element is None:
        return None, ()
    until = moment(words(element))
    return until, () if until else (f"Embargoed {words(element)}".strip(),)


def _restrictions(item: Element, content: Element | None, codes: Codes) -> tuple[str, ...]:
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
    excluded = (codes.named(audience) for audience in _all(content, "./exclAudience"))
    return (*found, *(f"Not for {name}" for name in excluded if name))


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
