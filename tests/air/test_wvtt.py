"""Captions in DASH: the same cues at the same time as in HLS, cut like the picture."""

from __future__ import annotations

import struct
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from keshen.air.ways_out import captions, wvtt
from keshen.media.boxes import boxes, find
from keshen.media.houseformat import TICK_MS, cut
from keshen.media.samples import samples
from tests.air.streaming import Stream
from tests.e2e.players import InBrowser
from tests.site.browser import chromium

NS = {"m": "urn:mpeg:dash:schema:mpd:2011"}
START = 5_600_000_000
SHOWN = """[...window.watched.textTracks].flatMap((one) => [...(one.cues ?? [])])
           .map((it) => [it.startTime, it.text])"""


def read(segment: bytes) -> list[tuple[int, int, list[tuple[int, str]]]]:
    """What is shown from when to when, in milliseconds since the epoch: source ids and texts."""
    tfdt, _ = find(segment, (b"moof", b"traf", b"tfdt"))
    zero = struct.unpack_from(">Q", segment, tfdt + 12)[0]
    held = samples(segment)
    trun, length = find(segment, (b"moof", b"traf", b"trun"))
    durations = [struct.unpack_from(">I", segment, trun + 20 + 8 * place)[0] for place in range(len(held))]
    assert trun + length == trun + 20 + 8 * len(held)
    found = []
    for one, lasts in zip(held, durations, strict=True):
        shown = []
        for kind, at, size in boxes(segment, one.offset, one.offset + one.size):
            assert kind in {b"vttc", b"vtte"}
            inner = {name: segment[place + 8 : place + room] for name, place, room in boxes(segment, at + 8, at + size)}
            if kind == b"vttc":
                shown.append((int.from_bytes(inner[b"vsid"]), inner[b"payl"].decode()))
        found.append((zero + one.time, zero + one.time + lasts, shown))
    assert held[-1].offset + held[-1].size == len(segment)
    return found


cues = st.lists(st.tuples(st.integers(0, 60_000), st.integers(1, 9000), st.sampled_from("абв")), max_size=8)


@given(cues, st.integers(3, 190))
def test_every_millisecond_shows_what_the_file_says(made: list[tuple[int, int, str]], ticks: int) -> None:
    held = captions.parse(
        "WEBVTT\n\n" + "\n\n".join(_block(start, start + length, text) for start, length, text in made)
    )
    first, clock = 0, START * TICK_MS
    ids: dict[captions.Cue, set[int]] = {}
    for length in cut(ticks):
        parts = read(wvtt.segment(held, START, first, length, 1))
        assert parts[0][0] == clock
        for start, end, shown in parts:
            assert start == clock < end
            for at in {start, (start + end) // 2, end - 1}:
                now = at - START * TICK_MS
                wanted = [cue for cue in held if cue.start <= now < cue.end]
                assert [text for _, text in shown] == [cue.text for cue in wanted]
                for (source, _), cue in zip(shown, wanted, strict=True):
                    ids.setdefault(cue, set()).add(source)
            clock = end
        first += length
        assert clock == (START + first) * TICK_MS
    assert all(len(sources) == 1 for sources in ids.values()), "a cue that goes on keeps its id"


def _block(start: int, end: int, text: str) -> str:
    return f"{_stamp(start)} --> {_stamp(end)}\n{text}"


def _stamp(at: int) -> str:
    return f"{at // 3_600_000:02}:{at // 60_000 % 60:02}:{at // 1000 % 60:02}.{at % 1000:03}"


def test_where_a_cue_stands_goes_along() -> None:
    told = captions.parse("WEBVTT\n\n00:01.000 --> 00:02.000 line:85% align:start\nСөз\n")
    assert b"line:85% align:start" in wvtt.segment(told, START, 0, 12, 1)


def test_the_manifest_names_every_caption_track_and_gives_its_segments(stream: Stream) -> None:
    root = etree.fromstring(stream.get("/air/jibek-joly/manifest.mpd").content)
    sets = root.findall(".//m:AdaptationSet[@contentType='text']", NS)
    assert [one.get("lang") for one in sets] == ["kk", "kk-Latn"]
    for one in sets:
        template = one.find("m:SegmentTemplate", NS)
        rung = one.find("m:Representation", NS).get("id")
        assert one.find("m:Representation", NS).get("codecs") == "wvtt"
        init = stream.get(f"/air/jibek-joly/{rung}/{wvtt.INIT_NAME}")
        assert (init.status_code, init.headers["content-type"]) == (200, "application/mp4")
        at = int(template.find("m:SegmentTimeline/m:S", NS).get("t"))
        shown = read(stream.get(f"/air/jibek-joly/{rung}/t{at}.m4s").content)
        assert shown[0][0] == at
        assert stream.get(f"/air/jibek-joly/{rung}/t{at + 1}.m4s").status_code == 404


@pytest.mark.browser
def test_shaka_shows_them_in_time(stream: Stream) -> None:
    with chromium() as browser:
        player = InBrowser("shaka-player", browser, stream.url, "jibek-joly")
        page = player.page
        deadline = time.monotonic() + 90
        while not player.playing() and time.monotonic() < deadline:
            page.wait_for_timeout(250)
        page.evaluate("() => { window.words('kk'); }")
        told: list[Any] = []
        while len(told) < 2 and time.monotonic() < deadline:
            page.wait_for_timeout(500)
            told = page.evaluate(SHOWN)
        assert not player.finish().errors
    assert told, "no cue was shown"
    assert {text for _, text in told} <= {"Бірінші титр", "Екінші титр", "<i>Екінші</i> титр"}
    entries = [(start * 0.32, first * 0.32) for start, first in stream.entries("jibek-joly")]
    for at, text in told:
        start, first = max(entry for entry in entries if entry[0] <= at + 0.05)
        place = at - start + first
        begin, end = (1, 5) if text.startswith("Бірінші") else (5, 8)
        # whoever comes later has a cue from the beginning of the segment that goes on with it, at a whole tick
        goes_on = begin < place < end and abs((at - start) / 0.32 - round((at - start) / 0.32)) < 0.1
        assert abs(place - begin) < 0.05 or goes_on, (at, text)
