"""Storyboards fill their time exactly, and ffmpeg draws what they say."""

from __future__ import annotations

import io
import subprocess
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from keshen.media.graphics import GraphicsProblem, PictureUnreadable, Timings, filtergraph, storyboard
from keshen.media.graphics.ideas import MOST_WORDS, ideas
from keshen.media.graphics.shots import TICK_FRAMES, Shot


@dataclass(frozen=True)
class Told:
    """A brief as the storyboard sees it."""

    headline: str = "Жібек жолы: құрлықты жалғаған керуен ізі"
    place: str = "АЛМАТЫ"
    language: str = "kk"
    paragraphs: tuple[str, ...] = (
        "Жібек жолы бір ғана жол емес, тұтас бір тор болған.",
        "Дәліздің ұзындығы шамамен 5 000 км. Тізімде 33 нысан бар.",
    )
    cards: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    accent: str = "#0fa3a3"
    service: str = "Jibek Joly"


def _picture() -> bytes:
    ramp = np.tile(np.linspace(60, 220, 800, dtype=np.uint8)[None, :, None], (500, 1, 3))
    kept = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(ramp)).save(kept, "PNG")
    return kept.getvalue()


@settings(max_examples=8, deadline=None)
@given(st.lists(st.floats(0.5, 30), min_size=1, max_size=6), st.floats(0, 6), st.booleans())
def test_shots_add_up_to_the_timings(seconds: list[float], lead_in: float, with_picture: bool) -> None:
    timings = Timings.of_speech(seconds, lead_in=lead_in)
    pictures = {"a": _picture()} if with_picture else {}
    brief = Told(paragraphs=tuple("Бұл бір сөйлем." for _ in seconds), pictures=tuple(pictures))
    shots = storyboard(brief, timings, pictures=pictures)
    assert sum(shot.ticks for shot in shots) == timings.ticks
    assert all(shot.ticks >= 10 for shot in shots if shot.name == "card")
    assert all(0 <= layer.enter < layer.leave <= shot.frames for shot in shots for layer in shot.layers)


def test_an_unreadable_picture_is_named_and_left_out() -> None:
    brief = Told(pictures=("bad", "lost"))
    problems: list[GraphicsProblem] = []
    shots = storyboard(brief, Timings.silent(brief.paragraphs), pictures={"bad": b"no picture"}, problems=problems)
    assert [type(problem) for problem in problems] == [PictureUnreadable, PictureUnreadable]
    assert {shot.name for shot in shots} >= {"title", "card", "slate"}
    with pytest.raises(PictureUnreadable):
        storyboard(brief, Timings.silent(brief.paragraphs), pictures={"bad": b"no picture"})


@pytest.mark.parametrize(
    ("paragraph", "language", "words", "number"),
    [
        ("Дәліздің ұзындығы шамамен 5 000 км.", "kk", "Дәліздің ұзындығы шамамен 5 000 км", "5 000\u00a0км"),
        ("В 1961 году он облетел Землю.", "ru", "В 1961 году он облетел Землю", ""),
        ("It covers more than 450 thousand hectares.", "en", "It covers more than 450 thousand hectares", "450"),
    ],
)
def test_a_card_has_its_number(paragraph: str, language: str, words: str, number: str) -> None:
    assert [(idea.words, idea.number) for idea in ideas(paragraph, language)] == [(words, number)]


def test_cards_have_at_most_twelve_words() -> None:
    long = "Бірінші бөлік осында ұзақ созылып жатыр, " * 4 + "содан кейін оқиға осы жерде бітті."
    assert all(len(idea.words.split()) <= MOST_WORDS for idea in ideas(long, "kk"))


def _frames(shots: list[Shot], folder: Path, wanted: list[int]) -> list[np.ndarray]:
    graph = filtergraph(shots, folder)
    choose = "+".join(rf"eq(n\,{number})" for number in wanted)
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", *graph.inputs, "-filter_complex",
        f"{graph.filter_complex};[picture]select='{choose}',format=rgb24[out]", "-map", "[out]",
        "-fps_mode", "passthrough", "-f", "rawvideo", "-",
    ]  # fmt: skip
    data = subprocess.run(command, check=True, capture_output=True).stdout
    return list(np.frombuffer(data, np.uint8).reshape(-1, 720, 1280, 3))


def test_ffmpeg_draws_every_shot_and_the_lower_third(tmp_path: Path) -> None:
    brief = Told(pictures=("a",))
    shots = storyboard(brief, Timings.of_speech([8, 8]), pictures={"a": _picture()})
    starts = np.cumsum([0, *(shot.frames for shot in shots)]).tolist()
    middles = [(start + end) // 2 for start, end in pairwise(starts)]
    frames = _frames(shots, tmp_path, middles)
    assert len(frames) == len(shots)
    assert all(frame.max() > 150 and frame.std() > 8 for frame in frames)
    index, layer = next(
        (number, layer) for number, shot in enumerate(shots) for layer in shot.layers if layer.name == "lower-third"
    )
    plate = frames[index][layer.y + 20 : layer.y + layer.picture.height - 20, layer.x + 4 : layer.x + 10]
    assert np.abs(np.median(plate.reshape(-1, 3), axis=0) - np.array([0x0F, 0xA3, 0xA3])).max() < 12
    above = frames[index][layer.y - 20 : layer.y - 4, layer.x : layer.x + 40]
    assert np.abs(above.reshape(-1, 3).mean(axis=0) - np.median(plate.reshape(-1, 3), axis=0)).max() > 30


def test_the_sequence_has_exactly_its_frames(tmp_path: Path) -> None:
    brief = Told()
    shots = storyboard(brief, Timings.of_speech([4, 5]))
    graph = filtergraph(shots, tmp_path)
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", *graph.inputs, "-filter_complex",
        f"{graph.filter_complex};[picture]scale=32:18,format=gray[out]", "-map", "[out]", "-f", "rawvideo", "-",
    ]  # fmt: skip
    data = subprocess.run(command, check=True, capture_output=True).stdout
    assert len(data) // (32 * 18) == graph.frames == sum(shot.ticks for shot in shots) * TICK_FRAMES
