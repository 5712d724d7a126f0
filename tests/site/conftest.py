"""The fixtures of the site's tests. `house.py` has the rest: models cannot be imported before Django is ready."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from keshen.house.programmes import ProgrammeGuide
    from tests.site.house import House


@pytest.fixture
def only_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other rooms' outlets stay out of it."""
    from keshen.house import outlets

    monkeypatch.setattr(outlets, "_outlets", {"site": next(o for o in outlets.all_outlets() if o.name == "site")})


@pytest.fixture
def lay(monkeypatch: pytest.MonkeyPatch) -> Callable[[ProgrammeGuide], None]:
    """The guide is empty until the test gives one."""
    from keshen.house import programmes

    guides: list[ProgrammeGuide] = []
    monkeypatch.setattr(programmes, "_guides", guides)
    return guides.append


@pytest.fixture
def house(db: None, only_the_site: None, lay: object) -> Iterator[House]:
    from tests.site.house import furnish

    yield furnish()
