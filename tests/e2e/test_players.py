"""Every player on every way out, all at once: nothing stalls or is missing, no boundary and no break-in is noticed."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.house import FREEZE_TICKS, TICK_SECONDS, House, until
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
SHORT = ((2, "break-in"), (14, "return"), (16, "cut"), (25, "ru"), (40, "kk"))
LONG = (
    (30, "break-in"), (50, "return"), (60, "cut"), (100, "ru"), (180, "break-in"), (240, "kk"), (300, "cut"),
    (360, "ru"), (420, "break-in"), (440, "return"), (500, "kk"),
)  # fmt: skip
"""What happens when, in seconds: words of `keshen air`, a language that players in the browser change to, or `cut`: a
film from and to the middle of its segments, with things drawn over it."""
FIRST, LAST = 7, 47
"""Which ticks of the film: a head of five and a tail of eleven are made for them."""
DRAWN = ("--logo", "--age", "12+", "--lower-third", "Ұлы дала|Алматы", "--from", "2", "--for", "6")
SOON_SECONDS = 25
CUT = """SELECT start_tick, end_tick FROM air_entry JOIN house_service ON house_service.id = service_id
         WHERE slug = %(slug)s AND air_entry.state = 'laid' AND asset_id = %(film)s AND asset_tick = %(first)s
           AND end_tick - start_tick = %(ticks)s AND jsonb_array_length(marks) >= 3 AND start_tick > %(after)s
         ORDER BY start_tick LIMIT 1"""
PIECES = """SELECT size FROM media_piece WHERE asset_id = %(film)s AND rung = 'v360' AND form <> ''
            AND first_tick >= %(first)s AND first_tick < %(last)s ORDER BY first_tick"""


def operate(house: House, verb: str) -> float:
    """Do something to the air; gives the Unix time it is on the air from."""
    clip = [str(house.rows(CLIP)[0][0])] * 3 if verb == "break-in" else []

    def done() -> dict[str, str]:
        ended = house.keshen("air", verb, SERVICE, *clip, "--json")
        return dict(json.loads(ended.stdout)) if ended.returncode == 0 else {}

    # an operator who is told that the schedule was busy tries again
    return datetime.fromisoformat(until(done, f"{verb} accepted")["start"]).timestamp()


def place(house: House, seconds: float) -> tuple[int, int, int]:
    """Place a film cut anywhere, with things drawn over it, so many seconds ahead; from which tick to which it is, and
    the film's number.

    What was too late is placed again, further ahead.
    """
    film = house.rows(CLIP)[0][0]
    tick = TICK_SECONDS
    part = ("--from", f"{FIRST * tick:.2f}", "--to", f"{LAST * tick:.2f}")
    deadline = time.monotonic() + 3 * LIMIT
    while time.monotonic() < deadline:
        began = time.time()
        at = datetime.fromtimestamp(began + seconds, UTC).isoformat()
        seconds *= 1.5  # for the next try
        placed = house.keshen("air", "place", SERVICE, str(film), at, *part, "--json")
        if placed.returncode != 0:
            continue
        start = datetime.fromisoformat(json.loads(placed.stdout)["start"])
        if house.keshen("air", "mark", SERVICE, start.isoformat(), *DRAWN, "--json").returncode != 0:
            continue
        wanted = {"slug": SERVICE, "film": film, "first": FIRST, "ticks": LAST - FIRST, "after": int(began / tick)}
        while time.time() < start.timestamp() - FREEZE_TICKS * tick and time.monotonic() < deadline:
            if found := house.rows(CUT, **wanted):
                return (*found[0], film)
            time.sleep(0.25)
    raise AssertionError("a cut is never prepared")


def over(house: House, cut: tuple[int, int, int]) -> None:
    """What was played there was the prepared pieces, with what is drawn: by the segments a viewer gets."""
    start, end = (tick * TICK_SECONDS for tick in cut[:2])
    base = f"/air/{SERVICE}/v360"
    listed = house.get(f"{base}/index.m3u8?from={start:.2f}&to={end:.2f}").text
    names = [line for line in listed.splitlines() if line and not line.startswith("#")]
    sizes = [len(house.get(f"{base}/{name}").content) for name in names]
    pieces = [row[0] for row in house.rows(PIECES, film=cut[2], first=FIRST, last=LAST)]
    assert len(pieces) >= 3, "a head, a tail, and what lies between has the logo"
    assert any(sizes[place : place + len(pieces)] == pieces for place in range(len(sizes))), (sizes, pieces)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("seconds", "happens"), [(60, SHORT), pytest.param(600, LONG, marks=pytest.mark.soak)], ids=["minute", "long"]
)
def test_every_player_plays(
    house: House, browser: Browser, scratch: Path, seconds: int, happens: tuple[tuple[int, str], ...]
) -> None:
    need_players()
    until(lambda: house.rows(CLIP), "a film to break in with")
    if any(what == "cut" for _, what in happens):
        place(house, 2000)  # prepared before the players need the processor
    running = [Running(one, f"{house.url}/air/{SERVICE}/{WAYS[one.name]}", scratch) for one in PROGRAMS]
    pages = [InBrowser(name, browser, house.url, SERVICE) for name in IN_BROWSER]
    seen: list[Seen] = []
    edits: dict[str, float] = {}
    cuts: list[tuple[int, int, int]] = []
    try:
        until(lambda: all(one.playing() for one in (*running, *pages)), "every player playing")
        before, begun, at = {page.name: page.state() for page in pages}, time.monotonic(), time.time()
        for when, what in happens:
            pages[0].page.wait_for_timeout(max(1, (begun + when - time.monotonic()) * 1000))
            if what in LANGUAGES:
                for page in pages:
                    page.speak(what)
            elif what == "cut":
                cuts.append(place(house, SOON_SECONDS))
                edits[f"{what} at {when} s"], edits[f"the end of it, {when} s"] = (
                    t * TICK_SECONDS for t in cuts[-1][:2]
                )
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
    for cut in cuts:
        over(house, cut)
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
