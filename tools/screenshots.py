"""Take the pictures of docs/images anew, from a demo house that is open.

    KESHEN_URL=http://localhost:8000 KESHEN_DEMO_PASSWORD=… python tools/screenshots.py [NAME…]

Every screen at the width of a desk and of a telephone; public pages in editions that differ in script and direction,
staff screens in Kazakh. With names, only those screens.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
SIZES = ((1440, 900), (390, 844))
EDITIONS = ("kk", "kk-Arab", "ar")
COLOURS = 192


@dataclass(frozen=True)
class Screen:
    """A page to take: `{edition}` and `{story}` are filled in; `settle` is how long moving parts may take, in ms."""

    name: str
    path: str
    settle: int = 200


PUBLIC = (
    Screen("front", "/{edition}/"),
    Screen("story", "/{edition}/2026/01/x-{story}"),
    Screen("guide", "/guide?edition={edition}"),
    Screen("watch", "/watch/jibek-joly?edition={edition}", 4000),
)
STAFF = (
    Screen("dashboard", "/control/", 3000),
    Screen("stories", "/control/stories/{story}/", 1000),
    Screen("editor", "/control/stories/{story}/kk/", 1500),
    Screen("schedule", "/control/air/", 2500),
    Screen("wall", "/control/air/wall/", 2500),
    Screen("as-run", "/control/air/jibek-joly/as-run/", 1000),
    Screen("conformance", "/control/air/jibek-joly/conformance/", 1000),
)


def keep(page: Page, name: str) -> None:
    """Save what the page shows, with few colours: the documents stay light."""
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        small = shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        small.save(IMAGES / f"{name}.png", optimize=True)
    print(f"  {name}")


def newest_story(page: Page, house: str) -> str:
    """The number of the story that leads the Arabic front: one that exists in every edition taken here."""
    page.goto(f"{house}/ar/")
    links = page.eval_on_selector_all("main a[href]", "found => found.map(one => one.getAttribute('href'))")
    found = next((match[1] for link in links if (match := re.fullmatch(r"/ar/\d{4}/\d\d/.+-(\d+)", link))), None)
    if found is None:
        raise SystemExit(f"There is no story at {house}/ar/ yet. Wait until the demo house has published its stories.")
    return found


def take(page: Page, house: str, screens: Iterable[Screen], editions: Iterable[str], story: str) -> None:
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for screen in screens:
            for edition in editions:
                page.goto(house + screen.path.format(edition=edition, story=story))
                page.wait_for_timeout(screen.settle)
                keep(page, f"{screen.name}-{width}-{edition}")


def main(names: list[str]) -> int:
    house = os.environ.get("KESHEN_URL", "http://localhost:8000")
    wanted = [screen for screen in (*PUBLIC, *STAFF) if not names or screen.name in names]
    if unknown := set(names) - {screen.name for screen in wanted}:
        raise SystemExit(f"No such screen: {', '.join(sorted(unknown))}.")
    with sync_playwright() as playwright:
        program = os.environ.get("KESHEN_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--hide-scrollbars"])
        page = browser.new_context(locale="kk").new_page()
        story = newest_story(page, house)
        take(page, house, [screen for screen in PUBLIC if screen in wanted], EDITIONS, story)
        if staff := [screen for screen in STAFF if screen in wanted]:
            page.goto(f"{house}/control/sign-in")
            page.fill("[name=username]", "chief")
            page.fill("[name=password]", os.environ["KESHEN_DEMO_PASSWORD"])
            page.press("[name=password]", "Enter")
            page.wait_for_load_state()
            take(page, house, staff, ("kk",), story)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
