"""From shots to an ffmpeg filter graph: one pass, still pictures in, the moving picture out at the pad [picture].

Pictures are decoded and converted once and repeated by reference (`loop`), so that only what moves costs anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from keshen.media.graphics.shots import (
    FRAME_RATE,
    HEIGHT,
    MOTION_FRAMES,
    WIDTH,
    Background,
    Graph,
    Layer,
    Motion,
    Picture,
    Shot,
)

CROSSFADE_FRAMES = 10
_BT709 = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
_CONVERT = "scale=out_color_matrix=bt709:out_range=tv"
_CLOCK = f"settb=1/{FRAME_RATE},setpts=N"


def still_file(picture: Picture, folder: Path) -> Path:
    """The picture as a file of the folder, the same for the same bytes."""
    kind = "jpg" if picture.data.startswith(b"\xff\xd8") else "png"
    path = folder / f"{hashlib.sha256(picture.data).hexdigest()[:24]}.{kind}"
    if not path.exists():
        path.write_bytes(picture.data)
    return path


def _zoom(ground: Background, frames: int) -> str:
    """Corners of the part that is shown, eased from one zoom to the other; drawn between pixels."""
    share = f"(0.5-0.5*cos(PI*min(on/{frames},1)))"
    spare = f"(1-1/({ground.zoom_from}+{ground.zoom_to - ground.zoom_from:.4f}*{share}))"
    across, down = ground.focus
    left, top = f"W*{across}*{spare}", f"H*{down}*{spare}"
    right, bottom = f"W-W*{1 - across:.3f}*{spare}", f"H-H*{1 - down:.3f}*{spare}"
    return (
        f"perspective=x0='{left}':y0='{top}':x1='{right}':y1='{top}':x2='{left}':y2='{bottom}'"
        f":x3='{right}':y3='{bottom}':interpolation=linear:sense=source:eval=frame"
    )


def _pan(ground: Background, frames: int) -> str:
    def place(start: int, step: int, spare: int) -> str:
        reach = start + step * (frames - 1)
        if not 0 <= start <= spare or not 0 <= reach <= spare:
            return f"clip({start}+n*{step},0,{spare})"
        return f"{start}+n*{step}"

    x = place(ground.start_x, ground.step_x, ground.picture.width - WIDTH)
    y = place(ground.start_y, ground.step_y, ground.picture.height - HEIGHT)
    return f"crop={WIDTH}:{HEIGHT}:x='{x}':y='{y}':exact=1"


def _ground(pad: str, ground: Background, frames: int) -> str:
    loop = "loop=loop=-1:size=1"
    if ground.zooms:
        chain = f"{_CONVERT},format=yuv420p,{_BT709},{loop},{_CLOCK},{_zoom(ground, frames)}"
    elif ground.step_x or ground.step_y:
        # 4:4:4 while panning: the chroma of 4:2:0 can only be cut at even pixels and would tremble.
        chain = f"{_CONVERT},format=yuv444p,{_BT709},{loop},{_CLOCK},{_pan(ground, frames)},format=yuv420p"
    else:
        chain = f"{_CONVERT},format=yuv420p,{_BT709},{_pan(ground, frames)},{loop},{_CLOCK}"
    return f"{pad}{chain},trim=end_frame={frames},setsar=1"


def _layer(pad: str, layer: Layer, frames: int, leave: int) -> str:
    chain = f"{pad}{_CONVERT},format=yuva420p,{_BT709},loop=loop=-1:size=1,{_CLOCK},trim=end_frame={frames}"
    if layer.motion is not Motion.CUT:
        length = max(1, min(MOTION_FRAMES, (leave - layer.enter) // 2))
        chain += f",fade=t=in:s={layer.enter}:n={length}:alpha=1"
        if leave < frames:
            chain += f",fade=t=out:s={leave - length}:n={length}:alpha=1"
    return chain


def _placing(layer: Layer, leave: int) -> str:
    eased = f"{layer.travel}*pow(1-clip((n-{layer.enter})/{MOTION_FRAMES},0,1),3)"
    x, y = f"{layer.x}", f"{layer.y}"
    if layer.motion is Motion.SLIDE:
        x += f"+{eased}"
    elif layer.motion is Motion.RISE:
        y += f"+{eased}"
    if layer.drift:
        x += f"+n*{layer.drift}"
    return f"overlay=x='{x}':y='{y}':format=yuv420:enable='between(n,{layer.enter},{leave - 1})'"


def filtergraph(shots: Sequence[Shot], folder: Path, first_input: int = 0) -> Graph:
    """Writes the pictures of the shots into `folder` and returns what ffmpeg needs to show them one after another.

    Inputs count from `first_input`. Shots follow each other with a short crossfade inside the time of the later one,
    so that every shot begins on its tick and the length is the sum of the shots. Raises ValueError without shots.
    """
    if not shots:
        raise ValueError("a sequence needs at least one shot")
    inputs: list[str] = []
    chains: list[str] = []

    def take(picture: Picture) -> str:
        inputs.extend(("-framerate", str(FRAME_RATE), "-i", str(still_file(picture, folder))))
        return f"[{first_input + len(inputs) // 4 - 1}:v]"

    total = 0
    previous = ""
    for index, shot in enumerate(shots):
        frames = shot.frames + (CROSSFADE_FRAMES if index + 1 < len(shots) else 0)
        current = f"[g{index}]"
        chains.append(_ground(take(shot.background.picture), shot.background, frames) + current)
        for number, layer in enumerate(shot.layers):
            leave = frames if layer.leave >= shot.frames else layer.leave
            over, made = f"[l{index}_{number}]", f"[o{index}_{number}]"
            chains.append(_layer(take(layer.picture), layer, frames, leave) + over)
            chains.append(f"{current}{over}{_placing(layer, leave)}{made}")
            current = made
        if previous:
            fade = f"xfade=transition=fade:duration={CROSSFADE_FRAMES / FRAME_RATE}:offset={total / FRAME_RATE}"
            chains.append(f"{previous}{current}{fade}[x{index}]")
            current = f"[x{index}]"
        previous = current
        total += shot.frames
    chains.append(f"{previous}trim=end_frame={total},setsar=1,{_BT709},format=yuv420p[picture]")
    return Graph(tuple(inputs), len(inputs) // 4, ";".join(chains), total)
