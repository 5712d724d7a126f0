"""What the demo's pictures share: their size, soft light, grain, smooth curves, JPEG at the end. All seeded."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence

import numpy as np
from PIL import Image

from keshen.media.graphics.canvas import draw, svg, text
from keshen.media.graphics.typeset import is_rtl
from keshen.media.graphics.typeset import width as text_width

WIDE, TALL = 1600, 900
Point = tuple[float, float]


def smooth(points: Sequence[Point], *, closed: bool = True, ease: float = 0.5) -> str:
    """Path data of a curve through the points (Catmull-Rom, as cubic Bézier pieces)."""
    count = len(points)
    parts = [f"M{points[0][0]:.1f},{points[0][1]:.1f}"]
    for index in range(count if closed else count - 1):
        before, here = points[(index - 1) % count], points[index]
        there, after = points[(index + 1) % count], points[(index + 2) % count]
        if not closed:
            before = points[max(index - 1, 0)]
            after = points[min(index + 2, count - 1)]
        first = (here[0] + (there[0] - before[0]) * ease / 3, here[1] + (there[1] - before[1]) * ease / 3)
        second = (there[0] - (after[0] - here[0]) * ease / 3, there[1] - (after[1] - here[1]) * ease / 3)
        parts.append(f"C{first[0]:.1f},{first[1]:.1f} {second[0]:.1f},{second[1]:.1f} {there[0]:.1f},{there[1]:.1f}")
    return " ".join(parts) + (" Z" if closed else "")


def label(words: str, x: float, y: float, size: int, *, fill: str, weight: int = 400) -> str:
    """A line whose left end is at x, whichever way it runs."""
    rtl = is_rtl(words)
    start = x + extent(words, size, weight) if rtl else x
    return text(words, start, y, size, fill=fill, weight=weight, rtl=rtl)


def extent(words: str, size: int, weight: int = 400) -> float:
    """How wide a line is drawn, in pixels."""
    return text_width(words, size, weight) / 1.02


def glow(name: str, colour: str, opacity: float = 1.0) -> str:
    """A round light that fades out: definition to be used as a fill."""
    return (
        f'<radialGradient id="{name}"><stop offset="0" stop-color="{colour}" stop-opacity="{opacity}"/>'
        + "".join(
            f'<stop offset="{at}" stop-color="{colour}" stop-opacity="{opacity * (1 - at) ** 2.6:.3f}"/>'
            for at in (0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
        )
        + f'<stop offset="1" stop-color="{colour}" stop-opacity="0"/></radialGradient>'
    )


def stars(seed: int, count: int, width: int, bottom: float, colour: str = "#ffffff") -> str:
    """Points of different brightness, thinner towards `bottom`."""
    source = random.Random(seed)
    parts = []
    for _ in range(count):
        x, y = source.uniform(0, width), source.uniform(0, 1) ** 1.5 * bottom
        size, light = source.uniform(0.6, 1.9), source.uniform(0.25, 0.95) * (1 - 0.6 * y / bottom)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.2f}" fill="{colour}" fill-opacity="{light:.2f}"/>')
    return "".join(parts)


def grass(seed: int, width: int, base: float, height: float, colour: str, count: int = 260) -> str:
    """Blades and feather grass along the lower edge, bending one way."""
    source = random.Random(seed)
    parts = []
    for _ in range(count):
        x, tall, bend = source.uniform(-20, width), height * source.uniform(0.35, 1.0), source.uniform(8, 42)
        parts.append(
            f'<path d="M{x:.0f},{base:.0f} q{bend * 0.2:.1f},{-tall * 0.6:.1f} {bend:.1f},{-tall:.1f}" '
            f'stroke="{colour}" stroke-width="{source.uniform(1.2, 3.2):.1f}" fill="none" stroke-linecap="round"/>'
        )
    return "".join(parts)


def develop(body: str, definitions: str = "", *, seed: int = 1, width: int = WIDE, height: int = TALL) -> bytes:
    """The drawing as a JPEG file, with a little grain so that its gradients do not band."""
    picture = draw(svg(body, width, height, definitions), width, height)
    with Image.open(io.BytesIO(picture.data)) as opened:
        pixels = np.asarray(opened.convert("RGB"), dtype=np.float32)
    noise = np.random.default_rng(seed).normal(0.0, 1.7, pixels.shape[:2]).astype(np.float32)
    grained = np.clip(pixels + noise[..., None], 0, 255).astype(np.uint8)
    kept = io.BytesIO()
    Image.fromarray(grained).save(kept, "JPEG", quality=90, subsampling=0)
    return kept.getvalue()
