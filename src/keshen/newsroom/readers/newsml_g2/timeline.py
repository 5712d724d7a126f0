"""The parts of a film or sound: what is to be seen and heard from when to when (`partMeta`)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from keshen.house.phrases import phrase, sentence
from keshen.newsroom.readers.incoming import Part
from keshen.newsroom.readers.newsml_g2.parts import Codes, in_language, last
from keshen.newsroom.readers.xmltree import Element

_CLOCK = re.compile(r"(?:npt=)?(\d{1,3}):([0-5]?\d):([0-5]?\d)(?:([.,]\d+)|([:;])(\d{1,3}))?")
_NUMBER = re.compile(r"\d{1,15}(?:\.\d+)?")
_DROPPED = 2
"""Frame numbers that drop-frame time code leaves out in each minute but every tenth (SMPTE ST 12-1, 29.97 frames/s)."""
_NTSC = 30_000 / 1_001


def parts_of(item: Element, codes: Codes) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """The parts in order, and a warning when the times of some were not understood."""
    parts, unclear = [], 0
    rates = _rates(item)
    for element in sorted(item.iterfind("./partMeta"), key=_order):
        delimiter = element.find("./timeDelim")
        starts, ends = (None, None) if delimiter is None else _span(delimiter, rates)
        unclear += delimiter is not None and (starts is None or ends is None)
        language, icon = element.find("./language"), element.find("./icon")
        part = Part(
            description=in_language(element, "./description", codes.language)
            or in_language(element, "./headline", codes.language),
            starts=starts or 0.0,
            ends=ends or 0.0,
            language=(language.get("tag") or "") if language is not None else "",
            sound=last(language.get("role")) if language is not None else "",
            picture=(icon.get("href") or "").strip() if icon is not None else "",
        )
        if part != Part():
            parts.append(part)
    said = phrase("The times of some parts were not understood: %(count)d.", count=unclear)
    return tuple(parts), (sentence(said),) if unclear else ()


def _order(element: Element) -> int:
    number = element.get("seq") or ""
    return int(number) if number.isascii() and number.isdigit() else 0


def _span(delimiter: Element, rates: Mapping[str, float]) -> tuple[float | None, float | None]:
    unit = last(delimiter.get("timeunit") or delimiter.get("timeunituri")).lower()
    rate = rates.get(delimiter.get("renditionref") or delimiter.get("renditionrefuri") or "", rates.get("", 0.0))
    starts, ends = (_seconds((delimiter.get(name) or "").strip(), unit, rate) for name in ("start", "end"))
    return starts, ends


def _rates(item: Element) -> Mapping[str, float]:
    """Edit units a second of each file by its rendition; under no name those of all files, where they are the same."""
    found: dict[str, float] = {}
    for file in item.iterfind("./contentSet//remoteContent"):
        said = file.get("videoframerate") or file.get("audiosamplerate") or ""
        if _NUMBER.fullmatch(said) and float(said):
            for name in filter(None, (file.get("rendition"), file.get("renditionuri"), file.get("href"))):
                found.setdefault(name, float(said))
    rates = set(found.values())
    return {**found, "": rates.pop() if len(rates) == 1 else 0.0}


def _seconds(text: str, unit: str, rate: float) -> float | None:
    """Seconds from the beginning, to the millisecond; None when nobody can tell.

    `unit` is of `http://cv.iptc.org/newscodes/timeunit/`: editUnit, milliseconds, normalPlayTime, seconds, timeCode,
    timeCodeDropFrame.
    """
    if clock := _CLOCK.fullmatch(text):
        return _of_clock(clock, rate, dropped=unit == "timecodedropframe" or clock[5] == ";")
    if not _NUMBER.fullmatch(text):
        return None
    scale = {"seconds": 1.0, "normalplaytime": 1.0, "milliseconds": 1000.0, "editunit": rate}.get(unit, 0.0)
    return round(float(text) / scale, 3) if scale else None


def _of_clock(clock: re.Match[str], rate: float, dropped: bool) -> float | None:
    hours, minutes, seconds = (int(clock[place]) for place in (1, 2, 3))
    whole = hours * 3600 + minutes * 60 + seconds
    if clock[6] is None:
        return round(whole + float((clock[4] or "0").replace(",", ".")), 3)
    if dropped:
        passed = whole // 60
        return round((whole * 30 + int(clock[6]) - _DROPPED * (passed - passed // 10)) / _NTSC, 3)
    return round(whole + int(clock[6]) / rate, 3) if rate else None
