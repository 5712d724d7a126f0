"""The air node's own server: it answers as the house's web process does, and what is odd never gets past it."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest

from keshen.air.serving import door
from keshen.config import opening
from tests import asking
from tests.air.streaming import HERE, Stream, media_lines
from tests.ports import free_port
from tests.waiting import LIMIT, until

LIVE = "/air/jibek-joly/v360/index.m3u8"


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        (b"Host: a\r\n\r\n", False),
        (b"host: a\r\nAccept-Encoding: br, gzip\r\nConnection: Keep-Alive\r\n\r\n", True),
        (b"Accept-Encoding: gzip\r\n\r\n", None),
        (b"Host: a\r\nHost: b\r\n\r\n", None),
        (b"Host: a\r\nConnection: close\r\n\r\n", None),
        (b"Host: a\r\nContent-Length: 5\r\n\r\n", None),
        (b"Host: a\r\ntransfer-encoding: chunked\r\n\r\n", None),
        (b"Host: a\r\nRange: bytes=0-1\r\n\r\n", None),
        (b'Host: a\r\nIf-None-Match: "x"\r\n\r\n', None),
        (b"Host: a\r\nTransfer-Encoding : chunked\r\n\r\n", None),
        (b"Host: a\r\n folded: b\r\n\r\n", None),
        (b"Host: a\r\n", None),
        (b"Host: a\r\n\r\nGET / HTTP/1.1\r\n\r\n", None),
        (b"Host: a\r\nX: \x00\r\n\r\n", None),
        (b"\r\n", None),
    ],
)
def test_only_plain_requests_are_answered_at_once(fields: bytes, found: bool | None) -> None:
    assert door.plain(fields) is found


@pytest.fixture(scope="module")
def node(stream: Stream) -> Iterator[str]:
    """An air node beside the house's web process, over the same database and store."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "keshen.cli", "air", "serve", "--port", str(port)],
        env=stream.environment, cwd=HERE.parents[1], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"

    def plays() -> bool:
        assert process.poll() is None, process.stdout.read() if process.stdout else ""
        with suppress(httpx.HTTPError):
            return asking.get(f"{url}{LIVE}").status_code == 200
        return False

    try:
        until(plays, "the node playing")
        yield url
    finally:
        process.terminate()
        process.communicate(timeout=LIMIT)


def _raw(url: str, *parts: bytes, pause: float = 0.0) -> bytes:
    """What comes back for bytes sent as they are, until the server closes."""
    host, port = url.removeprefix("http://").split(":")
    with closing(socket.create_connection((host, int(port)), timeout=LIMIT)) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)
        found = b""
        while data := connection.recv(1 << 20):
            found += data
    return found


def _bodies(answers: bytes) -> list[bytes]:
    found = []
    while answers:
        head, _, answers = answers.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        size = int(length[1]) if length else 0
        found.append(answers[:size])
        answers = answers[size:]
    return found


def _settled(stream: Stream, node: str, path: str, **headers: str) -> tuple[httpx.Response, httpx.Response]:
    """An answer of the web process and two of the node, all to the same segment's time."""

    def read() -> tuple[httpx.Response, httpx.Response] | None:
        ours = stream.get(path, **headers)
        asking.get(node + path, headers=headers)
        theirs = asking.get(node + path, headers=headers)
        same = stream.get(path, **headers).content == ours.content == theirs.content
        return (ours, theirs) if same else None

    return until(read, "the playlist standing still for four requests")


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_node_sends_what_the_web_process_sends(stream: Stream, node: str, encoding: str) -> None:
    for path in (LIVE, "/air/jibek-joly/index.m3u8", "/air/jibek-joly/manifest.mpd", "/air/channels.m3u"):
        ours, theirs = _settled(stream, node, path, **{"accept-encoding": encoding})
        assert ours.status_code == theirs.status_code == 200
        names = set(ours.headers) - {"date", "server"}
        assert {name: ours.headers[name] for name in names} == {name: theirs.headers[name] for name in names}
        assert "date" in theirs.headers
    segment = f"/air/jibek-joly/v360/{media_lines(asking.get(node + LIVE).text)[-1]}"
    first, again = asking.get(node + segment), asking.get(node + segment)
    assert first.content == again.content == stream.get(segment).content
    assert first.headers["etag"] == again.headers["etag"]
    assert asking.get(node + segment, headers={"range": "bytes=0-9"}).content == first.content[:10]
    assert asking.get(node + segment, headers={"if-none-match": first.headers["etag"]}).status_code == 304
    assert asking.head(node + segment).headers["content-length"] == str(len(first.content))
    assert asking.post(node + segment).status_code == 405


def test_requests_in_pieces_and_in_rows_get_their_answers_in_order(node: str) -> None:
    asking.get(node + LIVE)
    plain = f"GET {LIVE} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
    last = f"GET {LIVE} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()
    other = b"GET /air/channels.m3u HTTP/1.1\r\nHost: a\r\n\r\n"
    rows = _bodies(_raw(node, plain * 3 + other + plain + last))
    assert [body[:20] for body in rows] == [rows[0][:20]] * 3 + [rows[3][:20]] + [rows[0][:20]] * 2
    assert rows[3].startswith(b"#EXTM3U") and rows[3] != rows[0]
    pieces = _bodies(_raw(node, plain[:3], plain[3:30], plain[30:], last, pause=0.05))
    assert len(pieces) == 2 and all(body.startswith(b"#EXTM3U") for body in pieces)
    # what looks like a request of its own is the body of the one before
    smuggled = f"GET /air/channels.m3u HTTP/1.1\r\nHost: a\r\nContent-Length: {len(plain)}\r\n\r\n".encode()
    answers = _bodies(_raw(node, smuggled, plain, last, pause=0.05))
    assert len(answers) == 2 and b"EXT-X-MEDIA-SEQUENCE" not in answers[0]


@pytest.mark.parametrize(
    "line", [b"GET /air/../x HTTP/1.1", b"GET /air/ HTTP/2.0", b"GET /air/\xff HTTP/1.1", b"\x16\x03\x01", b"GET"]
)
def test_odd_requests_end_in_an_answer_or_a_closed_connection(node: str, line: bytes) -> None:
    got = _raw(node, line + b"\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert not got or re.match(rb"HTTP/1.1 (400|404|505)", got)


def test_a_node_says_how_it_stands_and_serves_nothing_else(node: str) -> None:
    answer = asking.get(f"{node}/healthz")
    assert answer.json()["status"] == "open" and "jibek-joly" in answer.json()["services"]
    assert asking.get(f"{node}/control/").status_code == 404
    assert asking.get(f"{node}/air/jibek-joly/v360/e0-0.m4s").status_code == 404


def test_the_house_keeps_a_node_when_it_has_a_port_for_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KESHEN_AIR_PORT", raising=False)
    assert "air" not in {program.name for program in opening.programs(8000, tmp_path)}
    monkeypatch.setenv("KESHEN_AIR_PORT", "8081")
    kept = next(program for program in opening.programs(8000, tmp_path) if program.name == "air")
    assert kept.command[-2:] == ("--port", "8081")
    monkeypatch.setenv("KESHEN_AIR_PORT", "many")
    with pytest.raises(ValueError, match="KESHEN_AIR_PORT"):
        opening.programs(8000, tmp_path)
