"""The ram's horn, қошқармүйіз: the house's one ornament, drawn as strokes so that it can be thin, large or faint."""

from __future__ import annotations

HORN = (
    "M0,46 C0,26 -2,10 -10,-4 C-20,-22 -42,-26 -52,-10 C-60,4 -50,20 -36,17 C-25,14 -25,0 -35,0"
    " M0,46 C0,26 2,10 10,-4 C20,-22 42,-26 52,-10 C60,4 50,20 36,17 C25,14 25,0 35,0"
    " M0,-46 L9,-35 L0,-24 L-9,-35 Z"
)
MOTIF_WIDTH, MOTIF_HEIGHT = 112, 98


def horn(
    x: float, y: float, height: float, *, stroke: str, weight: float = 6, opacity: float = 1, turn: int = 0
) -> str:
    """One motif centred on (x, y), `turn` in degrees."""
    scale = height / MOTIF_HEIGHT
    return (
        f'<path d="{HORN}" transform="translate({x:.1f} {y:.1f}) rotate({turn}) scale({scale:.4f})" fill="none" '
        f'stroke="{stroke}" stroke-width="{weight}" stroke-linecap="round" stroke-linejoin="round" '
        f'stroke-opacity="{opacity}"/>'
    )


def rosette(x: float, y: float, size: float, *, stroke: str, weight: float = 5, opacity: float = 1) -> str:
    """Four horns about a centre, төрт құлақ: the large quiet figure behind titles."""
    reach = size * 0.27
    parts = [
        horn(x + dx * reach, y + dy * reach, size * 0.44, stroke=stroke, weight=weight, opacity=opacity, turn=turn)
        for dx, dy, turn in ((0, -1, 0), (1, 0, 90), (0, 1, 180), (-1, 0, 270))
    ]
    half = size * 0.055
    parts.append(
        f'<path d="M{x:.1f},{y - half:.1f} l{half:.1f},{half:.1f} l{-half:.1f},{half:.1f} l{-half:.1f},{-half:.1f} Z" '
        f'fill="{stroke}" fill-opacity="{opacity}"/>'
    )
    return "".join(parts)


def band(
    x: float,
    y: float,
    length: float,
    thickness: float,
    *,
    stroke: str,
    weight: float = 7,
    opacity: float = 1,
    upright: bool = False,
) -> str:
    """A run of motifs turned up and down by turns, as on the edge of a felt carpet; along y when `upright`."""
    step = thickness * 1.12
    count = max(1, int(length // step))
    step = length / count
    parts = []
    for index in range(count):
        along = (index + 0.5) * step
        place = (x + thickness / 2, y + along) if upright else (x + along, y + thickness / 2)
        turn = (90 if upright else 0) + (180 if index % 2 else 0)
        parts.append(horn(*place, thickness * 0.86, stroke=stroke, weight=weight, opacity=opacity, turn=turn))
    return "".join(parts)
