"""Which desk an item goes to: ordered rules as data, with an explanation. The first rule that fits decides.

A rule names what it looks for; each part that is said must fit, and of what is listed in a part one is enough. Words
are compared by their stems, so that a word is found in its other forms; several in a line are found side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from keshen.language.stemming import tokens
from keshen.newsroom.mediatopics import ALIAS, topics, within

LEAST_URGENT = 9
PARTS = ("sources", "languages", "topics", "places", "urgency", "words", "without")


class RuleError(ValueError):
    """A rule nobody could mean; the message says which part and what to do."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an item. `words` are its stems in order; `topics` media topic codes, with or without alias."""

    source: str
    language: str
    topics: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    urgency: int = 5
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """What an item must be. An empty part asks nothing; `urgency` is the least urgent that fits (9: all).

    `words`: one of these lines must be in it; `without`: none of these may.
    """

    name: str = ""
    key: int = 0
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    urgency: int = LEAST_URGENT
    words: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The parts that ask for something; `from_json` reads them back to the same rule."""
        made: dict[str, Any] = {part: list(getattr(self, part)) for part in PARTS if part != "urgency"}
        made["urgency"] = self.urgency
        return {part: value for part, value in made.items() if value and value != LEAST_URGENT}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], *, name: str = "", key: int = 0) -> Rule:
        """Raises RuleError for unknown parts, unknown topics and urgencies."""
        if unknown := set(data) - set(PARTS):
            raise RuleError(f"A rule asks for {', '.join(PARTS)}, not for {min(unknown)}.")
        urgency = data.get("urgency", LEAST_URGENT)
        if not isinstance(urgency, int) or not 1 <= urgency <= LEAST_URGENT:
            raise RuleError("Urgency is a number from 1 (flash) to 9.")
        lists: dict[str, tuple[str, ...]] = {}
        for part in PARTS:
            if part != "urgency":
                given = data.get(part, ())
                if isinstance(given, str) or not isinstance(given, Sequence):
                    raise RuleError(f"The part {part} is a list of words.")
                lists[part] = tuple(dict.fromkeys(str(value).strip() for value in given if str(value).strip()))
        lists["topics"] = tuple(_bare(code) for code in lists["topics"])
        if strange := set(lists["topics"]) - set(topics()):
            raise RuleError(f"{min(strange)} is not a media topic of the two uppermost levels.")
        return cls(name=name, key=key, urgency=urgency, **lists)


@dataclass(frozen=True, slots=True)
class Check:
    """One part of a rule held against an item: what was wanted, what there was, whether it fits."""

    part: str
    wanted: tuple[str, ...]
    found: tuple[str, ...]
    fits: bool

    def to_json(self) -> dict[str, Any]:
        return {"part": self.part, "wanted": list(self.wanted), "found": list(self.found), "fits": self.fits}


@dataclass(frozen=True, slots=True)
class Step:
    """One rule held against an item. A rule that asks nothing fits everything."""

    rule: Rule
    checks: tuple[Check, ...]

    @property
    def fits(self) -> bool:
        return all(check.fits for check in self.checks)

    def to_json(self) -> dict[str, Any]:
        checks = [check.to_json() for check in self.checks]
        return {"rule": self.rule.key, "name": self.rule.name, "fits": self.fits, "checks": checks}


def explain(rules: Iterable[Rule], facts: Facts) -> list[Step]:
    """Every rule that was asked, in order, up to and with the first that fits."""
    steps = []
    for rule in rules:
        steps.append(hold(rule, facts))
        if steps[-1].fits:
            break
    return steps


def decides(steps: Sequence[Step]) -> Rule | None:
    """The rule that decided, if one did."""
    return steps[-1].rule if steps and steps[-1].fits else None


def hold(rule: Rule, facts: Facts) -> Step:
    """One rule against one item: a check for every part that asks for something."""
    checks = [check(rule, facts) for part, check in _CHECKS if _asks(rule, part)]
    return Step(rule, tuple(checks))


def _asks(rule: Rule, part: str) -> bool:
    return rule.urgency < LEAST_URGENT if part == "urgency" else bool(getattr(rule, part))


def _sources(rule: Rule, facts: Facts) -> Check:
    return Check("sources", rule.sources, (facts.source,), facts.source in rule.sources)


def _languages(rule: Rule, facts: Facts) -> Check:
    """`kk` takes Kazakh in every script; `kk-Arab` only that."""
    names = {facts.language, facts.language.partition("-")[0]}
    return Check("languages", rule.languages, (facts.language,), bool(names & set(rule.languages)))


def _topics(rule: Rule, facts: Facts) -> Check:
    wanted = frozenset(rule.topics)
    found = tuple(code for code in map(_bare, facts.topics) if within(code, wanted))
    return Check("topics", rule.topics, found, bool(found))


def _places(rule: Rule, facts: Facts) -> Check:
    wanted = {place.casefold() for place in rule.places}
    found = tuple(place for place in facts.places if place.casefold() in wanted)
    said = found or tuple(place for place in rule.places if _said(place, facts))
    return Check("places", rule.places, said, bool(said))


def _urgency(rule: Rule, facts: Facts) -> Check:
    return Check("urgency", (f"1-{rule.urgency}",), (str(facts.urgency),), facts.urgency <= rule.urgency)


def _words(rule: Rule, facts: Facts) -> Check:
    found = tuple(line for line in rule.words if _said(line, facts))
    return Check("words", rule.words, found, bool(found))


def _without(rule: Rule, facts: Facts) -> Check:
    found = tuple(line for line in rule.without if _said(line, facts))
    return Check("without", rule.without, found, not found)


_CHECKS: tuple[tuple[str, Callable[[Rule, Facts], Check]], ...] = (
    ("sources", _sources),
    ("languages", _languages),
    ("urgency", _urgency),
    ("topics", _topics),
    ("places", _places),
    ("words", _words),
    ("without", _without),
)


def _said(line: str, facts: Facts) -> bool:
    """Whether the words of the line stand side by side in the item, in any form."""
    wanted = _stems(line, facts.language)
    if not wanted:
        return False
    length = len(wanted)
    first = wanted[0]
    return any(word == first and facts.words[at : at + length] == wanted for at, word in enumerate(facts.words))


@lru_cache(maxsize=4096)
def _stems(line: str, language: str) -> tuple[str, ...]:
    return tuple(tokens(line, language))


def _bare(code: str) -> str:
    return code.removeprefix(f"{ALIAS}:")
