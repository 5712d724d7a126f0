"""A small house of its own for the benchmarks of the air, a client that costs little, and what a process used."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from keshen.house import postgres

ROOT = Path(__file__).resolve().parent.parent
SECONDS = float(os.environ.get("KESHEN_BENCH_SECONDS") or 10)
PLACES = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def tell(name: str, value: float, unit: str, **more: Any) -> None:
    print(json.dumps({"name": name, "value": round(value, 3), "unit": unit, **more}))


def program(name: str, package: str, what: str) -> str | None:
    """Where a program is; its absence is a finding."""
    found = shutil.which(name, path=PLACES)
    if found is None:
        print(json.dumps({"name": what, "skipped": f"{name} is not installed: apt-get install {package}"}))
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def used(pid: int) -> float:
    """Processor seconds a process and its children have used so far."""
    total = 0.0
    for one in [pid, *_children(pid)]:
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND
    return total


def _children(pid: int) -> list[int]:
    found = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return found + [grandchild for child in found for grandchild in _children(child)]


@contextmanager
def running(command: list[str], port: int, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A server as a child, once its port answers; ended at the end."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **options)
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None:
                raise RuntimeError((process.stderr.read() if process.stderr else b"").decode()[-1000:])
            time.sleep(0.1)
        else:
            raise RuntimeError(f"nothing answered on port {port} within a minute")
        yield process
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def house() -> Iterator[dict[str, str]]:
    """A small real house with a database and a store of its own; gives the environment of its programs."""
    with tempfile.TemporaryDirectory(prefix="kb-") as name:
        home = Path(name)
        home.chmod(0o755)
        environment = {
            **os.environ,
            "KESHEN_HOME": str(home),
            "DATABASE_URL": postgres.address(home),
            "DJANGO_SETTINGS_MODULE": "keshen.config.settings",
            "PYTHONPATH": str(ROOT),
            "KESHEN_STORE": str(home / "media"),
        }
        postgres.start(home, throwaway=True)
        try:
            print("furnishing a house")
            subprocess.run([sys.executable, str(ROOT / "tests/air/furnish.py")], env=environment, check=True)
            yield environment
        finally:
            postgres.stop(home)


@contextmanager
def serving(environment: dict[str, str], *, web: bool = False) -> Iterator[tuple[int, int]]:
    """An air node over a house, or the house's `web` process; gives its port and process id."""
    port = free_port()
    node = ["-m", "keshen.cli", "air", "serve", "--port", str(port)]
    granian = ["-m", "granian", "--interface", "asgi", "--port", str(port), "--log-level", "error"]
    command = [sys.executable, *([*granian, "keshen.config.asgi:application"] if web else node)]
    with running(command, port, env=environment, cwd=ROOT) as process:
        yield port, process.pid


@contextmanager
def air() -> Iterator[tuple[int, int]]:
    """An air node over a small real house; gives its port and process id."""
    with house() as environment, serving(environment) as found:
        yield found


def fetch(port: int, path: str) -> bytes:
    with urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        body: bytes = answer.read()
    return body


async def _connection(port: int, path: str, until: float, depth: int) -> int:
    """Ask for one path again and again over one kept connection, `depth` requests under way; how many were answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    answered = 0
    while time.monotonic() < until:
        writer.write(request * depth)
        for _ in range(depth):
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode("latin-1"))
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))
            answered += 1
    writer.close()
    return answered


async def _asked(port: int, path: str, seconds: float, connections: int, depth: int) -> int:
    until = time.monotonic() + seconds
    return sum(await asyncio.gather(*(_connection(port, path, until, depth) for _ in range(connections))))


def per_cpu_second(port: int, pid: int, path: str, *, connections: int = 32, depth: int = 1) -> float:
    """Answers a second of the server's own processor time, so that the client's cost does not count."""
    fetch(port, path)
    before = used(pid)
    answered = asyncio.run(_asked(port, path, SECONDS, connections, depth))
    return answered / max(used(pid) - before, 1 / TICKS_A_SECOND)
