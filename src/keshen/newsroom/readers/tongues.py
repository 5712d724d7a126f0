"""Is the language and script what the sender says? The words are asked, where there are enough of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from keshen.house.phrases import phrase, sentence
from keshen.language.detect import detect
from keshen.newsroom.body import paragraphs
from keshen.newsroom.readers.incoming import Incoming, Kind, Status, Unreadable

TOLD = frozenset({"kk", "ru", "en", "ar"})
"""Primary languages that `detect` tells apart; of others it can only say the script."""

SCRIPTS: Mapping[str, str] = {
    **dict.fromkeys(("kk", "ru", "ky", "tg", "mn", "be", "uk", "bg", "sr", "mk", "tt", "ba"), "Cyrl"),
    **dict.fromkeys(("ar", "fa", "ur", "ug", "ps"), "Arab"),
    **dict.fromkeys(
        ("en", "tr", "uz", "az", "tk", "de", "fr", "es", "it", "pt", "pl", "cs", "nl", "sv", "fi", "hu"), "Latn"
    ),
}
_ENOUGH = 40
"""Letters under which the words prove nothing against what the sender says."""


def with_language(item: Incoming, language: str | None) -> Incoming | Unreadable:
    """The item with its language: `language` when given, else what its words say, else what the sender says.

    A text whose language nobody can tell is Unreadable; of other items the language may stay open.
    """
    if language:
        return replace(item, language=language)
    said = tag(item.language)
    words = "\n".join([item.headline, item.standfirst, *paragraphs(item.body)])
    told = detect(words)
    if not said and not told and item.kind is Kind.TEXT and item.status is not Status.CANCELED:
        return Unreadable(
            phrase("The language of “%(headline)s” cannot be told.", headline=item.headline[:80]),
            phrase("Say it: keshen ingest --language kk FILE."),
        )
    if not said or not told:
        return replace(item, language=said or told or "")
    if sum(map(str.isalpha, words)) < _ENOUGH or _agree(said, told):
        return replace(item, language=_more_exact(said, told))
    unsure = said.split("-")[0] not in TOLD and script(told) != script(said)
    both = {"said": item.language, "told": told}
    warning = (
        phrase(
            "The sender says the language is %(said)s; the words look like %(told)s. Say it: keshen ingest --language.",
            **both,
        )
        if unsure
        else phrase("The sender says the language is %(said)s; the words look like %(told)s.", **both)
    )
    return replace(item, language=told, warnings=(*item.warnings, sentence(warning)))


def tag(value: str) -> str:
    """A BCP 47 tag in its usual case (`en_us` is `en-US`), nothing for what is none."""
    parts = [part for part in value.replace("_", "-").strip().split("-") if part.isascii() and part.isalnum()]
    if not parts or not 2 <= len(parts[0]) <= 3 or not parts[0].isalpha():
        return ""
    rest = (part.title() if len(part) == 4 else part.upper() if len(part) == 2 else part.lower() for part in parts[1:3])
    return "-".join((parts[0].lower(), *rest))


def script(language: str) -> str:
    """The ISO 15924 script of a tag: named in it, or the language's usual one; nothing when unknown."""
    primary, *rest = language.split("-")
    return next((part for part in rest if len(part) == 4), "") or SCRIPTS.get(primary, "")


def _agree(said: str, told: str) -> bool:
    if script(said) and script(said) != script(told):
        # Uzbek and Serbian have two scripts that their tags often do not say
        return said in ("uz", "sr", "az", "tk") and script(told) in ("Cyrl", "Latn")
    return said.split("-")[0] == told.split("-")[0] or said.split("-")[0] not in TOLD


def _more_exact(said: str, told: str) -> str:
    """The sender's tag; but the house's own tag where it says the same and the country adds nothing."""
    primary = said.split("-")[0]
    return told if primary in TOLD and told.split("-")[0] == primary else said
