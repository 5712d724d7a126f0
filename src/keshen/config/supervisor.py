"""Keep the processes of one house running: start them, read what they say, start them again, end them together.

Children cannot outlive the supervisor (see `keshen.house.launch`), and each has a process group of its own, so that
the ffmpeg of a worker that was killed goes with it. What they print goes to `<home>/logs/<name>.log`, rotated.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path

from keshen.house import launch, postgres

MARK = "KESHEN_HOUSE"
"""Set in every descendant's environment to the home, by which leftovers of a killed house are found."""

STOP_SECONDS = 3.0
GONE_SECONDS = 10.0
"""How long a process that was killed may take to be gone, on a machine that has much to do."""
BACK_OFF = (0.2, 0.5, 1.0, 2.0, 5.0, 15.0, 30.0)
SETTLED_SECONDS = 60.0
LOG_BYTES, LOG_FILES = 10_000_000, 3
LINE_BYTES = 1 << 20


class HouseOpen(RuntimeError):
    """Another supervisor already keeps this home; the message names it."""


@dataclass(frozen=True)
class Program:
    """One process to keep running. `nice` is added to its priority number; higher is more modest."""

    name: str
    command: Sequence[str]
    nice: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)


PRIVATE = ("logs", "media", "work", "backups", "inbox")


def close_to_others(home: Path) -> None:
    """Let nobody else list the home or read what it keeps; the embedded database's own user may pass through."""
    home.chmod(0o711)
    for name in PRIVATE:
        if (home / name).is_dir():
            (home / name).chmod(0o700)


@contextlib.contextmanager
def keys(home: Path, **facts: object) -> Iterator[None]:
    """Hold the home for this process alone; the kernel lets go when the process ends, however it ends.

    Raises HouseOpen when another process holds it.
    """
    home.mkdir(parents=True, exist_ok=True)
    close_to_others(home)
    with (home / "house.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            with contextlib.suppress(ValueError):
                facts = json.loads(lock.read())
            raise HouseOpen(
                f"This house ({home}) is open already: process {facts.get('pid', '?')}, {facts.get('url', '')}. "
                "Close that one first, or set KESHEN_HOME to another folder and KESHEN_PORT to another port."
            ) from None
        lock.truncate(0)
        lock.write(json.dumps({"pid": os.getpid(), **facts}))
        lock.flush()
        yield


def leftovers(home: Path) -> list[int]:
    """Processes of an earlier run on this home that are still there (Linux; elsewhere none are found)."""
    wanted = os.fsencode(f"{MARK}={home}")
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        pid = int(path.name)
        try:
            environment = (path / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if pid != os.getpid() and wanted in environment:
            found.append(pid)
    return found


def end_leftovers(home: Path, seconds: float = 3.0) -> int:
    """End what an earlier run left behind: politely, and after `seconds` not; returns how many there were."""
    first = leftovers(home)
    for number, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, GONE_SECONDS)):
        for pid in leftovers(home):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + patience
        while leftovers(home) and time.monotonic() < deadline:
            time.sleep(0.05)
    return len(first)


class Supervisor:
    """Runs programs until told to stop. `tell` receives one line for a person about what happened."""

    def __init__(self, home: Path, tell: Callable[[str], None], *, verbose: bool = False) -> None:
        self.home = home
        self.tell = tell
        self.verbose = verbose
        self.stopping = asyncio.Event()
        self.processes: dict[str, asyncio.subprocess.Process] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._database: subprocess.Popen[bytes] | None = None

    def environment(self, program: Program) -> dict[str, str]:
        return {**os.environ, "PYTHONUNBUFFERED": "1", MARK: str(self.home), **program.environment}

    def start_database(self) -> None:
        """Start the embedded database. It must be started by the main thread: it ends when that thread ends."""
        self._database = postgres.start(self.home)

    def keep_database(self) -> None:
        self._tasks.append(asyncio.create_task(self._watch_database()))

    async def _watch_database(self) -> None:
        while not self.stopping.is_set():
            await asyncio.sleep(0.3)
            if self._database is not None and self._database.poll() is not None and not self.stopping.is_set():
                self.tell(f"database ended ({_how(self._database.returncode)}); starting it again")
                try:
                    self.start_database()
                except postgres.PostgresError as error:
                    self.tell(str(error))
                    await asyncio.sleep(BACK_OFF[-1])

    def keep(self, program: Program) -> None:
        """Start a program and keep it running."""
        self._tasks.append(asyncio.create_task(self._keep(program)))

    async def once(self, program: Program, line: Callable[[str], None]) -> int:
        """Run a program to its end, giving each line it prints to `line`; returns its exit code."""
        return await self._run(program, line)

    async def _keep(self, program: Program) -> None:
        failures = 0
        while not self.stopping.is_set():
            begun = time.monotonic()
            code = await self._run(program, None)
            if self.stopping.is_set():
                return
            failures = 0 if time.monotonic() - begun > SETTLED_SECONDS else failures + 1
            wait = BACK_OFF[min(failures, len(BACK_OFF)) - 1] if failures else 0.0
            self.tell(f"{program.name} ended ({_how(code)}); starting it again. Its log: {self.log(program.name)}")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), wait)

    def log(self, name: str) -> Path:
        return self.home / "logs" / f"{name}.log"

    async def _run(self, program: Program, line: Callable[[str], None] | None) -> int:
        command = [sys.executable, "-I", "-S", launch.__file__, "--parent", str(os.getpid())]
        command += ["--nice", str(program.nice), "--", *program.command]
        handler = RotatingFileHandler(self.log(program.name), maxBytes=LOG_BYTES, backupCount=LOG_FILES, delay=True)
        # a pipe of our own: asyncio would wait for the end of its pipe, which a grandchild may hold open
        read_end, write_end = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                env=self.environment(program),
                stdin=subprocess.DEVNULL,
                stdout=write_end,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        finally:
            os.close(write_end)
        self.processes[program.name] = process
        stream = asyncio.StreamReader(limit=LINE_BYTES)
        protocol = asyncio.StreamReaderProtocol(stream)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(read_end, "rb"))
        reader = asyncio.create_task(self._read(stream, program.name, handler, line))
        try:
            code = await process.wait()
            _signal_group(process.pid, signal.SIGKILL)
            await asyncio.wait({reader}, timeout=1.0)
            return code
        finally:
            reader.cancel()
            transport.close()
            handler.close()
            self.processes.pop(program.name, None)

    async def _read(
        self, stream: asyncio.StreamReader, name: str, log: RotatingFileHandler, line: Callable[[str], None] | None
    ) -> None:
        while True:
            try:
                raw = await stream.readline()
            except ValueError:  # longer than the limit: asyncio has dropped it
                continue
            if not raw:
                return
            text = raw.decode(errors="replace").rstrip("\n")
            try:
                log.emit(logging.LogRecord(name, logging.INFO, "", 0, text, None, None))
            except OSError as error:  # a full disk must not stop the house
                self.tell(f"the log of {name} cannot be written: {error}")
            if line is not None:
                line(text)
            elif self.verbose:
                self.tell(f"{name} | {text}")

    async def wait(self) -> None:
        """Until `stopping` is set, which SIGINT and SIGTERM do."""
        await self.stopping.wait()

    def listen_for_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._asked_to_stop)

    def _asked_to_stop(self) -> None:
        if self.stopping.is_set():  # asked twice: at once
            for process in self.processes.values():
                _signal_group(process.pid, signal.SIGKILL)
        self.stopping.set()

    async def stop(self) -> None:
        """End every program, the database last."""
        self.stopping.set()
        for process in list(self.processes.values()):
            _signal_group(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while self.processes and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        for process in list(self.processes.values()):
            _signal_group(process.pid, signal.SIGKILL)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._database is not None:
            postgres.stop(self.home)
            self._database.wait()


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"
