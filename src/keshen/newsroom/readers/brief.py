"""Texts that lack something: short items whose description is all there is, flashes, and texts without a headline."""

from __future__ import annotations

import re

from keshen.house.phrases import phrase, sentence
from keshen.newsroom.body import Node, block_text, paragraph

FLASH = 2
"""The urgency, 1 to 9, up to which a headline alone is an item (IPTC: 1 is the most urgent)."""
_FIRST = re.compile(r".*?[.!?…](?=\s|$)")
_LONGEST = 120


def brief(headline: str, description: str, urgency: int) -> tuple[list[Node], tuple[str, ...]]:
    """What stands for the body of a text that has none, and the warning that says so; nothing where nothing may."""
    if not headline:
        return [], ()
    if description:
        said = phrase("It came without a body: its description stands for it.")
        return [paragraph(description)], (sentence(said),)
    if 0 < urgency <= FLASH:
        said = phrase("It came without a body, as flashes do: its headline stands for it.")
        return [paragraph(headline)], (sentence(said),)
    return [], ()


def untitled(blocks: list[Node]) -> tuple[str, tuple[str, ...]]:
    """What stands for the headline of a text that has none, its first sentence, and the warning that says so."""
    found = first_sentence(next((block_text(block) for block in blocks if block_text(block).strip()), ""))
    said = phrase("It came without a headline: its first sentence stands for it.")
    return found, (sentence(said),) if found else ()


def first_sentence(text: str) -> str:
    """The first sentence, as a headline: in one line, not too long, without the mark of a list or the full stop."""
    line = " ".join(text.split()).lstrip("-–—•* ")
    first = found[0] if (found := _FIRST.match(line)) else line
    short = first if len(first) <= _LONGEST else first[: _LONGEST - 1].rsplit(" ", 1)[0] + "…"
    return re.sub(r"(?<!\.)\.$", "", short)
