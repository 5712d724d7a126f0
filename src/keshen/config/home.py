"""What the environment says about this house, readable without Django."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keshen.house import postgres


def home() -> Path:
    """Where everything is kept: KESHEN_HOME, by default `.keshen` in the current folder."""
    return Path(os.environ.get("KESHEN_HOME") or ".keshen").resolve()


def port() -> int:
    """The port of the web process: KESHEN_PORT, by default 8000. Raises ValueError with a remedy."""
    return _port("KESHEN_PORT", "8000")


def air_port() -> int | None:
    """The port of the air node beside the web process: KESHEN_AIR_PORT; without it there is none. Raises ValueError."""
    return _port("KESHEN_AIR_PORT", "") if os.environ.get("KESHEN_AIR_PORT") else None


def _port(name: str, default: str) -> int:
    given = os.environ.get(name) or default
    if not given.isdigit() or not 0 < int(given) < 65536:
        raise ValueError(f"{name} is {given!r}: it must be a number from 1 to 65535.")
    return int(given)


def bind() -> str:
    """The address the web process listens on: KESHEN_BIND, by default this machine alone."""
    return os.environ.get("KESHEN_BIND") or "127.0.0.1"


def url() -> str:
    """The address people use: KESHEN_URL, by default this machine and port."""
    return (os.environ.get("KESHEN_URL") or f"http://localhost:{port()}").rstrip("/")


def url_opened() -> str:
    """The address people use, also for a command in another terminal than the one that opened the house.

    What the environment says, else where this home was last opened: its lock tells.
    """
    if not os.environ.get("KESHEN_URL") and not os.environ.get("KESHEN_PORT"):
        try:
            return str(json.loads((home() / "house.lock").read_text())["url"])
        except (OSError, ValueError, KeyError):
            pass  # never opened
    return url()


def embedded() -> bool:
    """Whether the house keeps its own PostgreSQL, rather than one named by DATABASE_URL."""
    return not os.environ.get("DATABASE_URL")


def database_address() -> str:
    """The libpq address of the house's database."""
    return os.environ.get("DATABASE_URL") or postgres.address(home())
