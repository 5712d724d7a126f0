"""Leases on subscribers: who may send to a client now. Every write of a holder checks its fencing number.

A lease that is not renewed ends after ten seconds; whoever takes it next gets a higher number, and from then on the
database refuses the writes of the one before, however late they come.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from psycopg import AsyncConnection

LEASE_SECONDS = 10.0
RENEW_SECONDS = 3.0

_CLAIM = """
UPDATE wire_subscriber SET lease_owner = %(owner)s, lease_until = now() + %(seconds)s * interval '1 second',
       fence = fence + 1
WHERE id IN (
    SELECT id FROM wire_subscriber s
    WHERE push_url <> '' AND state = 'active' AND (failures = 0) = %(well)s
      AND (lease_until IS NULL OR lease_until < now())
      AND (paused_until IS NULL OR paused_until <= now())
      AND EXISTS (SELECT FROM wire_delivery d WHERE d.subscriber_id = s.id
                  AND d.state IN ('queued', 'sending') AND (d.next_at IS NULL OR d.next_at <= now()))
    ORDER BY id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED)
RETURNING id, fence
"""
# In the order in which every verb locks clients, so that neither waits for the other. A lease given back stays so.
_RENEW = """
WITH mine AS (
    SELECT s.id FROM wire_subscriber s JOIN unnest(%(ids)s::bigint[], %(fences)s::bigint[]) AS held(id, fence)
      ON s.id = held.id AND s.fence = held.fence
    WHERE s.lease_until IS NOT NULL
    ORDER BY s.id FOR NO KEY UPDATE OF s)
UPDATE wire_subscriber s SET lease_until = now() + %(seconds)s * interval '1 second'
FROM mine WHERE s.id = mine.id
RETURNING s.id
"""
_RELEASE = "UPDATE wire_subscriber SET lease_until = NULL, lease_owner = '' WHERE id = %s AND fence = %s"


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to send to one subscriber, as long as `fence` is the number in its row."""

    subscriber: int
    fence: int


async def claim(
    connection: AsyncConnection, owner: str, limit: int, seconds: float = LEASE_SECONDS, *, well: bool = True
) -> list[Lease]:
    """Lease up to `limit` subscribers that have something due and that nobody holds.

    Either those that took the last thing they were sent, or (`well` false) those that did not.
    """
    found = await connection.execute(_CLAIM, {"owner": owner, "seconds": seconds, "limit": limit, "well": well})
    return [Lease(*row) for row in await found.fetchall()]


async def renew(connection: AsyncConnection, leases: Collection[Lease], seconds: float = LEASE_SECONDS) -> set[int]:
    """Extend the leases that are still held; returns the subscribers of those."""
    parameters = {
        "seconds": seconds,
        "ids": [lease.subscriber for lease in leases],
        "fences": [lease.fence for lease in leases],
    }
    found = await connection.execute(_RENEW, parameters)
    return {row[0] for row in await found.fetchall()}


async def release(connection: AsyncConnection, lease: Lease) -> None:
    """Give the subscriber back, if it is still ours."""
    await connection.execute(_RELEASE, [lease.subscriber, lease.fence])
