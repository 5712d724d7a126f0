"""How often the staff's screens ask the database: as often for a hundred stories as for ten."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from keshen.house.models import Edition, Job, Organisation, Service, User
from keshen.newsroom import actions
from keshen.newsroom import body as bodies
from keshen.newsroom.content import Content

pytestmark = pytest.mark.django_db

SCREENS = (
    "/control/", "/control/stories/", "/control/stories/?q=ақбөкен", "/control/stories/{first}/",
    "/control/stories/{first}/?tab=history", "/control/stories/{first}/kk/", "/control/air/", "/control/jobs/",
    "/control/log/", "/control/rights/", "/control/wire/", "/control/wire/deliveries/", "/control/find?q=ақ",
)  # fmt: skip
MOST_QUERIES = 30


def _stories(editor: User, count: int) -> int:
    for number in range(count):
        content = Content(
            headline=f"Ақбөкен {number}", body=bodies.from_paragraphs(["Бірінші абзац.", "Екінші."]), slugline="saiga"
        )
        text = actions.create_story(editor, language="kk", content=content)
        if number % 3 == 0:
            actions.add_text(editor, text.story, "ru")
        actions.publish(editor, text)
    return text.story_id


def _asked(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(address)
    assert answer.status_code == 200, address
    return len(asked)


def test_screens_ask_as_little_for_many_stories_as_for_few(client: Client) -> None:
    house = Organisation.objects.create(slug="complex", kind="house", name={"kk": "Кешен"})
    User.objects.create(username="system", organisation=house, roles=["system"], is_system=True)
    editor = User.objects.create(username="editor", organisation=house, roles=["editor", "chief", "operator"])
    for tag in ("kk", "ru"):
        Edition.objects.create(tag=tag, language=tag, script="Cyrl", is_default=tag == "kk")
    for slug, kind in (("kazinform", "wire"), ("kazinform", "web"), ("tv", "tv"), ("radio", "radio")):
        Service.objects.create(organisation=house, slug=slug, kind=kind, accent="#0a6ebd", languages=["kk"])
    client.force_login(editor)
    first = _stories(editor, 10)
    few = {address: _asked(client, address.format(first=first)) for address in SCREENS}
    _stories(editor, 60)
    assert Job.objects.count() > 100
    for address in SCREENS:
        count = _asked(client, address.format(first=first))
        assert count <= few[address] + 2, f"{address} asks {count} times for many, {few[address]} for few"
        assert count <= MOST_QUERIES, f"{address} asks {count} times"
