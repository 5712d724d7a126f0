"""The readable part of a story's address, in the letters of its edition."""

from __future__ import annotations

import re
import unicodedata

LENGTH = 80
_BREAK = re.compile(r"[\W_]+")


def slug(headline: str) -> str:
    """Words of the headline joined by hyphens, at most 80 characters, cut between words; `story` if it has none.

    Letters of every script stay (RFC 3987). Turkish-style capitals are lowered as Kazakh and Turkish readers expect;
    vowel marks, which Arabic writes between letters, are left out.
    """
    text = unicodedata.normalize("NFC", headline.replace("İ", "i")).lower()
    text = "".join(letter for letter in text if unicodedata.category(letter) != "Mn")
    words = [word for word in _BREAK.split(text) if word]
    made = ""
    for word in words:
        longer = f"{made}-{word}" if made else word
        if len(longer) > LENGTH:
            break
        made = longer
    return made or (words[0][:LENGTH] if words else "story")
