"""The rail of the control room. Rooms register their places at start; a person sees those they may enter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from keshen.house.models import User


@dataclass(frozen=True, slots=True)
class Place:
    """One screen in the rail: its name, its URL name, a Lucide icon, the verb needed, and the key after `g`."""

    label: Any
    route: str
    icon: str
    verb: str
    key: str
    position: int

    @property
    def address(self) -> str:
        return reverse(self.route)


_places: list[Place] = []


def register(places: Iterable[Place]) -> None:
    """Add places, at start. Raises ValueError when two share a key."""
    for place in places:
        if any(other.key == place.key for other in _places):
            raise ValueError(f"two places of the rail answer to g {place.key}")
        _places.append(place)
    _places.sort(key=lambda place: place.position)


def places_for(person: User) -> list[Place]:
    """The places this person may enter, in the rail's order."""
    return [place for place in _places if person.may(place.verb)]
