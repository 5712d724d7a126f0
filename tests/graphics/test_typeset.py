"""Text is measured, wrapped and fitted so that nothing leaves its box, in every script of the house."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from keshen.media.graphics import FontMissing
from keshen.media.graphics.canvas import draw, svg, text
from keshen.media.graphics.cards import lower_third, point, title
from keshen.media.graphics.shots import HEIGHT, SAFE_X, WIDTH
from keshen.media.graphics.typeset import fit, is_rtl, width, wrap

ALPHABETS = (
    "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
    "aäbcdefgğhıijklmnñoöpqrsştuūüvxyz",
    "ابپتجحدرزسشعغفقكگلمنڭوۇۆىيەھء",
)
words = st.sampled_from(ALPHABETS).flatmap(lambda letters: st.text(letters, min_size=1, max_size=26))
headlines = st.lists(words, min_size=1, max_size=26).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(headlines, st.integers(200, 1100))
def test_wrapped_lines_fit_and_lose_nothing(text: str, room: int) -> None:
    lines = wrap(text, 34, 600, room)
    assert all(width(line, 34, 600) <= room for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@settings(max_examples=60, deadline=None)
@given(headlines, st.integers(260, 1100), st.integers(60, 400), st.integers(1, 5))
def test_fitted_text_stays_in_its_box(text: str, room: int, height: int, most: int) -> None:
    fitted = fit(text, (60, 48, 36, 24), 700, room, height, lines=most)
    assert 1 <= len(fitted.lines) <= most
    assert fitted.height <= max(height, fitted.leading)
    assert all(width(line, fitted.size, 700) <= room for line in fitted.lines)
    assert fitted.shortened == fitted.lines[-1].endswith("…")


def _inked(data: bytes, threshold: int) -> tuple[int, int, int, int]:
    """The box of what is brighter than `threshold` on a transparent ground."""
    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"), dtype=np.int32)
    bright = (pixels[..., :3].min(axis=2) > threshold) & (pixels[..., 3] > 128)
    rows, columns = np.where(bright.any(axis=1))[0], np.where(bright.any(axis=0))[0]
    return int(columns[0]), int(rows[0]), int(columns[-1]), int(rows[-1])


@settings(max_examples=8, deadline=None)
@given(headlines)
def test_drawn_titles_stay_in_the_safe_area_and_off_the_captions(text: str) -> None:
    left, top, right, bottom = _inked(title(text, "", "#0fa3a3").picture.data, 200)
    x, y, wide, tall = title(text, "", "#0fa3a3").box
    assert x <= left and right <= x + wide and y <= top and bottom <= y + tall


@settings(max_examples=8, deadline=None)
@given(headlines)
def test_drawn_cards_and_lower_thirds_stay_in_their_boxes(text: str) -> None:
    left, top, right, bottom = _inked(point(text, "#a3182f").picture.data, 200)
    assert left >= SAFE_X and right <= WIDTH - SAFE_X and top > 0 and bottom < 600
    third = lower_third(text, "", "#a3182f")
    assert third.x >= SAFE_X and third.x + third.picture.width <= WIDTH - SAFE_X
    assert third.y + third.picture.height <= 600 < HEIGHT


def test_shaped_arabic_is_narrower_than_its_letters_alone() -> None:
    assert width("تلفزيون", 40) < sum(width(letter, 40) for letter in "تلفزيون")


def test_the_widths_are_those_that_are_drawn() -> None:
    from keshen.media.graphics.canvas import draw, svg, text

    for line in ("Қазақстан үңгірі өзгеше", "قازاقستان رەسپۋبليكاسى", "Qazaqstan ğñşıūİ"):
        rtl = is_rtl(line)
        body = text(line, 900 if rtl else 20, 100, 60, fill="#ffffff", weight=700, rtl=rtl)
        left, _top, right, _bottom = _inked(draw(svg(body, 920, 160), 920, 160).data, 128)
        assert right - left == pytest.approx(width(line, 60, 700), rel=0.05)


def test_a_script_without_a_font_is_refused_by_name() -> None:
    with pytest.raises(FontMissing, match=r"U\+4E2D"):
        width("中文", 20)


def _columns(line: str, *, rtl: bool = False) -> np.ndarray:
    """Which columns have ink when a line is drawn at 40 pixels."""
    made = draw(svg(text(line, 1150 if rtl else 10, 80, 40, fill="#ffffff", rtl=rtl), 1200, 120), 1200, 120)
    alpha = np.asarray(Image.open(io.BytesIO(made.data)))[..., 3]
    return np.where(alpha.max(axis=0) > 128)[0]


def test_a_mixed_right_to_left_line_is_read_from_the_right() -> None:
    """In `مەن Al Jazeera` the Arabic-script word stands on the right: the line ends as Latin alone does."""
    mixed, latin = _columns("مەن Al Jazeera", rtl=True), _columns("Al Jazeera")
    shape = mixed[mixed - mixed[0] <= latin[-1] - latin[0]] - mixed[0]
    assert len(set(shape) ^ set(latin - latin[0])) <= 4


def test_arabic_words_join_in_a_line_that_begins_in_cyrillic() -> None:
    line = "а وەكگيحبءاكسكحميلانغۆ"
    assert _columns(line)[-1] - 10 < width(line, 40)
