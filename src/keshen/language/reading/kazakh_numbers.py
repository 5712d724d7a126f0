"""Kazakh numbers in words."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from num2words import num2words

from keshen.language.kazakh.endings import is_front

# whose ordinals are not the number's last word and an ending
_IRREGULAR: Mapping[str, str] = {"жиырма": "жиырмасыншы", "қырық": "қырқыншы", "нөл": "нөлінші"}
_FRACTIONS: Mapping[int, str] = {1: "оннан", 2: "жүзден", 3: "мыңнан", 4: "он мыңнан", 5: "жүз мыңнан", 6: "миллионнан"}
_VOWELS = "аәеоөұүыіиуэюя"


def cardinal(value: Decimal | int) -> str:
    """`value` in words: 25,5 is "жиырма бес бүтін оннан бес"."""
    exact = Decimal(value)
    if exact < 0:
        return f"минус {cardinal(-exact)}"
    whole, _point, decimals = format(exact, "f").partition(".")
    words = str(num2words(int(whole), lang="kz"))
    if not decimals:
        return words
    if len(decimals) > max(_FRACTIONS):
        return f"{words} бүтін " + " ".join(cardinal(int(digit)) for digit in decimals)
    return f"{words} бүтін {_FRACTIONS[len(decimals)]} {cardinal(int(decimals))}"


def ordinal(value: int) -> str:
    """`value` as an ordinal: 26 is "жиырма алтыншы". A year's thousand is said without "one"."""
    words = cardinal(value)
    if 1000 <= value < 2000:
        words = words.removeprefix("бір ")
    head, _space, last = words.rpartition(" ")
    made = _IRREGULAR.get(last)
    if made is None:
        ending = "нші" if last[-1] in _VOWELS and last[-1] != "у" else "інші"
        made = last + (ending if is_front(last) else ending.replace("і", "ы"))
    return f"{head} {made}" if head else made
