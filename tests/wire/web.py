"""A web process on the tests' database, which may be killed and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests import asking
from tests.waiting import LIMIT, until
from tests.wire.storm.storm import ROOT, database_address


@dataclass
class Web:
    """The process at one port; its log is in `home`."""

    port: int
    home: Path
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def feed(self) -> str:
        return f"http://127.0.0.1:{self.port}/wire/all"

    @property
    def log(self) -> Path:
        return self.home / "web.log"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable, "-m", "granian", "--interface", "asgi", "--port", str(self.port), "--workers", "1",
                    "--no-access-log", "--log-level", "warning", "keshen.config.asgi:application",
                ],
                env={**os.environ, "DATABASE_URL": database_address(), "KESHEN_HOSTS": "127.0.0.1"},
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )  # fmt: skip
        until(self.answers, "the web process answering")

    def answers(self) -> bool:
        assert self.process
        ended = self.process.poll()
        assert ended is None, f"the web process ended with {ended}: {self.log.read_text()[-4000:]}"
        with suppress(httpx.HTTPError):
            # one answer that never comes, since the process was not ready for the question, is asked for again
            return asking.get(f"{self.feed}.json", timeout=LIMIT / 8).status_code == 200
        return False

    def kill(self) -> None:
        if self.process:
            with suppress(ProcessLookupError):  # it ended by itself: whoever asked for an answer has said so
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
            # its workers die a moment later, and hold the port until then
            until(self.silent, "the port of a killed web process free again")

    def silent(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=LIMIT).close()
        except ConnectionRefusedError:
            return True
        except OSError:
            pass
        return False
