"""Restrictions that stand in the text itself: lines that state terms, kept in the sender's own words."""

from __future__ import annotations

import re
from dataclasses import replace

from keshen.newsroom.body import Node, block_text
from keshen.rights.terms import Terms
from keshen.rights.wording import parse

# an optional bracket, then a word that restrictions begin with in English, Russian and Kazakh
RESTRICTION = re.compile(
    r"^[\[(*\s]*(?:embargo(?:ed)?\b|restrictions?\s*:|not? for use\b|no use\b|no archiv|mandatory credit|"
    r"эмбарго\b|ограничени[ея]\s*:|не для (?:использования|публикации|печати)|шектеу(?:лер)?\s*:|"
    r"жариялауға болмайды|пайдалануға болмайды)",
    re.IGNORECASE,
)
_COUNTRY_OUT = re.compile(r"[\[(*\s]*(?P<line>[A-Z][A-Z .,&'-]{1,60}? OUT)\b")
"""How picture agencies begin notes: `TURKEY OUT NOV. 11, 2019 FILE PHOTO`."""
_TELLING = re.compile(
    r"\b(?:no|not|only|out|use|usage|without|exclud\w+|except|archiv\w+|embargo\w*|resale|sales?|syndication|restrict\w*"
    r"|не|нет|только|без|кроме|нельзя|запрещ\w+|разреш\w+|эмбарго|до|архив\w*|перепрода\w+|за исключением"
    r"|тек|ғана|басқа|дейін|кейін|болмайды|тыйым|рұқсат|мұрағат\w*|мүмкін)\b",
    re.IGNORECASE,
)
"""Words without one of which no line states a restriction: most lines need not be read as terms."""
EDGE = 2
MAX_LENGTH = 300
MAX_UNMARKED = 120


def restrictions_in(blocks: list[Node]) -> tuple[list[Node], tuple[str, ...]]:
    """Take restriction lines out of the first and last paragraphs; returns the blocks left and the lines taken."""
    taken: list[str] = []
    kept: list[Node] = []
    for place, block in enumerate(blocks):
        at_an_edge = place < EDGE or place >= len(blocks) - EDGE
        text = block_text(block).strip() if at_an_edge and block["type"] == "paragraph" else ""
        if text and is_restriction(text):
            taken.append(text.strip("[]()* "))
        else:
            kept.append(block)
    return kept, tuple(taken)


def stated_in(note: str) -> tuple[str, ...]:
    """The restrictions that a note to editors states, line by line and sentence by sentence."""
    parts = (part.strip("[]()* ") for line in note.splitlines() for part in re.split(r"(?<=[.!;])\s+", line))
    found = (part if is_restriction(part) else _country_out(part) for part in parts if part)
    return tuple(dict.fromkeys(filter(None, found)))


def _country_out(text: str) -> str:
    """The countries that a note begins by excluding; with what comes after, where that may be terms as well."""
    match = _COUNTRY_OUT.match(text)
    if not match or not parse(match["line"]).territories_denied:
        return ""
    return text if _TELLING.search(text[match.end() :]) else match["line"]


def is_restriction(text: str) -> bool:
    """Whether a line states terms: it begins as restrictions do, or a short line is understood as terms as a whole.

    A credit alone is none: “Photo: Kazinform” stands under many stories.
    """
    if len(text) > MAX_LENGTH:
        return False
    if RESTRICTION.match(text):
        return True
    if len(text) > MAX_UNMARKED or not _TELLING.search(text):
        return False
    terms = parse(text.strip("[]()* "))
    return terms.is_clear and replace(terms, wording="", credit="", credit_required=False) != Terms(wording="")
