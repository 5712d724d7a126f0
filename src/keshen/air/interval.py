"""Which stretch of the past a query asks for."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs

from keshen.air import clock, guide
from keshen.air.http import Answer, problem
from keshen.air.snapshot import Snapshot
from keshen.media.houseformat import TICKS_PER_HOUR, tick_before


def interval(snapshot: Snapshot, query: str) -> tuple[int, int] | Answer | None:
    """The stretch of the past a query asks for, `from` and `to`, or `at` for the programme on then; else None."""
    if not query:
        return None
    given = parse_qs(query, max_num_fields=20)
    try:
        start = _tick(given["from"][0]) if "from" in given else None
        end = _tick(given["to"][0]) if "to" in given else None
        at = _tick(given["at"][0]) if "at" in given else None
    except (ValueError, OverflowError):
        return problem(400, "from, to and at are Unix seconds or ISO 8601 times with a zone.")
    if at is not None:
        line = next((line for line in snapshot.programmes(at, at + 1)), None)
        start, end = at, line.end if line else at
    if start is None:
        return None
    now = clock.tick()
    end = now if end is None else end
    if start > now or end <= start:
        return problem(404, "That is still to come.")
    if start < now - guide.CATCHUP_HOURS * TICKS_PER_HOUR:
        return problem(404, f"Catch-up goes back {guide.CATCHUP_HOURS} hours.")
    return start, end


def _tick(text: str) -> int:
    if text.isascii() and text.isdigit():
        return tick_before(datetime.fromtimestamp(int(text), UTC))
    return tick_before(datetime.fromisoformat(text.replace(" ", "+")))
