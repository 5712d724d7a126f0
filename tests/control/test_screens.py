"""Every screen: accessible, within its width in both directions, and alive."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.site.browser import COLOURS
from tests.waiting import until

AXE = Path(__file__).resolve().parent.parent.parent / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
SCREENS = {
    "dashboard": "/control/",
    "stories": "/control/stories/",
    "story": "/control/stories/1/",
    "history": "/control/stories/1/?tab=history",
    "editor": "/control/stories/1/kk/",
    "schedule": "/control/air/",
    "wall": "/control/air/wall/",
    "conformance": "/control/air/jibek-joly/conformance/",
    "jobs": "/control/jobs/",
    "log": "/control/log/",
    "rights": "/control/rights/",
    "quarantine": "/control/stories/quarantine/",
    "wire": "/control/wire/",
    "client": "/control/wire/subscribers/first/",
    "why": "/control/wire/why/?story=1&subscriber=first",
    "incoming": "/control/wire/incoming/",
    "item": "/control/wire/incoming/1/",
    "sources": "/control/wire/sources/",
    "source": "/control/wire/sources/dala/",
    "rules": "/control/wire/rules/",
    "rule": "/control/wire/rules/1/",
    "new rule": "/control/wire/rules/new/",
    "dry run": "/control/wire/rules/dry-run/",
    "agenda": "/control/wire/agenda/",
    "deliveries": "/control/wire/deliveries/",
}


def _prefer(desk, **wanted: str) -> None:
    assert desk.post("/control/preferences/", **wanted) == 302


@pytest.mark.parametrize(("theme", "rules"), [("dark", {}), ("light", {"runOnly": COLOURS})])
def test_axe_finds_nothing_serious(sit_down, theme: str, rules: dict) -> None:
    """In the second theme only what colours can change is looked for: the pages are the same."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: run `make front`")
    desk = sit_down("chief")
    _prefer(desk, theme=theme)
    source = AXE.read_text()
    for name, path in SCREENS.items():
        page = desk.open(path)
        page.evaluate(source)
        found = page.evaluate("rules => axe.run(document, {resultTypes: ['violations'], ...rules})", rules)
        serious = [
            (each["id"], [node["html"][:200] for node in each["nodes"]][:3])
            for each in found["violations"]
            if each["impact"] in ("serious", "critical")
        ]
        assert serious == [], name
    _prefer(desk, theme="dark")
    assert desk.broken == []


@pytest.mark.parametrize("language", ["kk", "qar"])
@pytest.mark.parametrize("width", [390, 1440])
def test_screens_keep_to_their_width(sit_down, language: str, width: int) -> None:
    desk = sit_down("chief", width=width)
    _prefer(desk, language=language)
    for name, path in SCREENS.items():
        page = desk.open(path)
        assert page.locator("html").get_attribute("dir") == ("rtl" if language == "qar" else "ltr")
        for part in ("html", "body", "main"):
            assert page.locator(part).evaluate("e => e.scrollWidth <= e.clientWidth"), f"{name}: {part}"
    _prefer(desk, language="en")


def test_what_others_do_appears_without_reload(sit_down) -> None:
    watcher, writer = sit_down("chief"), sit_down("editor")
    watcher.open("/control/stories/")
    expect(watcher.page.locator("[data-row]").first).to_be_visible()
    page = writer.open("/control/stories/")
    page.keyboard.press("n")
    page.wait_for_url("**/kk/")
    page.locator("textarea.headline").fill("Тірі тізім")
    expect(page.locator("[data-saving]")).to_have_attribute("data-state", "saved")
    expect(watcher.page.locator("[data-row]").first).to_contain_text("Тірі тізім")


def test_rows_stay_where_they_are_while_somebody_aims(sit_down) -> None:
    watcher, writer = sit_down("chief"), sit_down("editor")
    watcher.page.clock.install()
    page = watcher.open("/control/stories/")
    first = page.locator("[data-row]").first
    name = first.get_attribute("id")
    # the page's time stands still between the movements: however slow this machine is, somebody aims
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 60)
    first.hover()
    assert writer.post("/control/stories/new/", language="kk") == 302
    chip = page.locator("[data-fresh-for=stories]")
    steps = count()

    def offered() -> bool:
        page.mouse.move(400 + next(steps) % 8, first.bounding_box()["y"] + 10)
        page.clock.run_for(150)
        assert page.locator("[data-row]").first.get_attribute("id") == name
        return chip.is_visible()

    until(offered, "the new rows offered")
    page.clock.resume()
    chip.click()
    assert page.locator("[data-row]").first.get_attribute("id") != name


def test_the_keyboard_moves_through_the_list_and_opens(sit_down) -> None:
    desk = sit_down("editor")
    page = desk.open("/control/stories/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    chosen = page.locator("[data-selected]").get_attribute("id") or ""
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/control/stories/{chosen.removeprefix('story-')}/**")
    expect(page.locator("#detail h2")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("қобыздың")
    expect(page.locator("#found a", has_text="Қобыз үні")).to_be_visible()


def test_search_finds_a_word_in_another_form(sit_down) -> None:
    page = sit_down("editor").open("/control/stories/?q=қобызға")
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("[data-row]")).to_contain_text("Қобыз үні")
