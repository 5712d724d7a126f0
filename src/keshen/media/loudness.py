"""Loudness as EBU R128 wants it: measured (ITU-R BS.1770-4), then one gain for the whole, so that nothing pumps."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from keshen.media import ffmpeg
from keshen.media.confined import Limits

TARGET: Final = -23.0
"""LUFS, integrated."""
PEAK: Final = -1.0
"""dBTP, at most."""
_SILENCE: Final = -70.0

_INTEGRATED: Final = re.compile(r"^\s*I:\s+(-?[\d.]+|-?inf|nan) LUFS", re.MULTILINE)
_TRUE_PEAK: Final = re.compile(r"^\s*Peak:\s+(-?[\d.]+|-?inf|nan) dBFS", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Loudness:
    """What was measured: integrated loudness in LUFS and true peak in dBTP."""

    integrated: float
    true_peak: float

    @property
    def silent(self) -> bool:
        return self.integrated <= _SILENCE

    @property
    def gain(self) -> float:
        """The gain in dB that brings it to the target; 0 for silence."""
        return 0.0 if self.silent else TARGET - self.integrated

    @property
    def too_peaky(self) -> bool:
        """Whether that gain would push its peaks past the limit, so that they need a limiter."""
        return not self.silent and self.true_peak + self.gain > PEAK


def _number(match: re.Match[str] | None) -> float:
    value = float(match[1]) if match else -math.inf
    return -120.0 if math.isnan(value) or value == -math.inf else value


def measure(inputs: Sequence[str], filters: str = "anull", *, limits: Limits | None = None) -> Loudness:
    """Measure the sound ffmpeg reads with these input options, after these filters. Raises FfmpegFailed."""
    log = ffmpeg.measure(
        [*inputs, "-vn", "-sn", "-dn", "-af", f"{filters},ebur128=peak=true:framelog=quiet"],
        limits=limits or Limits(wall=900),
    )
    summary = log[log.rfind("Summary:") :]
    return Loudness(_number(_INTEGRATED.search(summary)), _number(_TRUE_PEAK.search(summary)))


def limiter() -> str:
    """The filters that keep true peaks under the limit: at four times the rate, where peaks between samples show."""
    ceiling = 10 ** ((PEAK - 0.6) / 20)
    return f"aresample=192000,alimiter=limit={ceiling:.4f}:attack=2:release=60:level=disabled,aresample=48000"


def levelling(found: Loudness) -> str:
    """The filters that bring what was measured to the target."""
    gain = f"volume={found.gain:.3f}dB"
    return f"{gain},{limiter()}" if found.too_peaky else gain
