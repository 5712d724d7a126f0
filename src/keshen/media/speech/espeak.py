"""eSpeak NG, the voice that came along: small, quick, plain, and it knows every language of the house.

It runs confined, so that a crash or an endless loop in it is a failed sentence and nothing more.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import espeakng_loader

from keshen.media import confined
from keshen.media.confined import Limits, ProgramFailed
from keshen.media.speech.engines import Clip, SpeechFailed

_CHILD: Final = str(Path(__file__).with_name("espeak_child.py"))
_LIMITS: Final = Limits(wall=60, cpu=30, memory=1 << 30, file=1)
_RATE, _VOLUME, _PITCH, _RANGE, _WORD_GAP = 1, 2, 3, 4, 7

# A calm reading pace; a lower, livelier pitch than the default, which drones. Words a minute suit the word length.
_MANNER: Final = {_RATE: 150, _VOLUME: 90, _PITCH: 38, _RANGE: 62, _WORD_GAP: 0}


@dataclass(frozen=True, slots=True)
class _Voice:
    name: str
    words_a_minute: int


_VOICES: Final = {
    "kk": _Voice("kk", 138),
    "ky": _Voice("ky", 138),
    "uz": _Voice("uz", 142),
    "tr": _Voice("tr", 145),
    "ru": _Voice("ru", 148),
    "en": _Voice("en-us", 158),
    "ar": _Voice("ar", 138),
}


class Espeak:
    """The eSpeak NG engine."""

    name = "espeak-ng"
    languages = frozenset(_VOICES)

    @property
    def version(self) -> str:
        return importlib.metadata.version("espeakng-loader")

    def say(self, sentences: Sequence[str], language: str) -> list[Clip]:
        voice = _VOICES[language.split("-")[0]]
        request = {
            "voice": voice.name,
            "parameters": {**_MANNER, _RATE: voice.words_a_minute},
            "sentences": [sentence.replace("\x00", " ") for sentence in sentences],
        }
        argv = [
            sys.executable, "-I", "-S", _CHILD, espeakng_loader.get_library_path(), espeakng_loader.get_data_path()
        ]  # fmt: skip
        try:
            output = confined.run(argv, limits=_LIMITS, stdin=json.dumps(request).encode())
        except ProgramFailed as failure:
            raise SpeechFailed(f"eSpeak NG: {failure.reason} {' '.join(failure.tail[-1:])}".strip()) from failure
        head, _, samples = output.partition(b"\n")
        try:
            said = json.loads(head)
        except ValueError as error:
            raise SpeechFailed("eSpeak NG did not give sound") from error
        clips, at = [], 0
        for length in said["lengths"]:
            clips.append(Clip(said["rate"], samples[at : at + length]))
            at += length
        return clips
