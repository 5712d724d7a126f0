"""The pump's two transactions around a send: take the head of a subscriber's queue, and write down what came of it.

Both lock the subscriber's row and check the lease's fencing number. Taking reads the story's state again, gives the
stream number and freezes the bytes; so nothing of a killed story is begun after its kill, and a repeated try repeats
number and bytes.
"""

from __future__ import annotations

import hashlib
import logging
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import AsyncConnection

from keshen.wire.channels.base import Answer, Parcel
from keshen.wire.formats.item import PubStatus, from_json
from keshen.wire.formats.registry import FORMATS
from keshen.wire.leases import Lease
from keshen.wire.verdicts import LONGEST_FOR_A_KILL_SECONDS, LONGEST_SECONDS, Verdict, backoff, explain, judge

log = logging.getLogger(__name__)

TAIL_CHARACTERS = 500

_HOLD = """
SELECT slug, channel, push_url, secret, options, format, encoding, last_sequence FROM wire_subscriber
WHERE id = %s AND fence = %s AND state = 'active' AND lease_until > now()
  AND (paused_until IS NULL OR paused_until <= now())
FOR NO KEY UPDATE
"""
# What is left of an attempt by a dead holder is `sending`; it goes first, with its number and bytes.
_HEAD = """
SELECT d.id, d.is_kill, d.sequence, d.payload, d.withheld, d.attempts, p.payload,
       st.killed_at IS NOT NULL,
       EXISTS (SELECT FROM wire_delivery n JOIN newsroom_version nv ON nv.id = n.version_id
               WHERE n.subscriber_id = d.subscriber_id AND n.story_id = d.story_id AND nv.text_id = v.text_id
                 AND nv.number > v.number AND n.state IN ('queued', 'sending', 'delivered'))
FROM wire_delivery d
JOIN newsroom_story st ON st.id = d.story_id
JOIN newsroom_version v ON v.id = d.version_id
JOIN newsroom_publication p ON p.id = d.publication_id
WHERE d.subscriber_id = %s AND d.state IN ('queued', 'sending') AND (d.next_at IS NULL OR d.next_at <= now())
ORDER BY d.is_kill DESC, d.state = 'sending' DESC, d.attempts, d.id
LIMIT 1
"""
_CANCEL = "UPDATE wire_delivery SET state = 'cancelled', reason = %s, next_at = NULL WHERE id = %s"
_STOP = "UPDATE wire_delivery SET state = 'suspended', reason = %s, next_at = NULL WHERE id = %s"
_TAKE = """
WITH numbered AS (
    UPDATE wire_subscriber SET last_sequence = %(sequence)s
    WHERE id = %(subscriber)s AND last_sequence < %(sequence)s)
UPDATE wire_delivery SET state = 'sending', sequence = %(sequence)s, payload = %(payload)s,
       payload_sha256 = %(sha256)s, attempts = attempts + 1, sent_at = coalesce(sent_at, now()), next_at = NULL
WHERE id = %(id)s
"""
_SETTLE = """
UPDATE wire_delivery SET
    state = CASE WHEN state = 'sending' THEN %(state)s::text ELSE state END,
    next_at = CASE WHEN state = 'sending' THEN %(next_at)s::timestamptz END,
    reason = CASE WHEN state = 'sending' THEN %(reason)s::text ELSE reason END,
    response_code = %(code)s, tail = %(tail)s,
    delivered_at = CASE WHEN %(delivered)s THEN now() ELSE delivered_at END
WHERE id = %(id)s
"""
_SUCCESS = """
UPDATE wire_subscriber SET failures = 0, paused_until = NULL, paused_by_client = FALSE, last_success_at = now()
WHERE id = %s
"""
_PAUSE = """
UPDATE wire_subscriber SET failures = failures + 1, paused_until = %s, paused_by_client = %s WHERE id = %s
"""
_SUSPEND = "UPDATE wire_subscriber SET state = 'suspended', reason = %s, failures = failures + 1 WHERE id = %s"

KILLED = "The story was killed."
OVERTAKEN = "A newer version of the text overtook it."


async def take(connection: AsyncConnection, lease: Lease) -> Parcel | None:
    """The head of the queue, numbered, frozen and marked as being sent; None without any, or without the lease."""
    async with connection.transaction():
        held = await (await connection.execute(_HOLD, [lease.subscriber, lease.fence])).fetchone()
        if held is None:
            return None
        slug, channel, url, secret, options, format_name, encoding, last_sequence = held
        while row := await (await connection.execute(_HEAD, [lease.subscriber])).fetchone():
            delivery, is_kill, sequence, frozen, withheld, attempts, payload, killed, overtaken = row
            if not is_kill and (killed or overtaken):
                await connection.execute(_CANCEL, [KILLED if killed else OVERTAKEN, delivery])
                continue
            number = sequence or last_sequence + 1
            try:
                body = (
                    bytes(frozen) if frozen is not None else _freeze(payload, format_name, encoding, number, withheld)
                )
            except Exception as problem:
                # one item that cannot be written must not hold up those behind it
                log.exception("delivery %d cannot be written as %s", delivery, format_name)
                reason = f"It could not be written as {format_name}: {type(problem).__name__}: {problem}"
                await connection.execute(_STOP, [reason, delivery])
                continue
            break
        else:
            return None
        sha256 = hashlib.sha256(body).hexdigest()
        taken = {"id": delivery, "subscriber": lease.subscriber, "sequence": number, "payload": body, "sha256": sha256}
        await connection.execute(_TAKE, taken)
        return Parcel(
            delivery=delivery,
            slug=slug,
            channel=channel,
            url=url,
            secret=secret,
            media_type=FORMATS[format_name].content_type(encoding),
            suffix=FORMATS[format_name].suffix,
            sequence=number,
            attempt=attempts + 1,
            body=body,
            urn=payload["urn"],
            status=payload["status"],
            headline=payload["headline"],
            options=options,
        )


def _freeze(payload: dict[str, Any], format_name: str, encoding: str, sequence: int, withheld: list[str]) -> bytes:
    item = from_json(payload).numbered(sequence).without_pictures(withheld)
    return FORMATS[format_name].write(item, encoding)


async def settle(
    connection: AsyncConnection, lease: Lease, parcel: Parcel, answer: Answer, chance: random.Random
) -> bool:
    """Write down what came of a try. False when the lease was lost meanwhile: then nothing is written.

    A delivery that a kill cancelled while it was under way stays cancelled; what the client answered is kept.
    """
    verdict = answer.verdict or (judge(answer.code) if answer.code else Verdict.LATER)
    async with connection.transaction():
        held = await connection.execute(
            "SELECT failures FROM wire_subscriber WHERE id = %s AND fence = %s FOR NO KEY UPDATE",
            [lease.subscriber, lease.fence],
        )
        row = await held.fetchone()
        if row is None:
            return False
        result: dict[str, Any] = {
            "id": parcel.delivery,
            "code": answer.code or None,
            "tail": answer.tail[:TAIL_CHARACTERS],
            "delivered": verdict is Verdict.DELIVERED,
            "next_at": None,
            "reason": "",
        }
        if verdict is Verdict.DELIVERED:
            result["state"] = "delivered"
            await connection.execute(_SUCCESS, [lease.subscriber])
        elif verdict is Verdict.LATER:
            now = datetime.now(UTC)
            longest = LONGEST_FOR_A_KILL_SECONDS if parcel.status == PubStatus.CANCELED else LONGEST_SECONDS
            pause = backoff(row[0] + 1, answer.retry_after, now=now, chance=chance, longest=longest)
            # an item that fails alone waits by its own count, so that it does not stop the others every second
            wait = backoff(parcel.attempt, answer.retry_after, now=now, chance=chance, longest=longest)
            result |= {"state": "queued", "next_at": now + timedelta(seconds=max(pause.seconds, wait.seconds))}
            until = now + timedelta(seconds=pause.seconds)
            await connection.execute(_PAUSE, [until, pause.asked, lease.subscriber])
        else:
            result |= {"state": "suspended", "reason": answer.reason or explain(answer.code, answer.location)}
            if verdict is Verdict.REFUSED_CLIENT:
                result["state"] = "queued"
                await connection.execute(_SUSPEND, [result["reason"], lease.subscriber])
        await connection.execute(_SETTLE, result)
    return True
