"""What is read the same everywhere in ninjs: objects whatever their letters, and texts of one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

type Item = Mapping[str, Any]


def small(value: object) -> Item:
    """The object with its keys in small letters, so that 2.x and 3.x are one; nothing of what is no object."""
    return {str(key).lower(): each for key, each in value.items()} if isinstance(value, Mapping) else {}


def line(value: object) -> str:
    """A text or number as one line; nothing of anything else."""
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""
