"""Backup, restore, move and upgrade: what was there is there again, and an interruption changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from keshen.config import backup, upgrade
from keshen.house import dumps, pghome, postgres
from keshen.media.store import FolderStore
from tests.waiting import LIMIT, until


def quiet(_what: str, _done: int, _total: int) -> None:
    """Progress nobody looks at."""


@pytest.fixture
def home(scratch: Path) -> Iterator[Path]:
    """A home with a running database that holds Kazakh text, and two blobs."""
    home = scratch / "a"
    process = postgres.start(home, throwaway=True)
    with psycopg.connect(postgres.address(home), autocommit=True) as connection:
        connection.execute("CREATE TABLE story (id bigserial PRIMARY KEY, headline text NOT NULL)")
        connection.execute("INSERT INTO story (headline) SELECT 'Қозы Көрпеш ' || n FROM generate_series(1, 500) n")
        connection.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'immutable'; END $$"
        )
        connection.execute(
            "CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON story FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    store = FolderStore(home / "media")
    store.put(b"first blob")
    store.put(b"second blob" * 1000)
    (home / "secret-key").write_text("secret")
    yield home
    postgres.stop(home)
    if process is not None:
        process.wait()


def connected(home: Path) -> int:
    """How many are connected to the house's database."""
    with psycopg.connect(postgres.address(home, "postgres")) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [pghome.DATABASE]
        ).fetchone()
    assert row is not None
    return int(row[0])


def headlines(address: str) -> list[str]:
    with psycopg.connect(address) as connection:
        return [row[0] for row in connection.execute("SELECT headline FROM story ORDER BY id")]


def test_a_backup_brings_everything_to_another_home(home: Path, scratch: Path) -> None:
    file = scratch / "house.keshen"
    written = backup.write(home, postgres.address(home), str(home / "media"), file, quiet)
    assert written.media == 2
    assert file.stat().st_mode & 0o077 == 0, "a backup holds secrets"
    other = scratch / "b"
    with postgres.open_for(other) as address:
        backup.read(other, address, str(other / "media"), file, quiet)
        assert headlines(address) == headlines(postgres.address(home))
        with psycopg.connect(address) as connection, pytest.raises(psycopg.errors.RaiseException, match="immutable"):
            connection.execute("UPDATE story SET headline = 'other'")
        with psycopg.connect(address) as connection:
            row = connection.execute("INSERT INTO story (headline) VALUES ('next') RETURNING id").fetchone()
            assert row == (501,), "numbers go on where they were"
    blobs = {path.name: path.read_bytes() for path in (home / "media").glob("??/*")}
    assert {path.name: path.read_bytes() for path in (other / "media").glob("??/*")} == blobs
    assert (other / "secret-key").read_text() == "secret"


def test_restoring_replaces_what_is_there_in_one_step(home: Path, scratch: Path) -> None:
    file = scratch / "house.keshen"
    backup.write(home, postgres.address(home), str(home / "media"), file, quiet)
    with psycopg.connect(postgres.address(home), autocommit=True) as connection:
        connection.execute("INSERT INTO story (headline) VALUES ('written after the backup')")
        connection.execute("CREATE TABLE later (id int)")
    backup.read(home, postgres.address(home), str(home / "media"), file, quiet)
    assert len(headlines(postgres.address(home))) == 500
    assert set(dumps.tables(postgres.address(home))) == {"story"}


@pytest.mark.parametrize("harm", ["cut", "flipped", "foreign", "missing"])
def test_a_bad_backup_is_refused_and_changes_nothing(home: Path, scratch: Path, harm: str) -> None:
    file = scratch / "house.keshen"
    backup.write(home, postgres.address(home), str(home / "media"), file, quiet)
    data = bytearray(file.read_bytes())
    if harm == "cut":
        file.write_bytes(data[: len(data) // 2])
    elif harm == "flipped":
        place = data.find(b"second blob")
        data[place] ^= 1
        file.write_bytes(data)
    elif harm == "foreign":
        with tarfile.open(file, "w") as archive:
            archive.add(__file__, "../outside")
    else:
        file.unlink()
    with psycopg.connect(postgres.address(home), autocommit=True) as connection:
        connection.execute("INSERT INTO story (headline) VALUES ('still here')")
    with pytest.raises(backup.BackupError):
        backup.read(home, postgres.address(home), str(home / "media"), file, quiet)
    assert headlines(postgres.address(home))[-1] == "still here"


def test_a_restore_that_fails_in_the_database_changes_nothing(home: Path, scratch: Path) -> None:
    broken = scratch / "broken.dump"
    dumps.dump(home, postgres.address(home), broken)
    data = broken.read_bytes()
    broken.write_bytes(data[:-400])
    with pytest.raises(postgres.PostgresError):
        dumps.restore(home, postgres.address(home), broken)
    assert len(headlines(postgres.address(home))) == 500


def test_killed_in_the_middle_of_a_backup_the_older_file_stays(home: Path, scratch: Path) -> None:
    file = scratch / "house.keshen"
    backup.write(home, postgres.address(home), str(home / "media"), file, quiet)
    before = file.read_bytes()
    FolderStore(home / "media").put(os.urandom(1 << 20))
    program = (
        "import os, signal, sys; from pathlib import Path; from keshen.config import backup\n"
        "def kill(what, done, total):\n    if what == 'media': os.kill(os.getpid(), signal.SIGKILL)\n"
        "backup.write(Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4]), kill)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(home), postgres.address(home), str(home / "media"), str(file)],
        timeout=LIMIT,
    )
    assert done.returncode == -9
    assert file.read_bytes() == before
    backup.write(home, postgres.address(home), str(home / "media"), file, quiet)
    assert not list(scratch.glob(".house*")), "the next backup clears the unfinished one away"


def test_killed_in_the_middle_of_a_restore_nothing_has_changed(home: Path, scratch: Path) -> None:
    with psycopg.connect(postgres.address(home), autocommit=True) as connection:
        connection.execute("CREATE TABLE bulk AS SELECT n, repeat('x', 200) FROM generate_series(1, 40000) n")
    dump = scratch / "house.dump"
    dumps.dump(home, postgres.address(home), dump)
    with psycopg.connect(postgres.address(home), autocommit=True) as connection:
        connection.execute("INSERT INTO story (headline) VALUES ('still here')")
    program = (
        "import os, signal, sys; from pathlib import Path; from keshen.house import dumps\n"
        "dumps.restore(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]),\n"
        "    lambda done: os.kill(os.getpid(), signal.SIGKILL))\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(home), postgres.address(home), str(dump)], timeout=LIMIT)
    assert done.returncode == -9
    until(lambda: connected(home) == 0, "the server noticing that its client is gone")
    assert headlines(postgres.address(home))[-1] == "still here"


def test_a_kill_in_the_middle_of_moving_to_another_server_leaves_it_empty(home: Path, scratch: Path) -> None:
    dump = scratch / "house.dump"
    dumps.dump(home, postgres.address(home), dump)
    with psycopg.connect(postgres.address(home, "postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE elsewhere")
    elsewhere = postgres.address(home, "elsewhere")
    dumps.restore(home, elsewhere, dump)
    assert dumps.tables(elsewhere) == dumps.tables(postgres.address(home))
    assert headlines(elsewhere) == headlines(postgres.address(home))


@pytest.fixture
def old_home(scratch: Path) -> Path:
    """A closed home whose data are of the older PostgreSQL that the package also ships."""
    older = sorted(pghome._shipped())[:-1]
    if not older:
        pytest.skip("the installed package ships one PostgreSQL only")
    home = scratch / "old"
    data = postgres.initialise(home, older[-1])
    process = postgres.serve(home, data, pghome.socket_folder(home), throwaway=True)
    postgres.ensure_database(postgres.address(home, "postgres"))
    with psycopg.connect(postgres.address(home), autocommit=True) as connection:
        connection.execute("CREATE TABLE story (id bigserial PRIMARY KEY, headline text)")
        connection.execute("INSERT INTO story (headline) VALUES ('Алтын Адам'), ('Сақ қорғаны')")
    postgres.stop_folder(data)
    assert process is not None
    process.wait()
    return home


def test_a_newer_major_takes_over_the_old_data(old_home: Path) -> None:
    majors = upgrade.needed(old_home)
    assert majors is not None and majors[0] < majors[1]
    said: list[str] = []
    old = upgrade.upgrade(old_home, said.append)
    assert upgrade.needed(old_home) is None
    with postgres.open_for(old_home) as address:
        assert dumps.server_major(address) == majors[1]
        assert headlines(address) == ["Алтын Адам", "Сақ қорғаны"]
    assert (old / "PG_VERSION").exists(), "the old data stay until a person removes them"
    assert old in upgrade.remove_old(old_home)
    assert not old.exists()
    with postgres.open_for(old_home) as address:
        assert len(headlines(address)) == 2


def test_before_the_upgrade_the_old_data_stay_in_use(old_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the package no longer ships their programs: the home has kept them."""
    shipped = pghome._shipped()
    newest = max(shipped)
    monkeypatch.setattr(pghome, "_shipped", lambda: {newest: shipped[newest]})
    with postgres.open_for(old_home) as address:
        assert dumps.server_major(address) < newest
        assert len(headlines(address)) == 2
    upgrade.upgrade(old_home, lambda _text: None)
    with postgres.open_for(old_home) as address:
        assert dumps.server_major(address) == newest
        assert len(headlines(address)) == 2


def test_an_upgrade_that_fails_leaves_the_old_data_in_use(old_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise postgres.PostgresError("the disk is full")

    monkeypatch.setattr(dumps, "restore", fail)
    with pytest.raises(postgres.PostgresError, match="disk is full"):
        upgrade.upgrade(old_home, lambda _text: None)
    assert upgrade.needed(old_home) is not None
    with postgres.open_for(old_home) as address:
        assert len(headlines(address)) == 2
