"""What changed between two versions, word by word, as people read it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

type Change = Literal["same", "added", "removed"]

_TOKEN = re.compile(r"\s+|\w+(?:[-'’]\w+)*|[^\w\s]")
ALIKE = 0.35
"""Paragraphs that share at least this much are shown as one changed paragraph, others as removed and added."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words that stayed, came or went."""

    change: Change
    text: str


type Paragraph = tuple[Piece, ...]


def words(before: str, after: str) -> Paragraph:
    """The pieces of one paragraph, in reading order; what went stands before what came in its place."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    pieces: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(old[i1:i2])))
            continue
        if i2 > i1:
            pieces.append(Piece("removed", "".join(old[i1:i2])))
        if j2 > j1:
            pieces.append(Piece("added", "".join(new[j1:j2])))
    return tuple(_joined(pieces))


def paragraphs(before: Sequence[str], after: Sequence[str]) -> list[Paragraph]:
    """The paragraphs of both texts, each with what changed in it."""
    made: list[Paragraph] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            made += [(Piece("same", text),) for text in before[i1:i2]]
        else:
            made += _replaced(before[i1:i2], after[j1:j2])
    return made


def changed(paragraph: Paragraph) -> bool:
    """Whether anything in the paragraph came or went."""
    return any(piece.change != "same" for piece in paragraph)


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Paragraph]:
    """Pair each new paragraph with the next old one it resembles; the rest came or went whole."""
    at = 0
    for text in new:
        match = next((i for i in range(at, len(old)) if _alike(old[i], text)), None)
        if match is None:
            yield (Piece("added", text),)
            continue
        yield from ((Piece("removed", gone),) for gone in old[at:match])
        yield words(old[match], text)
        at = match + 1
    yield from ((Piece("removed", gone),) for gone in old[at:])


def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, _TOKEN.findall(one), _TOKEN.findall(other), autojunk=False).ratio() >= ALIKE


def _joined(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Join changes that only a space keeps apart, so that a rewritten phrase reads as one."""
    run: list[Piece] = []
    for index, piece in enumerate(pieces):
        gap = piece.change == "same" and piece.text.isspace() and run and index + 1 < len(pieces)
        if piece.change != "same" or gap:
            run.append(piece)
            continue
        yield from _flush(run)
        run = []
        yield piece
    yield from _flush(run)


def _flush(run: Sequence[Piece]) -> Iterator[Piece]:
    """A run as what went and what came; where only one of them happened there is nothing to join."""
    if {"removed", "added"} <= {piece.change for piece in run}:
        yield Piece("removed", "".join(piece.text for piece in run if piece.change != "added"))
        yield Piece("added", "".join(piece.text for piece in run if piece.change != "removed"))
    else:
        yield from run
