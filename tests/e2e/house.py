"""A whole house for tests that need one: `keshen demo` as a process of its own, and the ways to ask it things."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

READY_SECONDS = 420


@dataclass
class House:
    """A running house: its address, where it keeps things, and its supervisor."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("KESHEN_", "DATABASE_URL"))}
        return {
            **kept,
            "KESHEN_HOME": str(self.home),
            "KESHEN_PORT": str(self.port),
            "KESHEN_URL": self.url,
            "KESHEN_DEMO_PASSWORD": "keshen-demo-2026",
            "KESHEN_ALLOW_PRIVATE_TARGETS": "1",
        }

    def keshen(self, *arguments: str, timeout: float = 600) -> subprocess.CompletedProcess[str]:
        """Run `keshen` on this house."""
        return subprocess.run(
            [str(Path(sys.executable).parent / "keshen"), *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def keshen_json(self, *arguments: str, timeout: float = 600) -> Any:
        """Run `keshen ... --json` and read what it prints."""
        ended = self.keshen(*arguments, "--json", timeout=timeout)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return json.loads(ended.stdout)

    def get(self, path: str, **kwargs: Any) -> httpx.Response:
        return httpx.get(self.url + path, timeout=20, **kwargs)

    def last_lines(self, count: int = 60) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], Any], seconds: float, what: str, every: float = 0.5) -> Any:
    """The first true answer of `condition`. Raises AssertionError after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(httpx.HTTPError):
            answer = condition()
            if answer:
                return answer
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(every)


def open_house(home: Path, log: Path, port: int | None = None) -> House:
    """Start a house and wait until its first channel plays."""
    port = port or free_port()
    house = House(home, port, subprocess.Popen(["true"]), log)
    house.process = subprocess.Popen(
        [str(Path(sys.executable).parent / "keshen"), "demo"],
        env=house.environment,
        stdout=log.open("ab"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )

    def playing() -> bool:
        assert house.process.poll() is None, f"the house closed by itself:\n{house.last_lines()}"
        return house.get("/healthz").status_code == 200 and house.get("/air/jibek-joly/index.m3u8").status_code == 200

    try:
        until(playing, READY_SECONDS, "the first channel playing")
    except BaseException:
        close_house(house)
        print(house.last_lines())
        raise
    return house


def close_house(house: House) -> None:
    """Ctrl-C, as a person would; after half a minute, harder."""
    house.process.send_signal(signal.SIGINT)
    try:
        house.process.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(house.process.pid, signal.SIGKILL)
        house.process.wait()
        raise
