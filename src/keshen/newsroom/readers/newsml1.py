"""NewsML 1.0 to 1.2: each news item is a story with the pictures, sounds and films beside it, or a set of topics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from keshen.house.phrases import phrase
from keshen.newsroom.body import document, paragraph
from keshen.newsroom.readers import nitf
from keshen.newsroom.readers.incoming import (
    MEDIA,
    Concept,
    Incoming,
    Kind,
    Link,
    MediaReference,
    Rendition,
    Status,
    Unreadable,
    best_of,
)
from keshen.newsroom.readers.marked import marked
from keshen.newsroom.readers.markup import Markup, read_markup
from keshen.newsroom.readers.moments import moment
from keshen.newsroom.readers.plain import take_dateline
from keshen.newsroom.readers.restrictions import restrictions_in, stated_in
from keshen.newsroom.readers.subjects import topics
from keshen.newsroom.readers.xmltree import (
    Element,
    each,
    inner_html,
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
_MEDIA: Mapping[str, Kind] = {
    "photo": Kind.PICTURE,
    "picture": Kind.PICTURE,
    "image": Kind.PICTURE,
    "graphic": Kind.GRAPHIC,
    "animation": Kind.GRAPHIC,
    "audio": Kind.AUDIO,
    "video": Kind.VIDEO,
}


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
        if not any(_is_text(content) for content in component.iterfind("./ContentItem")):
            continue
        around = list(component.iterancestors("NewsComponent"))
        equivalent = any(parent.get("EquivalentsList") == "yes" for parent in around)
        caption = any(
            _kinds_in(parent) & MEDIA and not line(component, "./NewsLines/HeadLine") for parent in around[:1]
        )
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
    markup = _body(component)
    headline = _line(component, "HeadLine") or _line(item.find("./NewsComponent"), "HeadLine")
    status, embargo, warnings = _management(item)
    media = tuple(_media(component))
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
        standfirst=_line(component, "SubHeadLine"),
        body=document(blocks),
        format="newsml-1",
        kind=kind,
        status=status,
        identifiers=identifiers,
        version=line(item, "./Identification/NewsIdentifier/RevisionId"),
        signals=tuple(_formal(each) for each in item.iterfind("./NewsManagement/Instruction") if _formal(each)),
        language=_language(item, component),
        byline=_line(component, "ByLine"),
        dateline=_line(component, "DateLine") or dateline,
        slugline=_line(component, "SlugLine") or line(item, "./Identification/NameLabel"),
        source=_party(component, ("Provider", "Source", "Creator")) or _envelope(item),
        date=moment(line(item, "./NewsManagement/ThisRevisionCreated")),
        created=moment(line(item, "./NewsManagement/FirstCreated")),
        urgency=_urgency(item),
        topics=topics(_subjects(component)),
        keywords=tuple(_keywords(component)),
        places=tuple(dict.fromkeys(_places(component))),
        genre=next((_formal(each) for each in _within(component, "DescriptiveMetadata/Genre")), ""),
        ednote=note,
        credit=_line(component, "CreditLine"),
        copyright_holder=next(
            (words(each) for each in _within(component, "RightsMetadata/Copyright/CopyrightHolder")), ""
        ),
        copyright_notice=_line(component, "CopyrightLine"),
        restrictions=tuple(dict.fromkeys((*_rights(component), *_undated(item, embargo), *stated_in(note), *stated))),
        embargo=embargo,
        media=(*media, *markup.pictures),
        links=tuple(_links(item)),
        warnings=(*warnings, *markup.warnings),
    )


def _topics(item: Element) -> Incoming:
    """A topic set: the concepts that a sender's codes stand for."""
    concepts = tuple(
        Concept(
            identifier=line(topic, "./FormalName") or topic.get("Duid") or "",
            type=next((_formal(each) for each in topic.iterfind("./TopicType")), ""),
            names={text.get(_LANG) or "": words(text) for text in topic.iterfind("./Description") if words(text)},
        )
        for topic in item.iterfind("./TopicSet/Topic")
    )
    if not concepts:
        raise Unreadable(
            phrase("The topic set %(name)s has no topics.", name=_name(item)), phrase("Send it with its topics.")
        )
    return Incoming(
        headline=line(item, "./Identification/NameLabel") or _formal(item.find("./TopicSet")),
        format="newsml-1",
        kind=Kind.KNOWLEDGE,
        identifiers=_identifiers(item),
        version=line(item, "./Identification/NewsIdentifier/RevisionId"),
        date=moment(line(item, "./NewsManagement/ThisRevisionCreated")),
        concepts=concepts,
    )


def _formal(element: Element | None) -> str:
    return " ".join((element.get("FormalName") or "").split()) if element is not None else ""


def _within(component: Element | None, path: str) -> Iterator[Element]:
    """Elements at a path of the component, then of those around it, whose metadata hold for it too."""
    if component is not None:
        yield from component.iterfind(f"./{path}")
        for parent in component.iterancestors("NewsComponent"):
            yield from parent.iterfind(f"./{path}")
        for child in component.iterfind("./NewsComponent"):
            if not _kinds_in(child) & MEDIA:
                yield from child.iterfind(f"./{path}")


def _line(component: Element | None, name: str) -> str:
    return next((text for found in _within(component, f"NewsLines/{name}") if (text := words(found))), "")


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
    said = _formal(item.find("./NewsManagement/Status")).lower() or "usable"
    status = _STATUS.get(said, Status.WITHHELD)
    warnings: list[str] = [] if status is Status.USABLE else [marked(said)]
    change = item.find("./NewsManagement/StatusWillChange")
    future = _formal(change.find("./FutureStatus")).lower() if change is not None else ""
    until = moment(line(change, "./DateAndTime"))
    if said in ("embargoed", "withheld") and future == "usable" and until:
        return Status.USABLE, until, []
    return status, None, warnings


def _undated(item: Element, embargo: datetime | None) -> tuple[str, ...]:
    """An embargo that does not say when it ends stops for a person."""
    embargoed = _formal(item.find("./NewsManagement/Status")).lower() == "embargoed"
    return ("Embargoed",) if embargoed and embargo is None else ()


def _body(component: Element | None) -> Markup:
    """The text of the component: its own, else that of the first component in it that has one."""
    if component is None:
        return Markup()
    for content in component.iter("ContentItem"):
        if not _is_text(content):
            continue
        around = next(content.iterancestors("NewsComponent"))
        if around is not component and _kinds_in(around) & MEDIA:
            continue
        data = content.find("./DataContent")
        if data is None or not (words(data) or len(data)):
            continue
        return _data(data)
    return Markup()


def _data(data: Element) -> Markup:
    inside = data.find(".//nitf")
    if inside is not None:
        return nitf.body_of(inside)
    content = data.find(".//body.content")
    if content is not None:
        return nitf.body_of(content)
    if len(data):
        body = data.find("./html/body")
        return read_markup(inner_html(data if body is None else body))
    text = data.text or ""
    if "</p>" in text.lower() or "<br" in text.lower():
        return read_markup(text)
    return Markup(blocks=[paragraph(" ".join(part.split())) for part in text.splitlines() if part.strip()])


def _is_text(content: Element) -> bool:
    kind = _formal(content.find("./MediaType")).lower()
    mime = _formal(content.find("./MimeType")).lower()
    return kind in ("text", "") and not mime.startswith(("image/", "audio/", "video/")) and content.get("Href") is None


def _kind_of(content: Element) -> Kind | None:
    named = _MEDIA.get(_formal(content.find("./MediaType")).lower())
    first = _formal(content.find("./MimeType")).lower().partition("/")[0]
    return named or _MEDIA.get(first)


def _kinds_in(component: Element) -> set[Kind]:
    return {kind for content in component.iterfind("./ContentItem") if (kind := _kind_of(content))}


def _media(component: Element | None) -> Iterator[MediaReference]:
    """One for each component that holds files of a picture, sound or film; components in it are its renditions."""
    if component is None:
        return
    for inside in component.iter("NewsComponent"):
        files: dict[Kind, list[Rendition]] = {}
        for content in inside.iterfind("./ContentItem"):
            kind = _kind_of(content)
            if kind and content.get("Href"):
                files.setdefault(kind, []).append(_file(content))
        for kind, renditions in files.items():
            best = best_of(renditions, kind)
            caption = _caption(inside)
            yield MediaReference(
                href=best.href,
                caption=caption,
                kind=kind,
                identifier=inside.get("Duid") or "",
                headline=line(inside, "./NewsLines/HeadLine"),
                credit=line(inside, "./NewsLines/CreditLine") or line(inside, "./NewsLines/ByLine"),
                copyright_notice=line(inside, "./NewsLines/CopyrightLine"),
                restrictions=tuple(dict.fromkeys((*_own_rights(inside), *stated_in(caption)))),
                renditions=tuple(renditions),
            )


def _caption(component: Element) -> str:
    """The words of the text beside the files, in the component or in one of its own."""
    for content in component.iter("ContentItem"):
        if _is_text(content) and (data := content.find("./DataContent")) is not None and words(data):
            return words(data)
    return ""


def _file(content: Element) -> Rendition:
    facts = {_formal(each).lower(): each.get("Value") or "" for each in content.iterfind("./Characteristics/Property")}
    return Rendition(
        href=content.get("Href") or "",
        role=_formal(content.find("./Notation")),
        media_type=_formal(content.find("./MimeType")),
        width=_number(facts.get("width", "")),
        height=_number(facts.get("height", "")),
        size_bytes=_number(line(content, "./Characteristics/SizeInBytes")),
        seconds=float(_number(facts.get("duration", ""))),
    )


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else 0


def _urgency(item: Element) -> int:
    for element in (*item.iterfind("./NewsManagement/Urgency"), *item.iterfind("../NewsEnvelope/Priority")):
        value = _number(_formal(element))
        if 1 <= value <= 9:
            return value
    return 0


def _notes(item: Element, component: Element | None) -> Iterator[str]:
    for note in _within(component, "NewsLines/NewsLine"):
        kind = _formal(note.find("./NewsLineType")).lower()
        if kind in ("ednote", "editorsnote", "advisoryline", "instruction", "specialinstructions", "note"):
            yield from lines(note, "./NewsLineText")
    yield from lines(item, "./NewsManagement/Instruction/Comment")


def _language(item: Element, component: Element | None) -> str:
    formal = next((_formal(each) for each in _within(component, "DescriptiveMetadata/Language") if _formal(each)), "")
    around = (each.get(_LANG) for each in (component, item) if each is not None)
    return formal or next(filter(None, around), "")


def _party(component: Element | None, names: tuple[str, ...]) -> str:
    for name in names:
        for party in _within(component, f"AdministrativeMetadata/{name}/Party"):
            if _formal(party):
                return _formal(party)
    return ""


def _envelope(item: Element) -> str:
    parent = item.getparent()
    sender = parent.find("./NewsEnvelope/SentFrom/Party") if parent is not None else None
    return _formal(sender) or line(item, "./Identification/NewsIdentifier/ProviderId")


def _subjects(component: Element | None) -> Iterator[str]:
    for name in ("SubjectCode/Subject", "SubjectCode/SubjectMatter", "SubjectCode/SubjectDetail", "SubjectCode"):
        for found in _within(component, f"DescriptiveMetadata/{name}"):
            yield _formal(found)


def _keywords(component: Element | None) -> Iterator[str]:
    seen = dict.fromkeys(
        word.strip() for each in _within(component, "NewsLines/KeywordLine") for word in words(each).split(",")
    )
    yield from (word for word in seen if word)


def _places(component: Element | None) -> Iterator[str]:
    for location in _within(component, "DescriptiveMetadata/Location"):
        parts = {_formal(each): each.get("Value") or "" for each in location.iterfind("./Property")}
        place = parts.get("City") or parts.get("CountryArea") or parts.get("Country") or ""
        if place:
            yield place


def _rights(component: Element | None) -> Iterator[str]:
    if component is not None:
        yield from _own_rights(component)
        for parent in component.iterancestors("NewsComponent"):
            yield from _own_rights(parent)


def _own_rights(component: Element) -> Iterator[str]:
    yield from lines(component, "./NewsLines/RightsLine")
    for usage in component.iterfind("./RightsMetadata/UsageRights"):
        yield from lines(usage, "./Limitations")
        yield from (f"{place} only" for place in lines(usage, "./Geography"))
        if until := moment(line(usage, "./EndDate")):
            yield f"Use until {until.isoformat()}"
        if since := moment(line(usage, "./StartDate")):
            yield f"Use from {since.isoformat()}"


def _links(item: Element) -> Iterator[Link]:
    for name, relation in (("DerivedFrom", "derivedFrom"), ("AssociatedWith", "seeAlso")):
        for found in item.iterfind(f"./NewsManagement/{name}"):
            if target := found.get("NewsItem"):
                yield Link(relation, target, _formal(found))
    for reference in item.iter("NewsItemRef"):
        if target := reference.get("NewsItem"):
            yield Link("seeAlso", target)
