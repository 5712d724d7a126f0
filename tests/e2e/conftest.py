"""One demo house for all tests of this folder; they run in one process, in order."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.house import DEMO_STORIES, House, attach, close_house, open_house, until
from tests.site.browser import chromium

ORDER = ("test_story", "test_play", "test_players", "test_axe", "test_kill9")
"""The story first, on a young house; the tests that kill processes last."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ours = [item for item in items if Path(__file__).parent in item.path.parents]
    places = [place for place, item in enumerate(items) if item in ours]
    ours.sort(key=lambda item: ORDER.index(item.path.stem))
    for place, item in zip(places, ours, strict=True):
        items[place] = item


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where a test failed, the house says what it knows: nobody can go and look at a machine that tests run on."""
    report = yield
    house = getattr(item, "funcargs", {}).get("house")
    if report.failed and isinstance(house, House):
        report.sections.append(("the house", house.account()))
    return report


PUBLISHED = """SELECT (SELECT count(*) FROM newsroom_identifier WHERE starts_with(value, 'demo:')),
                      (SELECT count(*) FROM house_job
                       WHERE name IN ('demo.story', 'air.tell') AND state IN ('waiting', 'running'))"""
"""The demo's stories that are out, and the work of telling them that is not done.

A bulletin leads with the newest story, and these have one item: a test's own story is the newest only when it comes
after the last of the demo's, and the first channel may play before that one is written.
"""


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
        until(lambda: opened.rows(PUBLISHED) == [(DEMO_STORIES, 0)], "the demo's own stories being out")
        yield opened
        close_house(opened)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found
