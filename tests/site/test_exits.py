"""What lets a story out or holds it, where it can be found, and what machines read of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import feedparser
import pytest
from django.test import Client
from fontTools.ttLib import TTFont
from lxml import etree

from keshen.house.outlets import ReceiptState
from keshen.newsroom import actions
from keshen.newsroom.content import Picture
from keshen.rights import actions as rights
from keshen.rights.models import Decision
from keshen.site.accents import CONTRAST, accent, contrast
from keshen.site.models import Page
from keshen.site.outlets import SiteOutlet
from tests.site.house import House

REPOSITORY = Path(__file__).resolve().parents[2]
KK = ("Сарыарқада ақбөкен саны артты", "Ғалымдар даладағы киіктерді әуеден санады.\n\nБиыл олардың саны көбейді.")
NS = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "n": "http://www.google.com/schemas/sitemap-news/0.9"}


@pytest.mark.parametrize(
    ("wording", "outcome"),
    [("No use outside Kazakhstan", "deny"), ("Жүрек қалауынша ғана пайдалануға болады", "unclear")],
)
def test_terms_that_deny_or_are_unclear_hold_the_story(
    house: House, client: Client, wording: str, outcome: str
) -> None:
    story = house.story(kk=KK, restrictions=(wording,))
    decision = Decision.objects.filter(subjects__contains=[story.urn]).first()
    assert decision is not None and decision.outcome == outcome and decision.use["exit"] == "site"
    assert KK[0] not in client.get("/kk/").content.decode()
    page = Page.objects.get(story=story, edition__tag="kk")
    assert page.state == Page.State.BLOCKED and page.reason
    assert client.get(page.address).status_code == 404
    receipts = SiteOutlet().receipts(story.pk)
    assert {one.state for one in receipts} == {ReceiptState.BLOCKED} and all(one.reason for one in receipts)


@pytest.mark.parametrize(
    ("wording", "outcome"),
    [("No use outside Kazakhstan", "deny"), ("Жүрек қалауынша ғана пайдалануға болады", "unclear")],
)
def test_a_pictures_address_ends_with_its_rights_and_with_its_story(
    house: House, client: Client, wording: str, outcome: str
) -> None:
    picture = house.picture()
    story = house.story(kk=KK, pictures=(Picture(picture.urn),))
    place = f"/picture/{picture.renditions.first().sha256}"
    assert client.get(place).status_code == 200
    terms = rights.attach(house.editor, picture.urn, wording)
    house.work()
    assert client.get(place).status_code == 410
    page = Page.objects.get(story=story, edition__tag="kk")
    assert place not in client.get(page.address).content.decode() and page.reason
    decision = Decision.objects.filter(subjects=[picture.urn]).first()
    assert decision is not None and decision.outcome == outcome and decision.use["exit"] == "site"
    rights.withdraw(house.editor, terms, reason="The photographer agreed")
    house.work()
    assert client.get(place).status_code == 200
    assert place in client.get(page.address).content.decode()
    actions.kill(house.editor, story, "Жалған")
    house.work()
    assert client.get(place).status_code == 410


def test_receipts_say_where_and_what_stands_there(house: House, client: Client) -> None:
    story = house.story(kk=KK, en=("Scientists' count & more", "One.\n\nTwo."))
    receipts = SiteOutlet().receipts(story.pk)
    assert [one.form for one in receipts] == ["kk", "kk-Latn", "kk-Arab", "en"]
    for one in receipts:
        assert one.state == ReceiptState.OUT and one.address and one.find
        assert one.find in client.get(one.address).content.decode()
    text = story.texts.get(language="kk")
    text = actions.save_draft(house.editor, text, replace(text.working, byline="Тілші"), text.draft_revision)
    actions.correct(house.editor, text, "Авторы көрсетілді.")
    assert {one.state for one in SiteOutlet().receipts(story.pk) if one.form != "en"} == {ReceiptState.WAITING}
    house.work()
    corrected = SiteOutlet().receipts(story.pk)[0]
    assert corrected.find == "Авторы көрсетілді." and corrected.find in client.get(corrected.address).content.decode()
    actions.kill(house.editor, story, "Қате.")
    house.work()
    for one in SiteOutlet().receipts(story.pk):
        assert one.state == ReceiptState.KILLED and one.gone and client.get(one.address).status_code == 410


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("kk", "ақбөкендердің"),
        ("kk", "ғалымдарға киік"),
        ("kk-Latn", "aqböken"),
        ("kk-Latn", "ğalymdardyñ"),
        ("kk-Latn", "ақбөкеннің"),
        ("kk-Arab", "اقبوكەن"),
        ("kk-Arab", "عالىمدار"),
    ],
)
def test_a_word_finds_the_story_in_any_form_and_script(house: House, client: Client, tag: str, words: str) -> None:
    story = house.story(kk=KK)
    house.story(kk=("Балқаш көлі", "Көлдің суы көбейді."))
    found = client.get(f"/{tag}/search", {"q": words}).content.decode()
    assert Page.objects.get(story=story, edition__tag=tag).headline in found
    assert client.get(f"/{tag}/search", {"q": "жоқсөз' | & :* \\ \x00"}).status_code == 200


def test_feeds_and_sitemaps_are_read_by_their_readers(house: House, client: Client) -> None:
    story = house.story(kk=KK, en=("More saiga", "They were counted."))
    for name in ("feed.xml", "feed.atom"):
        for tag in ("kk", "kk-Arab", "en"):
            feed = feedparser.parse(client.get(f"/{tag}/{name}").content)
            page = Page.objects.get(story=story, edition__tag=tag)
            assert not feed.bozo and feed.entries[0].title == page.headline
            assert feed.feed.language == tag or name == "feed.atom"
            assert client.get(feed.entries[0].link.removeprefix("http://localhost:8000")).status_code == 200
    index = etree.fromstring(client.get("/sitemap.xml").content)
    assert index.findall("s:sitemap", NS)
    sitemap = etree.fromstring(client.get("/sitemap-1.xml").content)
    assert len(sitemap.findall("s:url", NS)) == 4
    news = etree.fromstring(client.get("/sitemap-news.xml").content)
    assert {one.text for one in news.iterfind(".//n:language", NS)} == {"kk", "en"}
    assert "Sitemap: http://localhost:8000/sitemap.xml" in client.get("/robots.txt").content.decode()


def test_a_page_the_reader_has_is_not_sent_again(house: House, client: Client) -> None:
    story = house.story(kk=KK)
    address = Page.objects.get(story=story, edition__tag="kk").address
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304 and not again.content
    assert "must-revalidate" in first["Cache-Control"]


@pytest.mark.parametrize(
    "colour", ["#0fb5ae", "#c99a2e", "#a3123f", "#6a3fb5", "#0a6ebd", "#ffff00", "#000000", "#ffffff"]
)
def test_accents_can_be_read_in_both_themes(colour: str) -> None:
    made = accent(colour)
    assert contrast(made.light, "#f5f6f8") >= CONTRAST - 0.1 and contrast(made.dark, "#1c232c") >= CONTRAST - 0.1
    assert contrast(made.fill, made.on_fill) >= CONTRAST - 0.1


@pytest.mark.parametrize(
    ("files", "letters"),
    [
        (("sans-latin", "sans-cyrillic", "sans-cyrillic-ext"), "әғқңөұүһіӘҒҚҢӨҰҮҺІёъ«»—№"),
        (("sans-latin", "sans-latin-ext"), "äğñöüūşıİĞÑŞçÇ₸"),
        (("sans-arabic",), "ۇڭۆەءپچگھكىيعقث،؛؟"),
        (("naskh-arabic",), "ۇڭۆەءپچگھكىيعقث،؛؟"),
    ],
)
def test_fonts_have_our_letters_and_are_small(files: tuple[str, ...], letters: str) -> None:
    folder = REPOSITORY / "frontend" / ".fonts"
    paths = [folder / f"{name}.woff2" for name in files]
    assert sum(path.stat().st_size for path in paths) < 120_000
    known = {code for path in paths for code in TTFont(path).getBestCmap()}
    assert not {letter for letter in letters if ord(letter) not in known}
