"""The site's pulse: a number that grows with every change readers can see. Who keeps a rendered page compares it."""

from __future__ import annotations

from django.db import connection

CHANNEL = "keshen_site"
ROW = 1


def number() -> int:
    """The pulse now: one look-up by primary key."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM site_pulse WHERE id = %s", [ROW])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def beat() -> None:
    """Count a change, in its own transaction, and tell every process when that commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH beaten AS (
                INSERT INTO site_pulse (id, number, at) VALUES (%s, 1, now())
                ON CONFLICT (id) DO UPDATE SET number = site_pulse.number + 1, at = now() RETURNING number)
            SELECT pg_notify(%s, number::text) FROM beaten
            """,
            [ROW, CHANNEL],
        )
