"""Plain text as reporters file it: the headline first, then a dateline, paragraphs and lists."""

from __future__ import annotations

import re
from datetime import datetime

from keshen.house.phrases import phrase
from keshen.newsroom.body import Node, document, new_id, paragraph
from keshen.newsroom.readers.encoding import decode
from keshen.newsroom.readers.incoming import Incoming, Unreadable
from keshen.newsroom.readers.restrictions import restrictions_in

DATE_LINE = re.compile(r"^\s*date\s+(\d{4}-\d{2}-\d{2})\b[ \t:—-]*", re.IGNORECASE)
# a place in capitals, perhaps an agency, then a dash, or what typewriters have for one: ASTANA, Kazakhstan (KI) --
DATELINE = re.compile(r"^(?P<dateline>[^\W\d_][^\n—–]{1,60}?)\s+(?:[—–]|--|(?<=\)\s)-)\s+(?=\S)")
BULLET = re.compile(r"^\s*(?:[-*•–—]|\d{1,2}[.)])\s*")
NUMBERED = re.compile(r"^\s*\d{1,2}[.)]\s")
MAX_HEADLINE = 300


def read(data: bytes) -> list[Incoming]:
    """One story. The first line is the headline, perhaps after `date YYYY-MM-DD`. Raises Unreadable."""
    decoded = decode(data)
    lines = decoded.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    first, date = _date(lines.pop(0) if lines else "")
    while not first and lines:
        first = lines.pop(0).strip()
    headline, rest = _headline(first)
    blocks = _blocks([*rest, *lines])
    if not headline:
        raise Unreadable(
            phrase("The text has no first line to be the headline."), phrase("Put the headline on the first line.")
        )
    if not blocks:
        raise Unreadable(
            phrase("The text has a headline and nothing after it."), phrase("Write the story below the headline.")
        )
    blocks, restrictions = restrictions_in(blocks)
    dateline, blocks = take_dateline(blocks)
    return [
        Incoming(
            headline=headline,
            body=document(blocks),
            format="text",
            dateline=dateline,
            date=date,
            restrictions=restrictions,
            warnings=decoded.warnings,
        )
    ]


def _date(line: str) -> tuple[str, datetime | None]:
    match = DATE_LINE.match(line)
    if not match:
        return line.strip(), None
    try:
        date = datetime.fromisoformat(match[1])
    except ValueError:  # 2025-13-41 is not a date: leave the line to the reader's eyes
        return line.strip(), None
    return line[match.end() :].strip(), date


def _headline(line: str) -> tuple[str, list[str]]:
    """The headline; a first line too long for one is cut at a sentence and kept whole as the first paragraph."""
    if len(line) <= MAX_HEADLINE:
        return line, []
    sentence = re.split(r"(?<=[.!?…])\s", line, maxsplit=1)[0]
    short = sentence if len(sentence) <= MAX_HEADLINE else line[: MAX_HEADLINE - 1].rsplit(" ", 1)[0] + "…"
    return short, [line]


def _blocks(lines: list[str]) -> list[Node]:
    """Paragraphs are lines (or, where blank lines part them, groups of lines); lists are runs of marked lines."""
    blocks: list[Node] = []
    items: list[str] = []
    numbered = False
    mark_alone = False
    for line in lines:
        text = line.strip()
        if not text:
            continue
        marked = BULLET.match(line)
        if mark_alone and not marked:
            items.append(text)
            mark_alone = False
            continue
        if marked and marked.end() >= len(line.rstrip()):
            mark_alone = True
            continue
        if marked and _is_item(line, bool(items)):
            numbered = numbered or bool(NUMBERED.match(line))
            items.append(line[marked.end() :].strip())
            continue
        if items:
            blocks.append(_list(items, numbered))
            items, numbered = [], False
        blocks.append(paragraph(text))
    if items:
        blocks.append(_list(items, numbered))
    return blocks


def _is_item(line: str, in_list: bool) -> bool:
    """A dash opens direct speech as often as an item: it counts as an item in a list, or without a space before it."""
    return in_list or not re.match(r"^\s*[–—]", line)


def _list(items: list[str], numbered: bool) -> Node:
    return {
        "type": "orderedList" if numbered else "bulletList",
        "attrs": {"id": new_id()},
        "content": [{"type": "listItem", "attrs": {"id": new_id()}, "content": [paragraph(item)]} for item in items],
    }


def take_dateline(blocks: list[Node]) -> tuple[str, list[Node]]:
    """The dateline at the start of the first paragraph, and the blocks without it.

    A dateline begins with a place in capitals: АСТАНА. KAZINFORM —
    """
    if not blocks or blocks[0]["type"] != "paragraph":
        return "", blocks
    content = blocks[0].get("content") or []
    if not content or content[0].get("type") != "text":
        return "", blocks
    text = content[0]["text"]
    match = DATELINE.match(text)
    if not match or not _is_place(match["dateline"]):
        return "", blocks
    rest = text[match.end() :]
    kept = [{**content[0], "text": rest}, *content[1:]] if rest else content[1:]
    return match["dateline"].strip(), [{**blocks[0], "content": kept}, *blocks[1:]]


def _is_place(words: str) -> bool:
    letters = [letter for letter in re.split(r"[.,/(]", words)[0] if letter.isalpha()]
    return len(letters) > 1 and all(letter.isupper() or letter.lower() == letter.upper() for letter in letters)
