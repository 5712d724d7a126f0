import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshen.media.brief import BadBrief, Brief

texts = st.lists(st.text(max_size=40), max_size=4).map(tuple)
briefs = st.builds(
    Brief,
    kind=st.sampled_from(["radio", "television"]),
    language=st.sampled_from(["kk", "ru", "en"]),
    headline=st.text(max_size=50),
    paragraphs=texts.map(lambda found: ("Сөз.", *found)),
    cards=texts,
    pictures=texts,
    voices=st.dictionaries(st.sampled_from(["kk", "ru", "ar"]), texts, max_size=2),
    captions=st.dictionaries(st.sampled_from(["kk-Latn", "kk-Arab", "en"]), texts, max_size=2),
)


@given(briefs)
def test_a_brief_survives_json(brief: Brief) -> None:
    again = Brief.from_json(json.loads(json.dumps(brief.to_json())))
    assert again == brief and again.digest == brief.digest


def test_the_digest_hears_every_word() -> None:
    one = Brief("radio", "kk", "Бас", ("Бір.",))
    assert one.digest != Brief("radio", "kk", "Бас", ("Екі.",)).digest


@pytest.mark.parametrize(
    "values",
    [
        {"schema": 2},
        {"paragraphs": []},
        {"paragraphs": [" "]},
        {"paragraphs": "Сөз."},
        {"kind": "film"},
        {"language": ""},
        {"colour": "red"},
        {"voices": ["kk"]},
        {"captions": {"kk": "Сөз."}},
        {"paragraphs": ["а" * 60_001]},
    ],
)
def test_what_cannot_be_rendered_is_said(values: dict[str, object]) -> None:
    good = Brief("radio", "kk", "Бас", ("Бір.",)).to_json()
    with pytest.raises(BadBrief):
        Brief.from_json({**good, **values})
