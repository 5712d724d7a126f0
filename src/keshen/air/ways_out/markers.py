"""Breaks as HLS tells of them: date ranges with the splice information (RFC 8216bis, 4.4.5.1), and interstitials.

A range's id holds its length: a break that is cut after it was told of is another range, since the attributes of one
must never change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from keshen.air.ways_out import scte35
from keshen.media.houseformat import TICK_MS, datetime_at

TOLD_TICKS: Final = 24
"""How far beyond what is listed a break is told of (7.68 s): players want to know before it begins."""
INTERSTITIAL: Final = "com.apple.hls.interstitial"


def _at(tick: int) -> str:
    return f"{datetime_at(tick):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"


def _seconds(ticks: int) -> str:
    milliseconds = ticks * TICK_MS
    return f"{milliseconds // 1000}.{milliseconds % 1000:03d}"


def told(breaks: Iterable[scte35.Break], start: int, end: int) -> list[scte35.Break]:
    """Those that a playlist which lists `start` to `end` tells of."""
    return [one for one in breaks if one.end > start and one.start < end + TOLD_TICKS]


def date_ranges(breaks: Iterable[scte35.Break], assets: str = "") -> Iterator[str]:
    """The tags for some breaks; `assets` is the address of a list of what to play instead.

    In `assets` `{break}` stands for the id of the break and `{seconds}` for its length. What replaces a break is a
    second range of class `com.apple.hls.interstitial`, so that players that know only the first are not confused.
    """
    for one in breaks:
        name = f"break-{one.id}-{one.ticks}"
        yield (
            f'#EXT-X-DATERANGE:ID="{name}",START-DATE="{_at(one.start)}",DURATION={_seconds(one.ticks)},'
            f"SCTE35-OUT=0x{scte35.leaving(one).hex().upper()},SCTE35-IN=0x{scte35.returning(one).hex().upper()}"
        )
        if assets:
            address = assets.replace('"', "%22").replace("{break}", str(one.id))
            address = address.replace("{seconds}", _seconds(one.ticks))
            yield (
                f'#EXT-X-DATERANGE:ID="{name}-instead",CLASS="{INTERSTITIAL}",START-DATE="{_at(one.start)}",'
                f'DURATION={_seconds(one.ticks)},X-ASSET-LIST="{address}",X-RESUME-OFFSET={_seconds(one.ticks)},'
                f'X-PLAYOUT-LIMIT={_seconds(one.ticks)},X-SNAP="OUT,IN",X-RESTRICT="SKIP,JUMP"'
            )
