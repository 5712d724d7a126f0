"""A watched folder: what is put there is taken when it has stopped growing, then moved aside into `taken`.

Only folders under `KESHEN_HOME/inbox`, and those an operator names in `KESHEN_INBOX_FOLDERS`, may be watched: a screen
must not be a way to read the machine's own files.
"""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import Final

from django.conf import settings

from keshen.wire.intake.channels.base import MOST_BYTES, MOST_MESSAGES, Later, Look, Message, Refusal, Spec
from keshen.wire.intake.channels.listing import is_whole

STILL_SECONDS: Final = 2.0
"""A file that was written to this recently may still grow."""

TAKEN: Final = "taken"


def roots() -> list[Path]:
    """The folders under which a folder may be watched."""
    return [settings.KESHEN_HOME / "inbox", *map(Path, settings.KESHEN_INBOX_FOLDERS)]


def folder_of(spec: Spec) -> Path:
    """The folder's real place. Raises ValueError when it is not one that may be watched."""
    given = Path(spec.address)
    at = (given if given.is_absolute() else settings.KESHEN_HOME / "inbox" / given).resolve()
    if not any(at.is_relative_to(root.resolve()) for root in roots()):
        raise ValueError(
            f"{at} may not be watched. Use a folder under {roots()[0]}, or have the operator name it in "
            "KESHEN_INBOX_FOLDERS."
        )
    return at


def check(spec: Spec) -> None:
    """Raises ValueError when the folder may not be watched. One of the house's own inbox is made."""
    at = folder_of(spec)
    if at.is_relative_to(roots()[0].resolve()):
        at.mkdir(parents=True, exist_ok=True)


def look(spec: Spec) -> Look:
    """The files that have come to rest, oldest first. Raises Later when the folder cannot be read."""
    try:
        at = folder_of(spec)
        entries = [entry for entry in os.scandir(at) if _is_whole(entry)]
        entries.sort(key=lambda entry: (entry.stat(follow_symlinks=False).st_mtime_ns, entry.name))
    except (OSError, ValueError) as error:
        raise Later(f"The folder cannot be read: {error}") from error
    known = dict(spec.cursor.get("left", {}))
    here: dict[str, str] = {}
    messages: list[Message] = []
    refused: list[Refusal] = []
    more = False
    for entry in entries:
        about = entry.stat(follow_symlinks=False)
        mark = f"{about.st_mtime_ns}-{about.st_size}"
        if known.get(entry.name) == mark:
            here[entry.name] = mark
            continue
        if len(messages) == MOST_MESSAGES:
            more = True
            break
        here[entry.name] = mark
        if about.st_size > MOST_BYTES:
            refused.append(
                Refusal(entry.name, f"{entry.name} is larger than {MOST_BYTES >> 20} MB.", "Put it there in parts.")
            )
            continue
        try:
            messages.append(Message(entry.name, _read(Path(entry.path)), handle=entry.path))
        except OSError as error:
            here.pop(entry.name)
            refused.append(Refusal(entry.name, f"{entry.name} cannot be read: {error.strerror}.", "Let it be read."))
    return Look({"left": here}, messages, refused, more)


def kept(spec: Spec, message: Message) -> None:
    """Move the file aside. Where that is not allowed it stays, and is remembered by its time and size."""
    path = Path(message.handle)
    aside = path.parent / TAKEN
    try:
        aside.mkdir(exist_ok=True)
        target = aside / path.name
        if target.exists():
            target = aside / f"{path.stem}-{time.time_ns()}{path.suffix}"
        path.rename(target)
    except OSError:
        return  # a folder that is only ours to read: the cursor remembers what was taken


def _is_whole(entry: os.DirEntry[str]) -> bool:
    if not is_whole(entry.name):
        return False
    about = entry.stat(follow_symlinks=False)
    return stat.S_ISREG(about.st_mode) and time.time() - about.st_mtime >= STILL_SECONDS


def _read(path: Path) -> bytes:
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(handle, "rb") as file:
        return file.read(MOST_BYTES + 1)
