"""A new asset from segments that are there already: its cut list is whatever is asked for.

Every segment of a picture keeps its bytes, and one that is shown twice is kept once. Of the sound, one tick is encoded
anew where a piece is not followed by what follows it in its own asset, with one faded frame, as at any cut. All pieces
must have the same init segment a rung, so that a player notices nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from keshen.media.actions import NewTrack
from keshen.media.cutlist import IN, OUT
from keshen.media.models import Asset, Track
from keshen.media.store import BlobStore


class DoesNotFit(ValueError):
    """The pieces are not of one kind, or one of them has no segment there; the message says which."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One segment: of which asset, beginning at which of its ticks, and how long."""

    asset: int
    tick: int
    ticks: int

    @property
    def end(self) -> int:
        return self.tick + self.ticks


type Fading = Callable[[Track, Piece, str], bytes]
"""Gives the sound of a piece of a track with the ends faded that are named as in `cutlist.faded`."""


def assembled(
    pieces: Sequence[Piece],
    assets: Mapping[int, Asset],
    languages: Sequence[str],
    store: BlobStore,
    folder: Path,
    fading: Fading,
) -> list[NewTrack]:
    """The tracks of an asset made of `pieces`: every rung of the picture they have, and sound in each of `languages`.

    Where an asset has no sound in a language, its first sound stands in. Raises DoesNotFit, StoreError and what
    `fading` raises.
    """
    tracks = {asset: list(row.tracks.all()) for asset, row in assets.items()}
    first = tracks[pieces[0].asset]
    made = []
    for picture in [track for track in first if track.kind == Track.Kind.VIDEO]:
        chosen = {asset: _picture(rows, picture.rung, assets[asset]) for asset, rows in tracks.items()}
        made.append(_track(pieces, chosen, "", store, folder / f"{picture.rung}.bin"))
    ends = faded_ends(pieces, {asset: row.duration_ticks or 0 for asset, row in assets.items()})
    for number, language in enumerate(languages):
        chosen = {asset: _sound(rows, language, assets[asset]) for asset, rows in tracks.items()}
        made.append(_track(pieces, chosen, language, store, folder / f"sound{number}.bin", ends, fading))
    return made


def faded_ends(pieces: Sequence[Piece], lengths: Mapping[int, int]) -> list[str]:
    """Which ends of each piece's sound are faded: those where its asset is cut. An asset's own ends are so already.

    `lengths` are the assets' own, in ticks.
    """
    found = []
    for number, piece in enumerate(pieces):
        before = pieces[number - 1] if number else None
        after = pieces[number + 1] if number + 1 < len(pieces) else None
        cut_in = piece.tick > 0 and (before is None or (before.asset, before.end) != (piece.asset, piece.tick))
        cut_out = piece.end < lengths[piece.asset] and (
            after is None or (after.asset, after.tick) != (piece.asset, piece.end)
        )
        found.append("-".join([IN] * cut_in + [OUT] * cut_out))
    return found


def _picture(tracks: Sequence[Track], rung: str, asset: Asset) -> Track:
    found = next((track for track in tracks if track.kind == Track.Kind.VIDEO and track.rung == rung), None)
    if found is None:
        raise DoesNotFit(f"{asset} has no picture {rung}")
    return found


def _sound(tracks: Sequence[Track], language: str, asset: Asset) -> Track:
    sounds = [track for track in tracks if track.kind == Track.Kind.AUDIO]
    found = next((track for track in sounds if track.language == language), sounds[0] if sounds else None)
    if found is None:
        raise DoesNotFit(f"{asset} has no sound")
    return found


def _track(
    pieces: Sequence[Piece],
    chosen: Mapping[int, Track],
    language: str,
    store: BlobStore,
    target: Path,
    ends: Sequence[str] = (),
    fading: Fading | None = None,
) -> NewTrack:
    inits = {track.init_sha256 for track in chosen.values()}
    if len(inits) != 1:
        raise DoesNotFit(f"the pieces of {next(iter(chosen.values()))} have {len(inits)} different init segments")
    places = {asset: _places(track) for asset, track in chosen.items()}
    kept: dict[tuple[int, int, str], tuple[int, int]] = {}
    segments: list[list[int]] = []
    size = 0
    with target.open("wb") as file:
        for number, piece in enumerate(pieces):
            end = ends[number] if ends else ""
            key = (piece.asset, piece.tick, end)
            if key not in kept:
                ticks, offset, length = places[piece.asset].get(piece.tick, (0, 0, 0))
                if ticks != piece.ticks:
                    raise DoesNotFit(f"there is no segment of {piece.ticks} ticks at {piece.tick}")
                if end and fading is not None:
                    data = fading(chosen[piece.asset], piece, end)
                else:
                    data = store.read_range(chosen[piece.asset].blob_sha256, offset, length)
                file.write(data)
                kept[key] = (size, len(data))
                size += len(data)
            segments.append([piece.ticks, *kept[key]])
    like = next(iter(chosen.values()))
    return NewTrack(
        kind=like.kind,
        rung=like.rung,
        language=language,
        blob_sha256=store.put_file(target),
        size=size,
        init_sha256=inits.pop(),
        codecs=like.codecs,
        bandwidth=max(track.bandwidth for track in chosen.values()),
        segments=segments,
        machine=any(track.machine for track in chosen.values()),
    )


def _places(track: Track) -> dict[int, tuple[int, int, int]]:
    found, tick = {}, 0
    for ticks, offset, length in track.segments:
        found[tick] = (ticks, offset, length)
        tick += ticks
    return found
