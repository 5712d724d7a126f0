"""Restrictions that stand in the text itself: a line that begins with a known word, kept in the sender's own words."""

from __future__ import annotations

import re

from keshen.newsroom.body import Node, block_text

# an optional bracket, then a word that restrictions begin with in English, Russian and Kazakh
RESTRICTION = re.compile(
    r"^[\[(*\s]*(?:embargo(?:ed)?\b|restrictions?\s*:|not? for use\b|no use\b|no archiv|mandatory credit|"
    r"эмбарго\b|ограничени[ея]\s*:|не для (?:использования|публикации|печати)|шектеу(?:лер)?\s*:|"
    r"жариялауға болмайды|пайдалануға болмайды)",
    re.IGNORECASE,
)
EDGE = 2
MAX_LENGTH = 300


def restrictions_in(blocks: list[Node]) -> tuple[list[Node], tuple[str, ...]]:
    """Take restriction lines out of the first and last paragraphs; returns the blocks left and the lines taken."""
    taken: list[str] = []
    kept: list[Node] = []
    for place, block in enumerate(blocks):
        at_an_edge = place < EDGE or place >= len(blocks) - EDGE
        text = block_text(block).strip() if block["type"] == "paragraph" else ""
        if at_an_edge and text and len(text) <= MAX_LENGTH and RESTRICTION.match(text):
            taken.append(text.strip("[]()* "))
        else:
            kept.append(block)
    return kept, tuple(taken)
