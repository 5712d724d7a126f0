"""Words of a text reduced to stems, for search in every language of the house."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache, lru_cache

import snowballstemmer

from keshen.language.kazakh.stem import stem as kazakh_stem

SNOWBALL: Mapping[str, str] = {"ru": "russian", "en": "english", "ar": "arabic", "tr": "turkish"}
"""Languages whose stemmer is the Snowball project's, by BCP 47 language."""

_WORD = re.compile(r"[^\W_]+(?:['’\u0301\u0610-\u061a\u064b-\u065f\u0670]+[^\W_]+)*")
_CACHED = 200_000


def tokens(text: str, language: str) -> list[str]:
    """The stems of the words of `text`, in order, repeated where words repeat.

    `language` is a BCP 47 tag. Kazakh in any script (kk, kk-Latn, kk-Arab) gives the same stems, so that a search in
    one script finds the others. A language without a stemmer gives its words in small letters.
    """
    reduce = stemmer(language)
    found = (reduce(word) for word in _WORD.findall(unicodedata.normalize("NFC", text)))
    return [token for token in found if token]


@cache
def stemmer(language: str) -> Callable[[str], str]:
    """The function that reduces one word of `language`."""
    primary = language.split("-")[0].lower()
    if primary == "kk":
        return lru_cache(_CACHED)(kazakh_stem)
    if primary in SNOWBALL:
        algorithm = snowballstemmer.stemmer(SNOWBALL[primary])
        lower = _small_turkish if primary == "tr" else _small
        return lru_cache(_CACHED)(lambda word: str(algorithm.stemWord(lower(word))))
    return _small


def _small(word: str) -> str:
    return word.lower().replace("ё", "е").replace("\u0301", "").replace("’", "'")


def _small_turkish(word: str) -> str:
    return word.replace("İ", "i").replace("I", "ı").lower()
