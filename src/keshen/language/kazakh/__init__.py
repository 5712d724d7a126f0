"""Kazakh in its three scripts: Cyrillic is what is kept, Latin and Arabic script are computed from it."""

from keshen.language.kazakh.arabic import to_arabic
from keshen.language.kazakh.latin import to_latin
from keshen.language.kazakh.settings import DEFAULT, Exceptional, Settings

__all__ = ["DEFAULT", "Exceptional", "Settings", "to_arabic", "to_latin"]
