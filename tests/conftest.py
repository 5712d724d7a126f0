"""Every run of the tests has a home and a PostgreSQL of its own, so that several can go on at once.

With pytest-xdist so has every worker: a long transaction of one worker's test or a database that is cut off are nothing
to the tests of another. `KESHEN_TEST_DATABASE_URL` names a server to use instead, for all of them (its role must be
allowed to create databases).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from keshen.house import postgres

REPOSITORY = Path(__file__).resolve().parent.parent

IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ
if IS_WORKER:
    os.environ["KESHEN_TEST_RUN"] += f"/{os.environ['PYTEST_XDIST_WORKER']}"
else:
    os.environ["KESHEN_TEST_RUN"] = tempfile.mkdtemp(prefix="keshen-test-")
RUN = Path(os.environ["KESHEN_TEST_RUN"])
os.environ["KESHEN_HOME"] = str(RUN / "main")
os.environ["DATABASE_URL"] = os.environ.get("KESHEN_TEST_DATABASE_URL") or postgres.address(RUN / "database")
os.environ["DJANGO_SETTINGS_MODULE"] = "keshen.config.settings"
os.environ.setdefault("KESHEN_DEMO_PASSWORD", "keshen-demo-2026")
os.environ.setdefault("KESHEN_ALLOW_PRIVATE_TARGETS", "1")
for name in ("KESHEN_URL", "KESHEN_PORT", "KESHEN_STORE", "KESHEN_HOSTS", "KESHEN_AUTHORITY"):
    os.environ.pop(name, None)

# an example that takes long on a busy machine is no failure, and the same commit passes every time
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

# the folders' own conftests import models, and pytest reads them before its Django plugin is ready
django.setup()


def _flush_append_only_tables_too() -> None:
    """Tests that commit are cleaned up with TRUNCATE, which append-only tables refuse: their triggers rest for it."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    flush = DatabaseOperations.sql_flush

    def sql_flush(self: DatabaseOperations, *args: Any, **kwargs: Any) -> list[str]:
        statements = flush(self, *args, **kwargs)
        return ["SET session_replication_role = replica", *statements, "RESET session_replication_role"]

    DatabaseOperations.sql_flush = sql_flush  # type: ignore[method-assign]


def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings as of_django

    from keshen.air.actions import locking

    _flush_append_only_tables_too()
    locking.EDIT_MS = 600_000  # an operator would be told to try again

    # Argon2 is slow on purpose; the tests sign in hundreds of times
    of_django.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if not IS_WORKER and getattr(config.option, "numprocesses", None):
        # a worker that found it here would read the settings before it has its own home and database
        del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_unconfigure(config: pytest.Config) -> None:
    postgres.stop(RUN / "database")
    if not IS_WORKER:
        shutil.rmtree(RUN, ignore_errors=True)


SHARE_A_FIXTURE = ("media", "control", "site")
"""Folders whose files share something costly: encoded samples, an open house, Chromium."""
SHARE_A_STREAM = ("cut_play", "dash", "door", "encryption", "endless", "hls_more", "stream", "two_nodes", "wvtt")
"""Files of `air` that share a channel on the air."""
LONGEST_FIRST = ("control", "media", "site", "air", "ops", "graphics", "house")


def _group(nodeid: str) -> str:
    """What stays in one process: a folder or files with shared fixtures, else a file."""
    folder, _, name = nodeid.partition("::")[0].removeprefix("tests/").rpartition("/")
    if folder in SHARE_A_FIXTURE:
        return folder
    if folder == "air" and name.removeprefix("test_").removesuffix(".py") in SHARE_A_STREAM:
        return "air-stream"
    return f"{folder}/{name}"


class GroupScheduling(LoadScopeScheduling):
    """Gives each process whole groups. pytest-xdist's own groups by mark are not seen by pytest 9.2."""

    def _split_scope(self, nodeid: str) -> str:
        return _group(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> GroupScheduling:
    return GroupScheduling(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several processes the longest groups go first."""
    if not IS_WORKER:
        return

    def place(item: pytest.Item) -> int:
        room = item.path.relative_to(REPOSITORY / "tests").parts[0]
        return LONGEST_FIRST.index(room) if room in LONGEST_FIRST else len(LONGEST_FIRST)

    items.sort(key=place)


@pytest.fixture(scope="session")
def database_server() -> None:
    """A running PostgreSQL; started by the first test that needs it."""
    if not os.environ.get("KESHEN_TEST_DATABASE_URL"):
        postgres.start(RUN / "database", throwaway=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_server: None, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """pytest-django's hook before it makes the test database."""


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the source tree."""
    return REPOSITORY


@pytest.fixture(scope="session")
def standards() -> Path:
    """The folder of published schemas and texts the output is checked against."""
    folder = Path(os.environ.get("KESHEN_STANDARDS") or REPOSITORY.parent / "shared" / "standards")
    if not folder.is_dir():
        pytest.skip(f"no standards at {folder}: set KESHEN_STANDARDS")
    return folder


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A short-named folder of the test's own, for homes with sockets in them."""
    folder = Path(tempfile.mkdtemp(prefix="kt-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
