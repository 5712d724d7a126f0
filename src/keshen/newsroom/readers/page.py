"""An HTML page or fragment as one story, and Markdown, which is HTML written another way."""

from __future__ import annotations

import re

from lxml import etree
from lxml import html as lxml_html
from markdown_it import MarkdownIt

from keshen.house.phrases import phrase
from keshen.newsroom.body import block_text, document
from keshen.newsroom.readers.encoding import decode
from keshen.newsroom.readers.incoming import Incoming, Unreadable
from keshen.newsroom.readers.markup import Markup, read_markup
from keshen.newsroom.readers.plain import take_dateline
from keshen.newsroom.readers.restrictions import restrictions_in

DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?([A-Za-z0-9_-]+)""")
ARTICLE_PATHS = ("//article", "//main", "//*[@role='main']", "//body")


def read_html(data: bytes) -> list[Incoming]:
    """The page's article: its `h1` or title is the headline. Raises Unreadable."""
    declared = DECLARED.search(data[:2048])
    decoded = decode(data, declared[1].decode("ascii").lower() if declared else None)
    try:
        root = lxml_html.document_fromstring(decoded.text.encode(), parser=lxml_html.HTMLParser(encoding="utf-8"))
    except etree.ParserError as error:
        raise Unreadable(
            phrase("The page cannot be read: %(error)s.", error=str(error)), phrase("Send the story as text.")
        ) from error
    article = next((found[0] for path in ARTICLE_PATHS if (found := root.xpath(path))), root)
    source = etree.tostring(article, encoding="unicode", method="html", with_tail=False)
    markup = read_markup(source)
    if not markup.title:
        headings = root.xpath("//h1")
        title = headings[0] if headings else root.find(".//title")
        markup.title = re.sub(r"\s+", " ", title.text_content()).strip() if title is not None else ""
    language = (root.get("lang") or "").strip()
    return [_story(markup, "html", language, decoded.warnings)]


def read_markdown(data: bytes) -> list[Incoming]:
    """Markdown: the first heading is the headline, else the first line. Raises Unreadable."""
    decoded = decode(data)
    source = MarkdownIt("commonmark", {"html": True}).render(decoded.text)
    return [_story(read_markup(source), "markdown", "", decoded.warnings)]


def _story(markup: Markup, form: str, language: str, warnings: tuple[str, ...]) -> Incoming:
    blocks = list(markup.blocks)
    headline = markup.title
    if not headline and blocks and blocks[0]["type"] in ("heading", "paragraph"):
        headline = block_text(blocks.pop(0)).strip()
    if not headline:
        raise Unreadable(phrase("The story has no headline."), phrase("Give it a first heading."))
    if not blocks:
        raise Unreadable(
            phrase("The story has a headline and nothing after it."), phrase("Write the story below the headline.")
        )
    blocks, restrictions = restrictions_in(blocks)
    dateline, blocks = take_dateline(blocks)
    return Incoming(
        headline=headline,
        body=document(blocks),
        format=form,
        language=language,
        dateline=dateline,
        restrictions=restrictions,
        media=tuple(markup.pictures),
        warnings=(*warnings, *markup.warnings),
    )
