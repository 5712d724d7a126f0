"""NITF 2.5 to 3.6: the document, and the body alone where another format carries it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from keshen.house.phrases import phrase
from keshen.newsroom.body import document
from keshen.newsroom.readers.incoming import (
    Contributor,
    Incoming,
    Link,
    Status,
    Subject,
    Unreadable,
)
from keshen.newsroom.readers.marked import marked
from keshen.newsroom.readers.markup import Markup, read_markup
from keshen.newsroom.readers.moments import moment
from keshen.newsroom.readers.nitf_media import attribute, media_of
from keshen.newsroom.readers.plain import take_dateline
from keshen.newsroom.readers.restrictions import restrictions_in, stated_in
from keshen.newsroom.readers.subjects import topic, topics
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

ROOTS = frozenset({"nitf"})
_HTML: Mapping[str, str] = {
    "hl2": "h2",
    "bq": "blockquote",
    "nitf-table": "table",
    "dl": "ul",
    "dt": "li",
    "dd": "li",
    "q": "span",
    "fn": "span",
    "hr": "br",
}
"""NITF's elements by the names HTML has for the same; what has the same name, or only marks words, needs none."""

_OUTSIDE = frozenset({"media", "note", "tagline", "hl1", "table-reference", "datasource", "custom-table", "block-meta"})
"""What stands in the body and is no part of its running text."""

_STATUS: Mapping[str, Status] = {
    "usable": Status.USABLE,
    "embargoed": Status.USABLE,
    "withheld": Status.WITHHELD,
    "canceled": Status.CANCELED,
    "cancelled": Status.CANCELED,
    "killed": Status.CANCELED,
}

_NATURES: Mapping[str, str] = {
    "person": "person", "org": "organisation", "event": "event", "object.title": "object", "classifier": "",
}  # fmt: skip
"""What stands in `identified-content` beside locations, by the nature of its concept (`cpnature`)."""


def read(data: bytes) -> list[Incoming | Unreadable]:
    """The document's one story. Raises Unreadable."""
    tree = parse(data)
    return each(tree, [without_namespaces(tree.root)], story, "NITF document")


def story(root: Element) -> Incoming:
    """The story of a `nitf` element without namespaces."""
    head, facts = root.find("./head"), root.find("./head/docdata")
    top = root.find("./body/body.head")
    status, warnings = _status(facts)
    markup = body_of(root)
    headline = line(top, "./hedline/hl1") or line(head, "./title") or line(top, "./hedline/hl2")
    if status is Status.USABLE and not (headline and markup.blocks):
        missing = phrase("body") if headline else phrase("headline")
        raise Unreadable(
            phrase("The NITF document has no %(missing)s.", missing=missing),
            phrase("Send it with a %(missing)s.", missing=missing),
        )
    blocks, stated = restrictions_in(markup.blocks)
    dateline, blocks = take_dateline(blocks)
    notes = tuple(dict.fromkeys((*_messages(facts), *lines(top, "./note"))))
    restrictions = (*_rights(facts, top), *(wording for note in notes for wording in stated_in(note)), *stated)
    title, below = line(head, "./title"), (text for text in lines(top, "./hedline/hl2") if text != headline)
    embargo = moment(_norm(facts, "./date.release"))
    issued = moment(_norm(facts, "./date.issue"))
    return Incoming(
        headline=headline,
        title=title if title != headline else "",
        standfirst=" ".join(lines(top, "./abstract")) or " ".join(below),
        body=document(blocks),
        format="nitf",
        status=status,
        identifiers=tuple(_identifiers(facts)),
        version=attribute(facts, "./du-key", "version"),
        signals=tuple(filter(None, (attribute(facts, "./ed-msg", "msg-type"),))),
        language=_language(root, head),
        byline="; ".join(dict.fromkeys(_bylines(top))),
        dateline=_dateline(top) or dateline,
        slugline=attribute(facts, "./fixture", "fix-id") or _meta(head).get("slugline", ""),
        contributors=tuple(Contributor(name, "tagline") for name in lines(root.find("./body/body.end"), "./tagline")),
        source=line(top, "./distributor") or next(filter(None, _sources(facts)), ""),
        date=moment(_revised(head)) or issued,
        created=issued,
        urgency=_urgency(attribute(facts, "./urgency", "ed-urg")),
        topics=topics(_subjects(head)),
        keywords=tuple(dict.fromkeys(_keywords(facts))),
        places=tuple(dict.fromkeys(_places(facts))),
        about=tuple(dict.fromkeys(_about(head, facts))),
        genre=attribute(head, "./tobject/tobject.property", "tobject.property.type"),
        ednote="\n".join(notes),
        credit=_meta(head).get("credit", ""),
        copyright_holder=attribute(facts, "./doc.copyright", "holder") or line(top, "./rights/rights.owner"),
        copyright_notice=_copyright(facts),
        restrictions=tuple(dict.fromkeys(restrictions)),
        # a release that is not after the story was issued holds nothing back
        embargo=embargo if embargo and (issued is None or embargo > issued) else None,
        media=(*media_of(root), *markup.pictures),
        links=(*_links(facts), *_named_links(head)),
        warnings=(*warnings, *markup.warnings),
    )


def beside_body(root: Element) -> dict[str, Any]:
    """What a `nitf` element inside another format says beside its running text: fields of `Incoming`."""
    top = root.find("./body/body.head")
    return {
        "headline": line(top, "./hedline/hl1"),
        "standfirst": " ".join(lines(top, "./abstract")),
        "byline": "; ".join(dict.fromkeys(_bylines(top))),
        "dateline": _dateline(top),
        "media": tuple(media_of(root)),
    }


def body_of(root: Element) -> Markup:
    """The running text of a `nitf` element, or of a piece of one."""
    content = root.find("./body/body.content")
    if content is None:
        content = root if local(root) != "nitf" else root.find("./body")
    if content is None:
        return Markup()
    copied = etree.fromstring(etree.tostring(content, with_tail=False))
    for element in [found for found in copied.iter(etree.Element) if local(found) in _OUTSIDE]:
        _remove(element)
    for element in copied.iter(etree.Element):
        name = local(element)
        element.tag = _HTML.get(name, name.replace(".", "-"))
    return read_markup(inner_html(copied))


def _remove(element: Element) -> None:
    """Take an element out and leave the words that follow it."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        return
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _status(facts: Element | None) -> tuple[Status, list[str]]:
    said = ((facts.get("management-status") if facts is not None else "") or "usable").lower()
    status = _STATUS.get(said, Status.WITHHELD)
    known = said in _STATUS
    if status is Status.USABLE:
        return status, []
    return status, [marked(said, known=known)]


def _norm(parent: Element | None, path: str) -> str:
    return attribute(parent, path, "norm") or line(parent, path)


def _revised(head: Element | None) -> str:
    """When this version was made: the last of the revision history."""
    if head is None:
        return ""
    return max((found.get("norm") or "" for found in head.iterfind("./revision-history")), default="")


def _meta(head: Element | None) -> dict[str, str]:
    if head is None:
        return {}
    return {(found.get("name") or "").lower(): found.get("content") or "" for found in head.iterfind("./meta")}


def _identifiers(facts: Element | None) -> Iterator[str]:
    names = (attribute(facts, "./doc-id", "id-string"), attribute(facts, "./du-key", "key"))
    yield from dict.fromkeys(name for name in names if name)


def _language(root: Element, head: Element | None) -> str:
    body = root.find("./body")
    around = (each.get("{http://www.w3.org/XML/1998/namespace}lang") for each in (body, root) if each is not None)
    return next(filter(None, around), "") or _meta(head).get("language", "") or root.get("baselang") or ""


def _bylines(top: Element | None) -> Iterator[str]:
    """Each byline, its title after a comma."""
    for byline in top.iterfind("./byline") if top is not None else ():
        title, whole = line(byline, "./byttl"), words(byline)
        yield f"{whole.removesuffix(title).strip(' ,')}, {title}".strip(", ") if title else whole


def _messages(facts: Element | None) -> Iterator[str]:
    if facts is not None:
        for note in facts.iterfind("./ed-msg"):
            if text := " ".join((note.get("info") or "").split()) or words(note):
                yield text
        for note in facts.iterfind("./correction"):
            if text := " ".join((note.get("info") or "").split()):
                yield text


def _urgency(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and 1 <= int(value) <= 9 else 0


def _subjects(head: Element | None) -> Iterator[str]:
    if head is not None:
        for subject in head.iterfind("./tobject/tobject.subject"):
            yield subject.get("tobject.subject.refnum") or ""


def _keywords(facts: Element | None) -> Iterator[str]:
    if facts is not None:
        for keyword in facts.iterfind("./key-list/keyword"):
            if text := keyword.get("key") or words(keyword):
                yield " ".join(text.split())


def _places(facts: Element | None) -> Iterator[str]:
    if facts is None:
        return
    for place in facts.iterfind("./evloc"):
        parts = (place.get(name) for name in ("city", "county-dist", "state-prov", "iso-cc"))
        if narrowest := next(filter(None, parts), ""):
            yield narrowest
    for location in facts.iterfind("./identified-content/location"):
        if text := words(location) or location.get("location-code"):
            yield text


def _about(head: Element | None, facts: Element | None) -> Iterator[Subject]:
    """Subjects that are no media topics, and the people, organisations, events and things named as content."""
    for subject in head.iterfind("./tobject/tobject.subject") if head is not None else ():
        code = subject.get("tobject.subject.refnum") or subject.get("tobject.subject.code") or ""
        parts = (subject.get(f"tobject.subject.{part}") for part in ("detail", "matter", "type"))
        name = next(filter(None, parts), "")
        if (code or name) and not topic(code):
            yield Subject(name, code)
    for found in facts.iterfind("./identified-content/*") if facts is not None else ():
        scheme, code = found.get("type") or found.get("idsrc") or "", found.get("value") or ""
        if local(found) in _NATURES and (code or words(found)):
            yield Subject(words(found), f"{scheme}:{code}" if scheme and code else code, _NATURES[local(found)])


def _sources(facts: Element | None) -> Iterator[str]:
    """Where it is from when nobody is said to distribute it: whose it is, who numbered it, who passed it on."""
    yield attribute(facts, "./doc.copyright", "holder")
    yield attribute(facts, "./doc-id", "regsrc")
    yield attribute(facts, "./del-list/from-src", "src-name")


def _dateline(top: Element | None) -> str:
    """The dateline without the day, which the story's own date says."""
    element = top.find("./dateline") if top is not None else None
    if element is None:
        return ""
    if location := line(element, "./location"):
        return location
    copied = etree.fromstring(etree.tostring(element, with_tail=False))
    for day in list(copied.iter("story.date")):
        _remove(day)
    return words(copied)


def _copyright(facts: Element | None) -> str:
    year, holder = attribute(facts, "./doc.copyright", "year"), attribute(facts, "./doc.copyright", "holder")
    return f"© {year} {holder}".replace("  ", " ") if holder else ""


def _rights(facts: Element | None, top: Element | None) -> Iterator[str]:
    """Rights as NITF states them: in attributes, or in words of the body's head."""
    for rights in facts.iterfind("./doc.rights") if facts is not None else ():
        if limits := rights.get("limitations"):
            yield " ".join(limits.split())
        if geography := rights.get("geography"):
            yield f"{' '.join(geography.split())} only"
        if until := moment(rights.get("enddate")):
            yield f"Use until {until.isoformat()}"
        if since := moment(rights.get("startdate")):
            yield f"Use from {since.isoformat()}"
    if expires := moment(_norm(facts, "./date.expire")):
        yield f"Use until {expires.isoformat()}"
    told = top.find("./rights") if top is not None else None
    attributes = facts is not None and any(each.get("limitations") for each in facts.iterfind("./doc.rights"))
    # what is stated in attributes is repeated in words for readers
    if told is None or attributes:
        return
    yield from lines(told, "./rights.limitations")
    yield from (f"{place} only" for place in lines(told, "./rights.geography"))
    if not len(told) and words(told):
        yield words(told)


def _named_links(head: Element | None) -> Iterator[Link]:
    """Other items by their relation: NITF has no place for them, and Keshen writes them as `meta`."""
    for found in head.iterfind("./meta") if head is not None else ():
        relation, target = (found.get("name") or "").partition("link-")[2], found.get("content") or ""
        if relation and target and (found.get("name") or "").startswith("link-"):
            yield Link(relation, target)


def _links(facts: Element | None) -> Iterator[Link]:
    if facts is None:
        return
    for name in facts.iterfind("./del-list/from-src"):
        if target := name.get("src-name"):
            yield Link("distributedBy", target)
    if replaced := facts.get("management-doc-idref"):
        yield Link("previousVersion", replaced)
