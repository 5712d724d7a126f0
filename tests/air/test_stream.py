"""The air over HTTP, from real encoded media: what ffmpeg sees of it, frame by frame."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from keshen.media.ffmpeg import binary
from tests import asking
from tests.air.streaming import (
    SAMPLES_A_TICK,
    Stream,
    clicks,
    database_away,
    decode,
    media_lines,
    streaming,
    ticks_listed,
    whole_frames,
)
from tests.waiting import LIMIT, until

FRAMES_A_TICK = 8


def test_the_multivariant_playlist_names_every_track(stream: Stream) -> None:
    answer = stream.get("/air/jibek-joly/index.m3u8")
    assert answer.headers["content-type"] == "application/vnd.apple.mpegurl"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert media_lines(answer.text) == ["v720/index.m3u8", "v360/index.m3u8"]
    for uri in ("a-kk/index.m3u8", "a-ru/index.m3u8", "c-kk/index.m3u8", "c-kk-Latn/index.m3u8"):
        assert f'URI="{uri}"' in answer.text
    radio = stream.get("/air/jibek-joly-radio/index.m3u8").text
    assert media_lines(radio) == ["a-kk/index.m3u8"]
    assert "RESOLUTION" not in radio


def test_every_rung_lists_the_same_segments(stream: Stream) -> None:
    rungs = ("v720", "v360", "a-kk", "a-ru", "c-kk")

    def read() -> dict[str, str]:
        """The playlists, if no segment came in meanwhile."""
        texts = {rung: stream.get(f"/air/jibek-joly/{rung}/index.m3u8").text for rung in rungs}
        return texts if stream.get("/air/jibek-joly/v720/index.m3u8").text == texts["v720"] else {}

    texts = until(read, "the playlists read within one segment's time")
    listed = {rung: [line.rpartition(".")[0] for line in media_lines(text)] for rung, text in texts.items()}
    numbers = {re.search(r"MEDIA-SEQUENCE:(\d+)", text)[1] for text in texts.values()}
    assert len(numbers) == 1
    assert all(names == listed["v720"] for names in listed.values())
    seconds = sum(float(x) for x in re.findall(r"#EXTINF:([\d.]+)", texts["v720"]))
    assert seconds >= 30
    assert texts["v720"].count("EXT-X-MAP") == 1, "one init for the whole stream"
    assert "DISCONTINUITY\n" not in texts["v720"]


@pytest.mark.parametrize("rung", ["v720", "v360"])
def test_ffmpeg_counts_every_frame_of_the_past_across_boundaries(stream: Stream, rung: str) -> None:
    query = f"?from={stream.began + 5}&to={stream.began + 100}"
    playlist = stream.get(f"/air/jibek-joly/{rung}/index.m3u8{query}")
    assert "#EXT-X-ENDLIST" in playlist.text
    entries = {line.partition("-")[0] for line in media_lines(playlist.text)}
    assert len(entries) >= 8, "many boundaries"
    frames, complaints = decode(f"{stream.url}/air/jibek-joly/{rung}/index.m3u8{query}", "-map", "0:v")
    assert frames == ticks_listed(playlist.text) * FRAMES_A_TICK
    assert not complaints


def test_sound_is_whole_across_boundaries(stream: Stream) -> None:
    query = f"?from={stream.began + 5}&to={stream.began + 100}"
    playlist = stream.get(f"/air/jibek-joly-radio/a-ru/index.m3u8{query}").text
    ended = subprocess.run(
        [binary(), "-nostdin", "-v", "error", "-i", f"{stream.url}/air/jibek-joly-radio/a-ru/index.m3u8{query}",
         "-f", "s16le", "-ac", "1", "-"],
        capture_output=True, timeout=3 * LIMIT, check=True,
    )  # fmt: skip
    assert not ended.stderr
    samples = len(ended.stdout) // 2
    assert samples == ticks_listed(playlist) * SAMPLES_A_TICK


def test_entries_that_are_cut_anywhere_are_one_stream_and_do_not_click(stream: Stream) -> None:
    """Sound decoded over many joins: at none is it sharper than around it."""
    query = f"?from={stream.began + 5}&to={stream.began + 100}"
    listed = stream.get(f"/air/jibek-joly/a-kk/index.m3u8{query}").text
    lengths = [round(float(found) / 0.32) for found in re.findall(r"#EXTINF:([\d.]+)", listed)]
    assert {5, 7, 8} <= set(lengths), "heads and tails are among them"
    sharpest = clicks(f"{stream.url}/air/jibek-joly/a-kk/index.m3u8{query}", listed)
    assert len(sharpest) >= 8
    assert max(sharpest.values()) < 2, sharpest


def test_ffmpeg_plays_live_with_picture_and_sound(stream: Stream, tmp_path: Path) -> None:
    """Twenty seconds as ffmpeg took them, then decoded: what it reads ahead and breaks off on leaving is not judged."""
    taken = tmp_path / "live.nut"
    subprocess.run(
        [binary(), "-nostdin", "-v", "error", "-i", f"{stream.url}/air/jibek-joly/index.m3u8", "-map", "0:v:0",
         "-map", "0:a:0", "-t", "20", "-c", "copy", str(taken)],
        capture_output=True, timeout=3 * LIMIT, check=True,
    )  # fmt: skip
    frames, complaints = decode(str(taken), "-map", "0:v:0", "-map", "0:a:0")
    assert frames == 20 * 25
    assert not complaints


def test_the_radio_stream_decodes_and_keeps_time(stream: Stream) -> None:
    received, lead = bytearray(), []
    asked = time.monotonic()
    with httpx.stream("GET", f"{stream.url}/air/jibek-joly-radio/listen.aac", timeout=LIMIT) as answer:
        answered = time.monotonic()
        assert answer.headers["content-type"] == "audio/aac"
        for chunk in answer.iter_raw():
            received += chunk
            seconds = whole_frames(received)[0] * 1024 / 48_000
            assert seconds <= time.monotonic() - asked + 8, "what has passed, and a burst of up to six seconds"
            lead.append(seconds - (time.monotonic() - answered))
            if seconds > 12:
                break
    assert max(lead) >= 3, "at some moment this machine was quick enough to see the burst"
    ended = subprocess.run(
        [binary(), "-nostdin", "-v", "warning", "-f", "aac", "-i", "pipe:0", "-f", "s16le", "-ac", "1", "-"],
        input=bytes(received[: whole_frames(received)[1]]), capture_output=True, timeout=LIMIT, check=True,
    )  # fmt: skip
    assert b"rror" not in ended.stderr
    assert len(ended.stdout) // 2 == whole_frames(received)[0] * 1024


def test_captions_follow_the_segments(stream: Stream) -> None:
    query = f"?from={stream.began + 5}&to={stream.began + 60}"
    names = media_lines(stream.get(f"/air/jibek-joly/c-kk/index.m3u8{query}").text)
    bodies = [stream.get(f"/air/jibek-joly/c-kk/{name}").text for name in names]
    assert all(body.startswith("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:") for body in bodies)
    assert any("Бірінші титр" in body and "Екінші" in body for body in bodies), "a cue that crosses is repeated"
    other = stream.get(f"/air/jibek-joly/c-kk-Latn/{names[0]}").text
    assert "-->" not in other


def test_segments_are_the_same_bytes_again_and_by_range(stream: Stream) -> None:
    text = stream.get("/air/jibek-joly/v360/index.m3u8").text
    address = f"/air/jibek-joly/v360/{media_lines(text)[-1]}"
    whole = stream.get(address)
    assert whole.status_code == 200
    assert "immutable" in whole.headers["cache-control"]
    assert stream.get(address).content == whole.content
    part = stream.get(address, range="bytes=10-19")
    assert part.status_code == 206
    assert part.content == whole.content[10:20]
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole.content)}"
    assert stream.get(address, range="bytes=999999999-").status_code == 416
    assert stream.get(address, **{"if-none-match": whole.headers["etag"]}).status_code == 304
    assert asking.head(stream.url + address).headers["content-length"] == str(len(whole.content))
    assert asking.options(stream.url + address).status_code == 204
    assert asking.post(stream.url + address).status_code == 405


def test_what_is_not_there_is_not_found(stream: Stream) -> None:
    text = stream.get("/air/jibek-joly/v360/index.m3u8").text
    newest = media_lines(text)[-1]
    entry = int(newest[1:].partition("-")[0])
    for address in (
        "/air/nothing/index.m3u8",
        "/air/jibek-joly/v1080/index.m3u8",
        "/air/jibek-joly/v360/e99999999-0.m4s",
        f"/air/jibek-joly/v360/e{entry + 50}-0.m4s",
        f"/air/jibek-joly/v360/s{entry}-0.m4s",
        f"/air/jibek-joly/v360/init-{'0' * 64}.mp4",
        "/air/jibek-joly/v360/../../etc/passwd",
        "/air/jibek-joly/index.m3u8?from=1000&to=2000",
        f"/air/jibek-joly/index.m3u8?from={int(time.time()) + 4000}",
    ):
        assert stream.get(address).status_code == 404, address
    assert stream.get("/air/jibek-joly/index.m3u8?from=yesterday").status_code == 400


def test_the_guide_and_the_lists(stream: Stream) -> None:
    from lxml import etree

    tree = etree.fromstring(stream.get("/air/epg.xml").content)
    ours = ["jibek-joly", "jibek-joly-radio", "silk-way", "silk-way-prime"]
    assert [channel.get("id") for channel in tree.findall("channel")] == ours
    assert len(tree.findall("programme")) > 20
    one = etree.fromstring(stream.get("/air/jibek-joly/epg.xml").content)
    assert {programme.get("channel") for programme in one.findall("programme")} == {"jibek-joly"}
    assert stream.get("/air/channels.m3u").text.count("#EXTINF") == 4
    now = stream.get("/air/jibek-joly/now.json").json()
    assert now["now"]["titles"]["kk"].startswith("Бағдарлама")
    assert now["next"]["start"] == now["now"]["end"]
    assert 0 < now["left"] < 60
    poster = stream.get("/air/jibek-joly/poster.jpg")
    assert poster.content.startswith(b"\xff\xd8")
    assert poster.headers["content-type"] == "image/jpeg"


def test_playlists_are_compressed_and_conditional(stream: Stream) -> None:
    answer = stream.get("/air/jibek-joly/v720/index.m3u8", **{"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "max-age=1" in answer.headers["cache-control"]
    plain = stream.get("/air/jibek-joly/v720/index.m3u8", **{"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers


@pytest.fixture
def own_stream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stream]:
    """A house of its own: what is withdrawn stays so."""
    with streaming(tmp_path_factory.mktemp("withdrawn")) as made:
        yield made


def test_a_withdrawal_is_known_at_once_and_the_air_goes_on_without_the_database(own_stream: Stream) -> None:
    stream = own_stream
    text = stream.get("/air/jibek-joly/v360/index.m3u8").text
    name = media_lines(text)[0]
    entry = int(name[1:].partition("-")[0])
    with psycopg.connect(stream.database, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO air_incident (kind, tick, subject, reason, detail, actor_id, at)"
            " SELECT 'withdrawn', floor(extract(epoch FROM now()) * 1000 / 320), urn, 'test', '{}',"
            " (SELECT id FROM house_user LIMIT 1), now() FROM media_asset"
            " WHERE id = (SELECT asset_id FROM air_entry WHERE id = %s)",
            [entry],
        )
    until(lambda: stream.get(f"/air/jibek-joly/v360/{name}").status_code == 410, "the kill known")
    address = f"/air/jibek-joly/v360/index.m3u8?from={stream.began + 5}&to={int(time.time()) - 2}"
    past = stream.get(address).text
    assert f"\ns{entry}-0.m4s" in past
    assert f"\ne{entry}-" not in past
    frames, complaints = decode(stream.url + address, "-map", "0:v")
    assert frames == ticks_listed(past) * FRAMES_A_TICK, "the substitute has every frame too"
    assert not complaints
    address = address.replace("/v360/", "/a-kk/")
    sound = stream.get(address).text
    sharpest = clicks(stream.url + address, sound)
    assert any(media_lines(sound)[n].startswith("s") for n in sharpest), "the substitute is joined"
    assert max(sharpest.values()) < 2, sharpest
    with database_away(stream):
        until(lambda: stream.get("/healthz").json()["status"] == "detached", "the node knowing that it is alone")
        before = stream.get("/air/jibek-joly/v720/index.m3u8")
        assert before.status_code == 200
        until(lambda: stream.get("/air/jibek-joly/v720/index.m3u8").text != before.text, "the playlist going on")
        after = stream.get("/air/jibek-joly/v720/index.m3u8").text
        assert stream.get(f"/air/jibek-joly/v720/{media_lines(after)[-1]}").status_code == 200
    until(lambda: stream.get("/healthz").json()["status"] == "open", "the node reading again")
