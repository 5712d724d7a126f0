"""Opening the house: the steps from an empty folder to the first channel on the air, and until everything is closed."""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from urllib.parse import urljoin

from keshen.config import home as place
from keshen.config import readiness
from keshen.config.doorman import doorman
from keshen.config.supervisor import Program, Supervisor, end_leftovers, keys

DEMO_LOGINS = ("reporter", "translator", "editor", "chief", "operator", "admin")
PORT_SECONDS = 5.0
HEAD_START_SECONDS = 6.0
FIRST_CHANNEL_SECONDS = 1800.0
RENDER_NICENESS = 10


class Trouble(RuntimeError):
    """The house cannot be opened; the message says why and what to do."""


class Progress:
    """Lines for a person, each with the seconds since the start."""

    def __init__(self) -> None:
        self.begun = time.monotonic()

    def __call__(self, text: str) -> None:
        print(f"[{time.monotonic() - self.begun:6.1f} s] {text}", flush=True)  # noqa: T201


def programs(port: int, home: Path) -> list[Program]:
    """The processes of an open house."""
    python = sys.executable
    keshen = (python, "-m", "keshen.cli")
    web = (
        python, "-m", "granian", "--interface", "asgi", "keshen.config.asgi:application",
        "--host", place.bind(), "--port", str(port), "--workers", "1", "--backlog", "8192", "--backpressure", "8192",
        "--no-access-log", "--log-level", "warning", "--respawn-failed-workers", "--workers-kill-timeout", "3",
        "--static-path-route", "/static", "--static-path-mount", str(home / "static"),
    )  # fmt: skip
    air = place.air_port()
    nodes = [Program("air", (*keshen, "air", "serve", "--host", place.bind(), "--port", str(air)))] if air else []
    renderers = max(1, (os.cpu_count() or 2) // 2)
    return [
        Program("web", web),
        *nodes,
        Program("worker-fast", (*keshen, "worker", "--queue", "fast", "--concurrency", "4")),
        Program("worker-intake", (*keshen, "worker", "--queue", "intake", "--concurrency", "4")),
        *(
            Program(f"worker-render-{number}", (*keshen, "worker", "--queue", "render"), nice=RENDER_NICENESS)
            for number in range(1, renderers + 1)
        ),
        Program("wire-pump", (*keshen, "wire", "pump")),
    ]


def check_port(port: int) -> None:
    """Raise Trouble when another program has the port; a closing one is given a moment to let go."""
    deadline = time.monotonic() + PORT_SECONDS
    while True:
        with socket.socket(socket.AF_INET6 if ":" in place.bind() else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((place.bind(), port))
                return
            except OSError as error:
                if error.errno == errno.EACCES:
                    raise Trouble(f"Port {port} may not be used by you. Set KESHEN_PORT to one above 1023.") from error
                if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                    raise Trouble(
                        f"Port {port} is in use by another program. Set another one: KESHEN_PORT={port + 10} make demo"
                    ) from error
        time.sleep(0.2)


def demo_password() -> str:
    """The password of the demo's logins: KESHEN_DEMO_PASSWORD, else one made once and kept in the home."""
    if given := os.environ.get("KESHEN_DEMO_PASSWORD"):
        return given
    path = place.home() / "demo-password"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text("keshen-" + secrets.token_hex(4))
    return path.read_text().strip()


async def open_house(*, demo_house: bool, verbose: bool = False) -> int:
    """Open the house and stay until told to close; returns the exit code.

    Raises Trouble, HouseOpen or PostgresError when it cannot be opened.
    """
    home, port = place.home(), place.port()
    tell = Progress()
    with keys(home, url=place.url()):
        (home / "logs").mkdir(mode=0o700, exist_ok=True)
        if gone := end_leftovers(home):
            tell(f"ended {gone} processes that an earlier run had left behind")
        check_port(port)
        if demo_house:
            os.environ["KESHEN_DEMO_PASSWORD"] = demo_password()
        supervisor = Supervisor(home, tell, verbose=verbose)
        supervisor.listen_for_signals()
        try:
            return await _open(supervisor, tell, demo_house=demo_house)
        finally:
            tell("closing")
            await supervisor.stop()
            tell("closed")


async def _open(supervisor: Supervisor, tell: Progress, *, demo_house: bool) -> int:
    async with AsyncExitStack() as door:
        await door.enter_async_context(doorman(place.bind(), place.port()))
        if not await _prepared(supervisor, tell):
            return 0
        tell("web, workers and wire: starting")
        web, *others = programs(place.port(), place.home())
        to_seed = demo_house and readiness.recall().get("seeded") != readiness.database()
        readiness.being_made(to_seed)
        supervisor.keep(web)
        answering = asyncio.create_task(_let_in(supervisor, door))
        # all at once they would share the cores, and the page would come last
        await asyncio.wait({answering}, timeout=HEAD_START_SECONDS)
        for program in others:
            supervisor.keep(program)
        opening = asyncio.create_task(
            _until_on_air(supervisor, tell, answering, to_seed=to_seed, demo_house=demo_house)
        )
        await supervisor.wait()
        opening.cancel()
        with suppress(asyncio.CancelledError):
            await opening
        return 0


async def _prepared(supervisor: Supervisor, tell: Progress) -> bool:
    """Database, tables and static files as this version needs them; False when told to close meanwhile."""
    home = place.home()
    keshen = (sys.executable, "-m", "keshen.cli")
    if place.embedded():
        tell(f"database: starting in {home}")
        supervisor.start_database()
        supervisor.keep_database()
    fingerprint = readiness.fingerprint()
    if readiness.recall().get("prepared") != fingerprint:
        code = await _step(supervisor, Program("prepare", (*keshen, "prepare")), _said(tell, "preparing"))
        if supervisor.stopping.is_set():
            return False
        if code != 0:
            raise Trouble(f"The tables could not be prepared:\n{_end_of(supervisor.log('prepare'))}")
    return True


def _said(tell: Progress, name: str) -> Callable[[str], None]:
    """Pass on a step's lines of progress; the rest of its output is in its log."""

    def line(text: str) -> None:
        if text.startswith(readiness.SAID):
            tell(f"{name}: {text.removeprefix(readiness.SAID)}")

    return line


async def _step(supervisor: Supervisor, program: Program, line: Callable[[str], None]) -> int:
    """Run one step to its end, or until the house is told to close."""
    task = asyncio.create_task(supervisor.once(program, line))
    closing = asyncio.create_task(supervisor.wait())
    await asyncio.wait({task, closing}, return_when=asyncio.FIRST_COMPLETED)
    closing.cancel()
    return task.result() if task.done() else 0


async def _let_in(supervisor: Supervisor, door: AsyncExitStack) -> None:
    """Let the doorman go as soon as the web process answers."""
    await _until_web_answers(supervisor)
    await door.aclose()


async def _until_on_air(
    supervisor: Supervisor, tell: Progress, answering: asyncio.Task[None], *, to_seed: bool, demo_house: bool
) -> None:
    base = f"http://{_own_address()}:{place.port()}"
    if to_seed:
        keshen = (sys.executable, "-m", "keshen.cli")
        code = await _step(supervisor, Program("seed", (*keshen, "seed")), _said(tell, "demo house"))
        readiness.being_made(False)
        if code != 0:
            tell(f"the demo house could not be made; what was made stays, and the next start goes on:\n"
                 f"{_end_of(supervisor.log('seed'))}")  # fmt: skip
    await answering
    tell("web: open")
    channels = await asyncio.to_thread(_channels)
    if channels:
        await _first_channel(tell, base, channels)
    _print_addresses(channels, demo_house=demo_house)


async def _until_web_answers(supervisor: Supervisor) -> None:
    address = f"http://{_own_address()}:{place.port()}/healthz"
    while not supervisor.stopping.is_set() and not await asyncio.to_thread(_answers, address):
        await asyncio.sleep(0.1)


def _own_address() -> str:
    """Where this machine reaches its own web process."""
    bound = place.bind()
    if bound in {"0.0.0.0", "::"}:
        return "127.0.0.1"
    return f"[{bound}]" if ":" in bound else bound


async def _first_channel(tell: Progress, base: str, channels: Sequence[tuple[str, str]]) -> None:
    """Wait until one of the channels gives a segment, and say what is being worked on meanwhile."""
    deadline = time.monotonic() + FIRST_CHANNEL_SECONDS
    said, said_at = "", 0.0
    while time.monotonic() < deadline:
        for slug, _kind in channels:
            if await asyncio.to_thread(_plays, f"{base}/air/{slug}/index.m3u8"):
                tell(f"on air: {slug}")
                return
        now = await asyncio.to_thread(_work)
        if now != said or time.monotonic() - said_at > 15:
            tell(f"preparing the channels: {now}")
            said, said_at = now, time.monotonic()
        await asyncio.sleep(0.5)
    tell("no channel is on air yet; the dashboard in the control room shows the work that failed")


def _fetch(url: str, limit: int = 1 << 20) -> bytes | None:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # our own address only
            return bytes(answer.read(limit))
    except (urllib.error.URLError, OSError):
        return None


def _answers(url: str) -> bool:
    return _fetch(url) is not None


def _plays(playlist: str) -> bool:
    """Whether a channel's newest segment can be had: from the multivariant playlist to the bytes."""
    address = playlist
    for _level in range(3):
        found = _fetch(address)
        if found is None:
            return False
        if not found.startswith(b"#EXTM3U"):
            return True
        lines = [line for line in found.decode(errors="replace").splitlines() if line and not line.startswith("#")]
        if not lines:
            return False
        address = urljoin(address, lines[-1])
    return False


def _query(statement: str) -> list[tuple[object, ...]]:
    import psycopg

    try:
        with psycopg.connect(place.database_address(), connect_timeout=5) as connection:
            return list(connection.execute(statement.encode()).fetchall())
    except psycopg.Error:
        return []


def _channels() -> list[tuple[str, str]]:
    """Slug and kind of the television and radio services, television first."""
    rows = _query("SELECT slug, kind FROM house_service WHERE kind IN ('tv', 'radio') ORDER BY kind DESC, position, id")
    return [(str(slug), str(kind)) for slug, kind in rows]


def _work() -> str:
    """The house's work in one line: how much is done, and what is under way."""
    counts = {
        str(state): int(str(count)) for state, count in _query("SELECT state, count(*) FROM house_job GROUP BY state")
    }
    total = sum(counts.values())
    done = counts.get("done", 0)
    running = _query(
        "SELECT name, note, CASE WHEN total > 0 THEN round((100 * done / total)::numeric) END "
        "FROM house_job WHERE state = 'running' ORDER BY id LIMIT 2"
    )
    under_way = "; ".join(
        f"{note or name}{f' {share} %' if share is not None else ''}" for name, note, share in running
    )
    failed = counts.get("failed", 0)
    return (
        f"{done} of {total} jobs done"
        + (f", {failed} failed" if failed else "")
        + (f": {under_way}" if under_way else "")
    )


def _end_of(path: Path, lines: int = 25) -> str:
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return f"(no log at {path})"


def _print_addresses(channels: Sequence[tuple[str, str]], *, demo_house: bool) -> None:
    base = place.url()
    rows = [("site", f"{base}/"), ("control room", f"{base}/control/"), ("guide", f"{base}/guide")]
    rows += [(f"watch {slug}", f"{base}/watch/{slug}") for slug, kind in channels if kind == "tv"]
    rows += [(f"listen to {slug}", f"{base}/listen/{slug}") for slug, kind in channels if kind == "radio"]
    rows += [("wire", f"{base}/wire/all.json"), ("API", f"{base}/api/openapi.json")]
    width = max(len(name) for name, _address in rows)
    lines = ["", "The house is open.", "", *(f"  {name:<{width}}  {address}" for name, address in rows)]
    if demo_house:
        lines += ["", f"  logins: {', '.join(DEMO_LOGINS)}", f"  password for each of them: {demo_password()}"]
    lines += ["", "Ctrl-C closes it. Everything is kept in " + str(place.home()), ""]
    print("\n".join(lines), flush=True)  # noqa: T201
