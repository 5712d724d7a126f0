"""What the pure modules say, in the person's language."""

from __future__ import annotations

from django.utils.translation import gettext

from keshen.house.phrases import Phrase, as_phrase


def spoken(said: Phrase | str | BaseException) -> str:
    """A phrase, or the phrase an error was raised with, in the language that is active; any other text as it is."""
    return as_phrase(said).spoken(gettext)
