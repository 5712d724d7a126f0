"""What a text has to say on a card: its short sentences, what somebody said, and numbers that matter."""

from __future__ import annotations

import re
from dataclasses import dataclass

MOST_WORDS = 12
GLIMPSE_WORDS = 9
VERB_LAST = frozenset({"kk", "ky", "uz", "tr", "az"})
_SENTENCE = re.compile(r"(?<=[.!?؟…])[»”\"]?\s+(?=[«“\"A-ZА-ЯЁӘҒҚҢӨҰҮІҺ0-9\u0600-\u06ff])")
_CLAUSE = re.compile(r"\s+[—–]\s+|[;؛:]\s+|[,،]\s+")
_QUOTED = re.compile(r"«([^«»]+)»|“([^“”]+)”")
_SAID = re.compile(
    r"(?<!\w)(деді|дейді|деген|деп|айтты|сказал\w*|заявил\w*|отметил\w*|говорит|said|says|told|قال\w*|يقول)(?!\w)",
    re.IGNORECASE,
)
_UNITS = (
    r"%|пайыз\w*|процент\w*|percent|км²?|km²?|м|метр\w*|metres?|meters?|шақырым\w*|километр\w*|kilomet(?:re|er)s?|"
    r"гектар\w*|"
    r"мың|млн|млрд|миллион\w*|миллиард\w*|тысяч\w*|million|billion|thousand|тонна\w*|тонн\w*|tonnes?|"
    r"адам\w*|человек|people|градус\w*|مليون|ألف|كيلومتر\w*|متر\w*|في المئة"
)
_NUMBER = re.compile(
    rf"(?<![\w.,:/-])(\d{{1,3}}(?:[ \u00a0]\d{{3}})+|\d+(?:[.,]\d+)?)[ \u00a0]?(?:({_UNITS})(?!\w))?", re.IGNORECASE
)
_SHORT_UNITS = frozenset({"км", "км²", "km", "km²", "м", "мың", "млн", "млрд", "million", "billion", "مليون", "ألف"})


@dataclass(frozen=True, slots=True)
class Idea:
    """One card: the words, and the number or the quotation that gives it its form."""

    words: str
    number: str = ""
    quoted: bool = False


def sentences(paragraph: str) -> list[str]:
    return [part.strip() for part in _SENTENCE.split(" ".join(paragraph.split())) if part.strip()]


def shorten(sentence: str, language: str) -> str:
    """The sentence, or its longest run of whole clauses within MOST_WORDS words; "" when none is short.

    That run opens the sentence, but in a language that puts its verb last it closes it. Four words at least.
    """
    whole = sentence.rstrip(" ,;:،؛").removesuffix(".")
    if len(whole.split()) <= MOST_WORDS:
        return whole if len(whole.split()) > 1 else ""
    if language.partition("-")[0] in VERB_LAST:
        closing = [whole[match.end() :] for match in _CLAUSE.finditer(whole)]
        runs = [run[:1].upper() + run[1:] for run in closing]
    else:
        runs = [whole[: match.start()].rstrip(" ,;:،؛—–") for match in _CLAUSE.finditer(whole)]
    fitting = [run for run in runs if 4 <= len(run.split()) <= MOST_WORDS and _balanced(run)]
    return max(fitting, key=len, default="")


def glimpse(sentence: str, language: str) -> str:
    """A part of a sentence too long for a card, the rest shown by an ellipsis: where the verb is, as `shorten`."""
    words = sentence.rstrip(" .,;:،؛").split()
    if len(words) <= MOST_WORDS:
        return ""
    verb_last = language.partition("-")[0] in VERB_LAST
    part = " ".join(words[-GLIMPSE_WORDS:] if verb_last else words[:GLIMPSE_WORDS]).strip(" ,;:،؛—–«»“”()")
    return f"…{part}" if verb_last else f"{part}…"


def _balanced(words: str) -> bool:
    return words.count("«") == words.count("»") and words.count("(") == words.count(")")


def salient_number(words: str) -> str:
    """The first number that has a unit, or four digits and is no year, with its unit if that is short; else ""."""
    for match in _NUMBER.finditer(words):
        digits, unit = match.group(1), match.group(2) or ""
        bare = re.sub(r"\D", "", digits)
        year = len(bare) == 4 and digits.isdigit() and 1000 <= int(bare) <= 2199 and not unit
        if year or (not unit and len(bare) < 4):
            continue
        if unit == "%":
            return digits + unit
        return f"{digits}\u00a0{unit}" if unit.lower() in _SHORT_UNITS else digits
    return ""


def idea(sentence: str, language: str) -> Idea | None:
    """What one sentence puts on a card, or None when it has nothing short to say."""
    quote = _QUOTED.search(sentence)
    if quote and _SAID.search(sentence[: quote.start()] + " " + sentence[quote.end() :]):
        words = (quote.group(1) or quote.group(2)).strip(" ,.")
        if 4 <= len(words.split()) <= MOST_WORDS:
            return Idea(words, quoted=True)
    words = shorten(sentence, language) or glimpse(sentence, language)
    return Idea(words, salient_number(words)) if words else None


def ideas(paragraph: str, language: str) -> list[Idea]:
    """What a paragraph puts on cards, in its order."""
    return [found for sentence in sentences(paragraph) if (found := idea(sentence, language))]
