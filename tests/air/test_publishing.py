"""A channel as files: a plain file server gives all of it, what is withdrawn is taken away, what is old is swept."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from keshen.air import actions, hls, publishing, queries
from keshen.air.outside import Outside, OutsideError
from keshen.air.publishing import NotPublished, Publisher, keep_published
from keshen.air.snapshot import Snapshot
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
    from keshen.air import keys

    actions.protect(laid.system, laid.tv, keys.Method.AES_128)
    with pytest.raises(NotPublished, match="encrypted"):
        publish(publisher(laid, tmp_path))


def test_a_channel_that_is_encrypted_meanwhile_does_not_end_the_others(
    laid: Air, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from keshen.air import keys

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
