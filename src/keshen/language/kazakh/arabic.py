"""Kazakh Cyrillic to Arabic script (töte jazu)."""

from __future__ import annotations

from functools import cache

from keshen.language.kazakh.conversion import Converter, Exceptions, Pieces
from keshen.language.kazakh.letters import (
    ARABIC,
    ARABIC_PAIRS,
    ARABIC_PUNCTUATION,
    FRONT_AMBIGUOUS,
    FRONT_EVIDENT,
)
from keshen.language.kazakh.settings import DEFAULT, Settings
from keshen.language.kazakh.words import ARABIC_TOKENS


def to_arabic(text: str, settings: Settings = DEFAULT) -> str:
    """`text` with every Cyrillic word in Arabic script and Arabic punctuation; digits and the rest are untouched."""
    return arabic_converter(settings).text(text)


def needs_hamza(word: str) -> bool:
    """Whether `word` (small letters, no hyphen) must be marked as a word of front vowels."""
    letters = set(word)
    return bool(letters & FRONT_AMBIGUOUS) and not letters & FRONT_EVIDENT


@cache
def arabic_converter(settings: Settings) -> Converter:
    """The converter for `settings`, made once."""
    table = {**ARABIC, "ц": settings.arabic_ts, "ч": settings.arabic_ch}
    hamza = settings.hamza

    def letters(word: str) -> Pieces:
        small = word.lower()
        pieces: list[str] = []
        place = 0
        while place < len(small):
            pair = ARABIC_PAIRS.get(small[place : place + 2])
            if pair is not None:
                pieces += pair
                place += 2
                continue
            char = small[place]
            # stress marks and soft hyphens have no business under Arabic letters
            pieces.append(table.get(char, "" if char == "\u00ad" or "\u0300" <= char <= "\u036f" else word[place]))
            place += 1
        if needs_hamza(small):
            pieces[0] = hamza + pieces[0]
        return tuple(pieces)

    exceptions = Exceptions.of((each.source, each.arabic) for each in settings.exceptions)
    return Converter(ARABIC_TOKENS, letters, exceptions, marks=dict(ARABIC_PUNCTUATION))
