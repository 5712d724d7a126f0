"""Have the system programs that tests and benchmarks drive: Chromium and players for the tests, servers for the bench.

    python tools/programs.py            Chromium, media players, SRT's tools
    python tools/programs.py --bench    nginx and icecast2 too

As root on Debian they are installed. Elsewhere their absence is said aloud; with CI=true it is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PLACES = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"
TESTS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "srt-tools": ("srt-live-transmit",),
    "mpv": ("mpv",),
    "vlc-bin": ("cvlc",),
    "gstreamer1.0-tools": ("gst-launch-1.0",),
}
PLUGINS = {
    "vlc-bin": ("vlc-plugin-base",),
    "gstreamer1.0-tools": (
        "gstreamer1.0-plugins-base", "gstreamer1.0-plugins-good", "gstreamer1.0-plugins-bad", "gstreamer1.0-libav",
    ),
}  # fmt: skip
"""What a program needs besides, and only recommends."""
BENCH = {"nginx-light": ("nginx",), "icecast2": ("icecast2",)}


def missing(wanted: dict[str, tuple[str, ...]]) -> list[str]:
    """Packages none of whose programs is on this machine."""
    return [package for package, names in wanted.items() if not any(shutil.which(name, path=PLACES) for name in names)]


def install(packages: list[str]) -> None:
    """Install Debian packages, as root; elsewhere nothing happens."""
    apt = shutil.which("apt-get", path="/usr/bin:/bin")
    if apt is None or os.geteuid() != 0:
        return
    print(f"Installing {', '.join(packages)} …", flush=True)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "PATH": PLACES}
    # a service that starts itself on installation would hold a port
    policy = Path("/usr/sbin/policy-rc.d")
    blocked = not policy.exists()
    if blocked:
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        for command in ([apt, "update", "-q"], [apt, "install", "-y", "-q", "--no-install-recommends", *packages]):
            done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
            if done.returncode != 0:
                print((done.stdout + done.stderr)[-2000:])
                return
    finally:
        if blocked:
            policy.unlink()


def main(arguments: list[str]) -> int:
    wanted = {**TESTS, **(BENCH if "--bench" in arguments else {})}
    if lacking := missing(wanted):
        install([package for name in lacking for package in (name, *PLUGINS.get(name, ()))])
    lacking = missing(wanted)
    if not lacking:
        return 0
    names = ", ".join(lacking)
    print(f"\n*** {names} not found. What needs it is SKIPPED. Debian: apt-get install {' '.join(lacking)} ***\n")
    return 1 if os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
