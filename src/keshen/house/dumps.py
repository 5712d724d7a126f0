"""Databases in and out of files with PostgreSQL's own programs. Restoring happens in one transaction or not at all."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from keshen.house import launch
from keshen.house.pghome import PostgresError, programs

Progress = Callable[[int], None]
"""Called with the bytes handled so far."""

# the end of the input must not count as the end of the work: without COMMIT the server forgets all of it
BEGIN = b"BEGIN;\nDROP SCHEMA IF EXISTS public CASCADE;\nCREATE SCHEMA public;\n"
# written by newer pg_dumps for newer servers; an older server refuses it
NEWER_SETTING = re.compile(rb"^SET transaction_timeout = ")
COMMIT = b"\nCOMMIT;\n"
LOOK_SECONDS = 0.2


def client(home: Path, name: str, server_major: int) -> str:
    """The path of `pg_dump`, `pg_restore` or `psql` that can talk to a server of this major version.

    The system's programs are preferred when they are new enough: those of the embedded package speak no TLS.
    """
    found = shutil.which(name)
    if found:
        version = subprocess.run([found, "--version"], capture_output=True, text=True).stdout
        match = re.search(r"(\d+)\.", version)
        if match and int(match[1]) >= server_major:
            return found
    from keshen.house.pghome import shipped_major

    if shipped_major() < server_major:
        raise PostgresError(
            f"The server is PostgreSQL {server_major}, newer than the {name} here. "
            f"Install postgresql-client-{server_major}."
        )
    return str(programs(home, shipped_major()) / name)


def server_major(address: str) -> int:
    """Major version of a server. Raises PostgresError when it cannot be reached or is too old."""
    try:
        with psycopg.connect(address, connect_timeout=10) as connection:
            major = connection.info.server_version // 10000
    except psycopg.OperationalError as error:
        raise PostgresError(f"The database cannot be reached: {error}") from error
    if major < 16:
        raise PostgresError(f"The server is PostgreSQL {major}; Keshen needs 16 or later.")
    return major


def dump(home: Path, address: str, target: Path, progress: Progress | None = None) -> None:
    """Write the database as it is at this moment into a file (PostgreSQL's custom format)."""
    command = [client(home, "pg_dump", server_major(address)), "--format=custom", "--no-owner", "--no-privileges"]
    command += ["--schema=public", "--file", str(target), "--dbname", address]
    with tempfile.TemporaryFile() as errors, _child(command, stdout=subprocess.DEVNULL, stderr=errors) as process:
        while True:
            try:
                code = process.wait(LOOK_SECONDS)
                break
            except subprocess.TimeoutExpired:
                if progress and target.exists():
                    progress(target.stat().st_size)
        if code != 0:
            errors.seek(0)
            raise PostgresError(f"pg_dump failed: {errors.read().decode(errors='replace').strip()[-2000:]}")


def restore(home: Path, address: str, source: Path, progress: Progress | None = None) -> None:
    """Put a dump in place of what is in the database. In one transaction: when it fails, nothing has changed.

    Raises PostgresError with what the server said.
    """
    major = server_major(address)
    reader = [client(home, "pg_restore", major), "--no-owner", "--no-privileges", "--file=-", str(source)]
    writer = [client(home, "psql", major), "--no-psqlrc", "--quiet"]
    writer += ["--set", "ON_ERROR_STOP=1", "--dbname", address]
    with tempfile.TemporaryFile() as errors:
        with (
            _child(reader, stdout=subprocess.PIPE, stderr=errors) as script,
            _child(writer, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors) as server,
        ):
            assert script.stdout is not None and server.stdin is not None
            try:
                _pass_on(script.stdout, server.stdin, major, progress)
                if script.wait() == 0:
                    server.stdin.write(COMMIT)
                server.stdin.close()
            except BrokenPipeError:
                script.kill()
            codes = (script.wait(), server.wait())
        if codes != (0, 0):
            errors.seek(0)
            raise PostgresError(
                f"The database was not restored: {errors.read().decode(errors='replace').strip()[-2000:]}"
            )
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("ANALYZE")


def _pass_on(script: IO[bytes], server: IO[bytes], major: int, progress: Progress | None) -> None:
    """Give the script to the server: first make room, leave out what it would refuse, then as it is."""
    server.write(BEGIN)
    passed = 0
    for line in script:
        if line.startswith(b"COPY "):
            server.write(line)
            break
        if line.startswith(b"CREATE SCHEMA public;") or (major < 17 and NEWER_SETTING.match(line)):
            continue
        server.write(line)
    while chunk := script.read(1 << 18):
        server.write(chunk)
        passed += len(chunk)
        if progress:
            progress(passed)
    server.flush()


@contextmanager
def _child(command: Sequence[str], **streams: object) -> Iterator[subprocess.Popen[bytes]]:
    """A program that ends with this process and with the block."""
    line = [sys.executable, "-I", "-S", launch.__file__, "--parent", str(os.getpid()), "--", *command]
    process = subprocess.Popen(line, **streams)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None and not stream.closed:
                _close(stream)


def _close(stream: IO[bytes]) -> None:
    try:
        stream.close()
    except BrokenPipeError:
        return  # the program is gone, and its exit code says why


def tables(address: str) -> dict[str, int]:
    """Every table of the house with its number of rows."""
    with psycopg.connect(address) as connection:
        names = [
            str(name)
            for (name,) in connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
            )
        ]
        counts = {}
        for name in names:
            row = connection.execute(sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(name))).fetchone()
            counts[name] = int(row[0]) if row else 0
        return counts
