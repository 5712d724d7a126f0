"""Any film or sound into the house format: levelled, cut to whole ticks, with cue points."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from keshen.house.jobs import JobContext
from keshen.media import encode, ffmpeg, houseformat, intervals, loudness
from keshen.media.cadence import Cadence, cadence
from keshen.media.confined import Limits
from keshen.media.models import Asset
from keshen.media.package import Rendered, kept, limits_for
from keshen.media.probe import Found, Unreadable, probe
from keshen.media.queries import rungs_in_use
from keshen.media.store import BlobStore, as_file

__all__ = ["Unreadable", "normalise"]

LONGEST_SECONDS: Final = 6 * 3600
# Interlaced sources are made progressive; what is not 16:9 gets bars.
_PICTURE: Final = (
    "yadif=deint=interlaced,scale={width}:{height}:force_original_aspect_ratio=decrease:flags=bicubic,"
    "pad={width}:{height}:(ow-iw)/2:(oh-ih)/2,setsar=1"
)
_SILENCE: Final = re.compile(r"silence_(start|end): (-?[\d.]+)")


def normalise(asset: Asset, language: str, context: JobContext, store: BlobStore, folder: Path) -> Rendered:
    """Make the tracks of an asset's original. Raises Unreadable, FfmpegFailed, StoreError, Cancelled."""
    context.progress(1, 100, "Looking")
    with as_file(store, asset.source_sha256) as path:
        found = probe(path)
        if asset.kind == Asset.Kind.VIDEO and not found.video:
            raise Unreadable("this was sent as a film, but there is only sound in it")
        if asset.kind == Asset.Kind.AUDIO and not found.audio:
            raise Unreadable("this was sent as sound, but there is none in it")
        if found.seconds > LONGEST_SECONDS:
            raise Unreadable(f"this is longer than {LONGEST_SECONDS // 3600} hours")
        return _made(asset, language, context, store, folder, path, found)


def _made(
    asset: Asset, language: str, context: JobContext, store: BlobStore, folder: Path, path: Path, found: Found
) -> Rendered:
    source = ffmpeg.untrusted(path)
    measured: dict[str, object] = {}
    rungs = rungs_in_use()
    pace = cadence(found.frame_rate, *(rung.frame_rate for rung in rungs))
    if pace.speed != 1:
        measured["speed"] = round(float(pace.speed), 6)
    seconds = found.seconds / float(pace.speed)
    levelling = "anull"
    if found.audio:
        context.progress(3, 100, "Measuring")
        level, cues, heard = _listen(source, seconds, pace)
        levelling = pace.sounding(loudness.levelling(level))
        seconds = seconds or heard
        measured |= {"source_loudness": level.integrated, "source_true_peak": level.true_peak, **cues}
    if seconds <= 0:
        raise Unreadable("the file does not say how long it is, and nothing in it can be measured")
    ticks = houseformat.ticks_for(seconds)
    inputs = [*source]
    sound = "0:a:0"
    if not found.audio:
        inputs += ["-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo"]
        sound = "1:a"
    picture = asset.kind == Asset.Kind.VIDEO
    if picture:
        context.progress(6, 100, "Measuring")
        measured |= intervals.watch(source, seconds, pace.picture)
    largest = max(rungs, key=lambda rung: rung.height)
    film = _PICTURE.format(width=largest.width, height=largest.height)
    plan = encode.Plan(
        inputs=tuple(inputs),
        ticks=ticks,
        graph=f"[0:v:0]{pace.pictured(film)}[film]" if picture else "",
        picture="[film]" if picture else "",
        sounds=(encode.Sound(sound, language, levelling),),
        rungs=rungs,
        preset="veryfast",
        shown_at=pace.shown_at,
    )
    length = houseformat.seconds(ticks)
    made = encode.encode(
        plan,
        folder,
        limits=limits_for(ticks),
        on_seconds=lambda done: context.progress(10 + 85 * min(1.0, done / length), 100, "Encoding"),
        check=context.check,
        on_log=context.log,
    )
    return Rendered(ticks, kept(made, store), measured)


def _listen(source: list[str], seconds: float, pace: Cadence) -> tuple[loudness.Loudness, dict[str, object], float]:
    """Loudness, cue points in ticks (where sound begins and ends for good), silences, and how long the sound is."""
    wall = Limits(wall=120 + seconds)
    level = loudness.measure(source, limits=wall)
    silences = pace.sounding("silencedetect=noise=-50dB:duration=0.3")
    log = ffmpeg.measure([*source, "-vn", "-af", silences], limits=wall)
    times = re.findall(r"time=(\d+):(\d\d):(\d\d\.\d+)", log)
    heard = max((int(h) * 3600 + int(m) * 60 + float(s) for h, m, s in times), default=0.0)
    length = seconds or heard
    cue_in, cue_out = 0.0, length
    for which, at in _SILENCE.findall(log):
        if which == "start":
            cue_out = float(at)
        elif cue_out <= 0.05:
            cue_in, cue_out = float(at), length
        else:
            cue_out = length if float(at) < length - 0.05 else cue_out
    tick = houseformat.TICK_MS / 1000
    cues = {"cue_in": int(cue_in / tick), "cue_out": -int(-min(cue_out, length) // tick)}
    return level, {**cues, "silence": intervals.read(log, "silence", length)}, heard
