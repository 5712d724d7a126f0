"""Encoding to the house format: one ffmpeg run, one fragmented MP4 a track, all of exactly the same ticks.

Init segments of a rung are byte-identical whatever the picture, the preset or the rate: everything they say is fixed
here, with x264's `stitchable`. Changing any of it needs new rung names, since a channel has one EXT-X-MAP a rung.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final, Literal

from keshen.media import boxes, ffmpeg, houseformat, profiles, splitting
from keshen.media.cadence import blended
from keshen.media.confined import Limits
from keshen.media.houseformat import GOP_TICKS, MPEGTS_UNITS, Rate, Rung

FRAGMENTED: Final = (
    "-f", "mp4",
    "-movflags", "+frag_keyframe+cmaf+negative_cts_offsets+default_base_moof",
    "-use_editlist", "0",
    "-avoid_negative_ts", "disabled",
    "-map_metadata", "-1",
    "-map_chapters", "-1",
    "-fflags", "+bitexact",
)  # fmt: skip
COLOUR: Final = "setsar=1,setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709,format=yuv420p"

# What a preset would otherwise choose and the init segment would then say.
_X264: Final = {
    "stitchable": 1,
    "scenecut": 0,
    "open-gop": 0,
    # Without reordering every reader agrees on a frame's time: some shift the picture for negative composition offsets.
    "bframes": 0,
    "weightp": 1,
    "cabac": 1,
    "deblock": "0,0",
    "force-cfr": 1,
    "sliced-threads": 0,
}


# The same for HEVC, whose every preset names other tools: it is always the same one.
_X265_PRESET: Final = "superfast"
_X265: Final = {
    "scenecut": 0,
    "open-gop": 0,
    "bframes": 0,
    "repeat-headers": 0,
    "info": 0,
    "hrd": 0,
    "opt-qp-pps": 0,
    "opt-ref-list-length-pps": 0,
    "high-tier": 0,
    "log-level": "error",
}


# Faster presets drop tools the init segment names; slower ones shift its chroma offset.
type Preset = Literal["superfast", "veryfast", "faster"]


@dataclass(frozen=True, slots=True)
class Sound:
    """One sound track to make: where ffmpeg finds it (`1:a` or a pad like `[mix]`), its language, its levelling."""

    source: str
    language: str
    filters: str = "anull"


@dataclass(frozen=True, slots=True)
class Plan:
    """One encode. `inputs` are ffmpeg input options, `graph` an optional filter graph,
    `picture` the pad or stream to show.

    `ticks` is the length of every track. Without `picture` only sound is made. `first` is the tick at which it begins,
    where it is a part of an asset: from that follows where frames lie that are no whole number in a tick. `shown_at` is
    the picture's rate, where it is to be blended for renditions of another kind of rate.
    """

    inputs: tuple[str, ...]
    ticks: int
    graph: str = ""
    picture: str = ""
    sounds: tuple[Sound, ...] = ()
    rungs: tuple[Rung, ...] = tuple(houseformat.RUNGS.values())
    preset: Preset = "superfast"
    crf: float = 23
    first: int = 0
    shown_at: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A track file the encoder wrote, taken apart."""

    kind: str
    rung: str
    language: str
    path: Path
    index: boxes.Index

    @property
    def units(self) -> int:
        """One tick in the time scale of the track."""
        return profiles.units(self.kind, self.rung)


def _picture_filters(plan: Plan) -> list[str]:
    """The picture at each rate that is wanted, in each size."""
    source = plan.picture if plan.picture.startswith("[") else f"[{plan.picture}]"
    rates = sorted({rung.frame_rate for rung in plan.rungs})
    filters = []
    if len(rates) > 1:
        filters = [f"{source}split={len(rates)}{''.join(f'[{_pad(rate)}]' for rate in rates)}"]
    for rate in rates:
        rungs = [rung for rung in plan.rungs if rung.frame_rate == rate]
        begin = f"[{_pad(rate)}]" if len(rates) > 1 else source
        pads = [f"[picture{rung.name}]" for rung in rungs]
        filters.append(f"{begin}{_timed(plan, rate)},split={len(pads)}{''.join(pads)}")
        for pad, rung in zip(pads, rungs, strict=True):
            filters.append(f"{pad}scale={rung.width}:{rung.height}:flags=bicubic,{COLOUR}[{rung.name}]")
    return filters


def _pad(rate: Rate) -> str:
    return f"rate{rate}".replace("/", "by")


def _timed(plan: Plan, rate: Rate) -> str:
    """Filters that give the picture its frames at a rate, each at its time, for the length of the plan."""
    mixed = blended(plan.shown_at, rate)
    before = f"{mixed}," if mixed else ""
    if not splitting.is_whole(rate):
        return before + splitting.filters(plan.first, plan.ticks, rate)
    frames = profiles.frames(plan.ticks, rate)
    return f"{before}fps={rate},tpad=stop=-1:stop_mode=clone,trim=end_frame={frames},setpts=N,settb=1/{rate}"


def _sound_filter(plan: Plan, number: int, sound: Sound) -> str:
    """Pad or cut to whole ticks, and fade the first and the last AAC frame, where joins would click."""
    samples = plan.ticks * houseformat.AUDIO_UNITS
    frame = houseformat.AAC_FRAME_SAMPLES
    source = sound.source if sound.source.startswith("[") else f"[{sound.source}]"
    return (
        f"{source}aresample={houseformat.SAMPLE_RATE},aformat=sample_fmts=fltp:channel_layouts=stereo"
        f",{sound.filters},apad=whole_len={samples},atrim=end_sample={samples},asetpts=N/SR/TB"
        f",afade=t=in:start_sample=0:nb_samples={frame}"
        f",afade=t=out:start_sample={samples - frame}:nb_samples={frame}[sound{number}]"
    )


def _video_codec(rung: Rung, plan: Plan) -> list[str]:
    if not splitting.is_whole(rung.frame_rate):
        return _split_codec(rung, plan)
    frames = profiles.frames(GOP_TICKS, rung.frame_rate)
    parameters: dict[str, object] = {"keyint": frames, "min-keyint": frames, "ref": rung.refs}
    if rung.codec == "hevc":
        parameters |= _X265 | {"level-idc": rung.level}
        return [
            "-c:v", "libx265", "-preset", _X265_PRESET, "-profile:v", rung.profile, "-tag:v", "hvc1",
            "-crf", f"{plan.crf:g}", "-maxrate", str(rung.maxrate), "-bufsize", str(rung.maxrate),
            "-x265-params", ":".join(f"{name}={value}" for name, value in parameters.items()),
            "-video_track_timescale", str(rung.timescale), "-flags:v", "+bitexact",
        ]  # fmt: skip
    return _avc(rung, plan, parameters | _X264)


def _avc(rung: Rung, plan: Plan, parameters: dict[str, object]) -> list[str]:
    parameters |= {"8x8dct": int(rung.profile == "high")}
    return [
        "-c:v", "libx264", "-preset", plan.preset, "-profile:v", rung.profile, "-level:v", rung.level,
        "-crf", f"{plan.crf:g}", "-maxrate", str(rung.maxrate), "-bufsize", str(rung.maxrate),
        "-x264-params", ":".join(f"{name}={value}" for name, value in parameters.items()),
        "-video_track_timescale", str(rung.timescale), "-flags:v", "+bitexact",
    ]  # fmt: skip


def _split_codec(rung: Rung, plan: Plan) -> list[str]:
    """Pictures of differing length, and one to start from wherever a boundary lies instead of after so many."""
    rate, gop = rung.frame_rate, houseformat.seconds(GOP_TICKS)
    # more than any group has: x264 would begin one of its own
    most = 2 * round(gop * rate)
    last, end = splitting.last_start(plan.first, plan.ticks, rate), plan.ticks * MPEGTS_UNITS
    parameters = {"keyint": most, "min-keyint": 1, "ref": rung.refs} | _X264 | {"force-cfr": 0, "fps": rate}
    early = splitting.LEAST / splitting.TIMESCALE / 2
    return [
        *_avc(rung, plan, parameters),
        "-fps_mode", "passthrough", "-enc_time_base", f"1/{rung.timescale}",
        "-forced-idr", "1", "-force_key_frames", f"expr:gte(t+{early},n_forced*{gop})",
        # the stream says how many pictures there are a second, and that they do not all last as long
        "-bsf:v", f"h264_metadata=fixed_frame_rate_flag=0:tick_rate={2 * rate}"
        # of all others the muxer knows the length from what follows
        rf",setts=duration=if(gte(PTS\,{last})\,{end - last}\,DURATION)",
    ]  # fmt: skip


def arguments(plan: Plan, folder: Path) -> tuple[list[str], list[tuple[str, str, str, Path]]]:
    """The ffmpeg arguments of a plan, and the files it will write as (kind, rung, language, path)."""
    filters = [plan.graph] if plan.graph else []
    outputs: list[str] = []
    files: list[tuple[str, str, str, Path]] = []
    if plan.picture:
        filters += _picture_filters(plan)
        for rung in plan.rungs:
            path = folder / f"{rung.name}.mp4"
            files.append(("video", rung.name, "", path))
            outputs += ["-map", f"[{rung.name}]", *_video_codec(rung, plan), *FRAGMENTED, f"file:{path}"]
    for number, sound in enumerate(plan.sounds):
        path = folder / f"sound{number}.mp4"
        filters.append(_sound_filter(plan, number, sound))
        files.append(("audio", houseformat.AUDIO_RUNG, sound.language, path))
        microseconds = GOP_TICKS * houseformat.TICK_MS * 1000
        outputs += [
            "-map", f"[sound{number}]", "-c:a", "aac", "-b:a", str(houseformat.AUDIO_BITRATE), "-flags:a", "+bitexact",
            # The first frame holds only the encoder's run-up; without it time begins at the first sample.
            "-bsf:a", r"noise=drop=eq(n\,0)", *FRAGMENTED,
            "-frag_duration", str(microseconds), f"file:{path}",
        ]  # fmt: skip
    return [*plan.inputs, "-filter_complex", ";".join(filters), *outputs], files


def encode(
    plan: Plan,
    folder: Path,
    *,
    limits: Limits,
    on_seconds: Callable[[float], None] | None = None,
    check: Callable[[], None] | None = None,
    on_log: Callable[[str], None] | None = None,
) -> list[Made]:
    """Encode a plan into `folder` and check every track against its ticks.

    Raises FfmpegFailed, with ffmpeg's last lines, and boxes.FormatError when a track is not what the plan said.
    """
    command, files = arguments(plan, folder)
    ffmpeg.encode(command, limits=limits, on_seconds=on_seconds, check=check, on_log=on_log)
    return [_take_apart(*file, plan) for file in files]


def _take_apart(kind: str, rung: str, language: str, path: Path, plan: Plan) -> Made:
    units, ticks = profiles.units(kind, rung), plan.ticks
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        view = memoryview(mapped)
        try:
            index = boxes.index(view, units)
        finally:
            view.release()
    if index.ticks != ticks:
        raise boxes.FormatError(f"track {rung} {language} has {index.ticks} ticks, not {ticks}")
    return Made(kind, rung, language, path, index)


def concatenation(tracks: Sequence[tuple[bytes, boxes.Index]], start_tick: int, units: int) -> bytes:
    """Several track files of one rung as one continuous stream from `start_tick`: what a player receives.

    Raises FormatError when the init segments differ, since then a player would need a discontinuity.
    """
    inits = {index.init for _, index in tracks}
    if len(inits) != 1:
        raise boxes.FormatError(f"the tracks have {len(inits)} different init segments")
    parts: list[bytes | bytearray] = [inits.pop()]
    tick, sequence = start_tick, 1
    for data, index in tracks:
        for segment in index.segments:
            at = index.start + segment.offset
            parts.append(boxes.restamp(memoryview(data)[at : at + segment.length], tick, sequence, units))
            tick, sequence = tick + segment.ticks, sequence + 10
    return b"".join(parts)
