"""`keshen doctor`: is this installation able to do its work, and if not, what is to be done?

Each check looks at the real thing: it runs ffmpeg, speaks a word, reads the fonts, writes and reads a blob.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from keshen.config import home as place
from keshen.house import pghome, postgres

State = Literal["ok", "warn", "fail"]

LETTERS = {
    "latin": "әғқңөұүһі ӘҒҚҢӨҰҮҺІ ğñşıİūäöü абвгдеёжз",
    "arabic": "ۇڭۆەءىگعچپھۋي،؛؟",
}
ENCODERS = ("libx264", "aac", "wrapped_avframe")
FILTERS = ("ass", "drawtext", "ebur128", "loudnorm", "zoompan", "xfade", "setparams", "amix")
VOICES = ("kk", "ru", "en", "ar", "tr", "uz", "ky")
GIGABYTE = 1_000_000_000
MARKS = {"ok": ("ok  ", "green"), "warn": ("warn", "yellow"), "fail": ("FAIL", "red")}


@dataclass(frozen=True)
class Finding:
    """What one look found, and what to do about it."""

    state: State
    what: str
    remedy: str = ""


def python() -> Iterator[Finding]:
    have = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info < (3, 12):  # noqa: UP036  that is what is being found out
        yield Finding("fail", f"Python {have}", "Keshen needs 3.12 or later: remove .venv and run make again.")
    else:
        yield Finding("ok", f"Python {have}")


def permissions() -> Iterator[Finding]:
    home = place.home()
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=home):
            yield Finding("ok", f"home {home} can be written")
    except OSError as error:
        yield Finding(
            "fail", f"home {home}: {error.strerror}", "Give yourself the folder, or set KESHEN_HOME to another."
        )
        return
    secret = home / "secret-key"
    if secret.exists() and secret.stat().st_mode & 0o077:
        yield Finding("warn", f"{secret} can be read by others", f"chmod 600 {secret}")


def disk() -> Iterator[Finding]:
    path = place.home()
    while not path.exists():
        path = path.parent
    free = shutil.disk_usage(path).free
    text = f"{free / GIGABYTE:.1f} GB free in {path}"
    if free < 1 * GIGABYTE:
        yield Finding("fail", text, "Rendering needs at least 1 GB. Make room, or set KESHEN_HOME to a larger disk.")
    elif free < 10 * GIGABYTE:
        yield Finding("warn", text, "An hour of television takes about 1.5 GB.")
    else:
        yield Finding("ok", text)


def database() -> Iterator[Finding]:
    if not place.embedded():
        from keshen.house.dumps import server_major

        try:
            yield Finding("ok", f"PostgreSQL {server_major(os.environ['DATABASE_URL'])} at DATABASE_URL answers")
        except postgres.PostgresError as error:
            yield Finding("fail", str(error), "Check DATABASE_URL, and that the server takes connections from here.")
        return
    home = place.home()
    try:
        shipped, have = pghome.shipped_major(), pghome.data_major(home)
        program = pghome.programs(home)
    except postgres.PostgresError as error:
        yield Finding("fail", "embedded PostgreSQL", str(error))
        return
    if have is None:
        yield Finding("ok", f"PostgreSQL {shipped} in {program.parent}; no data yet")
        return
    state = "open" if postgres.running(home) else "closed"
    if have < shipped:
        yield Finding("warn", f"PostgreSQL: data of {have}, {state}", f"keshen upgrade brings them to {shipped}.")
    else:
        yield Finding("ok", f"PostgreSQL {have}, {state}")


def port() -> Iterator[Finding]:
    try:
        number = place.port()
    except ValueError as error:
        yield Finding("fail", str(error), "Set it to a free port, for example 8000.")
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((place.bind(), number))
        except OSError as error:
            if (place.home() / "house.lock").exists() and postgres.running(place.home()):
                yield Finding("ok", f"port {number} is in use, as it should be while the house is open")
            else:
                yield Finding(
                    "warn", f"port {number}: {error.strerror}", f"Set KESHEN_PORT, for example to {number + 10}."
                )
            return
    yield Finding("ok", f"port {number} on {place.bind()} is free")


def ffmpeg() -> Iterator[Finding]:
    import imageio_ffmpeg

    remedy = "Run make again, or set KESHEN_FFMPEG to an ffmpeg with libx264 and libass."
    try:
        program = os.environ.get("KESHEN_FFMPEG") or str(imageio_ffmpeg.get_ffmpeg_exe())
        version = _output([program, "-hide_banner", "-version"]).split("Copyright")[0].strip()
        encoders, filters = (
            _output([program, "-hide_banner", "-encoders"]),
            _output([program, "-hide_banner", "-filters"]),
        )
    except (OSError, subprocess.SubprocessError, RuntimeError) as error:
        yield Finding("fail", f"ffmpeg does not run: {error}", remedy)
        return
    lacking = [name for name in ENCODERS if f" {name} " not in encoders]
    lacking += [name for name in FILTERS if f" {name} " not in filters]
    if lacking:
        yield Finding("fail", f"{version} lacks {', '.join(lacking)}", remedy)
        return
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "one.mp4"
        source = "testsrc2=size=320x180:rate=25:duration=0.32"
        command = [program, "-v", "error", "-f", "lavfi", "-i", source, "-c:v", "libx264", "-t", "0.32", str(target)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        if done.returncode != 0 or not target.exists():
            yield Finding("fail", f"{version} cannot encode: {done.stderr.strip()[-300:]}", remedy)
            return
    yield Finding("ok", version)


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def fonts() -> Iterator[Finding]:
    from fontTools.ttLib import TTFont

    from keshen.media.graphics.shots import FontMissing
    from keshen.media.graphics.typeset import font_file

    for face, letters in LETTERS.items():
        try:
            with TTFont(font_file(face)) as font:
                known = font.getBestCmap()
        except (FontMissing, OSError) as error:
            yield Finding("fail", f"font for {face}: {error}", "Run make again: the fonts are Python packages.")
            continue
        lacking = sorted({letter for letter in letters if letter != " " and ord(letter) not in known})
        if lacking:
            yield Finding(
                "fail", f"the font for {face} has no {' '.join(lacking)}", "Install the locked font packages."
            )
        else:
            yield Finding("ok", f"font for {face} letters: all {len(set(letters)) - 1} looked for are there")


def voices() -> Iterator[Finding]:
    """In a process of its own: the speech library may take the process down with it."""
    import espeakng_loader

    data = Path(espeakng_loader.get_data_path())
    remedy = "Without a voice a language goes out with captions only. Install espeakng-loader again: make."
    found = {path.name for path in data.glob("lang/**/*")} | {
        path.name.removesuffix("_dict") for path in data.glob("*_dict")
    }
    lacking = [language for language in VOICES if language not in found]
    program = (
        "import ctypes, sys, espeakng_loader as loader\n"
        "library = ctypes.CDLL(loader.get_library_path())\n"
        "rate = library.espeak_Initialize(1, 0, loader.get_data_path().encode(), 0)\n"
        "codes = [library.espeak_SetVoiceByName(name.encode()) for name in sys.argv[1:]]\n"
        "sys.exit(0 if rate > 0 and not any(codes) else 1)\n"
    )
    names = [name for name in VOICES if name not in lacking]
    done = subprocess.run([sys.executable, "-c", program, *names], capture_output=True, timeout=60)
    if lacking:
        yield Finding("warn", f"no voice for {', '.join(lacking)}", remedy)
    if done.returncode != 0:
        yield Finding("warn", "the voices cannot be loaded", remedy)
    else:
        yield Finding("ok", f"voices: {', '.join(names)}")


def media_store() -> Iterator[Finding]:
    from keshen.media.store import StoreError, open_store

    address = os.environ.get("KESHEN_STORE") or str(place.home() / "media")
    try:
        store = open_store(address)
        name = store.put(b"keshen doctor")
        if store.read(name) != b"keshen doctor":
            yield Finding("fail", f"media store {address} gives back other bytes", "Check the disk or the bucket.")
            return
    except StoreError as error:
        yield Finding(
            "fail", f"media store {address}: {error}", "Check KESHEN_STORE, its keys, and who may write there."
        )
        return
    yield Finding("ok", f"media store {address} can be written and read")


def clock() -> Iterator[Finding]:
    year = time.gmtime().tm_year
    if not 2025 <= year < 2100:
        yield Finding("fail", f"the clock says it is {year}", "Set it: the schedule and the streams follow the clock.")
        return
    adjusted = Path("/run/systemd/timesync/synchronized").exists() or shutil.which("chronyd") or shutil.which("ntpd")
    if adjusted:
        yield Finding("ok", "the clock is kept by a time service")
    else:
        yield Finding("warn", "no time service was found", "On a server install chrony: channels follow the clock.")


def private_targets() -> Iterator[Finding]:
    if os.environ.get("KESHEN_ALLOW_PRIVATE_TARGETS") == "1":
        yield Finding(
            "warn",
            "the wire may be pushed to private addresses",
            "Right inside one network; on a public server unset KESHEN_ALLOW_PRIVATE_TARGETS.",
        )
    else:
        yield Finding("ok", "the wire is pushed to public addresses only")


def front_end() -> Iterator[Finding]:
    manifest = Path(__file__).resolve().parent.parent / "house" / "static" / "build" / "manifest.json"
    if manifest.exists():
        yield Finding("ok", "front end is built")
    else:
        yield Finding("fail", "the front end is not built", "Run make: it fetches Node if the machine has none.")


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    python, permissions, disk, database, port, ffmpeg, fonts, voices, media_store, front_end, clock, private_targets,
)  # fmt: skip


def examine() -> list[Finding]:
    """All findings. A check that itself breaks is a finding, too."""
    found: list[Finding] = []
    for check in CHECKS:
        try:
            found += check()
        except Exception as error:  # noqa: BLE001  the doctor must get to the end
            found.append(Finding("fail", f"{check.__name__}: {type(error).__name__}: {error}", "Run make again."))
    return found


def report() -> bool:
    """Print every finding; True when something is at fault."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    found = examine()
    for finding in found:
        word, colour = MARKS[finding.state]
        console.print(Text.assemble((word, colour), "  ", finding.what), soft_wrap=True)
        if finding.remedy:
            console.print(Text(f"      {finding.remedy}", style="dim"), soft_wrap=True)
    faults = sum(finding.state == "fail" for finding in found)
    warnings = sum(finding.state == "warn" for finding in found)
    console.print(f"\n{faults} faults, {warnings} warnings." if faults or warnings else "\nAll is well.")
    return faults > 0
