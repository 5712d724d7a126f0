"""Derived scripts for whole paragraphs: their inline pieces stay pieces, and an editor's own spelling wins."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Literal

from keshen.language.kazakh.arabic import arabic_converter
from keshen.language.kazakh.conversion import Converter
from keshen.language.kazakh.latin import latin_converter
from keshen.language.kazakh.settings import DEFAULT, Settings

Tag = Literal["kk-Latn", "kk-Arab"]
TAGS: tuple[Tag, ...] = ("kk-Latn", "kk-Arab")

_Change = tuple[int, int, tuple[str, ...]]


def converter(to: str, settings: Settings = DEFAULT) -> Converter:
    """The converter into `to`. Raises ValueError for a tag that is not derived from Kazakh Cyrillic."""
    if to == "kk-Latn":
        return latin_converter(settings)
    if to == "kk-Arab":
        return arabic_converter(settings)
    raise ValueError(f"{to} is not derived from Kazakh Cyrillic; it is one of {', '.join(TAGS)}")


def transliterate(
    runs: Sequence[str],
    to: str,
    settings: Settings = DEFAULT,
    overrides: Mapping[str, str] | None = None,
) -> list[str]:
    """The consecutive inline pieces of one paragraph in the script `to` (a BCP 47 tag), as many as were given.

    A word that runs over several pieces is converted as one word and stays cut where it was. `overrides` maps a
    fragment of the source, beginning and ending at the edge of a word, to what an editor wants there; it is written
    into the piece where the fragment begins.
    Raises ValueError for an unknown `to`.
    """
    convert = converter(to, settings)
    fixed = {source: target for source, target in (overrides or {}).items() if source}
    if not fixed:
        if len(runs) == 1:
            return [convert.text(runs[0])]
        joined = "".join(runs)
        return _cut(joined, runs, convert.spans(joined))
    joined = "".join(runs)
    changes: list[_Change] = []
    at = 0
    for match in _fragments(tuple(fixed)).finditer(joined):
        changes += _shifted(convert.spans(joined[at : match.start()]), at)
        changes.append((match.start(), match.end(), _whole(fixed[match.group()], match.end() - match.start())))
        at = match.end()
    changes += _shifted(convert.spans(joined[at:]), at)
    return _cut(joined, runs, changes)


def _fragments(sources: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(sources, key=lambda source: (-len(source), source))
    return re.compile("|".join(_bounded(source) for source in longest_first))


def _bounded(source: str) -> str:
    before = r"(?<!\w)" if re.match(r"\w", source) else ""
    after = r"(?!\w)" if re.search(r"\w$", source) else ""
    return before + re.escape(source) + after


def _whole(target: str, length: int) -> tuple[str, ...]:
    return (target, *([""] * (length - 1)))


def _shifted(changes: list[_Change], by: int) -> list[_Change]:
    return [(start + by, end + by, pieces) for start, end, pieces in changes]


def _cut(joined: str, runs: Sequence[str], changes: list[_Change]) -> list[str]:
    """The changed text, cut again where `runs` were cut."""
    ends = list(accumulate(len(run) for run in runs))
    out: list[list[str]] = [[] for _ in runs]
    run = 0

    def keep(start: int, end: int) -> None:
        nonlocal run
        while start < end:
            while ends[run] <= start:
                run += 1
            stop = min(end, ends[run])
            out[run].append(joined[start:stop])
            start = stop

    def put(start: int, pieces: tuple[str, ...]) -> None:
        nonlocal run
        for place, piece in enumerate(pieces, start):
            while ends[run] <= place:
                run += 1
            if piece:
                out[run].append(piece)

    at = 0
    for start, end, pieces in changes:
        keep(at, start)
        put(start, pieces)
        at = end
    keep(at, len(joined))
    return ["".join(parts) for parts in out]
