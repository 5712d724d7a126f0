"""What a news item holds itself (`contentSet`): the body of a text, marked up or plain, as it is or encoded."""

from __future__ import annotations

import base64

from keshen.house.phrases import phrase, sentence
from keshen.newsroom.body import Node, paragraph
from keshen.newsroom.readers import nitf
from keshen.newsroom.readers.encoding import decode
from keshen.newsroom.readers.incoming import MEDIA, Kind, Unreadable
from keshen.newsroom.readers.markup import Markup, read_markup
from keshen.newsroom.readers.newsml_g2.parts import content_kind, last
from keshen.newsroom.readers.xmltree import Element, inner_html, local

XHTML = frozenset(
    {"html", "head", "body", "div", "section", "article", "main", "p", "span", "a", "b", "i", "em", "strong", "u", "br",
     "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "figure", "img", "blockquote", "pre", "hr", "video",
     "audio"}
)  # fmt: skip
"""What the markup of a text may begin with; anything else in `inlineXML` is of another standard (SportsML, …)."""
FILES = frozenset({"application", "audio", "font", "image", "message", "model", "multipart", "video"})
"""Top-level media types (IANA) of what is no text, XHTML apart; senders have names of their own for what is one."""


def content_of(item: Element, kind: Kind | None) -> Markup:
    """The body: marked up where there is such, else plain. Raises Unreadable when it is of what is not read here.

    A file inside the item of a picture, sound or film is not taken in, with a warning.
    """
    for inline in item.iterfind("./contentSet//inlineXML"):
        for child in inline:
            if local(child) == "nitf" or "nitf" in (inline.get("contenttype") or ""):
                return nitf.body_of(child)
            if local(child) and local(child) not in XHTML:
                raise _not_read(item, local(child))
            inside = child.find("./body") if local(child) == "html" else None
            return read_markup(inner_html(inline if inside is None else inside))
    files: list[str] = []
    for inline in item.iterfind("./contentSet//inlineData"):
        form = (inline.get("contenttype") or "").partition(";")[0].strip().lower()
        text = None if form.partition("/")[0] in FILES and form != "application/xhtml+xml" else _text(inline)
        if text is None:
            encoding = last(inline.get("encoding") or inline.get("encodinguri"))
            files.append(", ".join(filter(None, (form, encoding))))
        elif "html" in form:
            return read_markup(text)
        elif text.strip():
            return Markup(blocks=_paragraphs(text))
    if files and kind not in MEDIA and content_kind(files[0]) is None:
        raise _not_read(item, files[0])
    said = phrase(
        "It carries files inside (%(names)s), which are not taken in; ask for their addresses.",
        names=", ".join(files)[:200],
    )
    return Markup(warnings=[sentence(said)] if files else [])


def _not_read(item: Element, what: str) -> Unreadable:
    name = (item.get("guid") or "")[:200]
    return Unreadable(
        phrase("The item %(name)s holds %(what)s, which is not read here.", name=name, what=what[:100]),
        phrase("Send what there is to say as XHTML or NITF."),
    )


def _text(inline: Element) -> str | None:
    """The characters of `inlineData`; None where they are encoded in a way that is not known here, or hold no text."""
    said = last(inline.get("encoding") or inline.get("encodinguri")).lower()
    text = "".join(piece for piece in inline.itertext() if isinstance(piece, str))
    if not said:
        return text
    if "base64" not in said:
        return None
    try:
        return decode(base64.b64decode("".join(text.split()), validate=True)).text
    except (ValueError, Unreadable):
        return None


def _paragraphs(text: str) -> list[Node]:
    return [paragraph(" ".join(part.split())) for part in text.splitlines() if part.strip()]
