"""Delta updates, date ranges, interstitials, I-frame playlists, the DVB-I list."""

from __future__ import annotations

import re
import subprocess
import time
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from keshen.air.guide import Channel
from keshen.air.timeline import Timeline
from keshen.air.ways_out import dvbi, hls, iframes, scte35
from keshen.media.ffmpeg import binary
from tests.air.streaming import Stream, media_lines
from tests.air.test_pure import START, lay
from tests.waiting import LIMIT


def merged(old: str, delta: str) -> list[str]:
    """What a player has after a delta update: the segments of `old` that were skipped, and those of `delta`."""
    skipped = int((re.search(r"SKIPPED-SEGMENTS=(\d+)", delta) or ["", "0"])[1])
    gone = number(delta) - number(old)
    return media_lines(old)[gone : gone + skipped] + media_lines(delta)


def number(text: str) -> int:
    found = re.search(r"MEDIA-SEQUENCE:(\d+)", text)
    assert found
    return int(found[1])


@settings(deadline=None)
@given(st.lists(st.integers(3, 200), min_size=3, max_size=12), st.integers(100, 1200), st.integers(0, 70))
def test_a_delta_update_says_the_same(laid: list[int], first: int, later: int) -> None:
    timeline = Timeline(lay(laid))
    writer = hls.Playlists(timeline, "m4s", dict.fromkeys(range(12), "init.mp4"))
    end = START + 100_000
    old = writer.past(START, end, START + first)
    whole, delta = (writer.past(START, end, START + first + later, skip=skip) for skip in (False, True))
    if old is None or whole is None or delta is None:
        return
    assert "EVENT" in whole
    assert "CAN-SKIP-UNTIL=24.000" in whole
    assert merged(old, delta) == media_lines(whole)
    kept = sum(float(x) for x in re.findall(r"#EXTINF:([\d.]+)", delta))
    assert kept >= 24 or "EXT-X-SKIP" not in delta
    if "EXT-X-SKIP" in delta:
        assert "#EXT-X-VERSION:9" in delta
        assert kept < 24 + 4.5


def broken() -> Timeline:
    entries = lay([60, 40, 60])
    entries[1] = replace(entries[1], kind="break")
    return Timeline(entries)


def test_a_break_is_a_date_range_and_can_be_replaced() -> None:
    timeline = broken()
    address = "https://ads.example/jibek?b={break}&s={seconds}"
    writer = hls.Playlists(timeline, "m4s", {}, instead=address)
    (held,) = scte35.breaks(timeline.entries)
    tags = set()
    for tick in range(START + 20, START + 250):
        text = writer.live(tick)
        assert text is not None
        found = re.findall(r"#EXT-X-DATERANGE:(.*)", text)
        tags |= set(found)
        listed = [float(x) for x in re.findall(r"#EXTINF:([\d.]+)", text)]
        begins = re.search(r"PROGRAM-DATE-TIME:(.*)", text)
        assert begins and listed
        assert len(found) in {0, 2}
    assert len(tags) == 2, "attributes of one id never change"
    own = next(tag for tag in tags if "SCTE35-OUT" in tag)
    assert f"SCTE35-OUT=0x{scte35.leaving(held).hex().upper()}" in own
    assert f"SCTE35-IN=0x{scte35.returning(held).hex().upper()}" in own
    assert "DURATION=12.800" in own
    other = next(tag for tag in tags if "interstitial" in tag)
    assert f'X-ASSET-LIST="https://ads.example/jibek?b={held.id}&s=12.800"' in other
    assert hls.program_date_time(held.start) in other
    assert "DATERANGE" not in (
        hls.Playlists(Timeline(lay([60, 40])), "m4s", {}, instead=address).live(START + 90) or ""
    )


def test_every_rendition_tells_of_the_same_breaks() -> None:
    timeline = broken()
    texts = [hls.Playlists(timeline, suffix, {}).live(START + 70) or "" for suffix in ("m4s", "vtt")]
    assert re.findall("DATERANGE.*", texts[0]) == re.findall("DATERANGE.*", texts[1]) != []


def test_pictures_only_marks_what_has_none() -> None:
    text = "#EXTM3U\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXTINF:3.840,\ne1-0.m4s\n#EXT-X-GAP\n#EXTINF:3.840,\ne1-1.m4s\n"
    made = iframes.pictures_only(text, {"e1-0.m4s": 900})
    assert made.count("#EXT-X-GAP") == 1
    assert "#EXT-X-I-FRAMES-ONLY\n#EXTINF:3.840,\n#EXT-X-BYTERANGE:900@0\ne1-0.m4s\n" in made
    assert iframes.pictures_only(text, {}).count("#EXT-X-GAP") == 2


def test_each_picture_of_an_iframe_playlist_decodes(stream: Stream, tmp_path: Path) -> None:
    multivariant = stream.get("/air/jibek-joly/index.m3u8").text
    assert 'URI="v360/iframes.m3u8"' in multivariant
    answer = stream.get("/air/jibek-joly/v360/iframes.m3u8")
    assert answer.status_code == 200, answer.text
    text = answer.text
    init = re.search(r'MAP:URI="([^"]+)"', text)
    assert init
    head = stream.get(f"/air/jibek-joly/v360/{init[1]}").content
    ranges = re.findall(r"#EXT-X-BYTERANGE:(\d+)@0\n(\S+)", text)
    assert len(ranges) == len(media_lines(text)) >= 7
    for length, name in ranges[:4]:
        part = stream.get(f"/air/jibek-joly/v360/{name}", range=f"bytes=0-{int(length) - 1}")
        assert part.status_code == 206
        kept = tmp_path / "one.mp4"
        kept.write_bytes(head + part.content)
        ended = subprocess.run(
            [binary(), "-v", "error", "-i", str(kept), "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", "-"],
            capture_output=True, timeout=LIMIT, check=False,
        )  # fmt: skip
        assert len(ended.stdout) == 640 * 360, ended.stderr
    assert stream.get("/air/jibek-joly/a-kk/iframes.m3u8").status_code == 404
    past = stream.get(f"/air/jibek-joly/v360/iframes.m3u8?from={stream.began + 5}&to={stream.began + 40}").text
    assert "#EXT-X-ENDLIST" in past


def test_start_over_is_read_again_by_what_is_new(stream: Stream) -> None:
    query = f"from={stream.began + 5}&to={int(time.time()) + 600}"
    whole = stream.get(f"/air/jibek-joly/v360/index.m3u8?{query}").text
    delta = stream.get(f"/air/jibek-joly/v360/index.m3u8?{query}&_HLS_skip=YES").text
    assert "EXT-X-SKIP" in delta
    assert len(delta) < len(whole) / 2
    assert merged(whole, delta)[: len(media_lines(whole))] == media_lines(whole)


def test_the_service_list_names_every_manifest(stream: Stream) -> None:
    answer = stream.get("/air/dvbi.xml")
    assert answer.headers["content-type"] == dvbi.LIST_TYPE
    root = etree.fromstring(answer.content)
    uris = [one.text for one in root.iter("{urn:dvb:metadata:servicediscovery-types:2023}URI")]
    assert [str(uri).rpartition("/air/")[2] for uri in uris] == [
        "jibek-joly/manifest.mpd",
        "silk-way/manifest.mpd",
        "jibek-joly-radio/manifest.mpd",
    ], "silk-way-prime is encrypted whole, which DASH cannot say"


def test_an_empty_list_is_a_list() -> None:
    assert etree.fromstring(dvbi.service_list("House", "example.org,2026", [])).tag.endswith("ServiceList")
    odd = Channel("a", {"kk": "<&>"}, False, "p", "i", "s")
    root = etree.fromstring(dvbi.service_list("House", "example.org,2026", [dvbi.Listed(odd, "m?a=1&b=2", "H")]))
    assert root.find(".//{*}URI").text == "m?a=1&b=2"
