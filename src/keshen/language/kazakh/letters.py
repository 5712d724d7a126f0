"""The Kazakh alphabets as data.

Latin of 2021: the alphabet of 31 letters presented in April 2021. Letters it does not have are pinned here: ц ts,
ч tş (both are settings), щ şş, ё io, ю iu, я ia, э e; ъ and ь are dropped.
Latin of 2018: Presidential Decree 637 of 19 February 2018, and ц ts, щ shch, ё ıo, ю ıý, я ıa as the press wrote them.
Latin of 2004: the alphabet of the agency QazAqparat (Kazinform).
Arabic script: töte jazu, as the Arabic-script news sites write it.
"""

from __future__ import annotations

from collections.abc import Mapping

CYRILLIC = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
CYRILLIC_LETTERS = frozenset(CYRILLIC + CYRILLIC.upper())

LATIN_2021: Mapping[str, str] = {
    **dict(zip("абвгдежзийклмнопрстуфхыэ", "abvgdejziiklmnoprstufhye", strict=True)),
    **dict(zip("әғқңөұүһші", "ägqñöūühşı".replace("g", "ğ"), strict=True)),
    "ц": "ts", "ч": "tş", "щ": "şş", "ё": "io", "ю": "iu", "я": "ia", "ъ": "", "ь": "",
}  # fmt: skip
LATIN_2018: Mapping[str, str] = {
    **LATIN_2021,
    "ә": "á", "ғ": "ǵ", "и": "ı", "й": "ı", "і": "i", "ң": "ń", "ө": "ó", "ү": "ú", "ұ": "u", "у": "ý", "ш": "sh",
    "ц": "ts", "ч": "ch", "щ": "shch", "ё": "ıo", "ю": "ıý", "я": "ıa",
}  # fmt: skip
LATIN_2004: Mapping[str, str] = {
    **LATIN_2021,
    "и": "ï", "й": "y", "і": "i", "ы": "ı", "у": "w", "ұ": "u", "х": "x", "ц": "c", "ч": "ç", "щ": "şç", "э": "é",
    "ё": "yo", "ю": "yw", "я": "ya",
}  # fmt: skip
LATIN: Mapping[str, Mapping[str, str]] = {"2021": LATIN_2021, "2018": LATIN_2018, "2004": LATIN_2004}

# Python's own upper() knows nothing of the pairs ı I and i İ, and which of them an alphabet has is its own affair
LATIN_CAPITALS: Mapping[str, Mapping[str, str]] = {
    "2021": {"i": "İ", "ı": "I"},
    "2018": {"i": "I", "ı": "I"},
    "2004": {"i": "İ", "ı": "I"},
}

ARABIC: Mapping[str, str] = {
    "а": "ا", "ә": "ا", "б": "ب", "в": "ۆ", "г": "گ", "ғ": "ع", "д": "د", "е": "ە", "ё": "يو", "ж": "ج", "з": "ز",
    "и": "ي", "й": "ي", "к": "ك", "қ": "ق", "л": "ل", "м": "م", "н": "ن", "ң": "ڭ", "о": "و", "ө": "و", "п": "پ",
    "р": "ر", "с": "س", "т": "ت", "у": "ۋ", "ұ": "ۇ", "ү": "ۇ", "ф": "ف", "х": "ح", "һ": "ھ", "ц": "تس", "ч": "چ",
    "ш": "ش", "щ": "شش", "ъ": "", "ы": "ى", "і": "ى", "ь": "", "э": "ە", "ю": "يۋ", "я": "يا",
}  # fmt: skip
# After a written ي its repetition is not written: ия, ию, ий
ARABIC_PAIRS: Mapping[str, tuple[str, str]] = {"ия": ("ي", "ا"), "ию": ("ي", "ۋ"), "ий": ("ي", "")}
ARABIC_PUNCTUATION: Mapping[str, str] = {",": "،", ";": "؛", "?": "؟"}

FRONT_AMBIGUOUS = frozenset("әөүі")
"""Front vowels whose Arabic letter is that of a back one, so that the word must be marked as front."""
FRONT_EVIDENT = frozenset("еэгкқғ")
"""Letters that tell front from back by themselves: beside them no mark is written."""
