"""Text in the character encodings clients still take, with a documented stand-in for letters those do not have.

A letter the encoding lacks becomes the first of its stand-ins that the encoding has: the letter newspapers printed
before they had a Kazakh fount (ғ as г), a Latin spelling where there is no Cyrillic at all, the letter without its
marks, and last `?`. What is replaced never changes the number of lines.
"""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache

ENCODINGS: Mapping[str, str] = {
    "utf-8": "utf-8",
    "utf-16": "utf-16",
    "windows-1251": "cp1251",
    "kz-1048": "kz1048",
    "koi8-r": "koi8-r",
    "iso-8859-5": "iso8859-5",
    "windows-1254": "cp1254",
    "iso-8859-9": "iso8859-9",
    "windows-1252": "cp1252",
    "iso-8859-1": "iso8859-1",
    "windows-1256": "cp1256",
    "us-ascii": "ascii",
}
"""IANA names a client may ask for, and Python's codec for each. KZ-1048 has every letter of Kazakh Cyrillic."""

_TYPOGRAPHY: Mapping[str, tuple[str, ...]] = {
    "«": ('"',), "»": ('"',), "„": ("«", '"'), "“": ("«", '"'), "”": ("»", '"'), "‘": ("'",), "’": ("'",), "‚": ("'",),
    "–": ("-",), "—": ("–", "--"), "―": ("—", "--"), "‑": ("-",), "−": ("–", "-"), "…": ("...",), "•": ("*",),
    "№": ("No.",), "₸": ("тг", "KZT"), "€": ("EUR",), "₽": ("руб", "RUB"), "$": ("USD",), "£": ("GBP",), "₺": ("TL",),
    "©": ("(c)",), "®": ("(R)",), "™": ("(TM)",), "°": (" gr.",), "×": ("x",), "\u00a0": (" ",), "\u202f": (" ",),
    "\u2009": (" ",), "\u2028": ("\n",), "\u2029": ("\n",), "\u200b": ("",), "\u200c": ("",), "\u200d": ("",),
    "\u200e": ("",), "\u200f": ("",), "\u061c": ("",), "\u2066": ("",), "\u2067": ("",), "\u2068": ("",),
    "\u2069": ("",), "\ufeff": ("",), "\ufe0f": ("",), "\u00ad": ("",),
}  # fmt: skip
_CYRILLIC: Mapping[str, tuple[str, ...]] = {
    # Kazakh letters: the Russian letter newspapers put for them, then the Latin one
    "ә": ("а", "ä", "a"), "ғ": ("г", "ğ", "g"), "қ": ("к", "q"), "ң": ("н", "ñ", "n"), "ө": ("о", "ö", "o"),
    "ұ": ("у", "ū", "u"), "ү": ("у", "ü", "u"), "һ": ("х", "h"), "і": ("и", "i"),
    "а": ("a",), "б": ("b",), "в": ("v",), "г": ("g",), "д": ("d",), "е": ("e",), "ё": ("е", "io"), "ж": ("zh",),
    "з": ("z",), "и": ("i",), "й": ("и", "i"), "к": ("k",), "л": ("l",), "м": ("m",), "н": ("n",), "о": ("o",),
    "п": ("p",), "р": ("r",), "с": ("s",), "т": ("t",), "у": ("u",), "ф": ("f",), "х": ("kh",), "ц": ("ts",),
    "ч": ("ch",), "ш": ("ş", "sh"), "щ": ("shch",), "ъ": ("",), "ы": ("y",), "ь": ("",), "э": ("e",), "ю": ("iu",),
    "я": ("ia",), "ў": ("у", "u"), "ҳ": ("х", "h"), "ҷ": ("ч", "j"), "ӯ": ("у", "u"), "ӣ": ("и", "i"), "є": ("е", "ie"),
    "ї": ("и", "i"), "ґ": ("г", "g"),
}  # fmt: skip
_LATIN: Mapping[str, tuple[str, ...]] = {
    "ı": ("i",), "ş": ("sh", "s"), "ß": ("ss",), "æ": ("ae",), "œ": ("oe",), "ø": ("o",), "đ": ("d",), "ð": ("d",),
    "þ": ("th",), "ł": ("l",),
}  # fmt: skip
_ARABIC: Mapping[str, tuple[str, ...]] = {
    # Kazakh and its neighbours in Arabic script, for windows-1256, whose letters are those of Arabic and Persian
    "ە": ("ه",), "ۇ": ("و",), "ۆ": ("و",), "ۋ": ("و",), "ۈ": ("و",), "ۅ": ("و",), "ى": ("ي",), "ی": ("ى", "ي"),
    "ڭ": ("نگ",), "ۉ": ("و",), "ھ": ("ه",), "ک": ("ك",), "ې": ("ي",), "ٴ": ("ء",), "ٸ": ("ي",), "ۀ": ("ه",),
    "ة": ("ه",), "٪": ("%",), "،": (",",), "؛": (";",), "؟": ("?",),
}  # fmt: skip


@lru_cache(maxsize=20_000)
def stand_in(character: str, codec: str) -> str:
    """What stands for a character in a codec that lacks it: one or more characters, or none for what is not seen."""
    for candidate in _candidates(character):
        try:
            candidate.encode(codec)
        except UnicodeEncodeError:
            continue
        return candidate
    return "?"


def _candidates(character: str) -> Iterator[str]:
    small = character.lower()
    for table in (_TYPOGRAPHY, _CYRILLIC, _LATIN, _ARABIC):
        yield from table.get(character, ())
        if small != character:
            # one capital letter stands for one: Щ is Shch, as in headlines and at the start of a name
            yield from (found.capitalize() for found in table.get(small, ()))
    bare = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    if bare != character:
        yield bare
    if unicodedata.combining(character):
        yield ""


def _register(encoding: str, codec: str) -> None:
    # one handler for each codec: Python tells it only "charmap"
    def replace(error: UnicodeError) -> tuple[str | bytes, int]:
        if not isinstance(error, UnicodeEncodeError):
            raise error
        return "".join(stand_in(character, codec) for character in error.object[error.start : error.end]), error.end

    codecs.register_error(f"keshen.{encoding}", replace)


for _encoding, _codec in ENCODINGS.items():
    _register(_encoding, _codec)


def encode(text: str, encoding: str) -> bytes:
    """The text in an encoding of `ENCODINGS`, letters it lacks by their stand-ins. Raises KeyError for another."""
    return text.encode(ENCODINGS[encoding], f"keshen.{encoding}")


def decode(data: bytes, encoding: str) -> str:
    """The text of bytes that `encode` made. Raises KeyError for an unknown encoding."""
    return data.decode(ENCODINGS[encoding])
