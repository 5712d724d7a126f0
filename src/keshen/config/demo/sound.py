"""The demo's sound, synthesised: plucked strings, a bowed drone, pads; from them idents and music beds.

Samples are float32 arrays of shape (frames, 2) at 48 kHz, levelled to -23 LUFS (EBU R 128). Seeded, so repeatable.
"""

from __future__ import annotations

import io
import math
import wave
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
LOUDNESS = -23.0
PEAK = 10 ** (-1.5 / 20)
type Mono = NDArray[np.float64]
type Stereo = NDArray[np.float64]

PENTATONIC = (0, 2, 4, 7, 9)
"""The scale of most Kazakh songs here: degrees in semitones, without half steps."""


def pitch(degree: int, root: float = 146.83) -> float:
    """Frequency in Hz of a degree of the pentatonic scale above `root` (D3)."""
    octave, step = divmod(degree, len(PENTATONIC))
    return root * math.exp2(octave + PENTATONIC[step] / 12)


def pluck(frequency: float, seconds: float, *, seed: int, bright: float = 0.5, hold: float = 0.996) -> Mono:
    """A plucked string (Karplus and Strong, 1983), worked out a period at a time."""
    period = max(2, round(RATE / frequency))
    source = np.random.default_rng(seed).uniform(-1.0, 1.0, period)
    for _ in range(round((1 - bright) * 6)):
        source = 0.5 * (source + np.roll(source, 1))
    count = round(seconds * RATE)
    rounds = count // period + 1
    out = np.empty(rounds * period)
    last, before = source, float(source[-1])
    for turn in range(rounds):
        out[turn * period : (turn + 1) * period] = last
        shifted = np.concatenate(([before], last[:-1]))
        before = float(last[-1])
        last = hold * 0.5 * (last + shifted)
    made = out[:count] - np.mean(out[:count])
    fade = min(count, 2400)
    made[-fade:] *= np.linspace(1, 0, fade)
    return made


def bow(frequency: float, seconds: float, *, seed: int, vibrato: float = 0.004) -> Mono:
    """A bowed horsehair string: harmonics under a dark formant, slow swell, wavering pitch, a breath of noise."""
    count = round(seconds * RATE)
    time = np.arange(count) / RATE
    wander = np.interp(time, np.linspace(0, seconds, 24), np.random.default_rng(seed).normal(0, 0.0016, 24))
    phase = 2 * np.pi * np.cumsum(frequency * (1 + vibrato * np.sin(2 * np.pi * 4.7 * time) + wander)) / RATE
    made = np.zeros(count)
    for harmonic in range(1, 15):
        place = frequency * harmonic
        if place > 5200:
            break
        low, high = np.exp(-(((place - 520) / 330) ** 2)), np.exp(-(((place - 1250) / 420) ** 2))
        weight = (0.5 + low + 0.5 * high) / harmonic
        made += weight * np.sin(harmonic * phase + harmonic * 0.7)
    noise = np.random.default_rng(seed + 1).normal(0, 0.04, count)
    made += np.convolve(noise, np.ones(9) / 9, mode="same")
    swell = np.minimum(1, time / 0.5) * np.minimum(1, (seconds - time) / 0.6)
    bowed: Mono = made * np.clip(swell, 0, 1) ** 1.3 * (0.85 + 0.15 * np.sin(2 * np.pi * 0.31 * time))
    return bowed


def pad(frequencies: Sequence[float], seconds: float, *, seed: int, attack: float = 1.2) -> Stereo:
    """A soft chord: each tone a few detuned sines, spread over the two channels, coming and going slowly."""
    count = round(seconds * RATE)
    time = np.arange(count) / RATE
    source = np.random.default_rng(seed)
    made = np.zeros((count, 2))
    for frequency in frequencies:
        for side in (-1, 0, 1):
            tone = np.sin(2 * np.pi * frequency * (1 + side * 0.0022) * time + source.uniform(0, 6.28))
            tone += 0.22 * np.sin(4 * np.pi * frequency * time + source.uniform(0, 6.28))
            slow = 0.75 + 0.25 * np.sin(2 * np.pi * source.uniform(0.08, 0.2) * time + source.uniform(0, 6.28))
            left = 0.5 - 0.32 * side
            made += (tone * slow)[:, None] * np.array([left, 1 - left])
    envelope = np.clip(np.minimum(time / attack, (seconds - time) / attack), 0, 1)
    chord: Stereo = made * (np.sin(envelope * np.pi / 2) ** 2)[:, None] / max(1, len(frequencies))
    return chord


def bell(frequency: float, seconds: float) -> Mono:
    """Struck metal: inharmonic partials dying at their own rates."""
    time = np.arange(round(seconds * RATE)) / RATE
    parts = ((1.0, 1.0, 2.2), (2.01, 0.5, 3.1), (2.76, 0.32, 4.5), (5.4, 0.12, 8.0))
    made = sum(
        (level * np.sin(2 * np.pi * frequency * ratio * time) * np.exp(-time * decay) for ratio, level, decay in parts),
        np.zeros(len(time)),
    )
    return made * np.minimum(1, time / 0.004) * np.clip((seconds - time) / 0.05, 0, 1)


class Score:
    """A stretch of stereo sound to which tones are added at their times."""

    def __init__(self, seconds: float) -> None:
        self.samples: Stereo = np.zeros((round(seconds * RATE), 2))

    def add(self, tone: Mono | Stereo, at: float, level: float = 1.0, pan: float = 0.0, *, wrap: bool = False) -> None:
        """`pan` from -1 (left) to 1. With `wrap`, what runs over the end sounds at the beginning: for loops."""
        both = tone if tone.ndim == 2 else tone[:, None] * np.array([np.sqrt((1 - pan) / 2), np.sqrt((1 + pan) / 2)])
        start = round(at * RATE)
        if wrap:
            places = (start + np.arange(len(both))) % len(self.samples)
            np.add.at(self.samples, places, both * level)
            return
        end = min(len(self.samples), start + len(both))
        if end > start:
            self.samples[start:end] += both[: end - start] * level

    def room(self, seconds: float, share: float, *, seed: int, wrap: bool = False) -> None:
        """Reverberation: convolution with dying noise, darker than the sound."""
        count = round(seconds * RATE)
        decay = np.exp(-np.arange(count) / RATE * 6.9 / seconds)
        noise = np.random.default_rng(seed).normal(0, 1, (count, 2)) * decay[:, None]
        noise = 0.5 * (noise + np.roll(noise, 1, axis=0))
        length = len(self.samples) if wrap else len(self.samples) + count
        size = length if wrap else 1 << (length - 1).bit_length()
        wet = np.fft.irfft(np.fft.rfft(self.samples, size, axis=0) * np.fft.rfft(noise, size, axis=0), size, axis=0)[
            : len(self.samples)
        ]
        scale = np.sqrt(np.mean(self.samples**2) / max(1e-12, np.mean(wet**2)))
        self.samples = self.samples * (1 - share) + wet * scale * share


def _weighting(count: int) -> NDArray[np.float64]:
    """The power response of the K filter at the frequencies of a transform of `count` samples (ITU-R BS.1770-5)."""
    z = np.exp(-1j * 2 * np.pi * np.fft.rfftfreq(count))
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    return np.asarray(np.abs(shelf * high) ** 2)


def loudness(samples: Stereo) -> float:
    """Integrated loudness in LUFS: 400 ms blocks, overlapping by three quarters, both gates (ITU-R BS.1770-5)."""
    block, step = round(0.4 * RATE), round(0.1 * RATE)
    starts = range(0, max(1, len(samples) - block + 1), step)
    weights = _weighting(block)
    powers = []
    for start in starts:
        piece = np.zeros((block, 2))
        found = samples[start : start + block]
        piece[: len(found)] = found
        spectrum = np.abs(np.fft.rfft(piece, axis=0)) ** 2 * weights[:, None]
        spectrum[1:-1] *= 2
        powers.append(float(np.sum(spectrum) / block**2))
    power = np.array(powers)
    kept = power[power > 10 ** ((-70 + 0.691) / 10)]
    if not len(kept):
        return float("-inf")
    kept = kept[kept > np.mean(kept) * 0.1]
    return float(-0.691 + 10 * np.log10(np.mean(kept)))


def levelled(samples: Stereo) -> Stereo:
    """At LOUDNESS, and softly limited below -1.5 dBFS."""
    gained = samples * 10 ** ((LOUDNESS - loudness(samples)) / 20)
    return np.asarray(PEAK * np.tanh(gained / PEAK)) if np.max(np.abs(gained)) > PEAK * 0.7 else gained


def wav(samples: Stereo) -> bytes:
    """A 16-bit WAV file, dithered with seeded noise."""
    noise = np.random.default_rng(0).triangular(-1, 0, 1, samples.shape)
    whole = np.clip(np.round(samples * 32767 + noise), -32768, 32767).astype("<i2")
    kept = io.BytesIO()
    with wave.open(kept, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(whole.tobytes())
    return kept.getvalue()


def _dombra_bed() -> Stereo:
    """Two strings in the төкпе manner: a moving upper voice over the open lower string."""
    beat, bars = 0.32, 25
    score = Score(beat * 4 * bars)
    melody = (5, 5, 7, 8, 7, 5, 4, 5, 5, 7, 9, 8, 7, 5, 4, 2, 4, 5, 7, 5, 4, 2, 1, 2, 0)
    for bar in range(bars):
        top = melody[bar]
        for place, (at, strong) in enumerate(((0, 1.0), (1, 0.6), (1.5, 0.45), (2, 0.85), (3, 0.6), (3.5, 0.5))):
            when = (bar * 4 + at) * beat
            degree = top + (0, 0, 1, 0, -1, 0)[place]
            score.add(pluck(pitch(degree), 1.1, seed=bar * 8 + place, bright=0.72), when, strong * 0.5, 0.18, wrap=True)
            if at in (0, 2, 3):
                tone = pluck(pitch(0, 73.42), 1.3, seed=bar * 8 + place + 400, bright=0.6)
                score.add(tone, when + 0.012, strong * 0.55, -0.2, wrap=True)
    score.room(1.1, 0.2, seed=3, wrap=True)
    return score.samples


def _kobyz_bed() -> Stereo:
    """A low drone and a slow melody above it."""
    score = Score(32.0)
    for turn in range(4):
        score.add(bow(73.42, 9.2, seed=20 + turn), turn * 8.0, 0.5, -0.15, wrap=True)
    for at, degree, length in (
        (1, 5, 4.2),
        (5, 7, 3.2),
        (8, 8, 4.6),
        (13, 7, 2.6),
        (15.4, 5, 4.4),
        (20, 4, 3.0),
        (23, 2, 3.6),
        (26.6, 0, 4.8),
    ):
        score.add(bow(pitch(degree), length, seed=40 + degree, vibrato=0.007), at, 0.34, 0.2, wrap=True)
    score.add(pad([146.83, 220.0, 293.66], 33.5, seed=5, attack=1.5), 0, 0.16, wrap=True)
    score.room(2.6, 0.34, seed=4, wrap=True)
    return score.samples


def _pad_bed() -> Stereo:
    """Four chords of open fifths, with a bell now and then."""
    score = Score(32.0)
    chords = ((146.83, 220.0, 329.63), (123.47, 185.0, 293.66), (98.0, 146.83, 246.94), (110.0, 164.81, 277.18))
    for turn, chord in enumerate(chords):
        score.add(pad(chord, 9.6, seed=60 + turn, attack=1.6), turn * 8.0, 0.5, wrap=True)
        for step, degree in enumerate((10, 12, 14, 11)):
            tone = bell(pitch(degree - turn % 2), 2.4)
            score.add(tone, turn * 8.0 + 1.0 + step * 1.75, 0.035, 0.4 - 0.25 * step, wrap=True)
    score.room(2.2, 0.3, seed=6, wrap=True)
    return score.samples


def _ident(build: Callable[[Score], None], seconds: float = 5.12) -> Stereo:
    score = Score(seconds)
    build(score)
    score.room(1.6, 0.26, seed=9)
    fade = RATE // 2
    score.samples[-fade:] *= np.linspace(1, 0, fade)[:, None]
    return score.samples


def _jibek_joly(score: Score) -> None:
    for index, degree in enumerate((0, 2, 4, 5, 7, 9)):
        tone = pluck(pitch(degree, 196.0), 2.4, seed=70 + index, bright=0.75)
        score.add(tone, 0.2 + index * 0.16, 0.6, -0.3 + index * 0.1)
    score.add(pluck(pitch(10, 196.0), 3.0, seed=90, bright=0.8), 1.36, 0.9, 0.2)
    score.add(pluck(pitch(0, 98.0), 3.0, seed=91), 1.36, 0.9, -0.2)
    score.add(pad([196.0, 293.66, 392.0], 4.2, seed=11, attack=0.9), 0.9, 0.4)


def _radio(score: Score) -> None:
    for at, degree in ((0.1, 5), (0.34, 5), (0.46, 7), (0.7, 9), (1.06, 7), (1.3, 9), (1.54, 10)):
        score.add(pluck(pitch(degree, 196.0), 1.8, seed=int(at * 100), bright=0.85), at, 0.8, 0.15)
        score.add(pluck(pitch(0, 98.0), 1.4, seed=int(at * 100) + 7), at + 0.01, 0.6, -0.15)
    score.add(pad([196.0, 246.94, 293.66], 3.6, seed=12, attack=0.7), 1.4, 0.4)


def _silk_way(score: Score) -> None:
    score.add(bow(110.0, 4.6, seed=13), 0.0, 0.5, -0.2)
    for at, degree, length in ((0.4, 5, 1.3), (1.3, 7, 1.1), (2.1, 9, 2.6)):
        score.add(bow(pitch(degree), length, seed=int(at * 10), vibrato=0.008), at, 0.5, 0.2)
    score.add(bell(pitch(14), 3.0), 2.1, 0.22, 0.3)


def _cinema(score: Score) -> None:
    score.add(pad([55.0, 82.41, 110.0], 5.0, seed=14, attack=1.8), 0.0, 0.8)
    score.add(pad([220.0, 329.63, 440.0], 3.4, seed=15, attack=1.2), 1.6, 0.36)
    score.add(pluck(55.0, 3.4, seed=16, bright=0.3), 1.7, 1.1)


def _prime(score: Score) -> None:
    for index, degree in enumerate((10, 12, 14, 12, 15)):
        score.add(bell(pitch(degree), 2.6), 0.2 + index * 0.3, 0.3, -0.4 + index * 0.2)
    score.add(pad([174.61, 261.63, 349.23], 4.4, seed=17, attack=1.1), 0.6, 0.5)


def _news(score: Score) -> None:
    for index in range(12):
        level = 0.7 if index % 4 == 0 else 0.36
        tone = pluck(pitch(0 if index % 3 else 2, 146.83), 0.5, seed=index, bright=0.8)
        score.add(tone, 0.1 + index * 0.2, level, 0.1)
    for at, degree in ((0.1, 5), (0.9, 7), (1.7, 9), (2.5, 10)):
        score.add(pluck(pitch(degree, 293.66), 1.8, seed=degree, bright=0.8), at, 0.7, 0.2)
        score.add(pad([pitch(degree, 146.83), pitch(degree + 2, 146.83)], 1.4, seed=degree, attack=0.3), at, 0.36)


BEDS: dict[str, Callable[[], Stereo]] = {"dombra": _dombra_bed, "kobyz": _kobyz_bed, "pads": _pad_bed}
IDENTS: dict[str, Callable[[Score], None]] = {
    "jibek-joly": _jibek_joly,
    "jibek-joly-radio": _radio,
    "silk-way": _silk_way,
    "silk-way-cinema": _cinema,
    "silk-way-prime": _prime,
    "news": _news,
}


@lru_cache(maxsize=16)
def bed(name: str) -> Stereo:
    """A music bed of 32 s that can be repeated without a seam, levelled. Names are those of BEDS."""
    return levelled(BEDS[name]())


@lru_cache(maxsize=16)
def ident(name: str) -> Stereo:
    """The sound of a service, 5.12 s (16 ticks), levelled. Names are those of IDENTS."""
    return levelled(_ident(IDENTS[name]))


def repeated(name: str, seconds: float, *, fade: float = 1.5, start: float = 0.0) -> Stereo:
    """A bed repeated to a length, faded in and out."""
    source = bed(name)
    count = round(seconds * RATE)
    places = (round(start * RATE) + np.arange(count)) % len(source)
    time = np.arange(count) / RATE
    shape = np.clip(np.minimum(time / fade, (seconds - time) / fade), 0, 1)
    return np.asarray(source[places] * shape[:, None])
