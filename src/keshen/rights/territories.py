"""Places that restrictions speak of: names and stems in English, Russian and Kazakh, as ISO 3166-1 alpha-2 codes."""

from __future__ import annotations

import re
from collections.abc import Mapping

WORLD = "WORLD"

# code: names that are whole (English), then stems that endings follow (Russian, Kazakh)
NAMES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "AE": (("UAE", "United Arab Emirates"), ("ОАЭ", "БАӘ", "Эмират")),
    "AF": (("Afghanistan",), ("Афганистан", "Ауғанстан")),
    "AM": (("Armenia",), ("Армени",)),
    "AR": (("Argentina",), ("Аргентин",)),
    "AT": (("Austria",), ("Австри(?!ли)",)),
    "AU": (("Australia",), ("Австрали",)),
    "AZ": (("Azerbaijan",), ("Азербайджан", "Әзербайжан", "Әзірбайжан")),
    "BE": (("Belgium",), ("Бельги",)),
    "BG": (("Bulgaria",), ("Болгари",)),
    "BH": (("Bahrain",), ("Бахрейн",)),
    "BR": (("Brazil",), ("Бразили",)),
    "BY": (("Belarus",), ("Беларус", "Белорусси")),
    "CA": (("Canada",), ("Канад",)),
    "CH": (("Switzerland",), ("Швейцари",)),
    "CN": (("China", "Mainland China", "PRC"), ("Кита[йяюе]", "КНР", "Қытай", "ҚХР")),
    "CZ": (("Czech Republic", "Czechia"), ("Чехи",)),
    "DE": (("Germany",), ("Германи",)),
    "DK": (("Denmark",), ("Дани[яию]",)),
    "EE": (("Estonia",), ("Эстони",)),
    "EG": (("Egypt",), ("Египе?т", "Мысыр")),
    "ES": (("Spain",), ("Испани",)),
    "FI": (("Finland",), ("Финлянди",)),
    "FR": (("France",), ("Франци",)),
    "GB": (("UK", "United Kingdom", "Great Britain", "Britain"), ("Великобритани", "Ұлыбритани")),
    "GE": (("Georgia",), ("Грузи",)),
    "GR": (("Greece",), ("Греци", "Грекия")),
    "HK": (("Hong Kong",), ("Гонконг",)),
    "HU": (("Hungary",), ("Венгри", "Мажарстан")),
    "ID": (("Indonesia",), ("Индонези",)),
    "IE": (("Ireland",), ("Ирланди",)),
    "IL": (("Israel",), ("Израил",)),
    "IN": (("India",), ("Инди[яиюе]", "Үндістан")),
    "IQ": (("Iraq",), ("Ирак",)),
    "IR": (("Iran",), ("Иран",)),
    "IT": (("Italy",), ("Итали",)),
    "JO": (("Jordan",), ("Иордани",)),
    "JP": (("Japan",), ("Япони", "Жапони")),
    "KG": (("Kyrgyzstan",), ("Кыргызстан", "Киргизи", "Қырғызстан")),
    "KP": (("North Korea", "DPRK"), ("КНДР", "КХДР", r"Северн\w+ Коре", "Солтүстік Коре")),
    "KR": (("South Korea", "Republic of Korea"), (r"Южн\w+ Коре", "Оңтүстік Коре")),
    "KW": (("Kuwait",), ("Кувейт",)),
    "KZ": (("Kazakhstan",), ("Казахстан", "Қазақстан")),
    "LB": (("Lebanon",), ("Ливан",)),
    "LT": (("Lithuania",), ("Литв",)),
    "LV": (("Latvia",), ("Латви",)),
    "MD": (("Moldova",), ("Молдов", "Молдави")),
    "MN": (("Mongolia",), ("Монголи", "Моңғоли")),
    "MX": (("Mexico",), ("Мексик",)),
    "MY": (("Malaysia",), ("Малайзи",)),
    "NL": (("Netherlands", "The Netherlands"), ("Нидерланд",)),
    "NO": (("Norway",), ("Норвеги",)),
    "NZ": (("New Zealand",), (r"Нов\w+ Зеланди", "Жаңа Зеланди")),
    "OM": (("Oman",), ("Оман",)),
    "PK": (("Pakistan",), ("Пакистан", "Пәкістан")),
    "PL": (("Poland",), ("Польш", "Полша")),
    "PT": (("Portugal",), ("Португали",)),
    "QA": (("Qatar",), ("Катар", "Қатар")),
    "RO": (("Romania",), ("Румыни",)),
    "RU": (("Russia", "Russian Federation"), ("Росси", "РФ", "Ресей")),
    "SA": (("Saudi Arabia",), (r"Саудовск\w+ Арави", "Сауд Арабия")),
    "SE": (("Sweden",), ("Швеци",)),
    "SG": (("Singapore",), ("Сингапур",)),
    "SY": (("Syria",), ("Сири",)),
    "TH": (("Thailand",), ("Таиланд", "Тайланд")),
    "TJ": (("Tajikistan",), ("Таджикистан", "Тәжікстан")),
    "TM": (("Turkmenistan",), ("Туркменистан", "Туркмени", "Түрікменстан")),
    "TR": (("Turkey", "Türkiye", "Turkiye"), ("Турци", "Түркия")),
    "TW": (("Taiwan",), ("Тайван",)),
    "UA": (("Ukraine",), ("Украин",)),
    "US": (("USA", "US", "U.S.", "United States", "United States of America"), ("США", "АҚШ")),
    "UZ": (("Uzbekistan",), ("Узбекистан", "Өзбекстан")),
    "VN": (("Vietnam",), ("Вьетнам",)),
    "ZA": (("South Africa",), ("ЮАР", "ОАР")),
}

_EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
GROUPS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "AM AZ BY KG KZ MD RU TJ TM UZ": (("CIS",), ("СНГ", "ТМД")),
    "KG KZ TJ TM UZ": (("Central Asia",), (r"Центральн\w+ Ази", "Орталық Ази")),
    _EU: (("EU", "European Union"), ("ЕС", "ЕО", "Евросоюз", "Еуроодақ")),
    "KP KR": (("Korea",), ("Коре",)),
    WORLD: (("World", "Worldwide", "the world"), ("мир", "весь мир", "бүкіл әлем", "әлем")),
}

_COUNTRIES = """
AE:ARE AF:AFG AM:ARM AR:ARG AT:AUT AU:AUS AZ:AZE BE:BEL BG:BGR BH:BHR BR:BRA BY:BLR CA:CAN CH:CHE CN:CHN
CY:CYP CZ:CZE DE:DEU DK:DNK EE:EST EG:EGY ES:ESP FI:FIN FR:FRA GB:GBR GE:GEO GR:GRC HK:HKG HR:HRV HU:HUN
ID:IDN IE:IRL IL:ISR IN:IND IQ:IRQ IR:IRN IT:ITA JO:JOR JP:JPN KG:KGZ KP:PRK KR:KOR KW:KWT KZ:KAZ LB:LBN
LT:LTU LU:LUX LV:LVA MD:MDA MN:MNG MT:MLT MX:MEX MY:MYS NL:NLD NO:NOR NZ:NZL OM:OMN PK:PAK PL:POL PT:PRT
QA:QAT RO:ROU RU:RUS SA:SAU SE:SWE SG:SGP SI:SVN SK:SVK SY:SYR TH:THA TJ:TJK TM:TKM TR:TUR TW:TWN UA:UKR
US:USA UZ:UZB VN:VNM ZA:ZAF
"""
ALPHA_3: Mapping[str, str] = dict(pair.split(":") for pair in _COUNTRIES.split())
"""ISO 3166-1 alpha-2 to alpha-3, the codes RightsML's examples use, for the places that restrictions name."""


def _pattern() -> tuple[str, dict[str, frozenset[str]]]:
    alternatives: list[tuple[str, frozenset[str]]] = []
    for codes, (whole, stems) in {**NAMES, **GROUPS}.items():
        places = frozenset(codes.split())
        # "us" is a word, "US" a country
        alternatives += [
            (rf"(?:the )?{f'(?-i:{re.escape(name)})' if name.isupper() else re.escape(name)}(?!\w)", places)
            for name in whole
        ]
        # a capital abbreviation takes endings only after a hyphen; a stem takes them at once
        alternatives += [(rf"{stem}(?:-\w+|(?!\w))" if stem.isupper() else rf"{stem}[\w-]*", places) for stem in stems]
    alternatives.sort(key=lambda pair: -len(pair[0]))
    named = {f"t{number}": places for number, (_pattern, places) in enumerate(alternatives)}
    return "|".join(f"(?P<t{n}>{pattern})" for n, (pattern, _places) in enumerate(alternatives)), named


_PLACE, _PLACES = _pattern()
_ONE = re.compile(_PLACE, re.IGNORECASE)
_BETWEEN = re.compile(
    r"\s*(?:,|/|&|\band\b|\bor\b|\bи\b|\bили\b|\bжәне\b|\bмен\b|\bпен\b|\bнемесе\b|\s)\s*", re.IGNORECASE
)
_AROUND = re.compile(r"^(?:территори\w+|в|на|для)\s+|\s*(?:территориясында|аумағында|аумағынан)$", re.IGNORECASE)


def read_places(text: str) -> frozenset[str] | None:
    """The codes of the places `text` lists, or None when anything in it is not a known place."""
    rest = _AROUND.sub("", _AROUND.sub("", text.strip()))
    found: set[str] = set()
    while True:
        match = _ONE.match(rest)
        if match is None or match.lastgroup is None:
            return None
        found |= _PLACES[match.lastgroup]
        rest = rest[match.end() :]
        if not rest.strip():
            return frozenset(found)
        between = _BETWEEN.match(rest)
        if between is None:
            return None
        rest = rest[between.end() :]
