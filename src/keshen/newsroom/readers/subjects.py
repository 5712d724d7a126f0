"""What an item is about, as IPTC Media Topics: from topics themselves, subject codes, and the wires' categories."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

ALIAS = "medtop"
_TOPIC = re.compile(r"(?:medtop:|newscodes/mediatopic/)(\d{8})/?$", re.IGNORECASE)
_BARE = re.compile(r"(?:iptc:)?(2\d{7})", re.IGNORECASE)
"""A topic that the subject codes did not have, without its scheme."""
_SUBJECT = re.compile(r"(?:^|[:/])(0[1-9]|1[0-7])(\d{6})/?$")

# The three-letter names of the IPTC subject code's seventeen subjects, and the letters of ANPA 1312's categories
CATEGORIES: Mapping[str, str] = {
    "ace": "01000000", "clj": "02000000", "dis": "03000000", "fin": "04000000", "ebf": "04000000", "edu": "05000000",
    "evn": "06000000", "hth": "07000000", "hum": "08000000", "lab": "09000000", "lif": "10000000", "pol": "11000000",
    "rel": "12000000", "sci": "13000000", "soi": "14000000", "spo": "15000000", "war": "16000000", "wea": "17000000",
    "e": "01000000", "f": "04000000", "p": "11000000", "s": "15000000",
}  # fmt: skip


def topic(value: str) -> str:
    """The media topic (`medtop:04000000`) that a URI, QCode or code names; nothing when it names none.

    Of a subject code (`subj:04005000`) the first level is taken, which the media topics kept.
    """
    if found := _TOPIC.search(value) or _BARE.fullmatch(value):
        return f"{ALIAS}:{found[1]}"
    if found := _SUBJECT.search(value):
        return f"{ALIAS}:{found[1]}000000"
    return ""


def topics(values: Iterable[str]) -> tuple[str, ...]:
    """The media topics among `values`, each once, in order."""
    return tuple(dict.fromkeys(found for value in values if (found := topic(value))))


def category(letters: str) -> str:
    """The media topic of a wire's category (`POL`, `f`), or nothing."""
    code = CATEGORIES.get(letters.lower())
    return f"{ALIAS}:{code}" if code else ""
