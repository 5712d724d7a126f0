"""What is prepared for the air and what is still to be: pieces of assets, read once for a stretch of work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from keshen.air.serving.snapshot import Asset, Place
from keshen.house.models import User
from keshen.media import actions, cutlist
from keshen.media import models as media
from keshen.media.cutlist import Key
from keshen.media.marks import Mark, Marks
from keshen.media.queries import piece_keys

type Wish = tuple[int, int, int, Marks]
"""An asset, the tick of it something begins at, how long it lasts, what is drawn over it."""


class Prepared:
    """Asks for the pieces of each asset once, and keeps what was found wanting."""

    def __init__(self, *, radio: bool) -> None:
        self._radio = radio
        self._held: dict[int, frozenset[Key]] = {}
        self._wishes: dict[Wish, None] = {}

    def has(self, asset: Asset, first: int, ticks: int, marks: Marks = (), *, wished: bool = True) -> bool:
        """Whether everything is there to play these ticks so; what is not, and was `wished`, is asked for later."""
        if not marks and _is_stored(asset, first, first + ticks):
            return True
        if self.missing(asset, first, cutlist.cut_list(first, ticks), marks):
            if wished:
                self._wishes[asset.id, first, ticks, marks] = None
            return False
        return True

    def missing(self, asset: Asset, first: int, cuts: Sequence[int], marks: Sequence[Mark]) -> bool:
        """Whether a piece that this cut list of an asset needs is not there."""
        wanted = keys(asset, first, cuts, marks, radio=self._radio)
        if wanted and asset.id not in self._held:
            self._held[asset.id] = piece_keys(asset.id)
        return bool(wanted) and not wanted <= self._held[asset.id]

    def ask(self) -> int:
        """Have made what was found wanting, in the transaction under way; gives how many wishes there were."""
        if not self._wishes:
            return 0
        system = User.objects.system()
        rows = media.Asset.objects.prefetch_related("tracks").in_bulk({wish[0] for wish in self._wishes})
        for asset, first, ticks, marks in self._wishes:
            actions.request_pieces(system, rows[asset], first, cutlist.cut_list(first, ticks), marks)
        asked = len(self._wishes)
        self._wishes.clear()
        return asked


def _is_stored(asset: Asset, first: int, last: int) -> bool:
    """Whether an asset's own segments begin and end there: what most entries ask, and is told without looking far."""
    return all(
        first in track.segments and (last == asset.ticks or last in track.segments)
        for track in asset.tracks
        if track.kind != "captions"
    )


def keys(asset: Asset, first: int, cuts: Sequence[int], marks: Sequence[Mark], *, radio: bool) -> set[Key]:
    """The pieces a cut list of an asset needs, in every track that a service of this kind plays."""
    tracks = [track for track in asset.tracks if track.kind == "audio" or (track.kind == "video" and not radio)]
    if not tracks:
        return set()
    wanted = cutlist.needs(tracks[0].grid, asset.ticks, first, cuts, () if radio else marks)
    made = (cutlist.key(need, track.kind, track.rung, track.language) for need in wanted for track in tracks)
    return {key for key in made if key is not None}


def pieces(assets: Iterable[int]) -> dict[int, dict[Key, Place]]:
    """Where the pieces of some assets lie."""
    found: dict[int, dict[Key, Place]] = {}
    wanted = set(assets)
    for row in media.Piece.objects.filter(asset__in=wanted) if wanted else ():
        key = (row.kind, row.rung, row.language, row.first_tick, row.ticks, row.form)
        found.setdefault(row.asset_id, {})[key] = (row.blob_sha256, row.offset, row.size)
    return found
