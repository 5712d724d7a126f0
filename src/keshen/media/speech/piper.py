"""Piper voices: a local `piper` command, and a folder of voices named for their language, such as `kk_KZ-name.onnx`."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from keshen.media import confined
from keshen.media.confined import Limits, ProgramFailed
from keshen.media.speech.engines import Clip, SpeechFailed

_LIMITS: Final = Limits(wall=300, cpu=600, memory=8 << 30)


class Piper:
    """A `piper` command (or one that takes `--model`, `--output_file -` and text on standard input)."""

    name = "piper"

    def __init__(self, command: str, voices: str) -> None:
        self._command, self._voices = command or "piper", Path(voices)

    @property
    def version(self) -> str:
        return ",".join(path.stem for path in self._models())

    def _models(self) -> list[Path]:
        return sorted(self._voices.glob("*.onnx"))

    @property
    def languages(self) -> frozenset[str]:
        return frozenset(path.stem.replace("-", "_").split("_")[0] for path in self._models())

    def say(self, sentences: Sequence[str], language: str) -> list[Clip]:
        wanted = language.split("-")[0]
        model = next(path for path in self._models() if path.stem.replace("-", "_").split("_")[0] == wanted)
        command = shutil.which(self._command)
        if not command:
            raise SpeechFailed(f"there is no command {self._command}: install Piper or set KESHEN_PIPER to its path")
        clips = []
        for sentence in sentences:
            argv = [command, "--model", str(model), "--output_file", "-"]
            try:
                data = confined.run(argv, limits=_LIMITS, stdin=" ".join(sentence.split()).encode() + b"\n")
            except ProgramFailed as failure:
                raise SpeechFailed(f"Piper: {failure.reason} {' '.join(failure.tail[-1:])}".strip()) from failure
            clips.append(Clip.from_wav(data))
        return clips
