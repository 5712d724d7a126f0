"""Documents in every format the house reads, field by field against what a person expects of them.

`documents/FORMAT/NAME.ENDING` stands beside `NAME.expected.json`: the whole of what `describe` says, item by item,
or why an item cannot be read.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from keshen.house.phrases import Sentence
from keshen.newsroom import body as bodies
from keshen.newsroom.readers import Incoming, Unreadable, format_of, read
from keshen.newsroom.readers.describe import describe

FOLDER = Path(__file__).parent / "documents"
DOCUMENTS = sorted(path for path in FOLDER.glob("*/*") if not path.name.endswith(".expected.json"))


def understood(data: bytes, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for item in read(data, name):
        if isinstance(item, Unreadable):
            assert item.remedy
            found.append({"unreadable": str(item)})
        else:
            bodies.validate(item.body)
            assert all(isinstance(warning, Sentence) for warning in item.warnings), "it can be said in any language"
            found.append(describe(item))
    return found


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_document_is_read_as_a_person_would(path: Path) -> None:
    expected = json.loads(path.with_name(path.stem + ".expected.json").read_text("utf-8"))
    assert understood(path.read_bytes(), path.name) == expected


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_document_is_recognised_without_its_name(path: Path) -> None:
    if path.parent.name not in ("text", "markdown"):
        data = path.read_bytes()
        assert format_of(data, "unknown.dat").name == format_of(data, path.name).name


def test_there_are_enough_documents() -> None:
    assert len(DOCUMENTS) >= 40
    assert {path.parent.name for path in DOCUMENTS} >= {
        "ninjs", "newsml-g2", "nitf", "newsml-1", "iptc7901", "anpa1312", "rss", "atom", "json-feed", "icalendar",
        "wxr", "html", "text", "markdown",
    }  # fmt: skip


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_document_cut_anywhere_gives_no_half_story(path: Path) -> None:
    data = path.read_bytes()
    whole = {item.identifiers: item for item in read(data, path.name) if isinstance(item, Incoming)}
    framed = path.parent.name not in ("text", "markdown", "html")
    for part in range(1, 8):
        try:
            items = read(data[: len(data) * part // 8], path.name)
        except Unreadable as refusal:
            assert str(refusal) and refusal.remedy
            continue
        for item in items:
            if isinstance(item, Incoming) and framed and item.identifiers in whole:
                assert bodies.paragraphs(item.body) == bodies.paragraphs(whole[item.identifiers].body)
