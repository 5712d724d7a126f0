"""XML as strangers send it: without entities, network or includes, within limits, and read on after damage."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from html.entities import html5

from lxml import etree

from keshen.house.phrases import phrase, sentence
from keshen.newsroom.readers.encoding import decode
from keshen.newsroom.readers.incoming import Incoming, Unreadable

type Element = etree._Element

MAX_ITEMS = 5_000
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*?\?>")
_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)""")
_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]*(?:\[(?P<subset>.*?)\]\s*)?>", re.IGNORECASE | re.DOTALL)
_ENTITY = re.compile(r"<!ENTITY\s+(?!%\s)", re.IGNORECASE)
_REFERENCE = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?:(?P<name>[A-Za-z][A-Za-z0-9]{1,31});|(?P<bare>)(?!#\d+;|#x[0-9A-Fa-f]+;|\w+;))",
    re.DOTALL,
)
_XML_OWN = frozenset({"lt", "gt", "amp", "quot", "apos"})
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INCLUDE = re.compile(r"<(?:\w+:)?include\b[^>]*(?:href|parse)\s*=|XInclude")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Tree:
    """A document's root, and what is wrong with it: `damage` is the lines of errors, `cut` says it ends too early."""

    root: Element
    warnings: tuple[str, ...] = ()
    damage: tuple[tuple[int, str], ...] = ()
    cut: bool = False


def parse(data: bytes) -> Tree:
    """The tree of a document. Raises Unreadable when there is none, or when it declares entities."""
    declared = _ENCODING.search(data[:400])
    decoded = decode(data, declared[1].decode("ascii").lower() if declared else None)
    text, warnings = decoded.text, list(decoded.warnings)
    if start := _DECLARATION.match(text):
        text = "\n" * start[0].count("\n") + text[start.end() :]
    text = _without_doctype(text)
    if _INCLUDE.search(text[:200_000]):
        warnings.append(sentence(phrase("It asks to include other files; that is not done.")))
    text = _REFERENCE.sub(_character, text)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(_NOT_XML.sub("", text).encode(), parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(
            phrase("This is not XML: %(error)s.", error=str(error)), phrase("Send well-formed XML.")
        ) from error
    if root is None:
        raise Unreadable(phrase("This is not XML: nothing in it could be read."), phrase("Send well-formed XML."))
    damage = tuple((entry.line, entry.message) for entry in parser.error_log if entry.level > 1)
    return Tree(root, tuple(warnings), damage[:50], bool(damage) and not _closed(text, root))


def _without_doctype(text: str) -> str:
    """The text without its document type declaration, so that nothing in it is ever looked up or expanded."""
    doctype = _DOCTYPE.search(text[:131_072])
    if _ENTITY.search(text[:131_072]) and (doctype is None or _ENTITY.search(doctype["subset"] or "")):
        raise Unreadable(
            phrase("The XML declares entities; that is refused, since they can fill the memory or read files."),
            phrase("Send the XML without a document type declaration."),
        )
    if doctype is None:
        return text
    return text[: doctype.start()] + "\n" * doctype[0].count("\n") + text[doctype.end() :]


def _character(match: re.Match[str]) -> str:
    """HTML's named characters, which feeds use without declaring them, and ampersands that mean themselves."""
    if match["bare"] is not None:
        return "&amp;"
    name = match["name"]
    return match[0] if name is None or name in _XML_OWN else html5.get(f"{name};", match[0])


def _closed(text: str, root: Element) -> bool:
    """Whether the root element's end tag stands at the end."""
    name = re.escape(local(root))
    return re.search(rf"</(?:[\w.-]+:)?{name}\s*>\s*(?:<!--.*?-->\s*)*\Z", text[-4000:], re.DOTALL) is not None


def each(
    tree: Tree, elements: Iterable[Element], read_one: Callable[[Element], Incoming], name: str
) -> list[Incoming | Unreadable]:
    """What `read_one` makes of each element; one that cannot be read costs no other.

    Damage is told to the item it stands in, and an item in whose midst the document ends is not read: half a story
    would pass for a whole one.
    """
    found = list(elements)
    results: list[Incoming | Unreadable] = []
    for place, element in enumerate(found[:MAX_ITEMS]):
        last = place == len(found) - 1
        if tree.cut and last:
            results.append(
                Unreadable(
                    phrase("The %(name)s ends in the middle: it was cut off.", name=name),
                    phrase("Send it again whole."),
                )
            )
            continue
        until = float("inf") if last else found[place + 1].sourceline or 0
        results.append(_one(element, read_one, name, _told(tree, element.sourceline or 0, until)))
    if len(found) > MAX_ITEMS:
        many = phrase(
            "The message has %(count)d items; the first %(most)d were read.", count=len(found), most=MAX_ITEMS
        )
        results.append(Unreadable(many, phrase("Divide it into several messages.")))
    return results


def _one(
    element: Element, read_one: Callable[[Element], Incoming], name: str, warnings: tuple[str, ...]
) -> Incoming | Unreadable:
    try:
        item = read_one(element)
    except Unreadable as refusal:
        return refusal
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError, StopIteration) as error:
        return Unreadable(
            phrase("The %(name)s cannot be read: %(error)s.", name=name, error=str(error)),
            phrase("Check it against its schema and send it again."),
        )
    return replace(item, warnings=(*warnings, *item.warnings)) if warnings else item


def _told(tree: Tree, start: float, until: float) -> tuple[str, ...]:
    inside = [(line, message) for line, message in tree.damage if start <= line < until]
    if not inside:
        return tree.warnings
    line, message = inside[0]
    said = phrase(
        "The XML is damaged at line %(line)d (%(message)s); check that nothing is missing.",
        line=line,
        message=message.strip(),
    )
    return (*tree.warnings, sentence(said))


def local(element: Element) -> str:
    """The element's name without its namespace; nothing for what is no element."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def without_namespaces(root: Element) -> Element:
    """The tree with local names only: senders use several namespaces, or none, for the same standard."""
    for element in root.iter(etree.Element):
        name = element.tag
        if isinstance(name, str) and name[0] == "{":
            element.tag = name.rpartition("}")[2]
    return root


def words(element: Element | None) -> str:
    """All text of an element in one line; nothing for None."""
    if element is None:
        return ""
    if len(element) == 0:
        return " ".join((element.text or "").split())
    for gap in element.iter("{*}br"):
        gap.tail = f" {gap.tail or ''}"
    return _SPACES.sub(" ", "".join(piece for piece in element.itertext() if isinstance(piece, str))).strip()


def line(parent: Element | None, path: str) -> str:
    """The text of the first element at `path` that has any, in one line."""
    if parent is None:
        return ""
    return next((text for found in parent.iterfind(path) if (text := words(found))), "")


def lines(parent: Element | None, path: str) -> Iterator[str]:
    """The text of each element at `path` that has any."""
    if parent is not None:
        for found in parent.iterfind(path):
            if text := words(found):
                yield text


def inner_html(element: Element) -> str:
    """What stands in an element, as markup."""
    pieces = [_escaped(element.text)]
    pieces += [etree.tostring(child, encoding="unicode", method="html", with_tail=True) for child in element]
    return "".join(pieces)


def _escaped(text: str | None) -> str:
    return (text or "").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
