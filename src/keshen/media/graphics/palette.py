"""Colours of the screen: the steppe by night and by day, and a service's accent made fit for dark ground."""

from __future__ import annotations

INK = "#0b1620"
NIGHT = "#10222e"
DUSK = "#1d3a48"
STONE = "#8fa3a8"
FELT = "#f6f1e4"
GRASS = "#c9b98a"
OCHRE = "#c98b3a"


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of "#rrggbb". Raises ValueError."""
    digits = colour.removeprefix("#")
    if len(digits) != 6:
        raise ValueError(f"{colour!r} is not a colour of the form #rrggbb")
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def mix(first: str, second: str, share: float) -> str:
    """`share` of the second colour in the first."""
    return "#" + "".join(
        f"{round(a + (b - a) * share):02x}" for a, b in zip(channels(first), channels(second), strict=True)
    )


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2, definition)."""
    parts = [value / 255 for value in channels(colour)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2)."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def on_dark(accent: str) -> str:
    """The accent, lightened until it reads on INK at 4.5:1."""
    colour = accent
    while contrast(colour, INK) < 4.5:
        colour = mix(colour, "#ffffff", 0.08)
    return colour
