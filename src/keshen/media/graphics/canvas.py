"""Drawing: SVG text in, PNG pictures out (resvg), with the fonts of the house and nothing from the system."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

import resvg_py
from PIL import Image, ImageOps, UnidentifiedImageError

from keshen.media.graphics.shots import HEIGHT, WIDTH, Picture, PictureUnreadable
from keshen.media.graphics.typeset import FAMILIES, Fitted, font_files, is_arabic, is_rtl

RIGHT_TO_LEFT, END = "\u202b", "\u202c"
"""Right-to-left embedding: resvg orders every line from left to right unless the characters say otherwise."""
MOST_PIXELS = 60_000_000


def svg(body: str, width: int, height: int, definitions: str = "") -> str:
    """An SVG document of this many pixels."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"><defs>{definitions}</defs>{body}</svg>'
    )


@lru_cache(maxsize=64)
def draw(document: str, width: int, height: int) -> Picture:
    """The document as a PNG. Raises FontMissing, ValueError for malformed SVG."""
    data = resvg_py.svg_to_bytes(
        svg_string=document, skip_system_fonts=True, font_files=font_files(), font_family="Noto Sans"
    )
    return Picture(bytes(data), width, height)


def text(
    line: str,
    x: float,
    y: float,
    size: int,
    *,
    fill: str,
    weight: int = 400,
    rtl: bool = False,
    opacity: float = 1.0,
    spacing: float = 0.0,
) -> str:
    """One line with its baseline at y; x is where the line begins in its own direction: its right end when `rtl`."""
    spans = "".join(f"<tspan font-family={quoteattr(family)}>{escape(run)}</tspan>" for family, run in _runs(line))
    words = f"{RIGHT_TO_LEFT}{spans}{END}" if rtl else spans
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-family={quoteattr(FAMILIES[rtl])} font-size="{size}" '
        f'font-weight="{weight}" fill="{fill}" fill-opacity="{opacity}" text-anchor="{"end" if rtl else "start"}" '
        f'letter-spacing="{0 if is_rtl(line) else spacing}" xml:space="preserve">{words}</text>'
    )


def _runs(line: str) -> Iterator[tuple[str, str]]:
    """The line in pieces of one font family each: a letter taken from a fallback font may lose its neighbours."""
    between = ""
    for arabic, words in groupby(line.split(" "), key=lambda word: any(is_arabic(letter) for letter in word)):
        yield FAMILIES[arabic], between + " ".join(words)
        between = " "


def block(
    fitted: Fitted, x: float, y: float, *, fill: str, weight: int = 400, rtl: bool = False, opacity: float = 1.0
) -> str:
    """Fitted lines, the top of the first at y."""
    first = y + fitted.leading * 0.5 + fitted.size * 0.36
    return "".join(
        text(line, x, first + index * fitted.leading, fitted.size, fill=fill, weight=weight, rtl=rtl, opacity=opacity)
        for index, line in enumerate(fitted.lines)
    )


def gradient(name: str, stops: Iterable[tuple[float, str, float]], *, x2: float = 0, y2: float = 1) -> str:
    """A linear gradient definition, by default downwards; stops are (offset, colour, opacity)."""
    inner = "".join(
        f'<stop offset="{at}" stop-color="{colour}" stop-opacity="{opacity}"/>' for at, colour, opacity in stops
    )
    return f'<linearGradient id="{name}" x1="0" y1="0" x2="{x2}" y2="{y2}">{inner}</linearGradient>'


def fill_raster(data: bytes, width: int = WIDTH, height: int = HEIGHT) -> Picture:
    """A picture file cut and scaled to fill the raster, as PNG without transparency. Raises PictureUnreadable."""
    try:
        with Image.open(io.BytesIO(data)) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise PictureUnreadable(f"the picture has more than {MOST_PIXELS:,} pixels")
            opened.draft("RGB", (width, height))
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PictureUnreadable(f"the picture cannot be decoded: {error}") from error
    fitted = ImageOps.fit(upright, (width, height), Image.Resampling.LANCZOS, centering=(0.5, 0.42))
    kept = io.BytesIO()
    fitted.save(kept, "PNG", compress_level=1)
    return Picture(kept.getvalue(), width, height)
