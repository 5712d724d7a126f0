"""Russian words that numbers change: units, currencies, months, and abbreviations by case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from keshen.language.dates import MONTHS as ALL_MONTHS

MONTHS = ALL_MONTHS["ru"]


class Noun(NamedTuple):
    """One, two to four, five and more, the prepositional plural, and the gender (m, f, n)."""

    one: str
    few: str
    many: str
    at: str
    gender: str


def _m(stem: str) -> Noun:
    return Noun(stem, f"{stem}а", f"{stem}ов", f"{stem}ах", "m")


def _f(stem: str) -> Noun:
    return Noun(f"{stem}а", f"{stem}ы", stem, f"{stem}ах", "f")


def _with(adjective: str, stem: str) -> Noun:
    soft = adjective.endswith("к")
    one, many = (f"{adjective}{'ий' if soft else 'ый'}", f"{adjective}{'их' if soft else 'ых'}")
    return Noun(f"{one} {stem}", f"{many} {stem}а", f"{many} {stem}ов", f"{many} {stem}ах", "m")


def _still(word: str, gender: str) -> Noun:
    return Noun(word, word, word, word, gender)


PERCENT = _m("процент")
DEGREE = _m("градус")
UNITS: Mapping[str, Noun] = {
    "км/ч": Noun("километр в час", "километра в час", "километров в час", "километрах в час", "m"),
    "кв. км": _with("квадратн", "километр"), "кв. м": _with("квадратн", "метр"), "км²": _with("квадратн", "километр"),
    "м²": _with("квадратн", "метр"), "м³": _with("кубическ", "метр"),
    "км": _m("километр"), "см": _m("сантиметр"), "мм": _m("миллиметр"), "м": _m("метр"), "кг": _m("килограмм"),
    "мг": _m("миллиграмм"), "г": _m("грамм"), "т": Noun("тонна", "тонны", "тонн", "тоннах", "f"), "га": _m("гектар"),
    "л": _m("литр"), "кВт": Noun("киловатт", "киловатта", "киловатт", "киловаттах", "m"),
    "МВт": Noun("мегаватт", "мегаватта", "мегаватт", "мегаваттах", "m"),
    "ГВт": Noun("гигаватт", "гигаватта", "гигаватт", "гигаваттах", "m"), "мин": _f("минут"), "сек": _f("секунд"),
    "чел": Noun("человек", "человека", "человек", "человеках", "m"), "ГБ": _m("гигабайт"),
    "МГц": Noun("мегагерц", "мегагерца", "мегагерц", "мегагерцах", "m"),
    "руб": Noun("рубль", "рубля", "рублей", "рублях", "m"), "тг": _still("тенге", "m"),
}  # fmt: skip
CURRENCIES: Mapping[str, Noun] = {
    "$": _m("доллар"),
    "€": _still("евро", "m"),
    "₸": _still("тенге", "m"),
    "₽": Noun("рубль", "рубля", "рублей", "рублях", "m"),
    "£": _m("фунт"),
    "¥": Noun("юань", "юаня", "юаней", "юанях", "m"),
}
SCALES: Mapping[str, Noun] = {
    "тыс": Noun("тысяча", "тысячи", "тысяч", "тысячах", "f"),
    "млн": _m("миллион"),
    "млрд": _m("миллиард"),
    "трлн": _m("триллион"),
}
# by case: nominative, genitive, dative, instrumental, prepositional
DECLINED: Mapping[str, tuple[str, str, str, str, str]] = {
    "РК": ("Республика Казахстан", "Республики Казахстан", "Республике Казахстан", "Республикой Казахстан",
           "Республике Казахстан"),
    "РФ": ("Российская Федерация", "Российской Федерации", "Российской Федерации", "Российской Федерацией",
           "Российской Федерации"),
    "КНР": ("Китайская Народная Республика", "Китайской Народной Республики", "Китайской Народной Республике",
            "Китайской Народной Республикой", "Китайской Народной Республике"),
    "ОАЭ": ("Объединённые Арабские Эмираты", "Объединённых Арабских Эмиратов", "Объединённым Арабским Эмиратам",
            "Объединёнными Арабскими Эмиратами", "Объединённых Арабских Эмиратах"),
}  # fmt: skip
FIXED: Mapping[str, str] = {
    "ООН": "о-о-эн", "США": "сэ-шэ-а", "СНГ": "эс-эн-гэ", "ЕС": "е-эс", "ЕАЭС": "е-а-э-эс", "ТРК": "тэ-эр-ка",
    "МВД": "эм-вэ-дэ", "МЧС": "эм-че-эс", "ВВП": "вэ-вэ-пэ", "НДС": "эн-дэ-эс", "ТОО": "тэ-о-о", "АО": "а-о",
    "ЦИК": "цик", "СМИ": "сми", "ИИ": "и-и", "АЭС": "а-э-эс", "КНДР": "ка-эн-дэ-эр", "ФРГ": "фэ-эр-гэ",
    "и т.д.": "и так далее", "и т. д.": "и так далее", "и т.п.": "и тому подобное", "и т. п.": "и тому подобное",
    "т.е.": "то есть", "т. е.": "то есть", "т.к.": "так как", "т. к.": "так как", "и др.": "и другие",
    "им.": "имени", "ул.": "улица", "обл.": "область", "см.": "смотри", "напр.": "например",
    "до н.э.": "до нашей эры", "до н. э.": "до нашей эры", "н.э.": "нашей эры", "н. э.": "нашей эры",
}  # fmt: skip
LETTERS: Mapping[str, str] = {
    "Б": "бэ", "В": "вэ", "Г": "гэ", "Д": "дэ", "Ж": "жэ", "З": "зэ", "К": "ка", "Л": "эл", "М": "эм", "Н": "эн",
    "П": "пэ", "Р": "эр", "С": "эс", "Т": "тэ", "Ф": "эф", "Х": "ха", "Ц": "цэ", "Ч": "че", "Ш": "ша", "Щ": "ща",
}  # fmt: skip

# the form of "год", "век" and the like, and the case and number of the ordinal before it
YEAR_FORMS: Mapping[str, tuple[str, bool]] = {
    "год": ("n", False), "года": ("g", False), "году": ("p", False), "годом": ("i", False), "годе": ("p", False),
    "годы": ("n", True), "годов": ("g", True), "годам": ("d", True), "годах": ("p", True), "годами": ("i", True),
}  # fmt: skip
CENTURY_FORMS: Mapping[str, tuple[str, bool]] = {
    "век": ("n", False), "века": ("g", False), "веку": ("d", False), "веком": ("i", False), "веке": ("p", False),
    "веков": ("g", True), "веках": ("p", True), "столетие": ("n", False), "столетия": ("g", False),
    "столетии": ("p", False),
}  # fmt: skip
# what is written after a hyphen: case, gender (m, f, n) and number of the ordinal
ORDINAL_ENDINGS: Mapping[str, tuple[str, str, bool]] = {
    "й": ("n", "m", False), "ый": ("n", "m", False), "ой": ("n", "m", False), "ий": ("n", "m", False),
    "я": ("n", "f", False), "ая": ("n", "f", False), "е": ("n", "n", True), "ые": ("n", "n", True),
    "ое": ("n", "n", False), "го": ("g", "m", False), "ого": ("g", "m", False), "му": ("d", "m", False),
    "ому": ("d", "m", False), "м": ("p", "m", False), "ом": ("p", "m", False), "х": ("g", "m", True),
    "ых": ("g", "m", True), "ым": ("i", "m", False), "ю": ("a", "f", False), "ую": ("a", "f", False),
}  # fmt: skip
GENITIVE_AFTER = frozenset(
    "до от из с со без для после около более менее свыше порядка кроме среди против вместо выше ниже не".split()  # noqa: SIM905
)
DATIVE_AFTER = frozenset({"к", "ко", "благодаря", "согласно"})
AT_AFTER = frozenset({"в", "во", "на", "о", "об", "при"})
