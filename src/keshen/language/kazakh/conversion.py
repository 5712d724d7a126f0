"""What both conversions share: exceptions by word, one output piece for every letter, and a cache of words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from keshen.language.kazakh.words import PART_BREAK

Pieces = tuple[str, ...]
"""What each character of a source word becomes, in order; a character may become nothing."""

_CACHE_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class Exceptions:
    """The exceptions of one script, ready to be looked up."""

    capitals: dict[str, str]
    words: dict[str, str]
    stems: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Exceptions:
        capitals: dict[str, str] = {}
        words: dict[str, str] = {}
        stems: list[tuple[str, str]] = []
        for source, target in pairs:
            if not target:
                continue
            if source.endswith("*"):
                stems.append((source[:-1].lower(), target))
            elif source.isupper() and len(source) > 1:
                capitals[source] = target
            else:
                words[source.lower()] = target
        return cls(capitals, words, tuple(sorted(stems, key=lambda stem: -len(stem[0]))))

    def find(self, word: str) -> tuple[int, str] | None:
        """How many characters of `word` an exception covers, and what it says instead."""
        if word in self.capitals:
            return len(word), self.capitals[word]
        lower = word.lower()
        if lower in self.words:
            return len(word), self.words[lower]
        for stem, target in self.stems:
            if lower.startswith(stem):
                return len(stem), target
        return None


class Converter:
    """Turns text into another script, token by token.

    `tokens` finds protected spans, words and marks; `letters` gives the pieces of one word without hyphens.
    """

    def __init__(
        self,
        tokens: re.Pattern[str],
        letters: Callable[[str], Pieces],
        exceptions: Exceptions,
        marks: dict[str, str] | None = None,
        recase: Callable[[str, str], str] | None = None,
    ) -> None:
        self._tokens = tokens
        self._letters = letters
        self._exceptions = exceptions
        self._marks = marks or {}
        self._recase = recase or (lambda _source, target: target)
        self._words: dict[str, str] = {}

    def text(self, text: str) -> str:
        """The whole of `text` in the other script."""
        return self._tokens.sub(self._token, text)

    def spans(self, text: str) -> list[tuple[int, int, Pieces]]:
        """Where `text` changes: start, end and the pieces for each character between them."""
        found = []
        for match in self._tokens.finditer(text):
            if match.lastgroup == "word":
                found.append((match.start(), match.end(), self.pieces(match.group())))
            elif match.lastgroup == "mark":
                found.append((match.start(), match.end(), (self._marks[match.group()],)))
        return found

    def pieces(self, word: str) -> Pieces:
        """One piece for every character of `word`, which may have hyphens in it."""
        if (exception := self._exceptions.find(word)) is not None:
            return self._exceptional(word, *exception)
        out: list[str] = []
        for part in PART_BREAK.split(word):
            if len(part) == 1 and PART_BREAK.fullmatch(part):
                out.append(part)
            elif part and (exception := self._exceptions.find(part)) is not None:
                out += self._exceptional(part, *exception)
            elif part:
                out += self._part(part)
        return tuple(out)

    def _token(self, match: re.Match[str]) -> str:
        kind = match.lastgroup
        if kind == "word":
            word = match.group()
            done = self._words.get(word)
            if done is None:
                if len(self._words) >= _CACHE_LIMIT:
                    self._words.clear()
                done = self._words[word] = "".join(self.pieces(word))
            return done
        return self._marks[match.group()] if kind == "mark" else match.group()

    def _exceptional(self, word: str, covered: int, target: str) -> Pieces:
        rest = word[covered:]
        head = (self._recase(word[:covered], target), *([""] * (covered - 1)))
        return head + (self.pieces(rest) if rest else ())

    def _part(self, part: str) -> Pieces:
        composed = unicodedata.normalize("NFC", part)
        pieces = self._letters(composed)
        if len(composed) == len(part):
            return pieces
        return ("".join(pieces), *([""] * (len(part) - 1)))
