"""Media that is lost after it was laid, and found again: kept in the log, so that every node shows the same instead."""

from __future__ import annotations

from keshen.air import clock
from keshen.air.models import Incident
from keshen.air.serving import load
from keshen.house.actions import action, permit
from keshen.house.events import record
from keshen.house.models import User
from keshen.media.models import Asset


@action
def lose(actor: User, asset: Asset, reason: str) -> bool:
    """Note that an asset cannot be played: from now on the standby stands in its place wherever it is laid.

    Its own addresses give the standby's bytes too, of the same length. Nothing happens where it is known.
    Event: `air.media_lost`.
    """
    permit(actor, "air.withdraw", asset)
    return _note(actor, asset, Incident.Kind.LOST, "air.media_lost", reason)


@action
def find(actor: User, asset: Asset, reason: str) -> bool:
    """Note that an asset that was lost is whole again. Event: `air.media_found`."""
    permit(actor, "air.withdraw", asset)
    return _note(actor, asset, Incident.Kind.FOUND, "air.media_found", reason)


def _note(actor: User, asset: Asset, kind: Incident.Kind, event: str, reason: str) -> bool:
    if (asset.urn in load.lost()) is (kind == Incident.Kind.LOST):
        return False
    made = Incident.objects.create(kind=kind, tick=clock.tick(), subject=asset.urn, reason=reason, actor=actor)
    record(actor, event, asset.urn, organisation=asset.organisation, after={"tick": made.tick}, reason=reason)
    return True
