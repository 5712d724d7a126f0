"""Why a client got a story, or did not: one pure function over what was stored when it was decided.

Nothing is decided anew here. Where a choice was not kept (before the wire kept them, or before the client came) that is
what is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from keshen.wire.entitlements import Choice, Outcome
from keshen.wire.findings import Finding


class Verdict(StrEnum):
    """Where it ended: the client has it, has its kill, will have it, somebody must look, or it does not get it."""

    HAS = "has"
    KILLED = "killed"
    WAITS = "waits"
    STOPPED = "stopped"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery as it stands. `state` is `Delivery.State`; `reason` says why it is blocked, cancelled or suspended."""

    state: str
    created_at: datetime
    sequence: int | None = None
    attempts: int = 0
    code: int | None = None
    reason: str = ""
    tag: str = ""
    withheld: int = 0
    next_at: datetime | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Considered:
    """One version that left the house, what was chosen for the client each time it was asked, and its delivery."""

    language: str
    number: int
    at: datetime
    is_kill: bool = False
    recorded: bool = True
    choices: tuple[tuple[datetime, Choice], ...] = ()
    sent: Sent | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """The client as it stands today."""

    name: str
    since: datetime
    suspended: bool = False
    reason: str = ""
    paused_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened, or did not, to one version."""

    language: str
    number: int
    at: datetime
    finding: Finding


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict on the newest version, and the whole way there in order."""

    verdict: Verdict
    lines: tuple[Line, ...]


_STATES = {
    "queued": (Verdict.WAITS, "waits"),
    "sending": (Verdict.WAITS, "under_way"),
    "delivered": (Verdict.HAS, "delivered"),
    "cancelled": (Verdict.NOT, "cancelled"),
    "suspended": (Verdict.STOPPED, "refused"),
    "blocked": (Verdict.STOPPED, "rights"),
}


def explain(client: Client, versions: Sequence[Considered]) -> Answer:
    """Why `client` has, or has not, what `versions` (in the order they went out) are of."""
    lines: list[Line] = []
    verdict = Verdict.NOT
    had = False
    for version in versions:
        for at, finding in _of_version(client, version, had):
            lines.append(Line(version.language, version.number, at, finding))
        state = _verdict(client, version)
        if version.is_kill and version.sent is None:
            # a kill goes to whoever was sent the story, so nothing changes for the others
            continue
        verdict = state
        had = had or bool(version.sent and version.sent.sequence)
    if not versions:
        lines.append(Line("", 0, client.since, Finding.of("not_published")))
    return Answer(verdict, tuple(lines))


def _verdict(client: Client, version: Considered) -> Verdict:
    if version.sent is not None:
        verdict = _STATES[version.sent.state][0]
        if verdict is Verdict.WAITS and client.suspended:
            return Verdict.STOPPED
        return Verdict.KILLED if verdict is Verdict.HAS and version.is_kill else verdict
    chosen = version.choices[-1][1].outcome if version.choices else Outcome.NO
    return Verdict.NOT if chosen is Outcome.NO else Verdict.WAITS


def _of_version(client: Client, version: Considered, had: bool) -> Iterator[tuple[datetime, Finding]]:
    if version.is_kill:
        yield version.at, Finding.of("kill" if had or version.sent else "kill_not_theirs")
    elif version.choices:
        for at, choice in version.choices:
            yield from ((at, finding) for finding in choice.findings)
    elif client.since > version.at:
        yield version.at, Finding.of("came_later", since=_time(client.since))
    elif not version.recorded:
        yield version.at, Finding.of("not_recorded")
    else:
        yield version.at, Finding.of("not_considered")
    if version.sent is None:
        return
    sent = version.sent
    yield sent.created_at, _sending(client, sent)
    if sent.tag:
        yield sent.created_at, Finding.of("in_script", tag=sent.tag)
    if sent.withheld:
        yield sent.created_at, Finding.of("withheld", number=str(sent.withheld))


def _sending(client: Client, sent: Sent) -> Finding:
    key = _STATES[sent.state][1]
    number = str(sent.sequence or "–")
    if key == "delivered":
        return Finding.of(key, number=number, at=_time(sent.delivered_at), tries=str(sent.attempts))
    if key in ("waits", "under_way"):
        if client.suspended:
            return Finding.of("client_suspended", reason=client.reason or "–")
        later = sent.next_at or client.paused_until
        if sent.attempts and later:
            return Finding.of("tries_again", tries=str(sent.attempts), code=str(sent.code or "–"), at=_time(later))
        return Finding.of(key, number=number)
    return Finding.of(key, reason=sent.reason or "–")


def _time(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else "–"
