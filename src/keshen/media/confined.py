"""Programs that read what others made (ffmpeg, the prober, the voice) run apart: limited, without network, mortal.

Such a process dies with the thread that waits for it, keeps to its limits of time, memory and file size, and a crash
of it is an error here, not a crash of ours.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TAIL_LINES: Final = 40
LOOK_EVERY: Final = 0.25
_CONFINE: Final = str(Path(__file__).with_name("confine.py"))
_KEPT_VARIABLES: Final = ("PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH")
_DEATHS: Final = {
    signal.SIGXCPU: "it used up its processor time",
    signal.SIGXFSZ: "its output grew larger than allowed",
    signal.SIGKILL: "it was killed (out of memory or time)",
    signal.SIGSEGV: "it crashed",
    signal.SIGABRT: "it crashed",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a confined program may use: seconds by the clock and of processor, bytes of memory and of one file.

    Zero means no limit.
    """

    wall: float = 600
    cpu: int = 0
    memory: int = 4 << 30
    file: int = 8 << 30


class ProgramFailed(Exception):
    """A confined program ended badly. `reason` is one line for people; `tail` the last lines it printed."""

    def __init__(self, reason: str, tail: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.reason, self.tail = reason, tuple(tail)


class Missing(ProgramFailed):
    """The program is not on this machine."""


def _command(argv: Sequence[str], limits: Limits) -> list[str]:
    return [
        sys.executable, "-I", "-S", _CONFINE,
        str(limits.cpu), str(limits.memory), str(limits.file), *argv,
    ]  # fmt: skip


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    return {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ} | dict(extra)


def ending(code: int) -> str:
    """What a return code says, in words."""
    if code >= 0:
        return f"it ended with status {code}"
    return _DEATHS.get(signal.Signals(-code), f"it was ended by signal {-code}")


def run(
    argv: Sequence[str],
    *,
    limits: Limits,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
) -> bytes:
    """Run a program to its end and give what it printed. Raises ProgramFailed, with its complaint as the tail."""
    if not Path(argv[0]).exists():
        raise Missing(f"{argv[0]} is not on this machine")
    try:
        done = subprocess.run(
            _command(argv, limits),
            input=stdin,
            capture_output=True,
            timeout=limits.wall or None,
            env=_environment(environment or {}),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ProgramFailed(f"it took longer than {limits.wall:g} s", _lines(error.stderr or b"")) from error
    if done.returncode:
        raise ProgramFailed(ending(done.returncode), _lines(done.stderr))
    return done.stdout


def follow(
    argv: Sequence[str],
    *,
    limits: Limits,
    on_line: Callable[[str], None],
    check: Callable[[], None] | None = None,
) -> None:
    """Run a program, handing over each line it prints (its complaints too) as it comes.

    `check` is called a few times a second; whatever it raises ends the program and is raised here. So is what
    `on_line` raises. Raises ProgramFailed when the program fails or overruns its time.
    """
    if not Path(argv[0]).exists():
        raise Missing(f"{argv[0]} is not on this machine")
    process = subprocess.Popen(
        _command(argv, limits),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=_environment({}),
        start_new_session=True,
    )
    tail: list[str] = []
    overrun = False
    try:
        overrun = not _drain(process, limits.wall, on_line, check, tail)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
    if overrun:
        raise ProgramFailed(f"it took longer than {limits.wall:g} s", tail)
    if process.returncode:
        raise ProgramFailed(ending(process.returncode), tail)


def _drain(
    process: subprocess.Popen[bytes],
    wall: float,
    on_line: Callable[[str], None],
    check: Callable[[], None] | None,
    tail: list[str],
) -> bool:
    """Read the program's lines to the end; False when its time ran out first."""
    assert process.stdout is not None
    deadline = time.monotonic() + wall if wall else float("inf")
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if check:
                check()
            if time.monotonic() > deadline:
                return False
            if not selector.select(LOOK_EVERY):
                continue
            chunk = os.read(process.stdout.fileno(), 65536)
            *lines, rest = (rest + chunk).replace(b"\r", b"\n").split(b"\n")
            if not chunk and rest:
                lines, rest = [rest], b""
            for line in lines:
                text = line.decode("utf-8", "replace")
                on_line(text)
                tail[:] = [*tail[-TAIL_LINES + 1 :], text]
            if not chunk:
                process.wait()
                return True


def _lines(output: bytes) -> list[str]:
    return output.decode("utf-8", "replace").splitlines()[-TAIL_LINES:]
