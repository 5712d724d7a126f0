"""Concept items (among them the events of EventsML-G2) and knowledge items, which are sets of concepts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from keshen.house.phrases import phrase, sentence
from keshen.newsroom.readers.incoming import Concept, Incoming, Kind, Link, Occasion, Unreadable
from keshen.newsroom.readers.moments import after, stated
from keshen.newsroom.readers.newsml_g2.parts import LANG, Codes, codes_of, links, metadata
from keshen.newsroom.readers.newsml_g2.planning import coverages_of
from keshen.newsroom.readers.xmltree import Element, line, lines, local, words

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
    fields["headline"] = fields["headline"] or _in(concept.names, fields["language"])
    fields["standfirst"] = fields["standfirst"] or _in(concept.definitions, fields["language"])
    details = element.find("./eventDetails")
    is_event = details is not None or concept.type == "event"
    return Incoming(
        **fields,
        format="newsml-g2",
        kind=Kind.EVENT if is_event else Kind.CONCEPT,
        occasion=concept.occasion or (Occasion() if is_event else None),
        coverages=tuple(coverages_of(details, codes)) if details is not None else (),
        concepts=(replace(concept, occasion=None),),
        links=links(item, codes),
    )


def listed_event(element: Element) -> Incoming:
    """An event of a list that a news item carries as its content; the item's metadata are the list's."""
    item, around = next(element.iterancestors("newsItem"), None), element.getparent()
    if item is None or around is None:
        raise Unreadable(phrase("An event stands outside of any item."), phrase("Send it in a concept item."))
    codes = codes_of(item)
    fields = metadata(item, codes)
    concept = _concept(element, codes)
    place = around.index(element) + 1
    name = concept.identifier or f"{fields['identifiers'][0] if fields['identifiers'] else ''}#{place}"
    title = _in(concept.names, fields["language"])
    if not title:
        raise Unreadable(phrase("The event %(name)s has no name.", name=name), phrase("Give each event a name."))
    found = {**fields, "headline": title, "standfirst": _in(concept.definitions, fields["language"])}
    return Incoming(
        **{**found, "identifiers": (name,)},
        format="newsml-g2",
        kind=Kind.EVENT,
        occasion=concept.occasion or Occasion(),
        concepts=(replace(concept, occasion=None),),
    )


def catalog_item(item: Element) -> Incoming:
    """A catalog: the schemes that a sender's codes are of."""
    codes = codes_of(item)
    schemes = tuple(
        Concept(
            identifier=scheme.get("uri") or "",
            type="scheme",
            names=_by_language(scheme, "./name") or {"": scheme.get("alias") or ""},
            definitions=_by_language(scheme, "./definition"),
        )
        for scheme in item.iterfind("./catalogContainer/catalog/scheme")
    )
    if not schemes:
        raise Unreadable(
            phrase("The catalog %(name)s has no schemes.", name=item.get("guid") or ""),
            phrase("Send it with its schemes."),
        )
    return Incoming(**metadata(item, codes), format="newsml-g2", kind=Kind.KNOWLEDGE, concepts=schemes)


def knowledge_item(item: Element) -> Incoming:
    """A set of concepts; one of them that names nothing is left out, with a warning."""
    codes = codes_of(item)
    fields = metadata(item, codes)
    found = [_concept(element, codes) for element in item.iterfind("./conceptSet/concept")]
    kept = tuple(concept for concept in found if concept.identifier or concept.names)
    if len(kept) < len(found):
        said = phrase(
            "%(count)d concepts have neither identifier nor name; they were left out.", count=len(found) - len(kept)
        )
        fields["warnings"] = (*fields["warnings"], sentence(said))
    if not kept:
        raise Unreadable(
            phrase("The knowledge item %(name)s has no concepts.", name=item.get("guid") or ""),
            phrase("Send it with its concepts."),
        )
    return Incoming(**fields, format="newsml-g2", kind=Kind.KNOWLEDGE, concepts=kept, links=links(item, codes))


def _in(texts: object, language: str) -> str:
    """A text in `language`, else in the first language there is."""
    values = dict(texts) if isinstance(texts, dict) else {}
    return str(values.get(language) or values.get(language.split("-")[0]) or next(iter(values.values()), ""))


def _concept(element: Element, codes: Codes) -> Concept:
    identifier = element.find("./conceptId")
    details = element.find("./eventDetails")
    return Concept(
        identifier=codes.uri(identifier) if identifier is not None else "",
        type=codes.code(element.find("./type")),
        names=_by_language(element, "./name"),
        definitions=_by_language(element, "./definition"),
        relations=tuple(_relations(element, codes)),
        occasion=_occasion(details, codes) if details is not None else None,
    )


def _by_language(element: Element, path: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in element.iterfind(path):
        language = next((node.get(LANG) for node in (text, *text.iterancestors()) if node.get(LANG)), None) or ""
        if words(text):
            found.setdefault(language, words(text))
    return found


def _relations(element: Element, codes: Codes) -> Iterator[Link]:
    for child in element:
        if local(child) in RELATIONS:
            target = codes.uri(child) or child.get("literal") or ""
            if target or codes.named(child):
                yield Link(local(child), target, line(child, "./name"))


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
    )


def _all_named(details: Element, path: str, codes: Codes) -> str:
    return "; ".join(dict.fromkeys(name for each in details.iterfind(path) if (name := codes.named(each))))


def _recurrence(details: Element) -> str:
    """The rule as RFC 5545 writes it, or the dates that are listed."""
    rule = details.find("./dates/rRule")
    if rule is not None:
        return ";".join(f"{name.upper()}={value}" for name, value in rule.attrib.items())
    return ",".join(stated(date) for date in lines(details, "./dates/rDate"))


def _contacts(details: Element) -> Iterator[str]:
    for contact in details.iterfind("./contactInfo"):
        for path in ("./name", "./email", "./phone", "./web", "./note"):
            yield from lines(contact, path)
