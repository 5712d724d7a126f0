"""Two servers of one house: the same bytes at the same tick; one is killed and viewers go on; the database is away."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import httpx
import psycopg
import pytest

from keshen.air.proof import conformance
from keshen.media.ffmpeg import binary
from tests.air.streaming import Stream, database_away, media_lines, serving
from tests.waiting import LIMIT, until

FRAMES_A_TICK = 8


@pytest.fixture(scope="module")
def other(stream: Stream) -> Iterator[Stream]:
    with serving(stream, "log-2") as node:
        yield node


def at_one_tick(one: Stream, other: Stream, path: str) -> tuple[bytes, bytes]:
    """What two nodes answer between two equal answers of the first: then no segment came in meanwhile."""

    def read() -> tuple[bytes, bytes] | None:
        before, there, after = (node.get(path).content for node in (one, other, one))
        return (before, there) if before == after else None

    return until(read, f"{path} standing still")


@pytest.mark.parametrize("service", ["jibek-joly", "silk-way", "silk-way-prime"])
def test_they_give_the_same_bytes(stream: Stream, other: Stream, service: str) -> None:
    ways = ["index.m3u8", *(f"{rung}/index.m3u8" for rung in ("v720", "v360", "a-kk", "a-ru", "c-kk"))]
    if service != "silk-way-prime":
        ways.append("manifest.mpd")
    for way in ways:
        ours, theirs = at_one_tick(stream, other, f"/air/{service}/{way}")
        assert ours == theirs, way
    for rung in ("v360", "a-kk", "c-kk"):
        playlist = stream.get(f"/air/{service}/{rung}/index.m3u8").text
        init = re.findall(r'MAP:URI="([^"]+)"', playlist)
        for name in [*init, *media_lines(playlist)[-2:]]:
            answers = [node.get(f"/air/{service}/{rung}/{name}") for node in (stream, other)]
            assert [answer.status_code for answer in answers] == [200, 200]
            assert answers[0].content == answers[1].content, (rung, name)
            assert answers[0].headers.get("etag") == answers[1].headers.get("etag")
    query = f"?from={stream.began + 5}&to={stream.began + 60}"
    for way in (f"v360/index.m3u8{query}", *([f"manifest.mpd{query}"] if service != "silk-way-prime" else [])):
        assert stream.get(f"/air/{service}/{way}").content == other.get(f"/air/{service}/{way}").content
    for way in (f"/air/{service}/epg.xml", "/air/channels.m3u"):
        ours, theirs = at_one_tick(stream, other, way)
        assert ours == theirs, way


CHANGES = (
    "INSERT INTO air_slot (service_id, start_tick, end_tick, kind, titles, parts) VALUES (%s, 1, 2, '', '{}', '[]')",
    "DELETE FROM air_slot WHERE service_id = %s AND start_tick = 1",
    "UPDATE house_service SET accent = accent WHERE id = %s",
)
"""What a guide is read from besides the log; a change that changes nothing is told of too."""


def test_every_node_is_told_at_once_of_what_it_does_not_see_in_the_log(stream: Stream) -> None:
    with psycopg.connect(stream.database, autocommit=True) as node, psycopg.connect(stream.database) as house:
        row = house.execute("SELECT id FROM house_service WHERE slug = 'silk-way'").fetchone()
        assert row is not None
        node.execute("LISTEN keshen_air")
        for change in CHANGES:
            house.execute(change, row)
            house.commit()
            with closing(node.notifies(timeout=LIMIT)) as notices:  # until it is closed, it holds the connection
                assert any(notice.payload == str(row[0]) for notice in notices), change


@dataclass
class Viewer:
    """A player that asks any of several nodes, and goes on with the next when one does not answer."""

    nodes: list[Stream]
    rung: str
    before: conformance.Playlist | None = None
    taken: dict[int, bytes] = field(default_factory=dict)
    refused: int = 0
    init: bytes = b""

    def get(self, path: str) -> bytes:
        for _ in range(len(self.nodes)):
            try:
                answer = self.nodes[0].get(path)
            except httpx.TransportError:
                self.refused += 1
                self.nodes.append(self.nodes.pop(0))
                continue
            assert answer.status_code == 200, (path, answer.status_code)
            return answer.content
        raise AssertionError("no node answers")

    def look(self) -> None:
        """Read the playlist and take what is new; every reading must be a legal update of the one before."""
        folder = f"/air/jibek-joly/{self.rung}"
        playlist = conformance.read(self.get(f"{folder}/index.m3u8").decode())
        assert not conformance.judge(playlist)
        if self.before is not None:
            assert not conformance.judge_update(self.before, playlist)
        self.before = playlist
        self.init = self.init or self.get(f"{folder}/{playlist.segments[0].init}")
        for segment in playlist.segments:
            if segment.sequence not in self.taken:
                self.taken[segment.sequence] = self.get(f"{folder}/{segment.address}")


def test_one_is_killed_and_the_viewer_goes_on(stream: Stream, tmp_path: Path) -> None:
    with serving(stream, "log-3") as doomed:
        viewer = Viewer([doomed, stream], "v360")
        viewer.look()
        before = len(viewer.taken)
        assert doomed.process is not None
        os.killpg(doomed.process.pid, signal.SIGKILL)
        doomed.process.wait()

        def has_taken_more() -> bool:
            viewer.look()
            return len(viewer.taken) >= before + 2

        until(has_taken_more, "two segments from the node that is left")
    assert viewer.refused == 1, "the dead node was asked once, and nothing was lost"
    numbers = sorted(viewer.taken)
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    kept = tmp_path / "seen.mp4"
    kept.write_bytes(viewer.init + b"".join(viewer.taken[number] for number in numbers))
    ended = subprocess.run(
        [binary(), "-nostdin", "-v", "error", "-xerror", "-i", str(kept), "-f", "framehash", "-hash", "adler32", "-"],
        capture_output=True, text=True, timeout=3 * LIMIT, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, "")
    times = [int(line.split(",")[1]) for line in ended.stdout.splitlines() if not line.startswith("#")]
    steps = {after - before for before, after in pairwise(times)}
    assert len(steps) == 1, f"pictures are missing: {steps}"
    assert len(times) % FRAMES_A_TICK == 0


def test_without_the_database_both_go_on_alike_and_say_so(stream: Stream, other: Stream) -> None:
    path = "/air/jibek-joly/v360/index.m3u8"
    with database_away(stream):
        for node in (stream, other):
            until(lambda node=node: node.get("/healthz").json()["status"] == "detached", "the node knowing it")
            assert node.get("/healthz").json()["reason"]
        began = time.monotonic()
        before = conformance.read(stream.get(path).text)
        until(lambda: conformance.read(other.get(path).text).end >= before.end + 2, "two more segments")
        ours, theirs = at_one_tick(stream, other, path)
        assert ours == theirs
        after = conformance.read(ours.decode())
        assert not conformance.judge_update(before, after)
        assert after.end - before.end <= (time.monotonic() - began) / 0.96 + 2
        for segment in after.segments[-2:]:
            answers = [node.get(f"/air/jibek-joly/v360/{segment.address}").content for node in (stream, other)]
            assert answers[0] == answers[1]
    for node in (stream, other):
        until(lambda node=node: node.get("/healthz").json()["status"] == "open", "the node reading again")
