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
from keshen.media import houseformat
from keshen.media.cadence import PLAIN, cadence
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
    assert cadence(FILM, 30) == PLAIN


@given(st.fractions(1, 240))
def test_sound_runs_as_fast_as_the_picture(rate: Fraction) -> None:
    found = cadence(rate, 25)
    assert found.speed >= 1
    assert (found.speed == 1) == (found.sound == "")


def looked_at(asset: Asset) -> tuple[list[float], np.ndarray]:
    """How bright each picture is, and the sound's samples."""
    store = house_store()
    tracks = {track.rung: track for track in asset.tracks.all()}

    def decoded(rung: str) -> io.BytesIO:
        return io.BytesIO(store.read(tracks[rung].init_sha256) + store.read(tracks[rung].blob_sha256))

    with av.open(decoded("v360")) as container:
        bright = [float(frame.to_ndarray(format="gray").mean()) for frame in container.decode(video=0)]
    with av.open(decoded("a")) as container:
        sound = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    return bright, sound


@pytest.mark.parametrize(("rate", "count"), [(FILM, 120), (NTSC, 150), (DOUBLE, 300)])
def test_pictures_are_counted_and_sound_stays_with_them(
    system: User, tmp_path: Path, rate: Fraction, count: int
) -> None:
    """From frame four fifths on the picture is white and there is a tone: both begin together, at any rate."""
    turn = count * 4 // 5
    silent = f"volume=volume=0:enable='lt(t,{float(turn / rate)})'"
    path = film(
        tmp_path / "flash.mkv",
        "-f", "lavfi", "-i", f"color=black:s=640x360:r={rate},trim=end_frame={turn}[a];"
        f"color=white:s=640x360:r={rate},trim=end_frame={count - turn}[b];[a][b]concat",
        "-f", "lavfi", "-i", f"sine=440:r=48000:d={float(count / rate)},{silent}",
        "-c:v", "ffv1", "-c:a", "pcm_s16le",
    )  # fmt: skip
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
