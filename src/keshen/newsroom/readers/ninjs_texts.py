"""Headlines, descriptions and bodies in ninjs: which of the several that an item may have is taken for what.

1.x has one text in each of its names; 2.x and 3.x lists of objects with roles, which nobody prescribes. Drafts of 2.0,
which senders use, have the lists under the singular name, with `name` for `role` and `text` for `value`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from keshen.newsroom.body import HEADING_LEVELS, Node, document, new_id, paragraph, paragraphs
from keshen.newsroom.readers import nitf
from keshen.newsroom.readers.incoming import Unreadable
from keshen.newsroom.readers.markup import Markup, read_markup
from keshen.newsroom.readers.ninjs_parts import Item, line, small
from keshen.newsroom.readers.xmltree import Element, parse, without_namespaces

SUMMARIES = ("summary", "main")
CAPTIONS = ("caption", "summary", "main")
"""Roles in the order in which they are preferred to a text without one of them."""
CREDITS = frozenset({"creditline", "credit"})
WRITERS = frozenset({"writer", "captionwriter"})
_NO_DESCRIPTION = CREDITS | WRITERS
_DESCRIPTIONS = ("description_text", "description_summary", "description_main", "description")
_SECOND = "headline_sub"
_MARKED_UP = re.compile(r"\s*<(?:p|div|section|article|h[1-6]|ul|ol|blockquote|figure|html|!doctype)\b", re.IGNORECASE)
_NITF = re.compile(r"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!DOCTYPE\s+nitf[^>]*>\s*)?<(?:\w+:)?nitf[\s>]", re.IGNORECASE)
_ELEMENT = re.compile(r"\s*<[?!]?[a-z]", re.IGNORECASE)


@dataclass(frozen=True)
class Text:
    """One of an item's texts: its role and content type in small letters, and the text."""

    value: str
    role: str = ""
    type: str = ""


def headline(item: Item) -> str:
    """The main headline, else the first, else the title."""
    texts = list(_texts(item, "headlines", "headline"))
    main = [text for text in texts if text.role in ("", "main")]
    whole = next((one for text in (*main, *texts) if (one := in_one_line(text.value))), "")
    others = (name for name in sorted(item) if name.startswith("headline_") and not name.startswith(_SECOND))
    return whole or _first(item, "headline", "headline_main", *others, "title")


def standfirst(item: Item) -> str:
    """What stands above a text: its summary, else a description of another role, else its second headline."""
    return _described(item, SUMMARIES) or _first(item, *_names(item, *_DESCRIPTIONS, but="caption")) or _second(item)


def _second(item: Item) -> str:
    """A headline below the headline: in 1.x `headline_sub…`, later one of the role."""
    below = (text.value for text in _texts(item, "headlines", "headline") if text.role.startswith("sub"))
    return next(map(in_one_line, below), "") or _first(
        item, *(name for name in item if name.startswith("headline_sub"))
    )


def caption(item: Item) -> str:
    """What stands under a picture: its caption, else what describes it otherwise."""
    return _described(item, CAPTIONS) or _first(item, *_names(item, "description_caption", *_DESCRIPTIONS))


def credit(item: Item) -> str:
    """The credit line, which some senders have among the descriptions."""
    found = (line(text.value) for text in _texts(item, "descriptions", "description") if text.role in CREDITS)
    return line(item.get("creditline")) or next(found, "")


def _names(item: Item, *known: str, but: str = "") -> Iterator[str]:
    """The descriptions of 1.x, whose names go on as the sender likes: those that are known first."""
    yield from known
    for name in sorted(item):
        if name.startswith("description_") and not set(name.split("_")) & {*_NO_DESCRIPTION, but}:
            yield name


def caption_writers(item: Item) -> Iterator[str]:
    """Who wrote the caption, where that stands among the descriptions."""
    for text in _texts(item, "descriptions", "description"):
        if text.role in WRITERS and line(text.value):
            yield line(text.value)


def in_one_line(value: object) -> str:
    """A text of one line; where it is marked up, without the marks."""
    if isinstance(value, str) and re.search(r"</?[a-z][^>]*>|&\w+;", value):
        found = read_markup(value)
        value = " ".join((found.title, *paragraphs(document(found.blocks))))
    return line(value)


def body(item: Item) -> Markup:
    """The body that keeps most of a text's form: HTML, then NITF, then what looks marked up, then plain text."""
    texts = [text for text in _texts(item, "bodies", "body") if text.value.strip()]
    for text in texts:
        if "html" in text.type or "html" in text.role:
            return read_markup(text.value)
    for text in texts:
        if _NITF.match(text.value) and (found := _nitf(text.value)).blocks:
            return found
    plain = [text for text in texts if not _ELEMENT.match(text.value)]
    if plain:
        return Markup(blocks=_paragraphs(plain[0].value))
    return read_markup(texts[0].value) if texts else _in_one_name(item)


def titled(named: str, found: Markup) -> tuple[str, Markup]:
    """The headline, and the body with its first heading in it where that says something else."""
    title = found.title
    if not title or not named or title.casefold() == named.casefold():
        return named or title, found
    attributes = {"id": new_id(), "level": HEADING_LEVELS[0]}
    first: Node = {"type": "heading", "attrs": attributes, "content": [{"type": "text", "text": title}]}
    return named, replace(found, blocks=[first, *found.blocks])


def _nitf(value: str) -> Markup:
    try:
        root: Element = without_namespaces(parse(value.encode(errors="replace")).root)
    except Unreadable:
        return Markup()
    return nitf.body_of(root)


def _in_one_name(item: Item) -> Markup:
    """The body of 1.x: `body_html`, `body_text` and the like, one of each."""
    for key in ("body_xhtml", "body_html"):
        if item.get(key):
            return read_markup(str(item[key]))
    others = [item[key] for key in sorted(item) if key.startswith("body_") and isinstance(item[key], str)]
    if marked_up := next(filter(_MARKED_UP.match, others), ""):
        return read_markup(marked_up)
    if documents := [found for text in others if _NITF.match(text) and (found := _nitf(text)).blocks]:
        return documents[0]
    return Markup(blocks=_paragraphs(str(item.get("body_text") or next(iter(others), ""))))


def _paragraphs(text: str) -> list[Node]:
    return [paragraph(line.strip()) for line in re.split(r"[\r\n]+", text) if line.strip()]


def _described(item: Item, roles: tuple[str, ...]) -> str:
    texts = [text for text in _texts(item, "descriptions", "description") if text.role not in _NO_DESCRIPTION]
    preferred = [text for role in roles for text in texts if text.role == role]
    return next((one for text in (*preferred, *texts) if (one := in_one_line(text.value))), "")


def _first(item: Item, *names: str) -> str:
    return next((text for name in names if (text := in_one_line(item.get(name)))), "")


def _texts(item: Item, plural: str, singular: str) -> Iterator[Text]:
    listed = item.get(plural) or item.get(singular)
    for entry in listed if isinstance(listed, list) else ():
        fields = small(entry)
        value = next((found for key in ("value", "text", singular) if isinstance(found := fields.get(key), str)), "")
        role = line(fields.get("role")) or line(fields.get("name"))
        yield Text(value, role.casefold(), line(fields.get("contenttype")).casefold())
