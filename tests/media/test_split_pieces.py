"""Cuts and marks where a tick is no whole number of frames: each picture at its time, of each kind of rate."""

from __future__ import annotations

import io
from itertools import accumulate
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from keshen.media import actions, boxes, encode, profiles, splitting
from keshen.media.confined import Limits
from keshen.media.cutlist import places
from keshen.media.houseformat import MPEGTS_UNITS, RUNGS
from keshen.media.marks import Kind, Mark
from keshen.media.models import Asset, Piece, Track
from keshen.media.package import kept
from keshen.media.profiles import NTSC, PROFILES
from keshen.media.store import house_store
from tests.media.test_pieces import prepare, segments

TICKS = 20
COUNTING = "color=black:s=320x180:r=30000/1001,geq=lum='16+mod(N,200)':cb=128:cr=128"


@pytest.fixture
def asset(system: Any, tmp_path: Path) -> Asset:
    """An asset whose frames say their number, at 29.97 and at 25."""
    lavfi = ("-f", "lavfi", "-t", "8", "-i")
    plan = encode.Plan(
        (*lavfi, COUNTING, *lavfi, "sine=440:r=48000"), TICKS, picture="0:v", sounds=(encode.Sound("1:a", "kk"),),
        rungs=(*PROFILES["720-2997"].rungs, RUNGS["v360"]), crf=14,
    )  # fmt: skip
    made = actions.create_asset(
        system, key="counting", kind=Asset.Kind.VIDEO, organisation=system.organisation, title="counting"
    )
    folder = tmp_path / "encode"
    folder.mkdir()
    tracks = kept(encode.encode(plan, folder, limits=Limits(wall=1800)), house_store())
    actions.mark_ready(system, made, tracks=tracks, ticks=TICKS)
    return made


def seen(asset: Asset, rung: str, first: int, cuts: tuple[int, ...], *marks: Mark) -> list[tuple[int, np.ndarray]]:
    """When each picture of an entry is shown, in the track's units, and the picture."""
    track = Track.objects.get(asset=asset, kind="video", rung=rung)
    parts, at = [house_store().read(track.init_sha256)], 0
    for raw, ticks in segments(track, first, cuts, marks):
        parts.append(bytes(boxes.restamp(raw, at, 1, profiles.units("video", rung))))
        at += ticks
    with av.open(io.BytesIO(b"".join(parts))) as held:
        return [(frame.pts, frame.to_ndarray(format="yuv420p")[: frame.height]) for frame in held.decode(video=0)]


def expected(first: int, cuts: tuple[int, ...]) -> list[tuple[int, int]]:
    """When each picture is shown, and which it is, by the arithmetic alone."""
    begins = accumulate(cuts, initial=0)
    return [
        (begin * MPEGTS_UNITS + one.start, one.frame)
        for begin, (at, ticks) in zip(begins, places(first, cuts), strict=False)
        for one in splitting.samples(at, ticks, NTSC)
    ]


@pytest.mark.django_db(transaction=True)
def test_a_cut_anywhere_shows_each_picture_at_its_time(asset: Asset) -> None:
    for first, ticks in ((0, TICKS), (7, 11), (1, 17)):
        cuts = prepare(asset, first, ticks)
        for rung in ("v720n30", "v360n30"):
            found = [(at, round(float(picture.mean())) - 16) for at, picture in seen(asset, rung, first, cuts)]
            wanted = expected(first, cuts)
            assert [at for at, _ in found] == [at for at, _ in wanted], (first, rung)
            assert all(abs(a[1] - b[1]) <= 1 for a, b in zip(found, wanted, strict=True)), (first, rung)
        plain = seen(asset, "v360", first, cuts)
        assert [at for at, _ in plain] == [n * 512 for n in range(ticks * 8)], "the other rate is cut from its own"


@pytest.mark.django_db(transaction=True)
def test_a_mark_is_in_every_picture_the_last_part_of_one_too(asset: Asset) -> None:
    logo = Mark(Kind.LOGO, 0, TICKS, "Silk Way", accent="#c9922b", size=20, opacity=100)
    cuts = prepare(asset, 7, 11, logo)
    assert Piece.objects.filter(kind="video", rung="v720n30").count() == len(cuts)
    found = seen(asset, "v720n30", 7, cuts, logo)
    assert [at for at, _ in found] == [at for at, _ in expected(7, cuts)]
    corner = (slice(36, 80), slice(960, 1216))
    assert all(np.ptp(picture[corner].astype(int)) > 60 for _, picture in found)
