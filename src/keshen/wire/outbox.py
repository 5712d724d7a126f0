"""The pump's transactions around a send: write down what came of it, and take the head of the subscriber's queue.

Both lock the subscriber's row and check the lease's fencing number. Taking reads the story's state again, gives the
stream number and freezes the bytes; so nothing of a killed story is begun after its kill, and a repeated try repeats
number and bytes. What clients took is settled, and what they are sent next is taken, for many clients in one
transaction; each of them stands or falls by its own fencing number.
"""

from __future__ import annotations

import hashlib
import logging
import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import Any

from psycopg import AsyncConnection

from keshen.wire.cancelling import KILLED, OVERTAKEN
from keshen.wire.channels.base import Answer, Parcel
from keshen.wire.formats.item import PubStatus, WireItem, from_json
from keshen.wire.formats.registry import FORMATS
from keshen.wire.leases import Lease
from keshen.wire.media_addresses import signed
from keshen.wire.verdicts import LONGEST_FOR_A_KILL_SECONDS, LONGEST_SECONDS, Verdict, backoff, explain, judge

log = logging.getLogger(__name__)

TAIL_CHARACTERS = 500
ITEMS_KEPT = 500
"""Publications whose item is kept ready: a story goes to many clients at about the same time."""

# Whoever is locked by somebody else just now is left out, so that one client's row never holds up the others.
_HOLD = """
SELECT s.id, s.fence, s.slug, s.channel, s.push_url, s.secret, s.options, s.format, s.encoding, s.last_sequence,
       s.state = 'active' AND s.lease_until > now() AND (s.paused_until IS NULL OR s.paused_until <= now()) AS open
FROM wire_subscriber s JOIN unnest(%(ids)s::bigint[], %(fences)s::bigint[]) AS held(id, fence)
  ON s.id = held.id AND s.fence = held.fence
ORDER BY s.id FOR NO KEY UPDATE OF s {wait}
"""
_STILL = """
SELECT s.id, s.fence FROM wire_subscriber s JOIN unnest(%(ids)s::bigint[], %(fences)s::bigint[]) AS held(id, fence)
  ON s.id = held.id AND s.fence = held.fence
"""
# What is left of an attempt by a dead holder is `sending`, which sorts after `queued`; it goes first, with its number
# and bytes. The order is that of the index `wire_head`.
_HEADS = """
SELECT d.subscriber_id, d.id, d.is_kill, d.sequence, d.payload, d.withheld, d.attempts, d.publication_id,
       st.killed_at IS NOT NULL AS killed,
       EXISTS (SELECT FROM wire_delivery n JOIN newsroom_version nv ON nv.id = n.version_id
               WHERE n.subscriber_id = d.subscriber_id AND n.story_id = d.story_id AND nv.text_id = v.text_id
                 AND nv.number > v.number AND n.state IN ('queued', 'sending', 'delivered')) AS overtaken
FROM unnest(%(ids)s::bigint[], %(settled)s::bigint[]) AS turn(subscriber, settled)
CROSS JOIN LATERAL (
    SELECT * FROM wire_delivery
    WHERE subscriber_id = turn.subscriber AND id <> turn.settled
      AND state IN ('queued', 'sending') AND (next_at IS NULL OR next_at <= now())
    ORDER BY is_kill DESC, state DESC, attempts, id
    LIMIT 1) AS d
JOIN newsroom_story st ON st.id = d.story_id
JOIN newsroom_version v ON v.id = d.version_id
"""
_ITEMS = "SELECT id, payload FROM newsroom_publication WHERE id = ANY(%s)"
_CANCEL = "UPDATE wire_delivery SET state = 'cancelled', reason = %s, next_at = NULL WHERE id = %s"
_STOP = "UPDATE wire_delivery SET state = 'suspended', reason = %s, next_at = NULL WHERE id = %s"
_TOOK = """
UPDATE wire_delivery d SET
    state = CASE WHEN d.state = 'sending' THEN 'delivered' ELSE d.state END,
    reason = CASE WHEN d.state = 'sending' THEN '' ELSE d.reason END,
    next_at = NULL, response_code = came.code, tail = came.tail, delivered_at = now()
FROM unnest(%(ids)s::bigint[], %(codes)s::smallint[], %(tails)s::text[]) AS came(id, code, tail)
WHERE d.id = came.id AND d.payload IS NOT NULL
"""
# Rights changed the bytes while they were under way: the answer belongs to the copy of those that were sent.
_ANSWERED_EARLIER = """
UPDATE wire_earliercopy c SET response_code = came.code, tail = came.tail,
    delivered_at = CASE WHEN came.took THEN now() ELSE c.delivered_at END
FROM unnest(%(ids)s::bigint[], %(sequences)s::bigint[], %(codes)s::smallint[], %(tails)s::text[], %(took)s::boolean[])
  AS came(id, sequence, code, tail, took)
WHERE c.delivery_id = came.id AND c.sequence = came.sequence
"""
_TAKE = """
UPDATE wire_delivery d SET state = 'sending', sequence = given.sequence, payload = coalesce(d.payload, given.payload),
       payload_sha256 = given.sha256, attempts = d.attempts + 1, sent_at = coalesce(d.sent_at, now()), next_at = NULL
FROM unnest(%(ids)s::bigint[], %(sequences)s::bigint[], %(payloads)b::bytea[], %(digests)s::text[])
  AS given(id, sequence, payload, sha256)
WHERE d.id = given.id AND d.state IN ('queued', 'sending')
RETURNING d.id
"""
_CLIENTS = """
UPDATE wire_subscriber s SET
    failures = CASE WHEN turn.took THEN 0 ELSE s.failures END,
    paused_until = CASE WHEN turn.took THEN NULL ELSE s.paused_until END,
    paused_by_client = s.paused_by_client AND NOT turn.took,
    last_success_at = CASE WHEN turn.took THEN now() ELSE s.last_success_at END,
    last_sequence = greatest(s.last_sequence, turn.sequence),
    lease_until = CASE WHEN turn.ends THEN NULL ELSE s.lease_until END,
    lease_owner = CASE WHEN turn.ends THEN '' ELSE s.lease_owner END
FROM unnest(%(ids)s::bigint[], %(took)s::boolean[], %(sequences)s::bigint[], %(ends)s::boolean[])
  AS turn(id, took, sequence, ends)
WHERE s.id = turn.id
"""
_SETTLE = """
UPDATE wire_delivery SET
    state = CASE WHEN state = 'sending' THEN %(state)s::text ELSE state END,
    next_at = CASE WHEN state = 'sending' THEN %(next_at)s::timestamptz END,
    reason = CASE WHEN state = 'sending' THEN %(reason)s::text ELSE reason END,
    response_code = %(code)s, tail = %(tail)s
WHERE id = %(id)s AND payload IS NOT NULL
"""
_PAUSE = """
UPDATE wire_subscriber SET failures = failures + 1, paused_until = %s, paused_by_client = %s WHERE id = %s
"""
_WAIT = """
UPDATE wire_subscriber SET paused_until = greatest(paused_until, %s), paused_by_client = true
WHERE id = %s AND fence = %s
"""
_SUSPEND = "UPDATE wire_subscriber SET state = 'suspended', reason = %s, failures = failures + 1 WHERE id = %s"


@dataclass(frozen=True, slots=True)
class Turn:
    """One client's turn: what it has just taken (nothing at the first), and whether it is to be sent more."""

    lease: Lease
    took: Parcel | None = None
    answer: Answer | None = None
    goes_on: bool = True


@dataclass(frozen=True, slots=True)
class Next:
    """What follows a turn: whether the lease was still ours, and what is to be sent now. Without anything the client
    was given back."""

    held: bool
    parcel: Parcel | None = None


@dataclass(slots=True)
class _Client:
    """A held client's row, and what its turn came to."""

    turn: Turn
    slug: str
    channel: str
    url: str
    secret: str
    options: Mapping[str, str]
    format: str
    encoding: str
    last_sequence: int
    is_open: bool
    parcel: Parcel | None = None


@dataclass(frozen=True, slots=True)
class _Head:
    """The first row of a client's queue."""

    subscriber: int
    delivery: int
    is_kill: bool
    sequence: int | None
    frozen: bytes | None
    withheld: list[str]
    attempts: int
    publication: int
    killed: bool
    overtaken: bool


class Frozen:
    """What a publication froze, made into an item once it is needed."""

    def __init__(self, payload: Mapping[str, Any]) -> None:
        self.payload = payload

    @cached_property
    def item(self) -> WireItem:
        """Raises what `from_json` does."""
        return from_json(self.payload)


def verdict_of(answer: Answer) -> Verdict:
    """What a try came to: the channel's own verdict, or what the status means; no answer means later."""
    return answer.verdict or (judge(answer.code) if answer.code else Verdict.LATER)


class Outbox:
    """The queue as one pump sees it; it keeps the items of the last publications it sent."""

    def __init__(self) -> None:
        self._kept: dict[int, Frozen] = {}

    async def take(self, connection: AsyncConnection, lease: Lease) -> Parcel | None:
        """The head of one queue, numbered, frozen and marked as being sent; None without any, or without the lease."""
        return (await self.turns(connection, [Turn(lease)], wait=True))[lease].parcel

    async def turns(self, connection: AsyncConnection, turns: Sequence[Turn], *, wait: bool) -> dict[Lease, Next]:
        """Write down what these clients took and take what each is sent next, in one transaction.

        Whoever is locked by somebody else is waited for, or without `wait` is missing in what is returned.
        """
        asked = {"ids": [turn.lease.subscriber for turn in turns], "fences": [turn.lease.fence for turn in turns]}
        by_lease = {turn.lease: turn for turn in turns}
        async with connection.transaction():
            found = await connection.execute(_HOLD.format(wait="" if wait else "SKIP LOCKED"), asked)
            rows = {Lease(*row[:2]): row[2:] for row in await found.fetchall()}
            clients = {lease.subscriber: _Client(by_lease[lease], *row) for lease, row in rows.items()}
            lost = set(by_lease) - set(rows)
            if lost and not wait:
                lost -= {Lease(*row) for row in await (await connection.execute(_STILL, asked)).fetchall()}
            if clients:
                await self._advance(connection, clients)
        return {lease: Next(False) for lease in lost} | {
            client.turn.lease: Next(True, client.parcel) for client in clients.values()
        }

    async def _advance(self, connection: AsyncConnection, clients: dict[int, _Client]) -> None:
        came = [client.turn for client in clients.values() if client.turn.took]
        if came:
            answers = _came(came)
            if (await connection.execute(_TOOK, answers)).rowcount < len(came):
                await connection.execute(_ANSWERED_EARLIER, answers)
        going = {pk: client for pk, client in clients.items() if client.is_open and client.turn.goes_on}
        await self._take(connection, going)
        ordered = list(clients.items())
        await connection.execute(
            _CLIENTS,
            {
                "ids": [pk for pk, _client in ordered],
                "took": [client.turn.took is not None for _pk, client in ordered],
                "sequences": [client.parcel.sequence if client.parcel else 0 for _pk, client in ordered],
                "ends": [client.parcel is None for _pk, client in ordered],
            },
        )

    async def _take(self, connection: AsyncConnection, going: dict[int, _Client]) -> None:
        """Give each the head of its queue. What must not be sent any more, or cannot be written, is passed over."""
        taken: list[tuple[_Client, Parcel, bytes | None]] = []
        looking = dict(going)
        while looking:
            heads = await self._heads(connection, looking)
            items = await self._known(connection, {head.publication for head in heads})
            looking = {}
            for head in heads:
                client = going[head.subscriber]
                if not head.is_kill and (head.killed or head.overtaken):
                    await connection.execute(_CANCEL, [KILLED if head.killed else OVERTAKEN, head.delivery])
                    looking[head.subscriber] = client
                    continue
                try:
                    parcel = _parcel(client, head, items[head.publication])
                except Exception as problem:
                    # one item that cannot be written must not hold up those behind it
                    log.exception("delivery %d cannot be written as %s", head.delivery, client.format)
                    reason = f"It could not be written as {client.format}: {type(problem).__name__}: {problem}"
                    await connection.execute(_STOP, [reason, head.delivery])
                    looking[head.subscriber] = client
                    continue
                taken.append((client, parcel, None if head.frozen is not None else parcel.body))
        if not taken:
            return
        written = await connection.execute(
            _TAKE,
            {
                "ids": [parcel.delivery for _client, parcel, _new in taken],
                "sequences": [parcel.sequence for _client, parcel, _new in taken],
                "payloads": [new for _client, _parcel, new in taken],
                "digests": [hashlib.sha256(parcel.body).hexdigest() for _client, parcel, _new in taken],
            },
        )
        still = {row[0] for row in await written.fetchall()}
        for client, parcel, _new in taken:
            client.parcel = parcel if parcel.delivery in still else None

    async def _heads(self, connection: AsyncConnection, looking: dict[int, _Client]) -> list[_Head]:
        settled = [client.turn.took.delivery if client.turn.took else 0 for client in looking.values()]
        found = await connection.execute(_HEADS, {"ids": list(looking), "settled": settled})
        return [_Head(*row) for row in await found.fetchall()]

    async def _known(self, connection: AsyncConnection, publications: Collection[int]) -> Mapping[int, Frozen]:
        """What these publications froze, which never changes."""
        found = {pk: self._kept[pk] for pk in publications if pk in self._kept}
        unknown = [pk for pk in publications if pk not in found]
        if unknown:
            for pk, payload in await (await connection.execute(_ITEMS, [unknown])).fetchall():
                found[pk] = self._kept[pk] = Frozen(payload)
            while len(self._kept) > ITEMS_KEPT:
                del self._kept[next(iter(self._kept))]
        return found


def _parcel(client: _Client, head: _Head, frozen: Frozen) -> Parcel:
    # bytes that must be written anew are others than the number's, if it had one
    number = head.sequence if head.sequence and head.frozen is not None else client.last_sequence + 1
    form = FORMATS[client.format]
    body = head.frozen
    if body is None:
        item = frozen.item.numbered(number).without_pictures(head.withheld)
        body = form.write(item.addressed(partial(signed, client=client.slug)), client.encoding)
    return Parcel(
        delivery=head.delivery,
        slug=client.slug,
        channel=client.channel,
        url=client.url,
        secret=client.secret,
        media_type=form.content_type(client.encoding),
        suffix=form.suffix,
        sequence=number,
        attempt=head.attempts + 1,
        body=bytes(body),
        urn=frozen.payload["urn"],
        status=frozen.payload["status"],
        headline=frozen.payload["headline"],
        options=client.options,
    )


def _came(turns: Sequence[Turn]) -> dict[str, Any]:
    """What these clients answered, as `_TOOK` takes it."""
    parcels = [turn.took for turn in turns if turn.took]
    answers = [turn.answer or Answer(0) for turn in turns if turn.took]
    return {
        "ids": [parcel.delivery for parcel in parcels],
        "sequences": [parcel.sequence for parcel in parcels],
        "took": [verdict_of(answer) is Verdict.DELIVERED for answer in answers],
        "codes": [answer.code or None for answer in answers],
        "tails": [answer.tail[:TAIL_CHARACTERS] for answer in answers],
    }


async def refused(
    connection: AsyncConnection, lease: Lease, parcel: Parcel, answer: Answer, chance: random.Random
) -> bool:
    """Write down a try that was not taken. False when the lease was lost meanwhile: then nothing is written.

    A delivery that a kill cancelled while it was under way stays cancelled; what the client answered is kept.
    """
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
            "next_at": None,
            "reason": "",
        }
        verdict = verdict_of(answer)
        if verdict is Verdict.LATER:
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
        if not (await connection.execute(_SETTLE, result)).rowcount:
            await connection.execute(_ANSWERED_EARLIER, _came([Turn(lease, parcel, answer)]))
    return True


async def asked_to_wait(connection: AsyncConnection, lease: Lease, until: datetime) -> None:
    """Write down that a client wants nothing before `until`: said when its lease had just been lost."""
    await connection.execute(_WAIT, [until, lease.subscriber, lease.fence])
