"""Captions: from paragraphs and the times they are spoken to cues that can be read, and those to WebVTT (W3C).

At most two lines of 37 characters (34 in Arabic script), one to six seconds on screen, broken at a sentence or clause
where there is one.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from keshen.media.sentences import sentences

LINE: Final = 37
LINE_ARABIC: Final = 34
LINES: Final = 2
SHORTEST: Final = 1.0
LONGEST: Final = 6.0
_ARABIC: Final = re.compile(r"[\u0600-\u06FF\u0750-\u077F\uFB50-\uFDFF\uFE70-\uFEFF]")
_CLAUSE: Final = re.compile(r"[,;:–—،؛]$")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A stretch of speech: `start` and `end` in seconds from the asset's first frame."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption: lines of plain text from `start` to `end`, in seconds from the asset's first frame."""

    start: float
    end: float
    lines: tuple[str, ...]


def line_length(text: str) -> int:
    """How many characters a line of this text may have."""
    return LINE_ARABIC if _ARABIC.search(text) else LINE


def _lines(words: Sequence[str], limit: int) -> list[str]:
    """Words in lines of at most `limit` characters; a longer word is broken."""
    lines: list[str] = []
    for word in words:
        while len(word) > limit:
            lines.append(word[: limit - 1] + "-")
            word = word[limit - 1 :]
        if lines and len(lines[-1]) + 1 + len(word) <= limit:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


def _blocks(sentence: str, limit: int) -> list[tuple[str, ...]]:
    """A sentence as captions of two lines at most: as few as hold it, of like length, better at the end of a clause."""
    words = sentence.split()
    whole = _lines(words, limit)
    if len(whole) <= LINES:
        return [_balanced(words, limit)]
    parts = -(-len(whole) // LINES)
    wanted = len(sentence) / parts
    blocks: list[tuple[str, ...]] = []
    begin = 0
    while begin < len(words):
        end, best, best_score = begin + 1, begin + 1, float("-inf")
        while end <= len(words) and len(_lines(words[begin:end], limit)) <= LINES:
            length = len(" ".join(words[begin:end]))
            score = -abs(length - wanted) + (wanted / 3 if _CLAUSE.search(words[end - 1]) else 0)
            if end == len(words):
                score += wanted / 2
            if score >= best_score:
                best, best_score = end, score
            end += 1
        if len(_lines(words[begin:best], limit)) > LINES:  # one word longer than a caption
            pieces = _lines(words[begin:best], limit)
            blocks += [tuple(pieces[n : n + LINES]) for n in range(0, len(pieces), LINES)]
        else:
            blocks.append(_balanced(words[begin:best], limit))
        begin = best
    return blocks


def _balanced(words: Sequence[str], limit: int) -> tuple[str, ...]:
    """One or two lines; of two, as nearly equal as the words allow."""
    if len(lines := _lines(words, limit)) < LINES or any(len(word) > limit for word in words):
        return tuple(lines)
    splits = [(" ".join(words[:n]), " ".join(words[n:])) for n in range(1, len(words))]
    fitting = [split for split in splits if max(map(len, split)) <= limit]
    return min(fitting, key=lambda split: abs(len(split[0]) - len(split[1]))) if fitting else tuple(lines)


def cues(paragraph: str, spoken: Spoken, parts: Sequence[Spoken] = (), until: float | None = None) -> list[Cue]:
    """The captions of one paragraph.

    `parts` are the times of its sentences; they are used when there are as many as sentences, else time is shared out
    by length. `until` is how long the last caption may stay (default: the end of the speech). Text that cannot be
    read in the time given runs on until `until`, and what then still has no second of its own joins its neighbour.
    """
    found = sentences(paragraph)
    spans = list(parts) if len(parts) == len(found) else _shares(found, spoken)
    limit = line_length(paragraph)
    timed: list[Cue] = []
    for sentence, span in zip(found, spans, strict=True):
        blocks = _blocks(sentence, limit)
        shares = _shares([" ".join(block) for block in blocks], span)
        timed += [Cue(share.start, share.end, block) for block, share in zip(blocks, shares, strict=True)]
    return _readable(timed, max(spoken.end, until or 0.0))


def _shares(texts: Sequence[str], span: Spoken) -> list[Spoken]:
    total = sum(map(len, texts)) or 1
    shares, at = [], span.start
    for text in texts:
        length = (span.end - span.start) * len(text) / total
        shares.append(Spoken(at, at + length))
        at += length
    return shares


def _readable(timed: list[Cue], end: float) -> list[Cue]:
    """Give every cue at least a second where there is room after it, and at most six."""
    made: list[Cue] = []
    for number, cue in enumerate(timed):
        following = timed[number + 1].start if number + 1 < len(timed) else end
        start = max(cue.start, made[-1].end if made else 0.0)
        stop = min(max(cue.end, start + SHORTEST), start + LONGEST, max(following, cue.end))
        if made and stop - start < SHORTEST:
            start = max(made[-1].start + SHORTEST, stop - SHORTEST)
            if start < made[-1].end:
                made[-1] = Cue(made[-1].start, start, made[-1].lines)
        made.append(Cue(start, max(stop, start + SHORTEST), cue.lines))
    return made


def _stamp(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}.{milliseconds % 1000:03}"


def webvtt(found: Sequence[Cue]) -> str:
    """A WebVTT file of these cues, with times from the asset's first frame."""
    blocks = ["WEBVTT\n"]
    for cue in found:
        text = "\n".join(html.escape(line, quote=False) for line in cue.lines)
        blocks.append(f"{_stamp(cue.start)} --> {_stamp(cue.end)}\n{text}\n")
    return "\n".join(blocks)
