"""Russian as it is spoken."""

from __future__ import annotations

import re
from decimal import Decimal

from num2words import num2words

from keshen.language.reading.common import (
    CODE,
    DASH,
    NUMBER,
    PHONE,
    ROMAN,
    URL,
    Rule,
    aloud,
    apply,
    digits,
    number,
    roman,
    rule,
    tidy,
)
from keshen.language.reading.respelling import respell
from keshen.language.reading.russian_words import (
    ACCUSATIVE_AFTER,
    AT_AFTER,
    CENTURY_FORMS,
    CURRENCIES,
    DATIVE_AFTER,
    DECLINED,
    DEGREE,
    FIXED,
    GENITIVE_AFTER,
    LETTERS,
    MONTHS,
    ORDINAL_ENDINGS,
    PERCENT,
    SCALES,
    UNITS,
    YEAR_FORMS,
    Noun,
)


def spoken(text: str) -> str:
    """`text` with numbers, dates, abbreviations and words in Latin letters as they are said in Russian."""
    return tidy(
        respell(apply(aloud(text), _RULES), "ru", lambda word, ending: word if len(ending) > 2 else word + ending)
    )


def cardinal(value: Decimal, case: str = "n", gender: str = "m") -> str:
    """`value` in words, in a case (n g d a i p) and gender. Decimals are in the nominative only."""
    if value < 0:
        return f"минус {cardinal(-value, case, gender)}"
    if value != value.to_integral_value():
        # num2words reads its decimal digits from the text of the number
        return str(num2words(format(value.normalize(), "f"), lang="ru"))
    return str(num2words(int(value), lang="ru", case=case, gender=gender, animate=False))


def ordinal(value: int, case: str = "n", gender: str = "m", plural: bool = False) -> str:
    """`value` as an ordinal."""
    return str(num2words(value, lang="ru", to="ordinal", case=case, gender=gender, plural=plural))


def counted(value: Decimal, noun: Noun, case: str = "n") -> str:
    """A number and the noun it counts, agreeing."""
    words = cardinal(value, case, noun.gender)
    if value != value.to_integral_value():
        return f"{words} {noun.few}"
    whole = abs(int(value))
    one = whole % 10 == 1 and whole % 100 != 11
    if case in {"g", "d", "i"}:
        return f"{words} {noun.few if one else noun.many}"
    if case == "p":
        return f"{words} {noun.at}"
    if one:
        accusative = case == "a" and noun.gender == "f"
        return f"{words} {noun.one[:-1] + 'у' if accusative else noun.one}"
    few = 2 <= whole % 10 <= 4 and not 12 <= whole % 100 <= 14
    return f"{words} {noun.few if few else noun.many}"


_LOOK_BACK = 60
_ADJECTIVE_ENDINGS = ("ых", "их", "ые", "ие", "ой", "ый", "ым", "ими", "ыми")


def _before(match: re.Match[str]) -> str:
    """The word before a match, in small letters."""
    found = re.search(
        r"([а-яё]+)[\s(«]*$", match.string[max(0, match.start() - _LOOK_BACK) : match.start()], re.IGNORECASE
    )
    return found[1].lower() if found else ""


def _case_after(word: str, *, place: bool = False) -> str:
    if word in GENITIVE_AFTER:
        return "g"
    if word in DATIVE_AFTER:
        return "d"
    if word in ACCUSATIVE_AFTER:
        return "a"
    return "p" if place and word in AT_AFTER else "n"


def _date(match: re.Match[str]) -> str:
    day, month = int(match["day"]), int(match["month"])
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return match.group()
    return f"{_day(match, day)} {MONTHS[month - 1]} {ordinal(int(match['year']), 'g')} года"


def _day(match: re.Match[str], day: int) -> str:
    before = _before(match)
    return ordinal(day, "d" if before in DATIVE_AFTER else "n" if before == "по" else "g", "n")


def _day_month(match: re.Match[str]) -> str:
    first = f"{ordinal(int(match['first']), 'g', 'n')} – " if match["first"] else ""
    said = f"{first}{_day(match, int(match['day']))} {match['month']}"
    return f"{said} {ordinal(int(match['year']), 'g')} года" if match["year"] else said


def _year(match: re.Match[str]) -> str:
    word = match["word"]
    before = _before(match)
    if word in {"г.", "гг."}:
        plural = word == "гг."
        case = _case_after(before, place=True)
        case = "n" if case == "a" else case
        singular = {"n": "год", "g": "года", "d": "году", "p": "году"}
        word = {"n": "годы", "g": "годов", "d": "годам", "p": "годах"}[case] if plural else singular[case]
    else:
        case, plural = YEAR_FORMS[word]
        if word == "году" and before in {"к", "ко", "по"}:
            case = "d"
    first = f"{ordinal(int(match['first']), case)} – " if match["first"] else ""
    return f"{first}{ordinal(int(match['year']), case)} {word}"


def _century(match: re.Match[str]) -> str:
    word = match["word"]
    if word in {"в.", "вв."}:
        case = _case_after(_before(match), place=True)
        word = (
            {"n": "век", "g": "века", "d": "веку", "p": "веке"}[case]
            if word == "в."
            else {"p": "веках"}.get(case, "века")
        )
    else:
        case = CENTURY_FORMS[word][0]
    gender = "n" if word.startswith("столет") else "m"
    first = f"{ordinal(roman(match['first']), case, gender)} – " if match["first"] else ""
    return f"{first}{ordinal(roman(match['roman']), case, gender)} {word}"


def _ruler(match: re.Match[str]) -> str:
    feminine = match["name"][-1] in "ая"
    return f"{match['name']} {ordinal(roman(match['roman']), 'n', 'f' if feminine else 'm')}"


def _roman(match: re.Match[str]) -> str:
    word = match["word"]
    gender, case = "m", "n"
    if word.endswith(("ия", "ая", "да", "ка", "а")):
        gender = "f"
    elif word.endswith("е") and not word.endswith(("ие", "ое")):
        case = "p"
    elif word.endswith("ие"):
        gender = "n"
    return f"{ordinal(roman(match['roman']), case, gender)} {word}"


def _hyphened(match: re.Match[str]) -> str:
    case, gender, plural = ORDINAL_ENDINGS[match["ending"]]
    return ordinal(int(match["number"]), case, gender, plural)


def _time(match: re.Match[str]) -> str:
    hour, minute = int(match["hour"]), match["minute"]
    if hour > 24 or int(minute) > 59:
        return match.group()
    said = cardinal(Decimal(hour))
    if minute == "00":
        return f"{said} ноль-ноль"
    return f"{said} {'ноль ' if minute[0] == '0' else ''}{cardinal(Decimal(int(minute)))}"


def _money(match: re.Match[str]) -> str:
    value = number(match["number"])
    case = _case_after(_before(match))
    currency = CURRENCIES[match["sign"]]
    if not match["scale"]:
        return counted(value, currency, case)
    return f"{counted(value, SCALES[match['scale']], case)} {currency.many}"


def _counted(match: re.Match[str], noun: Noun) -> str:
    return counted(
        number(match["number"]), noun, _case_after(_before(match), place=noun.gender == "m" and "метр" in noun.one)
    )


def _measured(match: re.Match[str]) -> str:
    noun = UNITS[match["unit"]]
    if not match["scale"]:
        return _counted(match, noun)
    return f"{_scaled(match)} {noun.many}"


def _scaled(match: re.Match[str]) -> str:
    return counted(number(match["number"]), SCALES[match["scale"]], _case_after(_before(match)))


def _declined(match: re.Match[str]) -> str:
    forms = DECLINED[match["short"]]
    before = _before(match)
    if before in {"в", "во", "о", "об", "при"}:
        return forms[4]
    if before in DATIVE_AFTER or before == "по":
        return forms[2]
    if before in {"с", "со", "между", "над", "перед"}:
        return forms[3]
    # after a noun it is that noun's genitive: Президент РК
    return forms[1] if before and before not in {"и", "а", "но", "что"} else forms[0]


def _city(match: re.Match[str]) -> str:
    return {"p": "городе ", "g": "города ", "d": "городу ", "n": "город ", "a": "город "}[
        _case_after(_before(match), place=True)
    ]


def _plain(match: re.Match[str]) -> str:
    value = number(match["number"])
    before, following = _before(match), [match["next"] or "", match["after"] or ""]
    noun = (
        following[1]
        if following[0].endswith(("ых", "их", "ые", "ие", "ой", "ый", "ым", "ими", "ыми"))
        else following[0]
    )
    case, gender = _case_after(before), "m"
    if re.search(r"[ая]х$", noun):
        case = "p"
    elif re.search(r"[ая]ми$", noun):
        case = "i"
    elif re.search(r"[ая]м$", noun):
        case = "d"
    last = int(value) % 10
    if last == 1 and re.search(r"[аяую]$", noun):
        gender = "f"
    elif last == 1 and re.search(r"[оеё]$", noun):
        gender = "n"
    elif last == 2 and case in {"n", "a"} and re.search(r"[ыи]$", noun):
        gender = "f"
    glued = " " if match["glued"] is not None else ""
    sign = "минус " if match["minus"] else ""
    return f"{glued}{sign}{cardinal(value, case, gender)}{' ' if match['letter'] is not None else ''}"


_MONTH = "|".join(MONTHS)
_YEAR = "|".join(sorted(YEAR_FORMS, key=len, reverse=True)) + r"|гг\.|г\."
_CENTURY = "|".join(sorted(CENTURY_FORMS, key=len, reverse=True)) + r"|вв\.|в\."
_UNIT = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))
_FIXED = "|".join(re.escape(short) for short in sorted(FIXED, key=len, reverse=True))
_SCALE = r"(?:\s*(?P<scale>тыс|млн|млрд|трлн)\b\.?)?"
_ENDINGS = "|".join(sorted(ORDINAL_ENDINGS, key=len, reverse=True))

_RULES: tuple[Rule, ...] = (
    rule(URL.pattern, lambda m: m[1].replace(".", " точка ")),
    rule(CODE.pattern, lambda m: " ".join(cardinal(Decimal(digit)) for digit in m.group())),
    rule(PHONE.pattern, lambda m: "плюс " + " ".join(cardinal(Decimal(digit)) for digit in digits(m.group()))),
    rule(r"\b(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})(?:\s*(?:года|г\.))?", _date),
    rule(r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b", _date),
    rule(r"\b(?P<hour>\d{1,2}):(?P<minute>\d{2})(?!\d)", _time),
    rule(
        rf"\b(?:(?P<first>\d{{1,2}})\s*{DASH}\s*)?(?P<day>\d{{1,2}})\s+(?P<month>{_MONTH})"
        rf"(?:\s+(?P<year>\d{{4}})\s*(?:года|г\.))?",
        _day_month,
        re.IGNORECASE,
    ),
    rule(rf"\b(?:(?P<first>\d{{4}})\s*(?:{DASH}|и)\s*)?(?P<year>\d{{4}})[\s-]*(?P<word>{_YEAR})(?!\w)", _year),
    rule(rf"\b(?:(?P<first>{ROMAN})\s*{DASH}\s*)?(?P<roman>{ROMAN})\s+(?P<word>{_CENTURY})(?!\w)", _century),
    rule(rf"\b(?P<name>[А-ЯЁ][а-яё]+)\s+(?P<roman>{ROMAN})(?![\w-])", _ruler),
    rule(rf"\b(?P<roman>{ROMAN})\s+(?P<word>[а-яё]+)", _roman),
    rule(rf"\b(?P<number>\d+)-(?P<ending>{_ENDINGS})(?![а-яё])", _hyphened),
    rule(r"№\s*(?=\d)", lambda m: "номер "),
    rule(rf"(?P<sign>[$€₸₽£¥])\s?(?P<number>{NUMBER}){_SCALE}", _money),
    rule(rf"(?P<number>{NUMBER}){_SCALE}\s?(?P<sign>[$€₸₽£¥])", _money),
    rule(
        rf"(?P<low>{NUMBER})\s?{DASH}\s?(?P<number>{NUMBER})\s?%",
        lambda m: f"{cardinal(number(m['low']))} – {_counted(m, PERCENT)}",
    ),
    rule(rf"(?P<number>{NUMBER})\s?%", lambda m: _counted(m, PERCENT)),
    rule(
        rf"(?<!\w)(?P<sign>[+−–-]?)(?P<number>{NUMBER})\s?°\s?[CСcс]?\b",
        lambda m: f"{'плюс ' if m['sign'] == '+' else 'минус ' if m['sign'] else ''}{_counted(m, DEGREE)}",
    ),
    rule(
        rf"(?P<number>{NUMBER}){_SCALE}\s?(?P<unit>{_UNIT})(?![а-яёА-ЯЁA-Za-z/²³])(?:(?<=чел|руб|мин|сек)\.)?",
        _measured,
    ),
    rule(rf"(?P<number>{NUMBER})\s*(?P<scale>тыс|млн|млрд|трлн)\b\.?", _scaled),
    rule(rf"(?<!\w)(?P<short>{'|'.join(DECLINED)})(?!\w)", _declined),
    rule(rf"(?<![\w.])(?P<short>{_FIXED})(?!\w)", lambda m: FIXED[m["short"]]),
    rule(r"(?<!\w)г\.\s?(?=[А-ЯЁA-Z])", _city),
    rule(rf"(?<![\w-])([{''.join(LETTERS)}]{{2,5}})(?![\w])", lambda m: "-".join(LETTERS[letter] for letter in m[1])),
    rule(
        rf"(?<![\w.,-])(?P<low>{NUMBER})\s?{DASH}\s?(?P<number>{NUMBER})(?![\w-]*\d)",
        lambda m: f"{cardinal(number(m['low']))} – {cardinal(number(m['number']))}",
    ),
    rule(
        rf"(?P<glued>(?<=[^\W\d])-?)?(?P<minus>(?<![\w])[−-](?=\d))?(?P<number>{NUMBER})(?P<letter>(?=[^\W\d]))?"
        r"(?=(?:\s+(?P<next>[а-яё]+)(?:\s+(?P<after>[а-яё]+))?)?)",
        _plain,
    ),
    rule(r"\s*&\s*", lambda m: " и "),
    rule(r"[«»“”„\"]", lambda m: ""),
)
