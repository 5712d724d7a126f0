"""Posters: instruments, ornament, rock pictures, scripts, and how the house is built. Vector drawing and type."""

# ruff: noqa: E501  path data and SVG attributes read better whole
from __future__ import annotations

import math
import random

from keshen.config.demo.pictures.paint import TALL, WIDE, develop, extent, glow, label
from keshen.config.demo.pictures.words import Say
from keshen.media.graphics.canvas import gradient, text
from keshen.media.graphics.ornament import band, horn, rosette
from keshen.media.graphics.palette import mix
from keshen.media.graphics.typeset import is_rtl, width

FELT, GOLD, INK = "#f6f1e4", "#d9b46a", "#0b1620"


def _ground(top: str, bottom: str, light: str) -> tuple[str, str]:
    return (
        gradient("ground", [(0, top, 1), (1, bottom, 1)]) + glow("light", light, 0.55),
        f'<rect width="{WIDE}" height="{TALL}" fill="url(#ground)"/>'
        f'<ellipse cx="{WIDE * 0.68}" cy="{TALL * 0.45}" rx="760" ry="560" fill="url(#light)"/>',
    )


def _waves(x: float, y: float, colour: str) -> str:
    """Sound, as strings that swing: nested sine lines."""
    parts = []
    for index in range(14):
        points = " ".join(
            f"{'L' if step else 'M'}{x + step * 14},"
            f"{y + index * 22 + math.sin(step / 5 + index * 0.35) * 26 * math.sin(step / 52 * math.pi):.1f}"
            for step in range(53)
        )
        parts.append(
            f'<path d="{points}" fill="none" stroke="{colour}" stroke-opacity="{0.08 + 0.03 * index:.2f}" '
            f'stroke-width="2"/>'
        )
    return "".join(parts)


def dombra(say: Say) -> bytes:
    definitions, ground = _ground("#3a1712", "#170b0c", "#b4512c")
    definitions += gradient("wood", [(0, "#e2a45c", 1), (0.5, "#c07a35", 1), (1, "#7a431c", 1)], x2=1, y2=0)
    bowl = (
        "M0,-250 C46,-240 128,-120 150,40 C166,160 96,250 0,250 C-96,250 -166,160 -150,40 C-128,-120 -46,-240 0,-250 Z"
    )
    frets = "".join(
        f'<path d="M-15,{y} h30" stroke="#f2dcae" stroke-width="3"/>'
        for y in (-290, -320, -352, -386, -422, -460, -500, -542, -586, -632)
    )
    body = (
        ground + _waves(90, 300, "#e9b27a") + '<g transform="translate(1130 560) rotate(24)">'
        f'<rect x="-16" y="-720" width="32" height="500" fill="#5a2f18"/>{frets}'
        f'<path d="M-22,-720 h44 l10,-96 h-64 Z" fill="#4a2412"/>'
        f'<path d="{bowl}" fill="url(#wood)" stroke="#4a2412" stroke-width="6"/>'
        '<circle cx="0" cy="10" r="17" fill="#1a0c08"/>'
        + "".join(horn(x, 150, 62, stroke="#5a2f18", weight=7, turn=turn) for x, turn in ((-62, -20), (62, 20)))
        + '<rect x="-40" y="128" width="80" height="9" rx="3" fill="#3a1c0e"/>'
        '<path d="M-7,-800 V214 M7,-800 V214" stroke="#fff3da" stroke-width="2.4"/></g>'
        + label(say("Домбыра"), 96, 168, 84, fill=FELT, weight=700)
        + label(say("екі шек, мың күй"), 98, 226, 34, fill="#e9b27a", weight=400)
    )
    return develop(body, definitions, seed=31)


def kobyz(say: Say) -> bytes:
    definitions, ground = _ground("#122b2c", "#081414", "#3c7a6a")
    definitions += gradient("wood", [(0, "#a8743f", 1), (0.5, "#7d4f28", 1), (1, "#3f2513", 1)], x2=1, y2=0)
    open_bowl = (
        "M-22,-210 C-96,-190 -132,-96 -120,-10 C-112,50 -92,80 -92,120 C-92,190 -58,236 0,236 C58,236 92,190 92,120 "
        "C92,80 112,50 120,-10 C132,-96 96,-190 22,-210 Z"
    )
    hollow = "M0,-186 C-70,-170 -96,-96 -88,-20 C-84,16 -60,30 0,30 C60,30 84,16 88,-20 C96,-96 70,-170 0,-186 Z"
    body = (
        ground + _waves(90, 320, "#8fc7b0") + '<g transform="translate(1120 560) rotate(-10)">'
        '<path d="M-18,-200 C-14,-330 -26,-430 -10,-520 C-4,-556 30,-560 40,-530 C24,-540 14,-520 16,-490 C20,-400 14,-320 '
        '18,-200 Z" fill="#5a3820"/>'
        f'<path d="{open_bowl}" fill="url(#wood)" stroke="#2c190c" stroke-width="6"/>'
        f'<path d="{hollow}" fill="#1c100a"/>'
        '<path d="M-92,110 C-60,60 60,60 92,110 C92,190 58,236 0,236 C-58,236 -92,190 -92,110 Z" fill="#d9c6a0"/>'
        '<rect x="-34" y="146" width="68" height="9" rx="3" fill="#3a2414"/>'
        '<path d="M-5,-500 C-14,-300 -9,0 -8,224 M6,-500 C14,-300 9,0 8,224" stroke="#f5ead0" stroke-width="4.5" fill="none"/>'
        '<path d="M-52,-470 h104 M-46,-430 h92" stroke="#3a2414" stroke-width="13" stroke-linecap="round"/></g>'
        '<g transform="translate(1120 560)"><path d="M-320,150 C-220,30 160,-60 330,-30" stroke="#7d4f28" stroke-width="11" '
        'fill="none" stroke-linecap="round"/><path d="M-316,152 L330,-26" stroke="#f5ead0" stroke-opacity="0.8" '
        'stroke-width="3.5"/></g>'
        + label(say("Қылқобыз"), 96, 168, 84, fill=FELT, weight=700)
        + label(say("Қорқыт ата сарыны"), 98, 226, 34, fill="#8fc7b0", weight=400)
    )
    return develop(body, definitions, seed=32)


def ornament() -> bytes:
    red, cream, blue = "#8f2230", "#f0e2bf", "#17475a"
    parts = [f'<rect width="{WIDE}" height="{TALL}" fill="{red}"/>']
    for index in range(5):
        x = 160 + index * 320
        parts.append(
            f'<path d="M{x},150 l150,300 l-150,300 l-150,-300 Z" fill="{blue if index % 2 else mix(red, INK, 0.45)}" '
            f'stroke="{cream}" stroke-width="7"/>'
        )
        parts.append(rosette(x, 450, 330, stroke=cream, weight=11))
        for y, turn in ((92, 180), (808, 0)):
            parts.append(horn(x + 160, y + (70 if y < 450 else -70), 120, stroke=GOLD, weight=11, turn=turn))
    for y in (18, TALL - 88):
        parts.append(f'<rect y="{y}" width="{WIDE}" height="70" fill="{blue}"/>')
        parts.append(band(0, y + 6, WIDE, 58, stroke=cream, weight=9))
    source = random.Random(5)
    fibres = " ".join(
        f"M{source.uniform(0, WIDE):.0f},{source.uniform(0, TALL):.0f} "
        f"l{source.uniform(-26, 26):.0f},{source.uniform(-14, 14):.0f}"
        for _ in range(2600)
    )
    parts.append(f'<path d="{fibres}" stroke="#ffffff" stroke-opacity="0.07" stroke-width="1.4"/>')
    return develop("".join(parts), seed=33)


def _goat(x: float, y: float, size: float) -> str:
    return (
        f'<g transform="translate({x} {y}) scale({size})" fill="none" stroke="#f0d9ae" stroke-width="9" '
        f'stroke-linecap="round" stroke-linejoin="round"><path d="M0,0 C10,-26 60,-26 78,-4 L76,40 M64,0 L60,40 '
        f'M10,-6 L4,40 M22,-8 L26,40 M78,-4 L92,-28 L108,-22 M92,-28 C84,-74 30,-86 4,-58 M0,0 L-12,-8"/></g>'
    )


def tamgaly() -> bytes:
    definitions, ground = _ground("#6a4632", "#33211a", "#a9714a")
    source = random.Random(17)
    cracks = ""
    for _ in range(26):
        x, y = source.uniform(0, WIDE), source.uniform(0, TALL)
        path = f"M{x:.0f},{y:.0f}"
        for _step in range(source.randint(4, 9)):
            path += f" l{source.uniform(-60, 80):.0f},{source.uniform(-34, 50):.0f}"
        cracks += f'<path d="{path}" stroke="#20130e" stroke-opacity="0.55" stroke-width="{source.uniform(1, 5):.1f}" fill="none"/>'
    facets = "".join(
        f'<path d="M{x:.0f},{y:.0f} l{source.uniform(90, 260):.0f},{source.uniform(-80, 60):.0f} '
        f'l{source.uniform(-60, 90):.0f},{source.uniform(80, 200):.0f} Z" fill="{source.choice(("#000000", "#ffffff"))}" '
        f'fill-opacity="0.045"/>'
        for x, y in ((source.uniform(-100, WIDE), source.uniform(-60, TALL)) for _ in range(120))
    )
    cx, cy = 1060, 280
    rays = " ".join(
        f"M{cx + 118 * math.cos(a):.0f},{cy + 118 * math.sin(a):.0f} L{cx + 190 * math.cos(a):.0f},{cy + 190 * math.sin(a):.0f}"
        for a in (index * math.tau / 22 for index in range(22))
    )
    dots = "".join(
        f'<circle cx="{cx + 212 * math.cos(a):.0f}" cy="{cy + 212 * math.sin(a):.0f}" r="8" fill="#f0d9ae"/>'
        for a in (index * math.tau / 22 for index in range(22))
    )
    figure = (
        f'<g fill="none" stroke="#f0d9ae" stroke-width="12" stroke-linecap="round"><circle cx="{cx}" cy="{cy}" r="100"/>'
        f'<circle cx="{cx}" cy="{cy}" r="62"/><circle cx="{cx}" cy="{cy}" r="20"/><path d="{rays}"/>'
        f'<path d="M{cx},{cy + 104} V{cy + 390} M{cx},{cy + 262} C{cx - 70},{cy + 256} {cx - 110},{cy + 280} {cx - 120},{cy + 340} '
        f"M{cx},{cy + 262} C{cx + 70},{cy + 256} {cx + 110},{cy + 280} {cx + 120},{cy + 340} M{cx},{cy + 390} L{cx - 60},{cy + 520} "
        f'M{cx},{cy + 390} L{cx + 60},{cy + 520}"/></g>'
    )
    goats = _goat(180, 330, 1.7) + _goat(430, 520, 1.25) + _goat(160, 640, 1.05) + _goat(560, 250, 0.9)
    return develop(ground + facets + cracks + goats + figure + dots, definitions, seed=34)


def scripts() -> bytes:
    definitions, ground = _ground("#15384a", "#0a1a26", "#2c7f92")
    rows = (("Қазақстан", "кириллица", 330), ("Qazaqstan", "latyn", 510), ("قازاقستان", "تٶتە جازۋ", 690))
    parts = [ground, band(96, 96, 1408, 44, stroke=GOLD, weight=6, opacity=0.6)]
    for word, note, y in rows:
        size = 150
        shift = (WIDE - width(word, size, 700) / 1.02) / 2
        x = WIDE - shift if is_rtl(word) else shift
        parts.append(text(word, x, y, size, fill=FELT, weight=700, rtl=is_rtl(word)))
        if not is_rtl(note):
            parts.append(text(note, 100, y - 34, 28, fill=GOLD, weight=500))
        parts.append(f'<rect x="96" y="{y + 44}" width="1408" height="1" fill="#ffffff" fill-opacity="0.14"/>')
    parts.append(text("төте жазу", 100, 656, 28, fill=GOLD, weight=500))
    parts.append(band(96, 790, 1408, 44, stroke=GOLD, weight=6, opacity=0.6))
    return develop("".join(parts), definitions, seed=35)


def house(say: Say) -> bytes:
    definitions, ground = _ground("#0f2c3b", "#08141d", "#1d6b78")
    outlets = (("Лента", "#0a6ebd"), ("Сайт", "#3aa6c9"), ("Радио", "#c9922b"), ("Теледидар", "#0fa3a3"))
    story = say("Бір хабар")
    parts = [
        ground,
        rosette(420, 450, 330, stroke=GOLD, weight=5, opacity=0.9),
        f'<circle cx="420" cy="450" r="196" fill="none" stroke="{GOLD}" stroke-opacity="0.4" stroke-width="2"/>',
        label(story, 420 - extent(story, 40, 700) / 2, 724, 40, fill=FELT, weight=700),
    ]
    for index, (name, colour) in enumerate(outlets):
        y = 180 + index * 180
        bright = mix(colour, "#ffffff", 0.25)
        parts.append(
            f'<path d="M620,450 C800,450 800,{y} 980,{y}" fill="none" stroke="{bright}" stroke-width="5" '
            f'stroke-opacity="0.85"/><circle cx="980" cy="{y}" r="12" fill="{bright}"/>'
            f'<circle cx="980" cy="{y}" r="28" fill="none" stroke="{bright}" stroke-opacity="0.4" stroke-width="2"/>'
        )
        parts.append(label(say(name), 1040, y + 20, 58, fill=FELT, weight=700))
    return develop("".join(parts), definitions, seed=36)
