"""What every language's reading shares: the shape of numbers, and rules as a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal

SPACES = " \u00a0\u202f\u2009"
INTEGER = rf"\d{{1,3}}(?:[{SPACES}]\d{{3}}){{1,4}}(?!\d)|\d+"
NUMBER = rf"(?:{INTEGER})(?:[.,]\d+)?"
DASH = r"[-–—−]"
ROMAN = r"(?<!°)(?=[IVX])X{0,3}(?:IX|IV|V?I{0,3})(?![A-Za-z])"
URL = re.compile(r"(?:https?://|www\.)(?:www\.)?([\w-]+(?:\.[\w-]+)+)(?:[/?#][^\s<>«»\"]*)?")
CODE = re.compile(r"\d{13,}")
"""A run of digits too long for a number: an account, a code. It is read digit by digit."""
PHONE = re.compile(r"\+\d[\d ()\u00a0-]{7,}\d")

_VALUES = {"I": 1, "V": 5, "X": 10}

type Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def rule(pattern: str, say: Callable[[re.Match[str]], str], flags: int = 0) -> Rule:
    return re.compile(pattern, flags), say


def apply(text: str, rules: Sequence[Rule]) -> str:
    """Every rule over the whole text, in order: what an early rule wrote out in words a later one no longer sees."""
    for pattern, say in rules:
        text = pattern.sub(say, text)
    return text


def number(text: str) -> Decimal:
    """The value of a number as the house writes it: spaces between thousands, a comma or a point before decimals."""
    return Decimal(re.sub(f"[{SPACES}]", "", text).replace(",", "."))


def roman(text: str) -> int:
    """The value of a Roman numeral."""
    total = 0
    for place, letter in enumerate(text):
        value = _VALUES[letter]
        following = _VALUES[text[place + 1]] if place + 1 < len(text) else 0
        total += -value if value < following else value
    return total


def digits(text: str) -> list[str]:
    """The single digits of a telephone number or a code."""
    return re.findall(r"\d", text)


_INITIALS = re.compile(r"(?<!\w)(?:[^\W\d_a-z]\.\s?){1,2}(?=[^\W\d_a-z][^\W\d_])")
_SHOUTED = re.compile(r"(?<![\w-])[А-ЯЁӘҒҚҢӨҰҮҺІ]{5,}(?![\w-])")
_LONE_MARK = re.compile(r"^\s*[-–—•*·]\s*$", re.MULTILINE)


def aloud(text: str) -> str:
    """Without what is only for the eye: initials before a name, capitals for stress, marks of a list."""
    text = _LONE_MARK.sub("", text)
    text = _INITIALS.sub(lambda match: "" if match.group().isupper() else match.group(), text)
    return _SHOUTED.sub(lambda match: match.group().capitalize(), text)


def tidy(text: str) -> str:
    """Spaces as a voice wants them; lines stay."""
    text = re.sub(rf"[{SPACES}\t]+", " ", text)
    text = re.sub(r" +([,.;:!?…])", r"\1", text)
    return "\n".join(line.strip() for line in text.split("\n"))
