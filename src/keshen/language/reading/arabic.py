"""Arabic as it is spoken: numbers in the oblique form, which most of their uses in news need and speech prefers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from num2words import num2words

from keshen.language.dates import MONTHS as ALL_MONTHS
from keshen.language.reading.common import CODE, DASH, NUMBER, PHONE, URL, Rule, apply, digits, number, rule, tidy

MONTHS = ALL_MONTHS["ar"]
CURRENCIES: Mapping[str, str] = {"$": "دولار", "€": "يورو", "£": "جنيه", "₸": "تنغي", "₽": "روبل", "¥": "يوان"}
UNITS: Mapping[str, str] = {
    "كم": "كيلومتر",
    "كلم": "كيلومتر",
    "كغ": "كيلوغرام",
    "سم": "سنتيمتر",
    "مم": "مليمتر",
    "م": "متر",
}
ORDINALS = (
    "الأول", "الثاني", "الثالث", "الرابع", "الخامس", "السادس", "السابع", "الثامن", "التاسع", "العاشر",
)  # fmt: skip
TENS: Mapping[int, str] = {2: "العشرين", 3: "الثلاثين"}
_OBLIQUE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\bاثنا عشر\b"), "اثني عشر"),
    (re.compile(r"\bاثنان\b"), "اثنين"),
    (re.compile(r"(?<=[فتنر])ان\b"), "ين"),
    (re.compile(r"(?<=[رثسعنتف])ون\b(?!ا)"), "ين"),
    (re.compile(r"\b(مئت|ألف|مليون)ا\b"), r"\1ين"),
    (re.compile(r" و (?=\w)"), " و"),
)
_EASTERN = str.maketrans("٠١٢٣٤٥٦٧٨٩٪٫", "0123456789%,")


def spoken(text: str) -> str:
    """`text` with numbers, dates and signs in Arabic words."""
    return tidy(apply(text.translate(_EASTERN), _RULES))


def _words(value: int) -> str:
    words = str(num2words(value, lang="ar"))
    for nominative, oblique in _OBLIQUE:
        words = nominative.sub(oblique, words)
    return words


def _day(day: int) -> str:
    """A day of the month as an ordinal with the article."""
    if day <= 10:
        return ORDINALS[day - 1]
    tens, unit = divmod(day, 10)
    first = "الحادي" if unit == 1 else ORDINALS[unit - 1]
    if tens == 1:
        return f"{first} عشر"
    return f"{first} و{TENS[tens]}" if unit else TENS[tens]


def _say(text: str) -> str:
    value = number(text)
    if value == value.to_integral_value():
        return _words(int(value))
    whole, _point, decimals = format(value, "f").partition(".")
    zeros = "صفر " * (len(decimals) - len(decimals.lstrip("0")))
    rest = _words(int(decimals)) if int(decimals) else ""
    return f"{_words(int(whole))} فاصلة {zeros}{rest}".strip()


def _date(match: re.Match[str]) -> str:
    day, month = int(match["day"]), int(match["month"])
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return match.group()
    return f"{_day(day)} من {MONTHS[month - 1]} {_say(match['year'])}"


def _time(match: re.Match[str]) -> str:
    hour, minute = int(match["hour"]), int(match["minute"])
    if hour > 24 or minute > 59:
        return match.group()
    return f"{_say(str(hour))} و{_say(str(minute))} دقيقة" if minute else _say(str(hour))


def _plain(match: re.Match[str]) -> str:
    return f"{'ناقص ' if match['minus'] else ''}{_say(match['number'])}"


_UNIT = "|".join(sorted(UNITS, key=len, reverse=True))

_RULES: tuple[Rule, ...] = (
    rule(URL.pattern, lambda m: m[1].replace(".", " نقطة ")),
    rule(CODE.pattern, lambda m: " ".join(_say(digit) for digit in m.group())),
    rule(PHONE.pattern, lambda m: "زائد " + " ".join(_say(digit) for digit in digits(m.group()))),
    rule(r"\b(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./](?P<year>\d{4})\b", _date),
    rule(r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b", _date),
    rule(
        rf"(?<!\d)(\d{{1,2}})(?: من)? ({'|'.join(MONTHS)})",
        lambda m: f"{_day(int(m[1]))} من {m[2]}" if 1 <= int(m[1]) <= 31 else m.group(),
    ),
    rule(r"\b(?P<hour>\d{1,2}):(?P<minute>\d{2})(?!\d)", _time),
    rule(rf"([$€£₸₽¥])\s?({NUMBER})", lambda m: f"{_say(m[2])} {CURRENCIES[m[1]]}"),
    rule(rf"({NUMBER})\s?([$€£₸₽¥])", lambda m: f"{_say(m[1])} {CURRENCIES[m[2]]}"),
    rule(rf"({NUMBER})\s?%", lambda m: f"{_say(m[1])} بالمئة"),
    rule(rf"(?<!\w)([+−–-]?)({NUMBER})\s?°", lambda m: f"{'ناقص ' if m[1] in '−–-' and m[1] else ''}{_say(m[2])} درجة"),
    rule(rf"({NUMBER})\s?({_UNIT})(?!\w)", lambda m: f"{_say(m[1])} {UNITS[m[2]]}"),
    rule(rf"(?<![\w.,-])({NUMBER})\s?{DASH}\s?({NUMBER})", lambda m: f"{_say(m[1])} إلى {_say(m[2])}"),
    rule(rf"(?P<minus>(?<!\w)[−-](?=\d))?(?P<number>{NUMBER})", _plain),
    rule(r"[«»“”„\"]", lambda m: ""),
)
