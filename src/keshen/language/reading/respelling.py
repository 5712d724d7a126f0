"""Words in Latin letters as a Kazakh or Russian voice can say them: known names by table, the rest by rules."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Literal

from keshen.language.kazakh.letters import LATIN_2021

Voice = Literal["kk", "ru"]

# name in small letters: as said in Kazakh, as said in Russian
NAMES: Mapping[str, tuple[str, str]] = {
    "al jazeera": ("Әл Жазира", "Аль-Джазира"),
    "al jazeera media network": ("Әл Жазира Медиа Нетуорк", "Аль-Джазира Медиа Нетворк"),
    "al jazeera media institute": ("Әл Жазира Медиа Институт", "Аль-Джазира Медиа Институт"),
    "al jazeera english": ("Әл Жазира Инглиш", "Аль-Джазира Инглиш"),
    "al jazeera documentary": ("Әл Жазира Документари", "Аль-Джазира Документари"),
    "maqsut narikbayev university": ("Мақсұт Нәрікбаев университеті", "Максут Нарикбаев Юниверсити"),
    "nazarbayev university": ("Назарбаев университеті", "Назарбаев Университет"),
    "jibek joly": ("Жібек Жолы", "Жибек Жолы"),
    "silk way": ("Силк Уэй", "Силк Вэй"),
    "silk way cinema": ("Силк Уэй Синема", "Силк Вэй Синема"),
    "silk way prime": ("Силк Уэй Прайм", "Силк Вэй Прайм"),
    "kazinform": ("Казинформ", "Казинформ"),
    "keshen": ("Кешен", "Кешен"),
    "astana": ("Астана", "Астана"),
    "almaty": ("Алматы", "Алматы"),
    "qazaqstan": ("Қазақстан", "Казахстан"),
    "kazakhstan": ("Казахстан", "Казахстан"),
    "donald trump": ("Дональд Трамп", "Дональд Трамп"),
    "elon musk": ("Илон Маск", "Илон Маск"),
    "joe biden": ("Джо Байден", "Джо Байден"),
    "emmanuel macron": ("Эмманюэль Макрон", "Эмманюэль Макрон"),
    "antonio guterres": ("Антониу Гутерриш", "Антониу Гутерриш"),
    "financial times": ("Файнэншл Таймс", "Файнэншл Таймс"),
    "associated press": ("Ассошиэйтед Пресс", "Ассошиэйтед Пресс"),
    "france presse": ("Франс Пресс", "Франс Пресс"),
    "deutsche welle": ("Дойче Велле", "Дойче Велле"),
    "air astana": ("Эйр Астана", "Эйр Астана"),
    "reuters": ("Ройтерс", "Рейтер"),
    "bloomberg": ("Блумберг", "Блумберг"),
    "euronews": ("Еуроньюс", "Евроньюс"),
    "the new york times": ("Нью-Йорк Таймс", "Нью-Йорк Таймс"),
    "youtube": ("Ютуб", "Ютуб"),
    "facebook": ("Фейсбук", "Фейсбук"),
    "instagram": ("Инстаграм", "Инстаграм"),
    "telegram": ("Телеграм", "Телеграм"),
    "tiktok": ("Тик-Ток", "Тик-Ток"),
    "whatsapp": ("Уатсап", "Вотсап"),
    "google": ("Гугл", "Гугл"),
    "apple": ("Эппл", "Эппл"),
    "microsoft": ("Майкрософт", "Майкрософт"),
    "openai": ("Оупен Эй-Ай", "Оупен Эй-Ай"),
    "tesla": ("Тесла", "Тесла"),
    "starlink": ("Старлинк", "Старлинк"),
    "expo": ("Экспо", "Экспо"),
    "unesco": ("ЮНЕСКО", "ЮНЕСКО"),
    "unicef": ("ЮНИСЕФ", "ЮНИСЕФ"),
    "nato": ("НАТО", "НАТО"),
    "fifa": ("ФИФА", "ФИФА"),
    "uefa": ("УЕФА", "УЕФА"),
    "nasa": ("НАСА", "НАСА"),
    "covid": ("ковид", "ковид"),
    "brics": ("БРИКС", "БРИКС"),
    "ok": ("окей", "окей"),
    "university": ("Юниверсити", "Юниверсити"),
    "institute": ("Институт", "Институт"),
    "media": ("Медиа", "Медиа"),
    "network": ("Нетуорк", "Нетворк"),
    "news": ("Ньюс", "Ньюс"),
    "channel": ("Чэннел", "Чэннел"),
    "cinema": ("Синема", "Синема"),
    "prime": ("Прайм", "Прайм"),
    "english": ("Инглиш", "Инглиш"),
    "documentary": ("Документари", "Документари"),
    "international": ("Интернэшнл", "Интернэшнл"),
    "air": ("Эйр", "Эйр"),
    "group": ("Групп", "Групп"),
    "bank": ("Банк", "Банк"),
    "forum": ("Форум", "Форум"),
    "digital": ("Диджитал", "Диджитал"),
}

LETTER_NAMES: Mapping[str, str] = {
    "a": "эй", "b": "би", "c": "си", "d": "ди", "e": "и", "f": "эф", "g": "джи", "h": "эйч", "i": "ай", "j": "джей",
    "k": "кей", "l": "эл", "m": "эм", "n": "эн", "o": "оу", "p": "пи", "q": "кью", "r": "ар", "s": "эс", "t": "ти",
    "u": "ю", "v": "ви", "w": "дабл-ю", "x": "экс", "y": "уай", "z": "зет",
}  # fmt: skip

# longest first; English spelling, since that is what news texts quote
_SOUNDS: tuple[tuple[str, str, str], ...] = (
    ("tion", "шн", "шн"), ("sch", "ш", "ш"), ("tch", "ч", "ч"), ("igh", "ай", "ай"), ("eau", "о", "о"),
    ("sh", "ш", "ш"), ("ch", "ч", "ч"), ("zh", "ж", "ж"), ("kh", "х", "х"), ("gh", "г", "г"), ("ph", "ф", "ф"),
    ("th", "т", "т"), ("ck", "к", "к"), ("qu", "кв", "кв"), ("wh", "у", "в"), ("ee", "и", "и"), ("ea", "и", "и"),
    ("oo", "у", "у"), ("ou", "у", "у"), ("ow", "оу", "оу"), ("ay", "эй", "эй"), ("ai", "ай", "ай"), ("ey", "ей", "ей"),
    ("ya", "я", "я"), ("yu", "ю", "ю"), ("yo", "ё", "ё"), ("ew", "ью", "ью"), ("au", "ау", "ау"), ("oy", "ой", "ой"),
    ("ce", "се", "се"), ("ci", "си", "си"), ("cy", "си", "си"), ("ge", "дже", "дже"), ("gi", "джи", "джи"),
    ("a", "а", "а"), ("b", "б", "б"), ("c", "к", "к"), ("d", "д", "д"), ("e", "е", "е"), ("f", "ф", "ф"),
    ("g", "г", "г"), ("h", "х", "х"), ("i", "и", "и"), ("j", "дж", "дж"), ("k", "к", "к"), ("l", "л", "л"),
    ("m", "м", "м"), ("n", "н", "н"), ("o", "о", "о"), ("p", "п", "п"), ("q", "қ", "к"), ("r", "р", "р"),
    ("s", "с", "с"), ("t", "т", "т"), ("u", "у", "у"), ("v", "в", "в"), ("w", "у", "в"), ("x", "кс", "кс"),
    ("y", "и", "и"), ("z", "з", "з"),
)  # fmt: skip
_KAZAKH_LATIN = frozenset("äğñşūıöü")
_FROM_KAZAKH = {latin: cyrillic for cyrillic, latin in LATIN_2021.items() if len(latin) == 1 and cyrillic not in "йэһ"}
_ENGLISH_END = re.compile(r"(?<=[bcdfghjklmnprstvz])e$")
_NAME = re.compile(
    r"(?<![A-Za-z])(?:" + "|".join(re.escape(name) for name in sorted(NAMES, key=len, reverse=True)) + r")(?![A-Za-z])",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:['’.][A-Za-z\u00c0-\u024f]+)*")
_PHRASE = re.compile(
    rf"(?P<phrase>{_NAME.pattern}|{_WORD.pattern})(?:[-–](?P<ending>[а-яёәғқңөұүһі]+)(?!\w))?", re.IGNORECASE
)


def respell(text: str, voice: Voice, attach: Callable[[str, str], str]) -> str:
    """`text` with its words in Latin letters in Cyrillic, for the `voice` of that language.

    `attach` joins a word and the ending written after a hyphen (Al Jazeera-ның).
    """

    def say(match: re.Match[str]) -> str:
        spoken = _phrase(match["phrase"], voice)
        return attach(spoken, match["ending"]) if match["ending"] else spoken

    return _PHRASE.sub(say, text)


def _phrase(phrase: str, voice: Voice) -> str:
    known = NAMES.get(phrase.lower())
    return known[voice == "ru"] if known else _word(phrase, voice)


def _word(word: str, voice: Voice) -> str:
    if _KAZAKH_LATIN & set(word.lower()):
        return _cased(word, "".join(_FROM_KAZAKH.get(letter, letter) for letter in word.replace("İ", "i").lower()))
    plain = "".join(char for char in unicodedata.normalize("NFD", word) if char.isascii() and char.isalpha())
    if not plain:
        return word
    if not set(plain.upper()) & set("AEIOUY") or (plain.isupper() and len(plain) <= 3):
        return "-".join(LETTER_NAMES[letter] for letter in plain.lower())
    return _cased(plain, _sounds(plain.lower(), voice))


def _sounds(word: str, voice: Voice) -> str:
    word = _ENGLISH_END.sub("", word) if len(word) > 3 else word
    out = []
    place = 0
    while place < len(word):
        for letters, kazakh, russian in _SOUNDS:
            if word.startswith(letters, place):
                out.append(russian if voice == "ru" else kazakh)
                place += len(letters)
                break
    made = "".join(out)
    # at the beginning and after a vowel, е would be read as йе
    return re.sub(r"(?:(?<=[аоуиэ])|^)е", "э", made)


def _cased(word: str, made: str) -> str:
    return made[:1].upper() + made[1:] if word[:1].isupper() else made
