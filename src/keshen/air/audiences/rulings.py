"""Deciding ahead what each audience of a service may be shown, and keeping it in the log.

A ruling is made when something under terms is laid, and anew when its terms change; edges of windows and embargoes are
worked out with it, so that nothing has to run at that moment. Something without terms needs none: nothing could tell
its audiences apart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import Q

from keshen.air import clock
from keshen.air.audiences.variants import Offered, audience
from keshen.air.models import Entry, Ruling
from keshen.air.serving import load
from keshen.air.timeline import Span
from keshen.house.models import Service
from keshen.media.houseformat import datetime_at, tick_before
from keshen.media.models import Asset
from keshen.rights.actions import decide_all
from keshen.rights.models import Decision
from keshen.rights.policy import Use
from keshen.rights.queries import moments_after, terms_of

type Wanted = Mapping[int, Sequence[str]]
"""Assets, each with everything whose terms count for it: itself, the story it tells, the pictures in it (URNs)."""


def use(there: Offered, whom: str, at: datetime) -> Use:
    """The use that an audience is asked about."""
    territory, _, platform = whom.partition(":")
    return Use(
        exit="playlist",
        platform=platform,  # type: ignore[arg-type]  one of `Offered.platforms`
        territories=frozenset({territory}) if territory else there.territories,
        at=at,
    )


def somewhere(there: Offered, subjects: Sequence[str], at: datetime) -> Decision | None:
    """A decision that permits something in a territory the service reaches, on its own platform; None without one."""
    if there.reached == there.territories and len(there.reached) == 1:
        return None  # there is no other audience to ask about
    own = [audience(territory, there.platform) for territory in sorted(there.reached)]
    made = decide_all([(subjects, use(there, one, at)) for one in own])
    return next((one for one in made if one.permits), None)


def ensure(service: Service, wanted: Wanted, tick: int, first: int | None = None) -> int:
    """Rule at `tick` on what was not ruled on under its present terms; gives how many rulings. Safe to do again.

    What was never ruled on is ruled on from `first`, where what is being laid begins, if that is earlier.
    """
    there = load.offered(service)
    audiences = there.audiences()
    held: dict[int, dict[str, list[int]]] = {}
    rows = Ruling.objects.filter(service=service, asset__in=wanted).order_by("id")
    for asset, whom, terms in rows.values_list("asset", "audience", "terms"):
        held.setdefault(asset, {})[whom] = terms
    made: list[Ruling] = []
    for asset, subjects in wanted.items():
        terms = sorted(terms_of(subjects).values_list("pk", flat=True))
        before = held.get(asset, {})
        missing = [whom for whom in audiences if before.get(whom, None if before else []) != terms]
        if missing:
            since = tick if before or first is None else min(tick, first)
            made += _rule(service, there, asset, subjects, terms, missing, since)
    Ruling.objects.bulk_create(made)
    return len(made)


def _rule(
    service: Service,
    there: Offered,
    asset: int,
    subjects: Sequence[str],
    terms: list[int],
    audiences: Sequence[str],
    tick: int,
) -> list[Ruling]:
    now = datetime_at(tick)
    moments = [now, *moments_after(subjects, now)]
    asked = [(subjects, use(there, whom, at)) for whom in audiences for at in moments]
    decisions = decide_all(asked)
    made = []
    for place, whom in enumerate(audiences):
        own = decisions[place * len(moments) : (place + 1) * len(moments)]
        spans = _spans([tick, *(tick_before(at) for at in moments[1:])], [one.permits for one in own])
        made.append(
            Ruling(service=service, asset_id=asset, audience=whom, tick=tick, spans=spans, terms=terms, decision=own[0])
        )
    return made


def _spans(ticks: Sequence[int], permits: Sequence[bool]) -> list[Span]:
    """The stretches that are denied, when it is permitted or not from each of `ticks` on."""
    ends = [*ticks[1:], None]
    return [(since, until) for since, until, permitted in zip(ticks, ends, permits, strict=True) if not permitted]


def subjects(asset: Asset, story: str = "") -> list[str]:
    """Everything whose terms count for an asset."""
    pictures = (asset.brief or {}).get("pictures", [])
    return [urn for urn in (asset.urn, story, *pictures) if urn]


def of_entries(entries: Iterable[Entry]) -> dict[int, list[str]]:
    """What is to be ruled on for some entries."""
    stories = {entry.asset_id: entry.story_urn for entry in entries}
    return {asset.pk: subjects(asset, stories[asset.pk]) for asset in Asset.objects.filter(pk__in=stories)}


def renew(subject: str) -> None:
    """Rule anew on everything laid or kept that the terms of `subject` (a URN) count for. Safe to do again."""
    now = clock.tick()
    counts = Q(asset__urn=subject) | Q(story_urn=subject) | Q(asset__brief__pictures__contains=[subject])
    rows = Entry.objects.filter(counts, state=Entry.State.LAID, end_tick__gt=now - load.KEPT_TICKS)
    for service in load.services():
        entries = list(rows.filter(service=service))
        if entries:
            ensure(service, of_entries(entries), now)


def concerned(tick: int) -> set[int]:
    """The services (ids) of which something was ruled, or should have been of what ends after `tick`."""
    restricted = Entry.objects.filter(state=Entry.State.LAID, end_tick__gt=tick, restricted=True)
    found = set(restricted.order_by().values_list("service_id", flat=True).distinct())
    return found | set(Ruling.objects.order_by().values_list("service_id", flat=True).distinct())


def keep(service: Service) -> int:
    """Rule for audiences that came after something was laid: a new territory, a house that was brought up to date."""
    now = clock.tick()
    laid = Entry.objects.filter(service=service, state=Entry.State.LAID, end_tick__gt=now, restricted=True)
    entries = list(laid)
    return ensure(service, of_entries(entries), now) if entries else 0


def denied_to(service: Service, entries: Collection[Entry]) -> dict[int, list[str]]:
    """The audiences that may not have some part of each entry, for those entries that somebody may not have."""
    there = load.offered(service)
    ruled = load.denials(service, [entry.timed() for entry in entries], there)
    found: dict[int, list[str]] = {}
    for entry in entries:
        timed = entry.timed()
        if ruled.concerns(timed):
            found[entry.pk] = [whom for whom in there.audiences() if ruled.denies(timed, whom)]
    return {entry: whom for entry, whom in found.items() if whom}
