"""The words in the demo's pictures, in each edition's language; in Kazakh's other scripts they are derived."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from keshen.language.derive import transliterate

type Say = Callable[[str], str]
"""Gives the Kazakh words of a picture in the language and script of an edition."""

SOURCE = "kk"
DERIVED = ("kk-Latn", "kk-Arab")
WORDS: Mapping[str, tuple[str, str, str]] = {
    "Ақтау": ("Актау", "Aktau", "أكتاو"),
    "Алматы": ("Алматы", "Almaty", "ألماتي"),
    "Антиохия": ("Антиохия", "Antioch", "أنطاكية"),
    "Астана": ("Астана", "Astana", "أستانا"),
    "Астана — Доха": ("Астана — Доха", "Astana – Doha", "أستانا — الدوحة"),
    "Астрахан": ("Астрахань", "Astrakhan", "أستراخان"),
    "Атырау": ("Атырау", "Atyrau", "أتيراو"),
    "Байқоңыр": ("Байконур", "Baikonur", "بايكونور"),
    "Байқоңыр ғарыш айлағы": ("Космодром Байконур", "Baikonur cosmodrome", "مطار بايكونور الفضائي"),
    "Баку": ("Баку", "Baku", "باكو"),
    "Балқаш көлі": ("Озеро Балхаш", "Lake Balkhash", "بحيرة بلخاش"),
    "Бір хабар": ("Одна новость", "One story", "خبر واحد"),
    "Домбыра": ("Домбра", "Dombra", "الدومبرا"),
    "Доха": ("Доха", "Doha", "الدوحة"),
    "Дуньхуан": ("Дуньхуан", "Dunhuang", "دونهوانغ"),
    "Жібек жолы": ("Шёлковый путь", "The Silk Road", "طريق الحرير"),
    "Каспий теңізі": ("Каспийское море", "The Caspian Sea", "بحر قزوين"),
    "Лента": ("Лента", "Wire", "الوكالة"),
    "Мерв": ("Мерв", "Merv", "مرو"),
    "Радио": ("Радио", "Radio", "الإذاعة"),
    "Рэшт": ("Решт", "Rasht", "رشت"),
    "Сайт": ("Сайт", "Site", "الموقع"),
    "Самарқан": ("Самарканд", "Samarkand", "سمرقند"),
    "Сиань": ("Сиань", "Xi’an", "شيآن"),
    "Тараз": ("Тараз", "Taraz", "تاراز"),
    "Тебриз": ("Тебриз", "Tabriz", "تبريز"),
    "Теледидар": ("Телевидение", "Television", "التلفزيون"),
    "Түрікменбашы": ("Туркменбаши", "Türkmenbaşy", "تركمان باشي"),
    "екі шек, мың күй": ("две струны, тысяча кюев", "two strings, a thousand kuys", "وتران وألف لحن"),
    "тұзды су": ("солёная вода", "salt water", "ماء مالح"),
    "тұщы су": ("пресная вода", "fresh water", "ماء عذب"),
    "Іле": ("Или", "Ili", "إيلي"),
    "Қашқар": ("Кашгар", "Kashgar", "كاشغر"),
    "Қорқыт ата сарыны": ("напев Коркыт-аты", "the song of Korkyt Ata", "لحن قورقيت آتا"),
    "Қылқобыз": ("Кыл-кобыз", "Kyl-kobyz", "القوبيز"),
}
"""Kazakh: Russian, English, Arabic."""
OTHERS = ("ru", "en", "ar")
TAGS = (*DERIVED, *OTHERS)
"""The editions that have words of their own, besides the Kazakh ones the picture is drawn with."""


def saying(tag: str) -> Say:
    """The words of an edition. What it gives raises KeyError for words that are not in WORDS."""
    if tag == SOURCE:
        return lambda words: words
    if tag in DERIVED:
        return lambda words: transliterate([words], tag)[0]
    column = OTHERS.index(tag)
    return lambda words: WORDS[words][column]
