"""What a continuous transport stream costs: the first receiver, each more, against ffmpeg remuxing the same channel."""

from __future__ import annotations

import socket
import subprocess
import threading
import time

from bench._air import SECONDS, air, tell, used
from keshen.media.ffmpeg import binary

RECEIVERS = 20
PATH = "/air/jibek-joly/stream.ts?rung=v360"


def receive(port: int, until: float) -> None:
    """Take the stream and throw it away."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(f"GET {PATH} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        while time.monotonic() < until:
            connection.recv(1 << 20)


def cost(port: int, pid: int, receivers: int) -> float:
    """Processor seconds of the server a second, while so many receive; connecting does not count."""
    until = time.monotonic() + SECONDS + 4
    threads = [threading.Thread(target=receive, args=(port, until)) for _ in range(receivers)]
    for thread in threads:
        thread.start()
    time.sleep(3)
    began, before = time.monotonic(), used(pid)
    time.sleep(SECONDS)
    spent = (used(pid) - before) / (time.monotonic() - began)
    for thread in threads:
        thread.join()
    return spent


def main() -> None:
    with air() as (port, pid):
        one, many = cost(port, pid, 1), cost(port, pid, RECEIVERS)
        playlist = f"http://127.0.0.1:{port}/air/jibek-joly/v360/index.m3u8"
        process = subprocess.Popen(
            [
                binary(),
                "-nostdin",
                "-v",
                "error",
                "-re",
                "-i",
                playlist,
                "-c",
                "copy",
                "-f",
                "mpegts",
                "-y",
                "/dev/null",
            ]
        )
        try:
            time.sleep(3)
            before = used(process.pid)
            time.sleep(SECONDS)
            remux = (used(process.pid) - before) / SECONDS
        finally:
            process.kill()
            process.wait()
    tell(
        "transport stream, one receiver, of a core", 100 * one, "%", against="ffmpeg remuxing the picture alone",
        reference=round(100 * remux, 3), ratio=round(one / max(remux, 0.001), 3),
    )  # fmt: skip
    tell("transport stream, each receiver more, of a core", 100 * (many - one) / (RECEIVERS - 1), "%")


if __name__ == "__main__":
    main()
