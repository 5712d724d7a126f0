"""What a client's answer means for a delivery: taken, later, or a person must look. And how long later is."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus


class Verdict(StrEnum):
    DELIVERED = "delivered"
    LATER = "later"
    REFUSED_ITEM = "refused item"
    REFUSED_CLIENT = "refused client"


LATER = frozenset({408, 425, 429})
"""Request timeout, too early, too many requests (RFC 9110 15.5.9, RFC 8470 5.2, RFC 6585 4) all mean "try again"."""
ABOUT_THE_ITEM = frozenset({400, 406, 409, 413, 415, 422})
"""The client understood who sent it and will not have this item; others may go on."""

BASE_SECONDS = 1.0
LONGEST_SECONDS = 300.0
LONGEST_FOR_A_KILL_SECONDS = 20.0
LONGEST_ASKED_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Wait:
    """Seconds until the next try, and whether the client named them."""

    seconds: float
    asked: bool = False


def judge(status: int) -> Verdict:
    """What an HTTP status means. A redirect is refused: the push address must be the one that was checked."""
    if 200 <= status < 300:
        return Verdict.DELIVERED
    if status in LATER or status >= 500 or status < 200:
        return Verdict.LATER
    if status in ABOUT_THE_ITEM:
        return Verdict.REFUSED_ITEM
    return Verdict.REFUSED_CLIENT


def explain(status: int, location: str = "") -> str:
    """Why the status stops deliveries, and what to do."""
    try:
        name = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        name = str(status)
    if 300 <= status < 400:
        return f"{name}: the client sent us on to {location or 'another address'}. Set that as its push address."
    return f"{name}: the client refused. Agree with it what is wrong, then resume."


def backoff(
    attempts: int,
    retry_after: str = "",
    *,
    now: datetime,
    chance: random.Random,
    longest: float = LONGEST_SECONDS,
) -> Wait:
    """How long to wait after `attempts` tries (from 1): doubled each time up to `longest` seconds, with jitter; or what
    the client asked for.

    `retry_after` is the header's value, seconds or an HTTP date (RFC 9110 10.2.3); an unreadable one is as none.
    """
    asked = asked_for(retry_after, now)
    if asked is not None:
        return Wait(asked + chance.uniform(0, 0.5), asked=True)
    most = min(longest, BASE_SECONDS * 2.0 ** min(attempts - 1, 30))
    return Wait(chance.uniform(most / 2, most))


def asked_for(retry_after: str, now: datetime) -> float | None:
    """For how many seconds from `now` a client wants nothing, as far as that is heeded; None when it did not say."""
    asked = _asked(retry_after, now)
    return None if asked is None else min(max(asked, 0.0), LONGEST_ASKED_SECONDS)


def _asked(value: str, now: datetime) -> float | None:
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value)
    if not value:
        return None
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - now).total_seconds()
