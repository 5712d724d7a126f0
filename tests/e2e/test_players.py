"""Every player on every way out, all at once: nothing stalls or is missing, no boundary and no break-in is noticed."""

from __future__ import annotations

import json
import time
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.house import House, until
from tests.e2e.players import FRAMES_A_SECOND, IN_BROWSER, PROGRAMS, InBrowser, Running, Seen, need_players
from tests.e2e.test_play import boundaries
from tests.waiting import LIMIT

SERVICE = "silk-way"
"""A channel with sound in English, Russian and Kazakh."""
LANGUAGES = ("ru", "kk")
WAYS = {
    "ffmpeg": "stream.ts?rung=v360",
    "mpv": "index.m3u8",
    "gst-launch-1.0": "stream.ts?rung=v360",
    "cvlc": "stream.ts?rung=v360",
}
SAID_LATE_SECONDS = 4
"""How long ago what a program says of itself may have been true."""
LATE_SHARE = 0.05
"""A machine that does other work at the same time is allowed to be late with a picture now and then."""


BEHIND_SECONDS = 30
"""No player is this far behind the air: what began so long ago was played by all."""
CLIP = """SELECT asset_id FROM air_stock JOIN media_asset ON media_asset.id = asset_id
          WHERE role IN ('programme', 'filler') AND state = 'ready' AND duration_ticks >= 60
            AND EXISTS (SELECT 1 FROM media_track WHERE media_track.asset_id = media_asset.id AND rung = 'v720')
          ORDER BY duration_ticks DESC LIMIT 1"""
"""The longest film there is, of 19 s or more: thrice it is long enough to return from."""
SHORT = ((2, "break-in"), (14, "return"), (25, "ru"), (40, "kk"))
LONG = (
    (30, "break-in"), (50, "return"), (100, "ru"), (180, "break-in"), (240, "kk"), (360, "ru"),
    (420, "break-in"), (440, "return"), (500, "kk"),
)  # fmt: skip
"""What happens when, in seconds: words of `keshen air`, or a language that players in the browser change to."""


def operate(house: House, verb: str) -> float:
    """Do something to the air; gives the Unix time it is on the air from."""
    clip = [str(house.rows(CLIP)[0][0])] * 3 if verb == "break-in" else []

    def done() -> dict[str, str]:
        ended = house.keshen("air", verb, SERVICE, *clip, "--json")
        return dict(json.loads(ended.stdout)) if ended.returncode == 0 else {}

    # an operator who is told that the schedule was busy tries again
    return datetime.fromisoformat(until(done, f"{verb} accepted")["start"]).timestamp()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("seconds", "happens"), [(60, SHORT), pytest.param(600, LONG, marks=pytest.mark.soak)], ids=["minute", "long"]
)
def test_every_player_plays(
    house: House, browser: Browser, scratch: Path, seconds: int, happens: tuple[tuple[int, str], ...]
) -> None:
    need_players()
    until(lambda: house.rows(CLIP), "a film to break in with")
    running = [Running(one, f"{house.url}/air/{SERVICE}/{WAYS[one.name]}", scratch) for one in PROGRAMS]
    pages = [InBrowser(name, browser, house.url, SERVICE) for name in IN_BROWSER]
    seen: list[Seen] = []
    edits: dict[str, float] = {}
    try:
        until(lambda: all(one.playing() for one in (*running, *pages)), "every player playing")
        before, begun, at = {page.name: page.state() for page in pages}, time.monotonic(), time.time()
        for when, what in happens:
            pages[0].page.wait_for_timeout(max(1, (begun + when - time.monotonic()) * 1000))
            if what in LANGUAGES:
                for page in pages:
                    page.speak(what)
            else:
                edits[f"{what} at {when} s"] = operate(house, what)
        lasts = max(begun + seconds - time.monotonic(), max(edits.values()) + BEHIND_SECONDS - time.time())
        pages[0].page.wait_for_timeout(max(1, lasts * 1000))
        while (crossed := boundaries(house, at, time.time(), SERVICE)) <= len(edits):
            assert time.monotonic() < begun + seconds + LIMIT, "no entry boundary but those of the edits was played"
            pages[0].page.wait_for_timeout(1000)
        after = {page.name: page.state() for page in pages}
    finally:
        seen = [one.finish() for one in (*running, *pages)]
        for one in seen:
            print(one)
    for name, tick in edits.items():
        assert boundaries(house, tick - 0.1, tick + 0.1, SERVICE) == 1, f"{name} is not on the air where it was said"
    for one in seen:
        assert not one.errors, one
        assert one.stalls == 0, one
        assert one.dropped <= one.frames * LATE_SHARE, one
    for one in seen[: len(PROGRAMS)]:
        assert one.frames >= FRAMES_A_SECOND * (one.seconds - SAID_LATE_SECONDS) * (1 - LATE_SHARE), one
    for page in pages:
        first, last = before[page.name], after[page.name]
        passed = last["since"] - first["since"]
        # players creep towards where they should be, by a few hundredths of speed
        assert last["at"] - first["at"] == pytest.approx(passed, abs=2 + passed * 0.05), page.name
        assert last["frames"] - first["frames"] >= FRAMES_A_SECOND * (passed - 2) * 0.95, (page.name, first, last)
        assert last["ranges"] == 1, page.name
    print(f"{crossed} boundaries, {edits}")
