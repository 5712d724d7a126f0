"""Finding what to transliterate in a text: words of Cyrillic letters, outside links, addresses and markup."""

from __future__ import annotations

import re

from keshen.language.kazakh.letters import CYRILLIC_LETTERS

_LETTER = "[" + "".join(sorted(CYRILLIC_LETTERS)) + "]"
_MARKED = _LETTER + "[\u0300-\u036f\u00ad]*"
HYPHENS = "-\u2010\u2011"
WORD = f"(?:{_MARKED})+(?:[{HYPHENS}](?:{_MARKED})+)*"
PROTECTED = (
    r"(?:https?|ftp)://[^\s<>«»\"]*[^\s<>«»\".,;:!?)\]]"
    r"|mailto:[^\s<>«»\"]+|www\.[^\s<>«»\"]*[^\s<>«»\".,;:!?)\]]"
    r"|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|@[A-Za-z]\w+"
    r"|(?<![\w.-])(?:[\w-]+\.)+(?:қаз|рф|kz|com|org|net|ru)(?![\w-])(?:/[^\s<>«»\"]*[^\s<>«»\".,;:!?)\]])?"
    r"|</?[A-Za-z][^<>]*>|<!--.{0,2000}?-->|&(?:[A-Za-z]+|\#\d+|\#x[0-9A-Fa-f]+);"
    r"|(?<=\])\([^\s()]+\)"
)
LATIN_TOKENS = re.compile(f"(?P<protected>{PROTECTED})|(?P<word>{WORD})", re.DOTALL)
ARABIC_TOKENS = re.compile(f"(?P<protected>{PROTECTED}|\\d[\\d.,:]*\\d)|(?P<word>{WORD})|(?P<mark>[,;?])", re.DOTALL)
PART_BREAK = re.compile(f"([{HYPHENS}])")
