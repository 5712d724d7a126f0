"""A viewer's player over cuts, marks, a break-in and the return from it: one buffer without a gap, no error."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from tests.air.streaming import Stream, decode, ticks_listed
from tests.e2e.players import InBrowser
from tests.site.browser import chromium

pytestmark = [pytest.mark.xdist_group("air-stream"), pytest.mark.browser]

BEHIND_SECONDS = 16
"""How far behind the clock a player is at most: three target durations, and the segment under way."""
GAPS = """window.gaps = [];
window.watched.addEventListener('waiting', () => {
  const {buffered, currentTime} = window.watched;
  for (let n = 0; n < buffered.length; n++) if (buffered.start(n) > currentTime) window.gaps.push(currentTime);
});"""


def keshen(stream: Stream, *words: str) -> dict[str, str]:
    """What `keshen air` says to programs."""
    program = Path(sys.executable).parent / "keshen"
    done = subprocess.run(
        [str(program), "air", *words, "--as", "system", "--json"],
        env=stream.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_hls_js_plays_over_cuts_a_break_in_and_the_return(stream: Stream) -> None:
    with psycopg.connect(stream.database) as connection:
        row = connection.execute("SELECT id FROM media_asset WHERE key = 'sample:2'").fetchone()
    assert row is not None
    with chromium() as browser:
        player = InBrowser("hls.js", browser, stream.url, "jibek-joly")
        player.page.wait_for_function("window.seen.begun", timeout=60_000)
        player.page.evaluate(GAPS)
        first, began = player.state()["at"], time.time()
        done = keshen(stream, "break-in", "jibek-joly", str(row[0]), "--resume")
        start, end = (datetime.fromisoformat(done[name]).timestamp() for name in ("start", "end"))
        # a slow machine plays late, and is waited for
        wanted = first + end - began + BEHIND_SECONDS
        player.page.wait_for_function("(at) => window.watched.currentTime > at", arg=wanted, timeout=180_000)
        gaps, state = player.page.evaluate("window.gaps"), player.state()
        player.finish()
    assert state["errors"] == []
    assert gaps == [], "nothing is missing between what was there before and after"
    assert state["ranges"] == 1
    query = f"?from={int(start) - 8}&to={int(end) + 8}"
    address = f"/air/jibek-joly/v360/index.m3u8{query}"
    listed = stream.get(address).text
    assert "DISCONTINUITY\n" not in listed
    frames, complaints = decode(stream.url + address, "-map", "0:v")
    assert frames == ticks_listed(listed) * 8, "every frame is there"
    assert not complaints
