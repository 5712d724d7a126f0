"""Players as viewers have them, each with what it saw: pictures shown, pictures dropped, stalls, complaints."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from keshen.media import ffmpeg
from tests.site.browser import new_context
from tests.waiting import LIMIT, until

MODULES = Path(__file__).resolve().parents[2] / "frontend" / "node_modules"
FRAMES_A_SECOND = 25


@dataclass
class Seen:
    """What a player saw in `seconds`; `dropped` are pictures it had and did not show in time."""

    name: str
    seconds: float
    frames: int
    dropped: int = 0
    stalls: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Program:
    """A player that is a program: how it is called and how what it said is read."""

    name: str
    package: str
    command: Callable[[str, str], list[str]]
    read: Callable[[str], tuple[int, int, int]]
    """Pictures, dropped pictures and stalls from everything it said."""
    wrong: str
    """What it says when something is wrong, as a regular expression."""
    asked: str = ""
    """What is written to it before it is ended."""


def _ffmpeg(program: str, url: str) -> list[str]:
    return [
        ffmpeg.binary(), "-hide_banner", "-loglevel", "level+warning", "-stats", "-i", url, "-map", "0:v:0",
        "-map", "0:a:0", "-f", "null", "-",
    ]  # fmt: skip


def _mpv(program: str, url: str) -> list[str]:
    status = (
        "at=${time-pos} frame=${estimated-frame-number} late=${frame-drop-count} undecoded=${decoder-frame-drop-count}"
    )
    return [
        program, "--no-config", "--vo=null", "--ao=null", "--no-input-default-bindings", "--input-terminal=no",
        "--msg-level=all=warn,statusline=status", "--hls-bitrate=min",
        f"--term-status-msg={status} waits=${{paused-for-cache}}\n", url,
    ]  # fmt: skip


def _gstreamer(program: str, url: str) -> list[str]:
    return [
        program, "-v", "souphttpsrc", f"location={url}", "is-live=true", "!", "queue2", "!", "tsdemux", "name=d",
        "d.", "!", "queue", "max-size-time=3000000000", "max-size-bytes=0", "max-size-buffers=0", "!", "h264parse",
        "!", "avdec_h264", "!", "fpsdisplaysink", "text-overlay=false", "video-sink=fakesink", "sync=true",
        "d.", "!", "queue", "max-size-time=3000000000", "max-size-bytes=0", "max-size-buffers=0", "!", "aacparse",
        "!", "avdec_aac", "!", "fakesink", "sync=true",
    ]  # fmt: skip


def _vlc(program: str, url: str) -> list[str]:
    return [
        program, "-I", "rc", "--rc-fake-tty", "--no-interact", "--vout", "dummy", "--aout", "dummy", "--no-color",
        "--adaptive-maxheight", "360", url,
    ]  # fmt: skip


def _last(pattern: str, said: str) -> int:
    found = re.findall(pattern, said)
    return int(found[-1]) if found else 0


PROGRAMS = (
    Program(
        "ffmpeg", "", _ffmpeg,
        lambda said: (_last(r"frame=\s*(\d+)", said), _last(r"drop=\s*(\d+)", said), 0),
        r"\[(error|fatal)\].*|Non-monotonic.*|corrupt.*",
    ),
    Program(
        "mpv", "mpv", _mpv,
        lambda said: (_last(r"frame=(\d+)", said), _last(r"late=(\d+)", said) + _last(r"undecoded=(\d+)", said),
                      len(re.findall(r"waits=no\n(?=.*waits=yes)", said))),
        r".*(?:rror|nvalid|orrupt).*",
    ),
    Program(
        "gst-launch-1.0", "gstreamer1.0-tools", _gstreamer,
        lambda said: (_last(r"rendered: (\d+)", said), _last(r"dropped: (\d+)", said), said.count("buffering...")),
        r".*(?:ERROR|WARNING).*",
    ),
    Program(
        "cvlc", "vlc-bin", _vlc,
        lambda said: (_last(r"frames displayed\s*:\s*(\d+)", said), _last(r"frames lost\s*:\s*(\d+)", said),
                      _last(r"discontinuities\s*:\s*(\d+)", said)),
        r".*demux corrupted\s*:\s*[1-9]\d*|.*\] (?:ts|adaptive|mp4|http|avcodec|packetizer_\w+) \w+ error.*",
        "stats\n",
    ),
)  # fmt: skip


class Running:
    """A player at work."""

    def __init__(self, program: Program, url: str, folder: Path) -> None:
        found = shutil.which(program.name) if program.package else "ffmpeg"
        if found is None:
            raise LookupError(f"{program.name} is not here: run `make test` as root, or install {program.package}")
        self.program = program
        self.said = (folder / f"{program.name}.log").open("w+", errors="replace")
        # VLC refuses to be run by root
        nobody = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid} if os.geteuid() == 0 else {}
        own = program.name == "cvlc"
        self.home = tempfile.mkdtemp(prefix="player-")
        Path(self.home).chmod(0o777)
        self.process = subprocess.Popen(
            program.command(found, url), stdin=subprocess.PIPE, stdout=self.said, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, "HOME": self.home, "LC_ALL": "C.UTF-8"}, cwd=self.home, **(nobody if own else {}),
        )  # fmt: skip
        self.began: float | None = None
        """When it was seen to show pictures, and how many it had shown and dropped by then."""
        self.before, self.lost = 0, 0

    def ask(self) -> str:
        """Everything it said until now. A program that speaks only when asked is asked, and its answer comes later."""
        if self.program.asked and self.process.stdin and self.process.poll() is None:
            with suppress(BrokenPipeError):
                self.process.stdin.write(self.program.asked)
                self.process.stdin.flush()
        return Path(self.said.name).read_text(errors="replace")

    def playing(self) -> bool:
        """Whether it shows pictures, or has ended and will never do so."""
        if self.began is None:
            frames, dropped, _stalls = self.program.read(self.ask())
            if frames:
                self.began, self.before, self.lost = time.monotonic(), frames, dropped
        return self.began is not None or self.process.poll() is not None

    def finish(self) -> Seen:
        """End it, and say what it saw since it began to play."""
        ended_early = self.process.poll()
        seconds = time.monotonic() - (self.began or time.monotonic())
        if self.program.asked and ended_early is None:
            size = Path(self.said.name).stat().st_size
            self.ask()
            until(
                lambda: Path(self.said.name).stat().st_size > size or self.process.poll() is not None,
                f"an answer of {self.program.name}",
            )
            time.sleep(1)  # the rest of it
        self.process.terminate()
        try:
            self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        said = Path(self.said.name).read_text(errors="replace")
        self.said.close()
        shutil.rmtree(self.home, ignore_errors=True)
        frames, dropped, stalls = self.program.read(said)
        frames, dropped = frames - self.before, dropped - self.lost
        errors = sorted(set(re.findall(self.program.wrong, said)))
        if ended_early is not None:
            errors.append(f"it ended by itself ({ended_early}): {said[-800:]}")
        return Seen(self.program.name, seconds, frames, dropped, stalls, errors)


def missing() -> list[str]:
    """Debian packages of players that are not here."""
    return [one.package for one in PROGRAMS if one.package and shutil.which(one.name) is None]


def need_players() -> None:
    """Without them a loud skip, and a failure in CI."""
    if lacking := missing():
        message = f"not here: {', '.join(lacking)}; run `make test` as root, or install them"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)


WATCHED = """
window.seen = {errors: [], stalls: 0, begun: 0};
const video = document.createElement('video');
video.muted = true; video.width = 320; document.body.append(video);
video.addEventListener('playing', () => { window.seen.begun ||= performance.now(); });
let switched = -Infinity;  // a player empties its buffer of sound when the language changes
video.addEventListener('waiting', () => {
  if (window.seen.begun && performance.now() - switched > 5000) window.seen.stalls++;
});
window.speak = (tag) => { switched = performance.now(); window.language(tag); };
video.addEventListener('error', () => window.seen.errors.push('video: ' + video.error?.message));
"""

IN_BROWSER = {
    "hls.js": (
        MODULES / "hls.js/dist/hls.min.js",
        "index.m3u8",
        """const drmSystems = licences ? {'org.w3.clearkey': {licenseUrl: licences}} : {};
        const hls = new Hls({capLevelToPlayerSize: false, startLevel: 0, emeEnabled: !!licences, drmSystems});
        hls.on(Hls.Events.ERROR, (_, it) => window.seen.errors.push(it.details));
        hls.on(Hls.Events.MANIFEST_PARSED, () => { hls.autoLevelCapping = 0; video.play(); });
        hls.loadSource(url); hls.attachMedia(video);
        window.language = (tag) => { hls.audioTrack = hls.audioTracks.findIndex((it) => it.lang === tag); };""",
    ),
    "shaka-player": (
        MODULES / "shaka-player/dist/shaka-player.compiled-es2021.js",
        "manifest.mpd",
        """const player = new shaka.Player();
        player.addEventListener('error', (it) => window.seen.errors.push('shaka ' + it.detail.code));
        player.configure({restrictions: {maxHeight: 400}, abr: {enabled: false}, preferredAudio: [{language: 'kk'}]});
        player.attach(video).then(() => player.load(url)).then(() => video.play())
          .catch((it) => window.seen.errors.push('shaka ' + (it.code ?? it)));
        window.language = (tag) =>
          player.selectAudioTrack(player.getAudioTracks().find((it) => it.language === tag));
        window.words = (tag) => player.selectTextTrack(player.getTextTracks().find((it) => it.language === tag));""",
    ),
    "dash.js": (
        MODULES / "dashjs/dist/modern/umd/dash.all.min.js",
        "manifest.mpd",
        """const player = dashjs.MediaPlayer().create();
        player.updateSettings({streaming: {abr: {autoSwitchBitrate: {video: false}, initialBitrate: {video: 300}}}});
        player.on('error', (it) => window.seen.errors.push('dash.js ' + it.error?.code + ' ' + it.error?.message));
        player.initialize(video, url, true);
        window.language = (tag) =>
          player.setCurrentTrack(player.getTracksFor('audio').find((it) => it.lang === tag));""",
    ),
}


class InBrowser:
    """A player in a page of its own, that begins at once. `way` is what it plays, when that is not its own form."""

    def __init__(
        self, name: str, browser: Browser, house: str, service: str, *, way: str = "", licences: str = ""
    ) -> None:
        script, manifest, start = IN_BROWSER[name]
        self.name = name
        self.context: BrowserContext = new_context(browser, viewport={"width": 400, "height": 300})
        self.page: Page = self.context.new_page()
        self.page.goto(f"{house}/air/time")
        self.page.add_script_tag(path=script)
        url = f"{house}/air/{service}/{way or manifest}"
        self.page.evaluate(f"([url, licences]) => {{ {WATCHED} {start} window.watched = video; }}", [url, licences])

    def playing(self) -> bool:
        return bool(self.page.evaluate("window.seen.begun"))

    def state(self) -> dict[str, Any]:
        told: dict[str, Any] = self.page.evaluate(
            """() => { const quality = window.watched.getVideoPlaybackQuality();
            return {...window.seen, at: window.watched.currentTime, ranges: window.watched.buffered.length,
                    frames: quality.totalVideoFrames, dropped: quality.droppedVideoFrames,
                    since: (performance.now() - window.seen.begun) / 1000}; }"""
        )
        return told

    def speak(self, language: str) -> None:
        """Change to another sound."""
        self.page.evaluate("(tag) => window.speak(tag)", language)

    def finish(self) -> Seen:
        told = self.state()
        self.context.close()
        return Seen(self.name, told["since"], told["frames"], told["dropped"], told["stalls"], told["errors"])
