"""A small house for the newsroom's tests: three people, two editions, an outlet that remembers what it is told."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from keshen.house import outlets
from keshen.house.models import Edition, Organisation, User
from keshen.newsroom import body as bodies
from keshen.newsroom.content import Content


@dataclass
class People:
    """Who acts in a test."""

    reporter: User
    editor: User
    partner: User


@pytest.fixture
def people(db) -> People:
    house = Organisation.objects.create(slug="complex", kind="house", name={"kk": "Кешен"})
    partner = Organisation.objects.create(slug="partner", kind="partner", name={"en": "Partner"})
    User.objects.create(username="system", organisation=house, roles=["system"], is_system=True)
    Edition.objects.create(tag="kk", language="kk", script="Cyrl", is_default=True)
    kazakh = Edition.objects.get(tag="kk")
    Edition.objects.create(tag="kk-Arab", language="kk", script="Arab", direction="rtl", derived_from=kazakh)
    return People(
        reporter=User.objects.create(username="reporter", organisation=house, roles=["reporter"]),
        editor=User.objects.create(username="editor", organisation=house, roles=["editor"]),
        partner=User.objects.create(username="partner", organisation=partner, roles=["editor"]),
    )


@dataclass
class Remembering:
    """An outlet that notes what the newsroom tells it."""

    name: str = "remembering"
    label: str = "Remembering"
    told: list[tuple[str, int]] = field(default_factory=list)
    has_packages: bool = False
    kept: list[frozenset[str]] = field(default_factory=list)

    def preview(self, version_id: int) -> dict:
        return {}

    def publish(self, leaving: outlets.Leaving) -> None:
        self.told.append(("publish", leaving.version))

    def correct(self, leaving: outlets.Leaving) -> None:
        self.told.append(("correct", leaving.version))
        self.kept.append(leaving.keep)

    def kill(self, story_id: int, actor_id: int) -> None:
        self.told.append(("kill", story_id))

    def packages(self, story_id: int) -> bool:
        return self.has_packages

    def receipts(self, story_id: int) -> list:
        return []


@pytest.fixture
def outlet(monkeypatch) -> Remembering:
    only = Remembering()
    monkeypatch.setattr(outlets, "_outlets", {only.name: only})
    return only


@pytest.fixture
def content() -> Content:
    return Content(
        headline="Сарыарқада ақбөкен саны артты",
        body=bodies.from_paragraphs(["Бірінші абзац.", "Екінші абзац."]),
        slugline="saiga",
    )
