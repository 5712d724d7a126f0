"""What a television graphics sequence is made of: what is on screen, where, and when. No drawing and no ffmpeg.

Units: a tick is 320 ms = 8 frames at 25 frames/s. Times inside a shot are frames from the shot's first frame.
Places are pixels in the house raster, 1280 x 720, from the top left corner, whatever the direction of the script.

How a package is made from a brief (``keshen.media.graphics`` exports all of it)::

    timings = Timings.of_speech(paragraph_seconds, lead_in=2.0)      # or Timings.silent(paragraphs, language)
    shots = storyboard(brief, timings, pictures={urn: image_bytes}, problems=problems)
    graph = filtergraph(shots, folder, first_input=0)                # writes PNG files into folder
    ffmpeg = ["ffmpeg", *graph.inputs, ..., "-filter_complex", graph.filter_complex + ";[picture]split...", ...]
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

WIDTH, HEIGHT = 1280, 720
FRAME_RATE = 25
TICK_FRAMES = 8
TICK_SECONDS = TICK_FRAMES / FRAME_RATE
SAFE_X, SAFE_Y = WIDTH // 20, HEIGHT // 20


class GraphicsProblem(Exception):
    """Something kept a graphic from being drawn as wanted; the message is for the person who looks at the job."""


class FontMissing(GraphicsProblem):
    """No installed font package has the letters of this script."""


class PictureUnreadable(GraphicsProblem):
    """A picture cannot be decoded; the sequence goes on without it."""


class Motion(StrEnum):
    """How a layer comes and goes. All are eased and take MOTION_FRAMES at each end."""

    CUT = "cut"
    FADE = "fade"
    RISE = "rise"
    SLIDE = "slide"


MOTION_FRAMES = 14


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG or JPEG image in memory, with its size in pixels."""

    data: bytes = field(repr=False)
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Background:
    """What fills the frame: a picture at least as large as the raster.

    It is panned by whole pixels a frame (a slow crop by fractions trembles), or, when it has exactly the size of the
    raster, zoomed about `focus` from `zoom_from` to `zoom_to`, which is drawn between the pixels.
    """

    picture: Picture
    start_x: int = 0
    start_y: int = 0
    step_x: int = 0
    step_y: int = 0
    zoom_from: float = 1.0
    zoom_to: float = 1.0
    focus: tuple[float, float] = (0.5, 0.5)

    def __post_init__(self) -> None:
        if self.picture.width < WIDTH or self.picture.height < HEIGHT:
            raise ValueError(f"a background of {self.picture.width} x {self.picture.height} does not fill the raster")
        if self.zooms and (self.picture.width, self.picture.height) != (WIDTH, HEIGHT):
            raise ValueError("only a picture of the size of the raster can be zoomed")
        if min(self.zoom_from, self.zoom_to) < 1.0:
            raise ValueError("a zoom below 1 would show the edge of the picture")

    @property
    def zooms(self) -> bool:
        return (self.zoom_from, self.zoom_to) != (1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Layer:
    """A picture with transparency laid over the background from frame `enter` to frame `leave` (exclusive)."""

    picture: Picture
    x: int
    y: int
    enter: int
    leave: int
    motion: Motion = Motion.FADE
    travel: int = 0
    """Pixels of a RISE (upwards) or a SLIDE (signed, along x) while entering."""
    drift: int = 0
    """Pixels a frame along x for as long as it is on screen: near hills before far ones."""
    name: str = ""
    """What it is, for tests and logs: "lower-third", "card", "bug", "title"."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One background with what lies over it, for a whole number of ticks."""

    name: str
    ticks: int
    background: Background
    layers: tuple[Layer, ...] = ()

    def __post_init__(self) -> None:
        if self.ticks < 1:
            raise ValueError(f"shot {self.name} has no length")

    @property
    def frames(self) -> int:
        return self.ticks * TICK_FRAMES


def ticks_of(seconds: float) -> int:
    """Whole ticks that hold this many seconds (rounded up)."""
    return max(1, math.ceil(round(seconds / TICK_SECONDS, 6)))


@dataclass(frozen=True, slots=True)
class Timings:
    """When each paragraph is spoken, in seconds from the first frame, and the whole length in ticks."""

    paragraphs: tuple[tuple[float, float], ...]
    ticks: int

    def __post_init__(self) -> None:
        end = 0.0
        for start, stop in self.paragraphs:
            if start < end - 1e-6 or stop < start:
                raise ValueError("paragraphs overlap or run backwards")
            end = stop
        if end > self.ticks * TICK_SECONDS + 1e-6:
            raise ValueError("the last paragraph ends after the sequence")

    @classmethod
    def of_speech(
        cls, seconds: Sequence[float], *, lead_in: float = 2.0, pause: float = 0.4, tail: float = 3.0
    ) -> Timings:
        """Timings of spoken paragraphs laid one after another, `lead_in` before the first and `tail` after the last."""
        spans: list[tuple[float, float]] = []
        at = lead_in
        for length in seconds:
            spans.append((at, at + length))
            at += length + pause
        end = spans[-1][1] if spans else lead_in
        return cls(tuple(spans), ticks_of(end + tail))

    @classmethod
    def silent(cls, paragraphs: Iterable[str], *, characters_a_second: float = 14.0) -> Timings:
        """Timings for reading where no voice exists: subtitle practice, 14 characters a second, at least 3 s each."""
        return cls.of_speech([max(3.0, len(text) / characters_a_second) for text in paragraphs])


class TelevisionBrief(Protocol):
    """What the storyboard needs to know of a brief; `keshen.media.brief.Brief` has all of it."""

    @property
    def language(self) -> str: ...
    @property
    def headline(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def paragraphs(self) -> Sequence[str]: ...
    @property
    def cards(self) -> Sequence[str]: ...
    @property
    def pictures(self) -> Sequence[str]: ...
    @property
    def accent(self) -> str: ...
    @property
    def service(self) -> str: ...


PictureBytes = Mapping[str, bytes]
"""Picture files (PNG or JPEG) by the address a brief calls them."""


@dataclass(frozen=True, slots=True)
class Graph:
    """ffmpeg arguments for a sequence: input options, and a filter graph that ends in the pad [picture].

    [picture] is 1280 x 720, 25 frames/s, yuv420p, BT.709 limited range, square pixels, exactly `frames` frames.
    """

    inputs: tuple[str, ...]
    input_count: int
    filter_complex: str
    frames: int
