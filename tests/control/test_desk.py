"""An operator's day with the keyboard alone: place, move, trim, undo, break in, return; dragging; axe; others."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.waiting import until

AXE = Path(__file__).resolve().parent.parent.parent / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
ADDRESS = "/control/air/?service=jibek-joly"


@pytest.fixture(scope="module")
def air(house):
    house.run(str(Path(__file__).with_name("furnish_air.py")))
    return house


def board(page: Page) -> dict:
    now = page.evaluate("Math.floor(Date.now() / 320)")
    answer = page.request.get(
        f"{page.url.split('/control')[0]}/control/air/jibek-joly/board.json?from={now}&to={now + 90000}"
    )
    return json.loads(answer.text())


def placed(page: Page) -> list[dict]:
    return [part for part in board(page)["parts"] if part["placed"] and part["asset"] and not part["group"]]


def chosen(page: Page):
    return page.locator(".part[aria-current]")


def serious(page: Page) -> list:
    page.evaluate(AXE.read_text())
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        (each["id"], [node["html"][:200] for node in each["nodes"]][:3])
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
        and each["id"] != "html-lang-valid"  # the right-to-left test locale is no language
    ]


def said(page: Page, text: str) -> None:
    """The answer came, and its toast is gone before the next is waited for."""
    toast = page.locator(".toast", has_text=text)
    expect(toast.first).to_be_visible()
    page.evaluate("document.getElementById('toasts').replaceChildren()")


def put(page: Page, title: str, away: int) -> int:
    """Place with the keyboard: i, the title, the list, the time; gives the tick it begins at."""
    page.keyboard.press("i")
    dialog = page.locator("[data-dialog=insert]")
    expect(dialog.locator("select option").first).to_be_attached()
    page.keyboard.type(title)
    expect(dialog.locator("select option")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    at = page.evaluate(
        """away => { const zone = Number(document.querySelector('[data-desk]').dataset.zone);
        return new Date(Date.now() + zone * 1000 + away * 1000).toISOString(); }""",
        away,
    )
    dialog.locator("[name=date]").fill(at[:10])
    dialog.locator("[name=time]").fill(at[11:19])
    dialog.locator("[name=time]").press("Enter")
    said(page, "Placed at")
    return int(chosen(page).get_attribute("data-start") or 0)


def test_an_operators_day_with_the_keyboard_alone(air, sit_down) -> None:
    desk = sit_down("operator")
    page = desk.open(ADDRESS)
    expect(chosen(page)).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("Break in")
    page.keyboard.press("Escape")

    start = put(page, "Golden", 300)
    assert [part["start"] for part in placed(page)] == [start]
    expect(chosen(page)).to_contain_text("placed by hand")

    page.keyboard.press("m")
    expect(page.locator("[data-said]")).to_contain_text("Arrows move it")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    said(page, "Moved to")
    moved = placed(page)[0]["start"]
    assert moved > start + 1

    page.keyboard.press("t")
    dialog = page.locator("[data-dialog=trim]")
    expect(dialog).to_be_visible()
    dialog.locator("[name=last]").focus()
    for _ in range(5):
        page.keyboard.press("PageDown")
    page.keyboard.press("ArrowLeft")
    expect(dialog.locator("[data-out-last]")).to_have_text("4:29")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    said(page, "Trimmed")
    assert placed(page)[0]["ticks"] == 900 - 60

    page.keyboard.press("o")
    dialog = page.locator("[data-dialog=marks]")
    expect(dialog).to_be_visible()
    dialog.locator("[name=age-text]").fill("12+")
    dialog.locator("[name=age-until]").fill("9.6")
    expect(dialog.locator("[name=age-on]")).to_be_checked()
    page.keyboard.press("Enter")
    said(page, "The marks of")
    (mark,) = placed(page)[0]["marks"]
    assert (mark["kind"], mark["text"], mark["first"], mark["last"]) == ("age", "12+", 0, 30)
    expect(page.locator("[data-inspector]")).to_contain_text("Age rating: 12+")
    page.keyboard.press("z")
    said(page, "Undone")
    assert placed(page)[0]["marks"] == []

    page.keyboard.press("h")
    said(page, "Changed")
    assert placed(page)[0]["hard"]
    page.keyboard.press("z")
    said(page, "Undone")
    assert not placed(page)[0]["hard"]
    page.keyboard.press("z")
    said(page, "Undone")
    assert placed(page)[0]["ticks"] == 900

    page.keyboard.press("Shift+B")
    dialog = page.locator("[data-dialog=break-in]")
    expect(dialog).to_be_visible()
    expect(dialog.locator("option", has_text="Clip of the day")).to_be_attached()
    dialog.locator("select").focus()
    page.keyboard.type("Clip")
    page.keyboard.press("Enter")
    said(page, "On the air from")
    expect(page.locator("[data-break]")).to_be_visible()
    broken = [part for part in board(page)["parts"] if part["title"] == "Clip of the day"]
    assert len(broken) == 1
    assert broken[0]["ticks"] == 188

    page.keyboard.press("Shift+R")
    said(page, "Back to the schedule")
    expect(page.locator("[data-break]")).to_be_hidden()

    page.keyboard.press("w")
    expect(page.locator(".strip")).to_have_count(7)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("d")
    expect(page.locator(".strip")).to_have_count(1)
    page.keyboard.press(".")
    page.goto(desk.url + "/control/log/")
    expect(page.locator("main")).to_contain_text("air.schedule_changed")
    assert desk.broken == []


def test_a_conflict_is_said_with_its_remedy_and_nothing_is_lost(air, sit_down) -> None:
    desk = sit_down("operator")
    page = desk.open(ADDRESS)
    expect(chosen(page)).to_be_visible()
    put(page, "Abai", 1500)
    page.keyboard.press("h")
    said(page, "Changed")
    before = placed(page)
    token = page.locator("meta[name=csrf-token]").get_attribute("content")
    late = board(page)["now"] + 5
    refused = page.request.post(
        f"{desk.url}/control/air/jibek-joly/do/insert/",
        data=json.dumps({"start": late, "asset": before[0]["asset"]}),
        headers={"X-CSRFToken": token, "Referer": desk.url, "Content-Type": "application/json"},
    )
    assert refused.status == 409
    assert "frozen" in refused.json()["said"]
    desk.context.set_offline(True)
    page.keyboard.press("Delete")
    expect(page.locator("[data-said]")).to_contain_text("Not saved yet")
    assert page.evaluate("sessionStorage.getItem('keshen:desk:jibek-joly')").count("remove") == 1
    desk.context.set_offline(False)
    said(page, "Taken out")
    assert len(placed(page)) == len(before) - 1


def day_file(page: Page, *away: int, title: str = "Golden", span: int = 0) -> bytes:
    """A CSV of an asset of the shelf, beginning so many seconds from now."""
    found = page.request.get(f"{page.url.split('/control')[0]}/control/air/jibek-joly/shelf.json?q={title}").json()
    asset = found["assets"][0]["asset"]
    start = page.evaluate("Date.now()")
    times = [datetime.fromtimestamp(start / 1000 + seconds, UTC).isoformat() for seconds in away]
    out = span or ""
    return "\n".join(["start,asset,in,out,hard,title", *(f"{at},{asset},,{out},," for at in times)]).encode()


def test_a_file_is_looked_at_before_it_is_taken_in_and_given_out_again(air, sit_down) -> None:
    desk = sit_down("operator")
    page = desk.open(ADDRESS)
    expect(chosen(page)).to_be_visible()
    before = placed(page)
    page.keyboard.press("Shift+I")
    dialog = page.locator("[data-dialog=import]")
    expect(dialog).to_be_visible()
    take = dialog.locator("[data-take]")
    expect(take).to_be_disabled()

    overlapping = day_file(page, 4000, 4100, span=192)
    dialog.locator("[name=file]").set_input_files({"name": "d.csv", "mimeType": "text/csv", "buffer": overlapping})
    expect(dialog.locator("[role=alert]")).to_contain_text("overlaps line 2")
    expect(take).to_be_disabled()
    assert serious(page) == []
    dialog.locator("[name=overlap]").select_option("follow")
    expect(dialog.locator(".desk-changes tbody")).to_contain_text("The Golden Man")
    expect(dialog.locator(".desk-changes td .state.ready")).to_have_count(2)
    assert placed(page) == before, "a look changes nothing"
    assert serious(page) == []
    expect(take).to_be_focused()
    page.keyboard.press("Enter")
    said(page, "Taken in")
    expect(dialog).to_be_hidden()
    now = [part for part in placed(page) if part not in before]
    assert len(now) == 2
    assert now[1]["start"] == now[0]["start"] + now[0]["ticks"]

    page.keyboard.press("Shift+E")
    out = page.locator("[data-dialog=export]")
    expect(out).to_be_visible()
    out.locator("[name=format]").select_option("json")
    with page.expect_download() as download:
        out.locator("[name=to]").press("Enter")
    lines = json.loads(Path(download.value.path()).read_text())["lines"]
    assert now[0]["asset"] in [line["asset"] for line in lines]
    assert download.value.suggested_filename.endswith(".json")

    page.keyboard.press("z")
    said(page, "Undone")
    assert placed(page) == before, "one file is one edit"
    page.locator("a", has_text="Conformance").click()
    expect(page.locator("h1")).to_contain_text("Conformance")
    page.locator("main a", has_text="Schedule").click()
    expect(chosen(page)).to_be_visible()
    assert desk.broken == []


def test_a_preview_that_is_no_longer_true_is_not_taken_in(air, sit_down) -> None:
    desk = sit_down("operator")
    page = desk.open(ADDRESS)
    expect(chosen(page)).to_be_visible()
    page.keyboard.press("Shift+I")
    dialog = page.locator("[data-dialog=import]")
    file = {"name": "d.csv", "mimeType": "text/csv", "buffer": day_file(page, 6000, span=192)}
    dialog.locator("[name=file]").set_input_files(file)
    expect(dialog.locator("[data-take]")).to_be_enabled()
    token = page.locator("meta[name=csrf-token]").get_attribute("content")
    taken = page.request.post(
        f"{desk.url}/control/air/jibek-joly/import/",
        multipart={"file": file, "verb": "take"},
        headers={"X-CSRFToken": token or "", "Referer": desk.url},
    )
    assert taken.status == 200
    dialog.locator("[data-take]").click()
    expect(dialog.locator("[role=alert]")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("z")
    said(page, "Undone")


def test_dragging_moves_and_others_see_it(air, sit_down) -> None:
    desk, watcher = sit_down("operator"), sit_down("reporter")
    page = desk.open(ADDRESS)
    expect(chosen(page)).to_be_visible()
    start = put(page, "Clip", 1200)
    other = watcher.open(ADDRESS)
    expect(other.locator("[data-act=insert]")).to_have_count(0)
    expect(other.locator("#part-" + str(start))).to_be_attached()
    # the timeline is drawn anew whenever the schedule says something: between two drawings there is no such box
    box = until(page.locator(f".part[data-start='{start}']").bounding_box, "the clip is drawn")
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 30, middle[1], steps=4)
    page.mouse.move(middle[0] + 150, middle[1], steps=4)
    expect(page.locator(".desk-ghost")).to_be_visible()
    page.mouse.up()
    said(page, "Moved to")
    moved = next(part["start"] for part in placed(page) if part["title"] == "Clip of the day")
    assert moved > start
    expect(other.locator(f"#part-{moved}")).to_be_attached()
    assert desk.broken == watcher.broken == []


@pytest.mark.parametrize(("language", "width"), [("kk", 1440), ("ru", 390), ("en", 1440), ("qar", 390)])
def test_the_desk_in_every_language_is_accessible_and_fits(air, sit_down, language: str, width: int) -> None:
    desk = sit_down("operator", width=width)
    assert desk.post("/control/preferences/", language=language) == 302
    page = desk.open(ADDRESS)
    expect(chosen(page)).to_be_visible()
    assert serious(page) == []
    for part in ("html", "body", "main"):
        assert page.locator(part).evaluate("e => e.scrollWidth <= e.clientWidth"), part
    page.keyboard.press("w")
    expect(page.locator(".strip")).to_have_count(7)
    assert serious(page) == []
    desk.post("/control/preferences/", language="en")


def test_the_operators_other_screens_fit_a_telephone_and_are_accessible(air, sit_down) -> None:
    desk = sit_down("operator", width=390)
    assert desk.post("/control/preferences/", language="kk") == 302
    for path in ("wall/", "jibek-joly/variants/", "jibek-joly/conformance/"):
        page = desk.open(f"/control/air/{path}")
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator("main h2").first).to_be_attached()
        assert serious(page) == [], path
        assert page.locator("main").evaluate("e => e.scrollWidth <= e.clientWidth"), path
    desk.post("/control/preferences/", language="en")
