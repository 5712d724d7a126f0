"""RSS 0.9 to 2.0 and Atom 0.3 and 1.0: every item a story. A bad item is said to be bad; the others are read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from keshen.house.phrases import phrase
from keshen.newsroom.body import document
from keshen.newsroom.readers.encoding import refuse_unfit
from keshen.newsroom.readers.incoming import (
    Incoming,
    Kind,
    Link,
    MediaReference,
    Rendition,
    Status,
    Unreadable,
    best_of,
)
from keshen.newsroom.readers.markup import Markup, read_markup
from keshen.newsroom.readers.moments import moment
from keshen.newsroom.readers.plain import take_dateline
from keshen.newsroom.readers.restrictions import restrictions_in
from keshen.newsroom.readers.subjects import topics
from keshen.newsroom.readers.xmltree import Element, Tree, each, inner_html, local, parse, words
from keshen.rights.territories import NAMES

ROOTS = frozenset({"rss", "feed", "RDF", "channel"})
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_DC = "{http://purl.org/dc/elements/1.1/}"
_TERMS = "{http://purl.org/dc/terms/}"
_MEDIA = "{http://search.yahoo.com/mrss/}"
_YANDEX = "{http://news.yandex.ru}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_KINDS: Mapping[str, Kind] = {"image": Kind.PICTURE, "video": Kind.VIDEO, "audio": Kind.AUDIO}
_BLANK = re.compile(r"\n[ \t]*\r?\n")
_MARKED = re.compile(r"<[a-zA-Z/!]|&(?:#\d+|\w+);")


@dataclass(frozen=True)
class Channel:
    """What a feed says for all its items."""

    title: str
    language: str
    copyright_notice: str
    rss: bool


def read(data: bytes) -> list[Incoming | Unreadable]:
    """The items of a feed, in its order. Raises Unreadable when it is no feed, or a trap."""
    refuse_unfit(data)
    tree = parse(data)
    found = [element for element in tree.root.iter() if local(element) in ("item", "entry", "deleted-entry")]
    if not found and local(tree.root) not in ROOTS:
        raise Unreadable(
            phrase("XML that begins with “%(name)s” is of no format that is read here.", name=local(tree.root)[:60]),
            phrase("Send NewsML-G2, NewsML 1, NITF, RSS or Atom."),
        )
    if not found:
        raise Unreadable(phrase("The feed has no items that can be read."), phrase("Check that it is RSS or Atom."))
    return each(tree, found, partial(_item, channel=channel_of(tree)), "feed item")


def channel_of(tree: Tree) -> Channel:
    """The feed's own title, language and copyright."""
    root = tree.root
    top = next((child for child in root if local(child) == "channel"), root)
    fields = {local(child): child for child in reversed(top) if local(child) not in ("item", "entry")}
    language = words(fields.get("language")) or top.get(_LANG) or root.get(_LANG) or ""
    notice = words(fields.get("copyright")) or words(fields.get("rights"))
    return Channel(words(fields.get("title")), language, notice, rss=local(root) != "feed")


class Fields:
    """The children of an item by name: plain names of any feed, and names with their namespace for the modules."""

    def __init__(self, item: Element) -> None:
        self._found: dict[str, list[Element]] = {}
        for child in item:
            if isinstance(child.tag, str):
                self._found.setdefault(child.tag, []).append(child)
                if (name := local(child)) != child.tag:
                    plain = "" if child.tag.startswith((_MEDIA, CONTENT)) else name
                    self._found.setdefault(plain, []).append(child)

    def all(self, *names: str) -> list[Element]:
        return [element for name in names for element in self._found.get(name, [])]

    def text(self, *names: str) -> str:
        return next((text for element in self.all(*names) if (text := words(element))), "")


def _item(item: Element, channel: Channel) -> Incoming:
    if local(item) == "deleted-entry":
        return _deleted(item, channel)
    fields = Fields(item)
    headline = _plain(fields.all("title", f"{_MEDIA}title"))
    if not headline:
        raise Unreadable(phrase("An item of the feed has no title."), phrase("Give each item a title."))
    full = _markup(fields.all(CONTENT, "content", f"{_YANDEX}full-text"))
    summary = fields.all("description", "summary")
    markup = full if full.blocks else _markup(summary)
    if not markup.blocks:
        raise Unreadable(
            phrase("The item “%(headline)s” has no text.", headline=headline),
            phrase("Send its content, not its title alone."),
        )
    blocks, restrictions = restrictions_in(markup.blocks)
    dateline, blocks = take_dateline(blocks)
    categories = fields.all("category", "subject")
    identifier = fields.text("guid", "id") or item.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about") or ""
    address = _address(fields)
    return Incoming(
        headline=headline,
        standfirst=_plain(summary) if full.blocks else "",
        body=document(blocks),
        format="rss" if channel.rss else "atom",
        status=Status.WITHHELD if fields.text("draft") == "yes" or _is_draft(item) else Status.USABLE,
        identifiers=tuple(dict.fromkeys(name for name in (identifier or address,) if name)),
        language=fields.text("language") or _language(item) or channel.language,
        byline=_authors(fields),
        dateline=dateline,
        source=_source(fields) or channel.title,
        date=moment(fields.text("updated", "modified", f"{_TERMS}modified"))
        or moment(fields.text("pubDate", "published", "issued", "date", "created")),
        created=moment(fields.text("pubDate", "published", "issued", "created", "date")),
        topics=topics(value for each in categories for value in _codes(each)),
        keywords=tuple(dict.fromkeys(name for each in categories if (name := _category(each)))),
        credit=_plain(fields.all(f"{_MEDIA}credit")),
        copyright_notice=fields.text("rights", "copyright") or channel.copyright_notice,
        web_address=address,
        restrictions=tuple(dict.fromkeys((*restrictions, *_restrictions(item)))),
        media=tuple(dict.fromkeys((*markup.pictures, *_media(item)))),
        links=tuple(_links(fields)),
        warnings=tuple(markup.warnings),
    )


def _deleted(item: Element, channel: Channel) -> Incoming:
    """An entry that the feed takes back (RFC 6721)."""
    identifier = item.get("ref") or ""
    if not identifier:
        raise Unreadable(phrase("A deleted entry does not say which."), phrase("Name the entry in its ref attribute."))
    return Incoming(
        headline="",
        format="atom",
        status=Status.CANCELED,
        identifiers=(identifier,),
        language=channel.language,
        source=channel.title,
        date=moment(item.get("when")),
        ednote=" ".join(words(child) for child in item if local(child) == "comment"),
    )


def _is_draft(item: Element) -> bool:
    return any(local(child) == "draft" and words(child) == "yes" for child in item.iter())


def _plain(elements: list[Element]) -> str:
    """The words of the first element that has any; titles may be marked up, too."""
    for element in elements:
        text = inner_html(element) if len(element) else element.text or ""
        if _MARKED.search(text):
            text = read_text(text)
        if text := " ".join(text.split()):
            return text
    return ""


def _markup(elements: list[Element]) -> Markup:
    """The first of them that holds text, read as HTML, which also plain text is."""
    for element in elements:
        if len(element):
            source = inner_html(element)
        elif element.get("type") == "text":
            source = "".join(f"<p>{_escaped(part)}</p>" for part in (element.text or "").splitlines() if part.strip())
        else:
            source = _paragraphs(element.text or "")
        if source.strip() and (found := read_markup(source)).blocks:
            return found
    return Markup()


def _paragraphs(text: str) -> str:
    """Text without marks, whose paragraphs are parted by blank lines, as HTML; what is marked up as it is."""
    if "<" in text or not _BLANK.search(text.strip()):
        return text
    return "".join(f"<p>{part}</p>" for part in _BLANK.split(text) if part.strip())


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def read_text(source: str) -> str:
    """The words of a piece of HTML."""
    return " ".join(
        "".join(piece.get("text", " ") for piece in block.get("content", [])) for block in read_markup(source).blocks
    ).strip()


def _language(item: Element) -> str:
    for element in (item, *item.iter()):
        if found := element.get(_LANG):
            return found
    return ""


def _authors(fields: Fields) -> str:
    names = []
    for author in fields.all("author", "creator"):
        name = next((words(child) for child in author if local(child) == "name"), "") or words(author)
        # RSS has an address with the name in brackets
        if bracketed := re.fullmatch(r"\S+@\S+\s*\((.+)\)", name):
            name = bracketed[1]
        names.append(name)
    return ", ".join(dict.fromkeys(name for name in names if name))


def _source(fields: Fields) -> str:
    for source in fields.all("source"):
        title = (
            next((words(child) for child in source if local(child) == "title"), "") if len(source) else words(source)
        )
        if title:
            return title
    return ""


def _category(element: Element) -> str:
    return element.get("label") or element.get("term") or words(element)


def _codes(element: Element) -> Iterator[str]:
    scheme = (element.get("scheme") or element.get("domain") or "").rstrip("/")
    term = element.get("term") or words(element)
    yield f"{scheme}/{term}" if scheme else term


def _address(fields: Fields) -> str:
    for link in fields.all("link"):
        if link.get("rel", "alternate") == "alternate" and (address := link.get("href") or words(link)):
            return address
    return next(
        (words(guid) for guid in fields.all("guid") if "://" in words(guid) and guid.get("isPermaLink") != "false"), ""
    )


def _links(fields: Fields) -> Iterator[Link]:
    for link in fields.all("link"):
        relation = link.get("rel", "alternate")
        if relation in ("related", "via", "replies") and link.get("href"):
            yield Link(relation, link.get("href") or "", link.get("title") or "")


def _restrictions(item: Element) -> Iterator[str]:
    """Media RSS: where it may be shown, or may not."""
    for found in item.iter(f"{_MEDIA}restriction"):
        text, relationship = words(found), found.get("relationship") or ""
        if found.get("type") == "country" and text:
            places = ", ".join(NAMES[code][0][0] if code in NAMES else code for code in text.upper().split())
            yield f"{places} only" if relationship == "allow" else f"No use in {places}"
        elif text:
            yield f"media:restriction {relationship} {found.get('type') or ''} {text}"


def _media(item: Element) -> Iterator[MediaReference]:
    """Enclosures and Media RSS: of a group the files are renditions of one picture, sound or film."""
    grouped: set[Element] = set()
    for element in item.iter():
        if element.tag == f"{_MEDIA}group":
            files = [child for child in element if child.tag == f"{_MEDIA}content"]
            grouped.update(files)
            yield from _group(files, element)
        elif element in grouped:
            continue
        elif element.tag == f"{_MEDIA}content" or local(element) == "enclosure" or _encloses(element):
            yield from _group([element], element)


def _encloses(element: Element) -> bool:
    return local(element) == "link" and element.get("rel") == "enclosure"


def _group(files: list[Element], around: Element) -> Iterator[MediaReference]:
    renditions = tuple(_file(file) for file in files if file.get("url") or file.get("href"))
    kinds = [kind for file in files if (kind := _kind(file))]
    if not renditions or not kinds:
        return
    best = best_of(renditions, kinds[0])
    inside = {child.tag: child for child in reversed([*around, *(child for file in files for child in file)])}
    yield MediaReference(
        href=best.href,
        caption=words(inside.get(f"{_MEDIA}description")),
        headline=words(inside.get(f"{_MEDIA}title")),
        kind=kinds[0],
        credit=words(inside.get(f"{_MEDIA}credit")),
        copyright_notice=words(inside.get(f"{_MEDIA}copyright")),
        renditions=renditions,
    )


def _kind(file: Element) -> Kind | None:
    first = (file.get("type") or "").partition("/")[0].lower()
    return _KINDS.get(first) or _KINDS.get((file.get("medium") or "").lower())


def _file(file: Element) -> Rendition:
    return Rendition(
        href=(file.get("url") or file.get("href") or "").strip(),
        media_type=file.get("type") or "",
        width=_number(file.get("width")),
        height=_number(file.get("height")),
        size_bytes=_number(file.get("fileSize") or file.get("length")),
        seconds=float(_number(file.get("duration"))),
    )


def _number(value: str | None) -> int:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 16 else 0
