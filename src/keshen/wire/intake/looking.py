"""Going to look: who is due, one look at a source, and when the next is, with back-off that grows and never ends."""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone

from keshen.house.events import record
from keshen.house.models import User
from keshen.media.store import StoreError
from keshen.wire.intake import listening
from keshen.wire.intake.channels import CHANNELS, Later, Look, Over
from keshen.wire.intake.models import FAILING_AFTER, Source
from keshen.wire.intake.receive import Received, receive, refuse

log = logging.getLogger(__name__)

HOLD = timedelta(seconds=180)
"""How long nobody else looks while one does; a worker that died is followed by another after this."""
LONGEST_BACK_OFF = 3600.0
SOON = 1.0


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look came to: what was received, or why nothing could be."""

    received: Sequence[Received] = ()
    problem: str = ""
    more: bool = False


def due() -> list[int]:
    """The sources to look at now."""
    rows = Source.objects.filter(state=Source.State.ACTIVE, next_at__lte=timezone.now())
    looked_at = [name for name, channel in CHANNELS.items() if channel.look is not None]
    return list(rows.filter(channel__in=looked_at).order_by("next_at").values_list("pk", flat=True))


def look_at(source_id: int, *, now: bool = False) -> Looked | None:
    """Look at a source if it is due, or `now`. None when it is not, or somebody else is looking."""
    source = _claim(source_id, now=now)
    if source is None:
        return None
    look = CHANNELS[source.channel].look
    if look is None:
        return None
    try:
        seen = look(source.spec)
        received = _take(source, seen)
    except Later as later:
        return _later(source, str(later), later.seconds)
    except StoreError as error:
        return _later(source, str(error), None)
    except Over as over:
        return _over(source, str(over))
    except Exception as error:
        # a server can answer with anything; whatever it is, this source waits and the others go on
        log.exception("looking at %s failed", source.slug)
        return _later(source, f"{type(error).__name__}: {error}", None)
    _done(source, seen, listening.keep(source, seen.cursor) if CHANNELS[source.channel].listens else 0.0)
    return Looked(received, more=seen.more)


def _claim(source_id: int, *, now: bool) -> Source | None:
    with transaction.atomic():
        rows = Source.objects.select_for_update(skip_locked=True, of=("self",)).select_related("organisation", "desk")
        source = rows.filter(pk=source_id, state=Source.State.ACTIVE).first()
        if source is None or CHANNELS[source.channel].look is None:
            return None
        moment = timezone.now()
        if not now and (source.next_at is None or source.next_at > moment):
            return None
        source.fence += 1
        source.next_at = moment + HOLD
        source.looked_at = moment
        source.save(update_fields=["fence", "next_at", "looked_at"])
        return source


def _take(source: Source, seen: Look) -> list[Received]:
    received: list[Received] = []
    kept = CHANNELS[source.channel].kept
    for message in seen.messages:
        received += receive(source, message)
        if kept is not None:
            kept(source.spec, message)
    received += [refuse(source, refusal) for refusal in seen.refused]
    return received


def _ours(source: Source, **values: object) -> bool:
    """Write, unless somebody else looked meanwhile."""
    return bool(Source.objects.filter(pk=source.pk, fence=source.fence).update(**values))


def _after(seconds: float) -> Case:
    """When the next look is: in `seconds`, or at once when somebody asked for one while this one was under way."""
    now = timezone.now()
    return Case(When(next_at__lte=now, then=F("next_at")), default=Value(now + timedelta(seconds=seconds)))


def _done(source: Source, seen: Look, rest: float = 0.0) -> None:
    """`rest` is how long nobody need look, since a hub sends what is new."""
    moment = timezone.now()
    wait = SOON if seen.more else max(float(source.every), seen.wait or 0.0, rest)
    with transaction.atomic():
        mine = _ours(
            source,
            cursor=dict(seen.cursor),
            failures=0,
            reason="",
            succeeded_at=moment,
            next_at=_after(wait),
        )
        if mine and source.failures:
            _tell(source, "source.recovered", "")


def back_off(every: float, failures: int, asked: float | None) -> float:
    """Seconds to wait after `failures` looks without success: growing, never together with others, never for ever.

    `asked` is what the source itself said; it is not hurried.
    """
    grown: float = min(every * 2.0 ** min(failures, 20), max(LONGEST_BACK_OFF, every))
    return max(grown * random.uniform(0.75, 1.0), asked or 0.0)


def _later(source: Source, problem: str, asked: float | None) -> Looked:
    wait = back_off(float(source.every), source.failures, asked)
    with transaction.atomic():
        mine = _ours(
            source,
            failures=F("failures") + 1,
            reason=problem,
            next_at=_after(wait),
        )
        if mine and source.failures + 1 == FAILING_AFTER:
            _tell(source, "source.failing", problem)
    return Looked(problem=problem)


def _over(source: Source, problem: str) -> Looked:
    with transaction.atomic():
        if _ours(source, state=Source.State.PAUSED, reason=problem, next_at=None, failures=F("failures") + 1):
            _tell(source, "source.paused", problem)
    return Looked(problem=problem)


def _tell(source: Source, kind: str, reason: str) -> None:
    record(User.objects.system(), kind, source.urn, organisation=source.organisation, reason=reason)
