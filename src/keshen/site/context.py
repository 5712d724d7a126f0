"""The frame of every public page: the masthead, the editions, the sections, the services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from keshen.house.models import Edition, Service
from keshen.site.editions import all_editions, default_edition, site_service
from keshen.site.queries import section_codes

SECTIONS = 7
AIRED = {Service.Kind.TV: "watch", Service.Kind.RADIO: "listen"}


@dataclass(frozen=True)
class Alternative:
    """The same page in another edition. `here` marks the one being read."""

    edition: Edition
    address: str
    here: bool


def frame(edition: Edition, path: str) -> dict[str, Any]:
    """What the base template needs besides the page's own matter."""
    editions = all_editions()
    return {
        "edition": edition,
        "home": f"/{edition.tag}/",
        "masthead": site_service(),
        "alternatives": alternatives(editions, edition, {other.tag: f"/{other.tag}/" for other in editions}),
        "default_edition": default_edition(editions),
        "section_codes": section_codes(edition)[:SECTIONS],
        "aired": aired_services(),
        "site_url": settings.KESHEN_URL.rstrip("/"),
        "path": path,
    }


def alternatives(editions: list[Edition], here: Edition, addresses: Mapping[str, str]) -> list[Alternative]:
    """Where each edition that has an address is read, by tag."""
    return [
        Alternative(edition, addresses[edition.tag], edition.tag == here.tag)
        for edition in editions
        if edition.tag in addresses
    ]


def aired_services() -> list[Service]:
    """Television and radio, in the house's order."""
    return list(Service.objects.filter(kind__in=AIRED))


def address(service: Service, edition: Edition) -> str:
    """Where a service is watched or listened to, in the words of an edition."""
    return f"/{AIRED[Service.Kind(service.kind)]}/{service.slug}?edition={edition.tag}"
