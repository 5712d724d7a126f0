"""ffmpeg as a confined program: which one, what it may read, how far it is, and how it ended."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import imageio_ffmpeg

from keshen.media.confined import Limits, ProgramFailed, follow, run

PROTOCOLS: Final = "file,pipe,fd"
"""Nothing that reaches out of the machine."""

DEMUXERS: Final = (
    "mov,mp4,m4a,3gp,3g2,mj2",
    "matroska,webm",
    "mpegts",
    "mpeg",
    "avi",
    "mxf",
    "flv",
    "ogg",
    "wav",
    "w64",
    "flac",
    "mp3",
    "aac",
    "aiff",
    "caf",
)
"""What an upload may be. Playlists and concatenations, which can name other files, are not in the list."""

_PROGRESS: Final = re.compile(r"(\w+)=\s*(\S*)")
_PROGRESS_KEYS: Final = {
    *("frame", "fps", "bitrate", "total_size", "out_time_us", "out_time_ms", "out_time"),
    *("dup_frames", "drop_frames", "speed", "progress", "elapsed"),
}


class FfmpegFailed(ProgramFailed):
    """ffmpeg ended badly; `tail` holds its last lines."""


@lru_cache(maxsize=4)
def _bundled() -> str:
    path: str = imageio_ffmpeg.get_ffmpeg_exe()
    return path


def binary() -> str:
    """Path of the ffmpeg to use: the setting KESHEN_FFMPEG, else the one that came with the program."""
    from django.conf import settings

    chosen = getattr(settings, "KESHEN_FFMPEG", "") if settings.configured else ""
    return str(chosen) or _bundled()


def untrusted(path: Path) -> list[str]:
    """Input options for a file somebody sent: listed protocols and containers only."""
    return ["-protocol_whitelist", PROTOCOLS, "-format_whitelist", ",".join(DEMUXERS), "-i", f"file:{path}"]


def encode(
    arguments: Sequence[str],
    *,
    limits: Limits,
    on_seconds: Callable[[float], None] | None = None,
    check: Callable[[], None] | None = None,
    on_log: Callable[[str], None] | None = None,
) -> list[str]:
    """Run ffmpeg and give the lines it logged (its last ones).

    `on_seconds` hears how much of the output is done; `check` may raise to stop the run. Raises FfmpegFailed.
    """
    logged: list[str] = []

    def hear(line: str) -> None:
        match = _PROGRESS.fullmatch(line.strip())
        if match and (match[1] in _PROGRESS_KEYS or match[1].startswith("stream_")):
            if match[1] == "out_time_us" and on_seconds and match[2].lstrip("-").isdigit():
                on_seconds(max(0.0, int(match[2]) / 1e6))
        elif line.strip():
            logged.append(line)
            del logged[:-200]
            if on_log:
                on_log(line)

    argv = [
        binary(), "-hide_banner", "-nostdin", "-nostats", "-loglevel", "level+warning",
        "-progress", "pipe:1", "-stats_period", "0.5", "-y", *arguments,
    ]  # fmt: skip
    try:
        follow(argv, limits=limits, on_line=hear, check=check)
    except ProgramFailed as failure:
        raise FfmpegFailed(f"ffmpeg: {failure.reason}" + _complaint(logged), logged[-40:]) from failure
    return logged


def measure(arguments: Sequence[str], *, limits: Limits) -> str:
    """Run ffmpeg for what it says rather than what it makes, and give its log. Raises FfmpegFailed."""
    argv = ["-hide_banner", "-nostdin", "-nostats", *arguments, "-f", "null", "-"]
    lines: list[str] = []
    try:
        follow([binary(), *argv], limits=limits, on_line=lines.append)
    except ProgramFailed as failure:
        raise FfmpegFailed(f"ffmpeg: {failure.reason}" + _complaint(lines), lines[-40:]) from failure
    return "\n".join(lines)


def version() -> str:
    """ffmpeg's first line about itself. Raises ProgramFailed when it does not start."""
    return run([binary(), "-version"], limits=Limits(wall=10)).decode().splitlines()[0]


def _complaint(lines: Sequence[str]) -> str:
    """The first error ffmpeg named, for a one-line reason."""
    for line in lines:
        if "[error]" in line or "[fatal]" in line:
            return "; " + line.split("]", 1)[-1].strip() if line.startswith("[") else "; " + line
    return ""
