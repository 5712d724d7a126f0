"""Which stretch of the past a query asks for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

from keshen.air import clock, guide
from keshen.air.serving.http import Answer, problem
from keshen.air.serving.snapshot import Snapshot
from keshen.media.houseformat import EPOCH, TICK_MS, TICKS_PER_HOUR, datetime_at, tick_before

FORMS = "Write Unix seconds, or ISO 8601 with a zone such as 2026-11-23T14:05:00+05:00."


def interval(snapshot: Snapshot, query: str) -> tuple[int, int] | Answer | None:
    """The stretch of the past a query asks for, in ticks of the log; None when it asks for the present.

    `from` and `to` are instants; `at` is the programme on then, from that instant; `restart` the programme on now, from
    its beginning. In a variant that follows later they are its viewers' hours.
    """
    if not query:
        return None
    given = parse_qs(query, max_num_fields=20, keep_blank_values=True)
    later = snapshot.later
    try:
        start = _tick(given["from"][0]) - later if "from" in given else None
        end = _tick(given["to"][0]) - later if "to" in given else None
        at = _tick(given["at"][0]) - later if "at" in given else None
    except (ValueError, OverflowError):
        return problem(400, f"from, to and at are instants. {FORMS}")
    now = clock.tick() - later
    if "restart" in given:
        line = _line(snapshot, now)
        if line is None:
            return problem(404, "Nothing is on that could be started over.")
        start, end = line
    elif at is not None:
        line = _line(snapshot, at)
        start, end = at, line[1] if line else at
    if start is None:
        return None if end is None else problem(400, f"to needs a from. {FORMS}")
    end = now if end is None else end
    if start > now:
        return problem(404, f"That is still to come: it is {_said(now + later)} now.")
    if end <= start:
        return problem(400, "to must be after from.") if "to" in given else problem(404, "Nothing was laid then.")
    first = clock.tick() - TICKS_PER_HOUR * guide.CATCHUP_HOURS
    if "restart" in given:
        return max(start, first), end
    if start < first or end <= snapshot.timeline.start:
        since = _said(max(first, snapshot.timeline.start) + later)
        return problem(404, f"That is not kept: catch-up goes back {guide.CATCHUP_HOURS} hours, now to {since}.")
    return start, end


def _line(snapshot: Snapshot, tick: int) -> tuple[int, int] | None:
    """The programme that is on at a tick of the log."""
    later = snapshot.later
    found = next(iter(snapshot.programmes(tick + later, tick + later + 1)), None)
    return (found.start - later, found.end - later) if found else None


def timed(tick: int) -> str:
    """A tick as `from` and `to` are written: Unix seconds, exact."""
    return f"{tick * TICK_MS / 1000:.2f}".removesuffix(".00")


def _said(tick: int) -> str:
    return f"{datetime_at(tick):%Y-%m-%dT%H:%M:%SZ}"


def _tick(text: str) -> int:
    whole, _, part = text.partition(".")
    if text.isascii() and whole.isdigit() and (part.isdigit() or not part) and len(part) <= 6:
        moment = EPOCH + timedelta(seconds=int(whole), microseconds=int(part.ljust(6, "0")))
        return tick_before(moment.astimezone(UTC))
    return tick_before(datetime.fromisoformat(text.replace(" ", "+")))
