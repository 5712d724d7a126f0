"""The supervisor: what ends is started again, what it started ends with it, and nothing of an earlier run stays."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from keshen.config import opening
from keshen.config.supervisor import MARK, HouseOpen, Program, Supervisor, end_leftovers, keys, leftovers
from tests.waiting import LIMIT, come, until

SLEEPER = "import time; print('here', flush=True); time.sleep(600)"
PARENT_OF_ONE = (
    "import subprocess, sys, time; "
    "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid, flush=True); time.sleep(600)"
)
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); time.sleep(600)"
)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"
    except FileNotFoundError:
        return False


def house(home: Path, said: list[str]) -> Supervisor:
    (home / "logs").mkdir(parents=True)
    return Supervisor(home, said.append)


def test_a_killed_program_and_its_children_are_replaced(tmp_path: Path) -> None:
    async def scene() -> None:
        said: list[str] = []
        supervisor = house(tmp_path, said)
        supervisor.keep(Program("worker", (sys.executable, "-c", PARENT_OF_ONE)))
        log = supervisor.log("worker")
        await come(lambda: log.exists() and log.read_text().strip(), "the program saying something")
        first, child = supervisor.processes["worker"].pid, int(log.read_text().split()[0])
        os.kill(first, signal.SIGKILL)
        await come(
            lambda: supervisor.processes.get("worker") and supervisor.processes["worker"].pid != first, "another worker"
        )
        await come(lambda: not alive(child), "the child ended")
        assert "SIGKILL" in said[0]
        await come(lambda: len(log.read_text().split()) == 2, "the other worker saying something")
        await supervisor.stop()
        assert not supervisor.processes
        await come(lambda: not any(alive(int(pid)) for pid in log.read_text().split()), "all of them ended")

    asyncio.run(scene())


def test_stopping_is_quick_even_when_a_program_will_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keshen.config.supervisor.STOP_SECONDS", 0.5)

    async def scene() -> None:
        supervisor = house(tmp_path, [])
        supervisor.keep(Program("stubborn", (sys.executable, "-c", STUBBORN)))
        await come(supervisor.log("stubborn").exists, "the program saying something")
        pid = supervisor.processes["stubborn"].pid
        await asyncio.wait_for(supervisor.stop(), LIMIT)  # it sleeps for five times as long
        assert not alive(pid)

    asyncio.run(scene())


def test_a_program_that_cannot_start_is_tried_ever_more_rarely(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = (0.2, 0.6, 1.8)
    monkeypatch.setattr("keshen.config.supervisor.BACK_OFF", waits)

    async def scene() -> None:
        said: list[tuple[float, str]] = []
        (tmp_path / "logs").mkdir(parents=True)
        supervisor = Supervisor(tmp_path, lambda line: said.append((time.monotonic(), line)))
        supervisor.keep(Program("broken", (sys.executable, "-c", "raise SystemExit(3)")))
        await come(lambda: len(said) == len(waits) + 1, "the program tried again and again")
        await supervisor.stop()
        assert all("exit code 3" in line for _, line in said)
        rests = [after - before for (before, _), (after, _) in pairwise(said)]
        assert all(rest >= wait for rest, wait in zip(rests, waits, strict=True)), rests

    asyncio.run(scene())


def test_programs_end_with_a_supervisor_killed_with_minus_9_and_the_next_start_finds_nothing(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys; from pathlib import Path; from keshen.config.supervisor import Program, Supervisor\n"
        "async def scene():\n"
        "    supervisor = Supervisor(Path(sys.argv[1]), print)\n"
        "    supervisor.keep(Program('web', (sys.executable, '-c', sys.argv[2])))\n"
        "    supervisor.keep(Program('stubborn', (sys.executable, '-c', sys.argv[3])))\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(scene())\n"
    )
    (tmp_path / "logs").mkdir()
    logs = [tmp_path / "logs" / name for name in ("web.log", "stubborn.log")]
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path), SLEEPER, STUBBORN]) as process:
        until(lambda: all(log.exists() and log.read_text() for log in logs), "both programs saying something")
        assert len(leftovers(tmp_path)) == 2
        process.kill()
    until(lambda: len(leftovers(tmp_path)) == 1, "only the one that ignores the signal being left")
    assert end_leftovers(tmp_path, seconds=0.5) == 1
    assert leftovers(tmp_path) == []


def test_only_processes_of_this_home_count_as_left_over(tmp_path: Path) -> None:
    other = {**os.environ, MARK: str(tmp_path / "other")}
    with subprocess.Popen([sys.executable, "-c", SLEEPER], env=other, stdout=subprocess.DEVNULL) as process:
        assert end_leftovers(tmp_path, seconds=0.2) == 0
        assert process.poll() is None
        process.kill()


def test_a_home_is_kept_by_one_at_a_time(tmp_path: Path) -> None:
    again = keys(tmp_path)
    with keys(tmp_path, url="http://localhost:8000"), pytest.raises(HouseOpen, match="http://localhost:8000"):
        again.__enter__()
    with keys(tmp_path):
        pass


def test_a_busy_port_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.setattr(opening, "PORT_SECONDS", 0.0)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(opening.Trouble, match=f"Port {port} is in use.*KESHEN_PORT="):
            opening.check_port(port)
