"""Which language and script a text is in: by its letters, then by its commonest words."""

from __future__ import annotations

import re
from collections.abc import Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TELLING: Mapping[str, str] = {
    "kk": "әғқңөұүһі",
    "kk-Latn": "ğñūşıäöü",
    "kk-Arab": "ەۇۋىگڭۆپچھ",
    "ru": "ёщъэ",
    "ar": "ةذضظصطثءئؤأإآى",
}
"""Letters that hardly any other language of the house uses."""

COMMON: Mapping[str, frozenset[str]] = {
    "kk": _words("және мен бен пен үшін бұл деп болды туралы бойынша жылы қазақстан ол бар жоқ осы сол"),
    "ru": _words("и в на не что с по для из о как это был года также его от к она они уже при"),
    "en": _words("the of and to in is that for on with as by was at from has have it an be are"),
    "kk-Latn": _words("jäne men üşın būl dep boldy turaly boiynşa jyly qazaqstan ol bar osy bır jáne úshin"),
    "ar": _words("في من على إلى أن هذا التي الذي مع عن بين كان قد ما لا"),
    "kk-Arab": _words("جانە مەن ءۇشىن بۇل دەپ بولدى تۋرالى بويىنشا جىلى قازاقستان ول بار وسى ءبىر"),
}
BY_SCRIPT: Mapping[str, tuple[str, ...]] = {
    "Cyrl": ("kk", "ru"),
    "Latn": ("en", "kk-Latn"),
    "Arab": ("ar", "kk-Arab"),
}
_SCRIPTS = tuple(
    (script, re.compile(letters))
    for script, letters in (("Cyrl", "[\u0400-\u052f]+"), ("Arab", "[\u0600-\u06ff]+"), ("Latn", "[A-\u024f]+"))
)
_WORD = re.compile(r"[^\W\d_]+")
_LOOKED_AT = 20_000
_WORD_WEIGHT = 3.0
_LETTER_WEIGHT = 1.0


def detect(text: str) -> str | None:
    """The BCP 47 tag of `text` (kk, ru, en, ar, kk-Latn, kk-Arab), or None when it has too few letters to tell."""
    sample = text[:_LOOKED_AT].lower()
    words = _WORD.findall(sample)
    if not words:
        return None
    script = _script("".join(words))
    if script is None:
        return None
    scores = {tag: _score(sample, words, tag) for tag in BY_SCRIPT[script]}
    first, second = scores.items()
    if first[1] == second[1]:
        # nothing telling was found: a Cyrillic or Arabic text of some length without Kazakh letters is not Kazakh
        return {"Cyrl": "ru", "Latn": "en", "Arab": "ar"}[script] if len(sample) > 20 else None
    return max(scores, key=scores.__getitem__)


def _script(letters: str) -> str | None:
    """The script that most letters are of."""
    counts = {script: sum(map(len, pattern.findall(letters))) for script, pattern in _SCRIPTS}
    most = max(counts, key=counts.__getitem__)
    return most if counts[most] else None


def _score(sample: str, words: list[str], tag: str) -> float:
    letters = sum(sample.count(letter) for letter in TELLING.get(tag, ""))
    common = sum(map(COMMON[tag].__contains__, words))
    return _LETTER_WEIGHT * letters + _WORD_WEIGHT * common
