"""What one node knows of a service in memory: enough to serve the air with the database away."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from keshen.air import guide
from keshen.air.audiences import offers, variants
from keshen.air.audiences.denials import Denials, is_denied
from keshen.air.audiences.variants import Offered, Variant
from keshen.air.protection import keys
from keshen.air.timeline import BREATH_TICKS, Entry, Segment, Span, Timeline, is_replaced, merged, shifted
from keshen.air.ways_out import dash, hls
from keshen.media.cutlist import Key, faded
from keshen.media.houseformat import SEGMENT_TICKS, cut
from keshen.media.marks import look

type Place = tuple[str, int, int]
"""Where bytes lie: a blob by SHA-256, an offset, a length."""

ITSELF: Final = 0
STANDBY: Final = 1
"""What is given in place of a segment: itself, the standby, or a prepared asset as its number, negative."""

NEVER: Final = 1 << 62

type Ready = tuple[int, int]
"""An asset prepared to be shown instead, and the tick from which it is."""


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
    now to the tick it began, and `lost` those of them whose media alone is the reason. `suspended` is what of
    `withheld` holds for every audience, `denials` what depends on it, and `prepared` what an audience is shown instead
    of an entry; `titles_instead` is what that is called. `stand_ins` are the languages in place of missing ones.
    `closed` are the entries nobody may have now, `pieces` those of the
    assets that are cut elsewhere than at their own segments, or have marks. `stale_at` is the tick at which one of
    these changes by itself. `renumbered` is what its numbers were counted with.

    A variant is a snapshot too (`for_variant`): `audience` is whom it is for and `later` by how many ticks it follows.
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
    renumbered: frozenset[tuple[int, int, int, int, int]] = frozenset()
    provider: str = ""
    instead: str = ""
    planned: tuple[guide.Programme, ...] = ()
    protection: keys.Protection = keys.OPEN
    writers: dict[str, hls.Playlists] = field(default_factory=dict)
    dash_writer: dash.Manifests | None = None
    lines: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)
    offered: Offered | None = None
    suspended: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)
    denials: Denials = field(default_factory=Denials)
    prepared: Mapping[tuple[int, str], Ready] = field(default_factory=dict)
    titles_instead: Mapping[tuple[int, str], Mapping[str, str]] = field(default_factory=dict)
    closed: frozenset[int] = frozenset()
    stale_at: int = NEVER
    stand_ins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    audience: str = ""
    later: int = 0
    query: str = ""
    mark: str = ""
    variants: dict[tuple[str, int], Snapshot] = field(default_factory=dict)

    def for_variant(self, variant: Variant, now: int) -> Snapshot:
        """The service as a variant shows it, made once a snapshot; `now` is the present."""
        offered = self.offered
        if offered is None:
            return self
        audience = variants.audience(variant.territory, variant.platform or offered.platform)
        key = (audience, variant.shift)
        if key == (self.audience, self.later):
            return self
        made = self.variants.get(key)
        if made is None:
            made = self.variants[key] = self._varied(audience, variant, now)
        return made

    def _varied(self, audience: str, variant: Variant, now: int) -> Snapshot:
        withheld = held_back(self.timeline.entries, self.suspended, self.denials, audience)
        later = variant.shift
        return replace(
            self,
            withheld={entry: shifted(spans, later) for entry, spans in withheld.items()} if later else withheld,
            withdrawn=withdrawn(self.suspended, withheld, now),
            audience=audience,
            later=later,
            query=variants.written(variant),
            mark=variants.mark(variant),
            writers={},
            dash_writer=None,
            lines={} if later else self.lines,
            variants={},
        )

    def track(self, asset: Asset, rung: str) -> Track | None:
        """The asset's track for one of the ladder's folders (`v720`, `a-kk`, `c-kk-Latn`)."""
        kind, _, tag = rung.partition("-")
        if kind == "a":
            return asset.audio(tag, offers.stand_ins(self.stand_ins, tag, self.languages))
        if kind == "c":
            found = (asset.captions(one) for one in (tag, *offers.stand_ins(self.stand_ins, tag, ())))
            return next((track for track in found if track), None)
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
                prepared=self.shown_instead,
                later=self.later,
            )
        return writer

    def manifests(self, air: str) -> dash.Manifests:
        """The writer of DASH manifests, made once a snapshot; `air` is the address of the house's air, or nothing."""
        if self.dash_writer is None:
            self.dash_writer = dash.Manifests(
                self.timeline,
                self.ladder,
                self._entry_init,
                f"{air}/time" if air else dash.ITSELF,
                protection=self.protection,
                licences=f"{air}/{self.slug}/clearkey",
                later=self.later,
                query=self.query if air else "",
            )
        return self.dash_writer

    def _entry_init(self, entry: Entry, rung: str) -> str:
        asset = self.assets.get(entry.asset) or (self.standby.loop if self.standby else None)
        return self.init(asset, rung) if asset else ""

    @property
    def shown_instead(self) -> dict[int, Ready]:
        """The assets this audience is shown in place of entries, by entry."""
        return {entry: ready for (entry, audience), ready in self.prepared.items() if audience == self.audience}

    def gives(self, entry: Entry, substitute: int) -> bool:
        """Whether there is an address of an entry, or of something in its place."""
        if substitute < ITSELF:
            instead = (ready[0] for (held, _audience), ready in self.prepared.items() if held == entry.id)
            return -substitute in instead
        return not substitute or entry.id in self.withheld or self.denials.concerns(entry)

    def source(self, entry: Entry, number: int, rung: str, *, substitute: int = ITSELF) -> Source | None:
        """Where the bytes of a segment, or of what is given in its place, are; None when neither has them."""
        offset, ticks = entry.span(number)
        asset: Asset | None = self.assets.get(entry.asset)
        asset_tick = entry.asset_tick + offset
        standby = self.standby
        if substitute < ITSELF:
            asset, asset_tick = self.assets.get(-substitute), offset
        if standby is not None and (substitute == STANDBY or asset is None or asset.id == standby.loop.id):
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
        """The guide from `start` to `end`, in the hours of the variant."""
        lines = guide.programmes(self.timeline.entries, self.planned, self.withdrawn, self.called_instead())
        if self.later:
            lines = [guide.moved(line, self.later) for line in lines]
        return [line for line in lines if line.start < end and line.end > start]

    def mentions(self, subjects: Collection[str]) -> bool:
        """Whether some story or asset (URN) of `subjects` is on it."""
        if any(asset.urn in subjects for asset in self.assets.values()):
            return True
        return any(entry.story in subjects for entry in self.timeline.entries if entry.story)

    def called_instead(self) -> dict[int, Mapping[str, str]]:
        """The entries this audience may not have when they are on, and what stands for them in a guide."""
        return {
            entry.id: self.titles_instead.get((entry.id, self.audience), offers.TITLES)
            for entry in self.timeline.entries
            if self.denials.concerns(entry) and self.denials.denies(entry, self.audience)
        }

    def given_instead(self, segment: Segment) -> int:
        """What viewers are given in place of a segment: ITSELF, STANDBY, or a prepared asset."""
        spans = self.withheld.get(segment.entry.id)
        if not spans:
            return ITSELF
        open_ones = (span for span in spans if span[1] is None)
        if segment.entry.id not in self.withdrawn and not any(is_replaced(segment, span) for span in open_ones):
            return ITSELF
        ready = self.prepared.get((segment.entry.id, self.audience))
        return -ready[0] if ready and segment.end > ready[1] - self.later + BREATH_TICKS else STANDBY


def held_back(
    entries: tuple[Entry, ...], suspended: Mapping[int, tuple[Span, ...]], denials: Denials, audience: str
) -> dict[int, tuple[Span, ...]]:
    """When an audience might not have entries: what holds for everybody, and what was ruled for it."""
    found = dict(suspended)
    for entry in entries:
        if denials.concerns(entry) and (spans := denials.of(entry, audience)):
            found[entry.id] = merged((*suspended.get(entry.id, ()), *spans)) if entry.id in suspended else spans
    return found


def withdrawn(
    suspended: Mapping[int, tuple[Span, ...]], withheld: Mapping[int, tuple[Span, ...]], now: int
) -> dict[int, int]:
    """Of what was withheld, what is so now, and since when.

    What holds for everybody is obeyed at once, even by a node whose clock is behind.
    """
    found: dict[int, int] = {}
    for entry, spans in withheld.items():
        open_ones = [span[0] for span in suspended.get(entry, ()) if span[1] is None]
        if starts := [*open_ones, *(span[0] for span in spans if is_denied((span,), now))]:
            found[entry] = min(starts)
    return found
