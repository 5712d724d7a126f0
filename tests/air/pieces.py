"""Pieces of assets that are rows without bytes: what a job would have made, and where that is laid."""

from __future__ import annotations

from keshen.air import actions
from keshen.house.models import Job
from keshen.media import actions as media_actions
from keshen.media import cutlist
from keshen.media.marks import marks_of
from keshen.media.models import Asset
from keshen.media.queries import missing_pieces
from tests.air.house import Air


def prepare(air: Air, asset: int) -> None:
    """Make the rows of every piece that was asked for of an asset, and lay what waited for them."""
    row = Asset.objects.prefetch_related("tracks").get(pk=asset)
    for job in Job.objects.filter(name=media_actions.PREPARE, args__asset_id=asset, state=Job.State.WAITING):
        first, cuts, marks = job.args["first"], job.args["cuts"], marks_of(job.args["marks"])
        made = [
            media_actions.NewPiece(*found[:3], need.first, need.ticks, found[5], "d" * 64, 0, 100)
            for need in missing_pieces(row, first, cuts, marks)
            for track in row.tracks.all()
            if (found := cutlist.key(need, track.kind, track.rung, track.language))
        ]
        media_actions.keep_pieces(air.system, row, made, last=True)
        Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)
    actions.refine(air.system, air.tv, asset)


def on(air: Air, asset: Asset) -> list[tuple[int, int, int]]:
    """Where an asset is laid: start, first tick of it, length."""
    return [
        (entry.start_tick, entry.asset_tick, entry.end_tick - entry.start_tick)
        for entry in air.laid()
        if entry.asset_id == asset.pk
    ]
