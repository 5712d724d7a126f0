"""What a service's variants show instead of what is denied to them, and which language stands in for a missing one.

As data, the first rule that fits counts:

    {"instead": [{"territories": ["RU"], "platforms": ["web"], "play": "asset", "asset": "urn:…"},
                 {"play": "programmes", "key": "film"}, {"play": "fillers"}, {"play": "card", "titles": {"en": "…"}}],
     "languages": {"kk": ["ru", "original"]}}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

ASSET, PROGRAMMES, FILLERS, CARD, STANDBY = "asset", "programmes", "fillers", "card", "standby"
PLAYS: Final = (ASSET, PROGRAMMES, FILLERS, CARD, STANDBY)
ORIGINAL: Final = "original"
"""As a language: whatever the asset was made in."""

TITLES: Final[Mapping[str, str]] = {
    "kk": "Бұл бағдарлама сіздің өңіріңізде көрсетілмейді",
    "ru": "Эта программа не показывается в вашем регионе",
    "en": "This programme is not shown where you are",
    "ar": "هذا البرنامج غير متاح في منطقتك",
}
"""What a guide says where a rule gives no titles."""


class OfferError(ValueError):
    """The offer cannot be read; the message names the rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: for which territories and platforms (empty: all), and what is played."""

    play: str
    territories: frozenset[str] = frozenset()
    platforms: frozenset[str] = frozenset()
    asset: str = ""
    key: str = ""
    titles: Mapping[str, str] = field(default_factory=lambda: TITLES)

    def fits(self, audience: str) -> bool:
        """Whether the rule is for an audience. The plain address is of every territory: only rules for all fit it."""
        territory, _, platform = audience.partition(":")
        return (not self.territories or territory in self.territories) and (
            not self.platforms or platform in self.platforms
        )


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer as read: the rules in order, and the languages that stand in for each."""

    rules: tuple[Rule, ...] = (Rule(STANDBY),)
    languages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def rule(self, audience: str) -> Rule:
        return next((one for one in self.rules if one.fits(audience)), Rule(STANDBY))


def parse(body: Mapping[str, Any]) -> Offered:
    """Read an offer. Raises OfferError."""
    if not isinstance(body, Mapping) or set(body) - {"instead", "languages"}:
        raise OfferError("An offer has `instead`, a list of rules, and `languages`, and nothing else.")
    rules = body.get("instead", [])
    languages = body.get("languages", {})
    if not isinstance(rules, list) or not isinstance(languages, Mapping):
        raise OfferError("`instead` is a list of rules, `languages` maps a language to a list of others.")
    for tag, others in languages.items():
        if not isinstance(others, list) or not all(isinstance(one, str) for one in others):
            raise OfferError(f"languages: {tag} needs a list of language tags; `{ORIGINAL}` may end it.")
    read = tuple(_rule(number, given) for number, given in enumerate(rules, 1))
    return Offered(read or (Rule(STANDBY),), {tag: tuple(others) for tag, others in languages.items()})


def _rule(number: int, given: Any) -> Rule:
    if not isinstance(given, Mapping):
        raise OfferError(f"Rule {number} is no object.")
    if unknown := set(given) - {"territories", "platforms", "play", "asset", "key", "titles"}:
        raise OfferError(f"Rule {number} has {min(unknown)!r}, which nothing knows.")
    play = given.get("play")
    if play not in PLAYS:
        raise OfferError(f"Rule {number}: play is one of {', '.join(PLAYS)}.")
    if play == ASSET and not given.get("asset"):
        raise OfferError(f"Rule {number} plays an asset: give its URN as `asset`.")
    if play == PROGRAMMES and not given.get("key"):
        raise OfferError(f"Rule {number} plays programmes: give their key on the shelf as `key`.")
    titles = given.get("titles") or TITLES
    if not isinstance(titles, Mapping) or not all(isinstance(text, str) for text in titles.values()):
        raise OfferError(f"Rule {number}: titles map a language to a text.")
    return Rule(
        play,
        _names(number, given, "territories", str.upper),
        _names(number, given, "platforms", str.lower),
        str(given.get("asset", "")),
        str(given.get("key", "")),
        dict(titles),
    )


def _names(number: int, given: Mapping[str, Any], field_: str, written: Any) -> frozenset[str]:
    names = given.get(field_, [])
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        raise OfferError(f"Rule {number}: {field_} is a list.")
    return frozenset(written(one) for one in names)


def stand_ins(languages: Mapping[str, tuple[str, ...]], wanted: str, order: tuple[str, ...]) -> tuple[str, ...]:
    """The languages to try for one that is missing: as declared, else in the service's order; the original is `""`."""
    return tuple("" if one == ORIGINAL else one for one in languages.get(wanted, order))
