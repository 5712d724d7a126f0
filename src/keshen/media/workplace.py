"""Folders for work under way, in the house's own home, and gone afterwards even when the worker was killed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def folder_of_work() -> Path:
    """Where the folders are made."""
    from django.conf import settings

    return Path(settings.KESHEN_HOME) / "work"


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def sweep(parent: Path) -> int:
    """Remove the folders of workers that are no longer alive; gives how many."""
    removed = 0
    for folder in parent.glob("*.*.*"):
        process = folder.name.split(".")[1]
        if process.isdigit() and not _alive(int(process)):
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed


@contextmanager
def workplace(name: str) -> Iterator[Path]:
    """A folder for one piece of work; what dead workers left is removed first."""
    parent = folder_of_work()
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sweep(parent)
    with tempfile.TemporaryDirectory(prefix=f"{name}.{os.getpid()}.", dir=parent, ignore_cleanup_errors=True) as path:
        yield Path(path)
