"""A text that is held: its page says so, and nothing else of it is left on the site."""

from __future__ import annotations

from dataclasses import replace

from django.test import Client

from keshen.house.outlets import ReceiptState
from keshen.newsroom import actions, holds
from keshen.newsroom.models import Publication
from keshen.rights import actions as rights
from keshen.site.models import Page
from keshen.site.outlets import SiteOutlet
from tests.site.house import House

KK = ("Сарыарқада ақбөкен саны артты", "Ғалымдар даладағы киіктерді әуеден санады.")
RU = ("Сайгаков стало больше", "Учёные пересчитали сайгаков с воздуха.")


def test_a_held_page_says_that_it_is_being_revised_and_comes_back(house: House, client: Client) -> None:
    story = house.story(kk=KK, ru=RU)
    text = story.texts.get(language="ru")
    address = Page.objects.get(story=story, edition__tag="ru").address
    holds.hold(house.editor, text, "Проверяем число")
    house.work()
    answer = client.get(address)
    page = answer.content.decode()
    assert answer.status_code == 200 and "Проверяем число" in page and "noindex" in page
    assert RU[0] not in page and RU[1] not in page and f'href="{Page.objects.get(edition__tag="kk").address}"' in page
    for place in ("/ru/", "/ru/search?q=сайгаков", "/ru/rss.xml", "/sitemap-ru.xml"):
        assert RU[0] not in client.get(place).content.decode(), place
    assert KK[0] in client.get(Page.objects.get(edition__tag="kk").address).content.decode()
    receipts = {one.form: one for one in SiteOutlet().receipts(story.pk)}
    assert receipts["ru"].state is ReceiptState.HELD and receipts["ru"].gone
    assert receipts["ru"].find == RU[0] and receipts["kk"].state is ReceiptState.OUT
    notice = Publication.objects.get(form="held", edition__tag="ru")
    assert notice.responsible == house.editor and RU[1] not in str(notice.payload)
    text.refresh_from_db()
    actions.save_draft(
        house.editor, text, replace(text.working, headline="Сайгаков больше на треть"), text.draft_revision
    )
    actions.correct(house.editor, text, "Уточнено число")
    house.work()
    page = client.get(address, follow=True).content.decode()
    assert "Сайгаков больше на треть" in page and "Уточнено число" in page
    assert "Сайгаков больше на треть" in client.get("/ru/").content.decode()


def test_what_rights_stopped_stays_stopped_when_held_and_released(house: House, client: Client) -> None:
    story = house.story(kk=KK, restrictions=("No use outside Kazakhstan",))
    holds.hold(house.editor, story.texts.get(), "тексеру")
    house.work()
    page = Page.objects.get(story=story, edition__tag="kk")
    assert page.state == Page.State.BLOCKED and client.get(page.address).status_code == 404
    holds.release(house.editor, story.texts.get())
    house.work()
    assert client.get(page.address).status_code == 404


def test_terms_that_change_meanwhile_do_not_lift_a_hold(house: House, client: Client) -> None:
    story = house.story(kk=KK)
    holds.hold(house.editor, story.texts.get(), "тексеру")
    house.work()
    terms = rights.attach(house.editor, story.urn or "", "No use outside Kazakhstan")
    house.work()
    rights.withdraw(house.editor, terms, reason="agreed")
    house.work()
    page = Page.objects.get(story=story, edition__tag="kk")
    assert page.state == Page.State.HELD and KK[0] not in client.get(page.address).content.decode()
