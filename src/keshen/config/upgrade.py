"""From one PostgreSQL major version to the next: copy, compare, and only then switch.

The old data are read by the programs that made them (from the package, from the copy kept in the home, or from the
system), dumped, and restored into a new folder beside the old one. One rename makes the new folder the one in use.
The old folder stays until a person removes it. Cut off at any point, the old data are in use as before.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from keshen.house import dumps, pghome, postgres
from keshen.house.pghome import PostgresError


def needed(home: Path) -> tuple[int, int] | None:
    """Major version of the data and of the installed programs, when they differ."""
    have = pghome.data_major(home)
    wanted = pghome.shipped_major()
    if have is None or have == wanted:
        return None
    return have, wanted


def upgrade(home: Path, tell: Callable[[str], None], wanted: int | None = None) -> Path:
    """Bring the embedded database to `wanted` (by default the newest installed) and return the old data's folder.

    The house must be closed. Raises PostgresError, after which the old data are in use as before.
    """
    have = pghome.data_major(home)
    wanted = wanted or pghome.shipped_major()
    if have is None or have >= wanted:
        raise PostgresError(f"Nothing to do: the data are of PostgreSQL {have}, the programs of {wanted}.")
    old, new = pghome.data_folder(home, have), pghome.data_folder(home, wanted)
    building = new.with_name(f"{wanted}.new")
    dump = pghome.root(home) / f"upgrade-{have}-to-{wanted}.dump"
    shutil.rmtree(building, ignore_errors=True)
    sockets = pghome.socket_folder(home)
    try:
        tell(f"reading the data of PostgreSQL {have}")
        postgres.stop_folder(old)
        with _serving(home, old, sockets):
            dumps.dump(home, pghome.address(home), dump)
            before = dumps.tables(pghome.address(home))
        tell(f"writing {sum(before.values())} rows in {len(before)} tables into PostgreSQL {wanted}")
        postgres.initialise(home, wanted, building)
        with _serving(home, building, sockets):
            postgres.ensure_database(pghome.address(home, "postgres"))
            dumps.restore(home, pghome.address(home), dump)
            after = dumps.tables(pghome.address(home))
        if after != before:
            raise PostgresError(
                f"The copy differs from the original in {_differences(before, after)}. Nothing was changed."
            )
        building.rename(new)
    finally:
        dump.unlink(missing_ok=True)
        shutil.rmtree(building, ignore_errors=True)
    tell(
        f"PostgreSQL {wanted} is in use; the old data stay in {old} until you remove them (keshen upgrade --remove-old)"
    )
    return old


def remove_old(home: Path) -> list[Path]:
    """Remove data and kept programs of majors older than the one in use; returns what was removed."""
    current = pghome.data_major(home)
    removed = []
    for path in [*pghome.root(home).glob("[0-9]*"), *(pghome.root(home) / "bin").glob("[0-9]*")]:
        if current is not None and path.name.isdigit() and int(path.name) < current:
            shutil.rmtree(path)
            removed.append(path)
    return removed


class _serving:  # noqa: N801  reads as a verb where it is used
    """A server on a data folder for the length of a block."""

    def __init__(self, home: Path, data: Path, sockets: Path) -> None:
        self.home, self.data, self.sockets = home, data, sockets

    def __enter__(self) -> None:
        self.process = postgres.serve(self.home, self.data, self.sockets)

    def __exit__(self, *_problem: object) -> None:
        postgres.stop_folder(self.data)
        if self.process is not None:
            self.process.wait()


def _differences(before: dict[str, int], after: dict[str, int]) -> str:
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return ", ".join(f"{name} ({before.get(name)} rows, then {after.get(name)})" for name in names)
