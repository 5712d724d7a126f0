"""HTML into the structured body: what the schema knows is kept, scripts and styles are dropped and said so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import nh3
from lxml import html as lxml_html

from keshen.house.phrases import phrase, sentence
from keshen.newsroom.body import HEADING_LEVELS, LINK_SCHEMES, Node, new_id
from keshen.newsroom.readers.incoming import MediaReference

KEPT_TAGS = {
    *("p", "br", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "div", "section", "article"),
    *("main", "a", "b", "strong", "i", "em", "img", "figure", "figcaption", "span", "table", "tr", "td", "th"),
    *("tbody", "thead", "pre", "header", "body", "html", "center", "font"),
}
DROPPED_WITH_CONTENT = {
    "title",
    "script",
    "style",
    "noscript",
    "template",
    "iframe",
    "object",
    "svg",
    "nav",
    "footer",
    "form",
}
ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt", "title"}, "ol": {"start"}}
BLOCK_TAGS = {
    *("p", "div", "section", "article", "main", "li", "blockquote", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("figure", "figcaption", "table", "tr", "td", "th", "tbody", "thead", "pre", "header", "body", "html", "center"),
}
MARK_OF_TAG = {"b": "bold", "strong": "bold", "i": "italic", "em": "italic"}
DANGER = re.compile(r"<\s*(script|iframe|object|embed)|\son\w+\s*=|javascript:", re.IGNORECASE)
NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 does not allow (section 2.2), and that no page means."""
SPACES = re.compile(r"[ \t\r\n\f]+")
MAX_DEPTH = 200
TABLE = sentence(phrase("A table was read as lines, its cells parted by strokes: look at it."))
MAX_CREDIT = 120
"""The most characters of the words in a figure, beside its caption, that are a credit and no text."""


@dataclass
class Markup:
    """What was read: the blocks, the first heading of level 1, pictures named, and what was dropped."""

    blocks: list[Node] = field(default_factory=list)
    title: str = ""
    pictures: list[MediaReference] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_markup(source: str) -> Markup:
    """Blocks from an HTML document or fragment. It never fails: what cannot be kept is left out with a warning."""
    found = Markup()
    if DANGER.search(source):
        found.warnings.append(sentence(phrase("Scripts and active content were left out.")))
    clean = nh3.clean(
        source, tags=KEPT_TAGS, clean_content_tags=DROPPED_WITH_CONTENT, attributes=ATTRIBUTES, link_rel=None
    )
    # after cleaning, since a character reference (&#1;) becomes its character there
    root = lxml_html.fragment_fromstring(NOT_TEXT.sub("", clean), create_parent="div")
    _Walk(found).children(root, 0)
    return found


class _Walk:
    """Gathers inline pieces into paragraphs while it goes through the elements."""

    def __init__(self, found: Markup, *, nested: bool = False) -> None:
        self.found = found
        self.nested = nested
        self.inline: list[Node] = []

    def children(self, element: Any, depth: int, marks: tuple[Node, ...] = ()) -> None:
        self._words(element.text, marks)
        for child in element:
            self._element(child, depth + 1, marks)
            self._words(child.tail, marks)
        if element.tag in BLOCK_TAGS:
            self._close("paragraph")

    def _element(self, element: Any, depth: int, marks: tuple[Node, ...]) -> None:
        tag = element.tag
        if not isinstance(tag, str) or depth > MAX_DEPTH:
            return
        if tag == "br":
            self._end_line()
            self.inline.append({"type": "hardBreak"})
        elif tag == "img":
            self._picture(element)
        elif tag == "pre":
            self._preformatted(element)
        elif tag == "table" and (rows := _rows(element, depth)):
            self._lines(element, rows)
        elif tag == "figure" and (picture := _figure(element)):
            self._close("paragraph")
            self.found.pictures.append(picture)
        elif tag == "a":
            self.children(element, depth, _with(marks, _link(element.get("href") or "")))
        elif tag in MARK_OF_TAG:
            self.children(element, depth, _with(marks, {"type": MARK_OF_TAG[tag]}))
        elif tag in ("ul", "ol"):
            self._list(element, depth)
        elif tag == "blockquote":
            self._quote(element, depth)
        elif re.fullmatch(r"h[1-6]", tag):
            self._heading(element, int(tag[1]))
        elif tag in BLOCK_TAGS:
            self._close("paragraph")
            self.children(element, depth, marks)
        else:
            self.children(element, depth, marks)

    def _end_line(self) -> None:
        """Take the spaces off before a break, with the pieces that are nothing else."""
        while self.inline and "text" in self.inline[-1]:
            last = self.inline.pop()
            if kept := last["text"].rstrip(" "):
                self.inline.append({**last, "text": kept})
                return

    def _words(self, text: str | None, marks: tuple[Node, ...]) -> None:
        words = SPACES.sub(" ", text or "")
        # as in a browser: one space where two elements meet, none where a line begins
        if self.inline and self.inline[-1].get("text", " ").endswith(" "):
            words = words.removeprefix(" ")
        if words and (words.strip() or self.inline):
            self.inline.append({"type": "text", "text": words, **({"marks": list(marks)} if marks else {})})

    def _close(self, kind: str, **attributes: Any) -> None:
        inline = list(_trimmed(self.inline))
        self.inline = []
        if inline:
            self.found.blocks.append({"type": kind, "attrs": {"id": new_id(), **attributes}, "content": inline})

    def _lines(self, table: Any, rows: list[list[Markup]]) -> None:
        """A table as lines, its cells parted, for the body of a story has none."""
        self._words(table.text, ())
        self._close("paragraph")
        for row in rows:
            if self.inline:
                self.inline.append({"type": "hardBreak"})
            for place, cell in enumerate(row):
                if place:
                    self.inline.append({"type": "text", "text": " | "})
                self.inline += cell.blocks[0]["content"] if cell.blocks else [{"type": "text", "text": "—"}]
                self.found.pictures += cell.pictures
        self._close("paragraph")
        if TABLE not in self.found.warnings:
            self.found.warnings.append(TABLE)

    def _preformatted(self, element: Any) -> None:
        """Lines that are lines: a line-up, a poem. Empty ones part paragraphs."""
        self._close("paragraph")
        for part in re.split(r"\n[ \t\r]*\n", element.text_content()):
            for text in filter(None, (SPACES.sub(" ", each).strip() for each in part.splitlines())):
                if self.inline:
                    self.inline.append({"type": "hardBreak"})
                self.inline.append({"type": "text", "text": text})
            self._close("paragraph")

    def _heading(self, element: Any, level: int) -> None:
        self._close("paragraph")
        words = SPACES.sub(" ", element.text_content()).strip()
        if level == 1 and not self.found.title and not self.nested:
            self.found.title = words
        elif words:
            self.inline.append({"type": "text", "text": words})
            self._close("heading", level=min(max(level, HEADING_LEVELS[0]), HEADING_LEVELS[-1]))

    def _list(self, element: Any, depth: int) -> None:
        self._close("paragraph")
        items = [item for item in self._items(element, depth) if item]
        if items:
            kind = "orderedList" if element.tag == "ol" else "bulletList"
            self.found.blocks.append(
                {
                    "type": kind,
                    "attrs": {"id": new_id()},
                    "content": [{"type": "listItem", "attrs": {"id": new_id()}, "content": item} for item in items],
                }
            )

    def _quote(self, element: Any, depth: int) -> None:
        self._close("paragraph")
        inside = [paragraph for block in self._inside(element, depth) for paragraph in _paragraphs_in(block)]
        if inside:
            self.found.blocks.append({"type": "blockquote", "attrs": {"id": new_id()}, "content": inside})

    def _items(self, element: Any, depth: int) -> Iterator[list[Node]]:
        """The items of a list; what stands in it outside of one, as lists in lists often do, is an item by itself."""
        stray = _Walk(Markup(), nested=True)
        stray._words(element.text, ())
        for child in element:
            if child.tag == "li":
                yield self._ended(stray, depth)
                yield self._inside(child, depth)
                stray = _Walk(Markup(), nested=True)
            else:
                stray._element(child, depth + 1, ())
            stray._words(child.tail, ())
        yield self._ended(stray, depth)

    def _inside(self, element: Any, depth: int) -> list[Node]:
        """The blocks in an element that can hold only paragraphs and lists."""
        walk = _Walk(Markup(), nested=True)
        walk.children(element, depth + 1)
        return self._ended(walk, depth)

    def _ended(self, walk: _Walk, depth: int) -> list[Node]:
        """What a walk inside an element found, as paragraphs and lists."""
        walk._close("paragraph")
        inner = walk.found
        self.found.pictures += inner.pictures
        self.found.warnings += [said for said in inner.warnings if said not in self.found.warnings]
        kept: list[Node] = []
        for block in inner.blocks:
            if block["type"] == "heading":
                block = {**block, "type": "paragraph", "attrs": {"id": block["attrs"]["id"]}}
            kept += block["content"] if block["type"] == "blockquote" else [block]
        return kept if depth < 8 else [paragraph for block in kept for paragraph in _paragraphs_in(block)]

    def _picture(self, element: Any) -> None:
        href = element.get("src") or ""
        if urlsplit(href).scheme in ("http", "https"):
            self.found.pictures.append(
                MediaReference(href, caption=element.get("title") or "", alt=element.get("alt") or "")
            )


def _paragraphs_in(block: Node) -> Iterator[Node]:
    """The paragraphs of a block, those of a list's items one after another."""
    if block["type"] == "paragraph":
        yield block
    else:
        for child in block.get("content") or []:
            if child["type"] not in ("text", "hardBreak"):
                yield from _paragraphs_in(child)


def _rows(table: Any, depth: int) -> list[list[Markup]]:
    """The cells of a table of words and figures, row by row; nothing of one that only lays out a page."""
    if next(table.iterdescendants("table"), None) is not None:
        return []
    rows = [[_inside(cell, depth) for cell in row.iterchildren("td", "th")] for row in table.iter("tr")]
    rows = [row for row in rows if any(cell.blocks for cell in row)]
    plain = all(len(cell.blocks) < 2 and _is_line(cell) for row in rows for cell in row)
    return rows if plain and max(map(len, rows), default=0) > 1 else []


def _is_line(cell: Markup) -> bool:
    return not cell.blocks or cell.blocks[0]["type"] == "paragraph"


def _inside(cell: Any, depth: int) -> Markup:
    found = Markup()
    walk = _Walk(found, nested=True)
    walk.children(cell, depth + 1)
    walk._close("paragraph")
    return found


def _figure(element: Any) -> MediaReference | None:
    """The one picture a figure shows, under the words beside it; None of a figure that is anything else.

    What is in `figcaption` is the caption, other words, if they are short, name who made it.
    """
    shown = [each for each in element.iter("img") if urlsplit(each.get("src") or "").scheme in ("http", "https")]
    if len(shown) != 1 or next(element.iter("table", "blockquote", "pre", "ul", "ol"), None) is not None:
        return None
    captions = [SPACES.sub(" ", each.text_content()).strip() for each in element.iter("figcaption")]
    beside = [each for each in element.iterchildren() if each.tag != "figcaption"]
    credit = SPACES.sub(" ", " ".join(each.text_content() for each in beside)).strip()
    if len(credit) > MAX_CREDIT or (element.text or "").strip() or any((each.tail or "").strip() for each in element):
        return None
    picture = shown[0]
    caption = " ".join(filter(None, captions)) or picture.get("title") or ""
    return MediaReference(picture.get("src"), caption=caption, alt=picture.get("alt") or "", credit=credit)


def _link(href: str) -> Node | None:
    return {"type": "link", "attrs": {"href": href}} if href and urlsplit(href).scheme in LINK_SCHEMES else None


def _with(marks: tuple[Node, ...], mark: Node | None) -> tuple[Node, ...]:
    if mark is None or any(present["type"] == mark["type"] for present in marks):
        return marks
    return (*marks, mark)


def _trimmed(inline: list[Node]) -> Iterator[Node]:
    """The pieces of a block without spaces and breaks at its ends, equal neighbours joined."""
    joined: list[Node] = []
    for piece in inline:
        if joined and "text" in piece and "text" in joined[-1] and piece.get("marks") == joined[-1].get("marks"):
            joined[-1] = {**joined[-1], "text": SPACES.sub(" ", joined[-1]["text"] + piece["text"])}
        else:
            joined.append(piece)
    while joined and not joined[0].get("text", "").strip():
        joined.pop(0)
    while joined and not joined[-1].get("text", "").strip():
        joined.pop()
    if joined:
        joined[0] = {**joined[0], "text": joined[0]["text"].lstrip()}
        joined[-1] = {**joined[-1], "text": joined[-1]["text"].rstrip()}
    yield from joined
