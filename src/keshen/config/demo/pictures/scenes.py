"""Landscapes in layers: sky, light, skylines, water, grass, and small silhouettes that give them scale."""

# ruff: noqa: E501  path data and SVG attributes read better whole
from __future__ import annotations

import math
import random
from collections.abc import Sequence

from keshen.config.demo.pictures.paint import TALL, WIDE, develop, glow, grass, smooth, stars
from keshen.media.graphics.backdrop import ridge
from keshen.media.graphics.canvas import gradient
from keshen.media.graphics.ornament import band
from keshen.media.graphics.palette import mix

Sky = Sequence[tuple[float, str, float]]
DAY: Sky = ((0, "#2f7fb5", 1), (0.5, "#8cc3dc", 1), (0.72, "#e9e4cf", 1))
DAWN: Sky = ((0, "#22304f", 1), (0.4, "#7b5f7a", 1), (0.62, "#e0906a", 1), (0.74, "#f7d79a", 1))
DUSK: Sky = ((0, "#101c3a", 1), (0.42, "#3d3a6b", 1), (0.62, "#b4566a", 1), (0.75, "#f0a26a", 1))
NIGHT: Sky = ((0, "#040814", 1), (0.5, "#0d1d38", 1), (0.8, "#27446a", 1))


def hills(seed: int, far: str, near: str, *, top: float, count: int = 4, height: float = 46, width: int = WIDE) -> str:
    """Skylines one behind another from `top` down to the lower edge, from the far colour to the near one."""
    parts = []
    for depth in range(count):
        share = depth / max(1, count - 1)
        level = top + (TALL - top) * 0.62 * share
        path = ridge(seed + depth, width, level, height * (1 - 0.45 * share), 0.52, TALL)
        parts.append(f'<path d="{path}" fill="{mix(far, near, share)}"/>')
    return "".join(parts)


def mountains(seed: int, level: float, height: float, rock: str, snow: str, width: int = WIDE) -> str:
    """A range with snow above its shoulders, by midpoint displacement."""
    source = random.Random(seed)
    heights = [0.3, 0.9, 0.55, 1.0, 0.7, 0.95, 0.35]
    for turn in range(4):
        spread = 0.3 / 1.9**turn
        heights = [
            value
            for left, right in zip(heights, [*heights[1:], heights[-1]], strict=True)
            for value in (left, (left + right) / 2 + source.uniform(-spread, spread))
        ][:-1]
    step = width / (len(heights) - 1)
    top = [(index * step, level - height * max(0.05, value)) for index, value in enumerate(heights)]
    rock_path = " L".join(f"{x:.0f},{y:.0f}" for x, y in top)
    snow_line = level - height * 0.5
    cap = [(x, y) for x, y in top]
    lower = [
        (x, max(y, min(snow_line, y + 26 + 60 * source.random())) if y < snow_line else y) for x, y in reversed(top)
    ]
    snow_path = " L".join(f"{x:.0f},{y:.0f}" for x, y in cap + lower)
    return (
        f'<path d="M0,{TALL} L{rock_path} L{width},{TALL} Z" fill="{rock}"/>'
        f'<path d="M{snow_path} Z" fill="{snow}" fill-opacity="0.86"/>'
    )


def sun(x: float, y: float, size: float, name: str = "sun") -> str:
    return (
        f'<circle cx="{x}" cy="{y}" r="{size * 7}" fill="url(#{name})"/>'
        f'<circle cx="{x}" cy="{y}" r="{size}" fill="#fff6df" fill-opacity="0.95"/>'
    )


def birds(seed: int, count: int, x: float, y: float, spread: float, colour: str) -> str:
    """A loose flock: two strokes each."""
    source = random.Random(seed)
    parts = []
    for _ in range(count):
        bx, by, size = x + source.gauss(0, spread), y + source.gauss(0, spread * 0.3), source.uniform(5, 12)
        parts.append(
            f"M{bx - size:.0f},{by:.0f} q{size / 2:.1f},{-size * 0.7:.1f} {size:.1f},0 "
            f"q{size / 2:.1f},{-size * 0.7:.1f} {size:.1f},0"
        )
    return f'<path d="{" ".join(parts)}" fill="none" stroke="{colour}" stroke-width="2.4" stroke-linecap="round"/>'


def _ground(sky: Sky, width: int = WIDE) -> tuple[str, str]:
    return gradient("sky", sky), f'<rect width="{width}" height="{TALL}" fill="url(#sky)"/>'


def yurt(x: float, base: float, size: float, wall: str, shade: str, line: str) -> str:
    """A felt house, `size` across, standing on `base`."""
    half, tall, roof = size / 2, size * 0.3, size * 0.32
    crown = size * 0.12
    dome = (
        f"M{x - half},{base - tall} C{x - half * 0.86},{base - tall - roof * 0.62} {x - crown * 1.6},"
        f"{base - tall - roof} {x - crown},{base - tall - roof} L{x + crown},{base - tall - roof} "
        f"C{x + crown * 1.6},{base - tall - roof} {x + half * 0.86},{base - tall - roof * 0.62} {x + half},{base - tall} Z"
    )
    door = size * 0.1
    return (
        f'<path d="{dome}" fill="{wall}"/>'
        f'<path d="M{x - half},{base - tall} L{x - half * 0.96},{base} L{x + half * 0.96},{base} L{x + half},'
        f'{base - tall} Z" fill="{mix(wall, shade, 0.22)}"/>'
        f'<rect x="{x - half}" y="{base - tall - size * 0.012}" width="{size}" height="{size * 0.065}" fill="{shade}"/>'
        + band(x - half + 4, base - tall - size * 0.008, size - 8, size * 0.056, stroke=line, weight=11)
        + f'<rect x="{x - door}" y="{base - tall * 0.86}" width="{door * 2}" height="{tall * 0.86}" fill="{shade}"/>'
        f'<path d="M{x - crown},{base - tall - roof} q{crown},{-crown * 0.85} {crown * 2},0 Z" fill="{shade}"/>'
        f'<path d="M{x},{base - tall - roof} V{base - tall} M{x - half * 0.5},{base - tall} L{x - crown * 0.5},'
        f'{base - tall - roof} M{x + half * 0.5},{base - tall} L{x + crown * 0.5},{base - tall - roof}" '
        f'stroke="{shade}" stroke-opacity="0.35" stroke-width="{size * 0.008}" fill="none"/>'
    )


CAMEL = (
    "M8,58 C4,50 6,42 12,38 C16,34 20,22 26,21 C32,21 33,32 37,36 C41,40 46,38 49,34 C52,30 53,20 59,20 C66,21 67,32 "
    "71,38 C76,44 84,42 88,34 C92,26 94,18 99,13 C103,9 109,9 114,12 L121,15 C124,17 124,20 121,21 L112,22 C107,23 "
    "105,26 103,32 C100,42 96,54 86,60 C82,62 80,64 79,68 L80,104 L75,104 L72,70 C60,73 44,73 32,70 L29,104 L24,104 "
    "L22,70 C18,68 14,64 12,60 L9,72 L7,72 Z M70,66 L67,104 L62,104 L62,68 Z M36,68 L38,104 L33,104 L28,68 Z"
)
SAIGA = (
    "M22,66 C16,54 20,42 32,38 C48,33 74,34 90,38 C98,40 103,36 107,29 C110,23 116,19 123,19 C130,19 136,23 139,29 "
    "C142,35 144,44 141,50 C139,55 132,56 129,51 C127,48 127,45 123,43 C118,42 113,44 110,49 C106,56 103,64 97,68 "
    "L100,86 L98,104 L94,104 L94,87 L88,70 C74,74 54,74 42,70 L40,86 L43,104 L39,104 L34,86 L32,74 C28,73 24,70 22,66 Z "
    "M119,20 C113,12 112,3 116,-6 C116,3 119,8 124,16 Z M126,19 C121,10 122,1 127,-7 C126,2 127,9 130,18 Z "
    "M110,26 C104,24 101,20 101,16 C106,17 111,20 114,23 Z "
    "M84,68 L88,86 L85,104 L81,104 L82,87 L74,70 Z M52,70 L50,86 L52,104 L48,104 L44,86 L44,70 Z"
)


def animal(
    path: str, x: float, base: float, height: float, colour: str, *, flip: bool = False, tall: float = 104
) -> str:
    scale = height / tall
    mirror = f"{-scale:.3f} {scale:.3f}" if flip else f"{scale:.3f}"
    return f'<path d="{path}" transform="translate({x:.0f} {base - height:.0f}) scale({mirror})" fill="{colour}"/>'


def steppe_day() -> bytes:
    definitions, sky = _ground(DAY)
    clouds = "".join(
        f'<ellipse cx="{x}" cy="{y}" rx="{w}" ry="{h}" fill="#ffffff" fill-opacity="0.34"/>'
        for x, y, w, h in (
            (330, 190, 190, 22),
            (420, 172, 110, 20),
            (1080, 130, 240, 20),
            (1220, 150, 150, 18),
            (760, 320, 260, 12),
        )
    )
    source = random.Random(8)
    tulips = "".join(
        f'<circle cx="{source.uniform(0, WIDE):.0f}" cy="{TALL - source.uniform(6, 120):.0f}" '
        f'r="{source.uniform(2.5, 6):.1f}" fill="{source.choice(("#d8412f", "#e8b13a", "#c93a4a"))}"/>'
        for _ in range(170)
    )
    body = (
        sky
        + clouds
        + sun(1240, 260, 34)
        + hills(3, "#a9b98a", "#5c6b34", top=560, count=5, height=40)
        + grass(4, WIDE, TALL + 10, 150, "#8b8f4c", 420)
        + tulips
        + birds(5, 9, 560, 300, 90, "#2b4a5c")
    )
    return develop(body, definitions + glow("sun", "#fff1c4", 0.8), seed=21)


def steppe_lakes() -> bytes:
    definitions, sky = _ground(DAWN)
    definitions += gradient("lake", [(0, "#f0b98a", 1), (0.5, "#a36f7c", 1), (1, "#2b3452", 1)]) + glow(
        "sun", "#ffe2a8"
    )
    source = random.Random(9)
    streaks = "".join(
        f'<rect x="{source.uniform(-100, WIDE):.0f}" y="{source.uniform(575, 850):.0f}" rx="2" height="3" '
        f'width="{source.uniform(40, 260):.0f}" fill="#ffe6bf" fill-opacity="{source.uniform(0.08, 0.4):.2f}"/>'
        for _ in range(90)
    )
    flamingos = ""
    for _ in range(34):
        x, y = source.gauss(620, 230), source.uniform(600, 720)
        s = (y - 520) / 130
        flamingos += (
            f'<g transform="translate({x:.0f} {y:.0f}) scale({s:.2f})" stroke="#3a1d2c" fill="none">'
            f'<path d="M0,0 V24 M4,0 V22" stroke-width="1.6"/>'
            f'<ellipse cx="2" cy="-4" rx="11" ry="6" fill="#b9505c" stroke="none"/>'
            f'<path d="M11,-6 C18,-12 8,-20 14,-27 C16,-30 20,-29 20,-25" stroke="#b9505c" stroke-width="3"/></g>'
        )
    body = (
        sky
        + sun(800, 520, 30)
        + hills(6, "#8a5d6e", "#5b405c", top=545, count=2, height=16)
        + f'<rect y="570" width="{WIDE}" height="340" fill="url(#lake)"/>'
        + streaks
        + flamingos
        + birds(2, 16, 1150, 280, 120, "#33233f")
        + grass(5, WIDE, TALL + 14, 170, "#1c1c30", 260)
    )
    return develop(body, definitions, seed=22)


def caspian_shore() -> bytes:
    definitions, sky = _ground(DUSK)
    definitions += gradient("sea", [(0, "#e79a72", 1), (0.25, "#8a5873", 1), (1, "#14233f", 1)]) + glow(
        "sun", "#ffcf8a"
    )
    source = random.Random(12)
    waves = ""
    for index in range(22):
        y = 560 + index**1.7 * 1.55
        points = [
            (x, y + math.sin(x / (60 + index * 7) + source.uniform(0, 6)) * (1 + index * 0.34))
            for x in range(-20, WIDE + 60, 40)
        ]
        waves += (
            f'<path d="{smooth(points, closed=False)}" fill="none" stroke="#ffd9b0" '
            f'stroke-opacity="{0.34 - index * 0.011:.2f}" stroke-width="{1 + index * 0.13:.1f}"/>'
        )
    cliff = (
        "M1600,900 L1600,330 C1540,322 1500,330 1462,344 C1440,352 1436,392 1408,402 C1380,410 1372,440 1340,452 "
        "C1310,462 1300,520 1262,536 C1216,552 1180,566 1120,574 L1090,590 C1180,640 1130,760 980,900 Z"
    )
    rays = sun(560, 548, 42)
    body = (
        sky
        + rays
        + f'<rect y="556" width="{WIDE}" height="350" fill="url(#sea)"/>'
        + waves
        + f'<path d="{cliff}" fill="#23203a"/><path d="M1600,420 C1500,424 1440,470 1380,500 C1330,530 1290,560 '
        f'1180,588 M1600,520 C1480,530 1400,580 1300,640" stroke="#b4566a" stroke-opacity="0.35" fill="none" '
        f'stroke-width="3"/>' + birds(7, 11, 880, 300, 110, "#221c38")
    )
    return develop(body, definitions, seed=23)


def launch() -> bytes:
    definitions, sky = _ground(NIGHT)
    definitions += glow("fire", "#ffd28a") + gradient(
        "plume", [(0, "#fff6df", 1), (0.3, "#ffc36b", 0.95), (1, "#ff8a3c", 0.0)]
    )
    x = 830
    smoke = "".join(
        f'<ellipse cx="{x + dx}" cy="{dy}" rx="{rx}" ry="{ry}" fill="#ffb877" fill-opacity="{opacity}"/>'
        for dx, dy, rx, ry, opacity in (
            (-190, 735, 210, 44, 0.22),
            (200, 738, 230, 46, 0.22),
            (0, 722, 170, 60, 0.4),
            (-330, 748, 150, 24, 0.14),
            (360, 750, 160, 24, 0.14),
            (0, 742, 420, 26, 0.18),
        )
    )
    rocket = (
        f'<path d="M{x},230 C{x + 13},252 {x + 15},280 {x + 15},310 L{x + 15},420 L{x + 34},470 L{x + 14},470 L{x - 14},470 '
        f'L{x - 34},470 L{x - 15},420 L{x - 15},310 C{x - 15},280 {x - 13},252 {x},230 Z" fill="#e9edf2"/>'
        f'<path d="M{x + 3},240 C{x + 13},256 {x + 15},280 {x + 15},310 L{x + 15},420 L{x + 34},470 L{x + 6},470 Z" '
        f'fill="#8fa0b4"/><rect x="{x - 15}" y="330" width="30" height="10" fill="#0f7fa3"/>'
    )
    mast = "".join(
        f'<path d="M{mx},748 V{top} M{mx + 16},748 V{top} M{mx},{top} h16 '
        + " ".join(f"M{mx},{y} l16,{18}" for y in range(top, 740, 22))
        + '" stroke="#0a1220" stroke-width="4" fill="none"/>'
        for mx, top in ((x - 120, 470), (x + 104, 500))
    )
    body = (
        sky
        + stars(31, 620, WIDE, 700)
        + f'<circle cx="{x}" cy="560" r="560" fill="url(#fire)"/>'
        + hills(41, "#1b2c4a", "#0c1526", top=730, count=2, height=10)
        + smoke
        + f'<path d="M{x - 20},468 C{x - 46},560 {x - 60},660 {x - 80},750 L{x + 80},750 C{x + 60},660 {x + 46},560 '
        f'{x + 20},468 Z" fill="url(#plume)"/>'
        + mast
        + rocket
        + f'<rect y="748" width="{WIDE}" height="160" fill="#070d18"/>'
        + grass(6, WIDE, TALL + 8, 90, "#1d2233", 240)
    )
    return develop(body, definitions, seed=24)


def caravan() -> bytes:
    definitions, sky = _ground(DUSK)
    definitions += glow("sun", "#ffc987")
    body = (
        sky
        + sun(1060, 470, 60)
        + mountains(5, 600, 200, "#6b4468", "#f0b49a")
        + hills(51, "#8a4a58", "#2a1830", top=600, count=3, height=36)
    )
    base = 742
    for index in range(7):
        body += animal(CAMEL, 200 + index * 168, base + 4 - 6 * math.sin(index), 118, "#1a0f20")
    rope = " ".join(f"M{326 + index * 168},{base - 96} q26,40 52,52" for index in range(6))
    body += f'<path d="{rope}" stroke="#1a0f20" stroke-width="2" fill="none"/>'
    body += f'<path d="{ridge(77, WIDE, 742, 12, 0.4, TALL)}" fill="#1a0f20"/>' + grass(
        8, WIDE, TALL + 8, 110, "#0f0914", 260
    )
    return develop(body, definitions, seed=25)


def saiga() -> bytes:
    definitions, sky = _ground(DAWN)
    definitions += glow("sun", "#ffe0a0")
    body = sky + sun(440, 560, 70) + hills(61, "#c78a68", "#54364a", top=600, count=3, height=22)
    for x, base, size, flip in (
        (1120, 690, 70, True),
        (1240, 684, 64, True),
        (960, 694, 74, True),
        (840, 686, 60, True),
    ):
        body += animal(SAIGA, x, base, size, "#5d3c4c", flip=flip)
    body += f'<path d="{ridge(88, WIDE, 770, 16, 0.5, TALL)}" fill="#2a1a2c"/>'
    body += animal(SAIGA, 900, 792, 290, "#1f1222", flip=True) + animal(SAIGA, 1260, 786, 180, "#1f1222", flip=True)
    body += grass(9, WIDE, TALL + 14, 160, "#1a0f1d", 420)
    return develop(body, definitions, seed=26)


def apple() -> bytes:
    definitions, sky = _ground(DAY)
    definitions += gradient("fruit", [(0, "#f2c14e", 1), (0.45, "#dd5a3a", 1), (1, "#9c1f2b", 1)], x2=0.7)
    definitions += gradient("leaf", [(0, "#8fb04c", 1), (1, "#3f6a33", 1)], x2=1)
    source = random.Random(14)
    trees = "".join(
        f'<circle cx="{source.uniform(0, WIDE):.0f}" cy="{source.uniform(640, 780):.0f}" r="{source.uniform(26, 60):.0f}" '
        f'fill="{source.choice(("#4e7a3c", "#5d8843", "#3f6a38", "#70964c"))}"/>'
        for _ in range(110)
    )
    fruit = (
        "M0,-62 C26,-92 92,-84 98,-18 C102,44 54,104 22,100 C8,98 -8,98 -22,100 C-54,104 -102,44 -98,-18 "
        "C-92,-84 -26,-92 0,-62 Z"
    )
    hanging = ""
    for x, y, size, turn in ((300, 250, 1.35, -8), (560, 150, 0.95, 10), (130, 120, 0.8, -14), (760, 70, 0.7, 6)):
        hanging += (
            f'<g transform="translate({x} {y}) rotate({turn}) scale({size})">'
            f'<path d="M0,-58 C4,-90 -4,-120 8,-160" stroke="#4a3524" stroke-width="8" fill="none"/>'
            f'<path d="{fruit}" fill="url(#fruit)"/>'
            f'<path d="M-56,-40 C-70,-10 -66,30 -46,56" stroke="#ffffff" stroke-opacity="0.35" stroke-width="12" '
            f'stroke-linecap="round" fill="none"/>'
            f'<path d="M6,-92 C50,-140 110,-130 132,-96 C92,-78 44,-74 6,-92 Z" fill="url(#leaf)"/></g>'
        )
    branch = '<path d="M-20,60 C200,70 420,20 900,-30" stroke="#4a3524" stroke-width="20" fill="none"/>'
    leaves = "".join(
        f'<path d="M0,0 C30,-34 80,-30 104,0 C80,26 30,26 0,0 Z" fill="url(#leaf)" '
        f'transform="translate({x} {y}) rotate({turn}) scale({size})"/>'
        for x, y, turn, size in (
            (60, 62, 60, 1),
            (190, 56, -40, 0.9),
            (420, 30, 50, 1.1),
            (640, 6, -160, 0.9),
            (480, 20, 130, 0.8),
            (230, 58, 150, 0.8),
            (860, -20, 40, 1),
        )
    )
    body = (
        sky
        + mountains(15, 660, 330, "#58718a", "#f4f7fa")
        + hills(66, "#7fa07a", "#45703c", top=610, count=3, height=42)
        + trees
        + grass(15, WIDE, TALL + 10, 120, "#3c5f30", 300)
        + branch
        + leaves
        + hanging
    )
    return develop(body, definitions, seed=27)


def yurt_scene() -> bytes:
    definitions, sky = _ground(NIGHT)
    definitions += glow("fire", "#ffb45e")
    source = random.Random(70)
    milky = ""
    for _ in range(900):
        along = source.uniform(0, 1)
        x, y = along * WIDE * 1.1 - 60, 560 - along * 620 + source.gauss(0, 52)
        milky += (
            f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{source.uniform(0.5, 1.3):.1f}" fill="#c9d8f2" fill-opacity="0.32"/>'
        )
    body = (
        sky
        + milky
        + stars(71, 900, WIDE, 640)
        + mountains(9, 660, 210, "#1d2f4d", "#8fa9cc")
        + hills(72, "#182844", "#0b1424", top=640, count=3, height=26)
        + '<circle cx="1020" cy="720" r="420" fill="url(#fire)" fill-opacity="0.5"/>'
        + yurt(520, 790, 420, "#d9d2c0", "#5a2f36", "#e7c987")
        + yurt(1250, 760, 250, "#b9b6b0", "#4a2c38", "#d6b873")
        + '<path d="M1006,800 q14,-50 6,-66 q26,26 20,46 q12,-8 10,-22 q18,26 2,44 Z" fill="#ffb65c"/>'
        + grass(16, WIDE, TALL + 10, 90, "#0a101d", 260)
    )
    return develop(body, definitions, seed=28)
