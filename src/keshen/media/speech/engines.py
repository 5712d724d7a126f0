"""What every voice offers, and how its sentences become a paragraph."""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from keshen.media.captions import Spoken

BREATH: Final = 0.32
"""Seconds between two sentences."""
_QUIET: Final = 180
_EDGE: Final = 0.03


class SpeechFailed(Exception):
    """A voice did not speak; the message says which and why."""


class NoVoice(SpeechFailed):
    """No engine of this installation speaks the language: what is made goes out with captions only."""

    def __init__(self, language: str) -> None:
        super().__init__(f"no voice speaks {language}")
        self.language = language


@dataclass(frozen=True, slots=True)
class Clip:
    """Mono speech: signed 16-bit samples in the machine's order, `rate` a second."""

    rate: int
    samples: bytes

    @property
    def seconds(self) -> float:
        return len(self.samples) / 2 / self.rate

    @classmethod
    def from_wav(cls, data: bytes) -> Clip:
        """Read a WAV file. Raises SpeechFailed unless it is uncompressed 16-bit sound."""
        try:
            with wave.open(io.BytesIO(data)) as file:
                if file.getsampwidth() != 2:
                    raise SpeechFailed(f"the voice gave {file.getsampwidth() * 8}-bit sound; 16-bit is understood")
                frames = np.frombuffer(file.readframes(file.getnframes()), np.int16)
                mono = frames.reshape(-1, file.getnchannels())[:, 0]
                return cls(file.getframerate(), mono.tobytes())
        except (wave.Error, EOFError) as error:
            raise SpeechFailed(f"the voice did not give a WAV file: {error}") from error

    def to_wav(self) -> bytes:
        """The clip as a WAV file."""
        target = io.BytesIO()
        with wave.open(target, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(self.rate)
            file.writeframes(self.samples)
        return target.getvalue()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A spoken paragraph, and when each of its sentences is heard, in seconds from its start."""

    clip: Clip
    parts: tuple[Spoken, ...]


class Engine(Protocol):
    """A voice. `name` and `version` are kept with what it made; `languages` are BCP 47 primary tags."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def languages(self) -> frozenset[str]: ...

    def say(self, sentences: Sequence[str], language: str) -> list[Clip]:
        """One clip a sentence. Raises SpeechFailed."""
        ...


def trimmed(clip: Clip) -> Clip:
    """The clip without silence before and after, but for a few hundredths of a second."""
    samples = np.frombuffer(clip.samples, np.int16)
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > _QUIET)
    if not len(loud):
        return Clip(clip.rate, b"")
    edge = int(_EDGE * clip.rate)
    return Clip(clip.rate, samples[max(0, loud[0] - edge) : loud[-1] + edge].tobytes())


def join(clips: Sequence[Clip], pause: float = BREATH) -> Paragraph:
    """Sentences as one paragraph, `pause` seconds apart. Raises SpeechFailed when their rates differ or none sounds."""
    rates = {clip.rate for clip in clips}
    if len(rates) != 1:
        raise SpeechFailed(f"the voice gave {len(rates)} different sample rates for one paragraph")
    rate = rates.pop()
    silence = bytes(2 * int(pause * rate))
    parts: list[Spoken] = []
    pieces: list[bytes] = []
    at = 0
    for clip in map(trimmed, clips):
        if parts:
            pieces.append(silence)
            at += len(silence)
        parts.append(Spoken(at / 2 / rate, (at + len(clip.samples)) / 2 / rate))
        pieces.append(clip.samples)
        at += len(clip.samples)
    if not any(part.end > part.start for part in parts):
        raise SpeechFailed("the voice was silent")
    return Paragraph(Clip(rate, b"".join(pieces)), tuple(parts))


def engines() -> list[Engine]:
    """The engines of this installation, the preferred first: the HTTP one, Piper, then the one that came along."""
    from django.conf import settings

    from keshen.media.speech.espeak import Espeak
    from keshen.media.speech.piper import Piper
    from keshen.media.speech.remote import Remote

    found: list[Engine] = []
    if settings.KESHEN_SPEECH_URL:
        found.append(Remote(settings.KESHEN_SPEECH_URL, frozenset(settings.KESHEN_SPEECH_LANGUAGES)))
    if settings.KESHEN_PIPER_VOICES:
        found.append(Piper(settings.KESHEN_PIPER, settings.KESHEN_PIPER_VOICES))
    found.append(Espeak())
    return found


def engine_for(language: str) -> Engine:
    """The preferred engine for a BCP 47 tag. Raises NoVoice."""
    primary = language.split("-")[0]
    for engine in engines():
        if primary in engine.languages:
            return engine
    raise NoVoice(language)
