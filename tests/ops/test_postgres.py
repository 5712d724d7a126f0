"""The embedded database: first start, restart, kill -9, stale lock files, two at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from keshen.house import pghome, postgres
from tests.waiting import LIMIT, until


def query(home: Path, statement: str) -> object:
    with psycopg.connect(postgres.address(home)) as connection:
        row = connection.execute(statement).fetchone()  # type: ignore[arg-type]
        assert row is not None
        return row[0]


def stop(home: Path, process: subprocess.Popen[bytes] | None) -> None:
    postgres.stop(home)
    if process is not None:
        process.wait(LIMIT)


def test_starts_stops_and_keeps_what_was_written(scratch: Path) -> None:
    process = postgres.start(scratch)
    try:
        assert process is not None and postgres.running(scratch)
        assert postgres.start(scratch) is None, "a second start finds the first"
        with psycopg.connect(postgres.address(scratch), autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 'Көшпенді' AS word")
        stop(scratch, process)
        assert not postgres.running(scratch)
        process = postgres.start(scratch)
        assert query(scratch, "SELECT word FROM kept") == "Көшпенді"
        assert query(scratch, "SELECT lower('ӘҒҚҢӨҰҮҺІ')") == "әғқңөұүһі", "letters beyond ASCII have their case"
    finally:
        stop(scratch, process)


def test_socket_is_closed_to_others(scratch: Path) -> None:
    process = postgres.start(scratch)
    try:
        assert pghome.socket_folder(scratch).stat().st_mode & 0o077 == 0
    finally:
        stop(scratch, process)


def test_clean_start_after_kill_9_and_with_a_stale_lock_file(scratch: Path) -> None:
    process = postgres.start(scratch)
    assert process is not None
    with psycopg.connect(postgres.address(scratch), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    process.kill()
    process.wait(LIMIT)
    lock_file = pghome.data_folder(scratch) / "postmaster.pid"
    lines = lock_file.read_text().splitlines()
    # the worst case: the dead server's number now belongs to somebody alive
    lock_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    socket_lock = pghome.socket_folder(scratch) / f"{pghome.SOCKET_NAME}.lock"
    socket_lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    process = postgres.start(scratch)
    try:
        assert process is not None
        assert query(scratch, "SELECT one FROM kept") == 1
    finally:
        stop(scratch, process)


def test_ends_with_the_process_that_started_it(scratch: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from keshen.house import postgres\n"
        f"print(postgres.start(Path({str(scratch)!r})).pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        server = int(parent.stdout.readline())
        assert postgres.running(scratch)
        parent.send_signal(signal.SIGKILL)
    until(lambda: not postgres.running(scratch), f"server {server} ended with its parent")


def test_long_homes_get_a_short_socket_and_the_same_one_every_time(tmp_path: Path) -> None:
    home = tmp_path / ("x" * 100)
    folder = pghome.socket_folder(home)
    assert len(os.fsencode(folder / pghome.SOCKET_NAME)) <= pghome.SOCKET_PATH_LIMIT
    assert folder == pghome.socket_folder(home)
    assert folder != pghome.socket_folder(tmp_path / ("y" * 100))


def test_a_foreign_socket_folder_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.mkdir()
    link = tmp_path / "run"
    link.symlink_to(target)
    with pytest.raises(postgres.PostgresError, match="belongs to somebody else"):
        postgres._owned_folder(link, postgres.Account(os.geteuid(), os.getegid(), drop=False))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can close a folder to the database's user")
def test_under_root_a_home_in_a_closed_folder_works(scratch: Path) -> None:
    scratch.chmod(0o700)
    home = scratch / "home"
    process = postgres.start(home)
    try:
        assert query(home, "SELECT 1") == 1
    finally:
        stop(home, process)
    assert scratch.stat().st_mode & 0o777 == 0o700, "nothing above the home was opened"


def test_missing_programs_are_named(scratch: Path) -> None:
    with pytest.raises(postgres.PostgresError, match="PostgreSQL 9 "):
        pghome.programs(scratch, 9)
