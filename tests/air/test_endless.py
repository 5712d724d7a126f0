"""The transport stream over HTTP from real media: whole, in time, and every frame decodes."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from keshen.media.houseformat import MPEGTS_WRAP
from tests.air import transport
from tests.air.streaming import Stream, decode
from tests.air.transport import Pes, milliseconds, read

pytestmark = pytest.mark.xdist_group("air-stream")

PICTURE, SOUND = 0x21, 0x30


def taken(address: str, seconds: float) -> tuple[bytes, list[tuple[float, int]]]:
    """What a stream sends in some seconds, in whole packets, and how much had come when."""
    received, came = bytearray(), []
    began = time.monotonic()
    with httpx.stream("GET", address, timeout=20) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "video/mp2t"
        for chunk in answer.iter_raw():
            received += chunk
            came.append((time.monotonic() - began, len(received)))
            if came[-1][0] > seconds:
                break
    return bytes(received[: len(received) // 188 * 188]), came


def test_every_packet_is_right_and_every_frame_decodes(stream: Stream, tmp_path: Path) -> None:
    data, came = taken(f"{stream.url}/air/jibek-joly/stream.ts?rung=v360", 16)
    found = read(data)
    pictures = found.pes[PICTURE][:-1]
    assert len(pictures) > 15 * 25
    assert {(b.pts - a.pts) % MPEGTS_WRAP for a, b in pairwise(pictures)} == {3600}
    for pid in (SOUND, SOUND + 1):
        assert {(b.pts - a.pts) % MPEGTS_WRAP for a, b in pairwise(found.pes[pid])} == {9600}
    assert max(milliseconds(b[1] - a[1]) for a, b in pairwise(found.pcrs)) <= 40
    assert pictures[0].random_access, "it begins with a picture one can start from"
    spans = milliseconds(found.pcrs[-1][1] - found.pcrs[0][1]) / 1000
    assert came[-1][0] + 3 <= spans <= came[-1][0] + 6.5, "in real time, after a burst"
    kept = tmp_path / "taken.ts"
    kept.write_bytes(data)
    frames, complaints = decode(str(kept), "-map", "0:v", "-map", "0:a:0", "-map", "0:a:1")
    assert abs(frames - len(pictures)) <= 2
    assert [line for line in complaints.splitlines() if "start time for stream 4" not in line] == [], "4 is SCTE 35"


def test_two_who_take_it_get_the_same_packets(stream: Stream) -> None:
    """Someone who comes later, or back, finds the counters where they belong."""
    address = f"{stream.url}/air/jibek-joly/stream.ts?rung=v360"
    first, _ = taken(address, 4)
    second, _ = taken(address, 4)
    shared = first.find(second[: 188 * 100])
    assert shared >= 0
    assert second.startswith(first[shared:])


def test_the_guide_is_in_the_stream(stream: Stream) -> None:
    data, _ = taken(f"{stream.url}/air/jibek-joly/stream.ts?rung=v360", 4)
    found = read(data)
    assert b"jibek-joly" in found.sections[0x11][0][1]
    present = next(section for _, section in found.sections[0x12] if section[6] == 0)
    assert "Бағдарлама".encode() in present
    splice = next(pid for pid, (kind, _) in transport.streams(found.sections[0x20][0][1]).items() if kind == 0x86)
    assert {section[13] for _, section in found.sections[splice]} == {0}


def test_radio_as_a_transport_stream(stream: Stream) -> None:
    data, _ = taken(f"{stream.url}/air/jibek-joly-radio/stream.ts", 4)
    found = read(data)
    assert set(found.pes) == {SOUND, SOUND + 1}
    assert len(found.pes[SOUND]) > 40


def test_what_is_not_a_stream_is_not_found(stream: Stream) -> None:
    for path in ("/air/nothing/stream.ts", "/air/jibek-joly/stream.ts?rung=v9", "/air/jibek-joly/v360/stream.ts"):
        assert stream.get(path).status_code == 404, path


def test_someone_who_does_not_read_costs_nothing(stream: Stream) -> None:
    """A receiver that hangs is let go, and the others get theirs."""
    with httpx.stream("GET", f"{stream.url}/air/jibek-joly/stream.ts", timeout=20):
        data, _ = taken(f"{stream.url}/air/jibek-joly/stream.ts?rung=v360", 3)
    assert read(data).packets


def test_probe_sees_one_programme(stream: Stream, tmp_path: Path) -> None:
    import av

    data, _ = taken(f"{stream.url}/air/jibek-joly/stream.ts?rung=v360", 3)
    kept = tmp_path / "probe.ts"
    kept.write_bytes(data)
    with av.open(str(kept)) as held:
        assert [one.type for one in held.streams][:3] == ["video", "audio", "audio"]
        assert [one.language for one in held.streams.audio] == ["kaz", "rus"]
        assert (held.streams.video[0].width, held.streams.video[0].height) == (640, 360)


@contextmanager
def sending(stream: Stream, address: str) -> Iterator[subprocess.Popen[str]]:
    """`keshen send` to an address."""
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "keshen"), "send", "jibek-joly", address, "--rung", "v360"],
        env=stream.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=20)
        assert process.returncode == 0, said


def test_udp_carries_the_stream_in_time(stream: Stream) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        listening.settimeout(30)
        with sending(stream, f"udp://127.0.0.1:{listening.getsockname()[1]}"):
            datagrams = [listening.recv(2000)]
            began = time.monotonic()
            while time.monotonic() - began < 6:
                datagrams.append(listening.recv(2000))
    assert {len(one) for one in datagrams[:1]} == {1316}
    assert all(len(one) % 188 == 0 and len(one) <= 1316 for one in datagrams)
    found = read(b"".join(datagrams))
    assert 5 <= milliseconds(found.pcrs[-1][1] - found.pcrs[0][1]) / 1000 <= 7.5


def received(kept: Path) -> list[Pes]:
    """The pictures in what a receiver has written so far."""
    data = kept.read_bytes()
    whole = data[: len(data) // 188 * 188]
    return read(whole).pes[PICTURE] if whole else []


def test_srt_is_received(stream: Stream, tmp_path: Path) -> None:
    program = shutil.which("srt-live-transmit")
    if program is None:
        message = "there is no srt-live-transmit: run `make test` as root, or install Debian's srt-tools"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = tmp_path / "srt.ts"
    # the sender is there first: it tries until somebody listens
    with sending(stream, f"srt://127.0.0.1:{port}?mode=caller&latency=200000"), kept.open("wb") as file:
        time.sleep(3)
        receiver = subprocess.Popen([program, "-q", f"srt://127.0.0.1:{port}?mode=listener", "file://con"], stdout=file)
        until = time.monotonic() + 40
        while len(pictures := received(kept)) <= 100 and time.monotonic() < until:
            time.sleep(0.5)
        receiver.terminate()
        receiver.wait(10)
    assert len(pictures) > 100
    assert {(b.pts - a.pts) % MPEGTS_WRAP for a, b in pairwise(pictures[:-1])} == {3600}


@pytest.mark.parametrize(
    ("written", "complaint"),
    [("http://a:1", "neither srt"), ("udp://a", "no host and port"), ("srt://a:1?x=1", "x: srt knows"),
     ("udp://a:99999", "no usable port")],
)  # fmt: skip
def test_an_address_that_is_none_is_explained(written: str, complaint: str) -> None:
    from keshen.air.sending import AddressError, parse

    with pytest.raises(AddressError, match=complaint):
        parse(written)
