"""The channels as viewers and listeners get them: hls.js in Chromium, ffmpeg on the playlist, the radio stream."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser

from keshen.media import ffmpeg
from tests.e2e.house import TICK_SECONDS, House, until

FRAMES_A_SECOND = 25
AAC_FRAME_SECONDS = 1024 / 48_000

SHORT_AND_LONG = [
    pytest.param(40, 2, id="short"),
    pytest.param(180, 4, id="long", marks=pytest.mark.soak),
]


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


def wait_for_boundaries(house: House, seconds: float, wanted: int, lead: float) -> None:
    """Until the next `seconds`, from `lead` behind the present on, hold enough boundaries."""
    until(
        lambda: boundaries(house, time.time() - lead + 6, time.time() - lead + 6 + seconds) >= wanted,
        180,
        f"{wanted} entry boundaries in {seconds} s",
    )


@pytest.mark.browser
@pytest.mark.parametrize(("seconds", "wanted"), SHORT_AND_LONG)
def test_hls_in_chromium(house: House, browser: Browser, seconds: int, wanted: int) -> None:
    context = browser.new_context(viewport={"width": 640, "height": 480})
    page = context.new_page()
    refused: list[str] = []
    page.on("response", lambda got: refused.append(f"{got.status} {got.url}") if got.status >= 400 else None)
    page.goto(f"{house.url}/watch/jibek-joly")
    until(lambda: page.evaluate("window.__keshenPlayer?.().state") == "playing", 60, "playing")
    before = stats(page)
    begun = time.monotonic()
    at_start = time.time() - before["latency"]
    ranges = set()
    played = at_start
    while time.monotonic() - begun < seconds or boundaries(house, at_start, played) < wanted:
        assert time.monotonic() - begun < seconds + 240, f"fewer than {wanted} entry boundaries were played"
        page.wait_for_timeout(1000)
        now = stats(page)
        ranges.add(now["bufferedRanges"])
        played = time.time() - now["latency"]
    passed = time.monotonic() - begun
    after = stats(page)
    context.close()
    print(f"\nhls.js, {passed:.0f} s: {after}")

    assert after["engine"] == "hls.js"
    assert (after["errors"], after["stalls"], ranges) == (0, 0, {1}), after
    assert after["position"] - before["position"] == pytest.approx(passed, abs=1.5 + passed / 100)
    assert after["totalFrames"] - before["totalFrames"] >= FRAMES_A_SECOND * (passed - 2)
    # a machine that does other work at the same time is allowed to be late with a frame now and then
    assert after["droppedFrames"] <= after["totalFrames"] * 0.05, after
    assert after["late"] <= 1 + seconds // 60, after
    assert not refused


def stats(page: Any) -> dict[str, Any]:
    read: dict[str, Any] = page.evaluate("window.__keshenPlayer()")
    return read


@pytest.mark.parametrize(("seconds", "wanted"), SHORT_AND_LONG)
def test_ffmpeg_reads_every_frame(house: House, scratch: Path, seconds: int, wanted: int) -> None:
    wait_for_boundaries(house, seconds, wanted, lead=30)
    # every frame of picture and sound, decoded, with its time stamp; the smaller picture is the second
    command = [
        ffmpeg.binary(), "-hide_banner", "-loglevel", "warning", "-nostats",
        "-i", f"{house.url}/air/jibek-joly/index.m3u8", "-map", "0:v:1", "-map", "0:a:0",
        "-t", str(seconds), "-fps_mode", "passthrough", "-f", "framehash", "-hash", "adler32", str(scratch / "frames"),
    ]  # fmt: skip
    ended = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 120, check=False)
    assert ended.returncode == 0, ended.stderr
    lines = (scratch / "frames").read_text().splitlines()
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
        assert abs(len(times[stream]) * each - seconds) <= 2 * each, (stream, len(times[stream]))
    assert "discont" not in ended.stderr.lower()
    print(f"\nffmpeg, {seconds} s: {len(times[0])} frames of picture, {len(times[1])} of sound; {ended.stderr.strip()}")


@pytest.mark.parametrize("seconds", [40, pytest.param(180, marks=pytest.mark.soak)])
def test_radio_stream_decodes(house: House, scratch: Path, seconds: int) -> None:
    kept = scratch / "listen.aac"
    begun = time.monotonic()
    address = f"{house.url}/air/jibek-joly-radio/listen.aac"
    with httpx.stream("GET", address, timeout=20) as answer, kept.open("wb") as file:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("audio/aac")
        for chunk in answer.iter_bytes():
            file.write(chunk)
            listened = time.monotonic() - begun
            if listened >= seconds:
                break
    whole = whole_frames(kept.read_bytes())
    kept.write_bytes(kept.read_bytes()[: whole[1]])
    ended = subprocess.run(
        [ffmpeg.binary(), "-hide_banner", "-nostats", "-loglevel", "error", "-xerror", "-f", "aac", "-i", str(kept),
         "-f", "s16le", str(scratch / "sound")],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, "")
    decoded = (scratch / "sound").stat().st_size / (48_000 * 2 * 2)
    assert decoded == pytest.approx(whole[0] * AAC_FRAME_SECONDS, abs=0.05)
    # what was sent at once on connecting comes on top
    assert listened - 1 <= decoded <= listened + 8
    print(f"\nlisten.aac, {seconds} s: {decoded:.2f} s decoded from {whole[0]} frames, no error")


def whole_frames(stream: bytes) -> tuple[int, int]:
    """How many whole ADTS frames a stream begins with, and where they end."""
    place = count = 0
    while len(stream) - place >= 7:
        assert stream[place] == 0xFF and stream[place + 1] & 0xF6 == 0xF0, f"no ADTS header at byte {place}"
        length = (stream[place + 3] & 3) << 11 | stream[place + 4] << 3 | stream[place + 5] >> 5
        if place + length > len(stream):
            break
        place, count = place + length, count + 1
    return count, place
