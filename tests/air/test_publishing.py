"""A channel as files: a plain file server gives all of it, what is withdrawn is taken away, what is old is swept."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from lxml import etree
from moto.server import ThreadedMotoServer

from keshen.air import actions, queries
from keshen.air.audiences import variants
from keshen.air.serving import publishing
from keshen.air.serving.outside import Outside, OutsideError
from keshen.air.serving.publishing import NotPublished, Publisher, keep_published
from keshen.air.serving.snapshot import Snapshot
from keshen.air.ways_out import hls
from keshen.media.houseformat import TICKS_PER_HOUR
from tests.air.house import Air
from tests.air.streaming import Stream, decode, media_lines, ticks_listed
from tests.waiting import LIMIT, until


class Named:
    """Segments whose bytes are their names: the assets of these tests have none."""

    async def init(self, sha256: str) -> bytes:
        return sha256.encode()

    async def aired(self, snapshot, entry, number, rung, *, substitute) -> bytes:
        return f"{entry.id} {number} {substitute}".encode()

    captions = aired

    async def wvtt(self, snapshot, entry, number, rung, *, substitute) -> bytes:
        return f"cues of {entry.id} {number} {substitute}".encode()


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def laid(air: Air) -> Air:
    air.item(air.story())
    air.lay_all()
    air.time.on(50)
    return air


def publisher(air: Air, folder: Path, **more: int) -> Publisher:
    return Publisher(lambda: queries.snapshot(air.tv, air.time.tick), Named(), Outside(str(folder)), **more)


def publish(made: Publisher) -> None:
    """Publish with readings of the database made before: a loop's threads would not see the test's transaction."""
    found = made._snapshot()
    made._snapshot = lambda: found
    asyncio.run(made.publish())


def test_everything_a_playlist_names_is_there_before_it(laid: Air, tmp_path: Path) -> None:
    for _turn in range(8):
        publish(publisher(laid, tmp_path))
        there = files(tmp_path)
        for playlist in (name for name in there if name.count("/") == 2 and name.endswith("index.m3u8")):
            text = (tmp_path / playlist).read_text()
            folder = playlist.rpartition("/")[0]
            assert text == queries.snapshot(laid.tv, laid.time.tick).playlists(folder.partition("/")[2]).live(
                laid.time.tick
            )
            assert {f"{folder}/{name}" for name in publishing._named(text)} <= there
        ahead = queries.snapshot(laid.tv, laid.time.tick).playlists("v720").live(laid.time.tick + hls.FREEZE_TICKS)
        assert ahead is not None
        assert {f"jibek-joly/v720/{name}" for name in media_lines(ahead)} <= there, "written before it is listed"
        laid.time.on(7)


def test_what_is_withdrawn_is_taken_away_and_its_substitute_is_there(laid: Air, tmp_path: Path) -> None:
    (story,) = {entry.story_urn for entry in laid.laid() if entry.story_urn}
    held = next(entry for entry in laid.laid() if entry.story_urn == story)
    laid.time.on(held.start_tick - laid.time.tick + 40)
    made = publisher(laid, tmp_path)
    publish(made)
    ours = {name for name in files(tmp_path) if f"/e{held.id}-" in name}
    assert ours
    actions.withdraw(laid.system, story, "killed")
    made._snapshot = lambda: queries.snapshot(laid.tv, laid.time.tick)
    publish(made)
    there = files(tmp_path)
    assert not ours & there
    text = (tmp_path / "jibek-joly/v720/index.m3u8").read_text()
    assert {f"jibek-joly/v720/{name}" for name in publishing._named(text)} <= there


def test_what_is_old_is_swept_after_a_restart_too(laid: Air, tmp_path: Path) -> None:
    publish(publisher(laid, tmp_path))
    before = {name for name in files(tmp_path) if name.endswith((".m4s", ".vtt"))}
    strange = tmp_path / "jibek-joly/v720/e999999999-0.m4s"
    strange.write_bytes(b"of another log")
    laid.time.on(2000)
    made = publisher(laid, tmp_path, kept_ticks=100)
    publish(made)
    assert asyncio.run(made.sweep()) >= len(before)
    assert not before & files(tmp_path)
    assert not strange.exists()
    text = (tmp_path / "jibek-joly/v720/index.m3u8").read_text()
    assert {f"jibek-joly/v720/{name}" for name in publishing._named(text)} <= files(tmp_path)


def test_an_encrypted_channel_is_not_given_away(laid: Air, tmp_path: Path) -> None:
    from keshen.air.protection import keys

    actions.protect(laid.system, laid.tv, keys.Method.AES_128)
    with pytest.raises(NotPublished, match="encrypted"):
        publish(publisher(laid, tmp_path))


def test_a_channel_that_is_encrypted_meanwhile_does_not_end_the_others(
    laid: Air, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from keshen.air.protection import keys

    actions.protect(laid.system, laid.tv, keys.Method.AES_128)
    made = publisher(laid, tmp_path)
    found, asked = made._snapshot(), 0

    async def several_turns() -> None:
        turns = asyncio.Event()

        def snapshot() -> Snapshot | None:
            nonlocal asked
            asked += 1
            if asked == 3:
                turns.set()
            return found

        made._snapshot = snapshot
        task = asyncio.create_task(keep_published(made, every=0.01, sweep_every=60))
        await asyncio.wait_for(turns.wait(), LIMIT)
        task.cancel()

    asyncio.run(several_turns())
    assert len([record for record in caplog.records if "encrypted" in record.getMessage()]) == 1


def by_time(folder: Path) -> dict[str, bytes]:
    """What a manifest names, each file with what is in it; all of it has to be there."""
    tree = etree.parse(folder / "manifest.mpd")
    spaces = {"m": "urn:mpeg:dash:schema:mpd:2011"}
    found = {}
    for group in tree.iterfind(".//m:AdaptationSet", spaces):
        at = 0
        times = []
        for line in group.iterfind("m:SegmentTemplate/m:SegmentTimeline/m:S", spaces):
            at = int(line.get("t", at))
            for _ in range(int(line.get("r", 0)) + 1):
                times.append(at)
                at += int(line.get("d"))
        media = group.find("m:SegmentTemplate", spaces).get("media")
        for one in group.iterfind("m:Representation", spaces):
            init = one.find("m:SegmentTemplate", spaces).get("initialization")
            for name in [init, *(media.replace("$Time$", str(time)) for time in times)]:
                path = name.replace("$RepresentationID$", one.get("id"))
                found[path] = (folder / path).read_bytes()
    return found


def test_a_manifest_names_the_same_segments_by_their_time_and_what_is_withdrawn_has_its_substitute(
    laid: Air, tmp_path: Path
) -> None:
    (story,) = {entry.story_urn for entry in laid.laid() if entry.story_urn}
    held = next(entry for entry in laid.laid() if entry.story_urn == story)
    laid.time.on(held.start_tick - laid.time.tick + 60)
    made = publisher(laid, tmp_path, dash=True)
    publish(made)
    folder = tmp_path / "jibek-joly"
    there = by_time(folder)
    pictures = [data for path, data in there.items() if path.startswith("v720/t")]
    names = publishing._named((folder / "v720/index.m3u8").read_text())
    assert pictures == [(folder / "v720" / name).read_bytes() for name in names if name.startswith(("e", "s"))]
    assert b"http-head" in (folder / "manifest.mpd").read_bytes(), "the time is asked of whoever gives the file"
    mine = f"{held.id} ".encode()
    was = [path for path, data in there.items() if data.startswith(mine) and data.endswith(b" 0")]
    assert was
    actions.withdraw(laid.system, story, "killed")
    made._snapshot = lambda: queries.snapshot(laid.tv, laid.time.tick)
    publish(made)
    for path in was:
        assert not by_time(folder)[path].endswith(b" 0"), "the same name, what is given instead"

    laid.time.on(2000)
    again = publisher(laid, tmp_path, dash=True, kept_ticks=100)
    publish(again)
    asyncio.run(again.sweep())
    left = {name for name in files(tmp_path) if "/t" in name}
    assert left == {f"jibek-joly/{path}" for path in by_time(folder) if "/t" in path} | {
        path for path in again._by_time if path in left
    }
    assert not {f"jibek-joly/{path}" for path in there if "/t" in path} & left


def test_a_variant_has_a_folder_of_its_own(laid: Air, tmp_path: Path) -> None:
    known = queries.snapshot(laid.tv, laid.time.tick)
    variant = variants.parse("territory=KZ&shift=1", known.offered)
    laid.time.on(TICKS_PER_HOUR)
    made = publisher(laid, tmp_path)
    publish(made)
    known = queries.snapshot(laid.tv, laid.time.tick).for_variant(variant, laid.time.tick)
    later = Publisher(lambda: known, Named(), Outside(str(tmp_path)))
    asyncio.run(later.publish())
    assert {name.partition("/")[0] for name in files(tmp_path)} == {"jibek-joly", "jibek-joly.KZ.later1"}
    own = tmp_path / "jibek-joly.KZ.later1/v720"
    text = (own / "index.m3u8").read_text()
    assert "?" not in (own.parent / "index.m3u8").read_text()
    for name in media_lines(text):
        assert (own / name).exists()
    first = min(int(name[1:].partition("-")[0]) for name in media_lines(text))
    entry = next(entry for entry in laid.laid() if entry.pk == first)
    assert entry.start_tick <= laid.time.tick - TICKS_PER_HOUR, "of an hour ago"
    before = files(own)
    assert asyncio.run(later.sweep()) == 0
    assert files(own) == before, "and not swept before its viewers had it"


def test_a_store_that_takes_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OutsideError, match="file"):
        Outside(str(tmp_path / "file"))


class Quiet(SimpleHTTPRequestHandler):
    """A plain file server."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: object) -> None:
        """Nothing is said of each request."""


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join(LIMIT)


def test_a_plain_file_server_plays_a_channel_without_the_house(stream: Stream, tmp_path: Path, plain: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "keshen.cli", "air", "publish", str(tmp_path), "jibek-joly"],
        env={**stream.environment, "DJANGO_SETTINGS_MODULE": "keshen.config.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        index = tmp_path / "jibek-joly" / "v360" / "index.m3u8"
        until(lambda: process.poll() is not None or index.exists(), "the playlist published")
        assert process.poll() is None, process.stdout and process.stdout.read()
        text = index.read_text()
        for name in media_lines(text):
            assert (index.parent / name).read_bytes() == stream.get(f"/air/jibek-joly/v360/{name}").content
        until(lambda: index.read_text() != text, "the next segment listed")
    finally:
        process.terminate()
        process.wait(LIMIT)
    # what was published last, as a film that ends, so that every frame of it can be counted
    ended = index.with_name("ended.m3u8")
    ended.write_text(index.read_text() + "#EXT-X-ENDLIST\n")
    frames, complaints = decode(f"{plain}/jibek-joly/v360/ended.m3u8")
    assert frames == ticks_listed(ended.read_text()) * 8
    assert not complaints
    assert process.returncode == 0


@pytest.fixture
def bucket() -> Iterator[str]:
    """A bucket of a server that speaks S3, open to be read; gives the address of the server."""
    server = ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    in_bucket(address).create_bucket(Bucket="cdn")
    yield address
    server.stop()


def in_bucket(address: str) -> Any:
    return boto3.client(
        "s3", endpoint_url=address, region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s"
    )


def kept(address: str) -> dict[str, bytes]:
    """Everything in the bucket, by name."""
    client = in_bucket(address)
    pages = client.get_paginator("list_objects_v2").paginate(Bucket="cdn", Prefix="live/")
    names = [row["Key"] for page in pages for row in page.get("Contents", ())]
    return {name: client.get_object(Bucket="cdn", Key=name)["Body"].read() for name in names}


def missing(there: dict[str, bytes]) -> set[str]:
    """What the playlists of a bucket name and the bucket does not have."""
    found = set()
    for path, data in there.items():
        folder, _, name = path.rpartition("/")
        if name == "index.m3u8" and "/" in folder.removeprefix("live/"):
            found |= {f"{folder}/{one}" for one in publishing._named(data.decode())} - there.keys()
    return found


def test_a_bucket_is_written_on_by_the_next_publisher_when_one_is_killed(
    stream: Stream, bucket: str, tmp_path: Path, plain: str
) -> None:
    """Killed with -9 twice while it writes: no playlist ever names what is not there, and the third completes it."""
    environment = {
        **stream.environment, "DJANGO_SETTINGS_MODULE": "keshen.config.settings", "AWS_ACCESS_KEY_ID": "k",
        "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": bucket, "AWS_ALLOW_HTTP": "true",
        "NO_PROXY": "127.0.0.1",
    }  # fmt: skip

    def published(enough: Callable[[dict[str, bytes]], bool]) -> dict[str, bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "keshen.cli", "air", "publish", "s3://cdn/live", "jibek-joly", "--dash"],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            until(lambda: process.poll() is not None or enough(kept(bucket)), "enough written", every=0.2)
            assert process.poll() is None, process.stdout and process.stdout.read()
        finally:
            process.kill()
            process.wait(LIMIT)
        return kept(bucket)

    index, manifest = "live/jibek-joly/v360/index.m3u8", "live/jibek-joly/manifest.mpd"
    first = published(lambda there: len(there) > 3)
    assert missing(first) == set()
    second = published(lambda there: len(there) > len(first) + 5)
    assert missing(second) == set()
    held = published(lambda there: there.keys() >= {index, manifest} and there[index] != second.get(index))
    assert missing(held) == set()
    for name in media_lines(held[index].decode())[:3]:
        path = f"live/jibek-joly/v360/{name}"
        assert held[path] == stream.get(f"/air/jibek-joly/v360/{name}").content
        told = in_bucket(bucket).head_object(Bucket="cdn", Key=path)
        assert (told["ContentType"], "immutable" in told["CacheControl"]) == ("video/iso.segment", True)
    for path, kind in ((index, "application/vnd.apple.mpegurl"), (manifest, "application/dash+xml")):
        told = in_bucket(bucket).head_object(Bucket="cdn", Key=path)
        assert (told["ContentType"], told["CacheControl"]) == (kind, "public, max-age=1")
    for name, data in held.items():  # any server of files does for playing
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    ended = tmp_path / index.replace("index", "ended")
    ended.write_bytes(held[index] + b"#EXT-X-ENDLIST\n")
    frames, complaints = decode(f"{plain}/{index.replace('index', 'ended')}")
    assert (frames, complaints) == (ticks_listed(ended.read_text()) * 8, "")
