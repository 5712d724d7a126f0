"""The files of a ninjs item and what is said of them: addresses, sizes, captions, and the terms on their use."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from keshen.newsroom.readers import rightsml
from keshen.newsroom.readers.incoming import MEDIA, Kind, Link, MediaReference, Rendition, best_of
from keshen.newsroom.readers.ninjs_parts import Item, line, small
from keshen.newsroom.readers.ninjs_texts import caption, credit, headline
from keshen.newsroom.readers.restrictions import stated_in

_SHOWN: Mapping[str, Kind] = {"image/": Kind.PICTURE, "video/": Kind.VIDEO, "audio/": Kind.AUDIO}
"""By the first part of a content type."""
_PAGE = "text/html"


def renditions_of(item: Item) -> Iterator[Rendition]:
    """Its files, in the order in which they stand."""
    for name, file in _files(item):
        yield Rendition(
            href=line(file["href"]),
            role=name or line(file.get("name")),
            media_type=line(file.get("contenttype")) or line(file.get("mimetype")),
            width=_number(file.get("width")),
            height=_number(file.get("height")),
            size_bytes=_number(file.get("sizeinbytes")),
            seconds=_seconds(file.get("duration")),
        )


def media_of(item: Item, kind: Kind, renditions: tuple[Rendition, ...]) -> MediaReference:
    """A picture, sound or film with all its files. Raises ValueError when there are none."""
    best = best_of(renditions, kind)
    return MediaReference(
        href=best.href,
        caption=caption(item),
        kind=kind,
        identifier=line(item.get("uri")),
        headline=headline(item),
        credit=credit(item) or line(item.get("by")) or line(item.get("byline")),
        copyright_notice=line(item.get("copyrightnotice")),
        restrictions=tuple(
            dict.fromkeys((*restrictions_of(item), *stated_in(line(item.get("ednote"))), *_rights_of_files(item)))
        ),
        renditions=renditions,
    )


def own_media(item: Item, kind: Kind, files: tuple[Rendition, ...]) -> Iterator[MediaReference]:
    """What the item is, or shows beside its text: its files, those of one kind together."""
    if kind in MEDIA and files:
        yield media_of(item, kind, files)
    elif kind is Kind.TEXT:
        for first, shown in _SHOWN.items():
            if of_kind := tuple(file for file in files if file.media_type.startswith(first)):
                yield MediaReference(
                    href=best_of(of_kind, shown).href,
                    kind=shown,
                    identifier=line(item.get("uri")),
                    restrictions=tuple(dict.fromkeys(_rights_of_files(item))),
                    renditions=of_kind,
                )


def web_address(kind: Kind, files: tuple[Rendition, ...]) -> str:
    """Where a text stands on the web: its rendition that is a page."""
    return next((file.href for file in files if kind is Kind.TEXT and file.media_type == _PAGE), "")


def other_files(kind: Kind, files: tuple[Rendition, ...]) -> Iterator[Link]:
    """The files of a text that are neither pages nor anything to see or hear: a PDF, the text in another format."""
    if kind is Kind.TEXT:
        for file in files:
            if not file.media_type.startswith((*_SHOWN, _PAGE)):
                yield Link("rendition", file.href, file.role)


def restrictions_of(item: Item) -> tuple[str, ...]:
    """Terms in words, and what an encoded policy says beyond them."""
    rights = item.get("rightsinfo")
    encoded = small(rights).get("encodedrights") if isinstance(rights, dict) else None
    if isinstance(encoded, dict):
        encoded = json.dumps(encoded)
    policy = rightsml.in_json(encoded) if isinstance(encoded, str) and encoded.strip() else ()
    return rightsml.beside(_stated_terms(item), policy)


def _stated_terms(item: Item) -> Iterator[str]:
    rights = item.get("rightsinfo")
    rights = small(rights) if isinstance(rights, dict) else {}
    for term in (item.get("usageterms"), rights.get("usageterms")):
        if text := line(term):
            yield text
    if linked := line(rights.get("linkedrights")):
        yield f"linkedRights: {linked}"


def _rights_of_files(item: Item) -> Iterator[str]:
    """What files say of rights in their extensions (ninjs 3.3); no word of it is known, so a person looks at it."""
    for _name, file in _files(item):
        extensions = file.get("extensions")
        for key, value in extensions.items() if isinstance(extensions, dict) else ():
            if str(key).startswith("rights:") and line(value):
                yield f"{key} {line(value)}"


def _files(item: Item) -> Iterator[tuple[str, Item]]:
    listed = item.get("renditions") or {}
    named = listed.items() if isinstance(listed, dict) else [("", entry) for entry in listed]
    yield from ((name, small(entry)) for name, entry in named if isinstance(entry, dict) and entry.get("href"))


def _number(value: object) -> int:
    return int(value) if isinstance(value, int | float) and 0 <= value < 1 << 53 else 0


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value < 1 << 53 else 0.0
