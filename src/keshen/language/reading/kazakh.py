"""Kazakh as it is spoken."""

from __future__ import annotations

import re
from collections.abc import Mapping

from keshen.language.dates import MONTHS as ALL_MONTHS
from keshen.language.kazakh.endings import attach
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
from keshen.language.reading.kazakh_numbers import cardinal, ordinal
from keshen.language.reading.respelling import respell

MONTHS = ALL_MONTHS["kk"]
# abbreviation: what is said, and whether it ends in a third-person ending (which decides the endings after it)
ABBREVIATIONS: Mapping[str, tuple[str, bool]] = {
    "ҚР": ("Қазақстан Республикасы", True),
    "АҚШ": ("Америка Құрама Штаттары", True),
    "БҰҰ": ("Біріккен Ұлттар Ұйымы", True),
    "ТМД": ("Тәуелсіз Мемлекеттер Достастығы", True),
    "ЕО": ("Еуропалық одақ", False),
    "ЕАЭО": ("Еуразиялық экономикалық одақ", False),
    "ШЫҰ": ("Шанхай ынтымақтастық ұйымы", True),
    "ҰҚШҰ": ("Ұжымдық қауіпсіздік шарты ұйымы", True),
    "ТМҰ": ("Түркі мемлекеттері ұйымы", True),
    "ДДСҰ": ("Дүниежүзілік денсаулық сақтау ұйымы", True),
    "ДСҰ": ("Дүниежүзілік сауда ұйымы", True),
    "ТРК": ("телерадиокешені", True),
    "РФ": ("Ресей Федерациясы", True),
    "ҚХР": ("Қытай Халық Республикасы", True),
    "БАӘ": ("Біріккен Араб Әмірліктері", True),
    "ІІМ": ("Ішкі істер министрлігі", True),
    "СІМ": ("Сыртқы істер министрлігі", True),
    "ТЖМ": ("Төтенше жағдайлар министрлігі", True),
    "ЖІӨ": ("жалпы ішкі өнім", False),
    "ҚҚС": ("қосылған құн салығы", True),
    "ЖИ": ("жасанды интеллект", False),
    "ЖОО": ("жоғары оқу орны", True),
    "ҰБТ": ("Ұлттық бірыңғай тестілеу", False),
    "ҚазҰУ": ("Қазақ ұлттық университеті", True),
    "ЕҰУ": ("Еуразия ұлттық университеті", True),
    "ЖШС": ("жауапкершілігі шектеулі серіктестігі", True),
    "АҚ": ("акционерлік қоғамы", True),
    "т.б.": ("тағы басқалар", False),
    "т. б.": ("тағы басқалар", False),
    "т.с.с.": ("тағы сол сияқтылар", False),
    "б.з.б.": ("біздің заманымыздан бұрынғы", False),
    "б.з.": ("біздің заманымыздың", False),
    "млн": ("миллион", False),
    "млрд": ("миллиард", False),
    "трлн": ("триллион", False),
    "мың т": ("мың тонна", False),
}
UNITS: Mapping[str, str] = {
    "км/сағ": "километр сағатына", "км²": "шаршы километр", "м²": "шаршы метр", "м³": "текше метр",
    "шаршы км": "шаршы километр", "км": "километр", "см": "сантиметр", "мм": "миллиметр", "м": "метр",
    "кг": "килограмм", "мг": "миллиграмм", "г": "грамм", "т": "тонна", "га": "гектар", "л": "литр", "кВт": "киловатт",
    "МВт": "мегаватт", "ГВт": "гигаватт", "сағ": "сағат", "мин": "минут", "сек": "секунд", "тг": "теңге",
    "ГБ": "гигабайт", "МБ": "мегабайт", "МГц": "мегагерц",
}  # fmt: skip
CURRENCIES: Mapping[str, str] = {
    "$": "доллар",
    "€": "еуро",
    "₸": "теңге",
    "₽": "рубль",
    "£": "фунт стерлинг",
    "¥": "юань",
}
LETTERS: Mapping[str, str] = {
    "Б": "бэ", "В": "вэ", "Г": "гэ", "Ғ": "ға", "Д": "дэ", "Ж": "жэ", "З": "зэ", "К": "ка", "Қ": "қа", "Л": "эл",
    "М": "эм", "Н": "эн", "Ң": "ың", "П": "пэ", "Р": "эр", "С": "эс", "Т": "тэ", "Ф": "эф", "Х": "ха", "Һ": "һа",
    "Ц": "цэ", "Ч": "чэ", "Ш": "ша", "Щ": "ща",
}  # fmt: skip

_CYR = "а-яёәғқңөұүһі"
_CASE = (
    "ның|нің|дың|дің|тың|тің|ға|ге|қа|ке|на|не|ны|ні|ды|ді|ты|ті|да|де|та|те|нда|нде|дан|ден|тан|тен|нан|нен|мен|бен|пен"
    "|дағы|дегі|тағы|тегі"
)
_ENDINGS = rf"(?:{_CASE}|і|ы|сы|сі|уі|уы|еуі|ауы|еу|ау)(?![{_CYR}])"
_ENDING = rf"(?:-(?P<ending>{_ENDINGS}))?"
_YEAR = r"(?:жыл\w*|жж\.|ж\.)"
_MONTH = "|".join(MONTHS)
_SCALE = r"(?:\s*(?P<scale>мың|млн|млрд|трлн|миллион|миллиард|триллион)\.?)?"
_SCALES = {"млн": "миллион", "млрд": "миллиард", "трлн": "триллион"}


def spoken(text: str) -> str:
    """`text` with numbers, dates, abbreviations and words in Latin letters as they are said in Kazakh."""
    written_out = apply(aloud(text), _RULES)
    return tidy(respell(written_out, "kk", _with_own_vowels))


def _with_own_vowels(word: str, ending: str) -> str:
    """A foreign name and its ending: the writer's ending shows how the name sounds."""
    return attach(word, ending, front=bool(set(ending) & set("еігк")))


def _say(text: str) -> str:
    return cardinal(number(text))


def _with(word: str, ending: str | None, *, possessive: bool = False) -> str:
    return attach(word, ending, possessive=possessive) if ending else word


def _year_word(word: str) -> str:
    return {"ж.": "жыл", "жж.": "жылдары"}.get(word, word)


def _date(match: re.Match[str]) -> str:
    day, month = int(match["day"]), int(match["month"])
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return match.group()
    return f"{ordinal(int(match['year']))} жылғы {ordinal(day)} {_with(MONTHS[month - 1], match['ending'])}"


def _time(match: re.Match[str]) -> str:
    hour, minute = int(match["hour"]), match["minute"]
    if hour > 24 or int(minute) > 59:
        return match.group()
    if minute == "00":
        last = "нөл нөл"
    else:
        last = f"нөл {cardinal(int(minute))}" if minute[0] == "0" else cardinal(int(minute))
    return f"{cardinal(hour)} {_with(last, match['ending'])}"


def _money(match: re.Match[str]) -> str:
    scale = match["scale"]
    parts = [_say(match["number"]), _SCALES.get(scale, scale) if scale else "", CURRENCIES[match["sign"]]]
    return _with(" ".join(filter(None, parts)), match["ending"])


def _measured(match: re.Match[str]) -> str:
    scale = match["scale"]
    parts = [_say(match["number"]), _SCALES.get(scale, scale) if scale else "", UNITS[match["unit"]]]
    return _with(" ".join(filter(None, parts)), match["ending"])


def _degrees(match: re.Match[str]) -> str:
    sign = {"+": "плюс ", "": ""}.get(match["sign"], "минус ")
    return f"{sign}{_say(match['number'])} {_with('градус', match['ending'])}"


def _abbreviation(match: re.Match[str]) -> str:
    words, possessive = ABBREVIATIONS[match["short"]]
    return _with(words, match["ending"], possessive=possessive)


def _spelled(match: re.Match[str]) -> str:
    return _with("-".join(LETTERS[letter] for letter in match["letters"]), match["ending"])


def _range(match: re.Match[str]) -> str:
    return f"{_say(match['low'])} – {_with(_say(match['high']), match['ending'])}"


def _plain(match: re.Match[str]) -> str:
    before = " " if match["glued"] is not None else ""
    sign = "минус " if match["minus"] else ""
    after = " " if match["follows"] is not None else ""
    return f"{before}{sign}{_with(_say(match['number']), match['ending'])}{after}"


_ABBREVIATED = "|".join(re.escape(short) for short in sorted(ABBREVIATIONS, key=len, reverse=True))
_UNIT = "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True))

_RULES: tuple[Rule, ...] = (
    rule(URL.pattern, lambda m: m[1].replace(".", " нүкте ")),
    rule(CODE.pattern, lambda m: " ".join(cardinal(int(digit)) for digit in m.group())),
    rule(PHONE.pattern, lambda m: "плюс " + " ".join(cardinal(int(digit)) for digit in digits(m.group()))),
    rule(rf"\b(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}})(?:\s*(?:жылы|ж\.))?{_ENDING}", _date),
    rule(rf"\b(?P<year>\d{{4}})-(?P<month>\d{{2}})-(?P<day>\d{{2}})\b{_ENDING}", _date),
    rule(rf"\b(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}})(?!\d){_ENDING}", _time),
    rule(
        rf"\b({ROMAN})\s*{DASH}\s*({ROMAN})(?:-|\s+)(?=ғасыр)",
        lambda m: f"{ordinal(roman(m[1]))} – {ordinal(roman(m[2]))} ",
    ),
    rule(rf"\b({ROMAN})(?:-|\s+)(?=[{_CYR}])", lambda m: f"{ordinal(roman(m[1]))} "),
    rule(
        rf"\b(\d{{4}})\s*{DASH}\s*(\d{{4}})[\s-]*({_YEAR})",
        lambda m: f"{ordinal(int(m[1]))} – {ordinal(int(m[2]))} {_year_word(m[3])}",
    ),
    rule(rf"\b([12]\d{{3}})[\s-]*({_YEAR})", lambda m: f"{ordinal(int(m[1]))} {_year_word(m[2])}"),
    rule(r"\b(\d{1,2})[\s-]*(ғасыр\w*)", lambda m: f"{ordinal(int(m[1]))} {m[2]}"),
    rule(
        rf"\b(\d{{1,2}})\s*{DASH}\s*(\d{{1,2}})[\s-]({_MONTH})",
        lambda m: f"{ordinal(int(m[1]))} – {ordinal(int(m[2]))} {m[3]}",
    ),
    rule(rf"\b(\d{{1,2}})[\s-]({_MONTH})", lambda m: f"{ordinal(int(m[1]))} {m[2]}", re.IGNORECASE),
    rule(rf"\b(\d+)-(?:[іы]?н)?ш[іы]([{_CYR}]*)", lambda m: ordinal(int(m[1])) + m[2]),
    rule(r"№\s*(\d+)", lambda m: f"{ordinal(int(m[1]))}"),
    rule(rf"(?P<sign>[$€₸₽£¥])\s?(?P<number>{NUMBER}){_SCALE}{_ENDING}", _money),
    rule(rf"(?P<number>{NUMBER}){_SCALE}\s?(?P<sign>[$€₸₽£¥]){_ENDING}", _money),
    rule(
        rf"(?P<low>{NUMBER})\s?{DASH}\s?(?P<high>{NUMBER})\s?%{_ENDING}",
        lambda m: f"{_say(m['low'])} – {_say(m['high'])} {_with('пайыз', m['ending'])}",
    ),
    rule(rf"(?P<number>{NUMBER})\s?%{_ENDING}", lambda m: f"{_say(m['number'])} {_with('пайыз', m['ending'])}"),
    rule(
        rf"(?<!\w)(?P<sign>[+−–-]?)(?P<number>{NUMBER})\s?°\s?[CСcс]?\b{_ENDING}",
        _degrees,
    ),
    rule(
        rf"(?P<number>{NUMBER}){_SCALE}\s?(?P<unit>{_UNIT})(?![{_CYR}A-Za-zА-ЯӘҒҚҢӨҰҮҺІ/²³]){_ENDING}",
        _measured,
    ),
    rule(rf"(?<![\w-])(?P<short>{_ABBREVIATED})(?!\w){_ENDING}", _abbreviation),
    rule(rf"(?<![\w-])(?P<letters>[{''.join(LETTERS)}]{{2,5}})(?!\w){_ENDING}", _spelled),
    rule(rf"(?<![\w.,-])(?P<low>{NUMBER})\s?{DASH}\s?(?P<high>{NUMBER})(?![\w-]*\d){_ENDING}", _range),
    rule(rf"(?<![\w.,])(\d+)-(?=[{_CYR}]{{3,}})(?!{_ENDINGS})", lambda m: f"{ordinal(int(m[1]))} "),
    rule(
        rf"(?P<glued>(?<=[^\W\d])-?)?(?P<minus>(?<![\w])[−-](?=\d))?(?P<number>{NUMBER}){_ENDING}(?P<follows>(?=[^\W\d]))?",
        _plain,
    ),
    rule(r"\s*&\s*", lambda m: " және "),
    rule(r"[«»“”„\"]", lambda m: ""),
)
