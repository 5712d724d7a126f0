from __future__ import annotations

import json
from importlib.resources import files

import pytest

from keshen.newsroom import mediatopics


def test_two_levels_each_with_four_labels() -> None:
    topics = mediatopics.topics()
    assert len([topic for topic in topics.values() if topic.parent is None]) == 17
    for code, topic in topics.items():
        assert len(code) == 8 and code.isdigit()
        assert topic.parent is None or topics[topic.parent].parent is None
        assert set(topic.labels) == {"kk", "ru", "en", "ar"} and all(topic.labels.values())


@pytest.mark.parametrize(
    ("tag", "label"),
    [("kk", "табиғат"), ("kk-Latn", "табиғат"), ("ru-KZ", "природа"), ("en", "nature"), ("tr", "табиғат")],
)
def test_a_label_falls_back_by_language(tag: str, label: str) -> None:
    assert mediatopics.label("20000441", tag) == label


def test_an_unknown_code_is_its_own_label_and_belongs_to_itself() -> None:
    assert mediatopics.label("99999999", "kk") == "99999999"
    assert mediatopics.within("99999999", frozenset({"99999999"}))


def test_a_topic_belongs_to_the_one_above_it() -> None:
    assert mediatopics.within("20000441", frozenset({"06000000"}))
    assert not mediatopics.within("06000000", frozenset({"20000441"}))


def test_the_data_names_its_source() -> None:
    data = json.loads(files("keshen.newsroom").joinpath("data/mediatopics.json").read_text("utf-8"))
    assert "CC BY 4.0" in data["attribution"] and "IPTC" in data["attribution"]
