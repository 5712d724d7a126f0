"""The sound of a report: the voice made pleasant, music that gives way to it, the ident before it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from keshen.media import houseformat

VERSION: Final = 1
"""Changes whenever the sound would: a mix remembered under an older number is made again."""

# Rumble off, the box and the rasp of a small synthesiser tamed, level held together, and a little room around it.
VOICE: Final = ",".join((
    "aresample=48000",
    "highpass=f=80",
    "equalizer=f=240:width_type=q:width=1:gain=-2",
    "equalizer=f=3300:width_type=q:width=1.1:gain=-3",
    "highshelf=f=6500:gain=-4",
    "acompressor=threshold=-22dB:ratio=2.6:attack=8:release=140:makeup=1.6",
    "aecho=0.95:0.5:19|31:0.09|0.06",
    "aformat=sample_fmts=fltp:channel_layouts=mono,pan=stereo|c0=c0|c1=c0",
))  # fmt: skip
_BED_LEVEL: Final = -15
_DUCK: Final = "sidechaincompress=threshold=0.015:ratio=9:attack=80:release=700"


@dataclass(frozen=True, slots=True)
class Ingredients:
    """Files to mix. `ident_seconds` is how long the ident sounds before the bed takes over."""

    voice: Path | None
    bed: Path | None = None
    ident: Path | None = None
    ident_seconds: float = 0.0


def arguments(parts: Ingredients, ticks: int, target: Path) -> list[str]:
    """ffmpeg arguments that mix to a FLAC file of exactly `ticks`."""
    samples, length = ticks * houseformat.AUDIO_UNITS, houseformat.seconds(ticks)
    inputs: list[str] = []
    chains: list[str] = []
    sounds: list[str] = []

    def take(path: Path) -> str:
        inputs.extend(("-i", f"file:{path}"))
        return f"[{len(inputs) // 2 - 1}:a]"

    if parts.voice:
        source = take(parts.voice)
        chains.append(f"{source}{VOICE},apad=whole_len={samples}" + (",asplit[voice][key]" if parts.bed else "[voice]"))
        sounds.append("[voice]")
    if parts.bed:
        start = max(0.0, parts.ident_seconds - 0.6)
        chains.append(
            f"{take(parts.bed)}aresample=48000,aformat=sample_fmts=fltp:channel_layouts=stereo,aloop=loop=-1:size=2147483647"
            f",atrim=duration={length - start:.3f},volume={_BED_LEVEL}dB,afade=t=in:d=0.8"
            f",afade=t=out:st={max(0.0, length - start - 2.2):.3f}:d=2.2,adelay={round(start * 1000)}:all=1[bed]"
        )
        if parts.voice:
            chains.append(f"[bed][key]{_DUCK}[ducked]")
        sounds.append("[ducked]" if parts.voice else "[bed]")
    if parts.ident:
        chains.append(
            f"{take(parts.ident)}aresample=48000,aformat=sample_fmts=fltp:channel_layouts=stereo,volume=-3dB[ident]"
        )
        sounds.append("[ident]")
    if not sounds:
        chains.append("anullsrc=r=48000:cl=stereo[silence]")
        sounds.append("[silence]")
    mixed = f"{''.join(sounds)}amix=inputs={len(sounds)}:normalize=0:duration=longest"
    chains.append(f"{mixed},apad=whole_len={samples},atrim=end_sample={samples}[mix]")
    return [
        *inputs, "-filter_complex", ";".join(chains), "-map", "[mix]", "-c:a", "flac", "-sample_fmt", "s16",
        "-f", "flac", f"file:{target}",
    ]  # fmt: skip
