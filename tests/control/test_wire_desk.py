"""The wire desk by keyboard: what comes appears by itself, and is taken, merged, routed and dropped without a mouse."""

from __future__ import annotations

import subprocess
import sys

from playwright.sync_api import expect

from tests import asking
from tests.waiting import LIMIT, until
from tests.wire.sources import Entry, feed, web

MORE = {
    "Бүркіт": "Баян-Өлгейде бүркітшілер жарысы өтті, оған жүзден аса қыран қатысты деп хабарлады ұйымдастырушылар.",
    "Жайлау": "Жайлауға көшкен малшылар жаңбырдың мол болғанын айтады, биыл шөп қалың шықты деп қуанады ауыл адамдары.",
    "Көпір": "Қала орталығында өзен үстінен жаңа көпір ашылды, оны салуға үш жылдай уақыт кетті деді әкім кеше.",
    "Мектеп": "Ауылда жаңа мектеп салынды, енді балалар көрші ауылға қатынамай, өз жерінде оқиды биылдан бастап.",
}

HURRY = """
import django; django.setup()
from keshen.house.models import User
from keshen.wire.intake import sourcing
from keshen.wire.intake.models import Source
sourcing.look_soon(User.objects.get(username="chief"), Source.objects.get(slug="bazaar"))
"""

RECEIVED_ON = """
import django; django.setup()
from django.utils import timezone
from keshen.wire.intake.models import IncomingItem
print(timezone.localdate(IncomingItem.objects.earliest("id").received_at))
"""


def send(house, *entries: Entry) -> None:
    """As a source does: with a key of its own, by HTTP."""
    key = house.run(
        "-c",
        "import django; django.setup()\n"
        "from keshen.house.models import User\nfrom keshen.wire.intake import sourcing\n"
        "from keshen.wire.intake.models import Source\n"
        "print(sourcing.new_key(User.objects.get(username='chief'), Source.objects.get(slug='dala')))",
    ).strip()
    answer = asking.post(
        f"{house.url}/api/v1/wire/in?name=feed.rss",
        content=feed(*entries).encode(),
        headers={"Authorization": f"Bearer {key}"},
    )
    assert answer.status_code == 200, answer.text
    assert {row["outcome"] for row in answer.json()} == {"new"}, answer.json()


def test_what_comes_is_triaged_by_keyboard_alone(house, sit_down) -> None:
    desk = sit_down("editor")
    page = desk.open("/control/wire/incoming/")
    before = page.locator("[data-row]").count()
    send(house, *(Entry(f"live-{name}", f"{name} хабарламасы", text) for name, text in MORE.items()))
    expect(page.locator("[data-row]")).to_have_count(before + 4)

    def open_first() -> str:
        page.goto(house.url + "/control/wire/incoming/")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page.locator("#detail[data-open] h2")).to_be_visible()
        return page.locator("#detail h2").inner_text()

    # taken: it leaves the list, and the next one opens by itself
    first = open_first()
    page.keyboard.press("t")
    expect(page.locator("#detail h2")).not_to_have_text(first)
    expect(page.locator("[data-row]", has_text=first)).to_have_count(0)
    second = page.locator("#detail h2").inner_text()
    # routed: the desk is chosen with the keyboard
    page.keyboard.press("r")
    expect(page.locator("details.pick[open] select")).to_be_focused()
    page.keyboard.press("n")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#detail h2")).not_to_have_text(second)
    # dropped
    third = page.locator("#detail h2").inner_text()
    page.keyboard.press("d")
    expect(page.locator("#detail h2")).not_to_have_text(third)
    # merged into the story of the first
    fourth = page.locator("#detail h2").inner_text()
    page.keyboard.press("m")
    number = page.locator("details.pick[open] input[name=number]")
    expect(number).to_be_visible()
    number.fill("1")
    with page.expect_response(lambda answer: answer.request.method == "POST") as merged:
        number.press("Enter")
    assert merged.value.ok  # its body is gone as soon as the next item opens
    page.goto(house.url + "/control/wire/incoming/?state=all")
    for headline, mark in ((first, "Taken"), (second, "New"), (third, "Dropped"), (fourth, "Merged")):
        expect(page.locator("[data-row]", has_text=headline).locator(".mark-of")).to_have_attribute("title", mark)
    expect(page.locator("[data-row]", has_text=second)).to_contain_text("Nature")
    assert desk.broken == []


def test_a_rule_is_tried_before_it_is_kept(house, sit_down) -> None:
    desk = sit_down("chief")
    page = desk.open("/control/wire/rules/new/")
    page.locator("input[name=name]").fill("Sea")
    page.locator("textarea[name=words]").fill("Каспий теңізінің")
    page.locator("select[name=desk]").select_option("nature")
    page.locator("input[name=day]").fill(house.run("-c", RECEIVED_ON).strip())
    page.get_by_role("button", name="Try it, keep nothing").click()
    tried = page.locator(".tried > li", has_text="Каспий туралы хабар")
    expect(tried).to_be_visible()
    tried.locator("summary").click()
    expect(tried).to_contain_text("Saigas")
    expect(tried).to_contain_text("does not fit")
    assert page.locator("input[name=name]").input_value() == "Sea"
    page.get_by_role("button", name="Keep the rule").click()
    page.wait_for_url("**/control/wire/rules/")
    expect(page.locator("[data-row]", has_text="Sea")).to_be_visible()
    assert desk.broken == []


def test_what_could_not_be_read_says_why_and_is_tried_again(sit_down) -> None:
    page = sit_down("editor").open("/control/stories/quarantine/?origin=source:dala")
    row = page.locator("[data-row]").first
    expect(row).to_contain_text("no title")
    with page.expect_response(lambda answer: answer.request.method == "POST") as tried:
        row.get_by_role("button", name="Try again").click()
    assert not tried.value.ok
    assert "no title" in tried.value.json()["said"]
    expect(page.locator("[data-row]")).to_have_count(1)


def test_a_feed_is_looked_at_by_its_worker_and_appears_by_itself(house, sit_down) -> None:
    with web() as server:
        server.says(feed(Entry("bazaar-1", "Базар нарқы", "Базарда ет пен сүттің бағасы өзгерген жоқ деді сатушылар.")))
        page = sit_down("chief").open("/control/wire/incoming/")
        house.run(
            "-m", "keshen.cli", "wire", "source", "add", "Bazaar", "--address", f"{server.url}/a.rss", "--as", "chief"
        )
        worker = subprocess.Popen(
            [sys.executable, "-m", "keshen.cli", "worker", "--queue", "intake", "--concurrency", "2"],
            env=house.environment,
            cwd=house.home,
        )
        try:
            expect(page.locator("[data-row]", has_text="Базар нарқы")).to_be_visible()
            server.says(b"busy", status=503)
            house.run("-c", HURRY)
            sources = page.context.new_page()
            sources.clock.install()
            sources.goto(f"{house.url}/control/wire/sources/")
            row = sources.locator("[data-row]", has_text="Bazaar")

            def failing() -> bool:
                sources.clock.fast_forward(60_000)  # one failure is no event: the minute's look shows it
                return "503" in row.inner_text()

            until(failing, "the failure shown", every=0.5)
            expect(row).to_contain_text("Trying again")
        finally:
            worker.terminate()
            worker.wait(LIMIT)
