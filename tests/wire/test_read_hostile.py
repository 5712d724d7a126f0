"""Bad input: cut, mis-encoded, hostile and enormous messages are refused with a remedy, quickly, and harm nothing."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from keshen.newsroom import body as bodies
from keshen.newsroom.readers import FORMATS, MAX_MEDIA, MAX_WORDS, Incoming, Unreadable, read
from keshen.newsroom.readers.describe import describe
from keshen.newsroom.readers.xmltree import MAX_ITEMS
from keshen.wire.command import app

NAR = 'xmlns="http://iptc.org/std/nar/2006-10-01/"'
BODY = "The ice on the lake is twenty centimetres thick already, the rescuers say."


def news_item(number: int = 1, *, inside: str = "", links: str = "", words: str = BODY) -> str:
    return f"""<newsItem {NAR} guid="urn:x:{number}" version="1" xml:lang="en"><itemMeta><itemClass qcode="ninat:text"/>
    <provider literal="X"/><versionCreated>2026-11-23T09:00:00Z</versionCreated>{links}</itemMeta>
    <contentMeta><headline>Ice covers the lake number {number}{inside}</headline></contentMeta>
    <contentSet><inlineData contenttype="text/plain">{words}</inlineData></contentSet></newsItem>"""


def message(*items: str) -> str:
    return f"<newsMessage {NAR}><header/><itemSet>{''.join(items)}</itemSet></newsMessage>"


def outcome(data: bytes, name: str) -> list[Incoming | Unreadable]:
    """What is read, or the refusal; in little time and with a remedy in every case."""
    began = time.process_time()
    try:
        items = read(data, name)
    except Unreadable as refusal:
        items = [refusal]
    assert time.process_time() - began < 20
    for item in items:
        if isinstance(item, Unreadable):
            assert str(item) and item.remedy
        else:
            bodies.validate(item.body)
    return items


LAUGHS = "".join(f'<!ENTITY l{n} "&l{n - 1};&l{n - 1};&l{n - 1};&l{n - 1};&l{n - 1};">' for n in range(1, 20))
ENTITIES = {
    "laughs": f'<!DOCTYPE newsItem [<!ENTITY l0 "ha">{LAUGHS}]>',
    "file": '<!DOCTYPE newsItem [<!ENTITY l19 SYSTEM "file:///etc/passwd">]>',
    "address": '<!DOCTYPE newsItem [<!ENTITY l19 SYSTEM "http://127.0.0.1:9/x">]>',
    "parameter": '<!DOCTYPE newsItem [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p; <!ENTITY l19 "%p;">]>',
}


@pytest.mark.parametrize("kind", ENTITIES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(kind: str, encoding: str) -> None:
    [refusal] = outcome((ENTITIES[kind] + news_item(inside="&l19;")).encode(encoding), "a.xml")
    assert isinstance(refusal, Unreadable) and "entities" in str(refusal) and "root:" not in str(refusal)


def test_a_doctype_that_only_names_its_standard_is_no_harm() -> None:
    doctype = '<!DOCTYPE newsItem PUBLIC "x" "http://127.0.0.1:9/never.dtd">'
    [item] = outcome((doctype + news_item()).encode(), "a.xml")
    assert isinstance(item, Incoming)


def test_includes_are_not_followed() -> None:
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    [item] = outcome(news_item(words=f"{BODY}{include}").encode(), "a.xml")
    assert isinstance(item, Incoming) and "root:" not in str(describe(item))
    assert any("include" in warning for warning in item.warnings)


@pytest.mark.parametrize("name", ["a.xml", "a.json", "a.ics", "a.html", "a.txt"])
def test_a_hundred_megabytes_are_refused_at_once(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.write(news_item().encode() if name == "a.xml" else b"BEGIN:VCALENDAR\n" if name == "a.ics" else b"[{} ")
        file.truncate(100 << 20)
    began = time.process_time()
    result = CliRunner().invoke(app, ["read", str(path)])
    assert time.process_time() - began < 5 and result.exit_code == 1
    row = json.loads(result.stdout)
    assert row["outcome"] == "unreadable" and "100 MB" in row["reason"] and "Divide it" in row["remedy"]


def test_a_thousand_attachments_are_limited_and_said() -> None:
    link = '<link rel="irel:seeAlso" residref="urn:p:{0}" href="https://x.example/{0}.jpg" contenttype="image/jpeg"/>'
    [item] = outcome(news_item(links="".join(link.format(n) for n in range(1000))).encode(), "a.xml")
    assert isinstance(item, Incoming) and len(item.media) == MAX_MEDIA
    assert any("1,000" in warning for warning in item.warnings)
    associations = {f"p{n}": {"type": "picture", "renditions": {"o": {"href": f"https://x/{n}"}}} for n in range(1000)}
    story = {
        "uri": "u",
        "headline": "Ice on the lake",
        "language": "en",
        "body_text": BODY,
        "associations": associations,
    }
    [item] = outcome(json.dumps(story).encode(), "a.json")
    assert isinstance(item, Incoming) and len(item.media) == MAX_MEDIA


def test_thousands_of_subjects_are_limited_and_said() -> None:
    subject = '<subject type="cpnat:geoArea" qcode="p:{0}"><name>Place {0}</name></subject>'
    named = "".join(subject.format(n) for n in range(2000))
    text = news_item().replace("</contentMeta>", f"{named}</contentMeta>")
    [item] = outcome(text.encode(), "a.xml")
    assert isinstance(item, Incoming) and len(item.about) == len(item.places) == MAX_WORDS
    assert any("2,000 keywords, subjects or places" in warning for warning in item.warnings)


def test_more_items_than_a_message_may_have_are_said() -> None:
    items = outcome(message(*(news_item(n) for n in range(MAX_ITEMS + 5))).encode(), "a.xml")
    assert len(items) == MAX_ITEMS + 1 and isinstance(items[-1], Unreadable)


def test_one_bad_item_costs_no_other() -> None:
    items = [news_item(1), f'<newsItem {NAR} guid="urn:x:2"/>', "<!-- --><other/>", news_item(4)]
    assert [type(item) for item in outcome(message(*items).encode(), "a.xml")] == [
        Incoming, Unreadable, Unreadable, Incoming,
    ]  # fmt: skip


def test_damage_is_told_to_the_item_it_stands_in() -> None:
    text = message(
        news_item(1), "\n", news_item(2, words="The <b>ice</i> is thick enough to walk on."), "\n", news_item(3)
    )
    first, second, third = outcome(text.encode(), "a.xml")
    assert isinstance(first, Incoming) and isinstance(third, Incoming)
    assert not first.warnings and not third.warnings
    assert isinstance(second, Unreadable) or any("damaged at line" in warning for warning in second.warnings)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_what_is_cut_gives_the_whole_items_and_says_so(share: float) -> None:
    text = message(*(news_item(n) for n in range(10))).encode()
    items = outcome(text[: int(len(text) * share)], "a.xml")
    whole = [item for item in items if isinstance(item, Incoming)]
    assert all(bodies.paragraphs(item.body) == [BODY] for item in whole)
    assert isinstance(items[-1], Unreadable) and "cut off" in str(items[-1])


def test_depth_is_limited() -> None:
    outcome(f"<newsItem {NAR}>{'<a>' * 50_000}".encode(), "a.xml")
    outcome(news_item(words="<p>" * 5000 + BODY).encode(), "a.xml")
    outcome(b'{"a":' * 100_000, "a.json")
    outcome(f"<html><body>{'<div>' * 50_000}<p>{BODY}</p>".encode(), "a.html")
    outcome(b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\n" * 50_000, "a.ics")
    groups = "".join(f'<group id="g{n}" role="r"><groupRef idref="g{(n + 1) % 900}"/></group>' for n in range(900))
    outcome(f'<packageItem {NAR} guid="g"><groupSet root="g0">{groups}</groupSet></packageItem>'.encode(), "a.xml")


def test_a_few_damaged_bytes_are_marked_and_cost_nothing() -> None:
    data = news_item(words="Көл деңгейі биыл жиырма сантиметрге көтерілді, деп хабарлады ғалымдар.").encode()
    place = data.index("деңгейі".encode()) + 1
    [item] = outcome(data[:place] + b"\xff" + data[place:], "a.xml")
    assert isinstance(item, Incoming) and item.language == "kk"
    assert any("damaged characters" in warning for warning in item.warnings)


def test_xml_that_lies_about_its_encoding() -> None:
    words = "Уровень озера в этом году вырос на десять сантиметров, сообщили учёные."
    text = '<?xml version="1.0" encoding="UTF-8"?>' + news_item(words=words)
    [item] = outcome(text.encode("cp1251"), "a.xml")
    assert isinstance(item, Incoming) and bodies.paragraphs(item.body) == [words]
    assert any("Windows-1251" in warning for warning in item.warnings)


STARTS = [
    b"<newsMessage xmlns='http://iptc.org/std/nar/2006-10-01/'><itemSet>", b"<nitf><body>", b"<NewsML><NewsItem>",
    b"\x16\x16\x01KZI0001 4 POL 10\r\n\x02", b"\x16\x16\x01a0001\x1fx\n\x02", b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n",
    b'{"version": "https://jsonfeed.org/version/1.1", "items": [', b"<rss><channel><item>", b"<feed><entry>",
    b'<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><item>', b"[{", b"<html>", b"",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(STARTS), st.binary(max_size=300), st.text(max_size=100))
def test_no_bytes_break_a_reader(start: bytes, noise: bytes, text: str) -> None:
    outcome(start + noise + text.encode("utf-8", "replace"), "a")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = [
    "uri", "type", "headline", "headlines", "bodies", "body_text", "body_html", "associations", "renditions",
    "subjects", "subject", "places", "rightsInfo", "altIds", "infoSources", "keywords", "eventDetails",
    "plannedCoverage", "urgency", "items", "version", "content_html", "attachments", "authors", "tags",
    "language", "pubStatus", "profile", "expires",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=8), st.booleans())
def test_no_json_of_the_right_names_and_wrong_kinds_breaks_a_reader(item: dict[str, object], feed: bool) -> None:
    whole = {"version": "https://jsonfeed.org/version/1.1", "items": [item, item]} if feed else item
    outcome(json.dumps(whole).encode(), "a.json")


def test_formats_have_names_of_their_own() -> None:
    names = [entry.name for entry in FORMATS]
    endings = [ending for entry in FORMATS for ending in entry.endings]
    assert len(set(names)) == len(names) and len(set(endings)) == len(endings)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (f"<contentMeta {NAR}><headline>Ice</headline></contentMeta>", "a piece of a NewsML-G2 item (contentMeta)"),
        ("<contentSet><inlineXML/></contentSet>", "a piece of a NewsML-G2 item (contentSet)"),
        ("<sports-content><standing/></sports-content>", "XML that begins with “sports-content” is of no format"),
    ],
)
def test_xml_that_is_no_item_is_refused_as_what_it_is(data: str, said: str) -> None:
    (refusal,) = outcome(data.encode(), "sent.xml")
    assert isinstance(refusal, Unreadable) and said in str(refusal) and refusal.remedy


def day(number: int) -> str:
    return (
        f"<concept><conceptId qcode='ev:{number}'/><name>Day {number}</name>"
        f"<eventDetails><dates><start>2026-12-0{number}</start></dates></eventDetails></concept>"
    )


def test_events_of_a_cut_knowledge_item_are_not_taken_for_all() -> None:
    head = f"<knowledgeItem {NAR} guid='urn:x:k' xml:lang='en'><conceptSet>"
    whole = outcome(f"{head}{day(1)}{day(2)}</conceptSet></knowledgeItem>".encode(), "k.xml")
    assert [item.identifier for item in whole if isinstance(item, Incoming)] == ["ev:1", "ev:2"]
    cut = outcome(f"{head}{day(1)}<concept>".encode(), "k.xml")
    assert [type(item) for item in cut] == [Unreadable]


def test_an_event_of_a_list_keeps_its_name_when_others_are_put_in_before_it() -> None:
    def names(*titles: str) -> dict[str, str]:
        events = "".join(f"<event><name>{title}</name><eventDetails/></event>" for title in titles)
        inside = f"<contentSet><inlineXML><events>{events}</events></inlineXML></contentSet>"
        listed = outcome(f"<newsItem {NAR} guid='urn:x:l' xml:lang='en'>{inside}</newsItem>".encode(), "l.xml")
        return {item.identifier: item.headline for item in listed if isinstance(item, Incoming)}

    before, after = names("Fair", "Show", "Show"), names("Concert", "Fair", "Show", "Show")
    assert len(before) == 3 and before.items() <= after.items()


def test_a_list_of_thousands_of_events_is_not_read_anew_for_each() -> None:
    asserted = "".join(f"<assert qcode='x:{number}'><name>X</name></assert>" for number in range(2_000))
    events = "".join("<event><name>Fair</name><eventDetails/></event>" for _ in range(MAX_ITEMS))
    inside = f"{asserted}<contentSet><inlineXML><events>{events}</events></inlineXML></contentSet>"
    listed = outcome(f"<newsItem {NAR} guid='urn:x:l' xml:lang='en'>{inside}</newsItem>".encode(), "l.xml")
    assert len({item.identifier for item in listed if isinstance(item, Incoming)}) == MAX_ITEMS
