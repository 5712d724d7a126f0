"""English as it is spoken."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal

from num2words import num2words

from keshen.language.dates import MONTHS as ALL_MONTHS
from keshen.language.kazakh.latin import to_latin
from keshen.language.reading.common import CODE, DASH, PHONE, ROMAN, URL, Rule, apply, digits, roman, rule, tidy

MONTHS = ALL_MONTHS["en"]
CURRENCIES: Mapping[str, tuple[str, str]] = {
    "$": ("dollar", "dollars"), "€": ("euro", "euros"), "£": ("pound", "pounds"), "₸": ("tenge", "tenge"),
    "₽": ("rouble", "roubles"), "¥": ("yuan", "yuan"),
}  # fmt: skip
UNITS: Mapping[str, tuple[str, str]] = {
    "km/h": ("kilometre an hour", "kilometres an hour"), "km²": ("square kilometre", "square kilometres"),
    "m²": ("square metre", "square metres"), "sq km": ("square kilometre", "square kilometres"),
    "km": ("kilometre", "kilometres"), "cm": ("centimetre", "centimetres"), "mm": ("millimetre", "millimetres"),
    "m": ("metre", "metres"), "kg": ("kilogram", "kilograms"), "g": ("gram", "grams"), "ha": ("hectare", "hectares"),
    "t": ("tonne", "tonnes"), "kW": ("kilowatt", "kilowatts"), "MW": ("megawatt", "megawatts"),
    "GW": ("gigawatt", "gigawatts"), "GB": ("gigabyte", "gigabytes"),
}  # fmt: skip
ABBREVIATIONS: Mapping[str, str] = {
    "Mr.": "Mister", "Mrs.": "Missus", "Dr.": "Doctor", "Prof.": "Professor", "St.": "Saint", "e.g.": "for example",
    "i.e.": "that is", "etc.": "et cetera", "vs.": "versus", "approx.": "approximately", "No.": "number",
    "a.m.": "a m", "p.m.": "p m", "bn": "billion", "mln": "million",
}  # fmt: skip
_NUMBER = r"(?:\d{1,3}(?:,\d{3}){1,4}(?!\d)|\d+)(?:\.\d+)?"
_SCALE = r"(?:\s?(?P<scale>thousand|million|billion|trillion|bn|mln|m|k)\b)?"
_SCALES = {"bn": "billion", "mln": "million", "m": "million", "k": "thousand"}


def spoken(text: str) -> str:
    """`text` with numbers, dates and abbreviations in English words, and Cyrillic names in Latin letters."""
    return tidy(apply(text, _RULES))


def _value(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def _say(text: str) -> str:
    value = _value(text)
    return str(num2words(int(value) if value == value.to_integral_value() else format(value, "f"))).replace(",", "")


def _ordinal(value: int) -> str:
    return str(num2words(value, to="ordinal"))


def _year(text: str) -> str:
    return str(num2words(int(text), to="year"))


def _counted(text: str, forms: tuple[str, str]) -> str:
    return f"{_say(text)} {forms[0] if _value(text) == 1 else forms[1]}"


def _date(match: re.Match[str]) -> str:
    day, month = int(match["day"]), int(match["month"])
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return match.group()
    return f"the {_ordinal(day)} of {MONTHS[month - 1]}, {_year(match['year'])}"


def _time(match: re.Match[str]) -> str:
    hour, minute, half = int(match["hour"]), match["minute"], match["half"]
    if hour > 24 or int(minute) > 59:
        return match.group()
    said = _say(str(hour))
    if minute == "00":
        said += "" if half else " hundred hours" if hour > 12 else " o'clock"
    else:
        said += f" {'oh ' if minute[0] == '0' else ''}{_say(str(int(minute)))}"
    return f"{said} {' '.join(half.lower().replace('.', ''))}" if half else said


def _money(match: re.Match[str]) -> str:
    forms = CURRENCIES[match["sign"]]
    if match["scale"]:
        return f"{_say(match['number'])} {_SCALES.get(match['scale'], match['scale'])} {forms[1]}"
    whole, _point, cents = match["number"].partition(".")
    if cents and match["sign"] in "$€" and len(cents) == 2:
        return f"{_counted(whole, forms)} and {_say(str(int(cents)))} cents"
    return _counted(match["number"], forms)


def _plain(match: re.Match[str]) -> str:
    text = match["number"]
    said = _year(text) if re.fullmatch(r"(?:1[1-9]|20)\d\d", text) else _say(text)
    before = " " if match["glued"] is not None else ""
    sign = "minus " if match["minus"] else ""
    return f"{before}{sign}{said}{' ' if match['letter'] is not None else ''}"


def _name(match: re.Match[str]) -> str:
    latin = unicodedata.normalize(
        "NFD", to_latin(match.group()).replace("ı", "i").replace("ş", "sh").replace("Ş", "Sh")
    )
    return "".join(char for char in latin if not unicodedata.combining(char))


_MONTH = "|".join(MONTHS)
_UNIT = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
_SHORT = "|".join(re.escape(short) for short in sorted(ABBREVIATIONS, key=len, reverse=True))

_RULES: tuple[Rule, ...] = (
    rule(URL.pattern, lambda m: m[1].replace(".", " dot ")),
    rule(CODE.pattern, lambda m: " ".join(_say(digit) for digit in m.group())),
    rule(PHONE.pattern, lambda m: "plus " + " ".join(_say(digit) for digit in digits(m.group()))),
    rule(r"\b(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})\b", _date),
    rule(r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b", _date),
    rule(r"\b(?P<hour>\d{1,2}):(?P<minute>\d{2})(?!\d)(?:\s?(?P<half>[ap]\.?m\.?|[AP]M)(?!\w))?", _time),
    rule(
        rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({_MONTH})(?:,? (\d{{4}}))?\b",
        lambda m: f"the {_ordinal(int(m[1]))} of {m[2]}" + (f", {_year(m[3])}" if m[3] else ""),
    ),
    rule(
        rf"\b({_MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?(?:,? (\d{{4}}))?\b(?!,\d)",
        lambda m: f"{m[1]} the {_ordinal(int(m[2]))}" + (f", {_year(m[3])}" if m[3] else ""),
    ),
    rule(
        rf"\b((?:1[1-9]|20)\d\d)\s?{DASH}\s?((?:1[1-9]|20)?\d\d)\b",
        lambda m: f"{_year(m[1])} to {_year(m[2]) if len(m[2]) == 4 else _say(m[2])}",
    ),
    rule(
        r"\b((?:1[1-9]|20)?\d0)s\b", lambda m: re.sub(r"y$", "ie", _year(m[1]) if len(m[1]) == 4 else _say(m[1])) + "s"
    ),
    rule(rf"\b({ROMAN})(?:th|st|nd|rd)? (?=centur)", lambda m: f"{_ordinal(roman(m[1]))} "),
    rule(
        rf"\b(?P<name>[A-Z][a-z]+) (?P<roman>{ROMAN})(?![\w-])(?<!\bI)",
        lambda m: f"{m['name']} the {_ordinal(roman(m['roman']))}",
    ),
    rule(r"\b(\d+)(?:st|nd|rd|th)\b", lambda m: _ordinal(int(m[1]))),
    rule(rf"(?P<sign>[$€£₸₽¥])\s?(?P<number>{_NUMBER}){_SCALE}", _money),
    rule(
        rf"(?P<low>{_NUMBER})\s?{DASH}\s?(?P<high>{_NUMBER})\s?%",
        lambda m: f"{_say(m['low'])} to {_say(m['high'])} percent",
    ),
    rule(rf"({_NUMBER})\s?%", lambda m: f"{_say(m[1])} percent"),
    rule(
        rf"(?<!\w)([+−–-]?)({_NUMBER})\s?°\s?C?\b",
        lambda m: f"{'plus ' if m[1] == '+' else 'minus ' if m[1] else ''}{_counted(m[2], ('degree', 'degrees'))}",
    ),
    rule(rf"({_NUMBER})\s?({_UNIT})(?![\w/²])", lambda m: _counted(m[1], UNITS[m[2]])),
    rule(rf"(?<!\w)({_SHORT})(?!\w)", lambda m: ABBREVIATIONS[m[1]]),
    rule(rf"(?<![\w.,-])({_NUMBER})\s?{DASH}\s?({_NUMBER})(?![\w-]*\d)", lambda m: f"{_say(m[1])} to {_say(m[2])}"),
    rule(
        rf"(?P<glued>(?<=[^\W\d])-?)?(?P<minus>(?<!\w)[−-](?=\d))?(?P<number>{_NUMBER})(?P<letter>(?=[^\W\d]))?",
        _plain,
    ),
    rule(r"[\u0400-\u04ff]+(?:-[\u0400-\u04ff]+)*", _name),
    rule(r"\s*&\s*", lambda m: " and "),
    rule(r"[«»“”„\"]", lambda m: ""),
)
