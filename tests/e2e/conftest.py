"""One demo house for all tests of this folder; they run in one process, in order."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.house import House, close_house, open_house


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("house"))


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """A demo house whose first channel plays."""
    with tempfile.TemporaryDirectory(prefix="keshen-house-") as folder:
        opened = open_house(Path(folder), Path(folder) / "demo.log")
        yield opened
        close_house(opened)
