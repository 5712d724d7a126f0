"""What comes in to the demo house: a folder that it watches, with a few items in several formats, so that a newcomer
finds something to take, route and drop."""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import files
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from keshen.house.models import Desk, Organisation, User
from keshen.wire.intake import sourcing
from keshen.wire.intake.models import Source

SLUG = "sample-agency"
NAME = "Үлгі агенттігі"


def open_source(system: User) -> None:
    """The source and its items, once: what was taken or removed since is not put there again."""
    if Source.objects.filter(slug=SLUG).exists():
        return
    at = Path(settings.KESHEN_HOME) / "inbox" / SLUG
    at.mkdir(parents=True, exist_ok=True)
    now = timezone.now()
    words = {
        "day": f"{now:%Y%m%d}",
        "stamp": f"{now:%Y%m%dT%H%M%SZ}",
        "tomorrow": f"{now + timedelta(days=1):%Y%m%d}",
        "minus_12": (now - timedelta(minutes=12)).isoformat(timespec="seconds"),
        "minus_20": (now - timedelta(minutes=20)).isoformat(timespec="seconds"),
    }
    for entry in sorted(files("keshen.config.demo").joinpath("incoming").iterdir(), key=lambda each: each.name):
        text = entry.read_text("utf-8")
        for name, word in words.items():
            text = text.replace("{" + name + "}", word)
        (at / entry.name).write_text(text, "utf-8")
    sourcing.add_source(
        system,
        NAME,
        "folder",
        SLUG,
        slug=SLUG,
        organisation=Organisation.objects.get(slug="complex"),
        desk=Desk.objects.filter(slug="news").first() or Desk.objects.order_by("pk").first(),
        every=30,
    )
