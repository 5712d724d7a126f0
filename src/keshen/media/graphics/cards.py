"""The graphics themselves: title, lower third, key point, quotation, figure, end slate, bug. Each is one SVG template.

Everything that is read stays inside the safe area and above CAPTION_TOP: below it belongs to the captions.
All templates mirror for scripts that run from right to left.
"""

from __future__ import annotations

from dataclasses import dataclass

from keshen.media.graphics.canvas import block, draw, gradient, svg, text
from keshen.media.graphics.ornament import band, horn, rosette
from keshen.media.graphics.palette import FELT, INK, STONE, mix, on_dark
from keshen.media.graphics.shots import HEIGHT, SAFE_X, SAFE_Y, WIDTH, Picture
from keshen.media.graphics.typeset import Fitted, fit, is_rtl, width

CAPTION_TOP = 600
INNER = WIDTH - 2 * SAFE_X
SLUG_SIZES = (30, 28, 26)
PLACE = 22


@dataclass(frozen=True, slots=True)
class Placed:
    """A drawn graphic and where it goes; `box` is where its text keeps to (x, y, width, height)."""

    picture: Picture
    x: int
    y: int
    box: tuple[int, int, int, int]


def _left(rtl: bool, x: float, thing: float = 0) -> float:
    """x for a thing of a width, counted from the side where reading begins."""
    return WIDTH - x - thing if rtl else x


def _whole(body: str, box: tuple[int, int, int, int], definitions: str = "") -> Placed:
    return Placed(draw(svg(body, WIDTH, HEIGHT, definitions), WIDTH, HEIGHT), 0, 0, box)


def _shade(rtl: bool) -> str:
    """Darkness on the side of the text, so that it reads on any background."""
    stops = [(0, INK, 0.9), (0.6, INK, 0.72), (1, INK, 0.2)]
    if rtl:
        stops = [(round(1 - at, 2), colour, opacity) for at, colour, opacity in reversed(stops)]
    return gradient("shade", stops, x2=1, y2=0)


def title(headline: str, place: str, accent: str, service: str = "") -> Placed:
    """The opening: headline, place above it, the service below, a rosette in the accent. Raises FontMissing."""
    rtl, bright = is_rtl(headline), on_dark(accent)
    x, room = SAFE_X + 36, 820
    fitted = fit(headline, (64, 58, 52, 46, 40, 34), 700, room, 330, lines=4, leading=1.18)
    top = 330 - fitted.height / 2
    edge = _left(rtl, x)
    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="url(#shade)"/>',
        rosette(_left(rtl, 1062), 322, 380, stroke=bright, weight=4, opacity=0.5),
        f'<rect x="{_left(rtl, SAFE_X, 8):.1f}" y="{top - 44:.1f}" width="8" height="{fitted.height + 94:.1f}" '
        f'fill="{bright}"/>',
        block(fitted, edge, top, fill=FELT, weight=700, rtl=rtl),
    ]
    if place:
        line = fit(place, (24, 20), 600, room, 40, lines=1)
        parts.append(
            text(
                line.lines[0], edge, top - 22, line.size, fill=bright, weight=600, rtl=is_rtl(place) or rtl, spacing=1.5
            )
        )
    if service:
        line = fit(service, (22, 18), 500, room, 40, lines=1)
        parts.append(text(line.lines[0], edge, top + fitted.height + 44, line.size, fill=STONE, weight=500, rtl=rtl))
    box = (int(_left(rtl, SAFE_X, 836)), SAFE_Y, 836, CAPTION_TOP - SAFE_Y)
    return _whole("".join(parts), box, _shade(rtl))


def lower_third(headline: str, place: str, accent: str) -> Placed:
    """Headline and place over a picture, on a dark plate that begins with the accent. Raises FontMissing."""
    rtl, bright = is_rtl(headline), on_dark(accent)
    fitted = fit(headline, (28, 26, 24), 600, 700, 76, lines=2, leading=1.24)
    place_line = fit(place, (PLACE,), 600, 700, 40, lines=1).lines[0] if place else ""
    longest = max([width(line, fitted.size, 600) for line in fitted.lines] + [width(place_line, PLACE, 600) * 1.04])
    plate = int(min(800, longest + 104)) // 2 * 2
    tall = (fitted.height + (34 if place else 0) + 36) // 2 * 2
    definitions = gradient("plate", [(0, INK, 0.94), (1, mix(INK, accent, 0.16), 0.9)], x2=1, y2=0)
    start = plate - 56 if rtl else 56
    mark = plate - 24 if rtl else 24
    parts = [
        f'<rect width="{plate}" height="{tall}" fill="url(#plate)"/>',
        f'<rect x="{plate - 48 if rtl else 0}" width="48" height="{tall}" fill="{accent}"/>',
        horn(mark, tall / 2, 34, stroke="#ffffff", weight=8, opacity=0.95),
    ]
    start += -14 if rtl else 14
    top = 16.0
    if place_line:
        parts.append(text(place_line, start, top + 21, PLACE, fill=bright, weight=600, rtl=rtl, spacing=0.8))
        top += 34
    parts.append(block(fitted, start, top, fill=FELT, weight=600, rtl=rtl))
    x = int(_left(rtl, SAFE_X, plate)) // 2 * 2
    y = (CAPTION_TOP - tall) // 2 * 2
    return Placed(draw(svg("".join(parts), plate, tall, definitions), plate, tall), x, y, (x, y, plate, tall))


def _statement(
    fitted: Fitted, weight: int, accent: str, slug: str, rtl: bool, before: str = "", after: str = "", more: int = 0
) -> Placed:
    """The common form of a card: an ornament band on the reading side, slug above, one idea, vertically centred."""
    bright = on_dark(accent)
    x = SAFE_X + 104
    edge = _left(rtl, x)
    top = 318 - (fitted.height + more) / 2
    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="url(#shade)"/>',
        band(_left(rtl, SAFE_X, 46), 96, 448, 46, stroke=bright, weight=7, opacity=0.85, upright=True),
        f'<rect x="{_left(rtl, SAFE_X + 64, 1):.1f}" y="96" width="1" height="448" fill="{bright}" opacity="0.5"/>',
        before,
        block(fitted, edge, top, fill=FELT, weight=weight, rtl=rtl),
        after,
    ]
    if slug:
        # read from across a room: the smallest type on screen is a twenty-fifth of its height
        line = fit(slug, SLUG_SIZES, 600, INNER - 130, 40, lines=1)
        parts.append(text(line.lines[0], edge, 116, line.size, fill=bright, weight=600, rtl=is_rtl(slug) or rtl))
    box = (int(_left(rtl, SAFE_X, INNER - 60)), 90, INNER - 60, CAPTION_TOP - 90)
    return _whole("".join(parts), box, _shade(rtl))


def point(words: str, accent: str, slug: str = "") -> Placed:
    """One idea of at most twelve words. Raises FontMissing."""
    fitted = fit(words, (54, 50, 46, 42, 38, 34), 600, 860, 380, lines=6, leading=1.26)
    return _statement(fitted, 600, accent, slug, is_rtl(words))


def quotation(words: str, source: str, accent: str, slug: str = "") -> Placed:
    """Words of somebody, with a large mark in the accent and the source below. Raises FontMissing."""
    rtl, bright = is_rtl(words), on_dark(accent)
    fitted = fit(words, (48, 44, 40, 36, 32), 400, 840, 300, lines=6, leading=1.3)
    edge = _left(rtl, SAFE_X + 104)
    more = 40 if source else 0
    top = 318 - (fitted.height + more) / 2
    before = text("«", edge, top - 14, 110, fill=bright, weight=700, rtl=rtl)
    after = ""
    if source:
        line = fit(source, (22, 18), 600, 840, 30, lines=1)
        after = text(line.lines[0], edge, top + fitted.height + 44, line.size, fill=bright, weight=600, rtl=rtl)
    return _statement(fitted, 400, accent, slug, rtl, before, after, more)


def figure(number: str, words: str, accent: str, slug: str = "") -> Placed:
    """A number that says it, and what it counts. Raises FontMissing."""
    rtl, bright = is_rtl(words), on_dark(accent)
    fitted = fit(words, (40, 36, 32, 28), 500, 860, 190, lines=4, leading=1.28)
    size = fit(number, (150, 130, 110, 90, 70), 700, 860, 200, lines=1).size
    edge = _left(rtl, SAFE_X + 100)
    top = 318 - (fitted.height - size) / 2
    before = text(number, edge, top - size * 0.2, size, fill=bright, weight=700, rtl=rtl)
    return _statement(fitted, 500, accent, slug, rtl, before, more=-size)


def end_slate(service: str, accent: str, line: str = "") -> Placed:
    """The close: the rosette, the service, a line below it. Raises FontMissing."""
    bright = on_dark(accent)
    name = fit(service, (54, 46, 38), 700, 900, 80, lines=1) if service else None
    middle = WIDTH / 2
    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{INK}" fill-opacity="0.62"/>',
        rosette(middle, 262, 220, stroke=bright, weight=5, opacity=0.95),
    ]
    if name:
        parts.append(_centred(name.lines[0], 468, name.size, FELT, 700))
    if line:
        below = fit(line, (22, 18), 500, 900, 40, lines=1)
        parts.append(_centred(below.lines[0], 516, below.size, STONE, 500))
    return _whole("".join(parts), (SAFE_X, SAFE_Y, INNER, CAPTION_TOP - SAFE_Y))


def _centred(line: str, y: float, size: int, fill: str, weight: int) -> str:
    span = width(line, size, weight) / 1.02
    rtl = is_rtl(line)
    return text(line, WIDTH / 2 + (span / 2 if rtl else -span / 2), y, size, fill=fill, weight=weight, rtl=rtl)


def bug(service: str, accent: str) -> Placed:
    """The mark of the service in the corner where reading ends, quiet enough to stay. Raises FontMissing."""
    rtl = is_rtl(service)
    size = 20
    span = int(width(service, size, 600))
    wide, tall = (span + 52) // 2 * 2, 36
    x = SAFE_X if rtl else WIDTH - SAFE_X - wide
    parts = [
        horn(wide - 18 if rtl else 18, 18, 26, stroke=on_dark(accent), weight=9, opacity=0.95),
        text(service, wide - 42 if rtl else 42, 25, size, fill="#ffffff", weight=600, rtl=rtl, opacity=0.9),
    ]
    shadow = f'<rect width="{wide}" height="{tall}" rx="4" fill="{INK}" fill-opacity="0.34"/>'
    x = x // 2 * 2
    return Placed(draw(svg(shadow + "".join(parts), wide, tall), wide, tall), x, SAFE_Y, (x, SAFE_Y, wide, tall))
