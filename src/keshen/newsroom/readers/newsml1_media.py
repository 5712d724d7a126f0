"""The pictures, sounds and films in a NewsML 1 component, with all their files and the terms stated beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from keshen.newsroom.readers.incoming import Kind, MediaReference, Rendition, best_of
from keshen.newsroom.readers.moments import moment
from keshen.newsroom.readers.newsml1_parts import KINDS, formal, is_text, kind_of, role
from keshen.newsroom.readers.restrictions import stated_in
from keshen.newsroom.readers.xmltree import Element, line, lines, words

_ROLES: Mapping[str, Kind] = {**KINDS, "logo": Kind.GRAPHIC}
"""Roles of components whose files are all of one picture, sound or film, its previews too."""


def media_of(component: Element | None) -> Iterator[MediaReference]:
    """One for each component that holds files of a picture, sound or film; components in it are its renditions."""
    if component is None:
        return
    for inside in component.iter("NewsComponent"):
        files: dict[Kind, list[Rendition]] = {}
        for content in inside.iterfind("./ContentItem"):
            kind = _ROLES.get(role(inside)) or kind_of(content)
            if kind and kind_of(content) and content.get("Href"):
                files.setdefault(kind, []).append(_file(content))
        for kind, renditions in files.items():
            best = best_of(renditions, kind)
            headline = line(inside, "./NewsLines/HeadLine")
            caption = _caption(inside) or headline
            yield MediaReference(
                href=best.href,
                caption=caption,
                kind=kind,
                identifier=inside.get("Duid") or "",
                headline=headline,
                credit=line(inside, "./NewsLines/CreditLine") or line(inside, "./NewsLines/ByLine"),
                copyright_notice=line(inside, "./NewsLines/CopyrightLine"),
                restrictions=tuple(dict.fromkeys((*own_rights(inside), *stated_in(caption)))),
                renditions=tuple(renditions),
            )


def _caption(component: Element) -> str:
    """The words of the text beside the files, in the component or in one of its own."""
    for content in component.iter("ContentItem"):
        if is_text(content) and (data := content.find("./DataContent")) is not None and words(data):
            return words(data)
    return ""


def _file(content: Element) -> Rendition:
    facts = {formal(each).lower(): each.get("Value") or "" for each in content.iterfind("./Characteristics/Property")}
    return Rendition(
        href=content.get("Href") or "",
        role=formal(content.find("./Notation")) or facts.get("imageuse") or facts.get("multimediause") or "",
        media_type=formal(content.find("./MimeType")),
        width=number(facts.get("width") or facts.get("pixelwidth") or ""),
        height=number(facts.get("height") or facts.get("pixelheight") or ""),
        size_bytes=number(line(content, "./Characteristics/SizeInBytes")),
        seconds=float(number(facts.get("duration", ""))),
    )


def number(value: str) -> int:
    """A whole number written in digits; 0 of anything else."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else 0


def own_rights(component: Element) -> Iterator[str]:
    """The terms that a component states for itself, in words."""
    yield from lines(component, "./NewsLines/RightsLine")
    for usage in component.iterfind("./RightsMetadata/UsageRights"):
        yield from lines(usage, "./Limitations")
        yield from (f"{place} only" for place in lines(usage, "./Geography"))
        if until := moment(line(usage, "./EndDate")):
            yield f"Use until {until.isoformat()}"
        if since := moment(line(usage, "./StartDate")):
            yield f"Use from {since.isoformat()}"
