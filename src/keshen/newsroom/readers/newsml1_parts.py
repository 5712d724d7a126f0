"""What stands where in a NewsML 1 component: its words, the roles of its parts, and the kinds of its files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from keshen.newsroom.body import document, paragraph, paragraphs
from keshen.newsroom.readers import nitf
from keshen.newsroom.readers.incoming import MEDIA, Kind
from keshen.newsroom.readers.markup import Markup, read_markup
from keshen.newsroom.readers.xmltree import Element, inner_html, words

KINDS: Mapping[str, Kind] = {
    "photo": Kind.PICTURE,
    "picture": Kind.PICTURE,
    "image": Kind.PICTURE,
    "graphic": Kind.GRAPHIC,
    "animation": Kind.GRAPHIC,
    "audio": Kind.AUDIO,
    "video": Kind.VIDEO,
}
_BODY = frozenset({"body", "main", "text", "story", "article", "bodytext"})
_BESIDE = frozenset({"headline", "subheadline", "contact", "caption", "byline", "dateline", "slugline", "keywords"})
"""Roles of components with words that are not the text itself."""


def formal(element: Element | None) -> str:
    """The `FormalName` in one line; nothing for None."""
    return " ".join((element.get("FormalName") or "").split()) if element is not None else ""


def within(component: Element | None, path: str) -> Iterator[Element]:
    """Elements at a path of the component, then of those around it, whose metadata hold for it too."""
    if component is not None:
        yield from component.iterfind(f"./{path}")
        for parent in component.iterancestors("NewsComponent"):
            yield from parent.iterfind(f"./{path}")
        for child in component.iterfind("./NewsComponent"):
            if not kinds_in(child) & MEDIA:
                yield from child.iterfind(f"./{path}")


def body_of(component: Element | None) -> Markup:
    """The text of the component: what is called its body, else its own, else that of the first that has one."""
    texts = [(around, data) for around, data in _texts(component) if role(around) not in _BESIDE]
    called = [(around, data) for around, data in texts if role(around) in _BODY]
    found = next((data for _around, data in (*called, *texts)), None)
    return Markup() if found is None else _data(found)


def _texts(component: Element | None) -> Iterator[tuple[Element, Element]]:
    """Each piece of words in the component, outside its pictures, with the component it stands in."""
    for content in component.iter("ContentItem") if component is not None else ():
        around, data = next(content.iterancestors("NewsComponent")), content.find("./DataContent")
        beside_files = around is not component and bool(kinds_in(around) & MEDIA)
        if is_text(content) and not beside_files and data is not None and (words(data) or len(data)):
            yield around, data


def of_role(component: Element | None, wanted: str, between: str = ", ") -> str:
    """The words of the component of a role in one line, `between` them where lines end."""
    for around in component.iter("NewsComponent") if component is not None else ():
        if role(around) == wanted:
            pieces = (each.find("./DataContent") for each in around.iterfind("./ContentItem") if is_text(each))
            blocks = [block for data in pieces if data is not None for block in _data(data).blocks]
            said = (part for text in paragraphs(document(blocks)) for part in text.split("\n"))
            return between.join(part.strip() for part in said if part.strip())
    return ""


def role(component: Element) -> str:
    """The role of a component, in small letters."""
    return formal(component.find("./Role")).casefold()


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


def is_text(content: Element) -> bool:
    """Whether words stand in it: no file, no style sheet."""
    kind = formal(content.find("./MediaType")).lower()
    mime = formal(content.find("./MimeType")).lower()
    other = mime.startswith(("image/", "audio/", "video/")) or mime in ("text/css", "text/javascript")
    return kind in ("text", "") and not other and content.get("Href") is None


def kind_of(content: Element) -> Kind | None:
    """What kind of picture, sound or film a file is; None of anything else."""
    named = KINDS.get(formal(content.find("./MediaType")).lower())
    first = formal(content.find("./MimeType")).lower().partition("/")[0]
    return named or KINDS.get(first)


def kinds_in(component: Element) -> set[Kind]:
    """The kinds of the files in a component itself."""
    return {kind for content in component.iterfind("./ContentItem") if (kind := kind_of(content))}
