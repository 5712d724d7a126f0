"""What comes in is read leniently, bad input is refused with a remedy, and nothing active gets through."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keshen.newsroom import body as bodies
from keshen.newsroom.readers import Incoming, Unreadable, read

PLAIN = """ date 2025-12-14 Алматыда апорт бағы гүлдеді
АЛМАТЫ. KAZINFORM — Бақта мыңнан астам ағаш гүлдеді, деп хабарлады бағбандар.
Олардың ішінде:
-
апорт,
-
лимонка.
Бақ қаланың оңтүстігінде орналасқан.
"""


def one(data: bytes, name: str, **options) -> Incoming:
    (item,) = read(data, name, **options)
    assert isinstance(item, Incoming), item
    bodies.validate(item.body)
    return item


def kinds(item: Incoming) -> list[str]:
    return [block["type"] for block in item.body["content"]]


def test_plain_text_with_date_dateline_and_list():
    item = one(PLAIN.encode(), "story.txt")
    assert item.headline == "Алматыда апорт бағы гүлдеді"
    assert (item.dateline, item.language) == ("АЛМАТЫ. KAZINFORM", "kk")
    assert item.date and item.date.date().isoformat() == "2025-12-14"
    assert kinds(item) == ["paragraph", "paragraph", "bulletList", "paragraph"]
    assert bodies.paragraphs(item.body)[2:4] == ["апорт,", "лимонка."]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "kz1048", "ptcp154"])
def test_a_kazakh_text_is_read_in_every_encoding_it_comes_in(encoding):
    text = PLAIN if encoding.startswith("utf") else PLAIN.replace("—", "-").replace("АЛМАТЫ. KAZINFORM - ", "")
    item = one(text.encode(encoding), "story.txt")
    assert item.headline == "Алматыда апорт бағы гүлдеді"


def test_windows_1251_is_recognised_and_said():
    item = one("В Алматы открылась школа\nСегодня в городе открылась новая школа.".encode("cp1251"), "a.txt")
    assert item.headline == "В Алматы открылась школа" and item.language == "ru"
    assert "Windows-1251" in item.warnings[0]


def test_direct_speech_is_no_list():
    text = "Тақырып қазақша жазылған\nБірінші абзац осы.\n— Бұл қалай? — деп сұрады ол.\nСоңғы абзац осы болады."
    assert kinds(one(text.encode(), "a.txt")) == ["paragraph"] * 3


def test_restriction_lines_are_kept_as_terms():
    text = "Headline of the story\nEMBARGO: until 18:00 14.12.2026\nThe first paragraph of the story is here."
    item = one(text.encode(), "a.txt")
    assert item.restrictions == ("EMBARGO: until 18:00 14.12.2026",)
    assert item.embargo and item.embargo.isoformat() == "2026-12-14T18:00:00+05:00"
    assert bodies.paragraphs(item.body) == ["The first paragraph of the story is here."]


def test_html_scripts_never_arrive():
    page = b"""<!doctype html><html lang="en"><head><title>T</title><style>p{}</style></head><body><nav>Menu</nav>
    <h1>The headline of the page</h1><p onclick="steal()">The <b>first</b> paragraph is <a href="javascript:x">here</a>
    and <a href="https://example.org/">there</a>.</p><script>steal()</script><iframe src="x"></iframe>
    <ul><li>one<ul><li>two</li></ul></li></ul><blockquote>said</blockquote><h2>Then</h2><p>The end.</p></body></html>"""
    item = one(page, "p.html")
    assert item.headline == "The headline of the page"
    assert kinds(item) == ["paragraph", "bulletList", "blockquote", "heading", "paragraph"]
    text = json.dumps(item.body)
    assert "steal" not in text and "javascript" not in text and "Menu" not in text
    assert "https://example.org/" in text
    assert any("Scripts" in warning for warning in item.warnings)


def test_html_may_stand_beside_plain_text_in_ninjs():
    item = {**NINJS_3, "bodies": [{"value": "plain"}, *NINJS_3["bodies"]]}
    assert bodies.paragraphs(one(json.dumps(item).encode(), "i.json").body) == ["The first paragraph of the item."]


@pytest.mark.parametrize("name", ["a.html", "a.md"])
def test_control_characters_are_left_out(name):
    page = "<h1>The headline of the page</h1><p>The first &#1;&#11;para\x0bgraph of the page.\ufffe</p>"
    assert bodies.paragraphs(one(page.encode(), name).body) == ["The first paragraph of the page."]


def test_markdown():
    item = one("# Тақырып осында\n\nБірінші **абзац** қазақша.\n\n1. бір\n2. екі\n".encode(), "story.md")
    assert item.headline == "Тақырып осында" and kinds(item) == ["paragraph", "orderedList"]


def test_one_bad_item_of_a_feed_costs_no_other():
    feed = """<?xml version="1.0"?><rss version="2.0"><channel><title>Feed</title><language>ru</language>
    <item><title>Первая новость дня</title><guid>a1</guid><description>Это текст первой новости.</description></item>
    <item><description>без заголовка</description></item>
    <item><title>Третья новость дня</title><guid>a3</guid><pubDate>not a date</pubDate>
      <description>&lt;p&gt;Это текст третьей.&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;</description></item>
    </channel></rss>""".encode()
    first, second, third = read(feed, "feed.xml")
    assert isinstance(first, Incoming) and first.identifiers == ("a1",) and first.source == "Feed"
    assert isinstance(second, Unreadable) and "title" in str(second)
    assert isinstance(third, Incoming) and bodies.paragraphs(third.body) == ["Это текст третьей."]


NINJS_1 = {
    "uri": "urn:x:1",
    "type": "text",
    "headline": "The headline of the item",
    "body_html": "<p>The first paragraph of the item.</p>",
    "language": "en",
    "urgency": 3,
    "subject": [{"code": "medtop:04000000", "name": "economy"}],
    "usageterms": "No use in Japan",
}
NINJS_3 = {
    "uri": "urn:x:3",
    "type": "text",
    "headlines": [{"value": "The headline of the item"}],
    "bodies": [{"contentType": "text/html", "value": "<p>The first paragraph of the item.</p>"}],
    "language": "en",
    "urgency": 3,
    "subjects": [{"uri": "http://cv.iptc.org/newscodes/mediatopic/04000000"}],
    "rightsInfo": {"usageTerms": "No use in Japan"},
}


@pytest.mark.parametrize("item", [NINJS_1, NINJS_3])
def test_ninjs_old_and_new_say_the_same(item):
    read_item = one(json.dumps(item).encode(), "item.json")
    assert read_item.headline == "The headline of the item" and read_item.urgency == 3
    assert read_item.topics == ("medtop:04000000",) and read_item.restrictions == ("No use in Japan",)
    assert read_item.identifiers == (item["uri"],)


def test_a_bad_ninjs_item_costs_no_other():
    good, bad, none = read(json.dumps([NINJS_1, {"uri": "urn:y", "subject": 7, "headline": "x"}, 5]).encode(), "i.json")
    assert isinstance(good, Incoming) and isinstance(bad, Unreadable) and isinstance(none, Unreadable)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "a.txt"),
        (b" \n\t", "a.txt"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "a.txt"),
        (b"PK\x03\x04abc", "a.html"),
        (bytes(range(256)) * 20, "a.txt"),
        (b"x" * (50 * 1024 * 1024), "a.txt"),
        (b'{"headline": ', "a.json"),
        (b"[" * 200_000, "a.json"),
        (b"<rss><channel><item><title>x", "a.xml"),
        ('<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aa">]><rss>&a;</rss>'.encode("utf-16"), "b.xml"),
        (b"Only a headline", "a.txt"),
        (
            b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><rss>&b;</rss>',
            "bomb.xml",
        ),
        (
            b'<!DOCTYPE rss SYSTEM "file:///etc/passwd" [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss>&x;</rss>',
            "x.rss",
        ),
    ],
    ids=["empty", "blank", "png", "zip", "noise", "50MB", "json", "deep", "cut", "wide", "short", "bomb", "outside"],
)
def test_what_cannot_be_read_is_refused_with_a_remedy(data, name):
    try:
        items = read(data, name)
    except Unreadable as refusal:
        assert str(refusal) and refusal.remedy
    else:
        assert items and all(isinstance(item, Unreadable) and item.remedy for item in items)


@settings(deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["a.txt", "a.md", "a.html", "a.xml", "a.json", "a"]))
def test_no_bytes_break_a_reader(data, name):
    try:
        items = read(data, name)
    except Unreadable:
        return
    for item in items:
        if isinstance(item, Incoming):
            bodies.validate(item.body)


@settings(deadline=None)
@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=300))
def test_no_html_breaks_the_reader(text):
    try:
        items = read(f"<html><body><h1>Headline of it</h1>{text}<p>the end of it</p>".encode(), "a.html")
    except Unreadable:
        return
    for item in items:
        if isinstance(item, Incoming):
            bodies.validate(item.body)
