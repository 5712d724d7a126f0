"""Fixtures of the air's tests; what they need of Django is imported when they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.air.house import Air, Clock


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    from tests.air.house import stopped

    return stopped(monkeypatch)


@pytest.fixture
def air(db: None, time: Clock) -> Air:
    from tests.air.house import build

    return build(time)
