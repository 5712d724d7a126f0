"""A voice behind HTTP: POST `{"text": …, "language": …}` to the address in the settings, get a WAV file back.

The address is checked like every address people type in: private ones only where the installation allows them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import httpcore
import httpx

from keshen.house import outgoing
from keshen.media.speech.engines import Clip, SpeechFailed

_TIMEOUT: Final = 60.0
_MOST_BYTES: Final = 50 << 20


class Remote:
    """An HTTP engine at `url` for these languages (primary BCP 47 tags)."""

    name = "http"

    def __init__(self, url: str, languages: frozenset[str]) -> None:
        self._url, self.languages = url, languages

    @property
    def version(self) -> str:
        return self._url

    def say(self, sentences: Sequence[str], language: str) -> list[Clip]:
        try:
            with outgoing.client(timeout=_TIMEOUT) as client:
                return [self._one(client, sentence, language) for sentence in sentences]
        except (httpx.HTTPError, httpcore.ConnectError) as error:
            raise SpeechFailed(f"the voice at {self._url} does not answer: {error}") from error

    def _one(self, client: httpx.Client, sentence: str, language: str) -> Clip:
        data = bytearray()
        with client.stream("POST", self._url, json={"text": sentence, "language": language}) as answer:
            if answer.status_code != httpx.codes.OK:
                raise SpeechFailed(f"the voice at {self._url} answered {answer.status_code}")
            for chunk in answer.iter_bytes():
                data += chunk
                if len(data) > _MOST_BYTES:
                    raise SpeechFailed(f"the voice at {self._url} sent more than {_MOST_BYTES >> 20} MB")
        return Clip.from_wav(bytes(data))
