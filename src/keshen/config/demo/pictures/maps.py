"""Maps drawn from our own simplified outlines: a few dozen points each, for orientation and not for measuring."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from keshen.config.demo.pictures.paint import TALL, WIDE, Point, develop, extent, glow, label, smooth
from keshen.config.demo.pictures.words import Say
from keshen.media.graphics.canvas import gradient
from keshen.media.graphics.ornament import rosette

KAZAKHSTAN: tuple[Point, ...] = (
    (49.2, 46.4),
    (48.5, 46.7),
    (48.4, 47.5),
    (47.2, 47.8),
    (46.6, 48.4),
    (46.9, 49.4),
    (47.7, 50.2),
    (48.6, 50.0),
    (48.8, 50.7),
    (50.6, 51.6),
    (51.6, 51.4),
    (53.4, 51.3),
    (54.7, 50.7),
    (56.8, 51.0),
    (58.6, 51.0),
    (59.7, 50.6),
    (61.4, 50.8),
    (61.5, 51.4),
    (60.2, 52.0),
    (61.0, 52.6),
    (62.0, 53.1),
    (61.3, 53.9),
    (64.9, 54.3),
    (68.2, 55.0),
    (69.2, 55.4),
    (70.8, 55.2),
    (71.2, 54.2),
    (73.6, 53.7),
    (76.6, 54.2),
    (78.0, 53.2),
    (79.9, 50.9),
    (81.4, 51.0),
    (83.4, 50.9),
    (84.9, 49.9),
    (86.8, 49.7),
    (87.2, 49.1),
    (85.8, 48.3),
    (85.5, 47.1),
    (83.2, 47.1),
    (82.3, 45.5),
    (80.2, 45.0),
    (80.5, 44.0),
    (80.2, 42.4),
    (79.2, 42.6),
    (77.2, 42.9),
    (75.6, 42.8),
    (73.6, 43.0),
    (73.4, 42.5),
    (71.6, 42.8),
    (70.6, 42.1),
    (69.1, 41.4),
    (68.1, 40.9),
    (66.6, 41.2),
    (66.1, 42.7),
    (64.9, 43.7),
    (62.0, 43.5),
    (61.0, 44.4),
    (58.6, 45.5),
    (56.0, 45.0),
    (56.0, 41.4),
    (54.6, 42.0),
    (53.0, 42.1),
    (52.5, 41.8),
    (52.5, 42.6),
    (51.3, 43.1),
    (50.9, 44.0),
    (50.4, 44.4),
    (51.2, 45.0),
    (52.9, 45.3),
    (53.1, 46.3),
    (52.9, 46.9),
    (51.2, 47.0),
)
CASPIAN: tuple[Point, ...] = (
    (49.2, 46.4),
    (51.2, 47.0),
    (52.9, 46.9),
    (53.1, 46.3),
    (52.9, 45.3),
    (51.2, 45.0),
    (50.4, 44.4),
    (50.9, 44.0),
    (51.3, 43.1),
    (52.5, 42.6),
    (52.5, 41.8),
    (52.8, 41.1),
    (52.8, 40.2),
    (53.5, 39.3),
    (53.8, 38.3),
    (53.9, 37.2),
    (52.4, 36.7),
    (50.6, 36.9),
    (49.4, 37.5),
    (48.9, 38.5),
    (49.3, 39.4),
    (49.4, 40.1),
    (50.3, 40.4),
    (49.2, 41.0),
    (48.5, 41.9),
    (47.6, 42.9),
    (47.5, 43.9),
    (46.8, 44.5),
    (47.4, 45.4),
    (48.4, 45.9),
)
BALKHASH: tuple[Point, ...] = (
    (73.6, 45.6),
    (73.8, 46.1),
    (74.9, 46.6),
    (75.6, 46.8),
    (77.0, 46.7),
    (78.2, 46.5),
    (79.3, 46.8),
    (79.2, 46.4),
    (78.0, 46.2),
    (76.6, 46.5),
    (75.3, 46.6),
    (74.6, 46.2),
    (74.3, 45.6),
    (74.0, 45.1),
)
PLACES: Mapping[str, Point] = {
    "Астана": (71.4, 51.2), "Алматы": (76.9, 43.25), "Шымкент": (69.6, 42.3), "Түркістан": (68.25, 43.3),
    "Ақтау": (51.2, 43.65), "Атырау": (51.9, 47.1), "Байқоңыр": (63.3, 45.9), "Қостанай": (63.6, 53.2),
    "Сиань": (108.9, 34.3), "Дуньхуан": (94.7, 40.1), "Қашқар": (76.0, 39.5), "Самарқан": (66.97, 39.65),
    "Мерв": (62.2, 37.65), "Тебриз": (46.3, 38.1), "Антиохия": (36.2, 36.2), "Қаялық": (80.2, 45.7),
    "Тараз": (71.4, 42.9), "Доха": (51.5, 25.3), "Баку": (49.9, 40.4), "Түрікменбашы": (53.0, 40.0),
    "Рэшт": (49.6, 37.3), "Астрахан": (48.0, 46.35), "Балқаш": (75.0, 46.85),
}  # fmt: skip
LAND, SEA, LINE, WORDS = "#24505a", "#0c2431", "#d9c48c", "#f6f1e4"


class Sheet:
    """An equirectangular map of a region, true at its middle latitude, fitted into the picture with a margin."""

    def __init__(self, west: float, south: float, east: float, north: float, say: Say, *, margin: int = 70) -> None:
        self.say = say
        middle = math.cos(math.radians((south + north) / 2))
        self.scale = min((WIDE - 2 * margin) / ((east - west) * middle), (TALL - 2 * margin) / (north - south))
        self.middle, self.west, self.north = middle, west, north
        self.left = (WIDE - (east - west) * middle * self.scale) / 2
        self.top = (TALL - (north - south) * self.scale) / 2

    def at(self, point: Point) -> Point:
        return (
            self.left + (point[0] - self.west) * self.middle * self.scale,
            self.top + (self.north - point[1]) * self.scale,
        )

    def area(self, outline: Sequence[Point], fill: str, stroke: str, width: float = 2) -> str:
        path = smooth([self.at(point) for point in outline])
        return f'<path d="{path}" fill="{fill}" stroke="{stroke}" stroke-width="{width}" stroke-linejoin="round"/>'

    def grid(self) -> str:
        """Meridians and parallels every five degrees, faint."""
        lines = []
        for degree in range(0, 180, 5):
            x, y = self.at((degree, degree))
            lines.append(f"M{x:.0f},0 V{TALL} M0,{y:.0f} H{WIDE}")
        return f'<path d="{" ".join(lines)}" stroke="#ffffff" stroke-opacity="0.05" fill="none"/>'

    def place(self, name: str, *, side: int = 1, size: int = 26, fill: str = WORDS) -> str:
        """A dot and the name of one of PLACES in the picture's words, to its right or left."""
        x, y = self.at(PLACES[name])
        words = self.say(name)
        shift = 16 if side > 0 else -16 - extent(words, size, 600)
        return (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="11" fill="{LINE}" fill-opacity="0.25"/>'
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{LINE}"/>'
            + label(words, x + shift, y + size * 0.36, size, fill=fill, weight=600)
        )

    def road(self, points: Sequence[Point], *, colour: str = LINE, width: float = 4, dash: str = "2 11") -> str:
        path = smooth([self.at(point) for point in points], closed=False)
        return (
            f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width * 4}" stroke-opacity="0.12"/>'
            f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linecap="round" '
            f'stroke-dasharray="{dash}"/>'
        )


def _sheet(parts: Sequence[str], title: str, seed: int) -> bytes:
    ground = gradient("ground", [(0, "#12303c", 1), (1, "#0a1b25", 1)]) + glow("light", "#2f6f73", 0.5)
    heading = label(title, 80, TALL - 74, 40, fill=WORDS, weight=700)
    body = (
        f'<rect width="{WIDE}" height="{TALL}" fill="url(#ground)"/>'
        f'<ellipse cx="820" cy="380" rx="900" ry="520" fill="url(#light)"/>'
        + "".join(parts)
        + f'<rect x="80" y="{TALL - 142}" width="64" height="5" fill="{LINE}"/>'
        + heading
        + rosette(WIDE - 130, TALL - 120, 120, stroke=LINE, weight=5, opacity=0.55)
    )
    return develop(body, ground, seed=seed)


def silk_road(say: Say) -> bytes:
    sheet = Sheet(34, 28, 112, 56, say, margin=30)
    north = [PLACES[name] for name in ("Сиань", "Дуньхуан")] + [
        (87.6, 43.8),
        PLACES["Қаялық"],
        PLACES["Алматы"],
        PLACES["Тараз"],
        PLACES["Түркістан"],
        (62, 45.6),
        PLACES["Атырау"],
        (46, 47.5),
        (40, 47.2),
    ]
    south = [PLACES[name] for name in ("Дуньхуан",)] + [
        (80, 37.1),
        PLACES["Қашқар"],
        PLACES["Самарқан"],
        PLACES["Мерв"],
        PLACES["Тебриз"],
        PLACES["Антиохия"],
    ]
    parts = [
        sheet.grid(),
        sheet.area(KAZAKHSTAN, LAND, "#5fa6a0"),
        sheet.area(CASPIAN, SEA, "#2b5a68"),
        sheet.area(BALKHASH, SEA, "#2b5a68"),
        sheet.road(south, width=3),
        sheet.road(north, width=5),
    ]
    parts += [sheet.place(name) for name in ("Дуньхуан", "Алматы", "Қашқар", "Мерв", "Тебриз", "Антиохия")]
    parts += [sheet.place(name, side=-1) for name in ("Сиань", "Тараз", "Самарқан")]
    return _sheet(parts, say("Жібек жолы"), 11)


def baikonur(say: Say) -> bytes:
    sheet = Sheet(45, 39.5, 88.5, 56.5, say)
    x, y = sheet.at(PLACES["Байқоңыр"])
    rings = "".join(
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{r}" fill="none" stroke="#f2b36b" stroke-opacity="{0.6 - r / 320:.2f}" '
        f'stroke-width="2"/>'
        for r in (30, 60, 95, 135)
    )
    arc = sheet.road([PLACES["Байқоңыр"], (69, 48.6), (77, 50.9), (87.6, 52.6)], colour="#f2b36b", dash="1 0", width=3)
    parts = [
        sheet.grid(),
        sheet.area(KAZAKHSTAN, LAND, "#5fa6a0"),
        sheet.area(CASPIAN, SEA, "#2b5a68"),
        sheet.area(BALKHASH, SEA, "#2b5a68"),
        arc,
        rings,
        sheet.place("Байқоңыр", side=-1, size=32),
    ]
    parts += [sheet.place(name) for name in ("Астана", "Алматы")]
    return _sheet(parts, say("Байқоңыр ғарыш айлағы"), 12)


def caspian(say: Say) -> bytes:
    sheet = Sheet(38, 35.6, 64, 48.6, say, margin=40)
    parts = [sheet.grid(), sheet.area(KAZAKHSTAN, LAND, "#5fa6a0"), sheet.area(CASPIAN, "#14506a", "#8fd0d6", 3)]
    sea = smooth([sheet.at(point) for point in CASPIAN])
    parts.append(f'<clipPath id="sea"><path d="{sea}"/></clipPath>')
    for depth, fill in ((0.82, "#125873"), (0.6, "#0f4a66"), (0.36, "#0b3a56")):
        middle = (50.9, 41.2)
        shrunk = [
            (middle[0] + (x - middle[0]) * depth, middle[1] + (y - middle[1]) * depth - (1 - depth)) for x, y in CASPIAN
        ]
        parts.append(f'<g clip-path="url(#sea)">{sheet.area(shrunk, fill, "none", 0)}</g>')
    parts += [sheet.place(name) for name in ("Ақтау", "Атырау", "Түрікменбашы")]
    parts += [sheet.place(name, side=-1) for name in ("Баку", "Рэшт", "Астрахан")]
    return _sheet(parts, say("Каспий теңізі"), 13)


def balkhash(say: Say) -> bytes:
    sheet = Sheet(70.5, 43.2, 82.5, 48.2, say, margin=40)
    lake = gradient(
        "lake", [(0, "#3fb6c4", 1), (0.46, "#2d8fa5", 1), (0.54, "#1e6478", 1), (1, "#174b60", 1)], x2=1, y2=0
    )
    ili = [(80.2, 43.9), (78.2, 43.8), (77.1, 43.95), (76.2, 44.6), (75.2, 45.1), (74.3, 45.6)]
    karatal = [(78.6, 44.7), (77.9, 45.3), (77.6, 45.9), (77.3, 46.4)]
    rivers = "".join(
        f'<path d="{smooth([sheet.at(point) for point in river], closed=False)}" fill="none" stroke="#59b7c2" '
        f'stroke-width="{width}" stroke-linecap="round"/>'
        for river, width in ((ili, 6), (karatal, 3.5))
    )
    west, east, ile = sheet.at((74.15, 46.95)), sheet.at((77.8, 47.0)), sheet.at((76.4, 44.2))
    parts = [
        f"<defs>{lake}</defs>",
        sheet.grid(),
        sheet.area(KAZAKHSTAN, LAND, "#5fa6a0"),
        rivers,
        sheet.area(BALKHASH, "url(#lake)", "#8fd0d6", 3),
        label(say("тұщы су"), west[0] - 130, west[1] - 20, 30, fill="#9be3ea", weight=600),
        label(say("тұзды су"), east[0], east[1] - 10, 30, fill="#7fb4c6", weight=600),
        label(say("Іле"), ile[0] + 20, ile[1] - 6, 26, fill="#9be3ea", weight=600),
    ]
    parts += [sheet.place("Алматы", side=-1)]
    return _sheet(parts, say("Балқаш көлі"), 14)


def doha_astana(say: Say) -> bytes:
    sheet = Sheet(34, 20, 94, 56, say, margin=30)
    doha, astana = sheet.at(PLACES["Доха"]), sheet.at(PLACES["Астана"])
    bend = (doha[0] - 60, astana[1] - 40)
    arc = f"M{doha[0]:.0f},{doha[1]:.0f} Q{bend[0]:.0f},{bend[1]:.0f} {astana[0]:.0f},{astana[1]:.0f}"
    parts = [
        sheet.grid(),
        sheet.area(KAZAKHSTAN, LAND, "#5fa6a0"),
        sheet.area(CASPIAN, SEA, "#2b5a68"),
        f'<path d="{arc}" fill="none" stroke="{LINE}" stroke-width="16" stroke-opacity="0.12"/>'
        f'<path d="{arc}" fill="none" stroke="{LINE}" stroke-width="4" stroke-linecap="round"/>',
    ]
    parts += [sheet.place("Астана", size=38), sheet.place("Доха", size=38)]
    return _sheet(parts, say("Астана — Доха"), 15)
