"""The embedded PostgreSQL: one server for each KESHEN_HOME, reached over a Unix socket and by nobody else.

PostgreSQL refuses to run as root: under root the server runs as the system user `keshen`. Access is by folder
permission: whoever may enter the socket's folder is the house.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from keshen.house import launch
from keshen.house.pghome import (
    DATABASE,
    ROLE,
    SOCKET_NAME,
    PostgresError,
    address,
    data_folder,
    data_major,
    keep_programs,
    programs,
    root,
    shipped_major,
    socket_folder,
)

__all__ = ["PostgresError", "address", "data_major", "open_for", "running", "start", "stop"]

SYSTEM_USER = "keshen"
START_SECONDS = 60.0
STOP_SECONDS = 30.0

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "256MB",
    "effective_cache_size": "2GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "synchronous_commit": "on",
    "wal_compression": "on",
    # after a crash the log since the last checkpoint is gone through before anybody is let in
    "checkpoint_timeout": "2min",
    "jit": "off",
    # parallel queries need /dev/shm, which is tiny in most containers
    "max_parallel_workers_per_gather": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "2s",
}
# Only for tests: a server whose data may be lost with the machine.
THROWAWAY: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
}


@dataclass(frozen=True)
class Account:
    """The system user that owns the data. `drop` says whether the server must give up root to become it."""

    uid: int
    gid: int
    drop: bool


def account(home: Path) -> Account:
    """Whom the server runs as: ourselves, or under root the owner of the data, else the system user `keshen`."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), drop=False)
    data = data_folder(home)
    if data.exists() and data.stat().st_uid != 0:
        owner = data.stat()
        return Account(owner.st_uid, owner.st_gid, drop=True)
    with suppress(KeyError):
        entry = pwd.getpwnam(SYSTEM_USER)
        return Account(entry.pw_uid, entry.pw_gid, drop=True)
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd:
        subprocess.run(
            [
                useradd,
                "--system",
                "--no-create-home",
                "--home-dir",
                "/nonexistent",
                "--shell",
                "/usr/sbin/nologin",
                SYSTEM_USER,
            ],
            check=False,
            capture_output=True,
        )
        with suppress(KeyError):
            entry = pwd.getpwnam(SYSTEM_USER)
            return Account(entry.pw_uid, entry.pw_gid, drop=True)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid, drop=True)


def _closed_to(others: Account, *paths: Path) -> bool:
    """Whether a folder on the way to any of the paths cannot be walked through by another user."""
    return others.drop and any(
        not folder.stat().st_mode & stat.S_IXOTH
        for path in paths
        for folder in (path, *path.parents)
        if folder.is_dir() and folder.stat().st_uid != others.uid
    )


def command(home: Path, *arguments: str | Path, major: int | None = None, die: bool = False) -> list[str]:
    """The command line that runs one of PostgreSQL's programs as the right user; `die`: it ends when we end."""
    who = account(home)
    bin_folder = programs(home, major)
    program, *rest = (str(argument) for argument in arguments)
    options: list[str] = []
    if die:
        options += ["--parent", str(os.getpid()), "--death-signal", "SIGINT"]
    if who.drop:
        options += ["--user", f"{who.uid}:{who.gid}"]
        if _closed_to(who, bin_folder, root(home)):
            if launch.held_capability() is None:
                raise PostgresError(
                    f"The database's user cannot reach {home}: a folder above it is closed to others. "
                    "Set KESHEN_HOME to a folder such as /var/lib/keshen, or run as an ordinary user."
                )
            options.append("--traverse")
    return [sys.executable, "-I", "-S", launch.__file__, *options, "--", str(bin_folder / program), *rest]


def _run(home: Path, *arguments: str | Path, major: int | None = None) -> str:
    done = subprocess.run(
        command(home, *arguments, major=major), cwd="/", env=_environment(), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
    )  # fmt: skip
    if done.returncode != 0:
        raise PostgresError(f"{arguments[0]} failed ({done.returncode}):\n{done.stdout.strip()[-2000:]}")
    return done.stdout


def _environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _owned_folder(path: Path, who: Account) -> None:
    """Make a folder that only the database's user (and root) may enter.

    Raises PostgresError if somebody else's folder or link is already there.
    """
    with suppress(FileExistsError):
        path.mkdir(mode=0o700, parents=False)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {who.uid, os.geteuid()}:
        raise PostgresError(f"{path} belongs to somebody else. Remove it, or set KESHEN_HOME to another folder.")
    if found.st_uid != who.uid:
        os.chown(path, who.uid, who.gid)
    path.chmod(0o700)


def initialise(home: Path, major: int | None = None, folder: Path | None = None) -> Path:
    """Make an empty cluster (UTF-8, code point order) and return its folder. A half-made one is replaced."""
    major = major or shipped_major()
    final = folder or data_folder(home, major)
    if (final / "PG_VERSION").exists():
        return final
    home.mkdir(parents=True, exist_ok=True)
    root(home).mkdir(mode=0o755, exist_ok=True)
    keep_programs(home, major)
    who = account(home)
    unfinished = final.with_name(f"{final.name}.initdb")
    shutil.rmtree(unfinished, ignore_errors=True)
    _owned_folder(unfinished, who)
    locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8") if major >= 17 else ("--locale=C.UTF-8",)
    _run(
        home, "initdb", "--pgdata", unfinished, "--username", ROLE, "--auth", "trust", "--encoding", "UTF8",
        *locale, "--data-checksums", "--no-instructions", major=major,
    )  # fmt: skip
    unfinished.rename(final)
    return final


def _postmaster(data: Path) -> tuple[int, str] | None:
    """Process id and status from the lock file of a living server; None when there is none."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return None
    try:
        program = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        if Path("/proc/self").exists():
            return None
        program = [b"postgres", os.fsencode(data)]
    # the number may have been given to another program since
    if os.fsencode(data) not in program:
        return None
    return pid, lines[7].strip() if len(lines) > 7 else "starting"


def running(home: Path) -> bool:
    """Whether this home's server is up and takes connections."""
    if data_major(home) is None:
        return False
    found = _postmaster(data_folder(home))
    return found is not None and found[1] == "ready"


@contextmanager
def _starting(home: Path) -> Iterator[None]:
    with (root(home) / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def start(home: Path, *, throwaway: bool = False, log: Path | None = None) -> subprocess.Popen[bytes] | None:
    """Start this home's server, making it on the first call, and wait until it takes connections.

    Returns the server's process, which ends with the thread that calls this (fast shutdown); None when it was already
    running. Raises PostgresError with the end of the server's log when it does not come up within a minute.
    """
    home = home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    root(home).mkdir(mode=0o755, exist_ok=True)
    with _starting(home):
        if data_major(home) is None:
            initialise(home)
        process = serve(home, data_folder(home), socket_folder(home), throwaway=throwaway, log=log)
        ensure_database(address(home, "postgres"))
    return process


def serve(
    home: Path, data: Path, sockets: Path, *, throwaway: bool = False, log: Path | None = None
) -> subprocess.Popen[bytes] | None:
    """Run a server on a data folder and wait until it is ready; None when one is running there already."""
    deadline = time.monotonic() + START_SECONDS
    while (found := _postmaster(data)) is not None:
        if found[1] == "ready":
            return None
        if time.monotonic() > deadline:
            raise PostgresError(
                f"A database server (process {found[0]}) holds {data} and does not answer. End it and start again."
            )
        time.sleep(0.1)
    # no living server holds it, so the lock file is stale; left there, a reused process id would stop the start
    (data / "postmaster.pid").unlink(missing_ok=True)
    who = account(home)
    _owned_folder(sockets, who)
    _drop_stale_socket(sockets)
    major = int((data / "PG_VERSION").read_text())
    settings = {**SETTINGS, **(THROWAWAY if throwaway else {}), "unix_socket_directories": str(sockets)}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    log = log or home / "logs" / "postgres.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    while True:
        with log.open("ab") as output:
            begin = output.tell()
            process = subprocess.Popen(
                command(home, "postgres", "-D", data, *options, major=major, die=True), cwd="/", env=_environment(),
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        while process.poll() is None and time.monotonic() < deadline:
            if _postmaster(data) == (process.pid, "ready"):
                return process
            time.sleep(0.01)
        with log.open("rb") as output:
            output.seek(begin)
            last = output.read().decode(errors="replace")[-2000:]
        # after kill -9 of the server its last children need a moment to let go of the shared memory
        if process.poll() is not None and "shared memory block" in last and time.monotonic() < deadline:
            time.sleep(0.3)
            continue
        if process.poll() is None:
            process.send_signal(signal.SIGQUIT)
            process.wait()
        raise PostgresError(f"The database did not start. The end of its log ({log}):\n{last.strip()}")


def _drop_stale_socket(sockets: Path) -> None:
    """Remove the lock on the socket when the process it names is no database server, or is dead and not yet buried."""
    lock = sockets / f"{SOCKET_NAME}.lock"
    try:
        pid = int(lock.read_text().split()[0])
        program = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError, IndexError):
        program = b""
    if b"postgres" not in program:
        lock.unlink(missing_ok=True)


def ensure_database(maintenance_address: str) -> None:
    """Create the house's database if it is not there yet."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(maintenance_address, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def stop(home: Path) -> None:
    """Stop this home's server (fast shutdown) and wait for it. Nothing happens when none is running."""
    if data_major(home) is not None:
        stop_folder(data_folder(home))


def stop_folder(data: Path) -> None:
    """Stop the server that runs on a data folder: fast, and after half a minute at once."""
    for number, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 10.0)):
        found = _postmaster(data)
        if found is None:
            return
        os.kill(found[0], number)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(ChildProcessError):
                os.waitpid(found[0], os.WNOHANG)
            if _postmaster(data) is None:
                return
            time.sleep(0.02)
    raise PostgresError(f"The database server on {data} does not stop.")


@contextmanager
def open_for(home: Path) -> Iterator[str]:
    """This home's database for the length of a block, started if need be and stopped again; gives its address."""
    process = start(home)
    try:
        yield address(home)
    finally:
        if process is not None:
            stop(home)
            process.wait()
