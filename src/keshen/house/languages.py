"""The languages the interface speaks, named in themselves; `qar` is the right-to-left test locale, offered in debug."""

from __future__ import annotations

from django.conf import settings

INTERFACE_LANGUAGES = [
    ("kk", "Қазақша"),
    ("ru", "Русский"),
    ("en", "English"),
    *([("qar", "Right to left")] if settings.DEBUG else []),
]


def language_name(tag: str) -> str:
    """A language by the name it has in the reader's; the tag itself of one that has no name here."""
    return str(dict(settings.LANGUAGES).get(tag.lower(), tag))
