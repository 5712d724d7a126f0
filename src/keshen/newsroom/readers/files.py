"""Files on disk, read without being kept: what is too large is refused before its bytes are in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from keshen.newsroom.readers import Unreadable, format_of, read, understood
from keshen.newsroom.readers.describe import describe
from keshen.newsroom.readers.encoding import MAX_BYTES, too_large

_HEAD = 8192


def read_file(path: Path, language: str | None = None) -> Iterator[dict[str, Any]]:
    """What is understood of each item of a file, as plain JSON; one that cannot be read says why and what to do.

    Raises OSError.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_HEAD)
        form = format_of(head, path.name)
        place = {"file": path.name, "format": form.name}
        try:
            if size > MAX_BYTES and not form.binary:
                raise too_large(size)
            if form.read_path is not None:
                items = understood(form.read_path(path), language)
            else:
                items = read(head + file.read(), path.name, language)
        except Unreadable as refusal:
            yield {**place, "outcome": "unreadable", "reason": str(refusal), "remedy": str(refusal.remedy)}
            return
    for part, item in enumerate(items):
        if isinstance(item, Unreadable):
            yield {**place, "part": part, "outcome": "unreadable", "reason": str(item), "remedy": str(item.remedy)}
        else:
            yield {**place, "part": part, "outcome": "read", **describe(item)}
