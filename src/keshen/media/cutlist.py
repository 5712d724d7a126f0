"""Where an asset is cut when it airs from any tick to any other, and which of the segments that gives must be prepared.

An asset's own segments begin every twelve ticks. What an entry takes between two of those places is played as it is
stored; at its ends, where it begins or ends elsewhere, stands a piece: a segment made for that cut. So the cut list of
an entry follows from its in point and its length alone, and every rung, language and variant is cut on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from keshen.media.houseformat import GOP_TICKS, JOINED_TAIL_TICKS, MIN_ENTRY_TICKS, SEGMENT_TICKS
from keshen.media.marks import Mark, look

LONGEST_TICKS: Final = SEGMENT_TICKS + JOINED_TAIL_TICKS
"""No segment is longer: 4.48 s still rounds to the target duration of 4."""

IN, OUT = "in", "out"
"""The ends of a piece of sound where one frame is faded, joined by a hyphen in `Need.sound`."""


@dataclass(frozen=True, slots=True)
class Need:
    """A segment from tick `first` of an asset that its own segments do not give as it is wanted.

    `cut` says that none of them has that place and length; `sound` then names the faded ends of the sound. `look` is
    the digest of what is drawn over the picture, empty for nothing.
    """

    first: int
    ticks: int
    cut: bool
    sound: str = ""
    look: str = ""

    @property
    def last(self) -> int:
        return self.first + self.ticks

    @property
    def copies(self) -> bool:
        """Whether the picture is cut between its groups of pictures, so that nothing of it need be encoded."""
        return not self.look and self.first % GOP_TICKS == 0 and self.last % GOP_TICKS == 0


type Key = tuple[str, str, str, int, int, str]
"""A piece by its track (kind, rung, language), its first tick, its length, and its form."""


def key(need: Need, kind: str, rung: str, language: str) -> Key | None:
    """The piece of a track that serves a need; None where the track's own segment does."""
    if kind == "audio":
        return (kind, rung, language, need.first, need.ticks, need.sound) if need.cut else None
    return (kind, rung, language, need.first, need.ticks, need.look) if kind == "video" else None


def missing(wanted: Iterable[Need], tracks: Iterable[tuple[str, str, str]], held: Set[Key]) -> list[Need]:
    """The needs that some track (kind, rung, language) has no piece for among those `held`."""
    all_tracks = list(tracks)
    return [need for need in wanted if any((one := key(need, *track)) and one not in held for track in all_tracks)]


def cut_list(first: int, ticks: int) -> tuple[int, ...]:
    """Lengths of the segments of an entry of `ticks` that begins at tick `first` of its asset.

    They end where the asset's own segments do, and a head or tail of one or two ticks joins its neighbour. Raises
    ValueError for less than three ticks.
    """
    if ticks < MIN_ENTRY_TICKS:
        raise ValueError(f"an entry has at least {MIN_ENTRY_TICKS} ticks, not {ticks}")
    last = first + ticks
    begin = first if first % SEGMENT_TICKS == 0 else -(-(first + MIN_ENTRY_TICKS) // SEGMENT_TICKS) * SEGMENT_TICKS
    end = last if last % SEGMENT_TICKS == 0 else (last - MIN_ENTRY_TICKS) // SEGMENT_TICKS * SEGMENT_TICKS
    if begin <= end:
        places = [first, *range(begin, end + 1, SEGMENT_TICKS), last]
    elif ticks <= LONGEST_TICKS:
        places = [first, last]
    else:
        places = [first, -(-(first + MIN_ENTRY_TICKS) // GOP_TICKS) * GOP_TICKS, last]
    kept = sorted(set(places))
    return tuple(after - before for before, after in pairwise(kept))


def places(first: int, cuts: Sequence[int]) -> list[tuple[int, int]]:
    """The segments of a cut list that begins at tick `first` of an asset, as (tick of the asset, length)."""
    return list(zip(accumulate(cuts, initial=first), cuts, strict=False))


def faded(number: int, count: int, first: int, last: int, whole: int) -> str:
    """Which ends of the sound are faded in segment `number` of `count`, which plays ticks `first` to `last`.

    The asset, `whole` ticks long, begins and ends faded by itself.
    """
    ends = [IN] if number == 0 and first > 0 else []
    return "-".join([*ends, *([OUT] if number == count - 1 and last < whole else [])])


def needs(
    stored: Mapping[int, int], whole: int, first: int, cuts: Sequence[int], marks: Sequence[Mark] = ()
) -> list[Need]:
    """What must be prepared for an entry that plays `cuts` from tick `first` of an asset of `whole` ticks.

    `stored` maps the ticks at which the asset's own segments begin to their lengths.
    """
    found = []
    for number, (at, ticks) in enumerate(places(first, cuts)):
        cut, seen = stored.get(at) != ticks, look(marks, at, ticks)
        if cut or seen:
            sound = faded(number, len(cuts), at, at + ticks, whole) if cut else ""
            found.append(Need(at, ticks, cut, sound, seen))
    return found
