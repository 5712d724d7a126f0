"""The demo house's own pages in Chromium: nothing serious for axe, nothing refused by the policy, no wider than it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.house import House
from tests.site.browser import new_context, violations

pytestmark = pytest.mark.browser

PAGES = ("front", "story", "watch", "guide", "dashboard", "editor")
OUTSIDE = {"front", "story", "watch", "guide"}
WIDTHS = (390, 1440)


@pytest.fixture(scope="module")
def addresses(house: House) -> dict[str, str]:
    """Where each page is: the story and the editor of a story with a picture that stands."""
    story = house.rows(
        """SELECT p.story_id FROM site_page p JOIN house_edition e ON e.id = p.edition_id
           JOIN newsroom_text t ON t.story_id = p.story_id AND t.is_source
           JOIN newsroom_version v ON v.id = t.published_id
           WHERE e.tag = 'kk' AND p.state = 'live' AND jsonb_array_length(v.pictures) > 0 ORDER BY p.story_id LIMIT 1"""
    )[0][0]
    shown = house.keshen_json("story", "show", str(story), "--as", "editor")
    page = next(row["address"] for row in shown["outlets"] if (row["outlet"], row["form"]) == ("site", "kk"))
    return {
        "front": "/kk/",
        "story": page,
        "watch": "/watch/jibek-joly",
        "guide": "/guide",
        "dashboard": "/control/",
        "editor": f"/control/stories/{story}/kk/",
    }


@pytest.fixture(scope="module", params=WIDTHS)
def desk(house: House, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The editor, signed in."""
    context = new_context(browser, viewport={"width": request.param, "height": 900})
    page = context.new_page()
    page.goto(f"{house.url}/control/")
    page.fill("input[name=username]", "editor")
    page.fill("input[name=password]", "keshen-demo-2026")
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/control/")
    yield page
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(house: House, desk: Page, addresses: dict[str, str], name: str) -> None:
    refused: list[str] = []
    desk.on("console", lambda said: refused.append(said.text) if "Content Security" in said.text else None)
    answer = desk.goto(house.url + addresses[name], wait_until="load")
    assert answer is not None
    assert answer.status == 200, answer.url
    desk.wait_for_timeout(700)
    wide = desk.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"wider than the screen by {wide} px"
    found = violations(desk)
    assert not found, "\n".join(found)
    assert not refused


def test_there_are_pages_of_both_kinds(addresses: dict[str, str]) -> None:
    assert set(addresses) == set(PAGES)
