from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshen.media import captions
from keshen.media.captions import Cue, Spoken
from keshen.media.sentences import sentences

KAZAKH = (
    "Астанада Қазақстан телерадиокешені мен Al Jazeera медиажелісі ынтымақтастық туралы меморандумға қол қойды, "
    "құжат екі тарапқа да тең мүмкіндік береді. Бұл 2026 жылғы келісім. Қол қою рәсіміне А. Құнанбаев қатысты."
)


def test_sentences_end_where_they_end() -> None:
    assert [len(found) > 10 for found in sentences(KAZAKH)] == [True, True, True]
    assert sentences(KAZAKH)[1] == "Бұл 2026 жылғы келісім."
    assert sentences("Он сказал: «Да!» И ушёл.") == ["Он сказал: «Да!»", "И ушёл."]
    assert sentences("وصل الوفد. ثم غادر؟ نعم.") == ["وصل الوفد.", "ثم غادر؟", "نعم."]
    assert sentences("It cost 3.5 million. Nobody paid.") == ["It cost 3.5 million.", "Nobody paid."]
    assert sentences("  ") == []


def check(found: list[Cue], limit: int) -> None:
    assert found
    for cue in found:
        assert 1 <= len(cue.lines) <= 2
        assert all(0 < len(line) <= limit for line in cue.lines)
        assert 0.999 <= cue.end - cue.start <= 6.001
    assert all(before.end <= after.start + 1e-6 for before, after in pairwise(found))


def test_a_paragraph_becomes_captions_that_can_be_read() -> None:
    found = captions.cues(KAZAKH, Spoken(2.0, 17.0), until=18.0)
    check(found, 37)
    assert " ".join(" ".join(cue.lines) for cue in found) == KAZAKH
    assert found[0].start == 2.0 and found[-1].end <= 18.0


def test_sentence_times_are_kept_when_they_fit() -> None:
    found = captions.cues("Бір сөз. Екі сөз.", Spoken(0, 9), [Spoken(0, 2), Spoken(5, 9)])
    assert [(cue.start, cue.end) for cue in found] == [(0, 2), (5, 9)]


def test_arabic_script_has_shorter_lines() -> None:
    text = "وقعت هيئة الإذاعة والتلفزيون في كازاخستان وشبكة الجزيرة الإعلامية مذكرة تعاون في أستانا اليوم."
    check(captions.cues(text, Spoken(0, 8)), 34)


@given(
    st.lists(st.text(st.characters(categories=["Lu", "Ll"]), min_size=1, max_size=60), min_size=1, max_size=40),
    st.floats(0, 100),
)
def test_any_words_keep_the_limits(words: list[str], start: float) -> None:
    text = " ".join(words) + "."
    found = captions.cues(text, Spoken(start, start + len(text) / 14 + 1))
    limit = captions.line_length(text)
    assert all(len(cue.lines) <= 2 and all(len(line) <= limit for line in cue.lines) for cue in found)
    assert all(cue.end - cue.start <= 6.001 for cue in found)
    said = "".join("".join(cue.lines) for cue in found).replace(" ", "").replace("-", "")
    assert said == text.replace(" ", "").replace("-", "")


def test_webvtt_escapes_and_stamps() -> None:
    made = captions.webvtt([Cue(3599.9996, 3605.25, ("A < B & C --> D",))])
    assert made == "WEBVTT\n\n01:00:00.000 --> 01:00:05.250\nA &lt; B &amp; C --&gt; D\n"


@pytest.mark.parametrize("text", ["", "   "])
def test_nothing_said_nothing_shown(text: str) -> None:
    assert captions.cues(text, Spoken(0, 5)) == []
    assert captions.webvtt([]) == "WEBVTT\n"
