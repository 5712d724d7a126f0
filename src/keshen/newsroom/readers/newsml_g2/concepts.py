"""Concept items (among them the events of EventsML-G2) and knowledge items, which are sets of concepts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self

from keshen.house.phrases import phrase, sentence
from keshen.newsroom.readers.incoming import Concept, Incoming, Kind, Link, Occasion, Unreadable
from keshen.newsroom.readers.moments import after, stated
from keshen.newsroom.readers.newsml_g2.parts import NATURES, Codes, address, codes_of, links, metadata
from keshen.newsroom.readers.newsml_g2.planning import coverages_of
from keshen.newsroom.readers.newsml_g2.profile import (
    affiliations,
    all_by_language,
    by_language,
    details_of,
    position,
    relation,
    scheme,
)
from keshen.newsroom.readers.xmltree import Element, line, lines, local, words

ROLES = "eprol:"
"""IPTC's alias of roles in events, which messages also name participants by."""
RELATIONS = frozenset({"broader", "narrower", "related", "sameAs", "bag", "hasInstrument", "isA"})


def concept_item(item: Element) -> Incoming:
    """A concept; one that is an event is read with its dates, place and planned coverage."""
    codes = codes_of(item)
    fields = metadata(item, codes)
    element = item.find("./concept")
    if element is None:
        raise Unreadable(
            phrase("The concept item %(name)s has no concept.", name=item.get("guid") or ""),
            phrase("Send it with its concept."),
        )
    concept = _concept(element, codes)
    name = _in(concept.names, fields["language"])
    if name and item.find("./contentMeta/headline") is None:
        fields["headline"], fields["title"] = name, fields["headline"] if fields["headline"] != name else ""
    fields["standfirst"] = fields["standfirst"] or _in(concept.definitions, fields["language"]).partition("\n")[0]
    details = element.find("./eventDetails")
    happens = details is not None or concept.type == "event"
    return Incoming(
        **fields,
        format="newsml-g2",
        kind=Kind.EVENT if happens else Kind.CONCEPT,
        occasion=concept.occasion or (Occasion() if happens else None),
        coverages=tuple(coverages_of(details, codes)) if details is not None else (),
        concepts=(replace(concept, occasion=None),),
        links=links(item, codes),
    )


def is_event(element: Element) -> bool:
    """Whether a listed concept is an event: in a list of events all are, elsewhere those with an event's details."""
    return local(element) == "event" or element.find("./eventDetails") is not None


@dataclass
class EventList:
    """What holds for all events that an item lists, and how often each name was met so far."""

    codes: Codes
    fields: Mapping[str, Any]
    met: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, item: Element) -> Self:
        codes = codes_of(item)
        return cls(codes, metadata(item, codes))

    def name(self, title: str) -> str:
        """An event's name by the list's and its own title, counted where several have the same.

        Not by its place, since that moves with every event that is put in before it.
        """
        self.met[title] += 1
        again = f"#{self.met[title]}" if title and self.met[title] > 1 else ""
        return f"{next(iter(self.fields['identifiers']), '')}#{title or self.met.total()}{again}"


def listed_event(element: Element, listed: EventList) -> Incoming:
    """An event that a news item lists as its content, or a knowledge item among its concepts. Raises Unreadable.

    The item's metadata are the list's. An event with a name of its own is known by it in any list, so that the list's
    version says nothing of it and its date decides; others are known by the list and what they are called.
    """
    fields, codes = listed.fields, listed.codes
    concept, details = _concept(element, codes), element.find("./eventDetails")
    title = _in(concept.names, fields["language"])
    name = concept.identifier or listed.name(title)
    if not title:
        raise Unreadable(phrase("The event %(name)s has no name.", name=name), phrase("Give each event a name."))
    own = {
        "identifiers": (name,),
        "version": "" if concept.identifier else fields["version"],
        "headline": title,
        "standfirst": _in(concept.definitions, fields["language"]).partition("\n")[0],
    }
    return Incoming(
        **{**fields, **own},
        format="newsml-g2",
        kind=Kind.EVENT,
        occasion=concept.occasion or Occasion(),
        coverages=tuple(coverages_of(details, codes)) if details is not None else (),
        concepts=(replace(concept, occasion=None),),
    )


def catalog_item(item: Element) -> Incoming:
    """A catalog: the schemes that a sender's codes are of."""
    codes = codes_of(item)
    fields = metadata(item, codes)
    catalogs = item.findall("./catalogContainer/catalog")
    schemes = tuple(scheme(element, codes) for catalog in catalogs for element in catalog.iterfind("./scheme"))
    if not schemes:
        raise Unreadable(
            phrase("The catalog %(name)s has no schemes.", name=item.get("guid") or ""),
            phrase("Send it with its schemes."),
        )
    if len(schemes) == 1:
        fields["headline"] = fields["headline"] or _in(schemes[0].names, fields["language"])
    described = (Link("additionalInfo", told) for catalog in catalogs if (told := catalog.get("additionalInfo")))
    return Incoming(
        **fields, format="newsml-g2", kind=Kind.KNOWLEDGE, concepts=schemes, links=(*links(item, codes), *described)
    )


def knowledge_item(item: Element) -> Incoming:
    """A set of concepts, without events, which are items of their own; one that names nothing is left out.

    The scheme whose concepts they are stands before them, where the item says what it is.
    """
    codes = codes_of(item)
    fields = metadata(item, codes)
    found = [_concept(element, codes) for element in item.iterfind("./conceptSet/concept") if not is_event(element)]
    kept = tuple(concept for concept in found if concept.identifier or concept.names)
    if len(kept) < len(found):
        said = phrase(
            "%(count)d concepts have neither identifier nor name; they were left out.", count=len(found) - len(kept)
        )
        fields["warnings"] = (*fields["warnings"], sentence(said))
    schemes = tuple(scheme(element, codes) for element in item.iterfind("./schemeMeta"))
    if schemes:
        fields["headline"] = fields["headline"] or _in(schemes[0].names, fields["language"])
        fields["standfirst"] = fields["standfirst"] or _in(schemes[0].definitions, fields["language"])
    if not kept and not schemes:
        raise Unreadable(
            phrase("The knowledge item %(name)s has no concepts.", name=item.get("guid") or ""),
            phrase("Send it with its concepts."),
        )
    return Incoming(
        **fields, format="newsml-g2", kind=Kind.KNOWLEDGE, concepts=(*schemes, *kept), links=links(item, codes)
    )


def _in(texts: Mapping[str, str], language: str) -> str:
    """A text in `language`, else in one near it (en-GB for en), else in the first language there is."""
    near = [text for tag, text in texts.items() if tag.split("-")[0] == language.split("-")[0]]
    return next(iter((*filter(None, [texts.get(language)]), *near, *texts.values())), "")


def _concept(element: Element, codes: Codes) -> Concept:
    identifier = element.find("./conceptId")
    details = element.find("./eventDetails")
    return Concept(
        identifier=codes.uri(identifier if identifier is not None else element) or element.get("literal") or "",
        type=_type(element, codes) or ("event" if details is not None else ""),
        names=by_language(element, "./name"),
        definitions=all_by_language(element, "./definition"),
        notes=all_by_language(element, "./note"),
        details=details_of(element, codes),
        relations=(*_relations(element, codes), *affiliations(element, codes)),
        occasion=_occasion(details, codes) if details is not None else None,
    )


def asserted(item: Element, codes: Codes) -> tuple[Concept, ...]:
    """The concepts of which an item tells more than their codes, each once for all places that name it."""
    told = (_concept(element, codes) for element in item.iterfind("./assert"))
    return tuple(
        concept for concept in told if concept.names or concept.definitions or concept.details or concept.relations
    )


def _type(element: Element, codes: Codes) -> str:
    """IPTC's nature of the concept, else the sender's own type by its name."""
    types = element.findall("./type")
    return next((code for code in map(codes.code, types) if code in NATURES), "") or next(map(codes.named, types), "")


def _relations(element: Element, codes: Codes) -> Iterator[Link]:
    for child in (*element, *element.iterfind("./organisationDetails/hasInstrument")):
        if local(child) in RELATIONS:
            target = codes.uri(child) or child.get("literal") or _instrument(child)
            if target or codes.named(child):
                yield Link(relation(child), target, codes.name(child))


def _instrument(element: Element) -> str:
    """A financial instrument by its symbol, after the market's where that is said (ISO 10383)."""
    market = (element.get("market") or "").rpartition(":")[2] or element.get("marketlabel") or ""
    return ":".join(filter(None, (market, element.get("symbol")))) if element.get("symbol") else ""


def _occasion(details: Element, codes: Codes) -> Occasion:
    """An event's details: they stand in `eventDetails`, in older messages in groups of their own."""
    confirmed = codes.code(details.find("./occurStatus"))
    starts = stated(line(details, "./dates/start"))
    return Occasion(
        starts=starts,
        ends=stated(line(details, "./dates/end")) or after(starts, line(details, "./dates/duration")),
        place=_all_named(details, "./location", codes),
        recurrence=_recurrence(details),
        status=confirmed,
        organiser=_all_named(details, "./organiser", codes),
        contact="; ".join(dict.fromkeys(_contacts(details))),
        participants=tuple(dict.fromkeys(_participants(details, codes))),
        position=next(filter(None, map(position, details.iterfind("./location/*"))), ""),
        admission="; ".join(dict.fromkeys(_admission(details))),
    )


def _all_named(details: Element, path: str, codes: Codes) -> str:
    found = (line(each, "./name") or address(each) or codes.named(each) for each in details.iterfind(path))
    return "; ".join(dict.fromkeys(filter(None, found)))


def _recurrence(details: Element) -> str:
    """The rule as RFC 5545 writes it (lists have commas there, in NewsML-G2 spaces), or the dates that are listed."""
    rule = details.find("./dates/rRule")
    if rule is not None:
        said = ((name.upper(), ",".join(value.split())) for name, value in rule.attrib.items())
        return ";".join(f"{name}={_basic(value) if name == 'UNTIL' else value}" for name, value in said)
    return ",".join(stated(date) for date in lines(details, "./dates/rDate"))


def _basic(time: str) -> str:
    """A time in the basic form of ISO 8601, without a zone other than Z (RFC 5545, 3.3.5)."""
    found = stated(time)
    if "T" not in found:
        return found.replace("-", "")
    return datetime.fromisoformat(found).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _contacts(details: Element) -> Iterator[str]:
    """Whom to ask: of the event, then of those who take part, then of the place."""
    for path in ("./contactInfo", "./participant/*/contactInfo", "./location/*/contactInfo"):
        for contact in details.iterfind(path):
            for each in ("./name", "./email", "./phone", "./web", "./note"):
                yield from lines(contact, each)


def _participants(details: Element, codes: Codes) -> Iterator[str]:
    """Each who takes part, with what he is there: by his definition, his role, or a code that is one of a role."""
    for element in details.iterfind("./participant"):
        role = element.get("role") or element.get("qcode") or ""
        named_by_role = "role" in element.attrib or role.startswith(ROLES)
        what = line(element, "./definition") or (role.rpartition(":")[2] if named_by_role else "")
        name = codes.named(element)
        yield f"{name} ({what})" if what and what != name else name


def _admission(details: Element) -> Iterator[str]:
    """How one gets in: by registering, and what is asked of those who come."""
    for registration in details.iterfind("./registration"):
        forms = ", ".join(address for link in registration.iter("a") if (address := (link.get("href") or "").strip()))
        if told := words(registration):
            yield f"{told} ({forms})" if forms else told
    for required in details.iterfind("./participationRequirement"):
        if told := ": ".join(filter(None, (line(required, "./name"), line(required, "./definition")))):
            yield told
