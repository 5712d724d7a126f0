"""What is told of a concept beside its names: a person's life, a place's whereabouts, whom to ask, and its scheme."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from keshen.newsroom.readers.incoming import Concept, Link
from keshen.newsroom.readers.moments import stated
from keshen.newsroom.readers.newsml_g2.parts import LANG, Codes, last
from keshen.newsroom.readers.xmltree import Element, line, local, words

GROUPS = ("personDetails", "organisationDetails", "geoAreaDetails", "POIDetails", "objectDetails")
DATES = ("born", "died", "founded", "dissolved", "created", "ceasedToExist")
TEXTS = ("openHours", "capacity", "access", "details", "copyrightNotice")
PLACED = ("affiliation", "location")
CONTACTS = ("name", "email", "im", "phone", "fax", "web", "address", "note")
"""What a `contactInfo` says, in the order in which people want it."""
SCHEME_FACTS: Mapping[str, str] = {
    "alias": "alias",
    "preferredalias": "alias",
    "authority": "authority",
    "schemecreated": "created",
    "schememodified": "modified",
    "schemeretired": "retired",
}


def by_language(element: Element, path: str) -> dict[str, str]:
    """The texts at `path` by language: the first in each."""
    found: dict[str, str] = {}
    for language, text in _texts(element, path):
        found.setdefault(language, text)
    return found


def all_by_language(element: Element, path: str) -> dict[str, str]:
    """The texts at `path` by language, those of one language line by line."""
    found: dict[str, str] = {}
    for language, text in _texts(element, path):
        found[language] = f"{found[language]}\n{text}" if language in found else text
    return found


def _texts(element: Element, path: str) -> Iterator[tuple[str, str]]:
    for each in element.iterfind(path):
        language = next((node.get(LANG) for node in (each, *each.iterancestors()) if node.get(LANG)), None) or ""
        if text := words(each):
            yield language, text


def details_of(element: Element, codes: Codes) -> dict[str, str]:
    """Facts about a concept under the names that NewsML-G2 has for them; dates in ISO 8601 where they are dates."""
    found: dict[str, str] = {}
    identifier = element.find("./conceptId")
    if identifier is not None and identifier.get("retired"):
        found["retired"] = stated(identifier.get("retired"))
    first = by_language(element, "./name")
    if others := "; ".join(text for language, text in _texts(element, "./name") if text != first[language]):
        found["otherNames"] = others
    for group in (child for child in element if local(child) in GROUPS):
        for name in DATES:
            if said := line(group, f"./{name}"):
                found.setdefault(name, stated(said) or said)
        if place := position(group):
            found.setdefault("position", place)
        if address := "; ".join(_address(each, codes) for each in group.iterfind("./address")):
            found.setdefault("address", address)
        for name in TEXTS:
            told = (codes.name(each) or words(each) or codes.called(each) for each in group.iterfind(f"./{name}"))
            if said := "; ".join(filter(None, told)):
                found.setdefault(name, said)
        if contact := "; ".join(dict.fromkeys(_contacts(group, codes))):
            found.setdefault("contact", contact)
    return found


def position(group: Element) -> str:
    """Latitude and longitude in degrees; nothing where the position is on no map (a latitude of 95°)."""
    for found in group.iterfind("./position"):
        try:
            latitude, longitude = float(found.get("latitude") or ""), float(found.get("longitude") or "")
        except ValueError:
            continue
        if abs(latitude) <= 90 and abs(longitude) <= 180:
            return f"{latitude}, {longitude}"
    return ""


def _contacts(group: Element, codes: Codes) -> Iterator[str]:
    """Each way to reach somebody, with what it is for where that is said."""
    for contact in group.iterfind("./contactInfo"):
        for name in CONTACTS:
            for each in contact.iterfind(f"./{name}"):
                told = _address(each, codes) if name == "address" else words(each)
                role = last(each.get("role") or each.get("roleuri"))
                if told:
                    yield f"{told} ({role})" if role else told


def _address(element: Element, codes: Codes) -> str:
    """An address in one line, in the order in which it is written."""
    return ", ".join(filter(None, (codes.name(part) or words(part) or codes.called(part) for part in element)))


def affiliations(element: Element, codes: Codes) -> Iterator[Link]:
    """Where a person belongs, where an organisation is, and what more is told elsewhere."""
    groups = [child for child in element if local(child) in GROUPS]
    for child in (found for name in PLACED for group in groups for found in group.iterfind(f"./{name}")):
        target, called = codes.uri(child) or child.get("literal") or "", codes.name(child)
        if target or called:
            yield Link(local(child), target, called)
    for child in element.iterfind("./remoteInfo"):
        if target := child.get("href") or child.get("residref") or "":
            yield Link("remoteInfo", target, line(child, "./title"))


def relation(element: Element) -> str:
    """What a concept is to another: by the sender's relation where it names one (`rel`), else by the element."""
    return last(element.get("rel") or element.get("reluri")) or local(element)


def scheme(element: Element, codes: Codes) -> Concept:
    """A vocabulary: as a catalog lists it, or as a knowledge item says of itself what it is (`schemeMeta`)."""
    facts = {SCHEME_FACTS[name]: stated(said) or said for name, said in element.attrib.items() if name in SCHEME_FACTS}
    named = by_language(element, "./name")
    related = (Link(relation(each), codes.uri(each)) for each in element.iterfind("./related"))
    same = (Link("sameAsScheme", each.get("uri") or words(each)) for each in element.iterfind("./sameAsScheme"))
    return Concept(
        identifier=element.get("uri") or "",
        type="scheme",
        names=named or ({"": facts["alias"]} if "alias" in facts else {}),
        definitions=all_by_language(element, "./definition"),
        notes=all_by_language(element, "./note"),
        details=facts,
        relations=tuple(link for link in (*same, *related) if link.target),
    )
