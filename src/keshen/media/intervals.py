"""Where an asset is silent, black or still, which a monitor wall would alarm about, and where its scenes change: all of
it measured once, when it comes in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from keshen.media import ffmpeg, houseformat
from keshen.media.confined import Limits

LEAST_SECONDS: Final = {"silence": 5.0, "black": 2.0, "freeze": 10.0}
"""How long each must last to be kept."""

SCENE_SCORE: Final = 12
"""From which difference between two pictures on, of 100, a scene has changed: a cut has 20 and more, a pan 2 to 6."""

PICTURE_FILTERS: Final = (
    f"scale=160:90:flags=fast_bilinear,fps={houseformat.FRAME_RATE},setpts=N/{houseformat.FRAME_RATE}/TB,"
    f"scdet=threshold={SCENE_SCORE},fps=5,blackdetect=d={LEAST_SECONDS['black']}:pix_th=0.10,"
    f"freezedetect=n=0.002:d={LEAST_SECONDS['freeze']}"
)
_BOUNDS: Final = {
    "silence": re.compile(r"silence_(start|end): (-?[\d.]+)"),
    "black": re.compile(r"black_(start|end):\s*(-?[\d.]+)"),
    "freeze": re.compile(r"freeze_(start|end): (-?[\d.]+)"),
}

_SCENE: Final = re.compile(r"lavfi\.scd\.score:\s*[\d.]+, lavfi\.scd\.time:\s*([\d.]+)")

type Intervals = list[list[int]]


def read(log: str, kind: str, length: float) -> Intervals:
    """The intervals of one kind in what ffmpeg's detectors wrote, in ticks; what has no end lasts to `length`."""
    found: Intervals = []
    start: float | None = None
    for which, at in [*_BOUNDS[kind].findall(log), ("end", str(length))]:
        if which == "start":
            start = max(0.0, float(at))
        elif start is not None:
            if float(at) - start >= LEAST_SECONDS[kind]:
                found.append([_tick(start), max(_tick(start), _tick(float(at)))])
            start = None
    return found


def _tick(seconds: float) -> int:
    return round(seconds * 1000 / houseformat.TICK_MS)


def scenes(log: str) -> list[int]:
    """The first frame of every scene but the first, counted at the house's rate, in what ffmpeg's detector wrote."""
    return sorted({round(float(at) * houseformat.FRAME_RATE) for at in _SCENE.findall(log)})


def watch(inputs: Sequence[str], length: float, before: str = "") -> dict[str, Intervals | list[int]]:
    """The black and the still intervals of the picture ffmpeg reads with these input options, in ticks, and its scenes
    in frames. `before` are filters that bring it to the house's time. Raises FfmpegFailed."""
    filters = f"{before},{PICTURE_FILTERS}" if before else PICTURE_FILTERS
    log = ffmpeg.measure([*inputs, "-an", "-sn", "-dn", "-vf", filters], limits=Limits(wall=120 + length))
    return {**{kind: read(log, kind, length) for kind in ("black", "freeze")}, "scenes": scenes(log)}
