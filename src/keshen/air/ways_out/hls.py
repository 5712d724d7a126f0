"""HLS playlists (RFC 8216 and its second edition, 8216bis) written from a timeline.

A segment's lines depend on nothing but the laid log, so they are made once, kept, and joined: two nodes write the same
bytes for the same tick. Addresses are relative to the playlist and hold the entry, so that the same asset aired twice
has two addresses, and an address never comes to mean something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from keshen.air.protection.keys import OPEN, Lock, Method, Protection
from keshen.air.timeline import BREATH_TICKS, FREEZE_TICKS, Entry, Segment, Span, Timeline, is_replaced
from keshen.air.ways_out import markers, scte35
from keshen.media.houseformat import FRAME_RATE, TARGET_DURATION, TICK_MS, Rate, datetime_at

WINDOW_TICKS: Final = 113
"""A live playlist reaches back this far (36.16 s): never under the 30 s a player may need."""

VERSION: Final = 7
SKIPPING_VERSION: Final = 9
"""What EXT-X-SKIP wants (RFC 8216bis, 8)."""
SKIPPED_BEYOND_TICKS: Final = 6 * TARGET_DURATION * 1000 // TICK_MS
"""CAN-SKIP-UNTIL: 24 s, six target durations, the least there may be (RFC 8216bis, 4.4.3.8)."""
PLAYLIST_TYPE: Final = "application/vnd.apple.mpegurl"
AUDIO_GROUP: Final = "sound"
CAPTION_GROUP: Final = "captions"
CLEAR_KEY: Final = "org.w3.clearkey"
"""The key system of W3C Encrypted Media Extensions, 9.1, as EXT-X-KEY's KEYFORMAT."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One rung of the picture as the multivariant playlist tells of it; `bandwidth` in bits a second, with sound."""

    rung: str
    width: int
    height: int
    codecs: str
    bandwidth: int
    frame_rate: Rate = FRAME_RATE


@dataclass(frozen=True, slots=True)
class Rendition:
    """One sound or caption track: its folder below the service, its BCP 47 tag, what people call it."""

    rung: str
    language: str
    name: str


@dataclass(frozen=True, slots=True)
class Ladder:
    """The set of tracks of a service. It belongs to the service and does not change with what is on."""

    pictures: tuple[Picture, ...]
    sounds: tuple[Rendition, ...]
    captions: tuple[Rendition, ...]
    sound_codecs: str
    sound_bandwidth: int


def multivariant(ladder: Ladder, query: str = "", audio: str = "", captions: str = "", *, winding: bool = True) -> str:
    """The multivariant playlist (RFC 8216, 4.3.4) of a service; without pictures it is an audio-only one.

    `query` (such as `?from=…&to=…`) is handed on to the media playlists, for a stretch of the past or a variant.
    `audio` and `captions` are the languages a player begins with: the service's first, and none, where they are empty.
    Without `winding` no I-frame playlists are named.
    """
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    wanted = [sound for sound in ladder.sounds if sound.language == audio] or ladder.sounds[:1]
    first = wanted[0] if wanted else None
    for sound in ladder.sounds:
        chosen = "YES" if sound is first else "NO"
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{AUDIO_GROUP}",NAME={_quoted(sound.name)},LANGUAGE="{sound.language}",'
            f'DEFAULT={chosen},AUTOSELECT=YES,CHANNELS="2",URI="{sound.rung}/index.m3u8{query}"'
        )
    lines += [
        f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="{CAPTION_GROUP}",NAME={_quoted(caption.name)},'
        f'LANGUAGE="{caption.language}",DEFAULT={"YES" if caption.language == captions else "NO"},AUTOSELECT=YES,'
        f'FORCED=NO,URI="{caption.rung}/index.m3u8{query}"'
        for caption in ladder.captions
    ]
    groups = f',AUDIO="{AUDIO_GROUP}"' + (f',SUBTITLES="{CAPTION_GROUP}"' if ladder.captions else "")
    for picture in ladder.pictures:
        lines.append(
            f"#EXT-X-STREAM-INF:BANDWIDTH={picture.bandwidth},"
            f'CODECS="{picture.codecs},{ladder.sound_codecs}",RESOLUTION={picture.width}x{picture.height},'
            f"FRAME-RATE={picture.frame_rate:.3f}{groups},CLOSED-CAPTIONS=NONE"
        )
        lines.append(f"{picture.rung}/index.m3u8{query}")
    lines += [
        f'#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH={picture.bandwidth - ladder.sound_bandwidth},CODECS="{picture.codecs}",'
        f'RESOLUTION={picture.width}x{picture.height},URI="{picture.rung}/iframes.m3u8{query}"'
        for picture in (ladder.pictures if winding else ())
    ]
    if not ladder.pictures and first is not None:
        lines.append(f'#EXT-X-STREAM-INF:BANDWIDTH={ladder.sound_bandwidth},CODECS="{ladder.sound_codecs}"{groups}')
        lines.append(f"{first.rung}/index.m3u8{query}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A quoted-string attribute (RFC 8216, 4.2), which may hold neither quotes nor line ends."""
    return '"' + text.replace('"', "'").replace("\n", " ").replace("\r", " ") + '"'


def program_date_time(tick: int) -> str:
    """EXT-X-PROGRAM-DATE-TIME's value (RFC 8216, 4.3.2.6): ISO 8601 in UTC with milliseconds."""
    at = datetime_at(tick)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def segment_name(segment: Segment, suffix: str, *, substitute: int = 0) -> str:
    """The address of a segment, relative to its media playlist: `e…` itself, `s…` the standby, `s…x…` another asset.

    `substitute` is as in `snapshot`: 0, 1, or the number of an asset prepared to be shown instead, negative.
    """
    entry, number = segment.entry.id, segment.number
    if not substitute:
        return f"e{entry}-{number}.{suffix}"
    return f"s{entry}{f'x{-substitute}' if substitute < 0 else ''}-{number}.{suffix}"


_NAME: Final = re.compile(r"(e|s)(\d{1,18})(?:x(\d{1,18}))?-(\d{1,9})\.([a-z0-9]+)", re.ASCII)


def parse_segment_name(name: str) -> tuple[int, int, str, int] | None:
    """Entry, number, suffix and what it is in place of it (as in `segment_name`); None when `name` is no segment's."""
    match = _NAME.fullmatch(name)
    if match is None or (match[1] == "e" and match[3]):
        return None
    substitute = 0 if match[1] == "e" else -int(match[3]) if match[3] else 1
    return int(match[2]), int(match[4]), match[5], substitute


def key_name(period: int) -> str:
    """The address of an hour's key, relative to the service."""
    return f"key-{period}.bin"


def locked_init(init: str, period: int) -> str:
    """The address of a protected track's init segment, which names the key of its hour."""
    return f"{init.removesuffix('.mp4')}-{period}.mp4"


class Playlists:
    """Writes the media playlists of one rung of one service.

    `inits` maps an asset to the address of its init segment, `""` for a rung without (captions). `withheld` maps an
    entry to the stretches of time it was withheld, oldest first: what had been listed when one began stays as a gap
    (RFC 8216bis, 4.4.4.7), what follows within it is the substitute, whose init is `substitute_init`. A stretch that
    has ended stays so in live playlists, since what was listed never changes, and shows the entry again in the past.
    `prepared` maps an entry to the asset shown in place of the standby and the tick from which it is. A variant that
    follows `later` ticks later is asked in ticks of the log; its times are those of its viewers.
    `instead` is where players learn what to show instead of a break (see `markers.date_ranges`); `protection` says
    which segments are encrypted.
    """

    __slots__ = (
        "_breaks",
        "_inits",
        "_instead",
        "_later",
        "_lines",
        "_made",
        "_prepared",
        "_protection",
        "_substitute_init",
        "_suffix",
        "_timeline",
        "_withheld",
    )

    def __init__(
        self,
        timeline: Timeline,
        suffix: str,
        inits: Mapping[int, str],
        *,
        withheld: Mapping[int, Sequence[Span]] | None = None,
        substitute_init: str = "",
        lines: dict[tuple[int, int], str] | None = None,
        instead: str = "",
        protection: Protection = OPEN,
        prepared: Mapping[int, tuple[int, int]] | None = None,
        later: int = 0,
    ) -> None:
        self._timeline = timeline
        self._prepared = prepared or {}
        self._later = later
        self._suffix = suffix
        self._inits = inits
        self._withheld = dict(withheld or {})
        self._substitute_init = substitute_init
        self._lines: dict[tuple[int, int], str] = {} if lines is None else lines
        self._made: tuple[int, int, str] = (0, 0, "")
        self._breaks = tuple(scte35.breaks(timeline.entries))
        self._instead = instead
        self._protection = protection

    def live(self, tick: int) -> str | None:
        """The playlist at `tick`; None when nothing laid has ended by then. When the log has run out it stands still.

        A segment is removed WINDOW_TICKS after it was listed, so that equal ticks give equal bytes on every node
        whatever was asked of it before.
        """
        since, until, text = self._made
        if since <= tick < until:
            return text
        window = self._timeline.window(tick, WINDOW_TICKS)
        if window is None:
            return None
        text = self._write(window.segments)
        self._made = (window.since, window.until, text)
        return text

    @property
    def until(self) -> int:
        """The tick at which the live playlist last written changes."""
        return self._made[1]

    def past(self, start: int, end: int, now: int, *, skip: bool = False) -> str | None:
        """What was laid from `start` to `end`, in whole segments that end by `now`; None when there is none.

        It is closed (VOD) once `end` has come, and grows (EVENT) until then; with `skip` a growing one leaves out what
        a player that reads it again knows (a delta update, RFC 8216bis, 6.2.5.1). What was withdrawn since shows its
        substitute throughout.
        """
        first = self._timeline.segment_at(max(start, self._timeline.start))
        if first is None:
            return None
        listed = list(self._timeline.segments(first.sequence, self._timeline.ended(min(end, now))))
        return self._write(listed, kind="VOD" if end <= now else "EVENT", skip=skip, seen_at=now) if listed else None

    def _write(
        self, listed: Sequence[Segment], *, kind: str = "", skip: bool = False, seen_at: int | None = None
    ) -> str:
        first, last = listed[0], listed[-1]
        opens = first.number == 0 and first.entry.breaks
        version = SKIPPING_VERSION if kind == "EVENT" else VERSION
        head = ["#EXTM3U", f"#EXT-X-VERSION:{version}", f"#EXT-X-TARGETDURATION:{TARGET_DURATION}"]
        head.append(f"#EXT-X-MEDIA-SEQUENCE:{first.sequence}")
        head.append(f"#EXT-X-DISCONTINUITY-SEQUENCE:{first.entry.discontinuity - opens}")
        head.append("#EXT-X-INDEPENDENT-SEGMENTS")
        if kind:
            head.append(f"#EXT-X-PLAYLIST-TYPE:{kind}")
        if kind == "EVENT":
            head.append(f"#EXT-X-SERVER-CONTROL:CAN-SKIP-UNTIL={SKIPPED_BEYOND_TICKS * TICK_MS / 1000:.3f}")
        if self._breaks:
            told = markers.told(self._breaks, first.start, last.end)
            later = self._later
            head += markers.date_ranges([replace(one, start=one.start + later) for one in told], self._instead)
        skips = skip and kind == "EVENT"
        if skips and (skipped := sum(segment.end <= last.end - SKIPPED_BEYOND_TICKS for segment in listed)):
            head.append(f"#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}")
            listed = listed[skipped:]
        elif not opens:
            head += self._opening(first)
        body = "".join(self._line(segment, seen_at) for segment in listed)
        return "\n".join(head) + "\n" + body + ("#EXT-X-ENDLIST\n" if kind == "VOD" else "")

    def _line(self, segment: Segment, seen_at: int | None) -> str:
        spans = self._withheld.get(segment.entry.id)
        if spans:
            return self._made_line(segment, *self._shown(segment, spans, seen_at))
        key = (segment.entry.id, segment.number)
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = self._made_line(segment)
        return line

    def _shown(self, segment: Segment, spans: Sequence[Span], seen_at: int | None) -> tuple[int, bool]:
        """What is shown in place of the segment, and whether it is a gap; `seen_at` is the present, for the past."""
        fits = self._init(segment.entry) == self._substitute_init
        if seen_at is not None:
            early = seen_at + FREEZE_TICKS  # a node whose clock is behind obeys at once
            withheld = any(since <= early and (until is None or seen_at < until) for since, until in spans)
            ready = self._prepared.get(segment.entry.id)
            return (-ready[0] if ready else 1) if withheld and fits else 0, withheld and not fits
        replaced = any(is_replaced(segment, span) for span in spans)
        listed_before = any(segment.end <= since + BREATH_TICKS for since, _until in spans)
        gap = (replaced and not fits) or (listed_before and not replaced)
        return self._instead_of(segment) if replaced and fits else 0, gap

    def _instead_of(self, segment: Segment) -> int:
        """The prepared asset once it was ready, before that the standby."""
        ready = self._prepared.get(segment.entry.id)
        return -ready[0] if ready and segment.end > ready[1] - self._later + BREATH_TICKS else 1

    def _made_line(self, segment: Segment, substitute: int = 0, gap: bool = False) -> str:
        text = ""
        if segment.number == 0 and segment.entry.breaks:
            text = "#EXT-X-DISCONTINUITY\n"
        if text or self._relocked(segment):
            text += "".join(f"{tag}\n" for tag in self._opening(segment, after_key=bool(self._protection)))
        if self._protection:
            text += self._key(segment)
        text += f"#EXT-X-PROGRAM-DATE-TIME:{program_date_time(segment.start + self._later)}\n"
        if gap:
            text += "#EXT-X-GAP\n"
        milliseconds = segment.ticks * TICK_MS
        name = segment_name(segment, self._suffix, substitute=substitute)
        return f"{text}#EXTINF:{milliseconds // 1000}.{milliseconds % 1000:03d},\n{name}\n"

    def _init(self, entry: Entry) -> str:
        return self._inits.get(entry.asset, self._substitute_init)

    def _lock(self, segment: Segment) -> Lock | None:
        """What protects a segment here: captions are no samples, so `cbcs` leaves them clear."""
        lock = self._protection.lock(segment.start)
        return None if lock and lock.method is Method.CBCS and self._suffix == "vtt" else lock

    def _relocked(self, segment: Segment) -> bool:
        """Whether a segment's key is another than that of the one before it."""
        if not self._protection:
            return False
        before = self._timeline.segment(segment.sequence - 1)
        if before is None:
            return False
        was, now = self._lock(before), self._lock(segment)
        whole = [lock is not None and lock.method is Method.AES_128 for lock in (was, now)]
        return was != now and not all(whole)

    def _opening(self, segment: Segment, *, after_key: bool = False) -> Iterator[str]:
        """The tags that say how to read from a segment on: its init segment and its key (RFC 8216, 4.3.2.4 and 5).

        An init segment is never encrypted whole, so for AES-128 it is named where no key holds.
        """
        lock, init = self._lock(segment), self._init(segment.entry)
        if lock and lock.method is Method.CBCS:
            yield (
                f'#EXT-X-KEY:METHOD=SAMPLE-AES,URI="../{key_name(lock.period)}",KEYFORMAT="{CLEAR_KEY}",'
                f'KEYFORMATVERSIONS="1",KEYID=0x{self._protection.key_id(lock).hex()}'
            )
            yield f'#EXT-X-MAP:URI="{locked_init(init, lock.period)}"'
            return
        if after_key:
            yield "#EXT-X-KEY:METHOD=NONE"
        if init:
            yield f'#EXT-X-MAP:URI="{init}"'

    def _key(self, segment: Segment) -> str:
        """The key of a segment that is encrypted whole. Its IV is the media sequence number, said aloud: players that
        count from the playlist they began with would miss it.
        """
        lock = self._lock(segment)
        if lock is None or lock.method is not Method.AES_128:
            return ""
        return f'#EXT-X-KEY:METHOD=AES-128,URI="../{key_name(lock.period)}",IV=0x{segment.sequence:032x}\n'


def rungs(ladder: Ladder) -> Iterable[str]:
    """The folders of every media playlist of a ladder."""
    yield from (picture.rung for picture in ladder.pictures)
    yield from (sound.rung for sound in ladder.sounds)
    yield from (caption.rung for caption in ladder.captions)
