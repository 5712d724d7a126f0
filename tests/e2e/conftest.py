"""One demo house for all tests of this folder; they run in one process, in order."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.house import House, attach, close_house, open_house, until
from tests.site.browser import chromium

ORDER = ("test_story", "test_play", "test_players", "test_axe", "test_kill9")
"""The story first, on a young house; the tests that kill processes last."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ours = [item for item in items if Path(__file__).parent in item.path.parents]
    places = [place for place, item in enumerate(items) if item in ours]
    ours.sort(key=lambda item: ORDER.index(item.path.stem))
    for place, item in zip(places, ours, strict=True):
        items[place] = item


PUBLISHED = """SELECT count(*) FILTER (WHERE state IN ('waiting', 'running')), count(*) > 0
               FROM house_job WHERE name IN ('demo.story', 'air.tell')"""
"""A bulletin leads with the newest story: a test's own is the newest once those of the demo are out."""


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """A demo house whose first channel plays, with bulletins every three minutes.

    For work on these tests `KESHEN_E2E_HOUSE=folder,port` names an open one, and `KESHEN_E2E_HOUSE=folder` one to open
    that stays for the next run.
    """
    given, _comma, port = os.environ.get("KESHEN_E2E_HOUSE", "").partition(",")
    if port:
        yield attach(Path(given), int(port))
        return
    with tempfile.TemporaryDirectory(prefix="keshen-house-") as folder:
        home = Path(given or folder)
        opened = open_house(home, home / "demo.log")
        opened.hurry()
        until(lambda: opened.rows(PUBLISHED) == [(0, True)], "the demo's own stories being out")
        yield opened
        close_house(opened)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found
