"""Whether a channel keeps the rules of time, judged from its playlists alone (RFC 8216, and 8216bis by its sections).

The checker reads what a player would read and knows nothing of how it was written: it shares no code with the writer,
so that a mistake made there is not made here too. One playlist is judged alone, two of one address as an update of
each other, and those of several renditions against each other. Times are milliseconds, of the Unix epoch where they
are instants.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Final

GRACE_MS: Final = 1500
"""How much the checker's clock and the road to the server may be off when a playlist's age is judged."""


class Rule(StrEnum):
    """The rules of time; `LAWS` says what each demands."""

    READABLE = "readable"
    TARGET = "target-duration"
    LENGTH = "segment-length"
    WINDOW = "window"
    SEQUENCE = "media-sequence"
    APPEND = "append-only"
    ADDRESS = "address"
    DISCONTINUITY = "discontinuity-sequence"
    CLOCK = "program-date-time"
    INIT = "init-segment"
    RENDITIONS = "renditions"
    FRESH = "fresh"
    EARLY = "not-early"
    SEGMENT = "segment-given"


LAWS: Final[Mapping[Rule, str]] = {
    Rule.READABLE: "A media playlist with its header, one address after each EXTINF (8216bis, 4.1 and 4.4)",
    Rule.TARGET: "EXT-X-TARGETDURATION never changes (6.2.1)",
    Rule.LENGTH: "No segment rounds to more than the target duration (4.4.3.1)",
    Rule.WINDOW: "What is listed lasts at least three target durations (6.2.2)",
    Rule.SEQUENCE: "EXT-X-MEDIA-SEQUENCE never goes back (6.2.1)",
    Rule.APPEND: "Segments are added at the end and removed at the start, in order (6.2.1)",
    Rule.ADDRESS: "A segment's address, length and place never change, and no address is used twice (6.2.1)",
    Rule.DISCONTINUITY: "Each segment keeps its discontinuity sequence number (6.2.2)",
    Rule.CLOCK: "EXT-X-PROGRAM-DATE-TIME goes on without gap or overlap (4.4.4.6)",
    Rule.INIT: "A segment keeps its EXT-X-MAP, and a fragment of MP4 has one (4.4.4.5)",
    Rule.RENDITIONS: "All renditions have the same segments at the same time (6.2.4)",
    Rule.FRESH: "A new segment is listed within one and a half target durations (6.2.2)",
    Rule.EARLY: "A segment is listed when it has ended, not before",
    Rule.SEGMENT: "What is listed is given when asked for (6.2.2)",
}
assert LAWS.keys() == set(Rule)


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that was broken, and where."""

    rule: Rule
    detail: str


class Unreadable(ValueError):
    """The text is no media playlist; the message names the line."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One segment as a playlist lists it: its numbers, address, length, instant, init address, whether it is a gap."""

    sequence: int
    discontinuity: int
    address: str
    length: int
    at: int | None
    init: str
    gap: bool


@dataclass(frozen=True, slots=True)
class Playlist:
    """A media playlist as read. `target` in seconds; `closed` is whether nothing will be added."""

    target: int
    sequence: int
    discontinuity: int
    segments: tuple[Listed, ...]
    closed: bool

    @property
    def end(self) -> int:
        """The media sequence number after the last one listed."""
        return self.sequence + len(self.segments)

    @property
    def length(self) -> int:
        return sum(one.length for one in self.segments)


_DECIMAL: Final = re.compile(r"\d+")
_LENGTH: Final = re.compile(r"(\d+)(?:\.(\d{1,6}))?,.*")
_URI: Final = re.compile(r'(?:^|,)URI="([^"]*)"')


def read(text: str) -> Playlist:
    """Read a media playlist. Tags that say nothing of time are passed over. Raises Unreadable."""
    lines = text.split("\n")
    if lines[0].rstrip("\r") != "#EXTM3U":
        raise Unreadable("line 1 is not #EXTM3U")
    head: dict[str, int] = {}
    segments: list[Listed] = []
    length, at, gap, init, closed = -1, None, False, "", False
    breaks = 0
    for place, line in enumerate(lines[1:], start=2):
        name, _, value = line.rstrip("\r").partition(":")
        if name in {"#EXT-X-TARGETDURATION", "#EXT-X-MEDIA-SEQUENCE", "#EXT-X-DISCONTINUITY-SEQUENCE"}:
            if segments or name in head or not _DECIMAL.fullmatch(value):
                raise Unreadable(f"line {place}: {line!r} is misplaced, repeated or no number")
            head[name] = int(value)
        elif name == "#EXTINF":
            length = _milliseconds(value, place)
        elif name == "#EXT-X-PROGRAM-DATE-TIME":
            at = _instant(value, place)
        elif name == "#EXT-X-MAP":
            found = _URI.search(value)
            if found is None:
                raise Unreadable(f"line {place}: EXT-X-MAP has no URI")
            init = found[1]
        elif name == "#EXT-X-GAP":
            gap = True
        elif name == "#EXT-X-DISCONTINUITY":
            breaks += 1
        elif name == "#EXT-X-ENDLIST":
            closed = True
        elif name and not name.startswith("#"):
            if length < 0:
                raise Unreadable(f"line {place}: an address without EXTINF before it")
            number = head.get("#EXT-X-MEDIA-SEQUENCE", 0) + len(segments)
            breaking = head.get("#EXT-X-DISCONTINUITY-SEQUENCE", 0) + breaks
            segments.append(Listed(number, breaking, line.rstrip("\r"), length, at, init, gap))
            at = at + length if at is not None else None
            length, gap = -1, False
    if length >= 0:
        raise Unreadable("the last EXTINF has no address")
    if "#EXT-X-TARGETDURATION" not in head:
        raise Unreadable("there is no EXT-X-TARGETDURATION")
    return Playlist(
        head["#EXT-X-TARGETDURATION"],
        head.get("#EXT-X-MEDIA-SEQUENCE", 0),
        head.get("#EXT-X-DISCONTINUITY-SEQUENCE", 0),
        tuple(segments),
        closed,
    )


def _milliseconds(value: str, place: int) -> int:
    match = _LENGTH.fullmatch(value)
    if match is None:
        raise Unreadable(f"line {place}: EXTINF {value!r} is no length")
    return int(match[1]) * 1000 + int((match[2] or "").ljust(6, "0")) // 1000


def _instant(value: str, place: int) -> int:
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise Unreadable(f"line {place}: {value!r} is no ISO 8601 time") from error
    if at.tzinfo is None:
        raise Unreadable(f"line {place}: {value!r} has no zone")
    return round(at.timestamp() * 1000)


def judge(playlist: Playlist, now: int | None = None) -> list[Fault]:
    """What is wrong with one playlist taken alone; with `now`, the instant it was fetched at, also with its age."""
    faults = []
    for one in playlist.segments:
        if (one.length + 500) // 1000 > playlist.target:
            faults.append(Fault(Rule.LENGTH, f"{one.address} lasts {one.length} ms, the target is {playlist.target} s"))
        if one.address.endswith((".m4s", ".mp4")) and not one.init:
            faults.append(Fault(Rule.INIT, f"{one.address} has no EXT-X-MAP"))
        if one.at is None:
            faults.append(Fault(Rule.CLOCK, f"{one.address} has no time"))
    for before, after in pairwise(playlist.segments):
        if before.at is not None and after.at is not None and before.at + before.length != after.at:
            moved = after.at - before.at - before.length
            faults.append(Fault(Rule.CLOCK, f"{after.address} begins {moved} ms after {before.address} ends"))
    addresses = [one.address for one in playlist.segments]
    if len(set(addresses)) < len(addresses):
        faults.append(Fault(Rule.ADDRESS, "an address is listed twice"))
    if not playlist.closed and playlist.length < 3 * playlist.target * 1000:
        faults.append(Fault(Rule.WINDOW, f"{playlist.length} ms are listed"))
    return faults + (_aged(playlist, now) if now is not None and not playlist.closed else [])


def _aged(playlist: Playlist, now: int) -> list[Fault]:
    last = playlist.segments[-1] if playlist.segments else None
    if last is None or last.at is None:
        return []
    ended = now - last.at - last.length
    if ended > playlist.target * 1500 + GRACE_MS:
        return [Fault(Rule.FRESH, f"the newest segment, {last.address}, ended {ended} ms ago")]
    if ended < -GRACE_MS:
        return [Fault(Rule.EARLY, f"{last.address} ends in {-ended} ms")]
    return []


def judge_update(before: Playlist, after: Playlist) -> list[Fault]:
    """What is wrong with `after` as a later state of `before`, both from one address (8216bis, 6.2.1).

    A segment that was listed may become a gap, since what is withdrawn must go; a gap never becomes a segment.
    """
    faults = []
    if after.target != before.target:
        faults.append(Fault(Rule.TARGET, f"it was {before.target} and is {after.target}"))
    if after.sequence < before.sequence:
        faults.append(Fault(Rule.SEQUENCE, f"it was {before.sequence} and is {after.sequence}"))
    if after.discontinuity < before.discontinuity:
        faults.append(Fault(Rule.DISCONTINUITY, f"it was {before.discontinuity} and is {after.discontinuity}"))
    if after.end < before.end:
        faults.append(Fault(Rule.APPEND, f"segments {after.end} to {before.end - 1} are no longer listed"))
    if before.closed and (after.end != before.end or not after.closed):
        faults.append(Fault(Rule.APPEND, "it was closed and goes on"))
    first = max(before.sequence, after.sequence)
    olds = before.segments[first - before.sequence :]
    news = after.segments[first - after.sequence :]
    for old, new in zip(olds, news, strict=False):
        faults += _changed(old, new)
    if news and before.segments and not olds:
        faults += _leapt(before.segments[-1], news[0])
    return faults


def _changed(old: Listed, new: Listed) -> list[Fault]:
    faults = []
    if (old.address, old.length) != (new.address, new.length):
        was, now = f"{old.address} of {old.length} ms", f"{new.address} of {new.length} ms"
        faults.append(Fault(Rule.ADDRESS, f"segment {old.sequence} was {was} and is {now}"))
    if old.discontinuity != new.discontinuity:
        was, now = str(old.discontinuity), str(new.discontinuity)
        faults.append(Fault(Rule.DISCONTINUITY, f"that of segment {old.sequence} was {was} and is {now}"))
    if old.at != new.at:
        faults.append(Fault(Rule.CLOCK, f"segment {old.sequence} began at {old.at} and begins at {new.at}"))
    if old.init != new.init:
        faults.append(Fault(Rule.INIT, f"that of segment {old.sequence} was {old.init!r} and is {new.init!r}"))
    if old.gap and not new.gap:
        faults.append(Fault(Rule.ADDRESS, f"segment {old.sequence} was a gap and is none"))
    return faults


def _leapt(last: Listed, first: Listed) -> list[Fault]:
    """Two windows that do not meet: numbers and time must have gone on alike."""
    if last.at is not None and first.at is not None and first.at < last.at + last.length:
        return [Fault(Rule.CLOCK, f"{first.address} begins before {last.address} ended")]
    return []


def judge_renditions(playlists: Mapping[str, Playlist]) -> list[Fault]:
    """What renditions of one moment do not have in common: numbers, lengths, instants, discontinuities."""
    held = list(playlists.items())
    faults = []
    for (one, first), (other, second) in pairwise(held):
        if (first.sequence, first.end) != (second.sequence, second.end):
            listed = f"{one} lists {first.sequence} to {first.end - 1}, {other} {second.sequence} to {second.end - 1}"
            faults.append(Fault(Rule.RENDITIONS, listed))
        for ours, theirs in zip(first.segments, second.segments, strict=False):
            if (ours.length, ours.at, ours.discontinuity) != (theirs.length, theirs.at, theirs.discontinuity):
                faults.append(Fault(Rule.RENDITIONS, f"segment {ours.sequence} is another in {one} than in {other}"))
                break
    return faults
