"""When an audience may not have something: a function of what was ruled, and when. Rulings only add up.

Each ruling says from its own tick on when the thing may not be shown, edges of windows and embargoes that are still to
come included; the next one holds from its tick.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from keshen.air.timeline import Entry, Span, merged


@dataclass(frozen=True, slots=True)
class Ruled:
    """One ruling: from `tick` on, the thing may not be shown in `spans`."""

    tick: int
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Denials:
    """What was ruled on a service: for each asset and audience the rulings, oldest first.

    `everywhere` is the audience of the plain address. `audiences` are all there are.
    """

    everywhere: str = ""
    audiences: tuple[str, ...] = ()
    rulings: Mapping[int, Mapping[str, tuple[Ruled, ...]]] = field(default_factory=dict)

    def of(self, entry: Entry, audience: str) -> tuple[Span, ...]:
        """When `audience` may not have an entry, in order.

        Before the first ruling, what was laid under terms is denied: nobody said yet that it may be shown. The plain
        address has what it was laid with.
        """
        unruled = entry.barred if audience == self.everywhere else entry.restricted
        held = self.rulings.get(entry.asset)
        if held is None and not unruled:
            return ()
        return denied((held or {}).get(audience, ()), unruled=unruled)

    def denies(self, entry: Entry, audience: str) -> bool:
        """Whether an audience may not have some part of an entry while it is on."""
        return any(
            since < entry.end and (until is None or until > entry.start) for since, until in self.of(entry, audience)
        )

    def concerns(self, entry: Entry) -> bool:
        """Whether anything was ever ruled on an entry, or should have been."""
        return entry.restricted or entry.barred or entry.asset in self.rulings

    def nowhere(self, entry: Entry, tick: int) -> bool:
        """Whether no audience at all may have an entry at a tick."""
        return self.concerns(entry) and all(
            is_denied(self.of(entry, audience), tick) for audience in self.audiences or (self.everywhere,)
        )

    def next_edge(self, tick: int) -> int | None:
        """The first tick after `tick` at which some ruling begins or ends to deny by itself."""
        edges = (
            edge
            for held in self.rulings.values()
            for ruled in held.values()
            for span in ruled[-1].spans
            for edge in span
            if edge is not None and edge > tick
        )
        return min(edges, default=None)


def denied(rulings: Sequence[Ruled], *, unruled: bool) -> tuple[Span, ...]:
    """When something is denied under rulings, oldest first; `unruled` says whether it is before the first of them."""
    found: list[Span] = []
    if unruled:
        found.append((0, rulings[0].tick if rulings else None))
    for place, ruling in enumerate(rulings):
        end = rulings[place + 1].tick if place + 1 < len(rulings) else None
        for since, until in ruling.spans:
            first = max(since, ruling.tick)
            last = until if end is None else end if until is None else min(until, end)
            if last is None or first < last:
                found.append((first, last))
    return merged(found)


def is_denied(spans: Sequence[Span], tick: int) -> bool:
    return any(since <= tick and (until is None or tick < until) for since, until in spans)
