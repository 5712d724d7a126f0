"""Fixtures of the air's tests; what they need of Django is imported when they run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.air.house import Air, Clock
    from tests.air.streaming import Stream


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    from tests.air.house import stopped

    return stopped(monkeypatch)


@pytest.fixture
def air(db: None, time: Clock) -> Air:
    from tests.air.house import build

    return build(time)


@pytest.fixture
def committed_air(transactional_db: None, time: Clock) -> Air:
    """The same, with every action a transaction of its own: deferred triggers of one long transaction are looked
    through again at each check."""
    from tests.air.house import build

    return build(time)


@pytest.fixture(scope="session")
def stream(database_server: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stream]:
    """A server of the air alone; files that use it are marked to stay in one process, `air-stream`."""
    from tests.air.streaming import streaming

    with streaming(tmp_path_factory.mktemp("stream")) as found:
        yield found
