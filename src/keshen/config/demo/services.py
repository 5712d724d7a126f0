"""Who the demo house is: organisations, services, editions, desks and people, as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

type Names = Mapping[str, str]


def names(kk: str, ru: str, en: str, ar: str) -> Names:
    return {"kk": kk, "ru": ru, "en": en, "ar": ar}


class ServiceRow(NamedTuple):
    slug: str
    kind: str
    accent: str
    languages: tuple[str, ...]
    name: Names
    line: Names
    """What stands below its name on screen."""


class PersonRow(NamedTuple):
    username: str
    roles: tuple[str, ...]
    desk: str
    language: str
    title: Names


ORGANISATIONS: Mapping[str, tuple[str, Names]] = {
    "complex": ("house", names(
        "Президенттің телерадиокешені", "Телерадиокомплекс Президента",
        "Television and Radio Complex of the President", "مجمع الإذاعة والتلفزيون الرئاسي")),
    "documentary-centre": ("unit", names(
        "Деректі кино орталығы", "Центр документального кино", "Documentary Film Centre", "مركز الأفلام الوثائقية")),
    "al-jazeera": ("partner", names(
        "Al Jazeera Media Network", "Al Jazeera Media Network", "Al Jazeera Media Network", "شبكة الجزيرة الإعلامية")),
}  # fmt: skip

TERRITORIES: Mapping[str, Names] = {
    "WORLD": names("Бүкіл әлем", "Весь мир", "The world", "العالم"),
    "KZ": names("Қазақстан", "Казахстан", "Kazakhstan", "كازاخستان"),
    "QA": names("Қатар", "Катар", "Qatar", "قطر"),
    "UZ": names("Өзбекстан", "Узбекистан", "Uzbekistan", "أوزبكستان"),
    "KG": names("Қырғызстан", "Кыргызстан", "Kyrgyzstan", "قيرغيزستان"),
    "TR": names("Түркия", "Турция", "Türkiye", "تركيا"),
    "CN": names("Қытай", "Китай", "China", "الصين"),
    "RU": names("Ресей", "Россия", "Russia", "روسيا"),
}

SERVICES: tuple[ServiceRow, ...] = (
    ServiceRow("jibek-joly", "tv", "#0fa3a3", ("kk",),
               names("Jibek Joly", "Jibek Joly", "Jibek Joly", "جيبيك جولي"),
               names("Республикалық телеарна", "Республиканский телеканал", "National television", "قناة وطنية")),
    ServiceRow("jibek-joly-radio", "radio", "#0fa3a3", ("kk",),
               names("Jibek Joly радиосы", "Радио Jibek Joly", "Jibek Joly Radio", "إذاعة جيبيك جولي"),
               names("Республикалық радио", "Республиканское радио", "National radio", "إذاعة وطنية")),
    ServiceRow("silk-way", "tv", "#c9922b", ("en", "ru", "kk"),
               names("Silk Way", "Silk Way", "Silk Way", "سيلك واي"),
               names("Халықаралық телеарна", "Международный телеканал", "Kazakhstan to the world", "قناة دولية")),
    ServiceRow("silk-way-cinema", "tv", "#a3182f", ("kk", "ru", "en"),
               names("Silk Way Cinema", "Silk Way Cinema", "Silk Way Cinema", "سيلك واي سينما"),
               names("Деректі кино", "Документальное кино", "Documentary film", "السينما الوثائقية")),
    ServiceRow("silk-way-prime", "tv", "#6b3fa0", ("ru", "kk", "en"),
               names("Silk Way Prime", "Silk Way Prime", "Silk Way Prime", "سيلك واي برايم"),
               names("Мәдениет пен таным", "Культура и познание", "Culture and discovery", "ثقافة ومعرفة")),
    ServiceRow("kazinform", "wire", "#0a6ebd", ("kk", "ru", "en", "ar"),
               names("Kazinform лентасы", "Лента Kazinform", "Kazinform wire", "وكالة كازينفورم"),
               names("Ақпарат агенттігі", "Информационное агентство", "News agency", "وكالة أنباء")),
    ServiceRow("kazinform", "web", "#0a6ebd", ("kk", "ru", "en", "ar"),
               names("Kazinform", "Kazinform", "Kazinform", "كازينفورم"),
               names("Ақпарат агенттігі", "Информационное агентство", "News agency", "وكالة أنباء")),
)  # fmt: skip

EDITIONS: tuple[tuple[str, str, str, str, Names], ...] = (
    ("kk", "kk", "Cyrl", "", names("Қазақша", "Казахский", "Kazakh", "الكازاخية")),
    ("kk-Latn", "kk", "Latn", "kk",
     {"kk-Latn": "Qazaqşa", **names("Қазақша, латын", "Казахский, латиница", "Kazakh, Latin", "الكازاخية باللاتينية")}),
    ("kk-Arab", "kk", "Arab", "kk",
     {"kk-Arab": "قازاقشا", **names("Қазақша, төте", "Казахский, төте", "Kazakh, Arabic", "الكازاخية بالعربية")}),
    ("ru", "ru", "Cyrl", "", names("Орысша", "Русский", "Russian", "الروسية")),
    ("en", "en", "Latn", "", names("Ағылшынша", "Английский", "English", "الإنجليزية")),
    ("ar", "ar", "Arab", "", names("Арабша", "Арабский", "Arabic", "العربية")),
)  # fmt: skip

DESKS: Mapping[str, Names] = {
    "news": names("Жаңалықтар", "Новости", "News", "الأخبار"),
    "culture": names("Мәдениет", "Культура", "Culture", "الثقافة"),
    "translation": names("Аударма", "Перевод", "Translation", "الترجمة"),
    "air": names("Эфир", "Эфир", "Air", "البث"),
}

PEOPLE: tuple[PersonRow, ...] = (
    PersonRow("reporter", ("reporter",), "news", "kk", names("Тілші", "Корреспондент", "Reporter", "مراسل")),
    PersonRow("translator", ("translator",), "translation", "ru",
              names("Аудармашы", "Переводчик", "Translator", "مترجم")),
    PersonRow("editor", ("editor",), "news", "kk", names("Редактор", "Редактор", "Editor", "محرر")),
    PersonRow("chief", ("chief", "editor"), "news", "kk",
              names("Бас редактор", "Главный редактор", "Chief editor", "رئيس التحرير")),
    PersonRow("operator", ("operator",), "air", "kk",
              names("Эфир операторы", "Оператор эфира", "Channel operator", "مشغل البث")),
    PersonRow("admin", ("admin",), "news", "en", names("Әкімші", "Администратор", "Administrator", "مدير النظام")),
)  # fmt: skip

NEWS = names("Жаңалықтар", "Новости", "News", "الأخبار")


def _block(at: str, title: Names, programmes: str = "", **more: Any) -> dict[str, Any]:
    return {"at": at, "title": dict(title), "programmes": programmes, **more}


DALA = names("«Дала» фильмі", "Фильм «Степь»", "Film: The Steppe", "فيلم: السهب")
WEEKS: Mapping[str, Mapping[str, Any]] = {
    "jibek-joly": {
        "bulletin": {"every": 10, "items": 5, "title": dict(NEWS)},
        "blocks": [
            _block("06:00", names("Таң шапағы", "Утро", "Morning", "الصباح")),
            _block("12:00", names("Күн жарығы", "День", "Daytime", "النهار")),
            _block("18:00", names("Кешкі дала", "Вечерняя степь", "Evening steppe", "سهب المساء")),
            _block("20:30", DALA, "film", days=["sat", "sun"]),
            _block("23:00", names("Түнгі сазы", "Ночные мелодии", "Night music", "ألحان الليل")),
        ],
    },
    "jibek-joly-radio": {
        "bulletin": {"every": 10, "items": 6, "title": dict(NEWS)},
        "blocks": [
            _block("06:00", names("Таңғы күй", "Утренний кюй", "Morning kuy", "ألحان الصباح")),
            _block("18:00", names("Кешкі саз", "Вечерние мелодии", "Evening melodies", "ألحان المساء")),
        ],
    },
    "silk-way": {
        "bulletin": {"every": 10, "items": 4, "title": dict(NEWS)},
        "blocks": [
            _block("00:00", names("Жібек жолының бойында", "Вдоль Шёлкового пути", "Along the Silk Road",
                                  "على طريق الحرير")),
            _block("21:00", DALA, "film", days=["fri"]),
            _block("22:00", names("Жібек жолының бойында", "Вдоль Шёлкового пути", "Along the Silk Road",
                                  "على طريق الحرير")),
        ],
    },
    "silk-way-cinema": {
        "blocks": [_block(f"{hour:02d}:00", DALA, "film") for hour in range(0, 24, 2)],
    },
    "silk-way-prime": {
        "blocks": [
            _block("00:00", names("Дала түні", "Ночь степи", "Night of the steppe", "ليل السهب")),
            _block("09:00", names("Мұра", "Наследие", "Heritage", "التراث")),
            _block("19:00", DALA, "film"),
            _block("20:00", names("Тыныс", "Дыхание", "Breath", "نسمة")),
        ],
    },
}  # fmt: skip

RESTRICTIONS: Mapping[str, tuple[str, str]] = {"filler-silk-way-2": ("Not for use in Turkey", "en")}
"""Terms on reels, by key: the wording and its language."""

OFFERS: Mapping[str, Mapping[str, Any]] = {
    "silk-way": {
        "instead": [{"play": "fillers"}],
        "languages": {"en": ["ru", "original"], "ru": ["en", "original"], "kk": ["ru", "original"]},
    },
}
"""What variants of a service show instead of what is denied to them, and which languages stand in."""
