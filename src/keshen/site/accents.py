"""A service's accent from data, made readable: the nearest shade with contrast enough (WCAG 2.2, 1.4.3) by theme."""

from __future__ import annotations

import colorsys
import re
from typing import NamedTuple

CONTRAST = 4.6
_LIGHT_PAPER = "#f5f6f8"
_DARK_PAPER = "#1c232c"
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


class Accent(NamedTuple):
    """Four colours: the accent as text on light and on dark paper, the accent as a fill, and text on that fill."""

    light: str
    dark: str
    fill: str
    on_fill: str


def _rgb(colour: str) -> tuple[float, float, float]:
    if not _HEX.fullmatch(colour):
        raise ValueError(f"{colour!r} is not a colour of the form #rrggbb")
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


def _luminance(colour: str) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _shade(colour: str, paper: str, *, darker: bool) -> str:
    """`colour` moved in lightness, no further than needed, until it reads on `paper`."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_rgb(colour))
    for step in range(101):
        moved = lightness * (1 - step / 100) if darker else lightness + (1 - lightness) * step / 100
        red, green, blue = colorsys.hls_to_rgb(hue, moved, saturation)
        shade = f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
        if contrast(shade, paper) >= CONTRAST:
            return shade
    return "#000000" if darker else "#ffffff"


def accent(colour: str) -> Accent:
    """The four colours of a service's `#rrggbb`. Raises ValueError for anything else."""
    on_fill = "#ffffff" if contrast(colour, "#ffffff") >= contrast(colour, "#0e1217") else "#0e1217"
    return Accent(
        light=_shade(colour, _LIGHT_PAPER, darker=True),
        dark=_shade(colour, _DARK_PAPER, darker=False),
        fill=_shade(colour, on_fill, darker=on_fill == "#ffffff"),
        on_fill=on_fill,
    )


def stylesheet(accents: dict[str, str]) -> str:
    """CSS that gives `[data-service="slug"]` its accent, in both themes."""
    made = {slug: accent(colour) for slug, colour in accents.items()}

    def rules(theme: str, scope: str = "") -> str:
        return "".join(
            f'{scope}[data-service="{slug}"]{{--service:{getattr(shades, theme)}}}\n' for slug, shades in made.items()
        )

    fills = "".join(
        f'[data-service="{slug}"]{{--service-fill:{shades.fill};--on-service:{shades.on_fill}}}\n'
        for slug, shades in made.items()
    )
    by_system = rules("dark", ":root:not([data-theme]) ")
    by_choice = rules("dark", ':root[data-theme="dark"] ')
    return f"{rules('light')}{fills}{by_choice}@media (prefers-color-scheme:dark){{\n{by_system}}}\n"
