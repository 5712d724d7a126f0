"""What the wire writes, the house reads back to the same words: in every form, alone and as a feed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keshen.newsroom import body as bodies
from keshen.newsroom.readers import Incoming, Kind, Status, read
from keshen.wire.formats.registry import FORMATS
from tests.wire.items import CORRECTED, FEED, FULL, KILLED

READ = sorted(set(FORMATS) - {"mail", "text"})
EMBEDDED = {"ninjs", "ninjs2", "newsml", "nitf"}


def texts(data: bytes, suffix: str) -> list[Incoming]:
    """The texts among what is read; NewsML-G2 sends pictures and packages as items of their own."""
    items = read(data, f"item.{suffix}", "kk")
    assert all(isinstance(item, Incoming) for item in items), items
    return [item for item in items if isinstance(item, Incoming) and item.kind is Kind.TEXT]


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("sent", [FULL, CORRECTED], ids=["full", "corrected"])
def test_an_item_comes_back_with_its_words(name: str, sent) -> None:
    [item] = texts(FORMATS[name].render(sent), FORMATS[name].suffix)
    assert sent.headline in item.headline
    said = " ".join(bodies.paragraphs(item.body))
    assert all(paragraph.rstrip(".") in said for paragraph in sent.paragraphs)
    if name in EMBEDDED:
        assert item.urgency == sent.urgency and sent.urn in item.identifiers
        assert {topic.removeprefix("medtop:") for topic in item.topics} >= set(sent.topics)
        assert any(sent.usage_terms in line for line in item.restrictions) == bool(sent.usage_terms)
        assert bool(item.pictures) == bool(sent.pictures)
        assert item.embargo == sent.embargoed_until


@pytest.mark.parametrize("name", READ)
def test_a_feed_comes_back_item_by_item(name: str) -> None:
    other = replace(FULL, urn=FULL.urn + "0", headline="Басқа тақырып осы жерде тұр", paragraphs=("Басқа сөздер.",),
                    body_html="<p>Басқа сөздер.</p>")  # fmt: skip
    found = texts(FORMATS[name].render_feed(FEED, [FULL, other]), FORMATS[name].suffix)
    assert [item.headline for item in found] == [FULL.headline, other.headline]


@pytest.mark.parametrize("name", sorted(EMBEDDED))
def test_a_kill_is_read_as_one(name: str) -> None:
    [item] = texts(FORMATS[name].render(KILLED), FORMATS[name].suffix)
    assert item.status is Status.CANCELED and KILLED.urn in item.identifiers
