"""The choices a house may make about its scripts, and the exceptions to the rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

LatinAlphabet = Literal["2021", "2018", "2004"]


@dataclass(frozen=True, slots=True)
class Exceptional:
    """A word that does not follow the rules: a foreign name or an abbreviation.

    `source` is Cyrillic. In capitals (ЮНЕСКО) it matches only capitals; otherwise any case, and the result takes the
    word's. A trailing `*` lets endings follow (`нью-йорк*`); they are transliterated by the rules.
    An empty `latin` or `arabic` leaves that script to the rules.
    """

    source: str
    latin: str = ""
    arabic: str = ""


EXCEPTIONS: tuple[Exceptional, ...] = (
    Exceptional("ЮНЕСКО", "UNESCO", "يۋنەسكو"),
    Exceptional("ЮНИСЕФ", "UNICEF", "يۋنيسەف"),
    Exceptional("ФИФА", "FIFA"),
    Exceptional("УЕФА", "UEFA"),
    Exceptional("ВАДА", "WADA"),
    Exceptional("БРИКС", "BRICS"),
    Exceptional("ЭКСПО", "EXPO"),
    Exceptional("ОПЕК", "OPEC"),
    Exceptional("нью-йорк*", "New York", "نيۋ-يورك"),
    Exceptional("вашингтон*", "Washington"),
    Exceptional("фейсбук*", "Facebook"),
    Exceptional("инстаграм*", "Instagram"),
    Exceptional("ютуб*", "YouTube"),
    Exceptional("телеграм-канал*", "Telegram-kanal"),
    Exceptional("гугл*", "Google"),
    Exceptional("майкрософт*", "Microsoft"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """How Kazakh is written in the derived scripts. Hashable: conversions are cached by it.

    latin: the alphabet of the draft of April 2021, of the decree of 19 February 2018, or QazAqparat's of 2004.
    latin_ts, latin_ch: ц and ч in the 2021 alphabet, which has no letter for either.
    arabic_ts, arabic_ch: ц and ч in Arabic script.
    hamza: ء U+0621, as the news sites write it, or the high ٴ U+0674 of the encyclopaedias.
    """

    latin: LatinAlphabet = "2021"
    latin_ts: Literal["ts", "s", "c"] = "ts"
    latin_ch: Literal["tş", "ş", "ç", "ch"] = "tş"
    arabic_ts: Literal["تس", "س"] = "تس"
    arabic_ch: Literal["چ", "تش"] = "چ"
    hamza: Literal["\u0621", "\u0674"] = "\u0621"
    exceptions: tuple[Exceptional, ...] = field(default=EXCEPTIONS)


DEFAULT = Settings()
