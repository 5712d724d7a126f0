"""The channels as viewers and listeners get them: hls.js in Chromium, ffmpeg on the playlist, the radio stream.

All three run at the same time: what each gets is the channel's, whoever else is there.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser

from keshen.media import ffmpeg
from tests.air.streaming import whole_frames
from tests.e2e.house import TICK_SECONDS, House, until
from tests.site.browser import new_context
from tests.waiting import LIMIT

FRAMES_A_SECOND = 25
AAC_FRAME_SECONDS = 1024 / 48_000
BURST_SECONDS = 8
"""More than the radio stream sends at once on connecting."""


@dataclass
class Taken:
    """What ffmpeg and a listener take of the channels for some seconds while a viewer watches."""

    seconds: int
    wanted: int
    frames: Path
    reading: subprocess.Popen[bytes]
    complaints: Path
    listening: Future[bytes]


@pytest.fixture(
    scope="module",
    params=[pytest.param((40, 2), id="short"), pytest.param((180, 4), id="long", marks=pytest.mark.soak)],
)
def taken(house: House, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Taken]:
    seconds, wanted = request.param
    folder = tmp_path_factory.mktemp("taken")
    # a kill shortly before leaves gaps in the window, which players go over with a jump
    until(lambda: "EXT-X-GAP" not in house.get("/air/jibek-joly/v360/index.m3u8").text, "a window without gaps")
    until(
        lambda: boundaries(house, time.time() - 24, time.time() - 24 + seconds) >= wanted,
        f"{wanted} entry boundaries in {seconds} s",
    )
    frames, complaints = folder / "frames", folder / "complaints"
    # every frame of picture and sound, decoded, with its time stamp; the smaller picture is the second
    command = [
        ffmpeg.binary(), "-hide_banner", "-loglevel", "warning", "-nostats",
        "-i", f"{house.url}/air/jibek-joly/index.m3u8", "-map", "0:v:1", "-map", "0:a:0",
        "-t", str(seconds), "-fps_mode", "passthrough", "-f", "framehash", "-hash", "adler32", str(frames),
    ]  # fmt: skip
    with complaints.open("wb") as said, ThreadPoolExecutor(1) as pool:
        reading = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        yield Taken(seconds, wanted, frames, reading, complaints, pool.submit(listen, house, seconds))
        reading.kill()
        reading.wait()


def listen(house: House, seconds: int) -> bytes:
    """So many seconds of the radio stream, in whole frames. It never is ahead of real time by more than the burst."""
    received = bytearray()
    asked = time.monotonic()
    with httpx.stream("GET", f"{house.url}/air/jibek-joly-radio/listen.aac", timeout=LIMIT) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("audio/aac")
        for chunk in answer.iter_bytes():
            received += chunk
            count, end = whole_frames(received)
            assert count * AAC_FRAME_SECONDS <= time.monotonic() - asked + BURST_SECONDS
            if count * AAC_FRAME_SECONDS >= seconds:
                break
    return bytes(received[:end])


def boundaries(house: House, start: float, end: float, service: str = "jibek-joly") -> int:
    """How many entries of a channel begin between two Unix times."""
    found = house.rows(
        """SELECT count(*) FROM air_entry JOIN house_service ON house_service.id = air_entry.service_id
           WHERE slug = %(service)s AND state = 'laid' AND start_tick > %(start)s AND start_tick <= %(end)s""",
        start=start / TICK_SECONDS,
        end=end / TICK_SECONDS,
        service=service,
    )
    return int(found[0][0])


@pytest.mark.browser
def test_hls_in_chromium(house: House, browser: Browser, taken: Taken) -> None:
    context = new_context(browser, viewport={"width": 640, "height": 480})
    page = context.new_page()
    refused: list[str] = []
    page.on("response", lambda got: refused.append(f"{got.status} {got.url}") if got.status >= 400 else None)
    page.goto(f"{house.url}/watch/jibek-joly")
    until(lambda: page.evaluate("window.__keshenPlayer?.().state") == "playing", "playing")
    before = stats(page)
    at_start = time.time() - before["latency"]
    ranges: set[int] = set()

    def played() -> bool:
        page.wait_for_timeout(1000)
        now = stats(page)
        ranges.add(now["bufferedRanges"])
        crossed = boundaries(house, at_start, time.time() - now["latency"])
        return now["now"] - before["now"] >= taken.seconds and crossed >= taken.wanted

    until(played, f"{taken.wanted} entry boundaries played", seconds=taken.seconds + 4 * LIMIT, every=0)
    after = stats(page)
    passed = after["now"] - before["now"]
    context.close()
    print(f"\nhls.js, {passed:.0f} s: {after}")

    assert after["engine"] == "hls.js"
    assert (after["errors"], after["stalls"], ranges) == (0, 0, {1}), after
    assert after["position"] - before["position"] == pytest.approx(passed, abs=1.5 + passed / 100)
    assert after["totalFrames"] - before["totalFrames"] >= FRAMES_A_SECOND * (passed - 2)
    # a machine that does other work at the same time is allowed to be late with a frame now and then
    assert after["droppedFrames"] <= after["totalFrames"] * 0.05, after
    assert after["late"] <= 1 + passed // 60, after
    assert not refused


def stats(page: Any) -> dict[str, Any]:
    """What the player says of itself, and the page's own time in seconds at that moment."""
    read: dict[str, Any] = page.evaluate("({...window.__keshenPlayer(), now: performance.now() / 1000})")
    return read


def test_ffmpeg_reads_every_frame(taken: Taken) -> None:
    code = taken.reading.wait(taken.seconds + 3 * LIMIT)
    complaints = taken.complaints.read_text()
    assert code == 0, complaints
    lines = taken.frames.read_text().splitlines()
    bases = {int(m[1]): float(m[2]) / float(m[3]) for line in lines if (m := re.match(r"#tb (\d): (\d+)/(\d+)", line))}
    times: dict[int, list[float]] = {0: [], 1: []}
    for line in lines:
        if not line.startswith("#"):
            stream, dts = line.split(",")[:2]
            times[int(stream)].append(int(dts) * bases[int(stream)])
    for stream, each in ((0, 1 / FRAMES_A_SECOND), (1, AAC_FRAME_SECONDS)):
        steps = [after - before for before, after in zip(times[stream], times[stream][1:], strict=False)]
        holes = [step for step in steps if abs(step - each) > 0.002]
        assert not holes, f"stream {stream}: {holes[:5]}"
        assert abs(len(times[stream]) * each - taken.seconds) <= 2 * each, (stream, len(times[stream]))
    assert "discont" not in complaints.lower()
    print(f"\nffmpeg, {taken.seconds} s: {len(times[0])} frames of picture, {len(times[1])} of sound; {complaints}")


def test_radio_stream_decodes(taken: Taken, scratch: Path) -> None:
    heard = taken.listening.result(taken.seconds + 3 * LIMIT)
    ended = subprocess.run(
        [ffmpeg.binary(), "-hide_banner", "-nostats", "-loglevel", "error", "-xerror", "-f", "aac", "-i", "pipe:0",
         "-f", "s16le", str(scratch / "sound")],
        input=heard, capture_output=True, timeout=3 * LIMIT, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, b"")
    decoded = (scratch / "sound").stat().st_size / (48_000 * 2 * 2)
    count, _end = whole_frames(heard)
    assert decoded == pytest.approx(count * AAC_FRAME_SECONDS, abs=0.05)
    print(f"\nlisten.aac: {decoded:.2f} s decoded from {count} frames, no error")
