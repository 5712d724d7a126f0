"""What came in and could not be read: put aside with its bytes and the reason, read again, or dropped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F

from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import Organisation, User
from keshen.house.phrases import Phrase, phrase
from keshen.house.urns import urn
from keshen.media.store import house_store
from keshen.newsroom import body as bodies
from keshen.newsroom import readers
from keshen.newsroom.content import ContentError
from keshen.newsroom.models import Quarantine
from keshen.newsroom.readers import Incoming, Unreadable

QUARANTINE_LOCK = 0x51554152
MEND = phrase("Mend the item and send it again.")
MAKE_ROOM = phrase("Make room in the media store, then send it again.")


@dataclass(frozen=True)
class Held:
    """An item that could not be read and waits in quarantine with its bytes."""

    quarantine: Quarantine

    def to_json(self) -> dict[str, Any]:
        return {
            "outcome": "quarantined",
            "quarantine": self.quarantine.pk,
            "reason": self.quarantine.why,
            "remedy": self.quarantine.what_to_do,
        }


@action
def hold(
    actor: User,
    filename: str,
    sha256: str,
    size: int,
    reason: Phrase | str | Exception,
    remedy: Phrase | str,
    *,
    part: int | None = None,
    origin: str = "",
    key: str = "",
    organisation: Organisation | None = None,
) -> Held:
    """Put what cannot be read aside for a person. Event: `item.quarantined`.

    With a `key`, what comes again from the same origin is counted, not put aside a second time, also when it was
    dropped meanwhile.
    """
    permit(actor, "newsroom.ingest")
    if key:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [QUARANTINE_LOCK])
        again = Quarantine.objects.filter(origin=origin, key=key)
        if again.update(times=F("times") + 1):
            return Held(again.get())
    held = Quarantine(
        filename=filename[:300],
        sha256=sha256,
        part=part,
        size=size,
        origin=origin,
        key=key,
        organisation=organisation or actor.organisation,
        received_by=actor,
    )
    held.say(reason, remedy)
    held.save()
    record(
        actor,
        "item.quarantined",
        _urn_of(held),
        organisation=held.organisation,
        after={"filename": filename, "sha256": sha256, "part": part, "origin": origin, "reason": held.reason},
    )
    return Held(held)


type Reread = Callable[[User, Quarantine, str | None], list[Any]]
"""Read what is held once more, in the language given; what was taken in. Raises what reading raises."""

_rereads: dict[str, Reread] = {}


def reread_with(origin: str, reread: Reread) -> None:
    """Have what came from this kind of origin (empty: from a person) read again by whoever brought it.

    Raises ValueError for two.
    """
    if origin in _rereads:
        raise ValueError(f"two rooms read again what came from “{origin}”")
    _rereads[origin] = reread


@action
def try_again(actor: User, held: Quarantine, *, language: str | None = None) -> list[Any]:
    """Read a quarantined item once more, perhaps with its language said: what was taken in, or `Held`.

    What still cannot be read stays where it is, with the reason of today. Event: `item.released` or `item.still_held`.
    Raises StoreError.
    """
    permit(actor, "newsroom.ingest", held)
    held = Quarantine.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=held.pk)
    try:
        results = _rereads[held.origin.partition(":")[0]](actor, held, language)
    except (Unreadable, ContentError, bodies.BodyError) as error:
        held.say(error, error.remedy if isinstance(error, Unreadable) else MEND)
        held.save(update_fields=["reason", "remedy", "said"])
        record(actor, "item.still_held", _urn_of(held), organisation=held.organisation, after={"reason": held.reason})
        return [Held(held)]
    _settle(actor, held, Quarantine.State.TAKEN, "")
    return results


def read_held(held: Quarantine, language: str | None) -> list[tuple[int, Incoming]]:
    """The items of the file that is held, or the one that is, with their numbers. Raises Unreadable or StoreError."""
    data = house_store().read(held.sha256) if held.sha256 else b""
    items = list(enumerate(readers.read(data, held.filename, language)))
    if held.part is not None and held.part < len(items):
        items = [items[held.part]]
    read = []
    for part, item in items:
        if isinstance(item, Unreadable):
            raise item
        read.append((part, item))
    return read


@action
def drop(actor: User, held: Quarantine, reason: str) -> None:
    """Decide that a quarantined item is not wanted. Its bytes stay. Event: `item.dropped`."""
    permit(actor, "newsroom.ingest", held)
    _settle(actor, held, Quarantine.State.DROPPED, reason)


def _settle(actor: User, held: Quarantine, state: Quarantine.State, reason: str) -> None:
    held.state = state
    held.save(update_fields=["state"])
    record(
        actor,
        "item.released" if state == Quarantine.State.TAKEN else "item.dropped",
        _urn_of(held),
        organisation=held.organisation,
        reason=reason,
    )


def _urn_of(held: Quarantine) -> str:
    return urn("quarantine", held.pk, held.received_at)
