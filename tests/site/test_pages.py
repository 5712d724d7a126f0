"""Fronts, sections and stories in every edition, from what the newsroom published."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client

from keshen.media.models import Rendition
from keshen.media.store import house_store
from keshen.newsroom import actions
from keshen.newsroom import body as bodies
from keshen.newsroom.content import Picture
from keshen.site.models import Page
from tests.site.house import House

KK = ("Сарыарқада ақбөкен саны артты", "Ғалымдар даладағы киіктерді әуеден санады.\n\nБиыл олардың саны көбейді.")
RU = ("Сайгаков в степи стало больше", "Учёные пересчитали сайгаков с воздуха.")
EN = ("More saiga on the steppe", "Scientists counted the saiga from the air.")
AR = ("ازداد عدد السايغا في السهوب", "أحصى العلماء السايغا من الجو.")
HEADLINES = {
    "kk": KK[0],
    "kk-Latn": "Saryarqada aqböken sany artty",
    "kk-Arab": None,
    "ru": RU[0],
    "en": EN[0],
    "ar": AR[0],
}


def address(story_id: int, tag: str) -> str:
    return Page.objects.select_related("edition").get(story_id=story_id, edition__tag=tag).address


def text_of(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize("tag", HEADLINES)
def test_a_story_appears_in_its_edition(house: House, client: Client, tag: str) -> None:
    story = house.story(kk=KK, ru=RU, en=EN, ar=AR)
    front = text_of(client.get(f"/{tag}/"))
    response = client.get(address(story.pk, tag))
    page = text_of(response)
    headline = HEADLINES[tag] or Page.objects.get(story=story, edition__tag=tag).headline
    assert response.status_code == 200
    assert response["Content-Language"] == tag
    assert headline in front and f"<h1>{headline}</h1>" in page
    direction = "rtl" if tag in ("kk-Arab", "ar") else "ltr"
    assert f'<html lang="{tag}" dir="{direction}"' in page
    for other in HEADLINES:
        assert f'hreflang="{other}" href="http://localhost:8000{address(story.pk, other)}"' in page


def test_the_dateline_opens_the_text_and_scripts_are_derived(house: House, client: Client) -> None:
    story = house.story(kk=KK)
    assert '<span class="dateline">АСТАНА. KAZINFORM —</span> Ғалымдар' in text_of(client.get(address(story.pk, "kk")))
    latin = text_of(client.get(address(story.pk, "kk-Latn")))
    assert "KAZINFORM —</span> Ğalymdar daladağy kiıkterdı äueden sanady." in latin
    assert not re.search("[а-яәғқңөұүһі]{4}", latin.split('<div class="prose">')[1].split("</div>")[0])


def test_a_wrong_slug_leads_to_the_right_one(house: House, client: Client) -> None:
    story = house.story(kk=KK)
    right = address(story.pk, "kk")
    for wrong in (f"/kk/2020/01/bos-{story.pk}", f"/kk/2020/01/{story.pk}"):
        response = client.get(wrong)
        assert response.status_code == 301
        assert client.get(response["Location"]).status_code == 200
        assert right.rsplit("/", 1)[0] in response["Location"]


def test_tags_in_other_letter_case_lead_to_the_edition(house: House, client: Client) -> None:
    assert client.get("/KK-latn/")["Location"] == "/kk-Latn/"
    assert client.get("/")["Location"] == "/kk/"
    assert client.get("/xx/").status_code == 404


def test_linked_data_and_open_graph(house: House, client: Client) -> None:
    picture = house.picture()
    story = house.story(en=EN, pictures=(Picture(picture.urn, "A herd </script><b>", "Counting"),))
    page = text_of(client.get(address(story.pk, "en")))
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page).group(1))
    assert data["@type"] == "NewsArticle" and data["headline"] == EN[0] and data["inLanguage"] == "en"
    assert data["datePublished"].endswith("+00:00") and data["image"][0].startswith("http://localhost:8000/picture/")
    assert '<meta property="og:title" content="More saiga on the steppe">' in page
    assert 'alt="A herd &lt;/script&gt;&lt;b&gt;"' in page and "<figcaption>" in page and "960w" in page


def test_a_picture_with_words_has_those_of_the_edition(house: House, client: Client) -> None:
    picture = house.picture()
    came = picture.renditions.last()
    shown = {"kk": came.sha256, "ru": came.sha256}
    for tag in ("kk-Latn", "kk-Arab", "en"):
        shown[tag] = house_store().put(f"words in {tag}".encode())
        Rendition.objects.create(
            asset=picture, tag=tag, width=960, height=540, media_type="image/webp", sha256=shown[tag], size=20
        )
    story = house.story(kk=KK, ru=RU, en=EN, pictures=(Picture(picture.urn),))
    for tag, sha256 in shown.items():
        page = text_of(client.get(address(story.pk, tag)))
        assert f'src="/picture/{sha256}"' in page, tag
        assert not any(f"/picture/{other}" in page for other in shown.values() if other != sha256), tag
        assert client.get(f"/picture/{sha256}").status_code == 200
    actions.kill(house.editor, story, "Қате")
    house.work()
    assert {client.get(f"/picture/{sha256}").status_code for sha256 in shown.values()} == {410}


def test_pictures_are_served_by_checksum_and_nothing_else_is(house: House, client: Client) -> None:
    picture = house.picture()
    rendition = picture.renditions.first()
    assert client.get(f"/picture/{rendition.sha256}").status_code == 410, "nothing that is out shows it"
    house.story(kk=KK, pictures=(Picture(picture.urn),))
    response = client.get(f"/picture/{rendition.sha256}")
    assert response.status_code == 200 and response["Content-Type"] == "image/webp"
    assert "immutable" in response["Cache-Control"]
    assert client.get(f"/picture/{rendition.sha256}", headers={"If-None-Match": response["ETag"]}).status_code == 304
    from keshen.media.store import house_store

    secret = house_store().put(b"not a picture")
    assert client.get(f"/picture/{secret}").status_code == 404


def test_a_correction_replaces_the_text_and_is_said(house: House, client: Client) -> None:
    story = house.story(kk=KK)
    before = address(story.pk, "kk")
    text = story.texts.get(language="kk")
    draft = text.working
    from dataclasses import replace

    changed = replace(draft, body=bodies.from_paragraphs(["Ғалымдар даладағы киіктерді жерден санады."]))
    text = actions.save_draft(house.editor, text, changed, text.draft_revision)
    actions.correct(house.editor, text, "Санақ жерден жүргізілді.")
    house.work()
    page = text_of(client.get(before))
    assert "жерден санады" in page and "әуеден" not in page
    assert "Санақ жерден жүргізілді." in page
    latin = text_of(client.get(address(story.pk, "kk-Latn")))
    assert "Sanaq jerden jürgızıldı." in latin
    assert (
        Page.objects.get(story=story, edition__tag="kk").published_at
        < Page.objects.get(story=story, edition__tag="kk").changed_at
    )


def test_a_killed_story_is_gone_from_every_page(house: House, client: Client) -> None:
    story = house.story(kk=KK, ru=RU)
    other = house.story(kk=("Балқаш көлі", "Көлдің суы көбейді."))
    addresses = {tag: address(story.pk, tag) for tag in ("kk", "kk-Latn", "kk-Arab", "ru")}
    actions.kill(house.editor, story, "Дерек қате болып шықты.")
    house.work()
    for tag, gone in addresses.items():
        response = client.get(gone)
        assert response.status_code == 410, tag
        assert response["Content-Language"] == tag
        assert KK[0] not in text_of(response) and "әуеден" not in text_of(response)
    for path in ("/kk/", "/kk/section/13000000/", "/kk/feed.xml", "/kk/feed.atom", "/sitemap-1.xml",
                 "/sitemap-news.xml", "/kk/search?q=ақбөкен", address(other.pk, "kk")):  # fmt: skip
        assert KK[0] not in text_of(client.get(path)), path


def test_a_publication_keeps_what_was_shown_and_a_repeated_job_publishes_once(house: House) -> None:
    from keshen.newsroom.models import Publication
    from keshen.site.actions import put_out

    story = house.story(kk=KK)
    put_out(house.editor, story.texts.get().published_id)
    made = Publication.objects.filter(outlet="site", version__text__story=story)
    assert sorted(one.edition.tag for one in made) == ["kk", "kk-Arab", "kk-Latn"]
    assert all(one.payload["html"] and one.responsible == house.editor for one in made)


def test_sections_list_a_topic_of_either_level(house: House, client: Client) -> None:
    house.story(kk=KK, topics=("medtop:20000742",))
    page = Page.objects.get(edition__tag="kk")
    assert page.section == "13000000" or page.section
    for code in (page.section, "20000742"):
        assert KK[0] in text_of(client.get(f"/kk/section/{code}/"))
    assert client.get("/kk/section/nosuch/").status_code == 404


def test_a_story_that_this_edition_lacks_says_where_it_is(house: House, client: Client) -> None:
    story = house.story(ru=RU)
    response = client.get(f"/en/2026/01/x-{story.pk}")
    assert response.status_code == 404
    assert address(story.pk, "ru") in text_of(response)


def test_unknown_addresses_answer_in_the_readers_language(house: House, client: Client) -> None:
    response = client.get("/ar/nosuch")
    assert response.status_code == 404 and '<html lang="ar" dir="rtl"' in text_of(response)
    assert '<html lang="ru"' in text_of(client.get("/nosuch", headers={"Accept-Language": "ru-RU,ru;q=0.9"}))


def test_an_empty_edition_says_what_to_do(house: House, client: Client) -> None:
    page = text_of(client.get("/en/"))
    assert "/watch/jibek-joly?edition=en" in page and client.get("/en/").status_code == 200
