"""What was understood of an item, as plain JSON: for `keshen wire read`, screens, and whoever compares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from keshen.newsroom.body import paragraphs
from keshen.newsroom.readers.incoming import Incoming
from keshen.rights.terms import Terms
from keshen.rights.wording import parse

ALWAYS = frozenset({"format", "kind", "status", "language", "headline", "warnings"})


def describe(item: Incoming) -> dict[str, Any]:
    """Every field that has something in it; the body as its paragraphs (`text`), restrictions with their terms."""
    made: dict[str, Any] = {}
    for each in fields(item):
        value = getattr(item, each.name)
        if each.name == "body":
            made["text"] = paragraphs(value)
        elif each.name == "restrictions":
            made["restrictions"] = [restriction(wording) for wording in value]
        else:
            made[each.name] = _plain(value)
    return {name: value for name, value in made.items() if value or name in ALWAYS}


def restriction(wording: str) -> dict[str, Any]:
    """A restriction line beside what it was understood to mean; what was not understood stops for a person."""
    terms = parse(wording)
    nothing = Terms(wording="").to_json()
    meant = {name: value for name, value in terms.to_json().items() if value != nothing[name] and name != "wording"}
    return {"wording": wording, "clear": terms.is_clear, "terms": meant}


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        pairs = ((each.name, getattr(value, each.name)) for each in fields(value))
        return {
            name: [restriction(wording) for wording in each] if name == "restrictions" else _plain(each)
            for name, each in pairs
            if each
        }
    return value
