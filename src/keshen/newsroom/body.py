"""The structured body of a text: ProseMirror JSON of a small, versioned schema, checked here and nowhere else.

    {"type": "doc", "schema": 1, "content": [{"type": "paragraph", "attrs": {"id": "p1"}, "content": [...]}]}

Every block has an `id` that stays with it through edits; `from` names the block of the source text it was translated
from. What the schema does not know is refused, never dropped: an unknown node would vanish without a word on a page.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit

from keshen.house.phrases import phrase

SCHEMA = 1

type Node = dict[str, Any]


@dataclass(frozen=True)
class NodeRule:
    """What a node may hold: the types of its children and the names of its attributes."""

    children: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    needs_children: bool = False


INLINE = frozenset({"text", "hardBreak"})
BLOCKS = frozenset({"paragraph", "heading", "bulletList", "orderedList", "blockquote", "picture"})
IDENTITY = frozenset({"id", "from"})

NODES: Mapping[str, NodeRule] = {
    "doc": NodeRule(BLOCKS),
    "paragraph": NodeRule(INLINE, IDENTITY),
    "heading": NodeRule(INLINE, IDENTITY | {"level"}),
    "bulletList": NodeRule(frozenset({"listItem"}), IDENTITY, needs_children=True),
    "orderedList": NodeRule(frozenset({"listItem"}), IDENTITY | {"start", "type"}, needs_children=True),
    "listItem": NodeRule(frozenset({"paragraph", "bulletList", "orderedList"}), IDENTITY, needs_children=True),
    "blockquote": NodeRule(frozenset({"paragraph"}), IDENTITY, needs_children=True),
    "picture": NodeRule(frozenset(), IDENTITY | {"asset", "alt", "caption"}),
    "hardBreak": NodeRule(),
    "text": NodeRule(),
}
MARKS: Mapping[str, frozenset[str]] = {
    "bold": frozenset(),
    "italic": frozenset(),
    "link": frozenset({"href", "target", "rel", "class", "title"}),
}
MARK_TAGS = {"bold": "strong", "italic": "em"}
LINK_SCHEMES = frozenset({"http", "https", "mailto", ""})
TEXT_BLOCKS = frozenset({"paragraph", "heading"})
MAX_DEPTH = 12
HEADING_LEVELS = (2, 3, 4)


class BodyError(ValueError):
    """A body that the schema does not allow; the message names the place and the remedy."""


def empty() -> Node:
    """A body with one empty paragraph."""
    return from_paragraphs([""])


def from_paragraphs(paragraphs: Iterable[str]) -> Node:
    """A body of plain paragraphs."""
    return document([paragraph(text) for text in paragraphs])


def document(blocks: Sequence[Node]) -> Node:
    return {"type": "doc", "schema": SCHEMA, "content": list(blocks)}


def paragraph(text: str, *, block_id: str | None = None) -> Node:
    node: Node = {"type": "paragraph", "attrs": {"id": block_id or new_id()}}
    if text:
        node["content"] = [{"type": "text", "text": text}]
    return node


def new_id() -> str:
    """An identity for a block, unique in any body."""
    return token_hex(6)


def validate(body: object) -> Node:
    """The body, checked, with an identity given to each block that lacks one or repeats another's.

    Raises BodyError for anything the schema does not know.
    """
    if not isinstance(body, dict) or body.get("type") != "doc":
        raise BodyError(phrase("The body is not a document: its outermost node must be of type 'doc'."))
    schema = body.get("schema", SCHEMA)
    if schema != SCHEMA:
        raise BodyError(
            phrase(
                "The body has schema %(schema)s; this house reads schema %(ours)d. Upgrade, or save it anew.",
                schema=repr(schema),
                ours=SCHEMA,
            )
        )
    seen: set[str] = set()
    return {**_checked(body, "doc", seen, 0), "schema": SCHEMA}


def _checked(node: object, where: str, seen: set[str], depth: int) -> Node:
    if not isinstance(node, dict):
        raise BodyError(phrase("%(where)s: a node must be an object.", where=where))
    kind = node.get("type")
    rule = NODES.get(kind) if isinstance(kind, str) else None
    if rule is None or not isinstance(kind, str):
        raise BodyError(
            phrase(
                "%(where)s: unknown node %(kind)s. Known nodes: %(known)s.",
                where=where,
                kind=repr(kind),
                known=", ".join(sorted(NODES)),
            )
        )
    if depth > MAX_DEPTH:
        raise BodyError(phrase("%(where)s: nested deeper than %(depth)d levels.", where=where, depth=MAX_DEPTH))
    if kind == "text":
        return _checked_text(node, where)
    made: Node = {"type": kind}
    attributes = _checked_attributes(node, kind, rule, where)
    if "id" in rule.attributes:
        if not isinstance(attributes.get("id"), str) or not attributes["id"] or attributes["id"] in seen:
            attributes["id"] = new_id()
        seen.add(attributes["id"])
    if attributes:
        made["attrs"] = attributes
    children = node.get("content") or []
    if not isinstance(children, list):
        raise BodyError(phrase("%(where)s: 'content' must be a list.", where=where))
    if rule.needs_children and not children:
        raise BodyError(phrase("%(where)s: %(kind)s is empty.", where=where, kind=kind))
    for child in children:
        child_kind = child.get("type") if isinstance(child, dict) else None
        if child_kind in NODES and child_kind not in rule.children:
            raise BodyError(
                phrase(
                    "%(where)s: %(child_kind)s cannot stand in %(kind)s.", where=where, child_kind=child_kind, kind=kind
                )
            )
    if children:
        made["content"] = [
            _checked(child, f"{where}/{index + 1}", seen, depth + 1) for index, child in enumerate(children)
        ]
    return made


def _checked_attributes(node: Node, kind: str, rule: NodeRule, where: str) -> dict[str, Any]:
    given = node.get("attrs") or {}
    if not isinstance(given, dict):
        raise BodyError(phrase("%(where)s: 'attrs' must be an object.", where=where))
    unknown = set(given) - rule.attributes
    if unknown:
        raise BodyError(
            phrase("%(where)s: %(kind)s has no attribute %(name)s.", where=where, kind=kind, name=repr(min(unknown)))
        )
    attributes = {name: value for name, value in given.items() if value is not None}
    if kind == "heading" and attributes.setdefault("level", 2) not in HEADING_LEVELS:
        raise BodyError(
            phrase(
                "%(where)s: a heading has level %(least)d to %(most)d.",
                where=where,
                least=HEADING_LEVELS[0],
                most=HEADING_LEVELS[-1],
            )
        )
    if kind == "picture" and not isinstance(attributes.get("asset"), str):
        raise BodyError(phrase("%(where)s: a picture names its asset.", where=where))
    return attributes


def _checked_text(node: Node, where: str) -> Node:
    text = node.get("text")
    if not isinstance(text, str) or not text:
        raise BodyError(phrase("%(where)s: a text node must have text.", where=where))
    if "\x00" in text:
        raise BodyError(phrase("%(where)s: the text has a zero byte.", where=where))
    made: Node = {"type": "text", "text": text}
    marks = []
    for mark in node.get("marks") or []:
        name = mark.get("type") if isinstance(mark, dict) else None
        if not isinstance(name, str) or name not in MARKS:
            raise BodyError(
                phrase(
                    "%(where)s: unknown mark %(name)s. Known marks: %(known)s.",
                    where=where,
                    name=repr(name),
                    known=", ".join(sorted(MARKS)),
                )
            )
        attributes = {key: value for key, value in (mark.get("attrs") or {}).items() if key in MARKS[name]}
        if name == "link":
            href = attributes.get("href")
            if not isinstance(href, str) or urlsplit(href).scheme.lower() not in LINK_SCHEMES:
                raise BodyError(phrase("%(where)s: a link must lead to http, https or mailto.", where=where))
            attributes = {"href": href}
        marks.append({"type": name, "attrs": attributes} if attributes else {"type": name})
    if marks:
        made["marks"] = marks
    return made


def text_blocks(body: Node) -> Iterator[Node]:
    """Paragraphs and headings, in reading order, wherever they stand."""
    for child in body.get("content") or []:
        if child["type"] in TEXT_BLOCKS:
            yield child
        else:
            yield from text_blocks(child)


def block_text(block: Node) -> str:
    """The plain text of one block; a hard break is a line break."""
    return "".join(child.get("text", "\n") for child in block.get("content") or [])


def paragraphs(body: Node) -> list[str]:
    """The plain text of each block that has any, in reading order."""
    return [text for block in text_blocks(body) if (text := block_text(block).strip())]


def to_text(body: Node) -> str:
    """Plain text, a blank line between blocks."""
    return "\n\n".join(paragraphs(body))


def pictures(body: Node) -> list[Node]:
    """The picture nodes, in reading order."""
    return [child for child in body.get("content") or [] if child["type"] == "picture"]


def map_text(body: Node, change: Callable[[list[str]], list[str]]) -> Node:
    """The body with its words changed and its structure, links and marks as they were.

    `change` receives the runs of one block (the consecutive pieces between marks and breaks) and returns as many;
    it is also given each picture's `alt` and `caption`.
    """
    return {**body, "content": [_mapped(child, change) for child in body.get("content") or []]}


def _mapped(node: Node, change: Callable[[list[str]], list[str]]) -> Node:
    if node["type"] == "picture":
        attributes = dict(node["attrs"])
        for name in ("alt", "caption"):
            if attributes.get(name):
                attributes[name] = change([attributes[name]])[0]
        return {**node, "attrs": attributes}
    children = node.get("content")
    if not children:
        return node
    if node["type"] not in TEXT_BLOCKS:
        return {**node, "content": [_mapped(child, change) for child in children]}
    runs = [child["text"] for child in children if child["type"] == "text"]
    changed = iter(change(runs)) if runs else iter(())
    made = []
    for child in children:
        if child["type"] == "text":
            text = next(changed)
            if text:
                made.append({**child, "text": text})
        else:
            made.append(child)
    return {**node, "content": made}


PictureHtml = Callable[[Node], str]


def to_html(body: Node, picture: PictureHtml | None = None) -> str:
    """HTML of the body, escaped; `picture` makes the HTML of a picture node (without it pictures are left out)."""
    return "".join(_html(child, picture) for child in body.get("content") or [])


def _html(node: Node, picture: PictureHtml | None) -> str:
    kind = node["type"]
    if kind == "text":
        return _marked(node)
    if kind == "hardBreak":
        return "<br>"
    if kind == "picture":
        return picture(node) if picture else ""
    inner = "".join(_html(child, picture) for child in node.get("content") or [])
    match kind:
        case "paragraph":
            return f"<p>{inner}</p>" if inner else ""
        case "heading":
            level = node["attrs"]["level"]
            return f"<h{level}>{inner}</h{level}>"
        case "orderedList":
            start = node.get("attrs", {}).get("start", 1)
            return f'<ol start="{int(start)}">{inner}</ol>' if start != 1 else f"<ol>{inner}</ol>"
        case "bulletList":
            return f"<ul>{inner}</ul>"
        case "listItem":
            return f"<li>{inner}</li>"
        case "blockquote":
            return f"<blockquote>{inner}</blockquote>"
    raise BodyError(f"no HTML is known for node {kind!r}")


def _marked(node: Node) -> str:
    text = html.escape(node["text"], quote=False)
    for mark in node.get("marks") or []:
        if mark["type"] == "link":
            text = f'<a href="{html.escape(mark["attrs"]["href"])}" rel="noopener">{text}</a>'
        else:
            tag = MARK_TAGS[mark["type"]]
            text = f"<{tag}>{text}</{tag}>"
    return text
