"""What one Keshen sends, another reads: the same text, name, version, language, topics and state, in every form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from keshen.newsroom import body as bodies
from keshen.newsroom.readers import Incoming, read
from keshen.newsroom.readers.incoming import Kind, Status
from keshen.wire.formats import newsml
from keshen.wire.formats.item import WireItem
from keshen.wire.formats.plan import Plan
from keshen.wire.formats.registry import FORMATS
from tests.wire.items import ARABIC_SCRIPT, CORRECTED, CREATED, FEED, FULL, KILLED

READ = ("ninjs", "ninjs2", "newsml", "nitf", "atom", "rss", "jsonfeed")
WITHDRAWS = ("ninjs", "ninjs2", "newsml", "nitf", "atom")
VERSIONED = ("ninjs", "ninjs2", "newsml")


def text_of(form: str, item: WireItem) -> Incoming:
    """The text, as the reader of the other house understood it."""
    found = [
        one for one in read(FORMATS[form].render(item), f"item.{FORMATS[form].suffix}") if isinstance(one, Incoming)
    ]
    return next(one for one in found if item.urn in one.identifiers)


@pytest.mark.parametrize("form", READ)
@pytest.mark.parametrize("item", [FULL, CORRECTED, ARABIC_SCRIPT], ids=["full", "corrected", "arabic"])
def test_the_other_house_reads_the_same_text(form: str, item: WireItem) -> None:
    got = text_of(form, item)
    assert (got.headline, got.language, got.status) == (item.headline, item.language, Status.USABLE)
    assert [" ".join(words.split()) for words in bodies.paragraphs(got.body)] == list(item.paragraphs)
    if form in VERSIONED:
        assert got.version == str(item.version) and got.date == item.version_created
        assert {code.removeprefix("medtop:") for code in got.topics} == set(item.topics)
        assert got.digital_source.endswith(item.digital_source)


@pytest.mark.parametrize("form", WITHDRAWS)
def test_the_other_house_hears_of_a_kill(form: str) -> None:
    got = text_of(form, KILLED)
    assert got.status is Status.CANCELED and not bodies.paragraphs(got.body)


@pytest.mark.parametrize("form", ["ninjs", "newsml", "nitf"])
def test_pictures_arrive_with_their_files(form: str) -> None:
    found = [one for one in read(FORMATS[form].render(FULL), "item") if isinstance(one, Incoming)]
    files = {file.href for one in found for media in one.media for file in media.renditions}
    files |= {media.href for one in found for media in one.media}
    assert FULL.pictures[0].renditions[0].href in files


def test_the_other_house_reads_what_is_planned() -> None:
    due = datetime(2026, 3, 23, 9, tzinfo=UTC)
    plan = Plan("urn:newsml:a:20260322:plan-1", FULL.urn, 1, "kk", "saiga", due, CREATED, CREATED + timedelta(hours=1))
    [got] = read(newsml.render_plans(FEED, [plan]), "plan.xml")
    assert isinstance(got, Incoming) and got.kind is Kind.PLANNING
    assert datetime.fromisoformat(got.coverages[0].due) == due and got.coverages[0].language == "kk"
