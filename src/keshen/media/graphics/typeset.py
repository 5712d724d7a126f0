"""Measuring, wrapping and fitting text in the house face, for all scripts of the house.

Widths come from the font files (hmtx and HVAR at the wanted weight); Arabic letters are measured in the form they take
beside their neighbours. Sizes and widths are pixels. Kerning is left out, so MARGIN keeps a little in hand.
"""

from __future__ import annotations

import importlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

from keshen.media.graphics.shots import FontMissing

FACES = {
    "latin": ("fontpkg_noto_sans", "NotoSans[wdth,wght].ttf"),
    "arabic": ("fontpkg_noto_sans_arabic", "NotoSansArabic[wdth,wght].ttf"),
}
FAMILIES = {False: "Noto Sans, Noto Sans Arabic", True: "Noto Sans Arabic, Noto Sans"}
"""Font families by whether the words are in Arabic script."""
MARGIN = 1.02
ELLIPSIS = "…"
_JOINS_RIGHT_ONLY = frozenset("اأإآٱدذرزژوؤۆۇۋۈۉةە")
_JOINS_NOT = frozenset("ء")


@cache
def font_file(face: str) -> Path:
    """Path of the font file of a face. Raises FontMissing when the package is not installed or has moved its files."""
    package, name = FACES[face]
    try:
        module = importlib.import_module(package)
    except ImportError as error:
        raise FontMissing(f"the font package {package} is not installed: run the installation again") from error
    path = Path(str(module.__file__)).parent / "files" / name
    if not path.is_file():
        raise FontMissing(f"the font package {package} holds no file {name}: run the installation again")
    return path


def font_files() -> list[str]:
    """All font files of the house face; raises FontMissing."""
    return [str(font_file(face)) for face in FACES]


def is_arabic(character: str) -> bool:
    return "\u0600" <= character <= "\u06ff" or "\u0750" <= character <= "\u077f" or "\ufb50" <= character <= "\ufefc"


def is_rtl(text: str) -> bool:
    """Whether the first letter that has a direction runs from right to left (Unicode Bidirectional Algorithm, P2)."""
    for character in text:
        match unicodedata.bidirectional(character):
            case "L":
                return False
            case "R" | "AL":
                return True
    return False


@cache
def _font(face: str) -> Any:
    return TTFont(font_file(face), lazy=True)


@cache
def _glyphs(face: str, weight: int) -> tuple[Any, dict[int, str], int]:
    font = _font(face)
    return font.getGlyphSet(location={"wght": weight}), font.getBestCmap(), font["head"].unitsPerEm


@cache
def _replacements(feature: str) -> dict[str, tuple[str, ...]]:
    """What an Arabic feature puts for a glyph: ccmp (letters taken apart), init, medi or fina (GSUB types 1 and 2)."""
    table = _font("arabic")["GSUB"].table
    found: dict[str, tuple[str, ...]] = {}
    for record in table.FeatureList.FeatureRecord:
        if record.FeatureTag != feature:
            continue
        for index in record.Feature.LookupListIndex:
            for subtable in table.LookupList.Lookup[index].SubTable:
                subtable = getattr(subtable, "ExtSubTable", subtable)
                if subtable.LookupType in (1, 2):
                    for glyph, made in subtable.mapping.items():
                        found[glyph] = (made,) if isinstance(made, str) else tuple(made)
    return found


def _shaped(glyph: str, form: str) -> list[str]:
    """The glyphs that stand for one, in a joining form; dots and other marks stand on their letter and take no room."""
    parts = [glyph]
    for feature in ("ccmp", "ccmp", form):
        parts = [made for part in parts for made in _replacements(feature).get(part, (part,))]
    marks = _font("arabic")["GDEF"].table.GlyphClassDef.classDefs
    return [part for part in parts if marks.get(part) != 3]


@cache
def _advance(character: str, form: str, weight: int) -> float:
    """Advance of one character in ems, in a joining form ("" for none). Raises FontMissing for a letter no face has."""
    for face in ("arabic", "latin") if is_arabic(character) else ("latin", "arabic"):
        glyphs, cmap, em = _glyphs(face, weight)
        name = cmap.get(ord(character))
        if name is None:
            continue
        names = _shaped(name, form) if form and face == "arabic" else [name]
        return sum(float(glyphs[part].width) for part in names) / float(em)
    if unicodedata.category(character)[0] == "L":
        raise FontMissing(f"no font of the house has the letter {character!r} (U+{ord(character):04X})")
    return 0.6


def _joins(character: str, *, forward: bool) -> bool:
    if not is_arabic(character) or unicodedata.category(character) != "Lo" or character in _JOINS_NOT:
        return False
    return not (forward and character in _JOINS_RIGHT_ONLY)


def width(text: str, size: float, weight: int = 400) -> float:
    """Width of one line in pixels. Raises FontMissing."""
    letters = [character for character in text if unicodedata.category(character) not in ("Mn", "Cf", "Cc")]
    total = 0.0
    for index, character in enumerate(letters):
        form = ""
        if is_arabic(character):
            before = index > 0 and _joins(letters[index - 1], forward=True) and _joins(character, forward=False)
            after = (
                index + 1 < len(letters)
                and _joins(character, forward=True)
                and _joins(letters[index + 1], forward=False)
            )
            form = {(True, True): "medi", (True, False): "fina", (False, True): "init"}.get((before, after), "")
        total += _advance(character, form, weight)
    return total * size * MARGIN


@dataclass(frozen=True, slots=True)
class Fitted:
    """Lines that fit the box they were made for, with the size they fit at."""

    lines: tuple[str, ...]
    size: int
    leading: int
    shortened: bool = False

    @property
    def height(self) -> int:
        return self.leading * len(self.lines)


def _pieces(word: str, size: float, weight: int, room: float) -> list[str]:
    """A word cut so that every piece fits: only for what cannot be wrapped otherwise, such as an address."""
    if width(word, size, weight) <= room:
        return [word]
    pieces: list[str] = []
    start = 0
    for end in range(1, len(word) + 1):
        if end - start > 1 and width(word[start:end], size, weight) > room:
            pieces.append(word[start : end - 1])
            start = end - 1
    return [*pieces, word[start:]]


_BOUND = (
    re.compile(r"[ \u00a0]([—–])"),
    re.compile(r"(?<!\w)(\d+)[ \u00a0](?=\w)"),
    re.compile(r"(?<!\w)([A-ZА-ЯӘҒҚҢӨҰҮІ]\w?\.?) (?=[A-ZА-ЯӘҒҚҢӨҰҮІ])"),
)


def _words(text: str) -> list[str]:
    """What may stand at a line's beginning: not a dash, nor what follows a number, an initial or a short name part."""
    text = _BOUND[0].sub("\u00a0\\1", text)
    for pattern in _BOUND[1:]:
        text = pattern.sub("\\1\u00a0", text)
    return [word for word in re.split(r"[ \t\r\n]+", text) if word]


def wrap(text: str, size: float, weight: int, room: float) -> list[str]:
    """Lines no wider than `room`, filled greedily, then evened out so that the last line is not one word."""
    words = [piece for word in _words(text) for piece in _pieces(word, size, weight, room)]
    lines = _fill(words, size, weight, room)
    if len(lines) > 1:
        narrow, wide = room * 0.55, room
        for _ in range(7):
            middle = (narrow + wide) / 2
            tried = _fill(words, size, weight, middle)
            if len(tried) > len(lines) or any(width(line, size, weight) > middle for line in tried):
                narrow = middle
            else:
                wide = middle
        lines = _fill(words, size, weight, wide)
    return lines


def _fill(words: Sequence[str], size: float, weight: int, room: float) -> list[str]:
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, size, weight) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def fit(
    text: str, sizes: Sequence[int], weight: int, room: float, height: float, *, lines: int = 4, leading: float = 1.22
) -> Fitted:
    """The largest of `sizes` at which the text fits; at the smallest, words are dropped for an ellipsis.

    Arabic script stands taller: its leading is a sixth more. Raises FontMissing.
    """
    if is_rtl(text):
        leading *= 1.16
    fitted = Fitted((), sizes[-1], 1)
    for size in sizes:
        step = round(size * leading)
        most = max(1, min(lines, int(height // step)))
        wrapped = wrap(text, size, weight, room)
        fitted = Fitted(tuple(wrapped), size, step)
        if len(wrapped) <= most:
            return fitted
    kept = list(fitted.lines[: max(1, min(lines, int(height // fitted.leading)))])
    last = kept[-1].rstrip(" ,;:.–—-")
    while last and width(last + ELLIPSIS, fitted.size, weight) > room:
        last = last[:-1].rstrip()
    return Fitted((*kept[:-1], last + ELLIPSIS), fitted.size, fitted.leading, shortened=True)
