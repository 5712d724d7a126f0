"""Text as it is spoken: numbers, dates, abbreviations and foreign names written out as words, for voices to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from keshen.language.reading.arabic import spoken as arabic
from keshen.language.reading.english import spoken as english
from keshen.language.reading.kazakh import spoken as kazakh
from keshen.language.reading.russian import spoken as russian

__all__ = ["LANGUAGES", "speak"]

LANGUAGES: Mapping[str, Callable[[str], str]] = {"kk": kazakh, "ru": russian, "en": english, "ar": arabic}


def speak(text: str, language: str) -> str:
    """`text` with everything that is not a word written as it is said in `language` (a BCP 47 tag).

    A language without rules gets its text back unchanged: its voice must read digits itself.
    """
    reader = LANGUAGES.get(language.split("-")[0].lower())
    return reader(text) if reader else text
