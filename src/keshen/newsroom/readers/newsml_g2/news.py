"""News items, whose content is text or media, and package items, which put others in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from keshen.house.phrases import phrase, sentence
from keshen.newsroom.body import document, paragraph
from keshen.newsroom.readers import nitf
from keshen.newsroom.readers.brief import brief, first_sentence, untitled
from keshen.newsroom.readers.incoming import (
    MEDIA,
    Group,
    Incoming,
    Kind,
    MediaReference,
    Member,
    Rendition,
    Status,
    Unreadable,
    best_of,
)
from keshen.newsroom.readers.markup import Markup
from keshen.newsroom.readers.moments import moment
from keshen.newsroom.readers.newsml_g2.concepts import asserted
from keshen.newsroom.readers.newsml_g2.content import content_of
from keshen.newsroom.readers.newsml_g2.parts import (
    MEDIA_CLASSES,
    Codes,
    codes_of,
    content_kind,
    in_language,
    last,
    links,
    metadata,
    scripts,
)
from keshen.newsroom.readers.newsml_g2.timeline import parts_of
from keshen.newsroom.readers.plain import take_dateline
from keshen.newsroom.readers.restrictions import restrictions_in
from keshen.newsroom.readers.xmltree import Element, line, local, words

_MAX_GROUPS = 200


def news_item(item: Element) -> Incoming:
    """A news item: a text with its body, or a picture, sound or film with its renditions."""
    codes = codes_of(item)
    fields = metadata(item, codes)
    kind = _class_of(item, codes)
    beside = _from_nitf(item, fields)
    markup = content_of(item, kind)
    renditions = tuple(_renditions(item))
    if kind is None:
        kinds = (content_kind(file.media_type) for file in renditions if not markup.blocks)
        kind = next((found for found in kinds if found), Kind.TEXT)
    if kind in MEDIA:
        fields["created"] = moment(line(item, "./contentMeta/contentCreated")) or fields["created"]
        fields["headline"] = fields["headline"] or first_sentence(fields["standfirst"] or next(iter(scripts(item)), ""))
    if kind is Kind.TEXT and fields["status"] is Status.USABLE and not markup.blocks:
        blocks, warnings = brief(fields["headline"], fields["standfirst"], fields["urgency"])
        markup = Markup(blocks=blocks, pictures=markup.pictures, warnings=[*markup.warnings, *warnings])
        fields["standfirst"] = "" if blocks else fields["standfirst"]
    if kind is Kind.TEXT and not fields["headline"]:
        fields["headline"], said = untitled(markup.blocks)
        fields["warnings"] = (*fields["warnings"], *said)
    if kind is Kind.TEXT and fields["status"] is Status.USABLE and not (fields["headline"] and markup.blocks):
        name = (item.get("guid") or "")[:200]
        if not fields["headline"] and not markup.blocks:
            raise Unreadable(
                phrase("The item %(name)s has neither a headline nor a body.", name=name), phrase("Send it with both.")
            )
        missing = phrase("body") if fields["headline"] else phrase("headline")
        raise Unreadable(
            phrase("The item %(name)s has no %(missing)s.", name=name, missing=missing),
            phrase("Send it with a %(missing)s.", missing=missing),
        )
    if kind in MEDIA and fields["status"] is Status.USABLE and not renditions:
        nothing = phrase("It names no file: there is nothing to fetch, only what is said about it.")
        fields["warnings"] = (*fields["warnings"], sentence(nothing))
    written = markup.blocks or [paragraph(text) for text in (scripts(item) if kind in MEDIA else ())]
    blocks, stated = restrictions_in(written)
    dateline, blocks = take_dateline(blocks)
    parts, unclear = parts_of(item, codes)
    return Incoming(
        **{
            **fields,
            "dateline": fields["dateline"] or dateline,
            "restrictions": tuple(dict.fromkeys((*fields["restrictions"], *stated))),
            "warnings": (*fields["warnings"], *unclear, *markup.warnings),
        },
        body=document(blocks),
        format="newsml-g2",
        kind=kind,
        media=(
            *_own_media(item, kind, renditions, fields["standfirst"]),
            *_linked_media(item, kind),
            *beside,
            *markup.pictures,
        ),
        parts=parts,
        links=links(item, codes),
        concepts=asserted(item, codes),
    )


def _from_nitf(item: Element, fields: dict[str, Any]) -> tuple[MediaReference, ...]:
    """Fill `fields` with what the NITF inside says and the item does not; returns the media that it names.

    A byline as it was written is worth more than the names of creators.
    """
    inside = item.find("./contentSet//inlineXML/nitf")
    if inside is None:
        return ()
    said = nitf.beside_body(inside)
    media: tuple[MediaReference, ...] = said.pop("media")
    if said["byline"] and not line(item, "./contentMeta/by"):
        fields["byline"] = said["byline"]
    fields.update({name: text for name, text in said.items() if text and not fields[name]})
    return media


def _own_media(
    item: Element, kind: Kind, renditions: tuple[Rendition, ...], caption: str
) -> tuple[MediaReference, ...]:
    """The item itself as what there is to fetch; its metadata are the item's and stand there.

    A picture goes on without its item, into a story: it has its caption with it.
    """
    if not renditions:
        return ()
    if kind in MEDIA:
        renditions = (*renditions, *(_file(icon) for icon in item.iterfind("./contentMeta/icon") if icon.get("href")))
    best = best_of(renditions, kind)
    own = kind if kind in MEDIA else content_kind(best.media_type) or Kind.PICTURE
    alt = next((words(each) for each in item.iterfind(".//remoteContent/altLoc") if words(each)), "")
    return (
        MediaReference(
            href=best.href,
            caption=caption if kind in (Kind.PICTURE, Kind.GRAPHIC) else "",
            kind=own,
            alt=alt,
            identifier=item.get("guid") or "",
            renditions=renditions,
        ),
    )


def _class_of(item: Element, codes: Codes) -> Kind | None:
    return MEDIA_CLASSES.get(codes.code(item.find("./itemMeta/itemClass")).lower())


def _renditions(item: Element) -> Iterator[Rendition]:
    for remote in item.iterfind("./contentSet//remoteContent"):
        if remote.get("href") or remote.get("residref"):
            yield _file(remote)


def _file(named: Element) -> Rendition:
    """One file, as `remoteContent`, `link` and `icon` describe it."""
    return Rendition(
        href=(named.get("href") or named.get("residref") or "").strip(),
        role=_role(named),
        media_type=named.get("contenttype") or "",
        width=_number(named.get("width")),
        height=_number(named.get("height")),
        size_bytes=_number(named.get("size")),
        seconds=_seconds(named.get("duration"), named.get("durationunit")),
        identifier=line(named, "./altId"),
    )


def _role(remote: Element) -> str:
    """The rendition's role by its code, or by the last part of its address (`renditionuri`)."""
    uri = (remote.get("renditionuri") or "").rstrip("/").rpartition("/")[2]
    return (remote.get("rendition") or "").rpartition(":")[2] or uri


def _number(value: str | None) -> int:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 16 else 0


def _seconds(value: str | None, unit: str | None) -> float:
    """A duration: seconds, or what its unit (`timeunit:milliseconds`, `timeunit:timeCode`) says."""
    text, kind = value or "", (unit or "").rpartition(":")[2].lower()
    if text.count(":") >= 2:
        hours, minutes, seconds, *_frames = (float(part) for part in text.split(":"))
        return hours * 3600 + minutes * 60 + seconds
    number = float(text) if text.replace(".", "", 1).isdigit() else 0.0
    return number / 1000 if kind == "milliseconds" else number


def _linked_media(item: Element, kind_of_item: Kind) -> Iterator[MediaReference]:
    """Pictures, sounds and films that an item names by links: one for each item named, with its files.

    The icon of a text is a picture beside it; that of a picture or film is a file of its own.
    """
    named_by: dict[str, MediaReference] = {}
    icons = () if kind_of_item in MEDIA else item.iterfind("./contentMeta/icon")
    for link in (*item.iterfind("./itemMeta/link"), *icons):
        kind, href = content_kind(link.get("contenttype") or ""), link.get("href") or ""
        if kind is None or not href:
            continue
        name = link.get("residref") or href
        file = _file(link)
        known = named_by.get(name)
        if known is None:
            identifier = link.get("residref") or ""
            title = line(link, "./title")
            known = MediaReference(href, alt=title, kind=kind, identifier=identifier, renditions=())
        named_by[name] = replace(known, renditions=(*known.renditions, file))
    yield from (replace(media, href=best_of(media.renditions, media.kind).href) for media in named_by.values())


def package_item(item: Element) -> Incoming:
    """A package: its members in order, each with the role of the group it stands in."""
    codes = codes_of(item)
    fields = metadata(item, codes)
    walk = _structure(item, codes)
    groups, members = tuple(walk.groups.values()), tuple(walk.members)
    if outside := sum(
        len(group.findall("./itemRef")) for name, group in walk.elements.items() if name not in walk.groups
    ):
        said = phrase(
            "Items stand in groups that the package does not lead to, and were left out: %(count)d.", count=outside
        )
        fields["warnings"] = (*fields["warnings"], sentence(said))
    if not members and fields["status"] is Status.USABLE:
        raise Unreadable(
            phrase("The package %(name)s names no items.", name=item.get("guid") or "?"),
            phrase("Send it with itemRef elements in its groupSet."),
        )
    titled = next((member.title for member in members if member.title), "")
    if not fields["headline"] and titled:
        fields["headline"] = titled
        said = phrase("The package came without a headline: that of its first member stands for it.")
        fields["warnings"] = (*fields["warnings"], sentence(said))
    return Incoming(
        **fields,
        format="newsml-g2",
        kind=Kind.PACKAGE,
        members=members,
        groups=groups,
        links=links(item, codes),
        concepts=asserted(item, codes),
    )


@dataclass
class _Walk:
    """What is met on the way through a package's groups; a group that holds itself is met once."""

    elements: dict[str, Element]
    names: dict[str, str]
    codes: Codes
    groups: dict[str, Group] = field(default_factory=dict)
    members: list[Member] = field(default_factory=list)

    def enter(self, name: str, within: str) -> None:
        """The group's members in order, those of groups in it at their place."""
        element = self.elements.get(name)
        if element is None or name in self.groups or len(self.groups) > _MAX_GROUPS:
            return
        own = self.names[name]
        mode = last(element.get("mode") or element.get("modeuri"))
        self.groups[name] = Group(own, mode, within, in_language(element, "./title", self.codes.language))
        for child in element:
            if local(child) == "groupRef":
                self.enter(child.get("idref") or "", own)
            elif local(child) in ("itemRef", "conceptRef"):
                self.members.append(_member(child, own, self.codes))


def _structure(item: Element, codes: Codes) -> _Walk:
    """The groups of a package and its members, in order from the root group."""
    elements = {group.get("id") or "": group for group in item.iterfind("./groupSet/group")}
    roles = {name: last(group.get("role") or group.get("roleuri")) or name for name, group in elements.items()}
    several = {role for role, count in Counter(roles.values()).items() if count > 1}
    names = {name: f"{role} {name}" if role in several else role for name, role in roles.items()}
    whole = item.find("./groupSet")
    root = (whole.get("root") if whole is not None else None) or ""
    walk = _Walk(elements, names, codes)
    walk.enter(root if root in elements else next(iter(elements), ""), "")
    return walk


def _member(child: Element, group: str, codes: Codes) -> Member:
    if local(child) == "conceptRef":
        return Member(child.get("qcode") or child.get("uri") or "", group, codes.named(child), "concept")
    return Member(
        target=child.get("residref") or child.get("href") or "",
        group=group,
        title=in_language(child, "./headline", codes.language) or in_language(child, "./title", codes.language),
        kind=codes.code(child.find("./itemClass")) or content_kind(child.get("contenttype") or "") or "",
        description=in_language(child, "./description", codes.language),
    )
