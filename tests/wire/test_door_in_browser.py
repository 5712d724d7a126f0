"""The client's door in Chromium: a client comes in, searches, sets an alert, reads the agenda; in three languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page

from keshen.wire.agenda import verbs as agenda
from keshen.wire.alerts import finding
from keshen.wire.models import Subscriber
from tests.site.browser import chromium, new_context, serving, violations
from tests.wire.house import House

pytestmark = pytest.mark.browser

WORDS = {"kk": "Хабарламалар", "ru": "Оповещения", "en": "Alerts"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


def seems_well(page: Page) -> None:
    found = violations(page)
    assert not found, "\n".join(found)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is wider than the screen by {wide} px"


@pytest.mark.parametrize(("tag", "width"), [("kk", 390), ("ru", 1440), ("en", 390)])
def test_a_client_finds_its_way(
    house: House, key_of: Callable[..., tuple[Subscriber, str]], browser: Browser, tag: str, width: int
) -> None:
    subscriber, key = key_of("Қала теледидары")
    house.publish("Ақбөкендер көшті")
    house.publish("Каспий тартылды")
    agenda.announce_own(house.editor, "Баспасөз мәслихаты", (timezone.now() + timedelta(days=1)).isoformat())
    context = new_context(browser, locale=tag, viewport={"width": width, "height": 900})
    page = context.new_page()
    page.route("**/client/live", lambda route: route.abort())
    with serving() as url:
        page.goto(f"{url}/wire/client/")
        seems_well(page)
        page.fill("input[name=key]", key)
        page.press("input[name=key]", "Enter")
        page.wait_for_selector("#stand-rows")
        assert page.get_attribute("html", "lang") == tag
        seems_well(page)
        page.fill("input[name=q]", "ақбөкендердің")
        page.press("input[name=q]", "Enter")
        page.wait_for_url("**q=*")
        assert page.locator("#stand-rows tbody tr").count() == 1
        page.click("#stand-rows tbody a")
        page.wait_for_selector(".reading")
        seems_well(page)
        page.click(f"nav.tabs >> text={WORDS[tag]}")
        page.wait_for_selector("#hit-rows")
        page.fill("input[name=words]", "киік")
        page.click("form[action*='alerts/add'] button")
        page.wait_for_selector("[role=status]")
        house.publish("Киіктер келді")
        while finding.find():
            continue
        page.evaluate("document.dispatchEvent(new CustomEvent('keshen:change'))")  # as the stream says it
        page.wait_for_selector("#hit-rows >> text=Киіктер келді")
        seems_well(page)
        for place in ("topics/", "agenda/", "account/"):
            page.goto(f"{url}/wire/client/{place}")
            seems_well(page)
        assert subscriber.alerts.count() == 1
    context.close()
