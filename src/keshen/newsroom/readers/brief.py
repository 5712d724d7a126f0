"""Texts that come without a body: short items whose description is all there is, and flashes, a headline alone."""

from __future__ import annotations

from keshen.house.phrases import phrase, sentence
from keshen.newsroom.body import Node, paragraph

FLASH = 2
"""The urgency, 1 to 9, up to which a headline alone is an item (IPTC: 1 is the most urgent)."""


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
