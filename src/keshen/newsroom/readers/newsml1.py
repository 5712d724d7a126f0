"""NewsML 1.0 to 1.2: each news item is a story with the pictures, sounds and films beside it, or a set of topics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from keshen.house.phrases import phrase
from keshen.newsroom.body import document
from keshen.newsroom.readers.incoming import (
    MEDIA,
    Concept,
    Incoming,
    Kind,
    Link,
    Status,
    Subject,
    Unreadable,
)
from keshen.newsroom.readers.marked import marked
from keshen.newsroom.readers.moments import moment
from keshen.newsroom.readers.newsml1_media import media_of, number, own_rights
from keshen.newsroom.readers.newsml1_parts import body_of, formal, is_text, kinds_in, of_role, within
from keshen.newsroom.readers.plain import take_dateline
from keshen.newsroom.readers.restrictions import restrictions_in, stated_in
from keshen.newsroom.readers.subjects import topic, topics
from keshen.newsroom.readers.xmltree import (
    Element,
    each,
    line,
    lines,
    local,
    parse,
    without_namespaces,
    words,
)

ROOTS = frozenset({"NewsML"})
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_STATUS: Mapping[str, Status] = {
    "usable": Status.USABLE,
    "embargoed": Status.USABLE,
    "withheld": Status.WITHHELD,
    "canceled": Status.CANCELED,
    "cancelled": Status.CANCELED,
}
_NOTES = frozenset(
    {"ednote", "editorsnote", "advisoryline", "productline", "instruction", "specialinstructions", "note"}
)
"""Types of news lines that are for editors."""


def read(data: bytes) -> list[Incoming | Unreadable]:
    """Every story of the document: one a news item, more where an item holds several texts. Raises Unreadable."""
    tree = parse(data)
    root = without_namespaces(tree.root)
    found = [element for item in root.iterfind("./NewsItem") for element in _stories(item)]
    if not found:
        raise Unreadable(phrase("The document has no news items."), phrase("Send at least one NewsItem."))
    return each(tree, found, _item, "NewsML 1 item")


def _stories(item: Element) -> list[Element]:
    """The components that hold texts of their own; of equivalents the first; the item itself where there are none."""
    kept: list[Element] = []
    for component in item.iter("NewsComponent"):
        if not any(is_text(content) for content in component.iterfind("./ContentItem")):
            continue
        around = list(component.iterancestors("NewsComponent"))
        equivalent = any(parent.get("EquivalentsList") == "yes" for parent in around)
        caption = any(kinds_in(parent) & MEDIA and not line(component, "./NewsLines/HeadLine") for parent in around[:1])
        if not (kept and equivalent) and not caption:
            kept.append(component)
    own = [component for component in kept if line(component, "./NewsLines/HeadLine")]
    return own if len(own) > 1 else [item]


def _item(element: Element) -> Incoming:
    item = element if local(element) == "NewsItem" else next(element.iterancestors("NewsItem"))
    if item.find("./TopicSet") is not None:
        return _topics(item)
    component = element if element is not item else item.find("./NewsComponent")
    update = item.find("./Update")
    if component is None and update is not None:
        raise Unreadable(phrase("A NewsML 1 update changes parts of an item."), phrase("Send the revised item whole."))
    markup = body_of(component)
    headline = _line(component, "HeadLine") or _line(item.find("./NewsComponent"), "HeadLine")
    status, embargo, warnings = _management(item)
    media = tuple(media_of(component))
    files = {file.href for each in media for file in each.renditions}
    kind = Kind.TEXT
    if not markup.blocks and media:
        kind = media[0].kind
    elif status is not Status.CANCELED and not (headline and markup.blocks):
        missing = phrase("body") if headline else phrase("headline")
        raise Unreadable(
            phrase("The item %(name)s has no %(missing)s.", name=_name(item), missing=missing),
            phrase("Send it with a %(missing)s.", missing=missing),
        )
    blocks, stated = restrictions_in(markup.blocks)
    dateline, blocks = take_dateline(blocks)
    identifiers = _identifiers(item)
    if element is not item and (part := element.get("Duid")):
        identifiers = (f"{identifiers[0]}#{part}" if identifiers else part, *identifiers[1:])
    note = "\n".join(_notes(item, component))
    return Incoming(
        headline=headline,
        standfirst=_line(component, "SubHeadLine") or of_role(component, "subheadline", "; "),
        body=document(blocks),
        format="newsml-1",
        kind=kind,
        status=status,
        identifiers=identifiers,
        version=line(item, "./Identification/NewsIdentifier/RevisionId"),
        signals=tuple(formal(each) for each in item.iterfind("./NewsManagement/Instruction") if formal(each)),
        language=_language(item, component),
        byline=_line(component, "ByLine") or _author(component),
        dateline=_line(component, "DateLine").rstrip(" -–—") or dateline,
        slugline=_line(component, "SlugLine") or line(item, "./Identification/NameLabel"),
        source=_party(component, ("Provider", "Source", "Creator")) or _envelope(item),
        date=moment(line(item, "./NewsManagement/ThisRevisionCreated")),
        created=moment(line(item, "./NewsManagement/FirstCreated")),
        urgency=_urgency(item),
        topics=topics(_subjects(component)),
        keywords=tuple(_keywords(component)),
        places=tuple(dict.fromkeys(_places(component))),
        about=tuple(dict.fromkeys(_about(component))),
        genre=next((formal(each) for each in within(component, "DescriptiveMetadata/Genre")), ""),
        ednote=note,
        credit=_line(component, "CreditLine"),
        copyright_holder=next(
            (words(each) for each in within(component, "RightsMetadata/Copyright/CopyrightHolder")), ""
        ),
        copyright_notice=_line(component, "CopyrightLine"),
        restrictions=tuple(dict.fromkeys((*_rights(component), *_undated(item, embargo), *stated_in(note), *stated))),
        embargo=embargo,
        media=(*media, *(picture for picture in markup.pictures if picture.href not in files)),
        links=tuple(_links(item)),
        warnings=(*warnings, *markup.warnings),
    )


def _topics(item: Element) -> Incoming:
    """A topic set: the concepts that a sender's codes stand for."""
    concepts = tuple(
        Concept(
            identifier=line(topic, "./FormalName") or topic.get("Duid") or "",
            type=next((formal(each) for each in topic.iterfind("./TopicType")), ""),
            names={text.get(_LANG) or "": words(text) for text in topic.iterfind("./Description") if words(text)},
        )
        for topic in item.iterfind("./TopicSet/Topic")
    )
    if not concepts:
        raise Unreadable(
            phrase("The topic set %(name)s has no topics.", name=_name(item)), phrase("Send it with its topics.")
        )
    return Incoming(
        headline=line(item, "./Identification/NameLabel") or formal(item.find("./TopicSet")),
        format="newsml-1",
        kind=Kind.KNOWLEDGE,
        identifiers=_identifiers(item),
        version=line(item, "./Identification/NewsIdentifier/RevisionId"),
        date=moment(line(item, "./NewsManagement/ThisRevisionCreated")),
        concepts=concepts,
    )


def _line(component: Element | None, name: str) -> str:
    return next((text for found in within(component, f"NewsLines/{name}") if (text := words(found))), "")


def _name(item: Element) -> str:
    return (_identifiers(item) or ("",))[0][:200]


def _identifiers(item: Element) -> tuple[str, ...]:
    """The name without the revision, which counts versions; the public identifier, which has it, after it."""
    parts = [line(item, f"./Identification/NewsIdentifier/{name}") for name in ("ProviderId", "DateId", "NewsItemId")]
    stable = f"urn:newsml:{':'.join(parts)}" if all(parts) else parts[2]
    public = line(item, "./Identification/NewsIdentifier/PublicIdentifier")
    return tuple(dict.fromkeys(name for name in (stable, public) if name))


def _management(item: Element) -> tuple[Status, datetime | None, list[str]]:
    """The status, the moment at which an embargo ends, and what is to be said about them."""
    said = formal(item.find("./NewsManagement/Status")).lower() or "usable"
    status = _STATUS.get(said, Status.WITHHELD)
    warnings: list[str] = [] if status is Status.USABLE else [marked(said)]
    change = item.find("./NewsManagement/StatusWillChange")
    future = formal(change.find("./FutureStatus")).lower() if change is not None else ""
    until = moment(line(change, "./DateAndTime"))
    if said in ("embargoed", "withheld") and future == "usable" and until:
        return Status.USABLE, until, []
    return status, None, warnings


def _undated(item: Element, embargo: datetime | None) -> tuple[str, ...]:
    """An embargo that does not say when it ends stops for a person."""
    embargoed = formal(item.find("./NewsManagement/Status")).lower() == "embargoed"
    return ("Embargoed",) if embargoed and embargo is None else ()


def _urgency(item: Element) -> int:
    for element in (*item.iterfind("./NewsManagement/Urgency"), *item.iterfind("../NewsEnvelope/Priority")):
        value = number(formal(element))
        if 1 <= value <= 9:
            return value
    return 0


def _notes(item: Element, component: Element | None) -> Iterator[str]:
    for note in within(component, "NewsLines/NewsLine"):
        kind = formal(note.find("./NewsLineType")).lower()
        if kind in (
            "ednote",
            "editorsnote",
            "advisoryline",
            "productline",
            "instruction",
            "specialinstructions",
            "note",
        ):
            yield from lines(note, "./NewsLineText")
    yield from lines(item, "./NewsManagement/Instruction/Comment")
    if contact := of_role(component, "contact"):
        yield contact


def _language(item: Element, component: Element | None) -> str:
    named = next((name for each in within(component, "DescriptiveMetadata/Language") if (name := formal(each))), "")
    around = (each.get(_LANG) for each in (component, item) if each is not None)
    return named or next(filter(None, around), "")


def _party(component: Element | None, names: tuple[str, ...]) -> str:
    for name in names:
        for party in within(component, f"AdministrativeMetadata/{name}/Party"):
            if formal(party):
                return formal(party)
    return ""


def _author(component: Element | None) -> str:
    """Who made it, where that is told apart from who provides it."""
    return _party(component, ("Creator",)) if _party(component, ("Provider", "Source")) else ""


def _envelope(item: Element) -> str:
    parent = item.getparent()
    sender = parent.find("./NewsEnvelope/SentFrom/Party") if parent is not None else None
    return formal(sender) or line(item, "./Identification/NewsIdentifier/ProviderId")


def _subjects(component: Element | None) -> Iterator[str]:
    for name in ("SubjectCode/Subject", "SubjectCode/SubjectMatter", "SubjectCode/SubjectDetail", "SubjectCode"):
        for found in within(component, f"DescriptiveMetadata/{name}"):
            yield formal(found)


def _keywords(component: Element | None) -> Iterator[str]:
    seen = dict.fromkeys(
        word.strip() for each in within(component, "NewsLines/KeywordLine") for word in words(each).split(",")
    )
    seen |= {word: None for role, word in _properties(component, "keyword") if not role}
    yield from (word for word in seen if word)


def _properties(component: Element | None, name: str) -> Iterator[tuple[str, str]]:
    """The values of properties whose name ends in `name`, in the singular or the plural, with their roles."""
    for path in ("DescriptiveMetadata/Property", "Metadata/Property"):
        for found in within(component, path):
            if formal(found).casefold().removesuffix("s").endswith(name):
                yield _in_line(found.get("Role")), _in_line(found.get("Value"))


def _in_line(value: str | None) -> str:
    return " ".join((value or "").split())


def _about(component: Element | None) -> Iterator[Subject]:
    """Subjects that are no media topics, and people whom keywords name."""
    for code in _subjects(component):
        if code and not topic(code):
            yield Subject("", code)
    for role, name in _properties(component, "keyword"):
        if name and role.casefold().startswith("person"):
            yield Subject(name, "", "person")


def _places(component: Element | None) -> Iterator[str]:
    """Each location by its narrowest part; some senders have the parts without the location around them."""
    around = (*within(component, "DescriptiveMetadata/Location"), *within(component, "DescriptiveMetadata"))
    for location in around:
        parts = {formal(each): _in_line(each.get("Value")) for each in location.iterfind("./Property")}
        if place := parts.get("City") or parts.get("CountryArea") or parts.get("Country"):
            yield place


def _rights(component: Element | None) -> Iterator[str]:
    if component is not None:
        yield from own_rights(component)
        for parent in component.iterancestors("NewsComponent"):
            yield from own_rights(parent)


def _links(item: Element) -> Iterator[Link]:
    for name, relation in (("DerivedFrom", "derivedFrom"), ("AssociatedWith", "seeAlso")):
        for found in item.iterfind(f"./NewsManagement/{name}"):
            if target := found.get("NewsItem"):
                yield Link(relation, target, formal(found))
    for reference in item.iter("NewsItemRef"):
        if target := reference.get("NewsItem"):
            yield Link("seeAlso", target)
