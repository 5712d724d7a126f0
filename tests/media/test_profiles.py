"""House profiles: the arithmetic of every frame rate, and an asset rendered in each."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest

from keshen.air.serving import load
from keshen.media import boxes, encode, profiles, splitting
from keshen.media import houseformat as hf
from keshen.media.confined import Limits
from keshen.media.houseformat import Rung
from keshen.media.profiles import PROFILES, Profile

each = pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda one: one.name)
LAVFI = ("-f", "lavfi", "-t", "4", "-i")
PICTURES = ("testsrc2=s=320x180:r=25", "mandelbrot=s=320x180:r=30")


@each
def test_a_tick_is_whole_in_every_clock(profile: Profile) -> None:
    length = Fraction(hf.TICK_MS, 1000)
    assert (length * hf.SAMPLE_RATE / hf.AAC_FRAME_SAMPLES).denominator == 1, "whole AAC frames"
    assert (length * profile.frame_rate).denominator == 1 or profile.name in ("720-30", "720-2997")
    for rung in profile.rungs:
        assert rung.frame_rate == profile.frame_rate
        assert rung.units * 1000 == hf.TICK_MS * rung.timescale, "a tick is whole units"
        assert (rung.timescale / Fraction(rung.frame_rate)).denominator == 1, "and so is a frame"
        assert profiles.units("video", rung.name) == rung.units
        assert rung.codec == "avc" or splitting.is_whole(rung.frame_rate), "only AVC is encoded with split pictures"
    assert profiles.units("audio", profile.rungs[0].name) == hf.AUDIO_UNITS


def test_frames_are_counted_only_where_a_tick_is_whole() -> None:
    assert [profiles.frames(3, rate) for rate in (25, 50)] == [24, 48]
    for rate in (30, profiles.NTSC):
        with pytest.raises(ValueError, match="not whole frames"):
            profiles.frames(5, rate)


def test_a_rungs_name_always_means_the_same() -> None:
    found: dict[str, Rung] = {}
    for profile in PROFILES.values():
        for rung in profile.rungs:
            assert found.setdefault(rung.name, rung) == rung
            assert len(rung.name) <= 8, "as long as the database keeps"
    assert list(hf.RUNGS.values()) == list(profiles.DEFAULT.rungs)


def render(profile: Profile, ticks: int, picture: str, crf: float, folder: Path) -> list[encode.Made]:
    plan = encode.Plan(
        inputs=(*LAVFI, picture, *LAVFI, "sine=440:r=48000"), ticks=ticks, picture="0:v",
        sounds=(encode.Sound("1:a", "kk"),), rungs=profile.rungs, crf=crf,
    )  # fmt: skip
    folder.mkdir()
    return encode.encode(plan, folder, limits=Limits(wall=300))


def wanted(rung: Rung, lengths: tuple[int, ...]) -> list[int]:
    """When the pictures of assets of some lengths are shown, one asset after another."""
    if splitting.is_whole(rung.frame_rate):
        return [
            n * rung.timescale // int(rung.frame_rate) for n in range(profiles.frames(sum(lengths), rung.frame_rate))
        ]
    found, begin = [], 0
    for ticks in lengths:
        found += [begin + one.start for one in splitting.samples(0, ticks, rung.frame_rate)]
        begin += ticks * rung.units
    return found


@each
def test_assets_in_each_profile_join_without_a_seam(profile: Profile, tmp_path: Path) -> None:
    if profile is profiles.DEFAULT:
        return  # tests/media/test_encode.py
    lengths = (14, 3)
    made = [
        render(profile, ticks, picture, crf, tmp_path / str(ticks))
        for ticks, picture, crf in zip(lengths, PICTURES, (30, 36), strict=True)
    ]
    for tracks in zip(*made, strict=True):
        first = tracks[0]
        assert len({one.index.init for one in tracks}) == 1, f"{first.rung}: one init segment, whatever the asset"
        assert [[s.ticks for s in one.index.segments] for one in tracks] == [hf.cut(ticks) for ticks in lengths]
        path = tmp_path / f"{first.rung}.mp4"
        path.write_bytes(
            encode.concatenation([(one.path.read_bytes(), one.index) for one in tracks], 5_000_000_000, first.units)
        )
        with av.open(str(path)) as container:
            decoded = list(container.decode(container.streams[0]))
            base = container.streams[0].time_base
        if first.kind == "audio":
            assert sum(frame.samples for frame in decoded) == sum(lengths) * hf.AUDIO_UNITS
            continue
        rung = profiles.BY_RUNG[first.rung]
        starts = [frame.pts - decoded[0].pts for frame in decoded]
        assert starts == wanted(rung, lengths), "every picture in its time, so it ends with the sound"
        assert decoded[0].pts * base == Fraction(5_000_000_000 * hf.TICK_MS, 1000)
        assert (decoded[0].width, decoded[0].height) == (rung.width, rung.height)
        assert boxes.codecs(first.index.init) == load.codecs(rung), "what playlists say before there is an asset"
