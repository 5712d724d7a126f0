"""A whole house for tests that need one: `keshen demo` as a process of its own, and the ways to ask it things."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

from keshen.house import postgres
from tests import asking, waiting
from tests.ports import free_port
from tests.waiting import LIMIT

READY_SECONDS = 900
WAIT_SECONDS = 900
"""What a story may take to every outlet: its packages are rendered, and the machine may be busy."""
DEMO_STORIES = 2
"""How many stories the demo has here: these tests bring their own."""
TICK_SECONDS = 0.32
FREEZE_TICKS = 36
MARK = "KESHEN_HOUSE"

HURRY = """
from keshen.air import actions
from keshen.air.actions import locking
from keshen.air.models import Week
from keshen.house.models import User
locking.EDIT_MS = 600_000
for week in Week.objects.select_related("service"):
    if "bulletin" in week.body:
        bulletin = {**week.body["bulletin"], "every": 3, "items": 1}
        actions.set_week(User.objects.system(), week.service, {**week.body, "bulletin": bulletin})
        actions.lay_anew(User.objects.system(), week.service)
"""
"""Bulletins of one item every three minutes, so that a story is on the air while a test can still wait for it."""


ACCOUNT = {
    "work that is not done": """SELECT key, state, attempts, reason, created_at::time(0), started_at::time(0)
        FROM house_job WHERE state <> 'done' ORDER BY id LIMIT 60""",
    "work of the air": """SELECT key, state, attempts, reason, created_at::time(0), finished_at::time(0)
        FROM house_job WHERE name IN ('air.tell', 'air.enter', 'air.correct') ORDER BY id""",
    "items, the newest first": """SELECT i.id, i.story_id, i.outlet, i.state, i.reason, i.created_at::time(0),
        i.ready_at::time(0), a.duration_ticks, a.state, a.reason
        FROM air_item i LEFT JOIN media_asset a ON a.id = i.asset_id ORDER BY i.created_at DESC, i.id DESC""",
    "news as it is laid": """SELECT s.slug, e.state, e.item_id, count(*), min(e.start_tick), max(e.end_tick)
        FROM air_entry e JOIN house_service s ON s.id = e.service_id WHERE e.item_id IS NOT NULL
        GROUP BY 1, 2, 3 ORDER BY 1, 3, 2""",
    "how far it is laid": """SELECT s.slug, count(*), min(e.start_tick), max(e.end_tick),
        floor(extract(epoch FROM now()) / 0.32) FROM air_entry e JOIN house_service s ON s.id = e.service_id
        WHERE e.state = 'laid' GROUP BY 1 ORDER BY 1""",
    "alarms": "SELECT * FROM air_alarm ORDER BY id",
    "events of the air": """SELECT at::time(0), kind, subject, after, reason FROM house_event
        WHERE kind IN ('air.item_entered', 'air.item_changed', 'air.laid', 'air.laid_anew')
        ORDER BY id DESC LIMIT 60""",
    "what the database does": """SELECT pid, state, wait_event, now() - xact_start, left(query, 120)
        FROM pg_stat_activity WHERE backend_type = 'client backend' AND state <> 'idle'""",
}
"""What is asked of a house in which a test failed."""


@dataclass
class House:
    """A running house: its address, where it keeps things, and its supervisor."""

    home: Path
    port: int
    process: subprocess.Popen[bytes] | None
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
            "KESHEN_DEMO_STORIES": str(DEMO_STORIES),
            "KESHEN_ALLOW_PRIVATE_TARGETS": "1",
        }

    def keshen(self, *arguments: str, timeout: float = WAIT_SECONDS + LIMIT) -> subprocess.CompletedProcess[str]:
        """Run `keshen` on this house."""
        return subprocess.run(
            [str(Path(sys.executable).parent / "keshen"), *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def keshen_json(self, *arguments: str, timeout: float = WAIT_SECONDS + LIMIT) -> Any:
        """Run `keshen ... --json` and read what it prints."""
        ended = self.keshen(*arguments, "--json", timeout=timeout)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return json.loads(ended.stdout)

    def hurry(self) -> None:
        ended = self.keshen("manage", "shell", "--no-imports", "--command", HURRY)
        assert ended.returncode == 0, ended.stdout + ended.stderr

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """What stands in the house's database."""
        with psycopg.connect(postgres.address(self.home)) as connection:
            return connection.execute(statement.encode(), values).fetchall()

    def processes(self) -> dict[int, str]:
        """Every process of this house but its supervisor and its database: number and command line."""
        wanted = os.fsencode(f"{MARK}={self.home}")
        work = os.fsencode(self.home / "work")  # confined programs are not given the environment
        found = {}
        for path in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                line = (path / "cmdline").read_bytes()
                if wanted in (path / "environ").read_bytes().split(b"\0") or work in line:
                    found[int(path.name)] = line.replace(b"\0", b" ").decode()
        return found

    def postmaster(self) -> int | None:
        """The process of the house's database, when one runs."""
        with contextlib.suppress(OSError, ValueError):
            number = int((postgres.data_folder(self.home) / "postmaster.pid").read_text().splitlines()[0])
            if b"postgres" in Path(f"/proc/{number}/cmdline").read_bytes():
                return number
        return None

    def get(self, path: str, **kwargs: Any) -> httpx.Response:
        return asking.get(self.url + path, **kwargs)

    def newest_segment(self, service: str = "jibek-joly", rung: str = "v360") -> str | None:
        """The address of the newest segment of a channel, if it can be had."""
        answer = self.get(f"/air/{service}/{rung}/index.m3u8")
        names = [line for line in answer.text.splitlines() if line and not line.startswith("#")]
        if answer.status_code != 200 or not names:
            return None
        address = f"/air/{service}/{rung}/{names[-1]}"
        return address if self.get(address).status_code == 200 else None

    def last_lines(self, count: int = 60) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])

    def account(self) -> str:
        """What the house can say for itself when a test fails: work that is not done, alarms, what is laid, errors."""
        parts = [f"{what}:\n" + "\n".join(map(str, self._asked(statement))) for what, statement in ACCOUNT.items()]
        for log in sorted((self.home / "logs").glob("*.log")):
            lines = log.read_text(errors="replace").splitlines()
            told = [line for line in lines if "ERROR" in line or "Error:" in line or "WARNING" in line]
            parts.append(f"{log.name} ({len(lines)} lines, {len(told)} errors or warnings):\n" + "\n".join(told[-20:]))
        return "\n\n".join([*parts, f"demo.log:\n{self.last_lines()}"])

    def _asked(self, statement: str) -> list[Any]:
        try:
            return self.rows(statement)
        except psycopg.Error as error:
            return [error]


def until(condition: Callable[[], Any], what: str, *, seconds: float = 3 * LIMIT, every: float = 0.25) -> Any:
    """The first true answer of `condition` of a house, which may be closed for a while."""

    def asked() -> Any:
        with contextlib.suppress(httpx.HTTPError, psycopg.OperationalError):
            return condition()
        return None

    return waiting.until(asked, what, seconds=seconds, every=every)


def attach(home: Path, port: int) -> House:
    """A house that somebody else opened."""
    return House(home, port, None, home / "demo.log")


def open_house(home: Path, log: Path, port: int | None = None) -> House:
    """Start a house and wait until its first channel plays."""
    house = House(home, port or free_port(), None, log)
    start(house)
    return house


def start(house: House) -> float:
    """Start the house and wait until its first channel plays; returns the seconds that took."""
    begun = time.monotonic()
    house.process = subprocess.Popen(
        [str(Path(sys.executable).parent / "keshen"), "demo"],
        env=house.environment,
        stdout=house.log.open("ab"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )

    def playing() -> bool:
        assert house.process is not None
        assert house.process.poll() is None, f"the house closed by itself:\n{house.last_lines()}"
        return house.newest_segment() is not None

    try:
        until(playing, "the first channel playing", seconds=READY_SECONDS, every=0.1)
    except BaseException:
        close_house(house)
        print(house.last_lines())
        raise
    return time.monotonic() - begun


def close_house(house: House) -> None:
    """Ctrl-C, as a person would; much later, harder."""
    assert house.process is not None
    house.process.send_signal(signal.SIGINT)
    try:
        house.process.wait(LIMIT)
    except subprocess.TimeoutExpired:
        os.killpg(house.process.pid, signal.SIGKILL)
        house.process.wait()
        raise
