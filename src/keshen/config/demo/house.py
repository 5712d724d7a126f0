"""Making the demo house in an empty one, in the order in which a newcomer can see something soonest.

Every step finds what is there already and leaves it, so that an interrupted start goes on where it was. What takes
long (more fillers, the film, the later stories) is left to durable jobs of low priority.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import transaction

from keshen.air import actions as air
from keshen.air.audiences import substitutes
from keshen.config.demo import incoming, making, services, stories
from keshen.config.demo.reels import RADIO_IDENT, REELS
from keshen.config.demo.tasks import REEL, STORY
from keshen.house.actions import add_person, found
from keshen.house.jobs import at_priority, defer
from keshen.house.models import Desk, Edition, Organisation, Service, Territory, User
from keshen.wire import actions as wire
from keshen.wire.models import Product, Subscriber

FIRST_STORIES = 6
"""How many stories are out when the house opens; the others follow when the renders of these are done."""
CLIENT = "First client"
FIRST_STORIES_AT, LATER_STORIES_AT, REELS_AT = -1, -5, -2
"""Priorities of the demo's own work, all below that of whoever uses the house (0)."""
type Said = Callable[[str], None]


def make_house(said: Said) -> None:
    """Make what is missing of the demo house; `said` hears what is being done, a line each time."""
    said("people and organisations")
    system = _people()
    urgent = dict.fromkeys(reel.key for reel in REELS if reel.urgent)
    for number, key in enumerate(urgent, 1):
        if making.asset_of(key) is None:
            said(f"idents and fillers: {number} of {len(urgent)}")
            making.make(system, key)
    said("services and their weeks")
    _services(system, list(urgent))
    _wire(system)
    incoming.open_source(system)
    told = stories.wanted()
    reporter = User.objects.get(username="reporter")
    first = told[:FIRST_STORIES]
    for number, story in enumerate(first, 1):
        said(f"stories: {number} of {len(first)}")
        pictures = making.keep_pictures(reporter, story.pictures, lambda name: said(f"drawing: {name}"))
        with at_priority(FIRST_STORIES_AT):
            stories.publish(story, pictures)
    _later(system)


def _password() -> str:
    """The password of the demo's logins: given, else made once and kept with mode 0600."""
    if given := os.environ.get("KESHEN_DEMO_PASSWORD"):
        return given
    path = Path(settings.KESHEN_HOME) / "demo-password"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(9) + "\n")
    return path.read_text().strip()


@transaction.atomic
def _people() -> User:
    """Organisations, territories, editions, desks, people; returns the house acting by itself."""
    for slug, (kind, name) in services.ORGANISATIONS.items():
        Organisation.objects.update_or_create(slug=slug, defaults={"kind": kind, "name": dict(name)})
    house = Organisation.objects.get(slug="complex")
    for code, name in services.TERRITORIES.items():
        Territory.objects.get_or_create(code=code, defaults={"name": dict(name)})
    for position, (tag, language, script, source, name) in enumerate(services.EDITIONS):
        Edition.objects.get_or_create(
            tag=tag,
            defaults={
                "language": language,
                "script": script,
                "direction": Edition.Direction.RTL if script == "Arab" else Edition.Direction.LTR,
                "derived_from": Edition.objects.get(tag=source) if source else None,
                "is_default": tag == "kk",
                "position": position,
                "name": dict(name),
            },
        )
    for slug, name in services.DESKS.items():
        Desk.objects.get_or_create(slug=slug, defaults={"organisation": house, "name": dict(name)})
    system = found()
    for person in services.PEOPLE:
        if not User.objects.filter(username=person.username).exists():
            add_person(
                system,
                person.username,
                _password(),
                organisation=house,
                roles=person.roles,
                desk=Desk.objects.get(slug=person.desk),
                language=person.language,
                title=person.title,
            )
    return system


@transaction.atomic
def _services(system: User, reels: list[str]) -> None:
    """Services with their weeks, and at once what they can play: no service is ever laid with an empty shelf."""
    house = Organisation.objects.get(slug="complex")
    bed, tune = making.asset_of("music-pads"), making.asset_of(RADIO_IDENT)
    for position, row in enumerate(services.SERVICES):
        made, fresh = Service.objects.get_or_create(
            slug=row.slug,
            kind=row.kind,
            defaults={
                "organisation": house,
                "name": dict(row.name),
                "accent": row.accent,
                "languages": list(row.languages),
                "position": position,
                "settings": {"line": dict(row.line), **({"bed": bed.urn} if bed else {})},
            },
        )
        if tune is not None and row.kind == "radio" and "ident" not in made.settings:
            made.settings["ident"] = tune.urn
            made.save(update_fields=["settings"])
        if fresh:
            made.territories.set(Territory.objects.filter(code="WORLD"))
        if row.slug in services.WEEKS and row.kind in ("tv", "radio"):
            air.set_week(system, made, services.WEEKS[row.slug])
        if fresh and row.slug in services.OFFERS:
            substitutes.set_offer(system, made, dict(services.OFFERS[row.slug]))
    for key in reels:
        asset = making.asset_of(key)
        if asset is not None:
            making.shelve(system, key, asset)


def _wire(system: User) -> None:
    """The product of everything, and a first client of it, whose key is kept beside the demo's password."""
    product: Product = wire.add_product(
        system, "all", dict(services.names("Барлығы", "Всё", "Everything", "الكل")), is_open=True
    )
    if not Subscriber.objects.filter(name=CLIENT).exists():
        _client, key = wire.add_subscriber(system, CLIENT, product, "ninjs")
        path = Path(settings.KESHEN_HOME) / "demo-client-key"
        path.touch(mode=0o600)
        path.write_text(key + "\n")


@transaction.atomic
def _later(system: User) -> None:
    """Leave what takes long to jobs that give way to everything else."""
    rest = sorted({reel.key: reel.position for reel in REELS if not reel.urgent}.items(), key=lambda item: item[1])
    for key, position in rest:
        defer(
            REEL, key=f"{REEL}:{making.REVISION}:{key}", actor=system, args={"key": key}, priority=REELS_AT - position
        )
    for story in stories.wanted()[FIRST_STORIES:]:
        defer(STORY, key=f"{STORY}:{story.key}", actor=system, args={"key": story.key}, priority=LATER_STORIES_AT)
