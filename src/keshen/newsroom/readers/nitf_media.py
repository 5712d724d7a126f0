"""The pictures, sounds and films in a NITF document: addresses, sizes, captions, credits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from keshen.newsroom.readers.incoming import MEDIA, Kind, MediaReference, Rendition, best_of
from keshen.newsroom.readers.restrictions import stated_in
from keshen.newsroom.readers.xmltree import Element, line, lines

_MEDIA: Mapping[str, Kind] = {
    "image": Kind.PICTURE,
    "photo": Kind.PICTURE,
    "picture": Kind.PICTURE,
    "graphic": Kind.GRAPHIC,
    "audio": Kind.AUDIO,
    "video": Kind.VIDEO,
}


def attribute(parent: Element | None, path: str, name: str) -> str:
    """An attribute of the first element at `path` that has it, in one line."""
    if parent is None:
        return ""
    values = (" ".join((found.get(name) or "").split()) for found in parent.iterfind(path))
    return next(filter(None, values), "")


def media_of(root: Element) -> Iterator[MediaReference]:
    """Each `media` element that has an address."""
    for media in root.iterfind(".//media"):
        kind = _MEDIA.get((media.get("media-type") or "").lower(), Kind.PICTURE)
        files = tuple(_file(found) for found in media.iterfind("./media-reference") if _href(found))
        if not files or kind not in MEDIA:
            continue
        best = best_of(files, kind)
        first = media.find("./media-reference")
        caption = " ".join(lines(media, "./media-caption"))
        yield MediaReference(
            href=best.href,
            caption=caption,
            alt=" ".join(((first.get("alternate-text") if first is not None else "") or "").split()),
            kind=kind,
            identifier=media.get("id") or "",
            credit=line(media, "./media-producer") or attribute(media, "./media-reference", "source-credit"),
            copyright_notice=attribute(media, "./media-reference", "copyright"),
            restrictions=stated_in(caption),
            renditions=files,
        )


def _href(found: Element) -> str:
    return (found.get("source") or found.get("name") or "").strip()


def _file(found: Element) -> Rendition:
    return Rendition(
        href=_href(found),
        role=found.get("id") or "",
        media_type=found.get("mime-type") or "",
        width=_pixels(found.get("width")),
        height=_pixels(found.get("height")),
        seconds=_time(found.get("time"), found.get("time-unit-of-measure")),
    )


def _pixels(value: str | None) -> int:
    digits = (value or "").removesuffix("px").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 8 else 0


def _time(value: str | None, unit: str | None) -> float:
    number = float(value) if value and value.replace(".", "", 1).isdigit() else 0.0
    return number * 60 if (unit or "").lower().startswith("min") else number
