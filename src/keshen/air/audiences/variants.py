"""Variants of a channel: the same log for another territory, platform, hour or first language, by its address alone.

A variant is asked for with `territory`, `platform`, `shift`, `audio` and `captions` after the question mark. The first
two decide what rights allow (the *audience*), `shift` is by how many hours the variant follows later, the others say
which language a player begins with. Nothing is made for a variant ahead but what it shows instead of something denied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs

from keshen.media.houseformat import TICKS_PER_HOUR

WORLD: Final = "WORLD"
WEB: Final = "web"
LATEST_HOURS: Final = 12
"""How much later a variant may follow: half of what is kept, so that it can still be caught up with."""
LONGEST_QUERY: Final = 2000

NAMES: Final = ("territory", "platform", "shift", "audio", "captions")


class NoSuchVariant(ValueError):
    """There is no such variant; the message says which there are. `status` is the one HTTP has for it."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Offered:
    """What variants a channel can have: `territories` it reaches (WORLD is all), `places` every one the house knows."""

    platform: str
    territories: frozenset[str]
    places: frozenset[str]
    sounds: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()

    @property
    def reached(self) -> frozenset[str]:
        """The territories that can be asked for."""
        return self.places - {WORLD} if WORLD in self.territories else self.territories

    @property
    def platforms(self) -> tuple[str, ...]:
        return (self.platform, WEB)

    def audiences(self) -> list[str]:
        """Every audience rights are decided for: everywhere at once first, then each territory, on each platform."""
        return [audience(place, platform) for place in ("", *sorted(self.reached)) for platform in self.platforms]

    @property
    def everywhere(self) -> str:
        """The audience of the plain address: wherever the channel reaches, on its own platform."""
        return audience("", self.platform)


@dataclass(frozen=True, slots=True)
class Variant:
    """One variant as asked for; an empty field is what the plain address has. `shift` in ticks."""

    territory: str = ""
    platform: str = ""
    shift: int = 0
    audio: str = ""
    captions: str = ""


PLAIN: Final = Variant()
"""What the plain address has."""


def audience(territory: str, platform: str) -> str:
    """How an audience is written: `KZ:tv`; without a territory everywhere the channel reaches."""
    return f"{territory}:{platform}"


def parse(query: str, offered: Offered) -> Variant:
    """The variant a query asks for. Raises NoSuchVariant."""
    if len(query) > LONGEST_QUERY:
        raise NoSuchVariant("The address is too long.", 414)
    given = {name: values[-1].strip() for name, values in parse_qs(query, max_num_fields=20).items()}
    return read(given, offered)


def read(given: Mapping[str, str], offered: Offered) -> Variant:
    """The variant of some names and values; what is not one of NAMES is passed over. Raises NoSuchVariant."""
    return Variant(
        territory=_territory(given.get("territory", ""), offered),
        platform=_one(given.get("platform", "").lower(), offered.platforms, "platform"),
        shift=_shift(given.get("shift", "")),
        audio=_one(given.get("audio", ""), offered.sounds, "sound"),
        captions=_one(given.get("captions", ""), offered.captions, "captions"),
    )


def _territory(asked: str, offered: Offered) -> str:
    code = asked.upper()
    if not code or code in offered.reached:
        return code
    there = ", ".join(sorted(offered.reached)) or "none but the channel as a whole"
    if code in offered.places:
        raise NoSuchVariant(f"This channel is not offered in {code}. It is offered in: {there}.", 403)
    raise NoSuchVariant(
        f"The house knows no territory {asked[:12]!r}. There are: {there}. "
        "Leave territory out for what may be shown everywhere."
    )


def _one(asked: str, there: Iterable[str], what: str) -> str:
    known = {tag.lower(): tag for tag in there}
    if not asked or asked.lower() in known:
        return known.get(asked.lower(), "")
    listed = ", ".join(known.values()) or "none"
    raise NoSuchVariant(f"There is no {what} {asked[:20]!r} on this channel. There is: {listed}.")


def _shift(asked: str) -> int:
    try:
        given = float(asked or 0)
    except ValueError:
        given = -1.0
    if not 0 <= given <= LATEST_HOURS:
        said = f"shift is a number of hours from 0 to {LATEST_HOURS}, such as 2 or 5.5, not {asked[:20]!r}."
        raise NoSuchVariant(said)
    return round(given * TICKS_PER_HOUR)


def written(variant: Variant) -> str:
    """The query that asks for what decides of the segments: territory, platform and shift; empty for the plain one."""
    parts = []
    if variant.territory:
        parts.append(f"territory={variant.territory}")
    if variant.platform:
        parts.append(f"platform={variant.platform}")
    if variant.shift:
        parts.append(f"shift={hours(variant.shift)}")
    return "&".join(parts)


def hours(ticks: int) -> str:
    """A shift as hours, as short as it can be written."""
    return f"{ticks / TICKS_PER_HOUR:.4f}".rstrip("0").rstrip(".")


def mark(variant: Variant) -> str:
    """What tells a variant from the plain channel in names: `RU`, `web`, `+2`; empty for the plain one."""
    shift = f"+{hours(variant.shift)}" if variant.shift else ""
    return ".".join(part for part in (variant.territory, variant.platform, shift) if part)
