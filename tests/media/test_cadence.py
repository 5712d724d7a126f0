"""Foreign frame rates: every frame is counted, and sound stays with the picture."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshen.house.models import User
from keshen.media import houseformat, normalise, profiles, splitting
from keshen.media.cadence import PLAIN, Cadence, blended, cadence
from keshen.media.houseformat import RUNGS
from keshen.media.models import Asset
from keshen.media.store import house_store
from tests.media.test_normalise import film, run

FILM, NTSC, DOUBLE = Fraction(24_000, 1001), Fraction(30_000, 1001), Fraction(60_000, 1001)


def test_each_rate_has_its_way() -> None:
    assert cadence(FILM, 25).speed == Fraction(1001, 960)
    assert cadence(Fraction(24), 50).speed == Fraction(25, 24)
    assert cadence(Fraction(2997, 100), 25).picture.startswith("framerate=fps=25")
    assert cadence(Fraction(30), 50).picture.startswith("framerate=fps=50")
    assert all(cadence(rate, 25) == PLAIN for rate in (None, Fraction(25), Fraction(50), DOUBLE, Fraction(60)))
    for rate in (30, NTSC):
        assert cadence(FILM, 25, rate) == Cadence(shown_at=FILM), (
            "all renditions have one length, so film keeps its own"
        )
        assert cadence(NTSC, 25, 50, rate).picture == "", "and each is blended by itself"


def test_each_rendition_is_blended_from_what_is_not_of_its_kind() -> None:
    for rate in (Fraction(25), Fraction(50)):
        assert all(blended(rate, to) == f"framerate=fps={to}:interp_start=0:interp_end=255" for to in (30, NTSC))
        assert all(blended(rate, to) == "" for to in (25, 50))
    for rate in (Fraction(30), Fraction(2997, 100)):
        assert all(blended(rate, to) == "" for to in (30, NTSC))
        assert blended(rate, 25).startswith("framerate=fps=25:")
    assert all(blended(rate, to) == "" for rate in (None, FILM, DOUBLE) for to in (25, 30, NTSC))


@given(st.fractions(1, 240))
def test_sound_runs_as_fast_as_the_picture(rate: Fraction) -> None:
    found = cadence(rate, 25)
    assert found.speed >= 1
    assert (found.speed == 1) == (found.sound == "")


def looked_at(asset: Asset, rung: str = "v360") -> tuple[list[float], np.ndarray]:
    """How bright each picture is, and the sound's samples."""
    store = house_store()
    tracks = {track.rung: track for track in asset.tracks.all()}

    def decoded(name: str) -> io.BytesIO:
        return io.BytesIO(store.read(tracks[name].init_sha256) + store.read(tracks[name].blob_sha256))

    with av.open(decoded(rung)) as container:
        bright = [float(frame.to_ndarray(format="gray").mean()) for frame in container.decode(video=0)]
    with av.open(decoded("a")) as container:
        sound = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    return bright, sound


def flash(path: Path, rate: Fraction, count: int, turn: int) -> Path:
    """Black and silent until a picture; then white, with a tone."""
    silent = f"volume=volume=0:enable='lt(t,{float(turn / rate)})'"
    return film(
        path,
        "-f", "lavfi", "-i", f"color=black:s=640x360:r={rate},trim=end_frame={turn}[a];"
        f"color=white:s=640x360:r={rate},trim=end_frame={count - turn}[b];[a][b]concat",
        "-f", "lavfi", "-i", f"sine=440:r=48000:d={float(count / rate)},{silent}",
        "-c:v", "ffv1", "-c:a", "pcm_s16le",
    )  # fmt: skip


@pytest.mark.parametrize(("rate", "count"), [(FILM, 120), (NTSC, 150), (DOUBLE, 300)])
def test_pictures_are_counted_and_sound_stays_with_them(
    system: User, tmp_path: Path, rate: Fraction, count: int
) -> None:
    """From frame four fifths on the picture is white and there is a tone: both begin together, at any rate."""
    turn = count * 4 // 5
    path = flash(tmp_path / "flash.mkv", rate, count, turn)
    asset, job = run(system, path)
    assert asset.state == Asset.State.READY, (job.reason, job.tail)
    bright, sound = looked_at(asset)
    lasting = float(count / rate / cadence(rate, 25).speed)
    assert asset.duration_ticks == houseformat.ticks_for(lasting)
    assert len(bright) == asset.duration_ticks * houseformat.FRAMES_PER_TICK
    white = next(n for n, level in enumerate(bright) if level > 120)
    assert abs(white / 25 - lasting * 0.8) <= 0.041
    if rate == FILM:
        assert white == turn, "frame for frame"
        assert asset.measured["speed"] == pytest.approx(1.042708, abs=1e-5)
    loud = int(np.argmax(np.abs(sound) > 0.02)) / houseformat.SAMPLE_RATE
    assert abs(loud - white / 25) < 0.06, "sound and picture turn together, at the end as well"
    assert asset.measured["scenes"] == [white] or abs(asset.measured["scenes"][0] - white) <= 1


@pytest.mark.parametrize(("rate", "count"), [(NTSC, 90), (Fraction(25), 75)])
def test_a_house_with_both_kinds_of_rate_keeps_sound_with_both_pictures(
    system: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rate: Fraction, count: int
) -> None:
    rungs = (RUNGS["v360"], profiles.BY_RUNG["v360n30"])
    monkeypatch.setattr(normalise, "rungs_in_use", lambda: rungs)
    turn = count * 2 // 3
    asset, job = run(system, flash(tmp_path / "flash.mkv", rate, count, turn))
    assert asset.state == Asset.State.READY, (job.reason, job.tail)
    ticks = asset.duration_ticks or 0
    assert ticks == houseformat.ticks_for(float(count / rate))
    assert "speed" not in asset.measured
    bright, sound = looked_at(asset)
    assert len(bright) == ticks * houseformat.FRAMES_PER_TICK
    foreign, _ = looked_at(asset, "v360n30")
    samples = splitting.samples(0, ticks, NTSC)
    assert len(foreign) == len(samples)
    white = next(n for n, level in enumerate(foreign) if level > 120)
    if rate == NTSC:
        assert samples[white].frame == turn, "frame for frame"
    seen = next(n for n, level in enumerate(bright) if level > 120) / 25, samples[white].start / splitting.TIMESCALE
    assert all(abs(at - float(turn / rate)) <= 0.041 for at in seen), seen
    loud = int(np.argmax(np.abs(sound) > 0.02)) / houseformat.SAMPLE_RATE
    assert abs(loud - float(turn / rate)) < 0.03
