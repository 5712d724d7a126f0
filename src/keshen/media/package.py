"""From a brief to the tracks of a package: speak, lay out, mix, draw, encode, caption.

Each stage is remembered by what it depends on, so that a render killed at any moment costs no more than the stage it
was in. Nothing here changes an asset; the job does that in one action at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np

from keshen.house.jobs import JobContext
from keshen.media import boxes, captions, encode, ffmpeg, graphics, houseformat, loudness, mix, speech
from keshen.media.actions import NewTrack
from keshen.media.brief import Brief
from keshen.media.captions import Spoken
from keshen.media.confined import Limits
from keshen.media.graphics import overlays
from keshen.media.graphics.shots import FRAME_RATE
from keshen.media.layout import Layout, lay_out, reading_time
from keshen.media.marks import mark_of
from keshen.media.models import Asset, Track
from keshen.media.profiles import DEFAULT
from keshen.media.queries import asset_by_urn, rungs_in_use
from keshen.media.sentences import sentences
from keshen.media.stages import Result, remembered
from keshen.media.store import BlobStore, StoreError

VERSION: Final = 1
"""Part of every stage's key: a change of how packages are made makes them anew."""

_SLOWEST: Final = 12
"""An encode that takes longer than this many times its length, plus a minute, is stuck."""

# Seconds before the first word and after the last.
_LEAD_IN: Final = {"television": 2.0, "radio": 0.6}
_TAIL: Final = {"television": 3.0, "radio": 1.4}
_IDENT_OVERLAP: Final = 0.6


@dataclass(slots=True)
class Rendered:
    """What a render made. `without` lists what the package does without, for people to read."""

    ticks: int
    tracks: list[NewTrack]
    measured: dict[str, Any] = field(default_factory=dict)
    without: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Voiced:
    """A language as spoken: the remembered stage, its WAV, and where each paragraph lies in it.

    A paragraph is its start and length in the WAV and the times of its sentences from its own start, all in seconds.
    """

    key: str
    sha256: str
    paragraphs: Sequence[tuple[float, float, Sequence[Spoken]]]


def limits_for(ticks: int) -> Limits:
    """Limits of an encode of this length."""
    return Limits(wall=60 + _SLOWEST * houseformat.seconds(ticks), memory=8 << 30)


class Render:
    """One render of one brief, in a folder of its own."""

    def __init__(self, brief: Brief, context: JobContext, store: BlobStore, folder: Path) -> None:
        self._rungs = rungs_in_use()
        self._brief, self._context, self._store, self._folder = brief, context, store, folder
        self._without: list[str] = []
        self._voiced: set[str] = set()

    def make(self) -> Rendered:
        """All stages. Raises what they raise: SpeechFailed, FfmpegFailed, GraphicsProblem, StoreError, Cancelled."""
        self._context.progress(1, 100, "Speaking")
        voices = self._voices()
        layout = self._layout(voices)
        self._context.progress(6, 100, "Mixing")
        sounds = self._sounds(voices, layout)
        self._context.progress(15, 100, "Drawing")
        tracks, measured = self._tracks(layout, sounds)
        self._context.progress(98, 100, "Captioning")
        tracks += self._captions(voices, layout)
        return Rendered(layout.ticks, tracks, measured, self._without)

    def _voices(self) -> dict[str, _Voiced]:
        found: dict[str, _Voiced] = {}
        for language, paragraphs in self._brief.spoken.items():
            self._context.check()
            try:
                found[language] = self._voice(language, paragraphs)
            except speech.NoVoice as missing:
                if self._brief.kind == "radio" and language == self._brief.language:
                    raise
                self._without.append(f"{missing}: captions only")
            except speech.SpeechFailed as failure:
                if language == self._brief.language:
                    raise
                self._without.append(f"{language}: {failure}")
        self._voiced = set(found)
        return found

    def _voice(self, language: str, paragraphs: Sequence[str]) -> _Voiced:
        from keshen.language.reading import speak  # its tables load only where something is spoken

        engine = speech.engine_for(language)
        spoken = [[speak(sentence, language) for sentence in sentences(text)] for text in paragraphs]

        def make() -> Result:
            return _spoken(engine, language, spoken, self._store)

        depends_on = {"engine": [engine.name, engine.version], "language": language, "sentences": spoken}
        key, result = remembered("speech", {"version": VERSION, **depends_on}, self._store, make)
        return _Voiced(
            key,
            result.blobs["wav"],
            [(at, length, [Spoken(*part) for part in parts]) for at, length, parts in result.facts["paragraphs"]],
        )

    def _layout(self, voices: Mapping[str, _Voiced]) -> Layout:
        lengths = {tag: [length for _, length, _ in voice.paragraphs] for tag, voice in voices.items()}
        main = self._brief.language
        lengths.setdefault(main, reading_time(self._brief.paragraphs))
        lead_in = _LEAD_IN[self._brief.kind]
        if ident := self._music(self._brief.ident):
            lead_in = max(lead_in, houseformat.seconds(ident.asset.duration_ticks or 0) - _IDENT_OVERLAP)
        return lay_out(main, lengths, lead_in=lead_in, tail=_TAIL[self._brief.kind])

    def _music(self, urn: str) -> Track | None:
        """The sound track of an asset; without it the package goes on, and says so."""
        if not urn:
            return None
        track = Track.objects.filter(
            asset__urn=urn, asset__state=Asset.State.READY, kind=Track.Kind.AUDIO
        ).select_related("asset").first()  # fmt: skip
        if track is None and (note := f"the sound {urn} is not ready or not there") not in self._without:
            self._without.append(note)
        return track

    def _sounds(self, voices: Mapping[str, _Voiced], layout: Layout) -> list[tuple[str, str, Result]]:
        """For each language its stage key, tag and mixed sound; for none at all, the bed or silence in the main one."""
        bed, ident = self._music(self._brief.bed), self._music(self._brief.ident)
        made = []
        for language in voices or {self._brief.language: None}:
            self._context.check()
            voice = voices.get(language)
            depends_on = {
                "version": [VERSION, mix.VERSION],
                "voice": voice.key if voice else "",
                "starts": [span.start for span in layout.spans[language]] if voice else [],
                "bed": bed.blob_sha256 if bed else "",
                "ident": ident.blob_sha256 if ident else "",
                "ticks": layout.ticks,
            }
            key, result = remembered(
                "mix",
                depends_on,
                self._store,
                lambda voice=voice, tag=language: self._mix(voice, tag, bed, ident, layout),
            )
            made.append((key, language, result))
        return made

    def _mix(
        self, voice: _Voiced | None, language: str, bed: Track | None, ident: Track | None, layout: Layout
    ) -> Result:
        target = self._folder / f"mix-{language}.flac"
        parts = mix.Ingredients(
            voice=self._laid(voice, layout.spans[language], layout.ticks) if voice else None,
            bed=self._file_of(bed, "bed"),
            ident=self._file_of(ident, "ident"),
            ident_seconds=houseformat.seconds(ident.asset.duration_ticks or 0) if ident else 0.0,
        )
        ffmpeg.encode(
            mix.arguments(parts, layout.ticks, target),
            limits=limits_for(layout.ticks),
            check=self._context.check,
            on_log=self._context.log,
        )
        found = loudness.measure(["-i", f"file:{target}"])
        facts = {"integrated": found.integrated, "true_peak": found.true_peak}
        return Result({"flac": self._store.put_file(target)}, facts)

    def _laid(self, voice: _Voiced, spans: Sequence[Spoken], ticks: int) -> Path:
        """The spoken paragraphs at their places, as a WAV file."""
        clip = speech.Clip.from_wav(self._store.read(voice.sha256))
        source = np.frombuffer(clip.samples, np.int16)
        laid = np.zeros(int(houseformat.seconds(ticks) * clip.rate) + 1, np.int16)
        for (at, length, _), span in zip(voice.paragraphs, spans, strict=True):
            piece = source[round(at * clip.rate) : round((at + length) * clip.rate)]
            start = round(span.start * clip.rate)
            laid[start : start + len(piece)] = piece[: len(laid) - start]
        path = self._folder / "voice.wav"
        path.write_bytes(speech.Clip(clip.rate, laid.tobytes()).to_wav())
        return path

    def _file_of(self, track: Track | None, name: str) -> Path | None:
        if track is None:
            return None
        path = self._folder / f"{name}.mp4"
        if not path.exists():
            with path.open("wb") as file:
                self._store.fetch(track.init_sha256, file)
                self._store.fetch(track.blob_sha256, file)
        return path

    def _tracks(
        self, layout: Layout, sounds: Sequence[tuple[str, str, Result]]
    ) -> tuple[list[NewTrack], dict[str, Any]]:
        brief, ticks = self._brief, layout.ticks
        pictures = self._pictures() if brief.kind == "television" else {}
        depends_on = {
            "version": VERSION,
            "brief": brief.digest,
            "ticks": ticks,
            "spans": [[span.start, span.end] for span in layout.spans[brief.language]],
            "pictures": {urn: sha256 for urn, (sha256, _) in pictures.items()},
            "sounds": [[language, key] for key, language, _ in sounds],
            **({"rungs": [rung.name for rung in self._rungs]} if self._rungs != DEFAULT.rungs else {}),
        }
        without: list[str] = []

        def make() -> Result:
            tracks = self._encode(layout, sounds, {urn: data for urn, (_, data) in pictures.items()}, without)
            blobs = {f"{n}.{name}": sha256 for n, track in enumerate(tracks) for name, sha256 in (
                ("init", track.init_sha256), ("blob", track.blob_sha256)
            )}  # fmt: skip
            return Result(blobs, {"tracks": [_as_json(track) for track in tracks], "without": without})

        _, result = remembered("encode", depends_on, self._store, make)
        self._without += result.facts["without"]
        measured = {"loudness": {tag: loudness.Loudness(**found.facts).integrated for _, tag, found in sounds}}
        return [NewTrack(**values) for values in result.facts["tracks"]], measured

    def _pictures(self) -> dict[str, tuple[str, bytes]]:
        """Picture files by URN, with their checksums; what cannot be read is noted and left out."""
        found = {}
        for urn in dict.fromkeys(self._brief.pictures):
            asset = asset_by_urn(urn)
            if asset is None or asset.state != Asset.State.READY:
                self._without.append(f"the picture {urn} is not ready or not there")
                continue
            drawn = [row for row in asset.renditions.all() if row.media_type in ("image/jpeg", "image/png")]
            sha256 = max(drawn, key=lambda row: row.width).sha256 if drawn else asset.source_sha256
            try:
                found[urn] = (sha256, self._store.read(sha256))
            except StoreError as error:
                self._without.append(f"the picture {urn}: {error}")
        return found

    def _encode(
        self,
        layout: Layout,
        sounds: Sequence[tuple[str, str, Result]],
        pictures: Mapping[str, bytes],
        without: list[str],
    ) -> list[NewTrack]:
        inputs: list[str] = []
        graph, picture = "", ""
        count = 0
        if self._brief.kind == "television":
            drawn = self._draw(layout, pictures, without)
            inputs, graph, picture, count = list(drawn.inputs), drawn.filter_complex, "[picture]", drawn.input_count
        tracks = []
        for number, (_, language, result) in enumerate(sounds):
            path = self._folder / f"sound-{language}.flac"
            with path.open("wb") as file:
                self._store.fetch(result.blobs["flac"], file)
            inputs += ["-i", f"file:{path}"]
            levelling = loudness.levelling(loudness.Loudness(**result.facts))
            tracks.append(encode.Sound(f"{count + number}:a", language, levelling))
        shown_at = Fraction(FRAME_RATE)
        plan = encode.Plan(tuple(inputs), layout.ticks, graph, picture, tuple(tracks), self._rungs, shown_at=shown_at)
        made = encode.encode(
            plan,
            self._folder,
            limits=limits_for(layout.ticks),
            on_seconds=self._advance(houseformat.seconds(layout.ticks)),
            check=self._context.check,
            on_log=self._context.log,
        )
        return kept(made, self._store, machine=self._voiced)

    def _draw(self, layout: Layout, pictures: Mapping[str, bytes], without: list[str]) -> graphics.Graph:
        spans = layout.spans[self._brief.language]
        timings = graphics.Timings(tuple((span.start, span.end) for span in spans), layout.ticks)
        problems: list[graphics.GraphicsProblem] = []
        wanted = [urn for urn in self._brief.pictures if urn in pictures]
        logo = overlays.logo(mark_of(self._brief.logo), self._store.read) if self._brief.logo else None
        shots = graphics.storyboard(
            _replace_pictures(self._brief, wanted), timings, pictures=pictures, logo=logo, problems=problems
        )
        without += [str(problem) for problem in problems]
        return graphics.filtergraph(shots, self._folder, first_input=0)

    def _advance(self, length: float) -> Callable[[float], None]:
        return lambda done: self._context.progress(20 + 76 * min(1.0, done / length), 100, "Encoding")

    def _captions(self, voices: Mapping[str, _Voiced], layout: Layout) -> list[NewTrack]:
        made = []
        for tag, paragraphs in self._brief.captions.items():
            text = captions.webvtt(list(self._cues(tag, paragraphs, voices, layout)))
            data = text.encode()
            made.append(
                NewTrack(
                    Track.Kind.CAPTIONS, houseformat.CAPTION_RUNG, tag, self._store.put(data), len(data), codecs="wvtt"
                )
            )
        return made

    def _cues(
        self, tag: str, paragraphs: Sequence[str], voices: Mapping[str, _Voiced], layout: Layout
    ) -> Iterable[captions.Cue]:
        """Captions at the times of the same language's voice, else of the main one, shared out where nothing fits."""
        language = next((name for name in (tag, tag.split("-")[0]) if name in voices), self._brief.language)
        spans = layout.spans[language]
        end = houseformat.seconds(layout.ticks)
        if len(spans) != len(paragraphs):
            whole = Spoken(spans[0].start, spans[-1].end)
            return captions.cues(" ".join(paragraphs), whole, until=end)
        found: list[captions.Cue] = []
        for number, (text, span) in enumerate(zip(paragraphs, spans, strict=True)):
            parts: list[Spoken] = []
            if language in voices:
                parts = [
                    Spoken(span.start + part.start, span.start + part.end)
                    for part in voices[language].paragraphs[number][2]
                ]
            until = spans[number + 1].start if number + 1 < len(spans) else end
            found += captions.cues(text, span, parts, until)
        return found


def _replace_pictures(brief: Brief, pictures: Sequence[str]) -> Brief:
    """The brief with only the pictures that can be read."""
    return Brief.from_json({**brief.to_json(), "pictures": list(pictures)})


def _spoken(engine: speech.Engine, language: str, spoken: Sequence[Sequence[str]], store: BlobStore) -> Result:
    """Speak all paragraphs in one go; one WAV holds them, and the facts say where each lies."""
    clips = iter(engine.say([sentence for paragraph in spoken for sentence in paragraph], language))
    pieces: list[bytes] = []
    places: list[list[Any]] = []
    at, rate = 0.0, 0
    for paragraph in spoken:
        if not paragraph:
            places.append([at, 0.0, []])
            continue
        joined = speech.join([next(clips) for _ in paragraph])
        rate = joined.clip.rate
        pieces.append(joined.clip.samples)
        places.append([at, joined.clip.seconds, [[part.start, part.end] for part in joined.parts]])
        at += joined.clip.seconds
    wav = speech.Clip(rate, b"".join(pieces)).to_wav()
    return Result({"wav": store.put(wav)}, {"paragraphs": places})


def kept(made: Sequence[encode.Made], store: BlobStore, machine: Iterable[str] = ()) -> list[NewTrack]:
    """Put encoded tracks into the store. `machine` names the languages that a machine spoke."""
    spoken = set(machine)
    tracks = []
    for track in made:
        index = track.index
        tracks.append(
            NewTrack(
                kind=track.kind,
                rung=track.rung,
                language=track.language,
                blob_sha256=store.put_file(track.path, index.start, index.end),
                size=index.end - index.start,
                init_sha256=store.put(index.init),
                codecs=boxes.codecs(index.init),
                bandwidth=index.bandwidth,
                segments=[[segment.ticks, segment.offset, segment.length] for segment in index.segments],
                machine=track.kind == "audio" and track.language in spoken,
            )
        )
    return tracks


def _as_json(track: NewTrack) -> dict[str, Any]:
    return {name: getattr(track, name) for name in NewTrack.__dataclass_fields__}
