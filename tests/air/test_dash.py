"""DASH manifests: over any schedule they say what HLS says, and over HTTP every frame is there."""

from __future__ import annotations

import base64
import itertools
import time
from dataclasses import replace

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from keshen.air.timeline import Timeline
from keshen.air.ways_out import dash, hls, scte35
from keshen.media.houseformat import VIDEO_UNITS
from tests import asking
from tests.air.streaming import Stream, decode
from tests.air.test_pure import START, lay
from tests.waiting import until

NS = {"m": "urn:mpeg:dash:schema:mpd:2011", "s": "http://www.scte.org/schemas/35/2016"}
LADDER = hls.Ladder(
    (hls.Picture("v720", 1280, 720, "avc1.64001f", 1_900_000), hls.Picture("v360", 640, 360, "avc1.4d401e", 800_000)),
    (hls.Rendition("a-kk", "kk", "Қазақша"), hls.Rendition("a-ru", "ru", "Русский")), (), "mp4a.40.2", 128_000,
)  # fmt: skip


def manifests(timeline: Timeline) -> dash.Manifests:
    return dash.Manifests(timeline, LADDER, lambda entry, rung: f"init-{entry.discontinuity}.mp4", "/air/time")


def starts(manifest: bytes) -> list[tuple[int, int, int]]:
    """Where each segment of the picture begins, its length and its period's place, in units."""
    found = []
    root = etree.fromstring(manifest)
    for place, period in enumerate(root.findall("m:Period", NS)):
        template = period.find("m:AdaptationSet[@contentType='video']/m:SegmentTemplate", NS)
        at = 0
        for line in template.findall("m:SegmentTimeline/m:S", NS):
            at = int(line.get("t", at))
            for _ in range(int(line.get("r", 0)) + 1):
                found.append((at, int(line.get("d")), place))
                at += int(line.get("d"))
    return found


@settings(deadline=None)
@given(st.lists(st.integers(3, 200), min_size=1, max_size=12), st.sets(st.integers(1, 11), max_size=3),
       st.integers(0, 1500))  # fmt: skip
def test_a_manifest_lists_what_the_playlist_lists(laid: list[int], breaks: set[int], offset: int) -> None:
    timeline = Timeline(lay(laid, breaks=breaks))
    made = manifests(timeline).live(START + offset)
    text = hls.Playlists(timeline, "m4s", {}).live(START + offset)
    assert (made is None) == (text is None)
    if made is None or text is None:
        return
    found = starts(made)
    lengths = [round(float(line[8:-1]) / 0.32) for line in text.splitlines() if line.startswith("#EXTINF:")]
    assert [length // VIDEO_UNITS for _, length, _ in found] == lengths
    assert all(a[0] + a[1] == b[0] for a, b in itertools.pairwise(found)), "no gap"
    periods = etree.fromstring(made).findall("m:Period", NS)
    first = timeline.segment(int(text.partition("MEDIA-SEQUENCE:")[2].split()[0]))
    assert first is not None
    opens = first.number == 0 and first.entry.breaks
    assert len(periods) - 1 == text.count("#EXT-X-DISCONTINUITY\n") - opens
    for place, period in enumerate(periods):
        template = period.find("m:AdaptationSet/m:SegmentTemplate", NS)
        began = round(float(period.get("start")[2:-1]) * 1000)
        assert began * VIDEO_UNITS // 320 == int(template.get("presentationTimeOffset"))
        assert min(at for at, _, where in found if where == place) >= int(template.get("presentationTimeOffset"))


def test_an_update_keeps_each_period_where_it_was() -> None:
    timeline = Timeline(lay([60] * 8, breaks={2, 5}))
    writer, known = manifests(timeline), dict[str, str]()
    for offset in range(20, 480, 7):
        for period in etree.fromstring(writer.live(START + offset)).findall("m:Period", NS):
            assert known.setdefault(period.get("id"), period.get("start")) == period.get("start")


def test_a_break_is_an_event_with_its_splice() -> None:
    entries = lay([60, 60, 60])
    entries[1] = replace(entries[1], kind="break")
    timeline = Timeline(entries)
    root = etree.fromstring(manifests(timeline).live(START + 170))
    (event,) = root.iterfind(".//m:Event", NS)
    stream = event.getparent()
    start = (int(event.get("presentationTime")) - int(stream.get("presentationTimeOffset"))) / 1000
    assert start * 1000 == (START + 60) * 320
    assert event.get("duration") == "19200"
    (found,) = scte35.breaks(entries)
    assert base64.b64decode(event.find("s:Signal/s:Binary", NS).text) == scte35.leaving(found)


def test_the_time_is_told(stream: Stream) -> None:
    from datetime import datetime

    before = time.time()
    told = datetime.fromisoformat(stream.get("/air/time").text).timestamp()
    assert before - 1 < told < time.time() + 1


@pytest.mark.parametrize("rung", ["v360", "a-ru"])
def test_segments_are_the_bytes_that_hls_gets(stream: Stream, rung: str) -> None:

    def read() -> tuple[httpx.Response, str] | None:
        """The manifest and the playlist, if no segment came in meanwhile."""
        manifest = stream.get("/air/jibek-joly/manifest.mpd")
        playlist = stream.get(f"/air/jibek-joly/{rung}/index.m3u8").text
        again = stream.get("/air/jibek-joly/manifest.mpd").content
        return (manifest, playlist) if starts(again) == starts(manifest.content) else None

    manifest, playlist = until(read, "both read within one segment's time")
    assert manifest.headers["content-type"] == "application/dash+xml"
    root = etree.fromstring(manifest.content)
    assert root.get("type") == "dynamic"
    names = [line for line in playlist.splitlines() if line[:1] == "e"]
    units = 4096 if rung == "v360" else 15_360
    times = [at // 4096 * units for at, _, _ in starts(manifest.content)]
    ours = {stream.get(f"/air/jibek-joly/{rung}/t{at}.m4s").content for at in times}
    theirs = {stream.get(f"/air/jibek-joly/{rung}/{name}").content for name in names}
    assert ours == theirs and len(ours) >= 7
    assert stream.get(f"/air/jibek-joly/{rung}/t{times[0] + 1}.m4s").status_code == 404


def test_ffmpeg_counts_every_frame_of_the_past(stream: Stream) -> None:
    address = f"/air/jibek-joly/manifest.mpd?from={stream.began + 5}&to={stream.began + 65}"
    manifest = stream.get(address)
    assert etree.fromstring(manifest.content).get("type") == "static"
    wanted = sum(length for _, length, _ in starts(manifest.content)) // 512
    frames, complaints = decode(stream.url + address, "-map", "0:v:1")
    assert frames == wanted
    assert not complaints


def test_radio_has_no_picture(stream: Stream) -> None:
    root = etree.fromstring(stream.get("/air/jibek-joly-radio/manifest.mpd").content)
    assert [one.get("contentType") for one in root.iterfind(".//m:AdaptationSet", NS)] == ["audio", "audio"]
    assert asking.head(f"{stream.url}/air/jibek-joly-radio/manifest.mpd").status_code == 200
    assert stream.get("/air/jibek-joly/manifest.mpd?from=yesterday").status_code == 400
