import re
import subprocess
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from keshen.media import boxes, encode, ffmpeg
from keshen.media import houseformat as hf
from keshen.media.confined import Limits
from tests.media.samples import Sample

START = hf.tick_at(hf.EPOCH.replace(year=2030))


def stream(samples: list[Sample], rung: str, start: int = START) -> bytes:
    units = hf.AUDIO_UNITS if rung == "a" else hf.VIDEO_UNITS
    return encode.concatenation([sample.tracks[rung] for sample in samples], start, units)


@pytest.mark.parametrize("rung", ["v720", "v360", "a"])
def test_init_segments_of_a_rung_are_the_same_bytes(samples: list[Sample], rung: str) -> None:
    assert len({sample.tracks[rung][1].init for sample in samples}) == 1


def test_tracks_have_their_ticks_and_the_cut_list(samples: list[Sample]) -> None:
    for sample in samples:
        for _, index in sample.tracks.values():
            assert [segment.ticks for segment in index.segments] == hf.cut(sample.ticks)


@pytest.mark.parametrize(("rung", "width"), [("v720", 1280), ("v360", 640)])
def test_a_run_of_assets_is_one_picture_without_a_gap(
    samples: list[Sample], rung: str, width: int, tmp_path: Path
) -> None:
    path = tmp_path / "run.mp4"
    path.write_bytes(stream(samples, rung))
    frames = sum(sample.ticks for sample in samples) * hf.FRAMES_PER_TICK
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        assert (video.width, video.time_base.denominator) == (width, hf.VIDEO_TIMESCALE)
        stamps = [frame.pts for frame in container.decode(video)]
    assert len(stamps) == frames
    assert stamps[0] == START * hf.VIDEO_UNITS
    assert set(np.diff(stamps)) == {hf.VIDEO_TIMESCALE // hf.FRAME_RATE}

    done = subprocess.run(
        [ffmpeg.binary(), "-v", "error", "-xerror", "-i", str(path), "-f", "framemd5", "-"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert sum(not line.startswith("#") for line in done.stdout.splitlines()) == frames
    assert done.stderr == ""


def decoded(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])


def test_a_run_of_assets_is_one_sound_to_the_sample(samples: list[Sample], tmp_path: Path) -> None:
    path = tmp_path / "run.mp4"
    path.write_bytes(stream(samples, "a"))
    with av.open(str(path)) as container:
        stamps = [(frame.pts, frame.samples) for frame in container.decode(audio=0)]
    assert stamps[0][0] == START * hf.AUDIO_UNITS
    assert all(after == before + count for (before, count), (after, _) in pairwise(stamps))
    assert sum(count for _, count in stamps) == sum(sample.ticks for sample in samples) * hf.AUDIO_UNITS


def unfaded(folder: Path, start: float) -> tuple[bytes, boxes.Index]:
    """A sound track as the house makes it, but for the faded frames."""
    plan = encode.Plan(
        inputs=("-f", "lavfi", "-i", f"sine=440:r=48000:d=20,atrim=start={start}"),
        ticks=12, sounds=(encode.Sound("0:a", "kk"),),
    )  # fmt: skip
    folder.mkdir()
    command, files = encode.arguments(plan, folder)
    command = [re.sub(r",afade=[^,\[]*", "", argument) for argument in command]
    ffmpeg.encode(command, limits=Limits(wall=1800))
    data = files[0][3].read_bytes()
    return data, boxes.index(data, hf.AUDIO_UNITS)


def click(sound: np.ndarray, join: int) -> float:
    """The strongest jump near a join, over what the tone itself does: its third difference falls steeply with pitch."""
    jumps = np.abs(np.diff(sound, 3))
    return float(jumps[join - 1200 : join + 1200].max() / jumps[join + 4000 : join + 8000].max())


def test_the_faded_frames_keep_a_join_from_clicking(tmp_path: Path) -> None:
    raw = [unfaded(tmp_path / "a", 0.0), unfaded(tmp_path / "b", 0.0011)]
    faded = []
    for name, start in (("c", 0.0), ("d", 0.0011)):
        plan = encode.Plan(
            inputs=("-f", "lavfi", "-i", f"sine=440:r=48000:d=20,atrim=start={start}"),
            ticks=12, sounds=(encode.Sound("0:a", "kk"),),
        )  # fmt: skip
        (tmp_path / name).mkdir()
        made = encode.encode(plan, tmp_path / name, limits=Limits(wall=1800))[0]
        faded.append((made.path.read_bytes(), made.index))
    measured = {}
    for name, tracks in (("raw", raw), ("faded", faded)):
        path = tmp_path / f"{name}.mp4"
        path.write_bytes(encode.concatenation(tracks, START, hf.AUDIO_UNITS))
        measured[name] = decoded(path)
    join = 12 * hf.AUDIO_UNITS
    assert click(measured["raw"], join) > 10
    assert click(measured["faded"], join) < 3
    # Only the frames at the join are quieter: the ones beside them have their full level.
    frame = hf.AAC_FRAME_SAMPLES
    full = np.sqrt(np.mean(measured["faded"][join // 2 :][: frame * 4] ** 2))
    for start in (join - 3 * frame, join + 2 * frame):
        level = np.sqrt(np.mean(measured["faded"][start : start + frame] ** 2))
        assert abs(20 * np.log10(level / full)) < 0.5


def test_a_failed_encode_says_what_ffmpeg_said(tmp_path: Path) -> None:
    plan = encode.Plan(inputs=("-i", str(tmp_path / "nothing.wav")), ticks=12, sounds=(encode.Sound("0:a", "kk"),))
    with pytest.raises(ffmpeg.FfmpegFailed, match="No such file") as caught:
        encode.encode(plan, tmp_path, limits=Limits(wall=1800))
    assert any("nothing.wav" in line for line in caught.value.tail)


def test_an_encode_is_stopped_by_its_check_and_its_clock(tmp_path: Path) -> None:
    plan = encode.Plan(
        inputs=("-re", "-f", "lavfi", "-i", "sine=440:r=48000"), ticks=200, sounds=(encode.Sound("0:a", "kk"),)
    )

    class Stop(Exception):
        pass

    heard: list[float] = []

    def check() -> None:
        if heard and heard[-1] > 0:
            raise Stop

    with pytest.raises(Stop):
        encode.encode(plan, tmp_path, limits=Limits(wall=1800), on_seconds=heard.append, check=check)
    with pytest.raises(ffmpeg.FfmpegFailed, match="longer than 1 s"):
        encode.encode(plan, tmp_path, limits=Limits(wall=1))


def test_ffmpeg_has_no_network(tmp_path: Path) -> None:
    with pytest.raises(ffmpeg.FfmpegFailed, match=r"unreachable|not permitted|whitelist|refused|Protocol"):
        ffmpeg.encode(
            ["-protocol_whitelist", ffmpeg.PROTOCOLS, "-i", "http://192.0.2.1/x.mp4", str(tmp_path / "x.mp4")],
            limits=Limits(wall=1800),
        )
