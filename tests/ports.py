"""Ports for the servers that tests start.

A port that is asked of the kernel and let go again may be somebody's a moment later: another test's, or that of any
connection on its way out. These are outside the range from which the kernel gives by itself, and each is kept by a
lock for as long as this process lives, against other processes that run tests.
"""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path
from typing import IO

LOWEST, END = 20_000, 65_536
KERNELS_OWN = Path("/proc/sys/net/ipv4/ip_local_port_range")

_kept: list[IO[str]] = []


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port of this machine that nobody else is given. Raises OSError when there is none left."""
    low, high = map(int, KERNELS_OWN.read_text().split()) if KERNELS_OWN.exists() else (32_768, 60_999)
    ports = [*range(LOWEST, low), *range(max(high + 1, LOWEST), END)] or list(range(LOWEST, END))
    random.SystemRandom().shuffle(ports)  # a generator of our own: tests and hypothesis seed the shared one
    locks = Path(tempfile.gettempdir()) / f"keshen-test-ports-{os.getuid()}"
    locks.mkdir(exist_ok=True)
    for port in ports:
        lock = (locks / str(port)).open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket(socket.AF_INET, kind) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("", port))
        except OSError:
            lock.close()
            continue
        _kept.append(lock)
        return port
    raise OSError("no port is free for a test")
