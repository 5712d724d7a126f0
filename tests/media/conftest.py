"""Small assets in the house format, encoded once for all tests of media."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.media.samples import SOURCES, Sample, make


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    folder = tmp_path_factory.mktemp("samples")
    return [make(folder / str(n), *source) for n, source in enumerate(SOURCES)]


def furnish(settings: Any, folder: Path) -> Any:
    """The system user of a house whose media store and place of work are in `folder`."""
    from keshen.house.models import Organisation, User

    settings.KESHEN_HOME = folder
    settings.KESHEN_STORE = str(folder / "media")
    house, _ = Organisation.objects.get_or_create(slug="house", defaults={"name": {"en": "House"}, "kind": "house"})
    user, _ = User.objects.get_or_create(
        is_system=True, defaults={"username": "system", "organisation": house, "roles": ["system"]}
    )
    return user


@pytest.fixture
def system(transactional_db: None, settings: Any, tmp_path: Path) -> Any:
    """The house acting by itself, with a store and a place to work of its own, in rows that other processes see."""
    return furnish(settings, tmp_path)
