"""The kill test, in its short form and its long one. A run that failed is run again with KESHEN_STORM_SEED."""

from __future__ import annotations

import json
import os

import pytest

from tests.wire.house import House
from tests.wire.storm.storm import Weather, database_address, program, rage

GIVEN = [int(os.environ["KESHEN_STORM_SEED"])] if os.environ.get("KESHEN_STORM_SEED") else None
SEEDS = GIVEN or [1, 2, 3]
LONG_SEEDS = GIVEN or range(1000, 1100)


def storm(house: House, weather: Weather) -> None:
    print(f"KESHEN_STORM_SEED={weather.seed}", flush=True)
    with (
        program("clients.py", str(weather.seed), str(weather.clients)) as clients,
        program("hosts.py", str(weather.lease_seconds), DATABASE_URL=database_address()) as host,
    ):
        assert clients.process.stdout
        ports = json.loads(clients.process.stdout.readline())
        urls = [f"http://127.0.0.1:{port}/in" for port in ports]
        print(rage(house, weather, [host], clients, urls), flush=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_everybody_ends_on_the_kill(committed_house: House, seed: int) -> None:
    storm(committed_house, Weather(seed, clients=27, stories=4, seconds=4.0))


@pytest.mark.soak
@pytest.mark.parametrize("seed", LONG_SEEDS)
def test_two_hundred_clients_end_on_the_kill(committed_house: House, seed: int) -> None:
    storm(committed_house, Weather(seed, clients=200, stories=8, seconds=15.0))
