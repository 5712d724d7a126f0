"""Places that hold files under names: which are new since the last look, told by their names, times and sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from keshen.wire.intake.channels.base import MOST_BYTES, MOST_MESSAGES, Look, Message, Refusal, Spec

UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", ".swp", "~")


@dataclass(frozen=True, slots=True)
class File:
    """A file that is there: its name, its mark (what changes when it does), its size in bytes, when it was written."""

    name: str
    mark: str
    size: int
    written: Any = 0


def is_whole(name: str) -> bool:
    """Whether the name is not one under which programs keep what they are still writing."""
    return not name.startswith(".") and not name.endswith(UNFINISHED)


def take(spec: Spec, there: Iterable[File], read: Callable[[str], bytes]) -> Look:
    """What is new, oldest first, at most `MOST_MESSAGES`; what is gone is forgotten. `read` gives a file's bytes."""
    known = dict(spec.cursor.get("seen", {}))
    files = sorted((file for file in there if is_whole(file.name)), key=lambda file: (file.written, file.name))
    seen = {file.name: file.mark for file in files if known.get(file.name) == file.mark}
    fresh = [file for file in files if file.name not in seen]
    messages: list[Message] = []
    refused: list[Refusal] = []
    for file in fresh[:MOST_MESSAGES]:
        seen[file.name] = file.mark
        if file.size > MOST_BYTES:
            why = f"{file.name} is larger than {MOST_BYTES >> 20} MB."
            refused.append(Refusal(file.name, why, "Put it there in parts."))
            continue
        messages.append(Message(file.name.rpartition("/")[2], read(file.name), handle=file.name))
    return Look({"seen": seen}, messages, refused, more=len(fresh) > MOST_MESSAGES)
