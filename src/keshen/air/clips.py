"""A clip of what aired, kept as an asset: exact to the tick, with its sources and the rights of all that is in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from keshen.air import clock, queries
from keshen.air.actions.withdrawal import withdraw as withdraw_asset
from keshen.air.audiences import rulings
from keshen.air.guide import AsRun
from keshen.air.models import Entry
from keshen.air.saying import clock_time
from keshen.air.serving import load
from keshen.air.serving.snapshot import STANDBY, Snapshot, Source
from keshen.air.timeline import Entry as Laid
from keshen.air.timeline import Segment
from keshen.air.ways_out import captions as segments_of_captions
from keshen.house.actions import action, permit
from keshen.house.jobs import JobContext, Permanent, defer
from keshen.house.models import Service, User, in_language
from keshen.media import actions as media
from keshen.media import boxes, encode, profiles, splitting
from keshen.media.houseformat import (
    AUDIO_RUNG,
    AUDIO_UNITS,
    CAPTION_RUNG,
    MIN_ENTRY_TICKS,
    TICK_MS,
    TICKS_PER_HOUR,
    Rung,
    datetime_at,
)
from keshen.media.models import Asset, Derivation, Track
from keshen.media.package import kept, limits_for
from keshen.media.store import BlobStore, StoreError, house_store
from keshen.media.workplace import workplace
from keshen.rights.actions import carry

CLIP: Final = "air.clip"
LONGEST_TICKS: Final = 4 * TICKS_PER_HOUR


class NotKept(Exception):
    """There can be no clip of that; the message says why, and what to do."""


@action
def request(actor: User, service: Service, start: int, end: int, *, title: str = "") -> Asset:
    """Have what aired from tick `start` to `end` kept as an asset; asking again gives the same one.

    The terms of everything in it are put on it. Events: `asset.created`, `terms.attached`, later `asset.ready`. Raises
    NotKept for what has not aired, is withdrawn, or is too short or too long.
    """
    permit(actor, "media.add")
    seen = _aired(service, start, end)
    subjects = _subjects(service, seen)
    first = next((part.entry for part in seen if part.entry.titles), seen[0].entry)
    called = in_language(dict(first.titles or first.slot_titles))
    named = title or f"{called} {datetime_at(start):%Y-%m-%d} {clock_time(start)}"
    asset = media.create_asset(
        actor,
        key=f"clip:{service.pk}:{start}:{end}",
        kind=Asset.Kind.AUDIO if service.kind == Service.Kind.RADIO else Asset.Kind.VIDEO,
        organisation=service.organisation,
        title=named.strip(),
    )
    how = {"clip": service.slug, "from": start, "to": end}
    media.derive(asset.urn, subjects, by=actor.username, how=how)
    carry(User.objects.system(), asset.urn, subjects, _("A clip of %(service)s") % {"service": service})
    args = {"asset_id": asset.pk, "service_id": service.pk, "start": start, "end": end}
    if asset.state == Asset.State.PREPARING:
        defer(CLIP, key=f"{CLIP}:{asset.pk}", actor=actor, subject=asset.urn, args=args)
    return asset


def _aired(service: Service, start: int, end: int) -> list[AsRun]:
    now = clock.tick()
    if end <= start:
        raise NotKept(_("A clip ends after it begins."))
    if end > now:
        raise NotKept(_("That has not aired yet: it is %(now)s.") % {"now": clock_time(now)})
    if end - start < MIN_ENTRY_TICKS or end - start > LONGEST_TICKS:
        raise NotKept(_("A clip lasts from one second to four hours."))
    seen = queries.as_run(service, start, end)
    if not seen or seen[0].start > start or seen[-1].end < end:
        since = service.entries.filter(state=Entry.State.LAID).order_by("start_tick").first()
        if since is None:
            raise NotKept(_("Nothing has aired on this service yet."))
        raise NotKept(
            _("The log of %(service)s begins at %(since)s; there is no clip of before.")
            % {"service": service, "since": f"{datetime_at(since.start_tick):%Y-%m-%d} {clock_time(since.start_tick)}"}
        )
    return seen


def _subjects(service: Service, seen: Sequence[AsRun]) -> list[str]:
    """Everything whose rights the clip carries. Raises NotKept when some of it is withdrawn."""
    gone = load.withdrawals(service.pk)
    assets = {row.pk: row for row in Asset.objects.filter(pk__in={part.entry.asset for part in seen})}
    found: list[str] = []
    for part in seen:
        subjects = rulings.subjects(assets[part.entry.asset], part.entry.story)
        if not gone.keys().isdisjoint(subjects):
            raise NotKept(
                _("What aired from %(start)s to %(end)s was withdrawn. Choose what is before or after it.")
                % {"start": clock_time(part.start), "end": clock_time(part.end)}
            )
        found += subjects
    return list(dict.fromkeys(found))


def follow(subject: str) -> None:
    """Put the terms of something (a URN) on the clips it is in. Safe to do again."""
    for urn in _with(subject):
        carry(User.objects.system(), urn, [subject], "")


def withdraw(subject: str) -> None:
    """Take the clips with something that was withdrawn (a URN) off the air. Safe to do again."""
    for urn in _with(subject):
        withdraw_asset(User.objects.system(), urn, _("It has something in it that was withdrawn."))


def _with(subject: str) -> Iterable[str]:
    rows = Derivation.objects.filter(from_urn=subject, how__has_key="clip")
    return list(rows.values_list("made_urn", flat=True))


def make(context: JobContext, asset_id: int, service_id: int, start: int, end: int) -> None:
    """Make the tracks of a clip that was requested. Raises Permanent when it cannot be made."""
    asset = Asset.objects.select_related("organisation").get(pk=asset_id)
    if asset.state != Asset.State.PREPARING:
        return
    service = Service.objects.get(pk=service_id)
    system = User.objects.system()
    try:
        _subjects(service, _aired(service, start, end))  # it may have been withdrawn meanwhile
        with workplace(f"clip-{asset.pk}") as folder:
            shown = load.snapshot(service, start + load.KEPT_TICKS, {})
            tracks = _Cutting(context, shown, load.profile(service).rungs, start, end, folder).tracks()
    except (NotKept, ValueError, StoreError) as problem:
        media.mark_failed(system, asset, str(problem))
        raise Permanent(str(problem)) from problem
    media.mark_ready(system, asset, tracks=tracks, ticks=end - start, by="keshen.air.clips")
    context.progress(100, 100)


class _Cutting:
    """Cutting a stretch of the log: the stored segments joined, and encoded anew to begin and end where it should."""

    def __init__(
        self, context: JobContext, snapshot: Snapshot, rungs: tuple[Rung, ...], start: int, end: int, folder: Path
    ) -> None:
        self._context = context
        self._rungs = rungs
        self._snapshot = snapshot
        self._start, self._end = start, end
        self._folder = folder
        self._store: BlobStore = house_store()
        first, last = snapshot.timeline.segment_at(start), snapshot.timeline.segment_at(end - 1)
        if first is None or last is None:
            raise NotKept(_("That is not in the log."))
        self._segments = list(snapshot.timeline.segments(first.sequence, last.sequence + 1))
        self._skipped = start - first.start

    def tracks(self) -> list[media.NewTrack]:
        used = {segment.entry.asset for segment in self._segments}
        held = [track for number in used if (asset := self._snapshot.assets.get(number)) for track in asset.tracks]
        languages = sorted({track.language for track in held if track.kind == "audio"}) or [""]
        ticks = self._end - self._start
        inputs: list[str] = []
        graph: list[str] = []
        picture = ""
        if not self._snapshot.radio:
            best = self._rungs[0]
            inputs += ["-i", f"file:{self._joined(best.name, best.units)}"]
            graph.append(f"[0:v]{self._skipping(best)}[clip]")
            picture = "[clip]"
        sounds = []
        for number, language in enumerate(languages, bool(picture)):
            inputs += ["-i", f"file:{self._joined(f'{AUDIO_RUNG}-{language}', AUDIO_UNITS)}"]
            heard = f"[heard{number}]"
            graph.append(f"[{number}:a]atrim=start_sample={self._skipped * AUDIO_UNITS},asetpts=PTS-STARTPTS{heard}")
            sounds.append(encode.Sound(heard, language))
        length = ticks * TICK_MS / 1000
        made = encode.encode(
            encode.Plan(tuple(inputs), ticks, ";".join(graph), picture, tuple(sounds), self._rungs, preset="veryfast"),
            self._folder,
            limits=limits_for(ticks),
            on_seconds=lambda done: self._context.progress(5 + 90 * min(1.0, done / length), 100, "Encoding"),
            check=self._context.check,
            on_log=self._context.log,
        )
        by_machine = Track.objects.filter(asset__in=used, kind=Track.Kind.AUDIO, machine=True)
        spoken = set(by_machine.values_list("language", flat=True))
        return [*kept(made, self._store, machine=spoken), *self._captions()]

    def _skipping(self, rung: Rung) -> str:
        """Filters that leave the frames from the clip's beginning on."""
        rate = rung.frame_rate
        if splitting.is_whole(rate):
            return f"trim=start_frame={profiles.frames(self._skipped, rate)},setpts=PTS-STARTPTS"
        # one that is under way is shown too; what was split where it aired is put together by time
        places = [one.start - self._start - self._source(one, rung.name).asset_tick for one in self._segments]
        moved = splitting.steadying((place * rung.units for place in places), rate) - self._skipped * rung.units
        return f"settb=1/{rung.timescale},setpts=PTS+{moved},fps={rate}:start_time=0"

    def _joined(self, rung: str, units: int) -> Path:
        """One rung of the stretch as a file whose time begins with its first segment. Raises FormatError."""
        path = self._folder / f"joined-{rung}.mp4"
        inits: set[str] = set()
        with path.open("wb") as file:
            tick = 0
            for number, segment in enumerate(self._segments):
                source = self._source(segment, rung)
                if source.track.init not in inits:
                    inits.add(source.track.init)
                    file.write(self._store.read(source.track.init))
                raw = self._store.read_range(source.track.blob, source.offset, source.length)
                file.write(boxes.restamp(raw, tick, number * 4 + 1, units))
                tick += segment.ticks
        if len(inits) > 1:
            raise boxes.FormatError(_("The format changes in the middle of it: make a clip of each part."))
        return path

    def _source(self, segment: Segment, rung: str) -> Source:
        snapshot = self._snapshot
        found = snapshot.source(segment.entry, segment.number, rung)
        found = found or snapshot.source(segment.entry, segment.number, rung, substitute=STANDBY)
        if found is None:
            raise boxes.FormatError(f"{rung} of entry {segment.entry.id} is not there")
        return found

    def _captions(self) -> list[media.NewTrack]:
        """The captions of every language something in it has, with times from the clip's start."""
        found: dict[str, list[str]] = {}
        for entry in self._snapshot.timeline.between(self._start, self._end):
            asset = self._snapshot.assets.get(entry.asset)
            for track in asset.tracks if asset else ():
                if track.kind == "captions":
                    found.setdefault(track.language, []).extend(self._cues(track.blob, entry))
        made = []
        for language, blocks in sorted(found.items()):
            data = "\n".join(["WEBVTT\n", *blocks]).encode()
            made.append(
                media.NewTrack(
                    Track.Kind.CAPTIONS, CAPTION_RUNG, language, self._store.put(data), len(data), codecs="wvtt"
                )
            )
        return made

    def _cues(self, blob: str, entry: Laid) -> Iterable[str]:
        """The cues of a caption file that show in an entry's part of the clip."""
        shift = (entry.start - entry.asset_tick - self._start) * TICK_MS
        first = (max(self._start, entry.start) - self._start) * TICK_MS
        last = (min(self._end, entry.end) - self._start) * TICK_MS
        for cue in segments_of_captions.parse(self._store.read(blob).decode("utf-8", "replace")):
            start, end = max(first, cue.start + shift), min(last, cue.end + shift)
            if start < end:
                yield f"{_stamp(start)} --> {_stamp(end)}\n{cue.text}\n"


def _stamp(milliseconds: int) -> str:
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"
