"""Each form the wire writes: valid where there is a schema, read back by other people's readers, hard to break."""

from __future__ import annotations

import email
import json
from dataclasses import replace
from datetime import UTC, datetime
from email.policy import default

import feedparser
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree, html
from NewsMLG2 import NewsMLG2Document

from keshen.newsroom import body as bodies
from keshen.rights.terms import Terms
from keshen.wire.formats import atom, jsonfeed, mail, newsml, ninjs, ninjs2, nitf, rightsml, text
from keshen.wire.formats.item import Link, PubStatus, Relation, Rendition, WireItem, from_json, to_json
from keshen.wire.formats.registry import FORMATS
from tests.wire import standards
from tests.wire.items import (
    ALL,
    ARABIC_SCRIPT,
    CORRECTED,
    CREATED,
    EMPTY,
    FEED,
    FULL,
    KILLED,
    NAME,
    PICTURE,
    wire_items,
)
from tests.wire.standards import needs_standards

G2 = {"n": newsml.NAR, "x": newsml.XHTML, "t": nitf.NITF, "a": atom.ATOM, "at": atom.TOMBSTONES}
every_item = pytest.mark.parametrize("item", ALL.values(), ids=ALL.keys())

JAPAN = Terms("No Use in Japan", territories_denied=frozenset({"JP"}))
LATER = Terms(
    "Embargo",
    embargo=datetime(2026, 3, 22, 8, tzinfo=UTC),
    territories_allowed=frozenset({"KZ", "KG"}),
    resale=False,
    archive=False,
    credit="Photo: Keshen",
    clients_denied=frozenset({"rival-tv"}),
)
PACKAGE = replace(
    FULL,
    links=(*FULL.links, Link(Relation.PACKAGES, f"{NAME}:text-8", "Бірінші", "kk"),
           Link(Relation.PACKAGES, f"{NAME}:text-9"), Link(Relation.UPDATES, f"{NAME}:text-3")),
    terms=(JAPAN, LATER),
    pictures=(replace(PICTURE, created=CREATED, renditions=(
        *PICTURE.renditions, Rendition("w800", "http://localhost:8000/media/b.webp", "image/webp", 800, 450),
        Rendition("w320", "http://localhost:8000/media/c.webp", "image/webp", 320, 180, 9_000))),),
)  # fmt: skip


def validate(form: str, written: bytes) -> None:
    """Raises for what the published schema of the form does not allow."""
    match form:
        case "ninjs":
            standards.ninjs().validate(json.loads(written))
        case "ninjs2":
            standards.ninjs("2.2").validate(json.loads(written))
        case "newsml":
            standards.newsml().assertValid(etree.fromstring(written))
        case "nitf":
            standards.nitf().assertValid(etree.fromstring(written))


WITH_SCHEMA = ("ninjs", "ninjs2", "newsml", "nitf")


@needs_standards
@every_item
@pytest.mark.parametrize("form", WITH_SCHEMA)
def test_every_item_is_valid(form: str, item: WireItem) -> None:
    validate(form, FORMATS[form].render(item))


@needs_standards
@pytest.mark.parametrize("form", WITH_SCHEMA)
def test_packages_and_terms_are_valid(form: str) -> None:
    validate(form, FORMATS[form].render(PACKAGE))
    canceled = replace(PACKAGE, status=PubStatus.CANCELED, version=2)
    validate(form, FORMATS[form].render(canceled))


@needs_standards
def test_the_schema_of_nitf_can_refuse() -> None:
    assert not standards.nitf().validate(
        etree.fromstring(nitf.render(FULL).replace(b"<date.issue", b"<date.issued", 1))
    )
    assert list(standards.ninjs("2.2").iter_errors({**ninjs2.document(FULL), "pubStatus": "usable"}))


@needs_standards
@pytest.mark.parametrize("form", ["ninjs", "ninjs2", "newsml"])
def test_feeds_are_valid(form: str) -> None:
    for items in (list(ALL.values()), [], [PACKAGE, PACKAGE]):
        validate(form, FORMATS[form].render_feed(FEED, items))


@needs_standards
def test_a_feed_of_nitf_is_a_news_message_of_valid_documents() -> None:
    message = etree.fromstring(nitf.render_feed(FEED, list(ALL.values())))
    standards.newsml().assertValid(message)
    documents = message.findall(".//n:inlineXML/t:nitf", G2)
    # a canceled item has no content in the message
    assert len(documents) == len(ALL) - 1
    for document in documents:
        standards.nitf().assertValid(etree.fromstring(etree.tostring(document)))


@needs_standards
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(wire_items())
def test_any_words_give_valid_documents_in_every_form(item: WireItem) -> None:
    for name, entry in FORMATS.items():
        written = entry.render(item)
        validate(name, written)
        if name in ("atom", "rss"):
            assert not feedparser.parse(written).bozo
        elif name == "jsonfeed":
            assert json.loads(written)["version"] == jsonfeed.VERSION


def test_ninjs_2_says_what_ninjs_3_says() -> None:
    three, two = ninjs.document(PACKAGE), ninjs2.document(PACKAGE)
    assert (two["pubstatus"], two["embargoed"], two["bodies"][0]["contenttype"]) == (
        three["pubStatus"], three["embargoedUntil"], "text/html",
    )  # fmt: skip
    assert [(row["name"], row["uri"]) for row in two["associations"]][:3] == [
        ("picture-1", PICTURE.urn), ("translatedAs-1", f"{NAME}:text-13"), ("seeAlso-1", f"{NAME}:text-2"),
    ]  # fmt: skip
    assert two["associations"][1]["title"] == "Сайгаки двинулись на север"
    assert [file["sizeinbytes"] for file in two["associations"][0]["renditions"] if "sizeinbytes" in file] == [
        120_000,
        9_000,
    ]


def test_newsml_carries_pictures_packages_and_earlier_versions() -> None:
    root = etree.fromstring(newsml.render(replace(PACKAGE, version=3)))
    text_item, picture = root.findall(".//n:newsItem", G2)
    previous = text_item.find(".//n:link[@rel='irel:previousVersion']", G2)
    assert (previous.get("residref"), previous.get("version")) == (FULL.urn, "2")
    assert text_item.find(".//n:link[@rel='irel:evolvedFrom']", G2).get("residref") == f"{NAME}:text-3"
    assert picture.get("guid") == PICTURE.urn
    assert [file.get("rendition") for file in picture.findall(".//n:remoteContent", G2)] == [
        "rnd:highRes", "rnd:web", "rnd:thumbnail",
    ]  # fmt: skip
    assert picture.find(".//n:digitalSourceType", G2).get("qcode") == "digsrctype:algorithmicMedia"
    package = root.find(".//n:packageItem", G2)
    assert [ref.get("residref") for ref in package.findall(".//n:itemRef", G2)] == [
        FULL.urn, f"{NAME}:text-8", f"{NAME}:text-9", PICTURE.urn,
    ]  # fmt: skip
    killed = etree.fromstring(newsml.render(replace(PACKAGE, status=PubStatus.CANCELED, version=4)))
    assert [status.get("qcode") for status in killed.findall(".//n:pubStatus", G2)] == ["stat:canceled"] * 2
    assert killed.find(".//n:groupSet", G2) is None


def test_a_picture_of_several_texts_is_in_a_message_once() -> None:
    root = etree.fromstring(newsml.render_feed(FEED, [FULL, replace(FULL, urn=f"{NAME}:text-77")]))
    assert [node.get("guid") for node in root.findall(".//n:newsItem", G2)].count(PICTURE.urn) == 1


def test_terms_become_a_policy_machines_read_and_clients_names_stay_in_the_house() -> None:
    data = etree.fromstring(newsml.render(PACKAGE)).find(".//n:newsItem//n:rightsExpressionData", G2)
    assert (data.get("langid"), data.get("enctype")) == (rightsml.ODRL, "application/ld+json")
    policy = json.loads(data.text)
    assert policy == json.loads(ninjs.document(PACKAGE)["rightsInfo"]["encodedRights"])
    assert [rule["action"] for rule in policy["prohibition"]] == ["distribute", "archive", "sell"]
    assert policy["prohibition"][0]["constraint"][0]["rightOperand"] == {"@id": "http://cvx.iptc.org/iso3166-1a3/JPN"}
    assert [rule["constraint"][0]["rightOperand"]["@id"][-3:] for rule in policy["permission"]] == ["KGZ", "KAZ"]
    assert policy["permission"][0]["constraint"][1]["rightOperand"]["@value"] == "2026-03-22T08:00:00+00:00"
    assert policy["permission"][0]["duty"] == [{"action": "attribute", "attributedParty": "Photo: Keshen"}]
    for form in FORMATS.values():
        assert b"rival-tv" not in form.render(PACKAGE)
    assert "rightsInfo" not in ninjs.document(FULL)


@every_item
def test_newsml_is_read_back_by_newsmlg2(item: WireItem) -> None:
    node = etree.fromstring(newsml.render(item)).find(".//n:newsItem", G2)
    read = NewsMLG2Document(etree.tostring(node)).get_item()
    assert (read.guid, read.version) == (item.urn, str(item.version))
    assert read.itemmeta.pubstatus.qcode == f"stat:{item.status.value}"
    meta = read.contentmeta
    assert [str(line) for line in meta.headline or ()] == ([item.headline] if item.headline else [])
    assert [name.tag for name in meta.language] == [item.language] and str(meta.urgency) == str(item.urgency)
    kept = item if not item.canceled else EMPTY
    assert [subject.qcode for subject in meta.subject or ()] == [f"medtop:{code}" for code in kept.topics]
    assert [str(word) for word in meta.keyword or ()] == list(kept.keywords)
    assert bool(read.contentset and read.contentset.inlinexml) is bool(kept.body_html)


@every_item
def test_atom_is_read_back_by_feedparser(item: WireItem) -> None:
    written = atom.render_feed(FEED, [item])
    read = feedparser.parse(written)
    assert not read.bozo and read.version == "atom10" and read.feed.language == "kk"
    if item.canceled:
        assert not read.entries
        grave = etree.fromstring(written).find("at:deleted-entry", G2)
        assert grave.get("ref") == item.urn and grave.find("at:comment", G2).text == item.editor_note
        return
    [entry] = read.entries
    assert (entry.id, entry.updated_parsed[:5]) == (item.urn, item.version_created.timetuple()[:5])
    assert entry.title == (item.headline or item.slugline or item.urn)
    words = html.fromstring(f"<div>{entry.content[0].value}</div>").text_content()
    assert "".join(words.split()) == "".join("".join(item.paragraphs).split())
    assert [(tag.term, tag.label) for tag in entry.get("tags", []) if tag.get("label")] == [
        ("06000000", "қоршаған орта"), ("20000441", "табиғат"),
    ][: len(item.topics)]  # fmt: skip


def test_json_feed_holds_what_stands_and_names_what_was_canceled() -> None:
    read = json.loads(jsonfeed.render_feed(FEED, [KILLED, FULL, ARABIC_SCRIPT]))
    assert [item["id"] for item in read["items"]] == [FULL.urn, ARABIC_SCRIPT.urn]
    assert read["items"][0]["content_text"] == "\n\n".join(FULL.paragraphs)
    assert read["items"][0]["attachments"][0] == {
        "url": "http://localhost:8000/media/a.webp", "mime_type": "image/webp", "title": "Көктемгі дала",
        "size_in_bytes": 120_000,
    }  # fmt: skip
    assert [(row["id"], row["status"]) for row in read["_keshen"]["withdrawn"]] == [(KILLED.urn, "canceled")]
    held = json.loads(jsonfeed.render(replace(EMPTY, status=PubStatus.WITHHELD, editor_note="Тексерілуде")))
    assert not held["items"] and held["_keshen"]["withdrawn"][0]["note"] == "Тексерілуде"
    assert b"deleted-entry" in atom.render(replace(EMPTY, status=PubStatus.WITHHELD))
    assert "шықпауға" not in json.dumps(read, ensure_ascii=False)


def test_nitf_carries_everything() -> None:
    root = etree.fromstring(nitf.render(PACKAGE))
    assert root.get("uno") == PACKAGE.version_urn
    data = root.find(".//t:docdata", G2)
    assert (data.get("management-status"), data.find("t:doc-id", G2).get("id-string")) == ("embargoed", FULL.urn)
    assert [word.get("key") for word in data.findall(".//t:keyword", G2)] == list(FULL.keywords)
    assert root.find(".//t:hl1", G2).text == FULL.headline
    content = root.find("t:body/t:body.content", G2)
    assert ["".join(p.itertext()) for p in content.findall("t:p", G2)] == list(FULL.paragraphs)
    assert [ref.get("source")[-6:] for ref in content.findall(".//t:media-reference", G2)] == [
        "a.webp",
        "b.webp",
        "c.webp",
    ]
    links = {meta.get("name"): meta.get("content") for meta in root.findall(".//t:meta", G2)}
    assert links["link-translatedAs"] == f"{NAME}:text-13" and links["sequence"] == "17"
    killed = etree.fromstring(nitf.render(KILLED))
    data = killed.find(".//t:docdata", G2)
    assert data.get("management-status") == data.get("management-idref-status") == "canceled"
    assert data.get("management-doc-idref") == KILLED.urn and killed.find(".//t:p", G2).text == KILLED.editor_note
    corrected = etree.fromstring(nitf.render(CORRECTED))
    assert corrected.find(".//t:correction", G2).get("info") == CORRECTED.correction


def test_plain_text_is_a_head_and_paragraphs() -> None:
    head, headline, standfirst, *rest = text.render(FULL).decode().split("\n\n")
    named = dict(line.split(": ", 1) for line in head.splitlines())
    assert (named["ID"], named["VERSION"], named["STATUS"], named["NUMBER"]) == (FULL.urn, "1", "usable", "17")
    assert (headline, standfirst, rest[:2]) == (FULL.headline, FULL.standfirst, list(FULL.paragraphs))
    assert (
        "STATUS: canceled" in text.render(KILLED).decode() and "STATUS: correction" in text.render(CORRECTED).decode()
    )
    assert FORMATS["text"].write(FULL, "windows-1251").decode("cp1251").count("Акбокендер") == 1
    assert len(text.render_feed(FEED, [FULL, KILLED]).decode().split(text.PART)) == 2


def test_mail_is_a_message_with_both_forms() -> None:
    read = email.message_from_bytes(mail.render(FULL), policy=default)
    assert read["Subject"] == FULL.headline and read["Keshen-Item"] == FULL.urn
    plain, page = read.iter_parts()
    assert plain.get_content().replace("\r\n", "\n").strip() == text.render(FULL).decode().strip()
    tree = html.fromstring(page.get_content())
    assert tree.get("lang") == "kk" and tree.find(".//img").get("src") == "http://localhost:8000/media/a.webp"
    assert [p.text_content() for p in tree.findall(".//article/p") if p.text_content() in FULL.paragraphs]
    arabic = html.fromstring(mail.page(ARABIC_SCRIPT))
    assert arabic.find(".//article").get("dir") == "rtl"
    killed = email.message_from_bytes(mail.render(KILLED), policy=default)
    assert killed["References"] == email.message_from_bytes(mail.render(FULL), policy=default)["References"]
    digest = email.message_from_bytes(mail.render_feed(FEED, [FULL, ARABIC_SCRIPT]), policy=default)
    assert digest.get_body(("html",)).get_content().count("<article") == 2


def test_the_mail_channel_only_addresses_a_mail() -> None:
    from keshen.wire.channels.base import Parcel
    from keshen.wire.channels.mail import compose

    parcel = Parcel(
        delivery=1, slug="city", channel="mail", url="mailto:desk@client.example", secret="",
        media_type=mail.MEDIA_TYPE,
        suffix="eml", sequence=17, attempt=1, body=mail.render(FULL), urn=FULL.urn, status="usable", headline="Қазақ",
    )  # fmt: skip
    message = email.message_from_bytes(compose(parcel, "wire@agency.example").as_bytes(), policy=default)
    assert (message["To"], message["Subject"], message["Message-ID"]) == (
        "desk@client.example", "Қазақ", "<city-17@agency.example>",
    )  # fmt: skip
    assert all(len(message.get_all(name)) == 1 for name in ("From", "To", "Date", "References", "Keshen-Item"))
    assert FULL.paragraphs[0] in html.fromstring(message.get_body(("html",)).get_content()).text_content()


@pytest.mark.parametrize("form", FORMATS)
def test_a_killed_item_keeps_no_content_in_any_form(form: str) -> None:
    sent = FORMATS[form].render(KILLED)
    if form == "mail":
        read = email.message_from_bytes(sent, policy=default)
        sent = "".join(part.get_content() for part in read.iter_parts()).encode() + str(read["Keshen-Status"]).encode()
    assert "шықпауға" not in sent.decode()
    if FORMATS[form].carries_canceled and form not in ("atom", "jsonfeed"):
        assert "canceled" in sent.decode()


@pytest.mark.parametrize("form", FORMATS)
def test_equal_items_give_equal_bytes(form: str) -> None:
    assert FORMATS[form].render(PACKAGE) == FORMATS[form].render(replace(PACKAGE))


def test_packages_and_terms_survive_storage() -> None:
    assert from_json(json.loads(json.dumps(to_json(PACKAGE)))) == PACKAGE
    old = to_json(FULL)
    del old["terms"]
    assert from_json(old) == FULL


# --- bodies as odd as the editor lets them be

_odd = st.text(
    st.one_of(
        st.sampled_from("аә\u0001\u200f\u202eالق😀🇰🇿\x0b\ufffe&<>\"' \t"), st.characters(exclude_characters="\x00")
    ),
    min_size=1,
    max_size=20,
)
_marks = st.lists(
    st.sampled_from(
        [{"type": "bold"}, {"type": "italic"}, {"type": "link", "attrs": {"href": "https://e.org/?a=1&b='\""}}]
    ),
    max_size=30,
)
_run = st.one_of(
    st.builds(lambda t, m: {"type": "text", "text": t, "marks": m}, _odd, _marks), st.just({"type": "hardBreak"})
)
_paragraph = st.builds(lambda runs: {"type": "paragraph", "content": runs}, st.lists(_run, max_size=4))
_heading = st.builds(
    lambda runs, level: {"type": "heading", "attrs": {"level": level}, "content": runs},
    st.lists(_run, max_size=2), st.sampled_from([2, 3, 4]),
)  # fmt: skip
_list = st.recursive(
    _paragraph,
    lambda inner: st.builds(
        lambda kind, rows: {"type": kind, "content": [{"type": "listItem", "content": [row]} for row in rows]},
        st.sampled_from(["bulletList", "orderedList"]), st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=6,
)  # fmt: skip
_quote = st.builds(lambda inner: {"type": "blockquote", "content": inner}, st.lists(_paragraph, min_size=1, max_size=2))
odd_bodies = st.lists(st.one_of(_paragraph, _heading, _list, _quote), max_size=5).map(
    lambda blocks: bodies.validate(bodies.document(blocks))
)


def with_body(body: bodies.Node) -> WireItem:
    return replace(FULL, body_html=bodies.to_html(body), paragraphs=tuple(bodies.paragraphs(body)))


@needs_standards
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(odd_bodies)
def test_any_body_gives_valid_documents_that_keep_the_words(body: bodies.Node) -> None:
    item = with_body(body)
    for form in WITH_SCHEMA:
        validate(form, FORMATS[form].render(item))
    wanted = "".join("".join(from_json(to_json(item)).paragraphs).split())
    wanted = "".join(c for c in wanted if c in newsml_clean(wanted))
    content = etree.fromstring(nitf.render(item)).find("t:body/t:body.content", G2)
    for media in content.findall("t:media", G2):
        content.remove(media)
    assert "".join("".join(content.itertext()).split()) == newsml_clean(wanted)
    inline = etree.fromstring(newsml.render(item)).find(".//x:body", G2)
    words = "".join(inline.itertext()) if inline is not None else ""
    assert "".join(words.split()) == newsml_clean(wanted)


def newsml_clean(words: str) -> str:
    from keshen.wire.formats.item import clean

    return "".join(clean(words).split())


@needs_standards
@pytest.mark.parametrize("form", [name for name in FORMATS if name != "mail"])
def test_a_list_of_five_thousand_entries_is_written_whole(form: str) -> None:
    entries = [{"type": "listItem", "content": [{"type": "paragraph", "content": [{"type": "text", "text": f"№{n}."}]}]}
               for n in range(5000)]  # fmt: skip
    item = with_body(bodies.validate(bodies.document([{"type": "orderedList", "content": entries}])))
    written = FORMATS[form].render(item)
    validate(form, written)
    assert written.decode().count("№4999.") >= 1 and written.decode().count(".</p></li>") in (0, 5000)


def test_an_empty_item_is_written_in_every_form() -> None:
    for form in FORMATS.values():
        assert form.render(EMPTY) and form.render_feed(FEED, [EMPTY])
        assert form.render_feed(FEED, []) or form.name == "text"
