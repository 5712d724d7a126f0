"""Every player on every way out, all at once: nothing stalls, nothing is missing, no boundary is noticed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.house import House, until
from tests.e2e.players import FRAMES_A_SECOND, IN_BROWSER, PROGRAMS, InBrowser, Running, Seen, need_players
from tests.e2e.test_play import boundaries

SERVICE = "silk-way"
"""A channel with sound in English, Russian and Kazakh."""
WAYS = {
    "ffmpeg": "stream.ts?rung=v360",
    "mpv": "index.m3u8",
    "gst-launch-1.0": "stream.ts?rung=v360",
    "cvlc": "stream.ts?rung=v360",
}
STARTING_SECONDS = 15
"""What a program may take before its first picture: it opens, probes and fills its buffer."""
LATE_SHARE = 0.05
"""A machine that does other work at the same time is allowed to be late with a picture now and then."""


@pytest.mark.browser
@pytest.mark.parametrize("seconds", [60, pytest.param(600, marks=pytest.mark.soak)])
def test_every_player_plays(house: House, browser: Browser, scratch: Path, seconds: int) -> None:
    need_players()
    until(lambda: boundaries(house, time.time() - 5, time.time() + 40, SERVICE) >= 1, 120, "an entry boundary to come")
    running = [Running(one, f"{house.url}/air/{SERVICE}/{WAYS[one.name]}", scratch) for one in PROGRAMS]
    pages = [InBrowser(name, browser, house.url, SERVICE) for name in IN_BROWSER]
    seen: list[Seen] = []
    try:
        until(lambda: all(page.playing() for page in pages), 60, "every player in the browser playing")
        before, begun, at = {page.name: page.state() for page in pages}, time.monotonic(), time.time()
        languages = iter(("ru", "kk", "ru", "kk"))
        while time.monotonic() - begun < seconds:
            # twice in a minute, and for the long form four times in all
            pages[0].page.wait_for_timeout(min(20_000, seconds * 250))
            if time.monotonic() - begun < seconds - 10 and (language := next(languages, None)):
                for page in pages:
                    page.speak(language)
        passed = time.monotonic() - begun
        after = {page.name: page.state() for page in pages}
    finally:
        seen = [one.finish() for one in (*running, *pages)]
        for one in seen:
            print(one)
    crossed = boundaries(house, at, at + passed, SERVICE)
    assert crossed >= 1, "no entry boundary was played"
    for one in seen:
        assert not one.errors, one
        assert one.stalls == 0, one
        assert one.dropped <= one.frames * LATE_SHARE, one
    for one in seen[: len(PROGRAMS)]:
        assert one.frames >= FRAMES_A_SECOND * (one.seconds - STARTING_SECONDS), one
    for page in pages:
        first, last = before[page.name], after[page.name]
        # players creep towards where they should be, by a few hundredths of speed
        assert last["at"] - first["at"] == pytest.approx(passed, abs=2 + passed * 0.05), page.name
        assert last["frames"] - first["frames"] >= FRAMES_A_SECOND * (passed - 2) * 0.95, (page.name, first, last)
        assert last["ranges"] == 1, page.name
    print(f"{passed:.0f} s, {crossed} boundaries")
