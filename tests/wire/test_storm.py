"""The kill test, in its short form and its long one. A run that failed is run again with KESHEN_STORM_SEED."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import connections

from keshen.house import postgres
from tests.wire.house import House
from tests.wire.storm.proxy import Network
from tests.wire.storm.storm import Program, Weather, database_address, program, rage

GIVEN = [int(os.environ["KESHEN_STORM_SEED"])] if os.environ.get("KESHEN_STORM_SEED") else None
SEEDS = GIVEN or [1, 2, 3]
LONG_SEEDS = GIVEN or range(1000, 1100)


LEASE_SECONDS = 2.0

KEEPER = ThreadPoolExecutor(max_workers=1)
"""Starts the database again: a server ends with the thread that started it, so that one has to last (prctl(2))."""


@contextmanager
def ready(weather: Weather) -> Iterator[tuple[Program, list[int]]]:
    """The clients, and the ports they listen at."""
    print(f"KESHEN_STORM_SEED={weather.seed}", flush=True)
    with program("clients.py", str(weather.seed), str(weather.clients)) as clients:
        assert clients.process.stdout
        yield clients, json.loads(clients.process.stdout.readline())


def host(database: str, **names: str) -> AbstractContextManager[Program]:
    return program("hosts.py", str(LEASE_SECONDS), json.dumps(names), DATABASE_URL=database)


def storm(house: House, weather: Weather, trouble: Callable[[random.Random], None] | None = None) -> None:
    with ready(weather) as (clients, ports), host(database_address()) as machine:
        urls = [f"http://127.0.0.1:{port}/in" for port in ports]
        print(rage(house, weather, [machine], clients, urls, trouble=trouble), flush=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_everybody_ends_on_the_kill(committed_house: House, seed: int) -> None:
    storm(committed_house, Weather(seed, clients=27, stories=4, seconds=4.0))


@pytest.mark.soak
@pytest.mark.parametrize("seed", LONG_SEEDS)
def test_two_hundred_clients_end_on_the_kill(committed_house: House, seed: int) -> None:
    storm(committed_house, Weather(seed, clients=200, stories=8, seconds=15.0, workers=2))


def cut_off(chance: random.Random) -> None:
    """End every connection to the database of these tests, and refuse new ones for a moment."""
    given = connections["default"].get_connection_params()
    name = given["dbname"]
    with psycopg.connect(database_address(database="postgres"), autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            time.sleep(chance.uniform(0.1, 0.7))
        finally:
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


@pytest.mark.parametrize("seed", GIVEN or [11])
def test_nothing_changes_when_the_database_drops_everybody(committed_house: House, seed: int) -> None:
    storm(committed_house, Weather(seed, clients=18, stories=4, seconds=4.0), cut_off)


@pytest.mark.soak
@pytest.mark.parametrize("seed", GIVEN or range(2000, 2020))
def test_nothing_changes_when_the_database_is_restarted(committed_house: House, seed: int) -> None:
    if os.environ.get("KESHEN_TEST_DATABASE_URL"):
        pytest.skip("the server is not this test's own: run it without KESHEN_TEST_DATABASE_URL")
    home = Path(os.environ["KESHEN_TEST_RUN"]) / "database"

    def restart(chance: random.Random) -> None:
        if chance.random() < 0.2:
            postgres.stop(home)
            time.sleep(chance.uniform(0.0, 1.0))
            KEEPER.submit(postgres.start, home, throwaway=True).result()

    storm(committed_house, Weather(seed, clients=100, stories=8, seconds=15.0), restart)


def partitioned(house: House, weather: Weather) -> None:
    """Two machines, each with its own lines to the database and to the clients; lines are cut and heal."""
    network = Network()
    socket = f"{connections['default'].get_connection_params()['host']}/.s.PGSQL.5432"
    addresses = ["127.0.0.2", "127.0.0.3"]
    with ready(weather) as (clients, ports), network.running(), ExitStack() as machines:
        hosts = []
        for address in addresses:
            port = network.join(f"{address} database", address, 0, socket)
            for target in ports:
                network.join(f"{address} clients", address, target, ("127.0.0.1", target))
            hosts.append(machines.enter_context(host(database_address(address, port), localhost=address)))

        def trouble(chance: random.Random) -> None:
            address = chance.choice(addresses)
            lines = chance.choice([["database"], ["clients"], ["database", "clients"]])
            for line in lines:
                network.cut(f"{address} {line}")
            time.sleep(chance.uniform(0.2, 4.0))
            for line in lines:
                network.heal(f"{address} {line}", reset=chance.random() < 0.5)

        urls = [f"http://localhost:{port}/in" for port in ports]
        print(rage(house, weather, hosts, clients, urls, trouble=trouble), flush=True)


@pytest.mark.parametrize("seed", GIVEN or [21])
def test_two_machines_cut_off_and_healed(committed_house: House, seed: int) -> None:
    partitioned(committed_house, Weather(seed, clients=18, stories=4, seconds=6.0, pumps=4))


@pytest.mark.soak
@pytest.mark.parametrize("seed", GIVEN or range(3000, 3020))
def test_two_machines_cut_off_and_healed_at_length(committed_house: House, seed: int) -> None:
    partitioned(committed_house, Weather(seed, clients=100, stories=8, seconds=25.0, pumps=4))
