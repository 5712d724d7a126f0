"""Pieces from real media: every frame where it belongs, sound without a click, marks where they are."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from keshen.house.models import Event, Job
from keshen.media import actions, assembling, boxes, cutlist, encode, houseformat, pieces, tasks
from keshen.media.assembling import Piece as Part
from keshen.media.confined import Limits
from keshen.media.houseformat import AUDIO_UNITS, FRAMES_PER_TICK, VIDEO_UNITS
from keshen.media.marks import Kind, Mark
from keshen.media.models import Asset, Piece, Track
from keshen.media.package import kept
from keshen.media.queries import missing_pieces
from keshen.media.store import house_store
from tests.media.sound import click

TICKS = 38
WHOLE = tuple(houseformat.cut(TICKS))
# the number of the frame as brightness: 0 to 303 on a ramp that any codec keeps apart
COUNTING = "color=black:s=640x360:r=25,geq=lum='16+mod(N,200)':cb=128:cr=128"
SOUND = "aevalsrc='0.3*sin(2*PI*(220+15*t)*t)+0.1*sin(2*PI*1370*t)':s=48000:d=14"


class Context:
    """A job's context that only counts."""

    def progress(self, *_given: object) -> None: ...
    def check(self) -> None: ...
    def log(self, _line: str) -> None: ...


@pytest.fixture
def asset(system: Any, tmp_path: Path) -> Asset:
    """An asset whose frames say their number, in small."""
    lavfi = ("-f", "lavfi", "-t", "14", "-i")
    plan = encode.Plan(
        (*lavfi, COUNTING, *lavfi, SOUND), TICKS, picture="0:v", sounds=(encode.Sound("1:a", "kk"),), crf=14
    )
    made = actions.create_asset(
        system, key="counting", kind=Asset.Kind.VIDEO, organisation=system.organisation, title="counting"
    )
    folder = tmp_path / "encode"
    folder.mkdir()
    tracks = kept(encode.encode(plan, folder, limits=Limits(wall=1800)), house_store())
    actions.mark_ready(system, made, tracks=tracks, ticks=TICKS)
    return made


def prepare(asset: Asset, first: int, ticks: int, *marks: Mark) -> tuple[int, ...]:
    """The cut list of these ticks, with everything made that it wants."""
    cuts = cutlist.cut_list(first, ticks)
    tasks.prepare_pieces(Context(), asset_id=asset.pk, first=first, cuts=list(cuts), marks=[m.row() for m in marks])  # type: ignore[arg-type]
    assert missing_pieces(asset, first, cuts, marks) == []
    return cuts


type Cut = tuple[int, tuple[int, ...]]
"""What an entry plays: a tick of the asset, and the lengths of its segments."""


def played(asset: Asset, kind: str, rung: str, *entries: Cut, marks: tuple[Mark, ...] = ()) -> bytes:
    """What a player gets of entries that follow each other: the init, then every segment at its place."""
    track = Track.objects.get(asset=asset, kind=kind, rung=rung)
    parts, at = [house_store().read(track.init_sha256)], 1000
    for first, cuts in entries:
        for raw, ticks in segments(track, first, cuts, marks):
            parts.append(bytes(boxes.restamp(raw, at, 1, VIDEO_UNITS if kind == "video" else AUDIO_UNITS)))
            at += ticks
    return b"".join(parts)


def segments(track: Track, first: int, cuts: tuple[int, ...], marks: tuple[Mark, ...]) -> Iterator[tuple[bytes, int]]:
    """The segments of an entry with their lengths: the track's own, or the pieces that were made."""
    store, grid, tick = house_store(), dict[int, tuple[int, int, int]](), 0
    for ticks, offset, length in track.segments:
        grid[tick] = (ticks, offset, length)
        tick += ticks
    stored = {at: row[0] for at, row in grid.items()}
    wanted = {one.first: one for one in cutlist.needs(stored, tick, first, cuts, marks)}
    for at, ticks in cutlist.places(first, cuts):
        key = cutlist.key(wanted[at], track.kind, track.rung, track.language) if at in wanted else None
        if key is None:
            yield store.read_range(track.blob_sha256, *grid[at][1:]), ticks
        else:
            piece = Piece.objects.get(
                asset=track.asset, kind=key[0], rung=key[1], language=key[2], first_tick=at, ticks=ticks, form=key[5]
            )
            yield store.read_range(piece.blob_sha256, piece.offset, piece.size), ticks


def frames(data: bytes) -> list[np.ndarray[Any, Any]]:
    with av.open(io.BytesIO(data)) as held:
        return [frame.to_ndarray(format="yuv420p")[: frame.height] for frame in held.decode(video=0)]


def heard(data: bytes) -> np.ndarray[Any, Any]:
    with av.open(io.BytesIO(data)) as held:
        return np.concatenate([frame.to_ndarray() for frame in held.decode(audio=0)], axis=1)[0]


@pytest.mark.django_db(transaction=True)
def test_a_cut_anywhere_shows_every_frame_and_no_other(asset: Asset) -> None:
    for first, ticks in ((7, 24), (6, 24), (1, 10)):
        cuts = prepare(asset, first, ticks)
        for rung in ("v720", "v360"):
            seen = frames(played(asset, "video", rung, (first, cuts)))
            assert len(seen) == ticks * FRAMES_PER_TICK
            numbers = [round(float(frame.mean())) for frame in seen]
            wanted = [16 + (first * FRAMES_PER_TICK + n) % 200 for n in range(len(seen))]
            assert max(abs(a - b) for a, b in zip(numbers, wanted, strict=True)) <= 1, (first, ticks, rung)
        sound = heard(played(asset, "audio", "a", (first, cuts)))
        assert len(sound) == ticks * AUDIO_UNITS
    assert Event.objects.filter(kind="asset.prepared").count() == 3
    before = Piece.objects.count()
    prepare(asset, 7, 24)
    assert Piece.objects.count() == before, "what is there is not made again"
    copied = Piece.objects.filter(first_tick=6, rung="v720").get()
    original = Track.objects.get(asset=asset, rung="v720")
    assert house_store().read(original.blob_sha256).find(house_store().read(copied.blob_sha256)[200:]) > 0, (
        "not encoded"
    )


@pytest.mark.django_db(transaction=True)
def test_the_sound_of_a_cut_fades_in_one_frame_and_is_the_assets_own_within(asset: Asset) -> None:
    first, ticks = 7, 24
    cuts = prepare(asset, first, ticks)
    whole = heard(played(asset, "audio", "a", (0, WHOLE)))
    cut = heard(played(asset, "audio", "a", (first, cuts)))
    own = whole[first * AUDIO_UNITS : (first + ticks) * AUDIO_UNITS]
    assert abs(float(cut[:64].max())) < 0.05 > abs(float(cut[-64:].max())), "it begins and ends in silence"
    inside = slice(3 * 1024, -3 * 1024)
    assert float(np.sqrt(np.mean((cut[inside] - own[inside]) ** 2))) < 0.01
    for place in (AUDIO_UNITS, 5 * AUDIO_UNITS, (ticks - 1) * AUDIO_UNITS):
        assert click(cut, place) < 1.5, "encoded and own frames join without a click"
    joined = heard(played(asset, "audio", "a", (first, cuts), (first, cuts), (0, WHOLE)))
    raw = heard(played(asset, "audio", "a", (0, (12,)), (24, (14,)), (0, WHOLE)))
    joins = [click(joined, n * ticks * AUDIO_UNITS) for n in (1, 2)]
    unprepared = [click(raw, n * AUDIO_UNITS) for n in (12, 26)]
    print(f"joins of prepared sound {joins}, of raw segments {unprepared}")
    assert max(joins) < 2, "what was faded joins without a click"
    torn = cut.copy()
    torn[5 * AUDIO_UNITS :] *= -1
    assert click(torn, 5 * AUDIO_UNITS) > 4, "the measure can tell"


@pytest.mark.django_db(transaction=True)
def test_marks_are_drawn_only_where_they_are(asset: Asset) -> None:
    logo = Mark(Kind.LOGO, 0, TICKS, "Silk Way", accent="#c9922b", size=20, opacity=100)
    age = Mark(Kind.AGE, 13, 16, "12+")
    cuts = prepare(asset, 0, TICKS, age)
    assert {piece.first_tick for piece in Piece.objects.all()} == {12}, "one segment is touched"
    plain = frames(played(asset, "video", "v720", (0, WHOLE)))
    seen = frames(played(asset, "video", "v720", (0, cuts), marks=(age,)))
    corner = (slice(36, 84), slice(64, 140))
    differ = [
        n
        for n, (a, b) in enumerate(zip(plain, seen, strict=True))
        if np.abs(a[corner].astype(int) - b[corner]).max() > 24
    ]
    assert differ
    assert 13 * 8 <= min(differ) < 14 * 8
    assert 15 * 8 < max(differ) < 16 * 8
    cuts = prepare(asset, 0, TICKS, logo)
    seen = frames(played(asset, "video", "v360", (0, cuts), marks=(logo,)))
    assert len(seen) == TICKS * FRAMES_PER_TICK
    corner = (slice(18, 40), slice(480, 608))
    assert all(np.ptp(frame[corner].astype(int)) > 60 for frame in seen), "the logo is in every frame"
    assert Piece.objects.filter(kind="audio").count() == 0, "the sound needs nothing"


@pytest.mark.django_db(transaction=True)
def test_asking_again_is_the_same_work_until_it_is_lost(asset: Asset, system: Any) -> None:
    cuts = cutlist.cut_list(7, 20)
    actions.request_pieces(system, asset, 7, cuts)
    actions.request_pieces(system, asset, 7, cuts)
    job = Job.objects.get(name=actions.PREPARE)
    tasks.prepare_pieces(Context(), **job.args)  # type: ignore[arg-type]
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)
    lost = Piece.objects.filter(kind="video").first()
    assert lost is not None
    assert actions.drop_pieces(system, asset, [lost.blob_sha256], "gone") >= 1
    actions.request_pieces(system, asset, 7, cuts)
    assert Job.objects.filter(name=actions.PREPARE).count() == 2


@pytest.mark.django_db(transaction=True)
def test_pieces_of_assets_put_together_fade_where_one_is_left(asset: Asset, tmp_path: Path) -> None:
    """A programme that is left for a loop, the loop again and again, and left in its middle: no end of it is raw."""
    wanted = [Part(asset.pk, tick, 12) for tick in (0, 12, 0, 12, 0)]
    ends = assembling.faded_ends(wanted, {asset.pk: TICKS})
    assert ends == ["", "out", "", "out", "out"]
    store = house_store()

    def fading(track: Track, piece: Part, form: str) -> bytes:
        return pieces.sound_between(track, piece.tick, piece.end, form, store, tmp_path, lambda: None)

    def raw(track: Track, piece: Part, _form: str) -> bytes:
        _ticks, offset, length = track.segments[piece.tick // 12]
        return store.read_range(track.blob_sha256, offset, length)

    levels, clicks = {}, {}
    for name, way in (("faded", fading), ("raw", raw)):
        folder = tmp_path / name
        folder.mkdir()
        tracks = assembling.assembled(wanted, {asset.pk: asset}, ["kk"], store, folder, way)
        (sound,) = [track for track in tracks if track.kind == "audio"]
        assert [row[0] for row in sound.segments] == [12] * 5
        parts = [store.read(sound.init_sha256)]
        for number, (_ticks, offset, length) in enumerate(sound.segments):
            segment = store.read_range(sound.blob_sha256, offset, length)
            parts.append(bytes(boxes.restamp(segment, 1000 + 12 * number, 1, AUDIO_UNITS)))
        wave = heard(b"".join(parts))
        assert len(wave) == 60 * AUDIO_UNITS, "every sample is there"
        joins = [24 * AUDIO_UNITS, 48 * AUDIO_UNITS]
        clicks[name] = max(click(wave, join) for join in joins)
        levels[name] = max(level(wave[join - 96 : join]) / level(wave[join - 9600 : join - 4800]) for join in joins)
    assert clicks["faded"] < 2, clicks
    assert levels["faded"] < 0.2 < levels["raw"], "it falls to nothing before the join, and raw sound does not"


def level(wave: np.ndarray[Any, Any]) -> float:
    return float(np.sqrt(np.mean(np.square(wave))))
