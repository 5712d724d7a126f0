"""House profiles: the arithmetic of every frame rate, and an asset rendered in each."""

from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshen.air import load
from keshen.media import boxes, encode, profiles
from keshen.media import houseformat as hf
from keshen.media.confined import Limits
from keshen.media.houseformat import Rung
from keshen.media.profiles import PROFILES, Profile

each = pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda one: one.name)
LAVFI = ("-f", "lavfi", "-t", "4", "-i")
PICTURES = ("testsrc2=s=320x180:r=25", "mandelbrot=s=320x180:r=30")


@each
def test_a_grain_is_whole_in_every_clock(profile: Profile) -> None:
    length = Fraction(profile.grain * hf.TICK_MS, 1000)
    assert (length * profile.frame_rate).denominator == 1, "whole frames"
    assert (length * hf.SAMPLE_RATE / hf.AAC_FRAME_SAMPLES).denominator == 1, "whole AAC frames"
    assert (length * 90_000).denominator == 1
    assert profile.frames_per_grain == length * profile.frame_rate
    assert all((Fraction(n * hf.TICK_MS, 1000) * profile.frame_rate).denominator > 1 for n in range(1, profile.grain))
    for rung in profile.rungs:
        assert rung.units * 1000 == hf.TICK_MS * rung.timescale, "a tick is whole units"
        assert rung.timescale % rung.frame_rate == 0, "and so is a frame"
        assert rung.frame_rate == profile.frame_rate
    assert profile.segment_ticks % profile.gop_ticks == 0 and profile.gop_ticks % profile.grain == 0
    assert 3 <= hf.seconds(profile.segment_ticks) <= 4


@each
@given(asked=st.integers(1, 50_000))
def test_every_cut_list_has_whole_pictures_and_the_target_duration(profile: Profile, asked: int) -> None:
    ticks = profile.whole(asked)
    assert 0 <= ticks - max(asked, profile.min_ticks) < profile.grain
    cuts = profile.cut(ticks)
    assert sum(cuts) == ticks
    assert sum(profile.frames(length) for length in cuts) == profile.frames(ticks)
    assert all(round(hf.seconds(length)) <= hf.TARGET_DURATION and length >= hf.MIN_ENTRY_TICKS for length in cuts)
    if ticks % profile.grain or profile.grain > 1:
        with pytest.raises(ValueError, match="whole frames"):
            profile.cut(ticks + 1)


def test_at_29_97_no_tick_is_whole_frames_for_five_minutes() -> None:
    assert profiles.grain(profiles.NTSC) == 1001
    assert profiles.NTSC * profiles.PULLED_UP == 30
    meets = next(n for n in range(1, 2000) if (n * Fraction(1024, 48_000) * profiles.NTSC).denominator == 1)
    assert meets == 1001, "sound and picture meet every 21.4 s"


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
        sounds=(encode.Sound("1:a", "kk"),), rungs=profile.rungs, audio=profile.audio, crf=crf,
    )  # fmt: skip
    folder.mkdir()
    return encode.encode(plan, folder, limits=Limits(wall=300))


@each
def test_assets_in_each_profile_join_without_a_seam(profile: Profile, tmp_path: Path) -> None:
    if profile is profiles.DEFAULT:
        return  # tests/media/test_encode.py
    lengths = (profile.whole(12), profile.whole(3))
    made = [
        render(profile, ticks, picture, crf, tmp_path / str(ticks))
        for ticks, picture, crf in zip(lengths, PICTURES, (30, 36), strict=True)
    ]
    for tracks in zip(*made, strict=True):
        first = tracks[0]
        assert len({one.index.init for one in tracks}) == 1, f"{first.rung}: one init segment, whatever the asset"
        assert [[s.ticks for s in one.index.segments] for one in tracks] == [profile.cut(ticks) for ticks in lengths]
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
        assert len(decoded) == profile.frames(sum(lengths)), "every picture, so it ends with the sound"
        assert decoded[0].pts * base == Fraction(5_000_000_000 * hf.TICK_MS, 1000)
        steps = {after.pts - before.pts for before, after in itertools.pairwise(decoded)}
        assert steps == {rung.timescale // rung.frame_rate}
        assert (decoded[0].width, decoded[0].height) == (rung.width, rung.height)
        assert boxes.codecs(first.index.init) == load.codecs(rung), "what playlists say before there is an asset"


def test_ticks_of_no_whole_frames_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="multiple of 5"):
        render(PROFILES["30"], 12, PICTURES[0], 30, tmp_path / "30")
