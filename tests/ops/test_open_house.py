"""An open house, process by process: whichever is killed comes back, Ctrl-C closes all, and no death leaves a mess."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from keshen.config.supervisor import leftovers
from keshen.house import pghome, postgres
from tests.ports import free_port
from tests.waiting import LIMIT, until

PROCESSES = ("granian", "worker --queue fast", "worker --queue render", "wire pump")


class House:
    """`keshen run` on an empty home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        environment |= {"KESHEN_HOME": str(self.home), "KESHEN_PORT": str(self.port)}
        with (self.home.parent / "out").open("ab") as out:
            command = [sys.executable, "-m", "keshen.cli", "run"]
            self.process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        until(
            lambda: self.answers() and self.said().count("The house is open.") == self.said().count("starting in"),
            "the house open",
        )

    def said(self) -> str:
        return (self.home.parent / "out").read_text()

    def answers(self) -> bool:
        assert self.process is not None and self.process.poll() is None, self.said()[-3000:]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=LIMIT) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def pid(self, words: str) -> int | None:
        """The process kept by the supervisor whose command line holds these words."""
        assert self.process is not None
        for path in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((path / "stat").read_text().rsplit(") ", 1)[1].split()[1])
                line = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (OSError, IndexError):
                continue
            if parent == self.process.pid and words in line:
                return int(path.name)
        return None

    def close(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        self.process.wait(LIMIT)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    opened = House(tmp_path_factory.mktemp("h") / "home")
    opened.open()
    yield opened
    if opened.process is not None and opened.process.poll() is None:
        opened.close()


@pytest.mark.parametrize("words", PROCESSES)
def test_a_killed_process_comes_back(house: House, words: str) -> None:
    until(lambda: house.pid(words), f"{words} running")
    first = house.pid(words)
    assert first is not None
    os.kill(first, signal.SIGKILL)
    until(lambda: (house.pid(words) or first) != first, f"{words} again")
    until(house.answers, "the house answering")


def test_the_database_comes_back(house: House) -> None:
    first = house.pid("postgres")
    assert first is not None
    os.kill(first, signal.SIGKILL)
    until(lambda: (house.pid("postgres") or first) != first, "the database again")
    until(house.answers, "the house answering")


def test_a_second_house_on_the_same_home_is_refused(house: House) -> None:
    environment = {**os.environ, "KESHEN_HOME": str(house.home), "KESHEN_PORT": "1"}
    command = [sys.executable, "-m", "keshen.cli", "run"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 1
    assert "is open already" in done.stderr
    assert house.answers()


def test_after_kill_9_of_the_supervisor_all_ends_and_the_next_start_is_clean(house: House) -> None:
    assert house.process is not None
    house.process.kill()
    house.process.wait()
    until(lambda: not postgres.running(house.home), "the database ended")
    house.open()
    assert house.answers()


def test_after_kill_9_of_everything_the_next_start_is_clean(house: House) -> None:
    assert house.process is not None
    server = pghome.data_folder(house.home) / "postmaster.pid"
    victims = [house.process.pid, int(server.read_text().split()[0]), *leftovers(house.home)]
    for pid in victims:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    house.process.wait()
    house.open()
    assert house.answers()


def test_ctrl_c_closes_everything(house: House) -> None:
    house.close()
    assert house.process is not None and house.process.returncode == 0
    assert leftovers(house.home) == []
    assert not postgres.running(house.home)
    with socket.socket() as port:
        port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        port.bind(("127.0.0.1", house.port))
