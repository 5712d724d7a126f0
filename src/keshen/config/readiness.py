"""What was already done for this home, so that a second start does not do it again.

`<home>/state.json` holds fingerprints: of the tables and static files prepared, and of the database seeded.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from keshen.config import home as place

SAID = ">> "
"""Mark of a line of progress in the output of a step."""

PACKAGE = Path(__file__).resolve().parent.parent


def fingerprint() -> str:
    """A hash of the migrations and static files of this version, and of which database they go to."""
    total = hashlib.sha256(database().encode())
    paths = [*PACKAGE.glob("*/migrations/*.py"), *PACKAGE.glob("*/static/**/*")]
    for path in sorted(paths):
        if path.is_file():
            facts = path.stat()
            total.update(f"{path.relative_to(PACKAGE)}:{facts.st_size}:{facts.st_mtime_ns}\n".encode())
    return total.hexdigest()


def database() -> str:
    """Which database this is: the address, without saying a password."""
    return hashlib.sha256(place.database_address().encode()).hexdigest()


def recall() -> dict[str, str]:
    try:
        found = json.loads((place.home() / "state.json").read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def remember(**values: str) -> None:
    """Keep facts for the next start; written whole or not at all."""
    path = place.home() / "state.json"
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.write_text(json.dumps({**recall(), **values}, indent=1))
    fresh.replace(path)


def being_made(yes: bool) -> None:
    """Say whether the house is being furnished: a site that is not there yet is then said to be opening."""
    mark = place.home() / "opening"
    if yes:
        mark.touch()
    else:
        mark.unlink(missing_ok=True)


def forget() -> None:
    """Nothing is known any more: the database was replaced."""
    (place.home() / "state.json").unlink(missing_ok=True)
