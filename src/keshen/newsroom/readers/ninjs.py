"""ninjs 1.x, 2.x and 3.x: one item, a list of items, or a feed of ours.

The three differ in names: 1.x has `body_html`, `infosource` and objects keyed by role; 2.x has lists of objects, and
3.x the same in camel case. Keys are therefore read in small letters, and each property in its singular and plural.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from keshen.house.phrases import phrase, sentence
from keshen.newsroom.body import document
from keshen.newsroom.readers.brief import brief, untitled
from keshen.newsroom.readers.encoding import decode, not_json
from keshen.newsroom.readers.incoming import (
    MEDIA,
    Contributor,
    Incoming,
    Kind,
    Link,
    MediaReference,
    Member,
    Occasion,
    Status,
    Unreadable,
)
from keshen.newsroom.readers.marked import marked, outdated
from keshen.newsroom.readers.markup import Markup
from keshen.newsroom.readers.moments import moment
from keshen.newsroom.readers.ninjs_about import about_of, codes_of, concepts_of, entries, names_of
from keshen.newsroom.readers.ninjs_media import (
    media_of,
    other_files,
    own_media,
    renditions_of,
    restrictions_of,
    web_address,
)
from keshen.newsroom.readers.ninjs_parts import Item, line, small
from keshen.newsroom.readers.ninjs_plans import coverages_of, occasion_of
from keshen.newsroom.readers.ninjs_texts import body, caption_writers, credit, headline, standfirst, titled
from keshen.newsroom.readers.plain import take_dateline
from keshen.newsroom.readers.restrictions import restrictions_in, stated_in
from keshen.newsroom.readers.subjects import topics
from keshen.newsroom.readers.xmltree import MAX_ITEMS

BUNDLES = ("items", "ninjs")
"""Properties that hold several items: a feed's, and those of IPTC's message for bundling ninjs."""
MOST_NAMES = 5
"""How many of the names that stand twice are told: every item of the document says them."""
_MAX_ASSOCIATIONS = 2
"""How deep an association's own associations are looked into."""


def read(data: bytes) -> list[Incoming | Unreadable]:
    """Every item of the document; one that cannot be read costs no other. Raises Unreadable."""
    decoded = decode(data)
    repeated: dict[str, None] = {}
    try:
        parsed = json.loads(decoded.text, object_pairs_hook=lambda pairs: _kept(pairs, repeated))
    except (RecursionError, json.JSONDecodeError) as error:
        raise not_json(error) from error
    bundles = (parsed.get(name) for name in BUNDLES) if isinstance(parsed, dict) else ()
    items = next((listed for listed in bundles if isinstance(listed, list)), parsed)
    listed = [each for item in (items if isinstance(items, list) else [items]) for each in _with_inner(item)]
    if not listed:
        raise Unreadable(phrase("The document has no items."), phrase("Send at least one ninjs item."))
    warnings = (*decoded.warnings, *_told(repeated))
    found = [_item(item, warnings) for item in listed[:MAX_ITEMS]]
    if len(listed) > MAX_ITEMS:
        many = phrase(
            "The document has %(count)d items; the first %(most)d were read.", count=len(listed), most=MAX_ITEMS
        )
        found.append(Unreadable(many, phrase("Divide it into several documents.")))
    return found


def _kept(pairs: list[tuple[str, Any]], repeated: dict[str, None]) -> dict[str, Any]:
    """An object with all of its members: of those of one name the later are numbered, and the name is `repeated`.

    RFC 8259 (section 4) leaves open which of them counts, and senders have had several files under one name.
    """
    whole = dict(pairs)
    if len(whole) == len(pairs):
        return whole
    seen = Counter[str]()
    numbered: dict[str, Any] = {}
    for name, value in pairs:
        seen[name] += 1
        if seen[name] > 1:
            repeated[name] = None
        numbered[name if seen[name] == 1 else f"{name} {seen[name]}"] = value
    return numbered


def _told(repeated: Iterable[str]) -> Iterator[str]:
    for name in islice(repeated, MOST_NAMES):
        said = phrase("The name %(name)s stands more than once in one object; the first counts.", name=name[:80])
        yield sentence(said)


def _with_inner(item: object) -> Iterator[object]:
    """The item, and the whole texts that a package brings inside; a feed is only the items in it."""
    inner = item.get("associations") if isinstance(item, dict) and item.get("type") == "composite" else None
    listed = list(inner.values()) if isinstance(inner, dict) else inner if isinstance(inner, list) else []
    whole = [entry for entry in listed if isinstance(entry, dict) and (entry.get("bodies") or _states_body(entry))]
    if not isinstance(item, dict) or item.get("profile") != "feed" or not listed:
        yield item
        yield from whole
    else:
        yield from listed


def _states_body(entry: Mapping[str, Any]) -> bool:
    canceled = "canceled" in (entry.get("pubStatus"), entry.get("pubstatus"))
    return canceled or any(key.startswith("body_") for key in entry)


def _item(item: object, warnings: tuple[str, ...]) -> Incoming | Unreadable:
    if not isinstance(item, dict):
        return Unreadable(phrase("An item is not an object."), phrase("Each ninjs item is a JSON object with a uri."))
    try:
        return _read_item(small(item), list(warnings))
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        name = str(item.get("uri", ""))[:200]
        return Unreadable(
            phrase("The item %(name)s is not ninjs: %(error)s.", name=name, error=str(error)),
            phrase("Check it against the ninjs schema."),
        )


def _read_item(item: Item, warnings: list[str]) -> Incoming | Unreadable:
    status = _status(item, warnings)
    named, markup = titled(headline(item), body(item))
    kind = _kind(item, markup)
    above, urgency = standfirst(item), _urgency(item.get("urgency"))
    if kind is Kind.TEXT and not named and line(item.get("uri")):
        named, told = untitled(take_dateline(restrictions_in(markup.blocks)[0])[1])
        warnings.extend(told)
    if kind is Kind.TEXT and status is Status.USABLE and not markup.blocks:
        short, said = brief(named, above, urgency)
        markup = Markup(blocks=short, pictures=markup.pictures, warnings=[*markup.warnings, *said])
        above = "" if short else above
    if kind is Kind.TEXT and status is Status.USABLE and not (named and markup.blocks):
        missing = phrase("body") if named else phrase("headline")
        name = line(item.get("uri"))
        if not name and not named:
            return Unreadable(
                phrase("It is JSON, and no ninjs item: it has neither a uri nor a headline."),
                phrase("Send ninjs, or the story as plain text."),
            )
        return Unreadable(
            phrase("The item %(name)s has no %(missing)s.", name=name or named, missing=missing),
            phrase("Send it with a %(missing)s.", missing=missing),
        )
    blocks, stated = restrictions_in(markup.blocks)
    dateline, blocks = take_dateline(blocks)
    renditions = tuple(renditions_of(item))
    own = tuple(own_media(item, kind, renditions))
    media, members, links = _associated(item, kind)
    files = {file.href for each in (*own, *media) for file in each.renditions}
    title = line(item.get("title"))
    ednote, places = line(item.get("ednote")), tuple(_places(item))
    occasion = occasion_of(item)
    return Incoming(
        headline=named,
        standfirst=above,
        body=document(blocks),
        format="ninjs",
        kind=kind,
        status=status,
        identifiers=tuple(_identifiers(item)),
        version=line(item.get("version")),
        signals=tuple(names_of(item, "signals", "signal")),
        language=line(item.get("language")),
        byline=line(item.get("by")) or line(item.get("byline")),
        dateline=line(item.get("dateline")) or dateline or line(item.get("located")),
        slugline=line(item.get("slugline")),
        title=title if title != named else "",
        contributors=tuple(dict.fromkeys(_contributors(item))),
        source=_source(item),
        date=moment(item.get("versioncreated")),
        created=moment(item.get("firstcreated")) or moment(item.get("contentcreated")),
        urgency=urgency,
        topics=topics(codes_of(item, "subjects", "subject")),
        keywords=tuple(_keywords(item)),
        places=places,
        about=tuple(dict.fromkeys(about_of(item))),
        genre=next(iter(names_of(item, "genres", "genre")), ""),
        ednote=ednote,
        credit=credit(item),
        copyright_holder=line(item.get("copyrightholder")),
        copyright_notice=line(item.get("copyrightnotice")),
        web_address=web_address(kind, renditions),
        digital_source=_digital_source(item.get("digitalsourcetype")),
        restrictions=tuple(dict.fromkeys((*restrictions_of(item), *stated_in(ednote), *stated))),
        embargo=moment(item.get("embargoeduntil")) or moment(item.get("embargoed")),
        media=(*own, *media, *(picture for picture in markup.pictures if picture.href not in files)),
        links=(*links, *_alternatives(item), *other_files(kind, renditions)),
        members=members,
        occasion=occasion,
        coverages=tuple(coverages_of(item)),
        concepts=tuple(concepts_of(item)),
        warnings=(
            *warnings,
            *_partial(item),
            *outdated(item.get("expires")),
            *_undated(kind, occasion),
            *markup.warnings,
        ),
    )


def _kind(item: Item, markup: Markup) -> Kind:
    said = str(item.get("type") or ("event" if item.get("eventdetails") and not markup.blocks else "text"))
    if said in ("composite", "component"):
        return Kind.TEXT if markup.blocks else Kind.PACKAGE
    try:
        return Kind(said)
    except ValueError as error:
        raise ValueError(f"its type {said!r} is not known") from error


def _status(item: Item, warnings: list[str]) -> Status:
    said = str(item.get("pubstatus", "usable")).lower()
    status = Status(said) if said in tuple(Status) else Status.WITHHELD
    if said not in tuple(Status):
        warnings.append(marked(said, known=False))
    elif status is not Status.USABLE:
        warnings.append(marked(said))
    return status


def _keywords(item: Item) -> Iterator[str]:
    seen = dict.fromkeys(line(word) for word in item.get("keywords") or [] if isinstance(word, str))
    for entry in entries(item, "subjects", "subject"):
        if entry.get("rel") == "keyword":
            seen.setdefault(line(entry.get("name")) or line(entry.get("literal")))
    yield from (word for word in seen if word)


def _places(item: Item) -> Iterator[str]:
    yield from dict.fromkeys((*filter(None, (line(item.get("located")),)), *names_of(item, "places", "place")))


def _identifiers(item: Item) -> Iterator[str]:
    other = item.get("altids") or []
    values = (
        [each.get("value") for each in other if isinstance(each, dict) and each.get("role") != "sequence"]
        if isinstance(other, list)
        else []
    )
    values += list(other.values()) if isinstance(other, dict) else []
    yield from dict.fromkeys(name for value in (item.get("uri"), *values) if (name := line(value)))


def _source(item: Item) -> str:
    return next(names_of(item, "infosources", "infosource"), "") or line(item.get("copyrightholder"))


def _contributors(item: Item) -> Iterator[Contributor]:
    """Caption writers, and all sources of the information beside the one that the item is said to be from."""
    yield from (Contributor(name, "writer") for name in caption_writers(item))
    for entry in entries(item, "infosources", "infosource"):
        if (name := next(names_of({"entry": entry}, "entry"), "")) and name != _source(item):
            yield Contributor(name, line(entry.get("role")) or "source")


def _urgency(value: object) -> int:
    return int(value) if isinstance(value, int | float) and 1 <= value <= 9 else 0


def _digital_source(value: object) -> str:
    names = ("uri", "literal", "name")
    uri = next(filter(None, map(value.get, names)), "") if isinstance(value, dict) else value
    return line(uri).rstrip("/").rpartition("/")[2]


def _partial(item: Item) -> Iterator[str]:
    if line(item.get("representationtype")).casefold() in ("partial", "incomplete"):
        yield sentence(phrase("The sender says that this is only a part of the item."))


def _undated(kind: Kind, occasion: Occasion | None) -> Iterator[str]:
    if kind is Kind.EVENT and not (occasion and (occasion.starts or occasion.recurrence)):
        yield sentence(phrase("It is an event, and does not say when it is."))


def _alternatives(item: Item) -> Iterator[Link]:
    for entry in entries(item, "trustindicators", "trustindicator"):
        if target := line(entry.get("href")):
            yield Link("trustIndicator", target, line(entry.get("title")))


def _associated(
    item: Item, kind: Kind, depth: int = 0
) -> tuple[tuple[MediaReference, ...], tuple[Member, ...], tuple[Link, ...]]:
    """What stands beside the item: media to fetch, members of a package, other items."""
    listed = item.get("associations") or {}
    named = listed.items() if isinstance(listed, dict) else [("", entry) for entry in listed]
    media: list[MediaReference] = []
    members: list[Member] = []
    links: list[Link] = []
    for name, entry in named:
        if not isinstance(entry, dict):
            continue
        other = small(entry)
        said, target = str(other.get("type", "")), line(other.get("uri"))
        renditions = tuple(renditions_of(other))
        if said in tuple(MEDIA) and renditions:
            media.append(media_of(other, Kind(said), renditions))
        if kind is Kind.PACKAGE and (target or renditions):
            group = str(name) or line(other.get("name"))
            members.append(Member(target or renditions[0].href, group, headline(other), said))
        elif target and (said not in tuple(MEDIA) or not renditions):
            links.append(Link(line(other.get("rel")) or "association", target, headline(other)))
        if depth < _MAX_ASSOCIATIONS:
            media += _associated(other, Kind.TEXT, depth + 1)[0]
    return tuple(media), tuple(members), tuple(links)
