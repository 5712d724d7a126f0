"""What may be done with a story or an asset: one pure decision about one use under all its terms.

Nothing that was not understood is ever permitted: it makes the decision unclear, which stops for a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from keshen.rights.terms import Outcome, Terms, Use, Window
from keshen.rights.territories import WORLD
from keshen.rights.wording import parse

__all__ = ["Outcome", "Reason", "Terms", "Use", "Verdict", "Window", "decide", "parse"]

_SEVERITY = {Outcome.PERMIT: 0, Outcome.UNCLEAR: 1, Outcome.DENY: 2}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a message key of `rights.explain`, what it speaks of, and what it alone would lead to."""

    key: str
    outcome: Outcome
    params: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"key": self.key, "outcome": self.outcome.value, "params": dict(self.params)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(data["key"], Outcome(data["outcome"]), data["params"])


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of all terms together, the most severe one, and every reason there was."""

    outcome: Outcome
    reasons: tuple[Reason, ...]


def decide(terms: Iterable[Terms], use: Use) -> Verdict:
    """Whether `use` is allowed by all of `terms`. No terms at all permit, and say so."""
    given = list(terms)
    reasons = [reason for each in given for reason in _reasons(each, use)]
    if not given:
        reasons.append(Reason("no_terms", Outcome.PERMIT))
    outcome = max((reason.outcome for reason in reasons), key=_SEVERITY.__getitem__, default=Outcome.PERMIT)
    return Verdict(outcome, tuple(reasons))


def _reasons(terms: Terms, use: Use) -> Iterable[Reason]:
    yield from _where(terms, use)
    yield from _what_with(terms, use)
    yield from _who(terms, use)
    yield from _when(terms, use)
    if terms.archive is False:
        yield Reason("no_archive", Outcome.DENY if use.archive else Outcome.PERMIT)
    if terms.resale is False and (use.recipient is not None or use.exit in {"wire", "export"}):
        yield Reason("no_resale", Outcome.DENY)
    if terms.credit or terms.credit_required:
        yield Reason("credit", Outcome.PERMIT, {"credit": terms.credit})
    if terms.editorial_only:
        yield Reason("editorial_only", Outcome.PERMIT)
    for words in terms.unclear:
        yield Reason("not_understood", Outcome.UNCLEAR, {"words": words})


def _where(terms: Terms, use: Use) -> Iterable[Reason]:
    denied = terms.territories_denied
    if denied:
        if WORLD in denied or WORLD in use.territories:
            hit = denied
        else:
            hit = denied & use.territories
        if hit:
            yield Reason("territory_denied", Outcome.DENY, {"territories": _list(hit)})
    allowed = terms.territories_allowed
    if allowed is not None and WORLD not in allowed and (outside := use.territories - allowed):
        yield Reason("territory_not_allowed", Outcome.DENY, {"allowed": _list(allowed), "outside": _list(outside)})


def _what_with(terms: Terms, use: Use) -> Iterable[Reason]:
    if use.platform in terms.platforms_denied:
        yield Reason("platform_denied", Outcome.DENY, {"platform": use.platform})
    if terms.platforms_allowed is not None and use.platform not in terms.platforms_allowed:
        params = {"platform": use.platform, "allowed": _list(terms.platforms_allowed)}
        yield Reason("platform_not_allowed", Outcome.DENY, params)


def _who(terms: Terms, use: Use) -> Iterable[Reason]:
    recipient = use.recipient.casefold() if use.recipient is not None else None
    if recipient is not None and recipient in {client.casefold() for client in terms.clients_denied}:
        yield Reason("client_denied", Outcome.DENY, {"client": use.recipient or ""})
    if terms.clients_allowed is None:
        return
    params = {"allowed": _list(terms.clients_allowed)}
    if recipient is None:
        # whether we ourselves are such a client is nothing that the wording can say
        yield Reason("clients_only_ours", Outcome.UNCLEAR, params)
    elif recipient not in {client.casefold() for client in terms.clients_allowed}:
        yield Reason("client_not_allowed", Outcome.DENY, {**params, "client": use.recipient or ""})


def _when(terms: Terms, use: Use) -> Iterable[Reason]:
    if terms.embargo is not None:
        past = terms.embargo <= use.at
        params = {"until": terms.embargo.isoformat()}
        yield Reason("embargo_past" if past else "embargo", Outcome.PERMIT if past else Outcome.DENY, params)
    if terms.windows and not any(window.holds(use.at) for window in terms.windows):
        spans = "; ".join(f"{_time(window.start) or '…'} – {_time(window.end) or '…'}" for window in terms.windows)
        yield Reason("outside_window", Outcome.DENY, {"windows": spans})


def _list(items: Iterable[str]) -> str:
    return ", ".join(sorted(items))


def _time(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
