"""One fact behind a choice the wire made, as data that is stored and put into words later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Finding:
    """`key` is one of `reasons.SENTENCES`; `params` is what the sentence speaks of, already as text."""

    key: str
    params: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, key: str, **params: str | Iterable[str]) -> Self:
        """A finding; several values become one sorted, comma-separated text, none a dash."""
        return cls(key, tuple((name, _text(value)) for name, value in params.items()))

    def to_json(self) -> dict[str, Any]:
        return {"key": self.key, "params": dict(self.params)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `to_json` wrote. Raises KeyError for anything else."""
        return cls(data["key"], tuple(data["params"].items()))


def _text(value: str | Iterable[str]) -> str:
    return (value if isinstance(value, str) else ", ".join(sorted(value))) or "–"
