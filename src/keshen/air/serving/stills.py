"""The picture of an asset at one of its ticks, for trimming: decoded from the stored segment, kept for a while."""

from __future__ import annotations

from functools import lru_cache

from keshen.air.serving import load, poster
from keshen.media.houseformat import RUNGS
from keshen.media.store import StoreError, house_store

MEDIA_TYPE = poster.MEDIA_TYPE
SMALLEST = list(RUNGS)[-1]


@lru_cache(maxsize=512)
def still(asset: int, tick: int) -> bytes:
    """A JPEG of the frame the asset shows at `tick`. Raises LookupError when there is no picture."""
    held = load.assets([asset], {}).get(asset)
    track = held.video(SMALLEST) if held else None
    if track is None:
        raise LookupError(f"asset {asset} has no picture")
    begin = max((start for start in track.segments if start <= max(0, tick)), default=None)
    if begin is None:
        raise LookupError(f"asset {asset} has no picture at {tick}")
    _ticks, offset, length = track.segments[begin]
    store = house_store()
    try:
        return poster.picture(store.read(track.init), store.read_range(track.blob, offset, length), tick - begin)
    except (StoreError, ValueError) as problem:
        raise LookupError(str(problem)) from problem
