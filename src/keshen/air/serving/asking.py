"""Which variant of a service, and which stretch of its past, a request asks for.

A signed address may be bound to a territory and a platform, and an edge that knows where viewers are may say so in a
header (`KESHEN_TERRITORY_HEADER`): then the query cannot ask for another audience, and segments are given to that
audience alone. Otherwise whoever asks says who they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from keshen.air import clock
from keshen.air.audiences import variants
from keshen.air.audiences.variants import NoSuchVariant, Variant
from keshen.air.serving.http import Answer, problem
from keshen.air.serving.interval import interval, timed
from keshen.air.serving.snapshot import Snapshot

ELSEWHERE: Final = "elsewhere"
"""The bound part of a query where an edge says a territory the channel has no variant for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: the service as the variant has it, the stretch of the past in ticks of the log, if any.

    `passed_on` is the query with which the parts of the answer are asked for; `bound` is whether the audience is sure.
    """

    snapshot: Snapshot
    variant: Variant
    query: str = ""
    bound: bool = False

    @property
    def now(self) -> int:
        """The present in ticks of the log, as the variant has it."""
        return clock.tick() - self.snapshot.later

    def interval(self) -> tuple[int, int] | Answer | None:
        return interval(self.snapshot, self.query)

    @property
    def passed_on(self) -> str:
        """The query for what a multivariant playlist names; `?at=` and `?restart` become the stretch they stand for."""
        asked = self.interval()
        parts = [self.snapshot.query] if self.snapshot.query else []
        if isinstance(asked, tuple):
            start, end = (tick + self.snapshot.later for tick in asked)
            parts.append(f"from={timed(start)}&to={timed(end)}")
        return f"?{'&'.join(parts)}" if parts else ""


def asked(snapshot: Snapshot, query: str, bound: str = "") -> Asked | Answer:
    """What a query asks of a service; `bound` is the query part that an address or an edge vouches for."""
    if not query and not bound:
        return Asked(snapshot, Variant())
    if snapshot.offered is None:
        return Asked(snapshot, Variant(), query)
    try:
        variant = variants.parse(query, snapshot.offered)
        if bound:
            variant = _bound(variant, bound, snapshot.offered)
    except NoSuchVariant as refused:
        return problem(refused.status, str(refused))
    except ValueError:
        return problem(400, "The address asks for too many things.")
    return Asked(snapshot.for_variant(variant, clock.tick()), variant, query, bool(bound))


def _bound(variant: Variant, bound: str, offered: variants.Offered) -> Variant:
    if bound == ELSEWHERE and variant.territory:
        raise NoSuchVariant(f"You are not in {variant.territory}. Leave territory out.", 403)
    sure = variants.parse(bound, offered)
    for ours, theirs in ((sure.territory, variant.territory), (sure.platform, variant.platform)):
        if ours and theirs and ours != theirs:
            raise NoSuchVariant(f"This address is for {ours}, not for {theirs}.", 403)
    return Variant(
        sure.territory or variant.territory,
        sure.platform or variant.platform,
        variant.shift,
        variant.audio,
        variant.captions,
    )


def from_edge(territory: str, offered: variants.Offered | None) -> str:
    """The bound part of the query for the territory an edge says; empty when it says none.

    Somewhere that has no variant of its own is ELSEWHERE: there the plain address is what may be seen.
    """
    code = territory.strip().upper()
    if not code or offered is None:
        return ""
    return f"territory={quote(code)}" if code in offered.reached else ELSEWHERE


def all_as(snapshots: Iterable[Snapshot], query: str) -> list[Snapshot] | Answer:
    """Every service that has the variant a query asks for, as that variant; why none has it, when none has."""
    wanted = [asked(snapshot, query) for snapshot in snapshots]
    found = [one.snapshot for one in wanted if isinstance(one, Asked)]
    refused = next((one for one in wanted if isinstance(one, Answer)), None)
    return refused if refused is not None and not found else found
