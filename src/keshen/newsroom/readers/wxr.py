"""WordPress's export (WXR): posts and pages as texts, attachments as media; WordPress's own entries are left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from keshen.house.phrases import phrase, sentence
from keshen.newsroom.body import document
from keshen.newsroom.readers.feed import CONTENT, channel_of
from keshen.newsroom.readers.incoming import Incoming, Kind, MediaReference, Rendition, Status, Unreadable
from keshen.newsroom.readers.markup import read_markup
from keshen.newsroom.readers.moments import moment
from keshen.newsroom.readers.plain import take_dateline
from keshen.newsroom.readers.restrictions import restrictions_in
from keshen.newsroom.readers.xmltree import Element, each, local, parse, words

MARK = re.compile(r"wordpress\.org/export/")
TEXTS = frozenset({"post", "page"})
_KINDS: Mapping[str, Kind] = {
    **dict.fromkeys((".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".tif", ".tiff"), Kind.PICTURE),
    **dict.fromkeys((".mp3", ".m4a", ".ogg", ".oga", ".wav", ".flac"), Kind.AUDIO),
    **dict.fromkeys((".mp4", ".m4v", ".mov", ".webm", ".ogv", ".avi", ".mkv"), Kind.VIDEO),
}
_STATUS: Mapping[str, Status] = {
    "publish": Status.USABLE,
    "inherit": Status.USABLE,
    "future": Status.USABLE,
    "trash": Status.CANCELED,
}
_SHORTCODE = re.compile(r"\[/?(?:caption|gallery|embed|audio|video|playlist|wp_[a-z]+|contact-form[\w-]*)\b[^\]]*\]")
_BLOCK = re.compile(r"<!--.*?-->", re.DOTALL)
_MARKED = re.compile(r"<(?:p|div|h[1-6]|ul|ol|blockquote|figure)\b", re.IGNORECASE)


def read(data: bytes) -> list[Incoming | Unreadable]:
    """Every post, page and attachment; a bad one costs no other. Raises Unreadable."""
    tree = parse(data)
    entries = [element for element in tree.root.iter() if local(element) == "item"]
    kinds = {element: _field(element, "post_type") or "post" for element in entries}
    found = [element for element in entries if kinds[element] in TEXTS or kinds[element] == "attachment"]
    if not found:
        raise Unreadable(phrase("The export has no posts."), phrase("Export posts, pages or media from WordPress."))
    attachments = {_field(element, "post_id"): element for element in found if kinds[element] == "attachment"}
    authors = dict(_authors(tree.root))
    read_one = partial(_item, source=channel_of(tree).title, language=channel_of(tree).language, authors=authors,
                       attachments=attachments)  # fmt: skip
    items = each(tree, found, read_one, "WordPress entry")
    others = Counter(kind for element, kind in kinds.items() if element not in set(found))
    if others:
        listed = ", ".join(f"{count} {kind}" for kind, count in sorted(others.items()))
        said = sentence(phrase("WordPress's own entries were left out: %(listed)s.", listed=listed))
        first = next((place for place, item in enumerate(items) if isinstance(item, Incoming)), None)
        if first is not None and isinstance(item := items[first], Incoming):
            items[first] = replace(item, warnings=(*item.warnings, said))
    return items


def _field(item: Element, name: str) -> str:
    return next((text for child in item if local(child) == name and (text := words(child))), "")


def _authors(root: Element) -> Iterator[tuple[str, str]]:
    for author in root.iter():
        if local(author) == "author":
            yield _field(author, "author_login"), _field(author, "author_display_name")


def _item(
    item: Element,
    source: str,
    language: str,
    authors: Mapping[str, str],
    attachments: Mapping[str, Element],
) -> Incoming:
    headline = _field(item, "title")
    kind = _field(item, "post_type") or "post"
    if not headline:
        raise Unreadable(
            phrase("The %(kind)s %(number)s has no title.", kind=kind, number=_field(item, "post_id")),
            phrase("Give it a title in WordPress."),
        )
    common = Incoming(
        headline=headline,
        format="wxr",
        identifiers=tuple(filter(None, (_field(item, "guid") or _field(item, "link"),))),
        language=language,
        byline=authors.get(_field(item, "creator"), _field(item, "creator")),
        source=source,
        date=_moment(item, "modified"),
        created=_moment(item, "date"),
        keywords=tuple(dict.fromkeys(_categories(item))),
        web_address=_field(item, "link"),
    )
    return _attachment(item, common) if kind == "attachment" else _text(item, common, attachments)


def _moment(item: Element, name: str) -> datetime | None:
    """WordPress's times in UTC; a draft has a date of zeros, which is none."""
    return moment(_field(item, f"post_{name}_gmt"))


def _categories(item: Element) -> Iterator[str]:
    for child in item:
        if local(child) == "category" and (text := words(child)) and child.get("domain") != "nav_menu":
            yield text


def _text(item: Element, common: Incoming, attachments: Mapping[str, Element]) -> Incoming:
    content = next((child.text or "" for child in item if child.tag == CONTENT), "")
    markup = read_markup(_paragraphs(content))
    said = _field(item, "status") or "publish"
    status = _STATUS.get(said, Status.WITHHELD)
    if not markup.blocks and status is not Status.CANCELED:
        raise Unreadable(
            phrase("“%(headline)s” has no text.", headline=common.headline),
            phrase("Write its text in WordPress and export it again."),
        )
    blocks, restrictions = restrictions_in(markup.blocks)
    dateline, blocks = take_dateline(blocks)
    warnings = [*markup.warnings]
    if status is not Status.USABLE:
        warnings.append(sentence(phrase("WordPress has it as “%(said)s”.", said=said)))
    if _field(item, "post_password"):
        status = Status.WITHHELD
        warnings.append(sentence(phrase("WordPress shows it to those with a password only: it is withheld.")))
    if _SHORTCODE.search(content):
        warnings.append(sentence(phrase("WordPress's shortcodes were left out.")))
    excerpt = next((words(child) for child in item if local(child) == "encoded" and child.tag != CONTENT), "")
    return replace(
        common,
        standfirst=excerpt,
        body=document(blocks),
        status=status,
        dateline=dateline,
        embargo=common.created if said == "future" else None,
        restrictions=restrictions,
        media=tuple(dict.fromkeys((*_thumbnail(item, attachments), *markup.pictures))),
        warnings=tuple(warnings),
    )


def _paragraphs(content: str) -> str:
    """The content as WordPress shows it: blank lines part paragraphs where there are no elements that do."""
    plain = _SHORTCODE.sub("", _BLOCK.sub("", content))
    if _MARKED.search(plain):
        return plain
    parts = (part.strip().replace("\n", "<br>") for part in re.split(r"\n\s*\n", plain.replace("\r\n", "\n")))
    return "".join(f"<p>{part}</p>" for part in parts if part)


def _thumbnail(item: Element, attachments: Mapping[str, Element]) -> Iterator[MediaReference]:
    """The picture that stands above the post, which the export names by its number."""
    for meta in item:
        if local(meta) == "postmeta" and _field(meta, "meta_key") == "_thumbnail_id":
            attachment = attachments.get(_field(meta, "meta_value"))
            if attachment is not None:
                yield from _media(attachment)


def _media(item: Element) -> Iterator[MediaReference]:
    href = _field(item, "attachment_url")
    kind = _KINDS.get(PurePosixPath(urlsplit(href).path).suffix.lower())
    if href and kind:
        caption = next((words(child) for child in item if local(child) == "encoded" and child.tag != CONTENT), "")
        alt = next(
            (
                _field(meta, "meta_value")
                for meta in item
                if local(meta) == "postmeta" and _field(meta, "meta_key") == "_wp_attachment_image_alt"
            ),
            "",
        )
        title = _field(item, "title")
        name = _field(item, "guid")
        yield MediaReference(href, caption, alt, kind, name, title, renditions=(Rendition(href),))


def _attachment(item: Element, common: Incoming) -> Incoming:
    media = tuple(_media(item))
    if not media:
        raise Unreadable(
            phrase("The attachment “%(headline)s” is no picture, sound or film.", headline=common.headline),
            phrase("Send documents by another way."),
        )
    return replace(common, kind=media[0].kind, standfirst=media[0].caption, media=media)
