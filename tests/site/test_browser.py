"""Pages in a real browser: nothing serious for axe, nothing refused by the policy, readable without a script."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser

from keshen.house.programmes import Airing, Item, NowNext, Programme
from keshen.newsroom.content import Picture
from keshen.site.models import Page
from tests.site.browser import COLOURS, RULES, chromium, new_context, serving, violations
from tests.site.house import House

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("KESHEN_SHOTS")
SCHEMES: dict[Literal["light", "dark"], dict[str, Any]] = {"light": RULES, "dark": COLOURS}
"""What is looked for: a page that is read by night differs from the same page by day in its colours alone."""


class Hourly:
    """A guide with one programme an hour, each of two parts."""

    def _programme(self, service: str, start: datetime, story: str = "") -> Programme:
        now = datetime.now(UTC)
        titles = {"kk": "Жаңалықтар", "ru": "Новости", "en": "News", "ar": "الأخبار"}
        parts = [
            Item(start, start + timedelta(minutes=10), {"kk": "Ақбөкен саны артты", "en": "More saiga"}, story),
            Item(start + timedelta(minutes=10), start + timedelta(minutes=20), {"kk": "Балқаш көлі", "en": "Balkhash"}),
        ]
        past = f"/air/{service}/again.m3u8" if start < now else None
        return Programme(service, start, start + timedelta(hours=1), titles, items=parts, catch_up=past)

    def now_next(self, service_slug: str) -> NowNext:
        hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        return NowNext(self._programme(service_slug, hour), self._programme(service_slug, hour + timedelta(hours=1)))

    def day(self, service_slug: str, day: object, territory: str = "") -> list[Programme]:
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return [self._programme(service_slug, midnight + timedelta(hours=hour)) for hour in range(24)]

    def catch_up(self, service_slug: str, moment: datetime) -> str | None:
        return f"/air/{service_slug}/again.m3u8" if moment < datetime.now(UTC) else None

    def airings(self, story_urn: str) -> list[Airing]:
        past = datetime.now(UTC) - timedelta(minutes=20)
        return [
            Airing("jibek-joly", past, past + timedelta(minutes=1), "/air/jibek-joly/again.m3u8"),
            Airing("jibek-joly-radio", past + timedelta(hours=1), past + timedelta(hours=1, minutes=1)),
        ]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def addresses(house: House, lay: Callable[[object], None]) -> dict[str, str]:
    """The pages to look at, by name, of a house with a dozen stories in every edition."""
    lay(Hourly())
    told = demo_stories() if SHOTS else []
    for headline, words, picture in told:
        asset = house.picture(picture[0], drawn=picture[1]) if picture else None
        texts = {language: (headline[language], words[language]) for language in headline}
        house.story(
            pictures=(Picture(asset.urn, "", ""),) if asset else (),
            topics=("medtop:20000742",) if picture and "o" in picture[0] else ("medtop:13000000",),
            **texts,
        )
    asset = house.picture("lead")
    story = house.story(
        kk=(
            "Сарыарқада ақбөкен саны артты",
            "Ғалымдар даладағы киіктерді әуеден санады.\n\nБиыл олардың саны көбейді.",
        ),
        ru=("Сайгаков в степи стало больше", "Учёные пересчитали сайгаков с воздуха.\n\nИх стало больше."),
        en=("More saiga on the steppe", "Scientists counted the saiga from the air.\n\nThere are more of them."),
        ar=("ازداد عدد السايغا في السهوب", "أحصى العلماء السايغا من الجو.\n\nازداد عددها."),
        pictures=(Picture(asset.urn, "", ""),) if not SHOTS else (),
        urgency=3,
    )
    shown = story
    if SHOTS:
        shown = Page.objects.filter(edition__tag="ar").exclude(story=story).first().story
    made = {}
    for page in Page.objects.filter(story=shown).select_related("edition"):
        made[f"story-{page.edition.tag}"] = page.address
        made[f"front-{page.edition.tag}"] = f"/{page.edition.tag}/"
    for tag in ("kk", "kk-Arab", "ar", "en"):
        made[f"watch-{tag}"] = f"/watch/jibek-joly?edition={tag}"
        made[f"listen-{tag}"] = f"/listen/jibek-joly-radio?edition={tag}"
        made[f"guide-{tag}"] = f"/guide?edition={tag}"
        made[f"search-{tag}"] = f"/{tag}/search?q=" + {"kk": "киіктер", "en": "saiga", "ar": "السايغا"}.get(tag, "")
        made[f"missing-{tag}"] = f"/{tag}/nosuch"
    return made


def demo_stories() -> list:
    """The demo's own words and pictures, for looking at."""
    from keshen.config.demo.pictures import DRAWINGS
    from keshen.config.demo.stories import stories

    found = []
    for told in stories():
        headline = {language: words.headline for language, words in told.texts.items()}
        body = {language: "\n\n".join(words.paragraphs) for language, words in told.texts.items()}
        name = told.pictures[0] if told.pictures else None
        found.append((headline, body, (f"{name}-{len(found)}", DRAWINGS[name].draw) if name else None))
    return found


def test_axe_finds_nothing_serious(addresses: dict[str, str], browser: Browser) -> None:
    """On a telephone and a desk, by day and by night."""
    problems = []
    with serving() as address:
        context = new_context(browser, viewport={"width": 390, "height": 900}, bypass_csp=False)
        for name, path in addresses.items():
            if not name.endswith(("-kk", "-kk-Arab", "-ar")):
                continue
            page = context.new_page()
            refused: list[str] = []
            page.on(
                "console",
                lambda said, into=refused: into.append(said.text) if "Content Security" in said.text else None,
            )
            answer = page.goto(address + path)
            assert answer is not None and answer.status == (404 if name.startswith("missing") else 200), name
            page.wait_for_load_state("load")
            for width in (390, 1440):
                page.set_viewport_size({"width": width, "height": 900})
                for scheme, rules in SCHEMES.items():
                    page.emulate_media(color_scheme=scheme)
                    if SHOTS:
                        page.wait_for_timeout(300)
                        Path(SHOTS).mkdir(exist_ok=True)
                        page.screenshot(path=f"{SHOTS}/{name}-{width}-{scheme}.png", full_page=True)
                    problems += [f"{name} {width} {scheme}: {line}" for line in violations(page, rules)]
                wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                if wide > 0:
                    problems.append(f"{name} {width}: wider than the screen by {wide} px")
            problems += [f"{name}: refused: {line}" for line in refused]
            page.close()
        context.close()
    assert not problems, "\n".join(problems)


def test_pages_are_read_without_a_script(addresses: dict[str, str], browser: Browser) -> None:
    with serving() as address:
        context = new_context(browser, java_script_enabled=False, viewport={"width": 390, "height": 900})
        page = context.new_page()
        page.goto(address + addresses["story-kk"])
        assert page.locator("h1").inner_text()
        assert page.locator(".prose p").first.is_visible()
        page.locator(".read-in a[hreflang='kk-Arab']").click()
        assert page.locator("html").get_attribute("dir") == "rtl"
        page.goto(address + addresses["listen-kk"])
        assert page.locator("audio[controls]").get_attribute("src") == "/air/jibek-joly-radio/listen.aac?platform=web"
        page.goto(address + addresses["watch-kk"])
        assert page.locator("video[controls]").get_attribute("src") == "/air/jibek-joly/index.m3u8?platform=web"
        assert page.locator(".lines a").count() > 0
        page.goto(address + "/kk/")
        page.locator("#q").fill("киіктер")
        page.locator(".mast-search button").click()
        assert page.locator(".row h2").count() >= 1
        context.close()


def test_a_page_weighs_little(addresses: dict[str, str], browser: Browser) -> None:
    """HTML, CSS and script under 100 KB compressed, fonts under 120 KB a script; nothing from elsewhere."""
    with serving() as address:
        for tag in ("kk", "kk-Arab", "en"):
            context = new_context(browser, viewport={"width": 1440, "height": 900})
            page = context.new_page()
            client = context.new_cdp_session(page)
            client.send("Network.enable")
            kinds: dict[str, str] = {}
            sizes: dict[str, int] = {}
            urls: list[str] = []

            def answered(event: dict, kinds: dict = kinds, urls: list = urls) -> None:
                kinds[event["requestId"]] = event["type"]
                urls.append(event["response"]["url"])

            client.on("Network.responseReceived", answered)
            client.on("Network.loadingFinished", lambda e, s=sizes: s.update({e["requestId"]: e["encodedDataLength"]}))
            page.goto(address + addresses[f"story-{tag}"])
            page.wait_for_load_state("networkidle")

            def weigh(*wanted: str, sizes: dict = sizes, kinds: dict = kinds) -> int:
                return sum(sizes.get(i, 0) for i, kind in kinds.items() if kind in wanted)

            assert weigh("Document", "Stylesheet", "Script") < 100_000
            assert 0 < weigh("Font") < 120_000, tag
            assert all(url.startswith(address) for url in urls)
            context.close()
