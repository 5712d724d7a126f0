"""Reads of the house's spelling decisions."""

from __future__ import annotations

from dataclasses import replace

from keshen.language.kazakh.settings import DEFAULT, EXCEPTIONS, Exceptional, Settings
from keshen.language.models import LexiconEntry, ScriptOverride


def overrides_for(subject: str, tag: str) -> list[tuple[str, str]]:
    """The editor's own spellings for `subject` (a URN) in the script `tag`: source fragment and replacement."""
    return list(ScriptOverride.objects.filter(subject=subject, tag=tag).values_list("source", "replacement"))


def all_overrides(subject: str) -> dict[str, list[tuple[str, str]]]:
    """What `overrides_for` says of `subject` in every script, by tag."""
    made: dict[str, list[tuple[str, str]]] = {}
    for tag, source, replacement in ScriptOverride.objects.filter(subject=subject).values_list(
        "tag", "source", "replacement"
    ):
        made.setdefault(tag, []).append((source, replacement))
    return made


def script_settings(base: Settings = DEFAULT) -> Settings:
    """`base` with the house's lexicon; an entry of the house replaces the one that is built in."""
    own = {entry.source: entry for entry in LexiconEntry.objects.all()}
    if not own:
        return base
    builtin = tuple(each for each in EXCEPTIONS if each.source not in own)
    house = tuple(Exceptional(entry.source, entry.latin, entry.arabic) for entry in own.values())
    return replace(base, exceptions=house + builtin)
