"""The demo house is made once: making it again finds everything there."""

from __future__ import annotations

import pytest

from keshen.config import demo
from keshen.config.demo import house


@pytest.mark.django_db
def test_making_the_house_twice_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from keshen.air.models import Stock
    from keshen.house.models import Event, Job, Service, User
    from keshen.media.models import Asset
    from keshen.newsroom.models import Story, Text, Version

    monkeypatch.setattr(house, "FIRST_STORIES", 1)
    quick = [reel for reel in house.REELS if reel.service == "jibek-joly-radio"]
    monkeypatch.setattr(house, "REELS", quick)
    said: list[str] = []
    demo.seed(said.append)
    assert any("stories" in line for line in said)

    def counts() -> list[int]:
        return [model.objects.count() for model in (Event, Job, Service, User, Asset, Stock, Story, Text, Version)]

    before = counts()
    demo.seed(said.append)
    assert counts() == before

    for name in ("reporter", "translator", "editor", "chief", "operator", "admin"):
        assert User.objects.get(username=name).check_password("keshen-demo-2026")
    text = Text.objects.get(story__identifiers__value="demo:01-house", language="kk")
    assert text.state == "published" and text.published is not None
    radio = Service.objects.get(slug="jibek-joly-radio", kind="radio")
    assert Asset.objects.filter(urn=radio.settings["bed"], state=Asset.State.READY).exists()
    assert {stock.role for stock in radio.stock.all()} >= {"ident", "filler"}
