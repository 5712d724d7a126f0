"""Stages of long work, remembered by what they depend on: work that was killed goes on from the last finished stage."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from keshen.media import store as stores
from keshen.media.models import StageResult
from keshen.media.store import BlobStore

KEPT = timedelta(days=30)
"""How long a finished stage is remembered: longer than any work waits, and than most stories are corrected."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a stage made: blobs in the store by name, and facts (JSON values) for the stages that follow."""

    blobs: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


def key_of(stage: str, depends_on: Mapping[str, Any]) -> str:
    """SHA-256 of a stage's name and of everything its result depends on (JSON values)."""
    canonical = json.dumps([stage, depends_on], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def remembered(
    stage: str, depends_on: Mapping[str, Any], store: BlobStore, make: Callable[[], Result]
) -> tuple[str, Result]:
    """The stage's key and result: as it was made before if its blobs are still there, else made now.

    Two workers that make it at once make the same; the first to finish is kept.
    """
    key = key_of(stage, depends_on)
    row = StageResult.objects.filter(key=key).first()
    if row and all(stores.has(store, sha256) for sha256 in row.blobs.values()):
        return key, Result(row.blobs, row.facts)
    result = make()
    StageResult.objects.update_or_create(
        key=key, defaults={"stage": stage, "blobs": result.blobs, "facts": result.facts}
    )
    return key, result


def forget_old(now: datetime) -> int:
    """Forget the stages finished longer ago than `KEPT`; returns how many. What is asked for again is made again.

    The blobs stay: the store is immutable, and tracks may be made of the very same bytes.
    """
    count, _each = StageResult.objects.filter(created_at__lt=now - KEPT).delete()
    return count
