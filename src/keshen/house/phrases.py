"""Sentences for people that pure modules say: the words apart from what fills them, so that any language can say them.

A phrase's English words are its code in the catalogues too (`tools/messages.py` gathers them from calls of `phrase`).
`house.words.spoken` says it in the person's language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

type Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words with named places (`%(count)d`), and the values that fill them: JSON values, or phrases again."""

    words: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def spoken(self, translate: Translate) -> str:
        """The sentence in the language `translate` knows."""
        if not self.words:
            return ""
        filled = {
            name: value.spoken(translate) if isinstance(value, Phrase) else value for name, value in self.values.items()
        }
        return translate(self.words) % filled

    def __str__(self) -> str:
        return self.spoken(lambda words: words)

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads back."""
        values = {name: value.to_json() if isinstance(value, Phrase) else value for name, value in self.values.items()}
        return {"words": self.words, "values": values}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        values = {
            name: cls.from_json(value) if isinstance(value, dict) else value for name, value in data["values"].items()
        }
        return cls(data["words"], values)


class Sentence(str):
    """The English words of a phrase that still know it: for what is stored and compared as text, and said to people."""

    phrase: Phrase


def phrase(words: str, /, **values: Any) -> Phrase:
    """A phrase, marked for the catalogues."""
    return Phrase(words, values)


def sentence(said: Phrase) -> Sentence:
    """A phrase as a text."""
    made = Sentence(said)
    made.phrase = said
    return made


def as_phrase(said: Phrase | str | BaseException) -> Phrase:
    """What an error or a text says, as a phrase; a plain text is one that no catalogue has."""
    if isinstance(said, BaseException):
        said = said.args[0] if said.args and isinstance(said.args[0], Phrase) else str(said)
    if isinstance(said, Sentence):
        return said.phrase
    return said if isinstance(said, Phrase) else Phrase(said.replace("%", "%%"))
