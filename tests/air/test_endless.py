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
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from keshen.media.houseformat import MPEGTS_WRAP
from tests.air import transport
from tests.air.streaming import Stream, decode
from tests.air.transport import Pes, milliseconds, read
from tests.ports import free_port
from tests.waiting import LIMIT, until

PICTURE, SOUND = 0x21, 0x30
SO_RCVBUFFORCE = getattr(socket, "SO_RCVBUFFORCE", 33)


def taken(address: str, seconds: float) -> tuple[bytes, float]:
    """The first seconds of a stream, by its own clock, in whole packets; and how far it was ahead of real time at most,
    counted from its first byte on.

    It never is by more than the burst, however slow this machine is.
    """
    received, span, lead = bytearray(), transport.Span(), -LIMIT
    asked = time.monotonic()
    with httpx.stream("GET", address, timeout=LIMIT) as answer:
        answered = time.monotonic()
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "video/mp2t"
        for chunk in answer.iter_raw():
            received += chunk
            there = span.read(received)
            now = time.monotonic()
            assert there <= now - asked + 6.5, "in real time, after a burst"
            lead = max(lead, there - (now - answered))
            if there >= seconds:
                break
    return bytes(received[: len(received) // 188 * 188]), lead


def test_every_packet_is_right_and_every_frame_decodes(stream: Stream, tmp_path: Path) -> None:
    data, lead = taken(f"{stream.url}/air/jibek-joly/stream.ts?rung=v360", 18)
    assert lead >= 2.5, "it begins with a burst"
    found = read(data)
    pictures = found.pes[PICTURE][:-1]
    assert len(pictures) > 17 * 25
    assert {(b.pts - a.pts) % MPEGTS_WRAP for a, b in pairwise(pictures)} == {3600}
    for pid in (SOUND, SOUND + 1):
        assert {(b.pts - a.pts) % MPEGTS_WRAP for a, b in pairwise(found.pes[pid])} == {9600}
    assert max(milliseconds(b[1] - a[1]) for a, b in pairwise(found.pcrs)) <= 40
    assert pictures[0].random_access, "it begins with a picture one can start from"
    kept = tmp_path / "taken.ts"
    kept.write_bytes(data[: transport.last_start(data, PICTURE)])
    frames, complaints = decode(str(kept), "-map", "0:v", "-map", "0:a:0", "-map", "0:a:1")
    assert abs(frames - len(pictures)) <= 2
    assert [line for line in complaints.splitlines() if "start time for stream 4" not in line] == [], "4 is SCTE 35"


def test_two_who_take_it_get_the_same_packets(stream: Stream) -> None:
    """Someone who comes later, or back, finds the counters where they belong."""
    address = f"{stream.url}/air/jibek-joly/stream.ts?rung=v360"
    first, span, second, shared = bytearray(), transport.Span(), b"", -1
    with httpx.stream("GET", address, timeout=LIMIT) as answer:
        for chunk in answer.iter_raw():
            first += chunk
            if not second and span.read(first) > 5:
                second, _ = taken(address, 4)
            if second and (shared := first.find(second[: 188 * 100])) >= 0 and len(first) >= shared + len(second):
                break
    assert shared >= 0 and first[shared : shared + len(second)] == second


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
    assert len(found.pes[SOUND]) > 30


def test_what_is_not_a_stream_is_not_found(stream: Stream) -> None:
    for path in ("/air/nothing/stream.ts", "/air/jibek-joly/v360/stream.ts"):
        assert stream.get(path).status_code == 404, path
    refused = stream.get("/air/jibek-joly/stream.ts?rung=v9")
    assert (refused.status_code, "v720, v360" in refused.text) == (400, True), "it says what there is"


def test_someone_who_does_not_read_costs_nothing(stream: Stream) -> None:
    """A receiver that hangs is let go, and the others get theirs."""
    with httpx.stream("GET", f"{stream.url}/air/jibek-joly/stream.ts", timeout=LIMIT):
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
def sending(stream: Stream, address: str, log: Path) -> Iterator[None]:
    """`keshen send` to an address."""
    with log.open("w") as said:
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "keshen"), "send", "jibek-joly", address, "--rung", "v360"],
            env=stream.environment, stdout=said, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(LIMIT)
        assert process.returncode == 0, log.read_text()


def test_udp_carries_the_stream_in_time(stream: Stream, tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        room_for(listening, 4 << 20)  # a datagram that finds no room is lost
        listening.settimeout(LIMIT)
        began, received, span = time.monotonic(), bytearray(), transport.Span()
        with sending(stream, f"udp://127.0.0.1:{listening.getsockname()[1]}", tmp_path / "said"):
            datagrams = [listening.recv(2000)]
            while span.read(received) < 6:
                datagrams.append(listening.recv(2000))
                received += datagrams[-1]
                assert span.seconds <= time.monotonic() - began + 0.5, "in time"
    assert {len(one) for one in datagrams[:1]} == {1316}
    assert all(len(one) % 188 == 0 and len(one) <= 1316 for one in datagrams)
    assert read(b"".join(datagrams)).pes[PICTURE]


def room_for(listening: socket.socket, size: int) -> None:
    """Let so many bytes wait at a socket, beyond the machine's own limit where we may."""
    with suppress(PermissionError):
        listening.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, size)
        return
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)


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
    port = free_port(socket.SOCK_DGRAM)
    kept, said = tmp_path / "srt.ts", tmp_path / "said"
    with sending(stream, f"srt://127.0.0.1:{port}?mode=caller&latency=200000", said), kept.open("wb") as file:
        # the sender is there first: it tries until somebody listens
        until(lambda: "again in" in said.read_text(), "the sender finding nobody")
        receiver = subprocess.Popen([program, "-q", f"srt://127.0.0.1:{port}?mode=listener", "file://con"], stdout=file)
        until(lambda: len(received(kept)) > 100, "a hundred pictures", every=0.5)
        receiver.terminate()
        receiver.wait(LIMIT)
    pictures = received(kept)
    assert {(b.pts - a.pts) % MPEGTS_WRAP for a, b in pairwise(pictures[:-1])} == {3600}


@pytest.mark.parametrize(
    ("written", "complaint"),
    [("http://a:1", "neither srt"), ("udp://a", "no host and port"), ("srt://a:1?x=1", "x: srt knows"),
     ("udp://a:99999", "no usable port")],
)  # fmt: skip
def test_an_address_that_is_none_is_explained(written: str, complaint: str) -> None:
    from keshen.air.ways_out.sending import AddressError, parse

    with pytest.raises(AddressError, match=complaint):
        parse(written)
