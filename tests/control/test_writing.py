"""A story from the first key to the correction, with the keyboard alone; nothing typed is ever lost."""

from __future__ import annotations

import re

from playwright.sync_api import expect


def _write(desk, headline: str, body: str) -> str:
    page = desk.open("/control/")
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/control/stories/")
    page.keyboard.press("n")
    page.wait_for_url(re.compile(r"/control/stories/\d+/kk/$"))
    page.keyboard.type(headline)
    page.keyboard.press("Enter")
    page.keyboard.type("Қысқаша")
    page.locator(".ProseMirror").focus()
    page.keyboard.type(body)
    expect(page.locator("[data-saving]")).to_have_attribute("data-state", "saved")
    return page.url


def test_a_story_is_written_published_and_corrected_with_the_keyboard(sit_down) -> None:
    desk = sit_down("editor")
    page = desk.page
    address = _write(desk, "Дала туралы хабар", "Далада жел соғады.")
    page.keyboard.press("Alt+p")
    page.wait_for_url("**tab=where")
    expect(page.locator("#detail .state.published").first).to_be_visible()

    page.keyboard.press("1")
    expect(page.locator("#detail .reading")).to_contain_text("Далада жел соғады.")
    page.keyboard.press("e")
    page.wait_for_url(address)
    page.locator(".ProseMirror").focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Кешке басылады.")
    expect(page.locator("[data-saving]")).to_have_attribute("data-state", "saved")
    page.keyboard.press("Alt+p")
    expect(page.locator("#reason")).to_be_visible()
    page.keyboard.type("Кешкі ауа райы қосылды")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**tab=where")

    page.keyboard.press("2")
    changed = page.locator("#detail .diff")
    expect(changed.locator("ins")).to_have_text(re.compile("Кешке басылады"))
    expect(changed.locator("del")).to_have_count(0)
    expect(page.locator("#detail")).to_contain_text("Кешкі ауа райы қосылды")
    assert desk.broken == []


def test_a_correction_asks_what_becomes_of_the_translation(sit_down) -> None:
    desk = sit_down("editor")
    page = desk.page
    address = _write(desk, "Көл туралы", "Көл тартылды.")
    page.keyboard.press("Alt+p")
    page.wait_for_url("**tab=where")
    page.goto(address)
    page.locator(".bar .dots form", has=page.locator(".dot", has_text=re.compile("^ru$"))).locator("button").click()
    page.wait_for_url("**/ru/")
    expect(page.locator("textarea.headline")).to_have_value("Көл туралы")
    page.keyboard.press("Alt+p")
    page.wait_for_url("**tab=where")
    page.goto(address)
    page.locator(".ProseMirror").focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Қайта толды.")
    expect(page.locator("[data-saving]")).to_have_attribute("data-state", "saved")
    page.keyboard.press("Alt+p")
    expect(page.locator("#reason .ask")).to_contain_text("ru")
    page.keyboard.type("Толғаны қосылды")
    page.locator("#reason [data-reason-go]").click()
    expect(page.locator("#reason")).to_be_visible()  # nothing goes while the question is open
    page.locator("#reason .ask input[value=hold]").check()
    page.locator("#reason [data-reason-go]").click()
    page.wait_for_url("**tab=where")
    page.goto(f"{page.url.partition('?')[0]}?text=ru")
    expect(page.locator("#detail .standing")).to_contain_text("Толғаны қосылды")
    expect(page.locator("#detail .dot.held")).to_have_count(1)
    page.keyboard.press("r")
    expect(page.locator("#detail .dot.held")).to_have_count(0)
    assert desk.broken == []


def test_what_is_typed_survives_a_reload(sit_down) -> None:
    desk = sit_down("reporter")
    _write(desk, "Жаңбыр", "Жаңбыр жауады.")
    desk.page.reload()
    expect(desk.page.locator("textarea.headline")).to_have_value("Жаңбыр")
    expect(desk.page.locator(".ProseMirror")).to_contain_text("Жаңбыр жауады.")


def test_what_is_typed_while_the_house_is_down_arrives_when_it_is_back(sit_down, house) -> None:
    desk = sit_down("reporter")
    page = desk.page
    _write(desk, "Қар", "Қар жауады.")
    house.stop()
    try:
        page.locator(".ProseMirror").focus()
        page.keyboard.press("Control+End")
        page.keyboard.type(" Ертең де.")
        expect(page.locator("[data-saving]")).to_have_attribute("data-state", "kept")
    finally:
        house.start()
    expect(page.locator("[data-saving]")).to_have_attribute("data-state", "saved")
    page.reload()
    expect(page.locator(".ProseMirror")).to_contain_text("Қар жауады. Ертең де.")


def test_two_who_write_at_once_are_told_and_lose_nothing(sit_down) -> None:
    first, second = sit_down("editor"), sit_down("chief")
    address = _write(first, "Екі редактор", "Бірінші сөйлем.")
    second.page.goto(address)
    expect(second.page.locator(".ProseMirror")).to_contain_text("Бірінші")
    expect(second.page.locator(".bar [data-present]")).to_contain_text("editor")
    first.page.locator(".ProseMirror").focus()
    first.page.keyboard.press("Control+End")
    first.page.keyboard.type(" Біріншінің сөзі.")
    expect(first.page.locator("[data-saving]")).to_have_attribute("data-state", "saved")
    second.page.locator(".ProseMirror").focus()
    second.page.keyboard.press("Control+End")
    second.page.keyboard.type(" Екіншінің сөзі.")
    clash = second.page.locator("[data-conflict]")
    expect(clash).to_be_visible()
    expect(clash.locator("[data-theirs]")).to_contain_text("Біріншінің сөзі.")
    clash.get_by_role("button", name="Keep mine").click()
    expect(second.page.locator("[data-saving]")).to_have_attribute("data-state", "saved")
    second.page.reload()
    expect(second.page.locator(".ProseMirror")).to_contain_text("Екіншінің сөзі.")


def test_a_word_can_be_written_otherwise_in_another_script(sit_down) -> None:
    desk = sit_down("editor")
    page = desk.page
    _write(desk, "Жазу", "Алматы қаласы")
    page.get_by_text("In the other scripts").click()
    latin = page.locator("[data-script='kk-Latn']")
    latin.locator("[data-word='Алматы']").click()
    latin.locator("[name=replacement]").fill("Almatı-city")
    latin.get_by_role("button", name="Write it so").click()
    expect(latin.locator("[data-overridden]")).to_have_text("Almatı-city")


def test_a_translation_stands_beside_its_source(sit_down) -> None:
    desk = sit_down("translator")
    page = desk.open("/control/stories/1/kk/")
    page.get_by_role("button", name="+ ru").click()
    page.wait_for_url("**/control/stories/1/ru/")
    expect(page.locator(".source .reading")).to_contain_text("Қобыз")
    page.locator("textarea.headline").fill("Звук кобыза")
    expect(page.locator("[data-saving]")).to_have_attribute("data-state", "saved")
    page.goto(desk.url + "/control/stories/1/")
    expect(page.locator("#story-1 .dot.draft")).to_contain_text("ru")
