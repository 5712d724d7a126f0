"""The demo house's incoming desk is not empty: its sample source is looked at, and every item of it is understood."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from keshen.config.demo import incoming
from keshen.house.actions import found
from keshen.house.models import Desk, Organisation
from keshen.newsroom.models import Quarantine
from keshen.wire.intake import looking
from keshen.wire.intake.models import IncomingItem, Source


@pytest.mark.django_db
def test_a_newcomer_finds_items_in_several_formats(tmp_path: Path, settings: object) -> None:
    settings.KESHEN_HOME = tmp_path  # type: ignore[attr-defined]
    system = found()
    Desk.objects.create(slug="news", organisation=Organisation.objects.get(slug="complex"), name={"en": "News"})
    incoming.open_source(system)
    for path in (tmp_path / "inbox" / incoming.SLUG).iterdir():
        os.utime(path, (time.time() - 60, time.time() - 60))  # they have come to rest
    looked = looking.look_at(Source.objects.get().pk, now=True)
    assert looked is not None and not looked.problem
    items = {item.format: item for item in IncomingItem.objects.select_related("desk")}
    assert set(items) == {"ninjs", "nitf", "text", "icalendar"}
    assert not Quarantine.objects.exists()
    assert {item.language for item in items.values()} >= {"kk", "ru", "en"}
    assert items["ninjs"].content["restrictions"] == ["No archiving", "Credit: Үлгі агенттігі"]
    assert all(item.desk and item.desk.slug == "news" for item in items.values())
    incoming.open_source(system)
    assert Source.objects.count() == 1
