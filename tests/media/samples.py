"""Small assets in the house format, encoded once for all tests of media."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from keshen.media import encode
from keshen.media.boxes import Index
from keshen.media.confined import Limits


@dataclass(frozen=True)
class Sample:
    ticks: int
    tracks: dict[str, tuple[bytes, Index]]
    made: list[encode.Made]


SOURCES = (
    (31, "testsrc2=s=1280x720:r=25", "sine=440:r=48000", "superfast", 20.0),
    (14, "mandelbrot=s=640x480:r=30", "anoisesrc=r=44100:a=0.1:seed=7", "veryfast", 28.0),
    (3, "color=red:s=720x576:r=25", "sine=880:r=22050", "faster", 23.0),
    (25, "smptehdbars=s=1920x1080:r=50", "sine=440:r=48000", "superfast", 30.0),
)


def make(folder: Path, ticks: int, picture: str, sound: str, preset: encode.Preset, crf: float) -> Sample:
    folder.mkdir(parents=True)
    lavfi = ("-f", "lavfi", "-t", "12", "-i")
    plan = encode.Plan(
        inputs=(*lavfi, picture, *lavfi, sound),
        ticks=ticks,
        picture="0:v",
        sounds=(encode.Sound("1:a", "kk", filters="volume=-6dB"),),
        preset=preset,
        crf=crf,
    )
    made = encode.encode(plan, folder, limits=Limits(wall=1800))
    return Sample(ticks, {track.rung: (track.path.read_bytes(), track.index) for track in made}, made)
