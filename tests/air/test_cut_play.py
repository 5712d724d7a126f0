"""A viewer's player over cuts, marks, a break-in and the return from it: one buffer without a gap, no error."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import psycopg
import pytest

from keshen.media.houseformat import TICK_MS
from tests.air.streaming import Stream, clicks, decode, ticks_listed
from tests.e2e.players import InBrowser
from tests.site.browser import chromium
from tests.waiting import LIMIT, until

pytestmark = [pytest.mark.browser, pytest.mark.soak]

BEHIND_SECONDS = 16
"""How far behind the clock a player is at most: three target durations, and the segment under way."""
GAPS = """window.gaps = [];
window.watched.addEventListener('waiting', () => {
  const {buffered, currentTime} = window.watched;
  for (let n = 0; n < buffered.length; n++) if (buffered.start(n) > currentTime) window.gaps.push(currentTime);
});"""


BREAK_IN = """
import json, sys, django
django.setup()
from keshen.air import actions, clock
from keshen.air.serving import load
from keshen.air.actions import locking
from keshen.air.models import Line
from keshen.house.models import User
locking.EDIT_MS = 6_000  # well within the freeze horizon: what is checked then is still frozen when it is kept
service = next(one for one in load.services() if one.slug == "jibek-joly")
# clips of a few seconds until midnight are no day of a channel's: something begins at its time soon
laid = service.entries.filter(state="laid", start_tick__gt=clock.tick() + 250).order_by("start_tick").first()
if not Line.objects.filter(service=service, hard=True, start_tick__gt=clock.tick() + 100).exists():
    line = Line.objects.filter(service=service, start_tick=laid.start_tick)
    line.update(hard=True) or Line.objects.create(
        service=service, start_tick=laid.start_tick, end_tick=laid.end_tick, asset=laid.asset, kind=laid.kind,
        asset_tick=laid.asset_tick, titles=laid.titles, hard=True, placed_by=User.objects.system(),
    )
done = actions.break_in(User.objects.system(), service, assets=[int(sys.argv[1])], resume=True)
print(json.dumps([done.start, done.end]))
"""


def break_in(stream: Stream, asset: int) -> tuple[int, int]:
    """Break in with an asset, and go on where the programme was left; from which tick to which.

    An operator who is told that the schedule was busy tries again.
    """

    def tried() -> list[int] | None:
        done = subprocess.run(
            [sys.executable, "-c", BREAK_IN, str(asset)],
            env=stream.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            assert "TooSlow" in done.stderr, done.stderr[-2000:]
            return None
        return list(json.loads(done.stdout.splitlines()[-1]))

    start, end = until(tried, "the break-in accepted", seconds=5 * LIMIT)
    return start, end


def test_hls_js_plays_over_cuts_a_break_in_and_the_return(stream: Stream) -> None:
    with psycopg.connect(stream.database) as connection:
        row = connection.execute("SELECT id FROM media_asset WHERE key = 'sample:2'").fetchone()
    assert row is not None
    with chromium() as browser:
        player = InBrowser("hls.js", browser, stream.url, "jibek-joly")
        player.page.wait_for_function("window.seen.begun", timeout=LIMIT * 1000)
        player.page.evaluate(GAPS)
        first, began = player.state()["at"], time.time()
        start, end = (tick * TICK_MS / 1000 for tick in break_in(stream, row[0]))
        # a slow machine plays late, and is waited for
        wanted = first + end - began + BEHIND_SECONDS
        player.page.wait_for_function("(at) => window.watched.currentTime > at", arg=wanted, timeout=5 * LIMIT * 1000)
        gaps, state = player.page.evaluate("window.gaps"), player.state()
        player.finish()
    # an empty buffer is a slow machine's; a gap in it would be ours
    assert [one for one in state["errors"] if one != "bufferStalledError"] == []
    assert gaps == [], "nothing is missing between what was there before and after"
    assert state["ranges"] == 1
    query = f"?from={int(start) - 8}&to={int(end) + 8}"
    address = f"/air/jibek-joly/v360/index.m3u8{query}"
    listed = stream.get(address).text
    assert "DISCONTINUITY\n" not in listed
    frames, complaints = decode(stream.url + address, "-map", "0:v")
    assert frames == ticks_listed(listed) * 8, "every frame is there"
    assert not complaints
    address = address.replace("/v360/", "/a-kk/")
    sharpest = clicks(stream.url + address, stream.get(address).text)
    assert len(sharpest) >= 2, "the break-in and the return from it are heard"
    assert max(sharpest.values()) < 2, sharpest
