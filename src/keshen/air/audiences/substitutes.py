"""What an audience is shown in place of an entry it may not have: one asset with the entry's own cut list, made ahead.

It is put together from segments that are there already (`media.assembling`), so that an hour of it costs hardly any
encoding:
what the service's rule names, then the loop of the card or the standby, and a tail of exactly the length that is left.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from django.db.models import Q
from django.utils import timezone

from keshen.air import clock
from keshen.air.actions.locking import service_urn
from keshen.air.audiences import offers, rulings
from keshen.air.audiences.offers import Rule
from keshen.air.audiences.variants import Offered
from keshen.air.log import standby
from keshen.air.models import Entry, Offer, Ruling, Stock, Substitute
from keshen.air.serving import load
from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import Service, User, in_language
from keshen.media import actions as media
from keshen.media.assembling import DoesNotFit, Fading, Piece, assembled
from keshen.media.houseformat import SEGMENT_TICKS, TICKS_PER_HOUR, datetime_at
from keshen.media.models import Asset, Track
from keshen.media.pieces import NotCuttable, sound_between
from keshen.media.store import house_store
from keshen.media.workplace import workplace
from keshen.rights.actions import decide
from keshen.rights.models import Decision

SOON_TICKS = TICKS_PER_HOUR // 6
"""What is on in less than ten minutes and not prepared is an alarm."""
CARD_TICKS = 5 * SEGMENT_TICKS
MOST_BODIES = 40
"""How many pieces of the shelf a rule looks at."""


def offer(service: Service) -> offers.Offered:
    """What the service's variants show instead, as it stands."""
    row = Offer.objects.filter(service=service).first()
    return offers.parse(row.body if row else {})


def wanted(service: Service, now: int, until: int | None = None) -> list[tuple[Entry, list[str]]]:
    """The entries that are still to end and that somebody may not have, with the audiences nothing is prepared for."""
    concerned = Q(restricted=True) | Q(barred=True) | Q(asset__in=_ruled(service))
    rows = Entry.objects.filter(concerned, service=service, state=Entry.State.LAID, end_tick__gt=now)
    if until is not None:
        rows = rows.filter(start_tick__lt=until)
    entries = list(rows.select_related("asset"))
    denied = rulings.denied_to(service, entries) if entries else {}
    made = set(Substitute.objects.filter(entry__in=denied).values_list("entry", "audience"))
    found = [
        (entry, [whom for whom in denied.get(entry.pk, ()) if (entry.pk, whom) not in made]) for entry in entries
    ]  # fmt: skip
    return [(entry, whom) for entry, whom in found if whom]


def _ruled(service: Service) -> set[int]:
    """The assets that were ever denied to some audience."""
    return set(Ruling.objects.filter(service=service).exclude(spans=[]).values_list("asset_id", flat=True))


def prepare(service: Service, progress: Callable[[int, int], None], check: Callable[[], None]) -> int:
    """Prepare what is wanted; gives how many substitutes. Safe to do again. Raises encode's errors and StoreError."""
    system = User.objects.system()
    now = clock.tick()
    work = wanted(service, now)
    rules = offer(service)
    there = load.offered(service)
    made = 0
    for done, (entry, audiences) in enumerate(work):
        progress(done, len(work))
        check()
        for whom in audiences:
            rule = rules.rule(whom)
            bodies, decision = _bodies(service, rule, entry, there, whom)
            asset = _made(system, service, entry, rule, bodies, check)
            keep(system, entry, whom, asset, rule, decision)
            made += 1
    progress(len(work), len(work))
    return made


@action
def keep(actor: User, entry: Entry, audience: str, asset: Asset, rule: Rule, decision: Decision | None) -> Substitute:
    """Show an asset to an audience in place of an entry, from now on. Event: `air.substituted`."""
    permit(actor, "air.lay", entry.service)
    row, made = Substitute.objects.get_or_create(
        entry=entry,
        audience=audience,
        defaults={"asset": asset, "titles": dict(rule.titles), "decision": decision, "tick": clock.tick()},
    )
    if made:
        after = {"entry": entry.pk, "audience": audience, "asset": asset.pk, "play": rule.play}
        record(actor, "air.substituted", asset.urn, organisation=entry.service.organisation, after=after)
    return row


def _bodies(
    service: Service, rule: Rule, entry: Entry, there: Offered, audience: str
) -> tuple[list[Asset], Decision | None]:
    """What the rule plays that the audience may have, as much of it as the entry is long."""
    found: list[Asset] = []
    decision = None
    length = entry.end_tick - entry.start_tick
    for asset in _candidates(service, rule):
        if asset.pk == entry.asset_id or sum(one.duration_ticks or 0 for one in found) >= length:
            continue
        asked = decide(rulings.subjects(asset), rulings.use(there, audience, datetime_at(entry.start_tick)))
        if asked.permits:
            found.append(asset)
            decision = decision or asked
            if rule.play != offers.FILLERS:
                break
    return found, decision


def _candidates(service: Service, rule: Rule) -> Iterable[Asset]:
    ready = Asset.objects.filter(state=Asset.State.READY)
    if rule.play == offers.ASSET:
        return ready.filter(urn=rule.asset)
    if rule.play not in (offers.PROGRAMMES, offers.FILLERS):
        return ()
    rows = Stock.objects.filter(Q(service=service) | Q(service=None), asset__in=ready).select_related("asset")
    if rule.play == offers.FILLERS:
        rows = rows.filter(role=Stock.Role.FILLER)
    else:
        rows = rows.filter(role=Stock.Role.PROGRAMME, key=rule.key)
    return [row.asset for row in rows.order_by("position", "id")[:MOST_BODIES]]


def _made(
    actor: User, service: Service, entry: Entry, rule: Rule, bodies: Sequence[Asset], check: Callable[[], None]
) -> Asset:
    """The asset of exactly the entry's cut list; the bodies that do not fit the loop's kind are left out."""
    cuts = [end - start for start, end in pairwise(entry.timed().starts())]
    loop, tails = _loop(actor, service, rule, cuts, check)
    for fitting in (bodies, ()):
        pieces = _pieces(cuts, fitting, loop, tails)
        used = {asset.pk: asset for asset in (*fitting, loop, *tails.values())}
        used = {piece.asset: used[piece.asset] for piece in pieces}
        asset = _asset(actor, service, pieces, list(used.values()))
        if asset.state == Asset.State.READY:
            return asset
        languages = sorted({track.language for one in fitting for track in one.tracks.filter(kind="audio")}) or [""]
        try:
            with workplace(f"substitute-{entry.pk}") as folder:
                tracks = assembled(pieces, used, languages, house_store(), folder, _fading(folder, check))
        except DoesNotFit as problem:
            if not fitting:
                raise
            media.mark_failed(actor, asset, str(problem))
            continue
        media.mark_ready(actor, asset, tracks=tracks, ticks=sum(cuts), by="keshen.air.substitutes")
        asset.refresh_from_db()
        return asset
    raise DoesNotFit("not even the standby fits")


def _fading(folder: Path, check: Callable[[], None]) -> Fading:
    """How the sound fades where an asset is left in its middle for another, or for the beginning of the loop."""

    def faded(track: Track, piece: Piece, ends: str) -> bytes:
        try:
            return sound_between(track, piece.tick, piece.end, ends, house_store(), folder, check)
        except NotCuttable as problem:
            raise DoesNotFit(str(problem)) from problem

    return faded


def _asset(actor: User, service: Service, pieces: Sequence[Piece], used: Sequence[Asset]) -> Asset:
    # assets that were made before sound was faded are others
    told = "faded;" + ";".join(f"{piece.asset}.{piece.tick}.{piece.ticks}" for piece in pieces)
    return media.create_asset(
        actor,
        key=f"substitute:{hashlib.sha256(told.encode()).hexdigest()}",
        kind=Asset.Kind.VIDEO,
        organisation=service.organisation,
        title=" + ".join(dict.fromkeys(asset.title for asset in used)),
        sources=[asset.urn for asset in used],
    )


def _pieces(cuts: Sequence[int], bodies: Sequence[Asset], loop: Asset, tails: dict[int, Asset]) -> list[Piece]:
    """Which segment stands for each of `cuts`: those of the bodies that are whole, then the loop's, and the tails.

    The loop begins at its beginning, and again after whatever stands between.
    """
    whole = [
        Piece(asset.pk, tick, SEGMENT_TICKS)
        for asset in bodies
        for tick in range(0, (asset.duration_ticks or 0) - SEGMENT_TICKS + 1, SEGMENT_TICKS)
        if _segment_ticks(asset, tick) == SEGMENT_TICKS
    ]
    rounds = max(1, (loop.duration_ticks or 0) // SEGMENT_TICKS)
    found: list[Piece] = []
    looped = 0
    for ticks in cuts:
        if ticks != SEGMENT_TICKS:
            found.append(Piece(tails[ticks].pk, 0, ticks))
            looped = 0
        elif whole:
            found.append(whole.pop(0))
        else:
            found.append(Piece(loop.pk, looped % rounds * SEGMENT_TICKS, SEGMENT_TICKS))
            looped += 1
    return found


def _segment_ticks(asset: Asset, tick: int) -> int:
    """How long the segment is that begins at a tick of an asset in the house cut; a joined tail is longer."""
    left = (asset.duration_ticks or 0) - tick
    return SEGMENT_TICKS if left == SEGMENT_TICKS or left > SEGMENT_TICKS + 2 else left


def _loop(
    actor: User, service: Service, rule: Rule, cuts: Sequence[int], check: Callable[[], None]
) -> tuple[Asset, dict[int, Asset]]:
    """The loop and a tail for every other length among `cuts`: the card's, else the standby's."""
    lengths = sorted({ticks for ticks in cuts if ticks != SEGMENT_TICKS})
    if rule.play == offers.CARD:
        tag = (service.languages or ["kk"])[0]
        name, line = in_language(service.name, tag), in_language(dict(rule.titles), tag)
        look = hashlib.sha256(f"{name}\n{service.accent}\n{line}".encode()).hexdigest()[:24]

        def card(ticks: int) -> Asset:
            key = f"card:{standby.REVISION}:{look}:{ticks}"
            return standby.slate(actor, service.organisation, key, ticks, name, service.accent, line, check=check)

        return card(CARD_TICKS), {ticks: card(ticks) for ticks in lengths}
    rows = Stock.objects.filter(service=None, asset__state=Asset.State.READY).select_related("asset").order_by("id")
    tails = {row.asset.duration_ticks or 0: row.asset for row in rows.filter(role=Stock.Role.TAIL)}
    loop = rows.filter(role=Stock.Role.STANDBY).last()
    if loop is None or not tails.keys() >= set(lengths):
        raise DoesNotFit("there is no standby yet")
    return loop.asset, {ticks: tails[ticks] for ticks in lengths}


@action
def set_offer(actor: User, service: Service, body: dict[str, object]) -> Offer:
    """Say what the variants of a service show instead of what is denied to them. Event: `air.offer_set`.

    What is prepared already stays. Raises offers.OfferError, also for an asset there is not.
    """
    permit(actor, "air.lay", service)
    for rule in offers.parse(body).rules:
        if rule.asset and not Asset.objects.filter(urn=rule.asset, state=Asset.State.READY).exists():
            raise offers.OfferError(f"There is no asset {rule.asset} that is ready.")
        if unknown := rule.territories - load.offered(service).reached:
            reached = ", ".join(sorted(load.offered(service).reached))
            raise offers.OfferError(f"{', '.join(sorted(unknown))}: the service reaches {reached}.")
    before = Offer.objects.filter(service=service).first()
    row, _made_now = Offer.objects.update_or_create(service=service, defaults={"body": body})
    if before is None or before.body != body:
        record(
            actor,
            "air.offer_set",
            service_urn(service),
            organisation=service.organisation,
            before=before and {"offer": before.body},
            after={"offer": body},
        )
    return row


def listed(service: Service, now: int) -> list[dict[str, object]]:
    """What some audience may not have of what is laid from `now` on, for people: when, what, who, what instead, why."""
    concerned = Q(restricted=True) | Q(barred=True) | Q(asset__in=_ruled(service))
    laid = Entry.objects.filter(concerned, service=service, state=Entry.State.LAID, end_tick__gt=now)
    entries = list(laid.select_related("asset"))
    denied = rulings.denied_to(service, entries) if entries else {}
    made = {
        (row.entry_id, row.audience): row.asset.title
        for row in Substitute.objects.filter(entry__in=denied).select_related("asset")
    }
    reasons: dict[tuple[int, str], str] = {}
    ruled = Ruling.objects.filter(service=service, asset__in={entry.asset_id for entry in entries})
    for row in ruled.select_related("decision").order_by("id"):
        reasons[row.asset_id, row.audience] = " ".join(row.decision.explanation)
    return [
        {
            "entry": entry.pk,
            "start": entry.start_tick,
            "at": f"{timezone.localtime(datetime_at(entry.start_tick)):%H:%M:%S}",
            "title": str(entry),
            "audience": whom,
            "instead": made.get((entry.pk, whom), ""),
            "why": reasons.get((entry.asset_id, whom), ""),
        }
        for entry in entries
        for whom in denied.get(entry.pk, ())
    ]
