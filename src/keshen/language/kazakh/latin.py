"""Kazakh Cyrillic to Latin."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from keshen.language.kazakh.conversion import Converter, Exceptions, Pieces
from keshen.language.kazakh.letters import LATIN, LATIN_CAPITALS
from keshen.language.kazakh.settings import DEFAULT, Settings
from keshen.language.kazakh.words import LATIN_TOKENS


def to_latin(text: str, settings: Settings = DEFAULT) -> str:
    """`text` with every Cyrillic word in the Latin alphabet of `settings`; the rest is untouched."""
    return latin_converter(settings).text(text)


@cache
def latin_converter(settings: Settings) -> Converter:
    """The converter for `settings`, made once."""
    table = letters_of(settings)
    capitals = LATIN_CAPITALS[settings.latin]
    small = dict(table)
    title = {letter: _capital(target[:1], capitals) + target[1:] for letter, target in table.items()}
    shout = {letter: "".join(_capital(each, capitals) for each in target) for letter, target in table.items()}

    def letters(word: str) -> Pieces:
        pieces = []
        for place, char in enumerate(word):
            low = char.lower()
            if char == low:
                pieces.append("" if char == "\u00ad" else small.get(char, char))
            elif _among_capitals(word, place):
                pieces.append(shout.get(low, char))
            else:
                pieces.append(title.get(low, char))
        return tuple(pieces)

    def recase(source: str, target: str) -> str:
        if source.isupper() and len(source) > 1:
            return "".join(_capital(each, capitals) for each in target)
        if source[:1].isupper():
            return _capital(target[:1], capitals) + target[1:]
        return target

    exceptions = Exceptions.of((each.source, each.latin) for each in settings.exceptions)
    return Converter(LATIN_TOKENS, letters, exceptions, recase=recase)


def letters_of(settings: Settings) -> Mapping[str, str]:
    """The Latin letters for each small Cyrillic letter."""
    table = dict(LATIN[settings.latin])
    if settings.latin == "2021":
        table["ц"] = settings.latin_ts
        table["ч"] = settings.latin_ch
    return table


def _capital(letter: str, capitals: Mapping[str, str]) -> str:
    return capitals.get(letter) or letter.upper()


def _among_capitals(word: str, place: int) -> bool:
    following = word[place + 1 : place + 2]
    return following.isupper() if following.isalpha() else word[place - 1 : place].isupper() and place > 0
