"""A service's logo: how it looks and what it is drawn over, kept in the service's settings."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from keshen.house.models import Service, in_language
from keshen.media.marks import FOR_GOOD, LONGEST_TEXT, BadMark, Corner, Kind, Mark, mark_of

SETTING = "logo"
REPEAT: Mapping[str, str] = {"kk": "Қайталау", "ru": "Повтор", "en": "Repeat", "ar": "إعادة", "tr": "Tekrar"}
"""What the mark of a repeat says, by language."""


class Burn(models.TextChoices):
    """What a logo is drawn over. What is drawn over is encoded once, and kept."""

    NEVER = "never", _("Nothing")
    NAMED = "named", _("What an operator names")
    ALWAYS = "always", _("Everything but idents, breaks and the standby")


class Drawn(StrEnum):
    """The kinds of entries that a logo over everything is drawn over."""

    PROGRAMME = "programme"
    ITEM = "bulletin-item"
    FILLER = "filler"


@dataclass(frozen=True, slots=True)
class Logo:
    """A service's logo as set: `mark` without its place in time, and what it is drawn over."""

    mark: Mark
    burn: Burn

    def over(self, first: int, last: int) -> Mark:
        """The logo over some ticks of an asset."""
        return mark_of({**self.mark.row(), "first": first, "last": last})


def logo(service: Service) -> Logo:
    """The logo of a service; one it does not say otherwise is its name in its accent, over what is named.

    Settings that cannot be read are as if they were not there: the air does not stop for a logo.
    """
    name = (in_language(service.name, "en") or service.slug)[:LONGEST_TEXT]
    plain = {"kind": Kind.LOGO.value, "first": 0, "last": FOR_GOOD, "text": name}
    given = service.settings.get(SETTING)
    held = given if isinstance(given, Mapping) else {}
    wanted = {name: held[name] for name in ("text", "corner", "size", "opacity", "picture") if held.get(name)}
    burn = str(held.get("burn", ""))
    for row in ({**plain, "accent": service.accent, **wanted}, {**plain, "accent": service.accent}, plain):
        with suppress(BadMark):
            return Logo(mark_of(row), Burn(burn) if burn in Burn.values else Burn.NAMED)
    raise AssertionError("a plain logo can be drawn")


def repeat(service: Service) -> str:
    """What the mark of a repeat says on a service: its first language's word."""
    return next((REPEAT[tag] for tag in service.languages if tag in REPEAT), REPEAT["en"])


def settings_of(made: Logo) -> dict[str, Any]:
    """A logo as the settings keep it."""
    mark = made.mark
    return {
        "text": mark.text,
        "corner": Corner(mark.corner).value,
        "size": mark.size,
        "opacity": mark.opacity,
        "picture": mark.picture,
        "burn": made.burn.value,
    }
