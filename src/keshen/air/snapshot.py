"""What one node knows of a service in memory: enough to serve the air with the database away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from keshen.air import dash, guide, hls, keys
from keshen.air.timeline import Entry, Segment, Span, Timeline
from keshen.media.cutlist import Key, faded
from keshen.media.houseformat import SEGMENT_TICKS, cut
from keshen.media.marks import look

type Place = tuple[str, int, int]
"""Where bytes lie: a blob by SHA-256, an offset, a length."""


@dataclass(frozen=True, slots=True)
class Track:
    """One rendition: blobs by SHA-256, and each segment's (ticks, offset, length) by the asset tick it begins at."""

    kind: str
    rung: str
    language: str
    init: str
    blob: str
    codecs: str
    bandwidth: int
    width: int
    height: int
    segments: Mapping[int, tuple[int, int, int]]

    @property
    def grid(self) -> dict[int, int]:
        """The lengths of its segments by the tick each begins at."""
        return {at: ticks for at, (ticks, _offset, _length) in self.segments.items()}


@dataclass(frozen=True, slots=True)
class Asset:
    """An asset's tracks, ready to air."""

    id: int
    urn: str
    ticks: int
    tracks: tuple[Track, ...]

    def video(self, rung: str) -> Track | None:
        return next((track for track in self.tracks if track.kind == "video" and track.rung == rung), None)

    def audio(self, language: str, fallback: tuple[str, ...] = ()) -> Track | None:
        """The sound in `language`, else in the first of `fallback` there is, else any: a track never falls silent."""
        held = {track.language: track for track in self.tracks if track.kind == "audio"}
        for tag in (language, *fallback):
            if tag in held:
                return held[tag]
        return next(iter(held.values()), None)

    def captions(self, tag: str) -> Track | None:
        return next((track for track in self.tracks if track.kind == "captions" and track.language == tag), None)

    @property
    def inits(self) -> frozenset[tuple[str, str]]:
        """What decides whether a player can go on without a discontinuity: the init of every rung."""
        return frozenset((track.rung, track.init) for track in self.tracks if track.init)


@dataclass(frozen=True, slots=True)
class Standby:
    """The asset that fills any length: its own segments have 12 ticks, `tails` has one asset for each other length."""

    loop: Asset
    tails: Mapping[int, Asset]

    def source(self, number: int, ticks: int) -> tuple[Asset, int] | None:
        """The asset and its tick that plays as segment `number` of `ticks`; None when there is no such tail."""
        if ticks == SEGMENT_TICKS:
            whole = max(1, cut(self.loop.ticks).count(SEGMENT_TICKS))
            return self.loop, number % whole * SEGMENT_TICKS
        tail = self.tails.get(ticks)
        return (tail, 0) if tail else None


@dataclass(frozen=True, slots=True)
class Source:
    """Where the bytes of one segment come from: the track, the place in it, and in which ticks of its asset."""

    track: Track
    offset: int
    length: int
    asset_tick: int


@dataclass(slots=True)
class Snapshot:
    """One service as last read.

    `withheld` maps entries to the stretches of time they were withheld, oldest first; `withdrawn` those that are so
    now to the tick it began, and `lost` those of them whose media alone is the reason. `pieces` are those of the assets
    that are cut elsewhere than at their own segments, or have marks.
    """

    service: int
    slug: str
    radio: bool
    names: Mapping[str, str]
    accent: str
    languages: tuple[str, ...]
    ladder: hls.Ladder
    timeline: Timeline
    assets: Mapping[int, Asset]
    standby: Standby | None
    withheld: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)
    withdrawn: Mapping[int, int] = field(default_factory=dict)
    lost: frozenset[int] = frozenset()
    gone: frozenset[str] = frozenset()
    pieces: Mapping[int, Mapping[Key, Place]] = field(default_factory=dict)
    provider: str = ""
    instead: str = ""
    planned: tuple[guide.Programme, ...] = ()
    protection: keys.Protection = keys.OPEN
    writers: dict[str, hls.Playlists] = field(default_factory=dict)
    dash_writer: dash.Manifests | None = None
    lines: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)

    def track(self, asset: Asset, rung: str) -> Track | None:
        """The asset's track for one of the ladder's folders (`v720`, `a-kk`, `c-kk-Latn`)."""
        kind, _, tag = rung.partition("-")
        if kind == "a":
            return asset.audio(tag, self.languages)
        if kind == "c":
            return asset.captions(tag)
        return asset.video(rung)

    def init(self, asset: Asset, rung: str) -> str:
        track = self.track(asset, rung)
        return f"init-{track.init}.mp4" if track and track.init else ""

    def playlists(self, rung: str) -> hls.Playlists:
        """The writer of one rung's playlists, made once a snapshot."""
        writer = self.writers.get(rung)
        if writer is None:
            captions = rung.startswith("c-")
            inits = {} if captions else {asset.id: self.init(asset, rung) for asset in self.assets.values()}
            writer = self.writers[rung] = hls.Playlists(
                self.timeline,
                "vtt" if captions else "m4s",
                inits,
                withheld=self.withheld,
                substitute_init=self.init(self.standby.loop, rung) if self.standby and not captions else "",
                lines=self.lines.setdefault(rung, {}),
                instead=self.instead,
                protection=self.protection,
            )
        return writer

    def manifests(self, air: str) -> dash.Manifests:
        """The writer of DASH manifests, made once a snapshot; `air` is the address of the house's air."""
        if self.dash_writer is None:
            self.dash_writer = dash.Manifests(
                self.timeline,
                self.ladder,
                self._entry_init,
                f"{air}/time",
                protection=self.protection,
                licences=f"{air}/{self.slug}/clearkey",
            )
        return self.dash_writer

    def _entry_init(self, entry: Entry, rung: str) -> str:
        asset = self.assets.get(entry.asset) or (self.standby.loop if self.standby else None)
        return self.init(asset, rung) if asset else ""

    def source(self, entry: Entry, number: int, rung: str, *, substitute: bool = False) -> Source | None:
        """Where the bytes of a segment are; None when neither the asset nor the standby has them."""
        offset, ticks = entry.span(number)
        asset: Asset | None = self.assets.get(entry.asset)
        asset_tick = entry.asset_tick + offset
        standby = self.standby
        if standby is not None and (substitute or asset is None or asset.id == standby.loop.id):
            found = standby.source(number, ticks)
            if found is None:
                return None
            asset, asset_tick = found
        track = self.track(asset, rung) if asset else None
        if track is None:
            return None
        if track.kind == "captions":
            return Source(track, 0, 0, asset_tick)
        held = track.segments.get(asset_tick)
        stored = Source(track, held[1], held[2], asset_tick) if held and held[0] == ticks else None
        if asset is None or asset.id != entry.asset:
            return stored
        return self._piece(asset, track, entry, number, asset_tick, ticks, cut=stored is None) or stored

    def _piece(
        self, asset: Asset, track: Track, entry: Entry, number: int, first: int, ticks: int, *, cut: bool
    ) -> Source | None:
        """The piece that plays as a segment, where one is wanted."""
        if track.kind == "video":
            form = look(entry.marks, first, ticks)
            wanted = cut or bool(form)
        else:
            form = faded(number, entry.laid or entry.segments, first, first + ticks, asset.ticks)
            wanted = cut
        pieces = self.pieces.get(asset.id) if wanted else None
        place = pieces.get((track.kind, track.rung, track.language, first, ticks, form)) if pieces else None
        return Source(replace(track, blob=place[0]), place[1], place[2], first) if place else None

    def programmes(self, start: int, end: int) -> list[guide.Programme]:
        """The guide from `start` to `end`."""
        lines = guide.programmes(self.timeline.entries, self.planned, self.withdrawn)
        return [line for line in lines if line.start < end and line.end > start]

    def is_substituted(self, segment: Segment) -> bool:
        return segment.entry.id in self.withdrawn
