"""The demo's own words, pictures and sound are whole."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image

from keshen.config.demo import sound
from keshen.config.demo.pictures import DRAWINGS, drawn
from keshen.config.demo.pictures.words import TAGS, saying
from keshen.config.demo.reels import REELS
from keshen.config.demo.services import SERVICES, WEEKS
from keshen.media.graphics.typeset import is_rtl


def test_stories_are_whole(django_db_blocker: object) -> None:
    from keshen.config.demo.stories import stories
    from keshen.newsroom import mediatopics
    from keshen.newsroom.body import from_paragraphs, validate

    told = stories()
    assert len(told) >= 12
    assert sum("ru" in story.texts for story in told) >= 6
    assert sum("en" in story.texts for story in told) >= 6
    assert sum("ar" in story.texts for story in told) >= 4
    for story in told:
        assert story.slugline and story.keywords and story.pictures and "kk" in story.texts
        assert set(story.topics) <= set(mediatopics.topics())
        assert set(story.pictures) <= set(DRAWINGS)
        for language, words in story.texts.items():
            assert words.headline and words.standfirst and words.dateline
            assert len(words.paragraphs) >= 3
            if language == "kk":
                assert 180 <= sum(len(paragraph.split()) for paragraph in words.paragraphs) <= 300, story.slugline
            validate(from_paragraphs(words.paragraphs))
            assert all(DRAWINGS[name].alt[language] for name in story.pictures)


@pytest.mark.parametrize("name", ["silk-road", "saiga", "kobyz"])
def test_pictures_are_large_and_drawn_the_same_every_time(name: str) -> None:
    first = drawn(name)
    with Image.open(io.BytesIO(first)) as picture:
        assert picture.width >= 1600 and picture.height >= 900
    assert drawn.__wrapped__(name) == first


@pytest.mark.parametrize("name", list(sound.IDENTS))
def test_idents_are_at_house_loudness(name: str) -> None:
    samples = sound.ident(name)
    assert sound.loudness(samples) == pytest.approx(-23, abs=0.3)
    assert np.abs(samples).max() < 10 ** (-1 / 20)


def test_beds_loop_without_a_seam() -> None:
    samples = sound.bed("pads")
    steps = np.abs(np.diff(samples, axis=0)).max()
    assert np.abs(samples[0] - samples[-1]).max() <= steps


def test_every_service_has_a_week_and_something_to_play() -> None:
    from keshen.air.scheduling.template import parse

    on_air = {row.slug for row in SERVICES if row.kind in ("tv", "radio")}
    assert set(WEEKS) == on_air
    keys = {reel.programmes for reel in REELS}
    for slug, week in WEEKS.items():
        parsed = parse(week)
        assert {block.programmes for block in parsed.blocks} <= keys
        assert any(reel.role == "filler" and reel.service == slug for reel in REELS)


@pytest.mark.parametrize("name", [name for name, drawing in DRAWINGS.items() if drawing.worded])
def test_every_word_of_a_picture_has_its_words_in_every_edition(name: str) -> None:
    asked: list[str] = []

    def say(words: str) -> str:
        asked.append(words)
        return words

    DRAWINGS[name].draw(say)
    assert asked
    for tag in TAGS:
        said = [saying(tag)(words) for words in asked]
        if tag in ("kk-Latn", "en", "ar", "kk-Arab"):
            assert not re.search("[\u0400-\u04ff]", " ".join(said)), tag
        if tag in ("ar", "kk-Arab"):
            assert all(is_rtl(words) for words in said), tag
