"""The client's door in a browser: accessible and within its width, from the key to the reading of an item."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.control.test_screens import AXE
from tests.site.browser import new_context

ADD = """
import django; django.setup()
from keshen.house.models import User
from keshen.newsroom.models import Text
from keshen.wire import actions
from keshen.wire.models import Product
chief = User.objects.get(username="chief")
product = Product.objects.first() or actions.add_product(chief, "all", {"en": "All news"}, is_open=True)
print(actions.add_subscriber(chief, "Steppe TV N", product, "ninjs")[1])
for text in Text.objects.exclude(published=None):
    actions.put_out(chief, text.published_id)
"""


@pytest.mark.parametrize("width", [390, 1440])
def test_a_client_comes_in_searches_and_reads(house, browser, width: int) -> None:
    key = house.run("-c", ADD.replace("TV N", f"TV {width}")).split()[-1]
    context = new_context(browser, viewport={"width": width, "height": 900}, locale="kk-KZ")
    page = context.new_page()
    broken: list[str] = []
    page.on("console", lambda said: broken.append(said.text) if "Content Security Policy" in said.text else None)

    def look() -> None:
        page.evaluate(AXE.read_text())
        found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        serious = [
            (each["id"], [node["html"][:200] for node in each["nodes"]][:3])
            for each in found["violations"]
            if each["impact"] in ("serious", "critical")
        ]
        assert serious == [], page.url
        for part in ("html", "body", "main"):
            assert page.locator(part).evaluate("e => e.scrollWidth <= e.clientWidth"), f"{page.url}: {part}"

    page.goto(f"{house.url}/wire/client/")
    look()
    page.locator("input[name=key]").fill(key)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(f"Steppe TV {width}")
    for summary in page.locator("summary").all():
        summary.click()
    look()
    page.locator("input[name=q]").fill("қобыздың")
    page.keyboard.press("Enter")
    page.locator("td a[lang=kk]", has_text="Қобыз үні").click()
    expect(page.locator(".reading")).to_contain_text("ысқышты")
    look()
    page.goto(f"{house.url}/wire/status/")
    look()
    assert broken == []
    context.close()
