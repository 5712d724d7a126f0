"""Finished stages are remembered for a while, so that work goes on from them; then they are forgotten."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from procrastinate.contrib.django import app

from keshen.media import stages
from keshen.media.models import StageResult
from keshen.media.store import FolderStore

pytestmark = pytest.mark.django_db


def test_what_is_old_is_forgotten_and_made_again_when_asked_for(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    made: list[str] = []

    def speak() -> stages.Result:
        made.append("spoken")
        return stages.Result({"wav": store.put(b"sound")}, {"seconds": 1})

    def ask(words: str) -> stages.Result:
        return stages.remembered("speech", {"words": words}, store, speak)[1]

    old, young = ask("old"), ask("young")
    assert (old, young, len(made)) == (ask("old"), ask("young"), 2)
    now = timezone.now()
    StageResult.objects.filter(key=stages.key_of("speech", {"words": "old"})).update(
        created_at=now - stages.KEPT - timedelta(seconds=1)
    )
    assert stages.forget_old(now) == 1
    assert stages.forget_old(now) == 0
    assert ask("young") == young and len(made) == 2
    assert ask("old") == old and len(made) == 3
    assert store.read(old.blobs["wav"]) == b"sound"


def test_it_is_done_every_night() -> None:
    assert any(task.task.name == "keshen.media.tidy" for task in app.periodic_registry.periodic_tasks.values())
