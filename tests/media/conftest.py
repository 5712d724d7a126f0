"""Small assets in the house format, encoded once for all tests of media."""

from __future__ import annotations

import pytest

from tests.media.samples import SOURCES, Sample, make


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    folder = tmp_path_factory.mktemp("samples")
    return [make(folder / str(n), *source) for n, source in enumerate(SOURCES)]
