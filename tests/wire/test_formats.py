"""Every form is valid against its published schema and is read back by a reader of other people's making."""

from __future__ import annotations

import json
from dataclasses import replace

import feedparser
import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree
from NewsMLG2 import NewsMLG2Document

from keshen.wire.formats import newsml, ninjs, rss
from keshen.wire.formats.item import WireItem, clean, from_json, to_json
from keshen.wire.formats.registry import FORMATS
from tests.wire.items import ALL, ARABIC_SCRIPT, CORRECTED, FEED, FULL, KILLED, wire_items
from tests.wire.standards import needs_standards
from tests.wire.standards import newsml as newsml_schema
from tests.wire.standards import ninjs as ninjs_schema

G2 = {"n": newsml.NAR, "x": newsml.XHTML}
every_item = pytest.mark.parametrize("item", ALL.values(), ids=ALL.keys())


@needs_standards
@every_item
def test_ninjs_is_valid(item: WireItem) -> None:
    ninjs_schema().validate(json.loads(ninjs.render(item)))


@needs_standards
@every_item
def test_newsml_is_valid(item: WireItem) -> None:
    newsml_schema().assertValid(etree.fromstring(newsml.render(item)))


@needs_standards
def test_feeds_are_valid_full_and_empty() -> None:
    for items in (list(ALL.values()), []):
        ninjs_schema().validate(json.loads(ninjs.render_feed(FEED, items)))
        newsml_schema().assertValid(etree.fromstring(newsml.render_feed(FEED, items)))
        assert not feedparser.parse(rss.render_feed(FEED, items)).bozo


@needs_standards
def test_the_schemas_used_here_can_refuse() -> None:
    assert list(ninjs_schema().iter_errors({**ninjs.document(FULL), "pubStatus": "killed"}))
    assert list(ninjs_schema().iter_errors({**ninjs.document(FULL), "firstCreated": "yesterday"}))
    broken = newsml.render(FULL).replace(b"<pubStatus", b"<pubstatus")
    assert not newsml_schema().validate(etree.fromstring(broken))


@needs_standards
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(wire_items())
def test_any_words_give_valid_documents(item: WireItem) -> None:
    ninjs_schema().validate(json.loads(ninjs.render(item)))
    newsml_schema().assertValid(etree.fromstring(newsml.render(item)))
    etree.fromstring(rss.render(item))


@settings(max_examples=60, deadline=None)
@given(wire_items())
def test_an_item_survives_storage(item: WireItem) -> None:
    assert from_json(json.loads(json.dumps(to_json(item)))) == item


def test_ninjs_carries_everything() -> None:
    found = json.loads(ninjs.render(FULL))
    assert (found["uri"], found["version"], found["pubStatus"]) == (FULL.urn, "1", "usable")
    assert found["headlines"][0]["value"] == FULL.headline
    assert found["bodies"][0]["value"] == FULL.body_html
    assert found["bodies"][1]["value"] == "\n\n".join(FULL.paragraphs)
    assert found["embargoedUntil"] == "2026-03-22T08:00:00+00:00"
    assert {
        "name": "қоршаған орта",
        "rel": "about",
        "uri": "http://cv.iptc.org/newscodes/mediatopic/06000000",
    } in found["subjects"]
    assert [a["rel"] for a in found["associations"]] == ["picture", "translatedAs", "seeAlso"]
    assert found["associations"][0]["digitalSourceType"]["uri"].endswith("/algorithmicMedia")
    assert {i["role"]: i["value"] for i in found["altIds"]} == {
        "version": FULL.version_urn,
        "story": FULL.story_urn,
        "sequence": "17",
    }


@pytest.mark.parametrize("form", ["ninjs", "newsml", "rss"])
def test_a_killed_item_keeps_no_content(form: str) -> None:
    sent = FORMATS[form].render(KILLED).decode()
    assert "шықпауға" not in sent
    if FORMATS[form].carries_canceled:
        assert "canceled" in sent and KILLED.urn in sent and KILLED.editor_note in sent
    else:
        assert KILLED.urn not in sent


def test_newsml_is_read_back() -> None:
    message = NewsMLG2Document(newsml.render(FULL)).get_item()
    assert message.header.transmitid._text == "17"
    root = etree.fromstring(newsml.render(FULL))
    node = root.find(".//n:newsItem", G2)
    item = NewsMLG2Document(etree.tostring(node)).get_item()
    assert (item.guid, item.version) == (FULL.urn, "1")
    assert item.itemmeta.pubstatus.qcode == "stat:usable"
    assert item.contentmeta.headline[0]._text == FULL.headline
    assert [subject.qcode for subject in item.contentmeta.subject] == ["medtop:06000000", "medtop:20000441"]
    body = root.find(".//n:inlineXML/x:html/x:body", G2)
    assert body is not None
    assert ["".join(p.itertext()) for p in body.findall("x:p", G2)] == list(FULL.paragraphs)
    assert body.find(".//x:a", G2).get("href") == "https://example.org/?a=1&b=2"


def test_newsml_says_direction_correction_and_cancel() -> None:
    arabic = etree.fromstring(newsml.render(ARABIC_SCRIPT)).find(".//n:newsItem", G2)
    assert (arabic.get("dir"), arabic.get("{http://www.w3.org/XML/1998/namespace}lang")) == ("rtl", "kk-Arab")
    corrected = etree.fromstring(newsml.render(CORRECTED))
    assert corrected.find(".//n:signal", G2).get("qcode") == "sig:correction"
    assert corrected.find(".//n:edNote", G2).text == CORRECTED.correction
    killed = etree.fromstring(newsml.render(KILLED))
    assert killed.find(".//n:pubStatus", G2).get("qcode") == "stat:canceled"
    assert killed.find(".//n:contentSet", G2) is None


def test_rss_is_read_back() -> None:
    read = feedparser.parse(rss.render_feed(FEED, [FULL, KILLED, CORRECTED]))
    assert not read.bozo
    assert [entry.id for entry in read.entries] == [FULL.urn, CORRECTED.urn]
    entry = read.entries[0]
    assert (entry.title, entry.link) == (FULL.headline, FULL.web_address)
    assert "Бірінші абзац" in entry.content[0].value
    assert [tag.term for tag in entry.tags] == ["қоршаған орта", "табиғат", "киік", "көші-қон"]


def test_equal_items_give_equal_bytes_and_a_number_changes_them() -> None:
    for form in FORMATS.values():
        assert form.render(FULL) == form.render(replace(FULL))
    for name in ("ninjs", "newsml"):
        assert FORMATS[name].render(FULL) != FORMATS[name].render(FULL.numbered(18))


def test_characters_xml_cannot_carry_are_left_out() -> None:
    assert clean("a\x00b\x0bc\ud800d\uffff") == "abcd"
    item = replace(FULL, headline="a\x0cb", body_html="<p>a\x0cb</p>")
    assert etree.fromstring(newsml.render(item)).find(".//n:headline", G2).text == "ab"
