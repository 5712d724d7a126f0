"""Taking an edit back puts into the log what stood there, not what would be composed there now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from keshen.air.actions.relaying import Relaid, clear, count_on, placed_of
from keshen.air.log.laid_log import LaidLog
from keshen.air.log.laying import Laying
from keshen.air.models import Entry
from keshen.air.serving import load


def restore(laying: Laying, log: LaidLog, edit: Mapping[str, Any], reason: str) -> Relaid | None:
    """Lay again what an edit took out, where its event (`edit` is what that says after it) tells, in place of what it
    made. None where that cannot be: it is to be composed then."""
    old = _stood(laying, log, edit)
    if not old:
        return None
    start, until = old[0].start_tick, old[-1].end_tick
    standing = log.between(start, until)
    following = log.at(until) if until < log.end else None
    before = clear(laying, [*log.between(start - 1, start), *standing], start, reason, until)
    made = laying.lay(laying.checked(placed_of(entry) for entry in old), laying.position(before))
    if following is not None:
        count_on(laying, made[-1], following)
    return Relaid.of(laying, standing, made)


def _stood(laying: Laying, log: LaidLog, edit: Mapping[str, Any]) -> Sequence[Entry]:
    """What an edit took out, where it can stand again as it did.

    Nothing where what the edit made was changed since, or is frozen; where something was killed, is lost or was not
    shown; and where other news is told now.
    """
    kept = edit.get("relaid") or {"out": [], "made": [], "news": []}
    rows = Entry.objects.filter(service=laying.service).in_bulk([*kept["out"], *kept["made"]])
    old, new = ([rows[number] for number in kept[part] if number in rows] for part in ("out", "made"))
    if not old or not new or new[0].start_tick < log.cut_point(laying.now):
        return []
    start, until = new[0].start_tick, new[-1].end_tick
    if (old[0].start_tick, old[-1].end_tick) != (start, until):
        return []
    if [placed_of(entry) for entry in log.between(start, until)] != [placed_of(entry) for entry in new]:
        return []
    if any(entry.item_id for entry in old) and tuple(kept["news"]) != laying.there_is_to_tell:
        return []
    load.assets({entry.asset_id for entry in old}, laying.known)
    return old if all(_may_stand(laying, entry) for entry in old) else []


def _may_stand(laying: Laying, entry: Entry) -> bool:
    asset = laying.known.get(entry.asset_id)
    if asset is None or entry.reason:
        return False
    return not {asset.urn, entry.story_urn} & laying.gone
