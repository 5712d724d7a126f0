"""Films and sounds as files that anybody's program plays: picture and sound of the house format in one MP4.

Nothing is encoded anew: the tracks are put together as they air. The files are renditions of the asset, made once.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from keshen.house.actions import action
from keshen.house.models import User
from keshen.media import ffmpeg
from keshen.media.confined import Limits
from keshen.media.models import Asset, Rendition, Track
from keshen.media.store import BlobStore, house_store

FILM: Final = "video/mp4"
SOUND: Final = "audio/mp4"
KINDS: Final = frozenset({Asset.Kind.VIDEO, Asset.Kind.AUDIO})
_LIMITS: Final = Limits(wall=1800, cpu=600, memory=2 << 30, file=64 << 30)


def make_all(urns: Iterable[str]) -> None:
    """The files of those films and sounds of `urns` that are ready and have none. Raises FfmpegFailed, StoreError."""
    found = Asset.objects.filter(urn__in=list(urns), kind__in=KINDS, state=Asset.State.READY, renditions=None)
    for asset in found.prefetch_related("tracks").distinct():
        make(asset)


def make(asset: Asset) -> None:
    """The files of a film or sound: one for each size of the picture with all its sounds, and the sound alone."""
    store = house_store()
    films = [track for track in asset.tracks.all() if track.kind == Track.Kind.VIDEO]
    sounds = [track for track in asset.tracks.all() if track.kind == Track.Kind.AUDIO]
    made = [_put_together(asset, film, sounds, store) for film in films]
    if sounds:
        made.append(_put_together(asset, None, sounds, store))
    _keep(User.objects.system(), asset, made)


def _put_together(asset: Asset, film: Track | None, sounds: list[Track], store: BlobStore) -> Rendition:
    with tempfile.TemporaryDirectory(prefix="keshen-download-") as folder:
        inputs: list[str] = []
        maps: list[str] = []
        for number, track in enumerate([*([film] if film else []), *sounds]):
            path = Path(folder) / f"{number}.mp4"
            with path.open("wb") as file:
                store.fetch(track.init_sha256, file)
                store.fetch(track.blob_sha256, file)
            inputs += ffmpeg.untrusted(path)
            maps += ["-map", f"{number}:0"]
            if track.language:
                maps += [f"-metadata:s:{number}", f"language={track.language.partition('-')[0]}"]
        target = Path(folder) / "whole.mp4"
        ffmpeg.encode([*inputs, *maps, "-c", "copy", "-movflags", "+faststart", f"file:{target}"], limits=_LIMITS)
        return Rendition(
            asset=asset,
            width=(film.width or 0) if film else 0,
            height=(film.height or 0) if film else 0,
            media_type=FILM if film else SOUND,
            sha256=store.put_file(target),
            size=target.stat().st_size,
        )


@action
def _keep(actor: User, asset: Asset, made: list[Rendition]) -> None:
    """Note the files. Whoever was first keeps theirs: they are the same."""
    Rendition.objects.bulk_create(made, ignore_conflicts=True)
