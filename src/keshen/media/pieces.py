"""Pieces: segments made for a cut where an asset's own segments do not fit, or with marks drawn over the picture.

The picture of a piece is encoded anew, unless the cut lies between groups of pictures; then its bytes are copied. Of
the sound only the tick at a cut is encoded anew, with one faded frame; the frames between are the asset's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from keshen.house.jobs import JobContext
from keshen.media import boxes, encode, ffmpeg, houseformat, splitting
from keshen.media.actions import NewPiece
from keshen.media.confined import Limits
from keshen.media.cutlist import IN, OUT, Need
from keshen.media.fragments import adts_frames, fragments, sound_fragment
from keshen.media.graphics.overlays import Screen, overlay_graph
from keshen.media.houseformat import AAC_FRAME_SAMPLES, AAC_FRAMES_PER_TICK, AUDIO_UNITS, FRAME_RATE, Rate, Rung
from keshen.media.marks import Mark, shown
from keshen.media.models import Asset, Track
from keshen.media.package import limits_for
from keshen.media.profiles import BY_RUNG, frames, units
from keshen.media.store import BlobStore

LONGEST_RUN_TICKS: Final = 600
"""What is encoded at once (192 s): work that is killed goes on after the last run."""

_EDGE: Final = Limits(wall=60)


class NotCuttable(Exception):
    """The asset's tracks cannot be cut so; the message says why."""


@dataclass(frozen=True, slots=True)
class _Stored:
    """A track and where its segments lie: (first tick, ticks, offset, length), in order."""

    track: Track
    segments: tuple[tuple[int, int, int, int], ...]

    @property
    def units(self) -> int:
        """One tick in units of the track."""
        return units(self.track.kind, self.track.rung)

    def covering(self, first: int, last: int) -> list[tuple[int, int, int, int]]:
        return [row for row in self.segments if row[0] < last and row[0] + row[1] > first]


def _stored(track: Track) -> _Stored:
    rows, tick = [], 0
    for ticks, offset, length in track.segments:
        rows.append((tick, int(ticks), int(offset), int(length)))
        tick += int(ticks)
    return _Stored(track, tuple(rows))


def runs(needs: Sequence[Need]) -> list[list[Need]]:
    """The needs that one encode can serve: they follow each other, and its segments end where theirs do."""
    found: list[list[Need]] = []
    for need in sorted(needs, key=lambda one: one.first):
        run = found[-1] if found else []
        lengths = [*(one.ticks for one in run), need.ticks]
        total = sum(lengths)
        if run and run[-1].last == need.first and total <= LONGEST_RUN_TICKS and houseformat.cut(total) == lengths:
            run.append(need)
        else:
            found.append([need])
    return found


def make(
    asset: Asset, needs: Sequence[Need], marks: Sequence[Mark], context: JobContext, store: BlobStore, folder: Path
) -> Iterator[list[NewPiece]]:
    """Make what is needed of an asset, a run at a time. Raises NotCuttable, FfmpegFailed, GraphicsProblem, StoreError,
    Cancelled.
    """
    tracks = [_stored(track) for track in asset.tracks.all()]
    pictures = [one for one in tracks if one.track.kind == Track.Kind.VIDEO]
    sounds = [one for one in tracks if one.track.kind == Track.Kind.AUDIO]
    copied = [need for need in needs if need.copies]
    encoded = runs([need for need in needs if not need.copies]) if pictures else []
    total = max(1, sum(need.ticks for need in needs))
    done = 0
    made = [_copied(stored, need, store) for need in copied for stored in pictures]
    made += [_sound(stored, need, store, folder, context) for need in needs if need.cut for stored in sounds]
    yield made
    for number, run in enumerate(encoded):
        place = folder / str(number)
        place.mkdir()
        yield _encoded(pictures, run, marks, store, place, context)
        done += sum(need.ticks for need in run)
        context.progress(done, total, "Encoding")


def _bytes_of(stored: _Stored, first: int, last: int, store: BlobStore) -> tuple[int, Iterator[bytes]]:
    """The segments that hold ticks `first` to `last`, timed from 0; and the tick at which they begin."""
    rows = stored.covering(first, last)
    if not rows or rows[0][0] > first or rows[-1][0] + rows[-1][1] < last:
        raise NotCuttable(f"{stored.track} has no segments for ticks {first} to {last}")
    begin = rows[0][0]

    def parts() -> Iterator[bytes]:
        for at, _ticks, offset, length in rows:
            raw = store.read_range(stored.track.blob_sha256, offset, length)
            yield bytes(boxes.restamp(raw, at - begin, 1, stored.units))

    return begin, parts()


def _copied(stored: _Stored, need: Need, store: BlobStore) -> NewPiece:
    """A piece of the picture that is cut between its groups of pictures."""
    begin, parts = _bytes_of(stored, need.first, need.last, store)
    kept, tick = [], begin
    for segment in parts:
        for fragment in fragments(segment):
            ticks = boxes.duration(fragment) // stored.units
            if need.first <= tick and tick + ticks <= need.last:
                kept.append(fragment)
            tick += ticks
    data = b"".join(kept)
    if sum(boxes.duration(fragment) for fragment in kept) != need.ticks * stored.units:
        raise NotCuttable(f"{stored.track} has no group of pictures that begins at {need.first} or ends at {need.last}")
    return _piece(stored.track, need, need.look, store.put(data), 0, len(data))


def _piece(track: Track, need: Need, form: str, sha256: str, offset: int, size: int) -> NewPiece:
    return NewPiece(track.kind, track.rung, track.language, need.first, need.ticks, form, sha256, offset, size)


def _encoded(
    pictures: Sequence[_Stored],
    run: Sequence[Need],
    marks: Sequence[Mark],
    store: BlobStore,
    folder: Path,
    context: JobContext,
) -> list[NewPiece]:
    """The picture of a run in every rung, encoded from the largest; where frames are split, from that of its rate."""
    rungs = {one.track.rung: BY_RUNG[one.track.rung] for one in pictures if one.track.rung in BY_RUNG}
    if len(rungs) != len(pictures):
        raise NotCuttable("the asset has pictures of another format than the house's")
    kin: dict[Rate, list[_Stored]] = {}
    for one in pictures:
        rate = rungs[one.track.rung].frame_rate
        kin.setdefault(FRAME_RATE if splitting.is_whole(rate) else rate, []).append(one)
    made = []
    for number, alike in enumerate(kin.values()):
        place = folder / str(number)
        place.mkdir()
        theirs = {one.track.rung: rungs[one.track.rung] for one in alike}
        made += _of_a_kind(alike, theirs, run, marks, store, place, context)
    return made


def _of_a_kind(
    pictures: Sequence[_Stored],
    rungs: Mapping[str, Rung],
    run: Sequence[Need],
    marks: Sequence[Mark],
    store: BlobStore,
    folder: Path,
    context: JobContext,
) -> list[NewPiece]:
    source = max(pictures, key=lambda one: (rungs[one.track.rung].width, rungs[one.track.rung].frame_rate))
    largest = rungs[source.track.rung]
    screen = Screen(largest.width, largest.height, largest.frame_rate)
    first, last = run[0].first, run[-1].last
    begin, parts = _bytes_of(source, first, last, store)
    path = folder / "source.mp4"
    with path.open("wb") as file:
        store.fetch(source.track.init_sha256, file)
        file.writelines(parts)
    cut = f"[0:v]{_frames_between(begin, first, last, screen.frame_rate)}[cut];"
    seen = shown(marks, first, last - first) if any(need.look for need in run) else []
    graph = overlay_graph("[cut]", seen, last - first, folder, first_input=1, blobs=store.read, screen=screen)
    plan = encode.Plan(
        ("-i", f"file:{path}", *graph.inputs),
        last - first,
        cut + graph.filter_complex,
        "[picture]",
        rungs=tuple(rungs.values()),
        first=first,
    )
    made = encode.encode(plan, folder, limits=limits_for(last - first), check=context.check, on_log=context.log)
    tracks = {one.track.rung: one.track for one in pictures}
    found = []
    for one in made:
        track = tracks[one.rung]
        if store.put(one.index.init) != track.init_sha256:
            raise NotCuttable(f"{track} was encoded in another way than this program does; bring the file in again")
        sha256 = store.put_file(one.path, one.index.start, one.index.end)
        for need, segment in zip(run, one.index.segments, strict=True):
            found.append(_piece(track, need, need.look, sha256, segment.offset, segment.length))
    path.unlink()
    return found


def _frames_between(begin: int, first: int, last: int, rate: Rate) -> str:
    """Filters that leave the frames from tick `first` of an asset to `last`, of its samples from tick `begin` on."""
    if not splitting.is_whole(rate):
        return splitting.whole_frames(begin, first, last, rate)
    start, end = (frames(tick - begin, rate) for tick in (first, last))
    return f"trim=start_frame={start}:end_frame={end},setpts=N"


def _sound(stored: _Stored, need: Need, store: BlobStore, folder: Path, context: JobContext) -> NewPiece:
    """A piece of the sound: its own frames, but for the ticks at a cut."""
    data = _between(stored, need.first, need.last, need.sound, store, folder, context.check)
    return _piece(stored.track, need, need.sound, store.put(data), 0, len(data))


def sound_between(
    track: Track, first: int, last: int, ends: str, store: BlobStore, folder: Path, check: Callable[[], None]
) -> bytes:
    """The sound of a track from one of its ticks to another as a segment, faded at `ends` (as in `cutlist.faded`).

    Raises NotCuttable, FfmpegFailed, FormatError, StoreError.
    """
    return _between(_stored(track), first, last, ends, store, folder, check)


def _between(
    stored: _Stored, first: int, last: int, ends: str, store: BlobStore, folder: Path, check: Callable[[], None]
) -> bytes:
    faded = ends.split("-")
    whole = stored.segments[-1][0] + stored.segments[-1][1]
    before, after = max(0, first - 2), min(whole, last + 2)
    begin, parts = _bytes_of(stored, before, after, store)
    config = boxes.audio_config(store.read(stored.track.init_sha256))
    ticks = [chunk for segment in parts for chunk in boxes.adts_ticks(segment, config)]

    def held(start: int, end: int) -> list[bytes]:
        return ticks[max(start, begin) - begin : end - begin]

    own = [adts_frames(chunk) for chunk in held(first, last)]
    if len(own) != last - first:
        raise NotCuttable(f"{stored.track} has no sound for ticks {first} to {last}")
    if IN in faded:
        lead = min(1, first - begin)
        own[0] = _faded(held(first - lead, first + 2), lead, folder, check, at_end=False)
    if OUT in faded:
        lead = min(2, last - 1 - begin)
        own[-1] = _faded(held(last - 1 - lead, last), lead, folder, check, at_end=True)
    return sound_fragment([frame for tick in own for frame in tick])


def _faded(chunks: Iterable[bytes], lead: int, folder: Path, check: Callable[[], None], *, at_end: bool) -> list[bytes]:
    """One tick of sound encoded anew with one faded frame: the one after `lead` ticks, or the last.

    What stands before it lets the decoder and the encoder run up; what stands after it is what the encoder looks
    ahead to, so that the frame after it goes on as before.
    """
    source, target = folder / "edge-in.aac", folder / "edge-out.aac"
    data = b"".join(chunks)
    source.write_bytes(data)
    frames = len(adts_frames(data))
    if at_end:
        # the last frame falls to nothing
        skip, start = min(lead, 1) * AUDIO_UNITS, (frames - 1) * AAC_FRAME_SAMPLES
        fade = f"afade=t=out:start_sample={start}:nb_samples={AAC_FRAME_SAMPLES},atrim=start_sample={skip}"
    else:
        skip = lead * AUDIO_UNITS
        fade = f"atrim=start_sample={skip},asetpts=N/SR/TB,afade=t=in:start_sample=0:nb_samples={AAC_FRAME_SAMPLES}"
    ffmpeg.encode(
        [
            "-f", "aac", "-i", f"file:{source}", "-af", f"aformat=sample_fmts=fltp,{fade},asetpts=N/SR/TB",
            "-c:a", "aac", "-b:a", str(houseformat.AUDIO_BITRATE), "-flags:a", "+bitexact",
            # the first frame holds only the encoder's run-up
            "-bsf:a", r"noise=drop=eq(n\,0)", "-f", "adts", f"file:{target}",
        ],
        limits=_EDGE,
        check=check,
    )  # fmt: skip
    made = adts_frames(target.read_bytes())
    wanted = frames - skip // AAC_FRAME_SAMPLES
    if len(made) < wanted:
        raise NotCuttable(f"{len(made)} frames of sound were made, not {wanted}")
    if at_end:
        return made[wanted - AAC_FRAMES_PER_TICK : wanted]
    return made[:AAC_FRAMES_PER_TICK]
