"""Backgrounds for shots without a picture: layered steppe at a given hour, wide enough to be panned. Repeatable."""

from __future__ import annotations

import math
import random
from functools import lru_cache

from keshen.media.graphics.canvas import draw, gradient, svg
from keshen.media.graphics.ornament import band
from keshen.media.graphics.palette import INK, NIGHT, mix
from keshen.media.graphics.shots import HEIGHT, WIDTH, Picture


def ridge(seed: int, width: int, level: float, height: float, rough: float = 0.5, base: float = HEIGHT) -> str:
    """Path data of a skyline: sums of seeded sines, `height` high about `level`, closed at `base`. All in pixels."""
    source = random.Random(seed)
    waves = [
        (height * rough**octave, source.uniform(0.8, 1.2) * 2**octave / width * math.tau, source.uniform(0, math.tau))
        for octave in range(6)
    ]
    points = []
    for x in range(0, width + 9, 8):
        y = level - sum(size * math.sin(x * turn + phase) for size, turn, phase in waves)
        points.append(f"{x},{y:.1f}")
    return f"M0,{base} L{' L'.join(points)} L{width + 8},{base} Z"


@lru_cache(maxsize=16)
def backdrop(accent: str, variant: int = 0, width: int = WIDTH + 480) -> Picture:
    """A dark steppe in the accent's light, `width` x 720; `variant` moves the light and changes the skyline."""
    glow = (0.22, 0.5, 0.78)[variant % 3]
    definitions = gradient(
        "sky", [(0, INK, 1), (0.55, mix(NIGHT, accent, 0.22), 1), (0.82, mix(NIGHT, accent, 0.55), 1)]
    )
    definitions += (
        f'<radialGradient id="glow" cx="{glow}" cy="0.82" r="0.55">'
        f'<stop offset="0" stop-color="{mix(accent, "#fff4d6", 0.55)}" stop-opacity="0.5"/>'
        f'<stop offset="1" stop-color="{accent}" stop-opacity="0"/></radialGradient>'
    )
    parts = [
        f'<rect width="{width}" height="{HEIGHT}" fill="url(#sky)"/>',
        f'<rect width="{width}" height="{HEIGHT}" fill="url(#glow)"/>',
    ]
    for depth in range(4):
        colour = mix(mix(NIGHT, accent, 0.3), INK, 0.25 + depth * 0.25)
        path = ridge(variant * 31 + depth, width, 520 + depth * 46, 34 - depth * 5)
        parts.append(f'<path d="{path}" fill="{colour}"/>')
    parts.append(band(0, HEIGHT - 30, width, 26, stroke=mix(INK, accent, 0.5), weight=6, opacity=0.5))
    return draw(svg("".join(parts), width, HEIGHT, definitions), width, HEIGHT)
