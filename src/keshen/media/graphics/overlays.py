"""Marks as they are drawn over a picture, and the filter graph that lays them there, to the frame."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from PIL import Image, UnidentifiedImageError

from keshen.media.graphics.canvas import draw, svg, text
from keshen.media.graphics.cards import CAPTION_TOP, Placed, lower_third
from keshen.media.graphics.filtergraph import still_file
from keshen.media.graphics.ornament import horn
from keshen.media.graphics.palette import INK, on_dark
from keshen.media.graphics.shots import (
    HEIGHT,
    SAFE_X,
    SAFE_Y,
    WIDTH,
    Graph,
    Picture,
    PictureUnreadable,
)
from keshen.media.graphics.typeset import fit, is_rtl, width
from keshen.media.houseformat import TICK_MS, Rate
from keshen.media.marks import Corner, Kind, Mark, Shown
from keshen.media.splitting import is_whole

TAG_HEIGHT: Final = 48
_BT709: Final = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"

type Blobs = Callable[[str], bytes]
"""Picture files by their SHA-256."""


def _even(number: float) -> int:
    return int(number) // 2 * 2


def _in_corner(picture: Picture, corner: Corner) -> Placed:
    left = corner in (Corner.TOP_LEFT, Corner.BOTTOM_LEFT)
    top = corner in (Corner.TOP_LEFT, Corner.TOP_RIGHT)
    x = SAFE_X if left else _even(WIDTH - SAFE_X - picture.width)
    y = SAFE_Y if top else _even(CAPTION_TOP - picture.height)
    return Placed(picture, x, y, (x, y, picture.width, picture.height))


def logo(mark: Mark, blobs: Blobs) -> Placed:
    """The service's logo: the picture it has, else its name beside the ornament. Raises PictureUnreadable."""
    wide = _even(WIDTH * mark.size / 100)
    if mark.picture:
        return _in_corner(_scaled(blobs(mark.picture), wide, mark.opacity), mark.corner)
    # drawn at a comfortable size, then scaled as a whole to the width that is wanted
    size, tall = 40, 64
    rtl = is_rtl(mark.text)
    span = width(mark.text, size, 700) + 96
    parts = [
        f'<rect width="{span:.1f}" height="{tall}" rx="8" fill="{INK}" fill-opacity="0.4"/>',
        horn(span - 34 if rtl else 34, tall / 2, 46, stroke=on_dark(mark.accent), weight=9),
        text(mark.text, span - 76 if rtl else 76, 46, size, fill="#ffffff", weight=700, rtl=rtl),
    ]
    scale = wide / span
    high = max(2, _even(tall * scale))
    body = f'<g transform="scale({scale:.5f})" opacity="{mark.opacity / 100}">{"".join(parts)}</g>'
    return _in_corner(draw(svg(body, wide, high), wide, high), mark.corner)


def _scaled(data: bytes, wide: int, opacity: int) -> Picture:
    try:
        with Image.open(io.BytesIO(data)) as opened:
            high = max(2, min(_even(opened.height * wide / opened.width), _even(HEIGHT * 0.4)))
            made = opened.convert("RGBA").resize((wide, high), Image.Resampling.LANCZOS)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PictureUnreadable(f"the logo cannot be decoded: {error}") from error
    made.putalpha(made.getchannel("A").point(lambda value: value * opacity // 100))
    kept = io.BytesIO()
    made.save(kept, "PNG")
    return Picture(kept.getvalue(), wide, high)


def checked_logo(data: bytes) -> bytes:
    """A picture file that can be a logo, as it is. Raises PictureUnreadable."""
    _scaled(data, WIDTH // 10, 100)
    return data


def _tag(words: str, accent: str, corner: Corner, below: int) -> Placed:
    """A short mark on a plate: an age rating, a repeat."""
    size = 28
    wide = _even(width(words, size, 700) + 44)
    rtl = is_rtl(words)
    parts = [
        f'<rect width="{wide}" height="{TAG_HEIGHT}" rx="6" fill="{INK}" fill-opacity="0.78"/>',
        f'<rect width="{wide}" height="4" y="{TAG_HEIGHT - 4}" fill="{on_dark(accent)}"/>',
        text(words, wide - 22 if rtl else 22, 33, size, fill="#ffffff", weight=700, rtl=rtl),
    ]
    placed = _in_corner(draw(svg("".join(parts), wide, TAG_HEIGHT), wide, TAG_HEIGHT), corner)
    x, y, w, h = placed.box
    return Placed(placed.picture, x, y + below, (x, y + below, w, h))


def _sponsor(mark: Mark) -> Placed:
    """A line low in the picture, above the captions, as wide as its words."""
    words = f"{mark.second} {mark.text}".strip()
    fitted = fit(words, (26, 22, 20), 600, WIDTH - 2 * SAFE_X - 48, 40, lines=1)
    line, rtl = fitted.lines[0], is_rtl(words)
    wide, high = _even(width(line, fitted.size, 600) + 48), 52
    parts = [
        f'<rect width="{wide}" height="{high}" rx="6" fill="{INK}" fill-opacity="0.78"/>',
        f'<rect width="6" height="{high}" x="{wide - 6 if rtl else 0}" fill="{on_dark(mark.accent)}"/>',
        text(line, wide - 28 if rtl else 28, 35, fitted.size, fill="#ffffff", weight=600, rtl=rtl),
    ]
    x, y = _even((WIDTH - wide) / 2), _even(CAPTION_TOP - high)
    return Placed(draw(svg("".join(parts), wide, high), wide, high), x, y, (x, y, wide, high))


def drawn(mark: Mark, blobs: Blobs) -> Placed:
    """A mark as a picture and its place. Raises FontMissing, PictureUnreadable."""
    match mark.kind:
        case Kind.LOGO:
            return logo(mark, blobs)
        case Kind.LOWER_THIRD:
            return lower_third(mark.text, mark.second, mark.accent)
        case Kind.AGE:
            return _tag(mark.text, mark.accent, Corner.TOP_LEFT, 0)
        case Kind.REPEAT:
            return _tag(mark.text, mark.accent, Corner.TOP_LEFT, TAG_HEIGHT + 12)
        case Kind.SPONSOR:
            return _sponsor(mark)


@dataclass(frozen=True, slots=True)
class Screen:
    """The picture that marks are drawn over: its size in pixels, and frames a second."""

    width: int
    height: int
    frame_rate: Rate

    def frame(self, tick: int) -> int:
        """The first frame of a tick."""
        return round(Fraction(tick * TICK_MS * self.frame_rate) / 1000)

    def frames(self, ticks: int) -> int:
        """The most frames that are seen of some ticks, with one that is split at each end."""
        return self.frame(ticks) + (0 if is_whole(self.frame_rate) else 2)

    @property
    def clock(self) -> Fraction:
        """How long a frame is, in seconds."""
        return 1 / Fraction(self.frame_rate)


def _layer(pad: str, one: Shown, placed: Placed, screen: Screen, frames: int) -> str:
    """A mark for as long as it is seen; only where it really begins or ends does it fade, within one tick."""
    start, end, fade = screen.frame(one.start), screen.frame(one.end), screen.frame(1)
    wide, high = (round(side * screen.width / WIDTH) for side in (placed.picture.width, placed.picture.height))
    chain = (
        f"{pad}scale={wide}:{high}:flags=bicubic:out_color_matrix=bt709:out_range=tv,format=yuva420p,{_BT709}"
        f",loop=loop=-1:size=1,settb={screen.clock},setpts=N,trim=end_frame={frames}"
    )
    if one.mark.kind != Kind.LOGO:
        if one.appears:
            chain += f",fade=t=in:s={start}:n={fade}:alpha=1"
        if one.leaves:
            chain += f",fade=t=out:s={end - fade}:n={fade}:alpha=1"
    return chain


def overlay_graph(
    base: str,
    seen: Sequence[Shown],
    ticks: int,
    folder: Path,
    *,
    first_input: int,
    blobs: Blobs,
    screen: Screen,
) -> Graph:
    """What lays marks over `ticks` of the pad `base`: pictures written into `folder`, and a graph ending in [picture].

    `base` is as `screen` says; marks keep their place and share of it. Inputs count from `first_input`. Raises
    FontMissing, PictureUnreadable.
    """
    frames = screen.frames(ticks)
    inputs: list[str] = []
    chains = [f"{base}scale={screen.width}:{screen.height}:flags=bicubic,settb={screen.clock},setpts=N[under0]"]
    pictures: dict[Mark, Placed] = {}
    for number, one in enumerate(seen):
        placed = pictures.get(one.mark)
        if placed is None:
            placed = pictures[one.mark] = drawn(one.mark, blobs)
        inputs += ["-framerate", str(screen.frame_rate), "-i", f"file:{still_file(placed.picture, folder)}"]
        chains.append(_layer(f"[{first_input + number}:v]", one, placed, screen, frames) + f"[mark{number}]")
        x, y = (round(side * screen.width / WIDTH) for side in (placed.x, placed.y))
        # what goes on to the end is in the last picture too, which may be a part of one
        start, end = screen.frame(one.start), frames if one.end >= ticks else screen.frame(one.end)
        chains.append(
            f"[under{number}][mark{number}]overlay=x={x}:y={y}:format=yuv420"
            f":enable='between(n,{start},{end - 1})'[under{number + 1}]"
        )
    chains.append(f"[under{len(seen)}]trim=end_frame={frames},format=yuv420p[picture]")
    return Graph(tuple(inputs), len(seen), ";".join(chains), frames)
