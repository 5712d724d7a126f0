"""What is sent is read back by other people's readers to the same content: every field, state, language and item."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import pytest
from lxml import etree, html
from NewsMLG2 import NewsMLG2Document

from keshen.newsroom import body as bodies
from keshen.newsroom.readers import Incoming, Kind, read
from keshen.newsroom.readers.moments import moment
from keshen.wire.formats import atom, jsonfeed, newsml, rss
from keshen.wire.formats.feed import Feed
from keshen.wire.formats.item import Link, PubStatus, Relation, Rendition, WireItem
from keshen.wire.formats.newsml.news import RELATIONS
from keshen.wire.formats.newsml.planning import render_plans
from keshen.wire.formats.plan import Plan
from keshen.wire.formats.registry import FORMATS
from tests.wire.items import CREATED, FEED, FILM, FULL, NAME, PICTURE
from tests.wire.test_forms_out import JAPAN, LATER

G2 = {"n": newsml.NAR}
WORDS = {
    "kk": (
        "Ақбөкендер көшті",
        "Бетпақдала киіктері солтүстікке беттеді.",
        "Мал дәрігерлері төлдерді санады.",
        "АСТАНА",
    ),
    "ru": ("Сайгаки двинулись на север", "Кочёвка началась раньше обычного.", "Ветеринары считают сайгачат.", "АСТАНА"),
    "en": ("Saigas move north & early", "The migration <began> early.", "Vets count the calves.", "ASTANA"),
    "ar": ("السايغا تتحرك شمالا", "بدأت الهجرة مبكرا هذا العام.", "الأطباء البيطريون يعدون الصغار.", "أستانا"),
}
RENDITIONS = (
    *PICTURE.renditions,
    Rendition("w800", "http://localhost:8000/media/b.webp", "image/webp", 800, 450, 30_000),
    Rendition("w320", "http://localhost:8000/media/c.webp", "image/webp", 320, 180, 9_000),
)


def published(language: str) -> WireItem:
    """Everything an item can have: two media, links of all kinds, an embargo, terms that deny and that oblige."""
    headline, first, second, place = WORDS[language]
    return replace(
        FULL,
        language=language,
        headline=headline,
        dateline=place,
        standfirst=second,
        paragraphs=(first, second),
        body_html=bodies.to_html(bodies.from_paragraphs([first, second])),
        terms=(JAPAN, LATER),
        pictures=(replace(PICTURE, created=CREATED, renditions=RENDITIONS), FILM),
        links=(
            *FULL.links,
            Link(Relation.PACKAGES, f"{NAME}:text-8", first, language),
            Link(Relation.PACKAGES, f"{NAME}:text-9"),
            Link(Relation.UPDATES, f"{NAME}:text-3"),
        ),
    )


def states(language: str) -> dict[str, WireItem]:
    first = published(language)
    later = {"version": 2, "version_urn": f"{NAME}:version-41", "version_created": CREATED + timedelta(hours=1)}
    return {
        "published": first,
        "updated": replace(first, **later),
        "corrected": replace(first, **later, correction=WORDS[language][2], sequence=18),
        "killed": replace(first, **later, status=PubStatus.CANCELED, editor_note=WORDS[language][1]),
        "withheld": replace(first, **later, status=PubStatus.WITHHELD, editor_note=WORDS[language][1]),
    }


ITEMS = {f"{tag}-{name}": item for tag in WORDS for name, item in states(tag).items()}
every_item = pytest.mark.parametrize("item", ITEMS.values(), ids=ITEMS.keys())
those_that_stand = pytest.mark.parametrize(
    "item",
    [item for item in ITEMS.values() if not item.is_notice],
    ids=[k for k, i in ITEMS.items() if not i.is_notice],
)


def in_message(written: bytes) -> Iterator[Any]:
    """The items of a news message, each as newsmlg2 reads it."""
    for node in etree.fromstring(written).find("n:itemSet", G2):
        yield NewsMLG2Document(etree.tostring(node)).get_item()


def every(values: Any) -> list[str]:
    return [str(value) for value in values or ()]


@every_item
def test_a_text_comes_back_by_newsmlg2(item: WireItem) -> None:
    got = next(in_message(newsml.render(item)))
    meta, content = got.itemmeta, got.contentmeta
    assert (got.guid, got.version, got.itemmeta.itemclass.qcode) == (item.urn, str(item.version), "ninat:text")
    assert moment(str(meta.versioncreated)) == item.version_created and moment(str(meta.firstcreated)) == item.created
    assert meta.pubstatus.qcode == f"stat:{item.status.value}"
    signals = [signal.qcode for signal in meta.signal or ()]
    corrected = bool(item.correction) and not item.canceled
    assert signals == (["sig:correction"] if corrected else ["sig:update"] if item.version > 1 else [])
    assert "\n".join(every(meta.ednote)) == item.note()
    assert every(meta.provider.name) == [item.provider]
    embargo = str(meta.embargoed) if item.embargoed_until else ""
    assert moment(embargo) == item.embargoed_until
    links = [(link.rel, link.residref) for link in meta.link or () if link.residref and not link.href]
    earlier = [("irel:previousVersion", item.urn)] if item.version > 1 else []
    assert links == earlier + [(RELATIONS[link.relation], link.urn) for link in item.links]
    files = [link.href for link in meta.link or () if link.href and link.residref]
    assert files == [file.href for picture in item.pictures for file in picture.renditions]
    assert every(content.headline) == [item.headline] and every(content.slugline) == [item.slugline]
    assert [tag.tag for tag in content.language] == [item.language] and str(content.urgency) == str(item.urgency)
    if item.is_notice:
        assert (
            not every(content.by)
            and not every(content.description)
            and not (got.contentset and got.contentset.inlinexml)
        )
        return
    assert [one.qcode for one in content.subject] == [f"medtop:{code}" for code in item.topics]
    assert every(content.keyword) == list(item.keywords)
    assert (every(content.by), every(content.dateline), every(content.creditline)) == (
        [item.byline], [item.dateline], [item.credit],
    )  # fmt: skip
    assert every(content.description) == [item.standfirst]
    [rights] = got.rightsinfo
    assert (every(rights.copyrightnotice), every(rights.usageterms)) == ([item.copyright_notice], [item.usage_terms])
    assert every(rights.copyrightholder.name) == [item.copyright_holder]
    policy = json.loads("".join(every(rights.rightsexpressiondata)))
    assert policy["@context"][0] == "http://www.w3.org/ns/odrl.jsonld" and policy["prohibition"]
    node = etree.fromstring(newsml.render(item)).find(".//n:inlineXML", G2)
    words = ["".join(each.itertext()) for each in node.iter("{http://www.w3.org/1999/xhtml}p")]
    assert words == list(item.paragraphs)


@those_that_stand
def test_pictures_films_and_packages_come_back_by_newsmlg2(item: WireItem) -> None:
    _text, *others = in_message(newsml.render(item))
    media = {other.guid: other for other in others if other.itemmeta.itemclass.qcode != "ninat:composite"}
    assert list(media) == [picture.urn for picture in item.pictures]
    for picture in item.pictures:
        got = media[picture.urn]
        assert got.itemmeta.itemclass.qcode == f"ninat:{picture.kind}" and every(got.itemmeta.title) == [picture.title]
        said = [picture.title, *([picture.alt] if picture.alt else [])]
        assert every(got.contentmeta.description) == said and every(got.contentmeta.creditline) == [picture.credit]
        found = [
            (file.href, file.contenttype, int(file.width or 0), int(file.height or 0), int(file.size or 0))
            for file in got.contentset.remotecontent
        ]
        assert found == [(r.href, r.content_type, r.width, r.height, r.size_bytes) for r in picture.renditions]
    [package] = [other for other in others if other.itemmeta.itemclass.qcode == "ninat:composite"]
    members = [ref.residref for group in package.groupset.group for ref in group.itemref or ()]
    packed = [link.urn for link in item.links if link.relation is Relation.PACKAGES]
    assert members == [item.urn, *packed, *(picture.urn for picture in item.pictures)]
    assert every(package.contentmeta.headline) == [item.headline] and package.version == str(item.version)


def test_a_message_of_many_comes_back_in_order_by_newsmlg2() -> None:
    sent = list(ITEMS.values())
    got = list(in_message(newsml.render_feed(FEED, sent)))
    texts = [(one.guid, one.version, one.itemmeta.pubstatus.qcode) for one in got if one.guid == FULL.urn]
    assert texts == [(item.urn, str(item.version), f"stat:{item.status.value}") for item in sent]


def test_plans_come_back_by_newsmlg2() -> None:
    due = datetime(2026, 3, 23, 9, tzinfo=UTC)
    plans = [
        Plan(
            urn=f"{NAME}:plan-{tag}",
            item_urn=f"{NAME}:text-{tag}", version=3, language=tag, slugline="saiga", topics=("06000000",), urgency=4,
            pictures=2, created=CREATED, changed=CREATED + timedelta(hours=1), scheduled=due, provider="Kazinform",
        )
        for tag in WORDS
    ]  # fmt: skip
    got = list(in_message(render_plans(Feed("", "Kazinform", "kk", CREATED, 0, "", "Kazinform"), plans)))
    assert [(one.guid, one.version) for one in got] == [(plan.urn, "3") for plan in plans]
    for one, plan in zip(got, plans, strict=True):
        assert every(one.contentmeta.slugline) == ["saiga"] and str(one.contentmeta.urgency) == "4"
        [coverage] = one.newscoverageset.newscoverage
        planned = [
            (each.itemclass.qcode, moment(str(each.scheduled)), each.language[0].tag) for each in coverage.planning
        ]
        assert planned == [("ninat:text", due, plan.language), ("ninat:picture", due, plan.language)]


def test_a_feed_comes_back_by_feedparser() -> None:
    sent = [replace(item, urn=f"{item.urn}{place}") for place, item in enumerate(ITEMS.values())]
    stand = [item for item in sent if not item.is_notice]
    for form in (rss, atom):
        got = feedparser.parse(form.render_feed(FEED, sent))
        assert not got.bozo and [entry.id for entry in got.entries] == [item.urn for item in stand]
        for entry, item in zip(got.entries, stand, strict=True):
            assert (entry.title, entry.author) == (item.headline, item.byline)
            assert entry.summary.endswith(item.standfirst)
            assert form is rss or item.note() in entry.summary
            when = entry.get("published_parsed") if form is rss else entry.updated_parsed
            assert when[:6] == item.version_created.timetuple()[:6]
            told = html.fromstring(f"<div>{entry.content[0].value}</div>")
            assert [each.text_content() for each in told.iter("p")] == list(item.paragraphs)
            assert {tag.term for tag in entry.tags} >= set(item.keywords)
            assert entry.link == item.web_address
        if form is rss:
            assert [media["url"] for media in got.entries[0].media_content] == [
                picture.renditions[0].href for picture in stand[0].pictures
            ]
            assert [each.href for each in got.entries[0].enclosures] == [FILM.renditions[0].href]


def test_a_json_feed_comes_back() -> None:
    sent = [replace(item, urn=f"{item.urn}{place}") for place, item in enumerate(ITEMS.values())]
    stand = [item for item in sent if not item.is_notice]
    got = json.loads(jsonfeed.render_feed(FEED, sent))
    for entry, item in zip(got["items"], stand, strict=True):
        assert (entry["id"], entry["title"], entry["language"]) == (item.urn, item.headline, item.language)
        assert (entry["summary"], entry["url"]) == (item.standfirst, item.web_address)
        assert entry["content_text"].split("\n\n") == list(item.paragraphs)
        assert moment(entry["date_modified"]) == item.version_created
        assert {each["url"] for each in entry["attachments"]} <= {
            file.href for picture in item.pictures for file in picture.renditions
        }
    assert {row["id"] for row in got["_keshen"]["withdrawn"]} == {item.urn for item in sent if item.is_notice}


@every_item
@pytest.mark.parametrize("form", ["ninjs", "ninjs2", "newsml", "nitf"])
def test_the_house_reads_what_it_sends_field_by_field(form: str, item: WireItem) -> None:
    found = read(FORMATS[form].render(item), f"item.{FORMATS[form].suffix}")
    [got] = [one for one in found if isinstance(one, Incoming) and one.kind is Kind.TEXT]
    assert got.status.value == item.status.value and item.urn in got.identifiers
    assert got.version == str(item.version) or form == "nitf"  # NITF numbers no versions; it names this one
    assert (got.headline, got.slugline, got.urgency) == (item.headline, item.slugline, item.urgency)
    assert got.date == item.version_created and got.embargo == item.embargoed_until
    assert item.editor_note in got.ednote
    if item.is_notice:
        assert not bodies.paragraphs(got.body) or bodies.paragraphs(got.body) == [item.editor_note]
        return
    assert got.language == item.language
    assert (got.byline, got.standfirst) == (item.byline, item.standfirst)
    assert item.dateline in (got.dateline, *got.places)  # ninjs has no dateline: it says where the text was made
    assert bodies.paragraphs(got.body) == list(item.paragraphs)
    assert got.topics == tuple(f"medtop:{code}" for code in item.topics)
    assert set(got.keywords) == set(item.keywords)
    assert got.copyright_holder == item.copyright_holder
    # NITF has the year and the holder instead of a sentence
    assert got.copyright_notice == (item.copyright_notice if form != "nitf" else f"© {CREATED.year} Keshen")
    hrefs = {file.href for each in got.media for file in each.renditions} | {each.href for each in got.media}
    assert hrefs == {file.href for picture in item.pictures for file in picture.renditions}
    assert {link.urn for link in item.links} <= {link.target for link in got.links} | {m.target for m in got.members}
