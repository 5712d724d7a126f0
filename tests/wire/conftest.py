"""Fixtures of the wire's tests. What needs Django is imported when used: this file is read before Django is ready."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from keshen.wire.models import Product, Subscriber
    from tests.wire.house import House
    from tests.wire.web import Web


@pytest.fixture
def house(db: None) -> House:
    from tests.wire.house import furnish

    return furnish()


@pytest.fixture
def committed_house(transactional_db: None) -> House:
    """The same, with rows other connections see: pumps have connections of their own."""
    from tests.wire.house import furnish

    return furnish()


@pytest.fixture
def key_of(house: House) -> Callable[..., tuple[Subscriber, str]]:
    def make(name: str = "Reader", product: Product | None = None, form: str = "ninjs") -> tuple[Subscriber, str]:
        from keshen.wire import actions

        return actions.add_subscriber(house.chief, name, product or house.product, form)

    return make


@pytest.fixture
def web(committed_house: House, scratch: Path) -> Iterator[Web]:
    from tests.ports import free_port
    from tests.wire.web import Web

    web = Web(free_port(), scratch)
    web.start()
    yield web
    web.kill()
