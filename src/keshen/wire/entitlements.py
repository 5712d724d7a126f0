"""On which terms a client takes a product: when, where, how much, how late, which media; and the choice that follows.

The choice about one version for one client is a pure function of the filter, the terms and what the client had so
far. Rights are asked after it: being entitled is not being allowed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from keshen.rights.policy import Window
from keshen.wire.findings import Finding
from keshen.wire.products import MEDIA, Filter, Subject

PARTS = ("windows", "territories", "daily", "monthly", "delay_minutes", "media", "advance")
_TERRITORY = re.compile("[A-Z]{2}|WORLD")
LONGEST_DELAY_MINUTES = 60 * 24 * 31


class EntitlementError(ValueError):
    """Terms nobody could mean; the message says which part and what it should be."""


@dataclass(frozen=True, slots=True)
class Entitlement:
    """The terms of one subscription. An empty part sets no limit.

    `windows` are the periods of the contract, alternatives. `territories` is where the client makes use of it (ISO
    3166-1 alpha-2, or WORLD): rights are asked for there. `daily` and `monthly` count stories; a correction of a story
    the client has is not counted, and always goes. `delay_minutes` is the client's own embargo, counted from
    publication. `media` are those paid for; others are left out of the item. `advance` lets the client have items
    before their embargo ends, marked with it.
    """

    windows: tuple[Window, ...] = ()
    territories: frozenset[str] = frozenset()
    daily: int | None = None
    monthly: int | None = None
    delay_minutes: int = 0
    media: frozenset[str] = frozenset()
    advance: bool = False

    @property
    def limited(self) -> bool:
        """Whether what the client had so far must be counted."""
        return self.daily is not None or self.monthly is not None

    def to_json(self) -> dict[str, Any]:
        return {
            "windows": [[_iso(window.start), _iso(window.end)] for window in self.windows],
            "territories": sorted(self.territories),
            "daily": self.daily,
            "monthly": self.monthly,
            "delay_minutes": self.delay_minutes,
            "media": sorted(self.media),
            "advance": self.advance,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The terms of `to_json`. Raises EntitlementError for unknown parts and values nobody could mean."""
        if unknown := set(data) - set(PARTS):
            raise EntitlementError(f"A subscription has {', '.join(PARTS)}, not {min(unknown)}.")
        territories = frozenset(data.get("territories") or ())
        if strange := [code for code in territories if not isinstance(code, str) or not _TERRITORY.fullmatch(code)]:
            raise EntitlementError(f"{strange[0]} is not a territory: two capital letters (ISO 3166-1), or WORLD.")
        media = frozenset(data.get("media") or ())
        if strange_media := media - set(MEDIA):
            raise EntitlementError(f"The wire carries {' and '.join(MEDIA)}, not {min(strange_media)}.")
        delay = data.get("delay_minutes") or 0
        if not isinstance(delay, int) or not 0 <= delay <= LONGEST_DELAY_MINUTES:
            raise EntitlementError(f"The delay is a number of minutes, at most {LONGEST_DELAY_MINUTES} (31 days).")
        return cls(
            windows=_windows(data.get("windows") or ()),
            territories=territories,
            daily=_limit(data, "daily"),
            monthly=_limit(data, "monthly"),
            delay_minutes=delay,
            media=media,
            advance=_yes(data.get("advance", False)),
        )


@dataclass(frozen=True, slots=True)
class Had:
    """What the client has had: stories today and this month, and whether it has an earlier version of this text."""

    today: int = 0
    this_month: int = 0
    this_text: bool = False


class Outcome(StrEnum):
    """SEND lets it go on to the rights; LATER is to be asked again at a moment; NO ends it for this version."""

    SEND = "send"
    LATER = "later"
    NO = "no"


_BEST = (Outcome.SEND, Outcome.LATER, Outcome.NO)


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen for one client, by which product, and everything that spoke for it or against it."""

    outcome: Outcome
    product: str
    findings: tuple[Finding, ...]
    at: datetime | None = None
    terms: Entitlement = field(default_factory=Entitlement)

    def to_json(self) -> dict[str, Any]:
        """What is stored of it; the terms are kept with the subscription."""
        return {
            "outcome": self.outcome.value,
            "product": self.product,
            "findings": [finding.to_json() for finding in self.findings],
            "at": _iso(self.at),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `to_json` wrote, without terms. Raises KeyError or ValueError for anything else."""
        findings = tuple(Finding.from_json(row) for row in data["findings"])
        return cls(Outcome(data["outcome"]), data["product"], findings, _moment(data["at"]))


def choose(
    subscriptions: Sequence[tuple[str, Filter, Entitlement]], subject: Subject, had: Had, *, published: datetime,
    now: datetime,
) -> Choice:  # fmt: skip
    """Whether a version goes to a client that takes these products (name, filter and terms each).

    Whoever has an earlier version of the text gets this one whatever filters and terms say by now, so that nobody
    keeps an old one. Of several products the one that lets it through soonest counts.
    """
    choices = [_one(*subscription, subject, had, published, now) for subscription in subscriptions]
    best = min(choices, key=lambda choice: (_BEST.index(choice.outcome), choice.at or now), default=None)
    if best is None:
        best = Choice(Outcome.NO, "", (Finding.of("no_product"),))
    if had.this_text and best.outcome is not Outcome.SEND:
        return Choice(Outcome.SEND, best.product, (Finding.of("had_earlier"), *best.findings), terms=best.terms)
    if best.outcome is Outcome.NO and len(choices) > 1:
        return Choice(Outcome.NO, best.product, tuple(f for choice in choices for f in choice.findings))
    return best


def _one(
    name: str, selection: Filter, terms: Entitlement, subject: Subject, had: Had, published: datetime, now: datetime
) -> Choice:
    product = Finding.of("product", product=name)
    if misses := selection.misses(subject):
        return Choice(Outcome.NO, name, (Finding.of("not_in_product", product=name), *misses))
    if terms.windows and not any(window.holds(now) for window in terms.windows):
        return Choice(Outcome.NO, name, (product, Finding.of("outside_window", windows=_spans(terms.windows))))
    if not had.this_text:
        for limit, used, key in ((terms.daily, had.today, "daily"), (terms.monthly, had.this_month, "monthly")):
            if limit is not None and used >= limit:
                over = Finding.of(f"{key}_volume", limit=str(limit), used=str(used))
                return Choice(Outcome.NO, name, (product, over))
        due = published + timedelta(minutes=terms.delay_minutes)
        if terms.delay_minutes and now < due:
            late = Finding.of("delayed", minutes=str(terms.delay_minutes), until=due.isoformat(timespec="seconds"))
            return Choice(Outcome.LATER, name, (product, late), at=due)
    return Choice(Outcome.SEND, name, (product,), terms=terms)


def _yes(value: object) -> bool:
    if not isinstance(value, bool):
        raise EntitlementError("advance is true or false.")
    return value


def _limit(data: Mapping[str, Any], name: str) -> int | None:
    limit = data.get(name)
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 0):
        raise EntitlementError(f"{name} is a number of stories, or nothing for no limit.")
    return limit


def _windows(rows: Sequence[Sequence[str | None]]) -> tuple[Window, ...]:
    made = []
    for row in rows:
        try:
            start, end = row
            window = Window(_moment(start), _moment(end))
        except (TypeError, ValueError) as error:
            raise EntitlementError("A window is a start and an end, each a time in ISO 8601 or nothing.") from error
        if any(moment is not None and moment.tzinfo is None for moment in (window.start, window.end)):
            raise EntitlementError("A window's times need a time zone, such as +05:00.")
        if window.start and window.end and window.end <= window.start:
            raise EntitlementError("A window ends after it starts.")
        made.append(window)
    return tuple(made)


def _spans(windows: Sequence[Window]) -> str:
    return "; ".join(f"{_iso(window.start) or '…'} – {_iso(window.end) or '…'}" for window in windows)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
