"""Where a sentence ends, in the languages of the house: good enough for captions and for a voice to draw breath."""

from __future__ import annotations

import re
from typing import Final

# An end mark, perhaps a closing quote, a space, and what can begin a sentence: a capital, a figure, an opening quote,
# a dash, or a letter of a script without capitals.
_CAN_BEGIN: Final = r"[\W\d_]*[A-ZÀ-ÞĀ-Ž\u0400-\u042F\u0490-\u04FF\u0600-\u06FF0-9]"
_END: Final = re.compile(rf"(?<=[.!?…؟。])([»”\")\]]*)\s+(?={_CAN_BEGIN})")
# Short forms that end in a point and go on: initials and titles.
_GOES_ON: Final = re.compile(
    r"(?:^|[\s(«“\"])(?:[A-ZА-ЯЁӘҒҚҢӨҰҮҺІ]|[Mm]r|[Mm]rs|[Dd]r|[Ss]t|[Nn]o|г|ул|им|акад|проф|т|м|б|қ|ш|гос|обл|см|рис)\.$"
)


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph, in order, each with its end mark; a paragraph without words has none."""
    found: list[str] = []
    start = 0
    for match in _END.finditer(text):
        candidate = text[start : match.end(1)].strip()
        before = text[match.end(1)] if match.end(1) < len(text) else ""
        following = text[match.end() : match.end() + 1]
        if _GOES_ON.search(candidate) or (following.islower() and before):
            continue
        if candidate:
            found.append(candidate)
        start = match.end()
    if rest := text[start:].strip():
        found.append(rest)
    return found
