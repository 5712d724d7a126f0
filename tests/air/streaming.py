"""A server of the air alone over real encoded media, and what tests ask of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psycopg

from keshen.media.ffmpeg import binary
from tests import asking
from tests.media.sound import click
from tests.ports import free_port
from tests.waiting import LIMIT, until

HERE = Path(__file__).parent
SAMPLES_A_TICK = 15_360


@dataclass
class Stream:
    """A server of the air alone."""

    url: str
    database: str
    process: subprocess.Popen[bytes] | None
    began: int
    environment: dict[str, str]
    home: Path

    def entries(self, service: str) -> list[tuple[int, int]]:
        """The ticks at which the entries of a service begin, and where in its asset each does."""
        with psycopg.connect(self.database) as connection:
            found = connection.execute(
                """SELECT start_tick, asset_tick FROM air_entry JOIN house_service ON house_service.id = service_id
                   WHERE slug = %s AND air_entry.state = 'laid' ORDER BY start_tick""",
                [service],
            )
            return [(int(start), int(first)) for start, first in found]

    def get(self, path: str, **headers: str) -> httpx.Response:
        return asking.get(self.url + path, headers=headers)


@contextmanager
def serving(stream: Stream, log: str = "log") -> Iterator[Stream]:
    """One more server of the same house, for as long as it is wanted; its output is in the house's `log`."""
    port = free_port()
    environment = {"KESHEN_URL": f"http://127.0.0.1:{port}", **stream.environment}
    with (stream.home / log).open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "granian", "--interface", "asgi", "--port", str(port), "tests.air.asgi:application"],
            env=environment, cwd=HERE.parents[1], stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    made = replace(stream, url=f"http://127.0.0.1:{port}", process=process, environment=environment)

    def plays() -> bool:
        assert process.poll() is None, (stream.home / log).read_text()[-3000:]
        with suppress(httpx.HTTPError):
            return made.get("/air/jibek-joly/index.m3u8").status_code == 200
        return False

    try:
        until(plays, "the channel playing")
        yield made
    finally:
        process.terminate()
        process.wait(LIMIT)


@contextmanager
def streaming(home: Path) -> Iterator[Stream]:
    """A server of the air over a small house furnished with real media."""
    name = f"air_stream_{os.getpid()}_{home.name}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        database = connection.info.dsn
    url = psycopg.conninfo.make_conninfo(os.environ["DATABASE_URL"], dbname=name)
    environment = {
        **os.environ, "DATABASE_URL": url, "KESHEN_HOME": str(home), "KESHEN_STORE": str(home / "media"),
        "PYTHONPATH": str(HERE.parents[1]),
    }  # fmt: skip
    furnished = subprocess.run(
        [sys.executable, str(HERE / "furnish.py")], env=environment, capture_output=True, text=True, check=False
    )
    assert furnished.returncode == 0, furnished.stderr[-3000:]
    made = Stream("", url, None, int(furnished.stdout.split()[-1]), environment, home)
    try:
        with serving(made) as node:
            yield node
    finally:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    assert database


@contextmanager
def database_away(stream: Stream) -> Iterator[None]:
    """The house's database lets nobody in for a while."""
    name = psycopg.conninfo.conninfo_to_dict(stream.database)["dbname"]
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def media_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def decode(address: str, *extra: str) -> tuple[int, str]:
    """How many frames ffmpeg decodes from an address, and what it complained of."""
    ended = subprocess.run(
        [binary(), "-nostdin", "-hide_banner", "-v", "level+info", "-xerror", "-i", address, *extra,
         "-f", "null", "-"],
        capture_output=True, text=True, timeout=3 * LIMIT, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-2000:]
    frames = re.findall(r"frame=\s*(\d+)", ended.stderr)
    complaints = [
        line
        for line in ended.stderr.splitlines()
        # ffmpeg reads the init segment again after a reload, and says that it knows it
        if re.search(r"\[(error|warning)\]", line) and "duplicated MOOV" not in line
    ]
    return int(frames[-1]) if frames else 0, "\n".join(complaints)


def ticks_listed(text: str) -> int:
    return round(sum(float(x) for x in re.findall(r"#EXTINF:([\d.]+)", text)) / 0.32)


def heard(address: str) -> np.ndarray[Any, Any]:
    """The sound of a playlist, decoded: one channel, 48,000 samples a second."""
    ended = subprocess.run(
        [binary(), "-nostdin", "-v", "error", "-i", address, "-f", "f32le", "-ac", "1", "-"],
        capture_output=True, timeout=3 * LIMIT, check=True,
    )  # fmt: skip
    assert not ended.stderr
    return np.frombuffer(ended.stdout, np.float32)


def clicks(address: str, listed: str) -> dict[int, float]:
    """How sharp the sound of a playlist is where its entries join, and within what stands for one: by the segment.

    `listed` is the playlist at `address`. See `tests.media.sound.click`.
    """
    lengths = [round(float(found) / 0.32) for found in re.findall(r"#EXTINF:([\d.]+)", listed)]
    names = media_lines(listed)
    samples = heard(address)
    assert len(samples) == sum(lengths) * SAMPLES_A_TICK, "every sample is there"
    own = [name.partition("-")[0] for name in names]
    joins = [n for n in range(1, len(own)) if own[n] != own[n - 1] or own[n].startswith("s")]
    return {n: click(samples, sum(lengths[:n]) * SAMPLES_A_TICK) for n in joins}


def whole_frames(stream: bytes | bytearray) -> tuple[int, int]:
    """How many whole ADTS frames a stream begins with, and where they end."""
    place = count = 0
    while len(stream) - place >= 7:
        assert stream[place] == 0xFF and stream[place + 1] & 0xF6 == 0xF0, f"no ADTS header at byte {place}"
        length = (stream[place + 3] & 3) << 11 | stream[place + 4] << 3 | stream[place + 5] >> 5
        if place + length > len(stream):
            break
        place, count = place + length, count + 1
    return count, place
