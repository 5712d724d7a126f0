"""Where the database is: `DATABASE_URL`, else the embedded PostgreSQL of this house."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict


def database_parameters(url: str | None, home: Path) -> dict[str, Any]:
    """Django's connection settings for `url` (a libpq address), or for the embedded server of `home`.

    Raises `psycopg.ProgrammingError` for an address libpq cannot read.
    """
    if not url:
        from keshen.house import postgres

        url = postgres.address(home)
    given = conninfo_to_dict(url)
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    options = {key: value for key, value in given.items() if key not in names}
    return {**{names[key]: value for key, value in given.items() if key in names}, "OPTIONS": options}
