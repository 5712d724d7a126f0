"""An operator's day with the keyboard alone, from the first line to the signed as-run; dragging; axe; others."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from keshen.air.proof import seal
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


def said(page: Page, text: str) -> str:
    """What the screen said, once it does; a toast is gone after seconds, what is read out stays. Then it is cleared."""
    spoken = page.locator("[data-said]")
    expect(spoken).to_contain_text(text)
    told = spoken.text_content() or ""
    page.evaluate("document.querySelector('[data-said]').textContent = ''")
    return told


def tab_to(page: Page, name: str) -> None:
    """Tab through a dialog until the field of that name is held; what is held on the way is seen to be."""
    for _ in range(40):
        held = page.evaluate(HELD)
        assert held["seen"], held
        if held["name"] == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {name}")


HELD = """() => {
  const held = document.activeElement, style = getComputedStyle(held), box = held.getBoundingClientRect();
  const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none';
  return { name: held.name || '', what: held.outerHTML.slice(0, 120),
           seen: held === document.body || held.tagName === 'MAIN' || held.tagName === 'DIALOG'
                 || box.width > 0 && box.height > 0 && (ring || style.borderStyle !== 'none') };
}"""


def walk(page: Page, key: str, path: str) -> None:
    """Go to another screen by its key."""
    with page.expect_navigation():
        page.keyboard.press(key)
    assert path in page.url
    expect(page.locator("h1")).to_be_attached()


def place(page: Page, title: str) -> int:
    """Place with the keyboard after what is chosen: i, the title and Enter at once; gives the tick it begins at."""
    page.keyboard.press("i")
    expect(page.locator("[data-dialog=insert]")).to_be_visible()
    assert page.evaluate(HELD)["name"] == "q"
    page.keyboard.type(title)
    page.keyboard.press("Enter")
    said(page, "Placed at")
    expect(chosen(page)).to_contain_text(title)
    return int(chosen(page).get_attribute("data-start") or 0)


def put(page: Page, title: str, away: int) -> int:
    """Place at a time so many seconds away; gives the tick it begins at."""
    page.keyboard.press("i")
    dialog = page.locator("[data-dialog=insert]")
    expect(dialog.locator("select option").first).to_be_attached()
    page.keyboard.type(title)
    expect(dialog.locator("select option")).to_have_count(1)
    expect(dialog.locator("select option")).to_contain_text(title)
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
    """Nothing is clicked and no address typed after signing in; each part reads what the one before it did."""
    desk = sit_down("operator")
    page = desk.page
    page.keyboard.press("g")
    walk(page, "a", "/control/air/")
    expect(chosen(page)).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_contain_text("Break in")
    expect(page.locator("#keys")).to_contain_text("As-run")
    page.keyboard.press("Escape")
    assert board(page)["format"], "the week has its format, and it is laid"
    assert len(board(page)["parts"]) > 4

    builds(page)
    moves(page)
    trims(page)
    marks_and_takes_back(page)
    went, reason = breaks_in(page), "Fire in the steppe"
    page.keyboard.press("w")
    expect(page.locator(".strip")).to_have_count(7)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("d")
    expect(page.locator(".strip")).to_have_count(1)

    walk(page, "Shift+M", "/wall/")
    monitor = page.locator("main .monitor[data-service=jibek-joly]")
    expect(monitor.locator("[data-now]")).to_have_text(BROKEN)
    expect(monitor.locator("[data-left]")).to_have_text(re.compile(r"\d+:\d\d"))
    expect(monitor.locator("[data-alarms]")).to_contain_text("no alarm")
    walk(page, "Shift+D", "/control/air/")
    expect(page.locator("[data-break]")).to_be_visible()
    back = returns(page)

    walk(page, "Shift+A", "/as-run/")
    returned = page.locator("[data-order=returned]")

    def is_told() -> bool:
        with page.expect_navigation():
            page.keyboard.press(".")
        return returned.count() == 1

    until(is_told, "the as-run tells of the return", every=1)
    order = page.locator("[data-order=break-in]")
    expect(order.locator("td").first).to_have_text(f"{went} – {back}")
    for told in ("operator", reason):
        expect(order).to_contain_text(told)
    expect(returned.locator("td").first).to_have_text(back)
    aired = page.locator("[data-how=break-in]")
    expect(aired.first).to_contain_text(BROKEN)
    expect(aired.first.locator("time")).to_have_text(went)
    expect(page.locator("#run time", has_text=back).last).to_be_visible()
    assert serious(page) == []
    page.keyboard.press("j")
    assert page.evaluate(HELD)["seen"]
    checks_the_record(page, went, reason)

    walk(page, "Shift+C", "/conformance/")
    walk(page, "Shift+V", "/variants/")
    page.keyboard.press("g")
    walk(page, "l", "/control/log/")
    expect(page.locator("main")).to_contain_text("air.schedule_changed")
    assert desk.broken == []
    clear(page, desk.url)


def clear(page: Page, url: str) -> None:
    """What was placed is taken out again, for the tests that follow."""
    token = page.locator("meta[name=csrf-token]").get_attribute("content")
    headers = {"X-CSRFToken": token or "", "Referer": url, "Content-Type": "application/json"}
    for part in placed(page):
        data = json.dumps({"start": part["start"]})
        page.request.post(f"{url}/control/air/jibek-joly/do/remove/", data=data, headers=headers)


BROKEN = "Breaking report"


def builds(page: Page) -> None:
    """Three things, one after the other, where the template would play its own."""
    for _ in range(60):
        if int(chosen(page).get_attribute("data-start") or 0) > page.evaluate("Date.now() / 320") + 1000:
            break
        page.keyboard.press("j")
        assert page.evaluate(HELD)["seen"]
    first = place(page, "Golden")
    second = place(page, "Abai")
    third = place(page, "Clip")
    assert [(part["start"], part["ticks"]) for part in placed(page)] == [(first, 900), (second, 2400), (third, 188)]
    assert (second, third) == (first + 900, second + 2400)
    expect(chosen(page)).to_contain_text("placed by hand")


def moves(page: Page) -> None:
    start = int(chosen(page).get_attribute("data-start") or 0)
    page.keyboard.press("m")
    expect(page.locator("[data-said]")).to_contain_text("Arrows move it")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    said(page, "Moved to")
    assert placed(page)[-1]["start"] > start + 1


def trims(page: Page) -> None:
    """With the pictures at its cuts, which follow."""
    page.keyboard.press("t")
    dialog = page.locator("[data-dialog=trim]")
    expect(dialog).to_be_visible()
    for place_ in ("in", "out"):
        expect(dialog.locator(f"[data-still-{place_}]")).to_be_visible()
    before = dialog.locator("[data-still-out]").get_attribute("src")
    tab_to(page, "last")
    for _ in range(4):
        page.keyboard.press("PageDown")
    for _ in range(8):
        page.keyboard.press("ArrowLeft")
    expect(dialog.locator("[data-out-last]")).to_have_text("42.2 s")
    expect(dialog.locator("[data-still-out]")).not_to_have_attribute("src", before or "")
    expect(dialog.locator("[data-still-out]")).to_be_visible()
    page.keyboard.press("Enter")
    said(page, "Trimmed")
    assert placed(page)[-1]["ticks"] == 188 - 4 * 12 - 8


def marks_and_takes_back(page: Page) -> None:
    page.keyboard.press("o")
    tab_to(page, "age-text")
    page.keyboard.type("12+")
    tab_to(page, "age-until")
    page.keyboard.type("9.6")
    expect(page.locator("[data-dialog=marks] [name=age-on]")).to_be_checked()
    page.keyboard.press("Enter")
    said(page, "The marks of")
    (mark,) = placed(page)[-1]["marks"]
    assert (mark["kind"], mark["text"], mark["first"], mark["last"]) == ("age", "12+", 0, 30)
    expect(page.locator("[data-inspector]")).to_contain_text("Age rating: 12+")
    page.keyboard.press("z")
    said(page, "Undone")
    assert placed(page)[-1]["marks"] == []
    page.keyboard.press("h")
    said(page, "Changed")
    assert placed(page)[-1]["hard"]
    for _ in range(2):
        page.keyboard.press("z")
        said(page, "Undone")
    assert (placed(page)[-1]["ticks"], placed(page)[-1]["hard"]) == (188, False)


def breaks_in(page: Page) -> str:
    """With a report that lasts half an hour; gives the time it begins, as the screen says it."""
    page.keyboard.press("Shift+B")
    dialog = page.locator("[data-dialog=break-in]")
    expect(dialog.locator("option", has_text=BROKEN)).to_be_attached()
    tab_to(page, "what")
    for _ in range(60):
        if (dialog.locator("option:checked").text_content() or "").startswith(BROKEN):
            break
        page.keyboard.press("ArrowDown")
    tab_to(page, "reason")
    page.keyboard.type("Fire in the steppe")
    page.keyboard.press("Enter")
    went = re.search(r"\d\d:\d\d:\d\d", said(page, "On the air from"))
    expect(page.locator("[data-break]")).to_be_visible()
    (broken,) = [part for part in board(page)["parts"] if part["title"] == BROKEN]
    assert broken["ticks"] == 6000
    assert went
    return went[0]


def returns(page: Page) -> str:
    """Gives the time of the return, as the screen says it."""
    page.keyboard.press("Shift+R")
    back = re.search(r"\d\d:\d\d:\d\d", said(page, "Back to the schedule"))
    expect(page.locator("[data-break]")).to_be_hidden()
    assert back
    return back[0]


def checks_the_record(page: Page, went: str, reason: str) -> None:
    """Downloads the day's signed record, and holds it against the key on the screen."""
    shown = page.locator("[data-house-key]").inner_text()
    for _ in range(2):
        with page.expect_download() as download:
            page.keyboard.press("Shift+E")
        document = Path(download.value.path()).read_bytes()
        record, key = seal.opened(document)
        assert key == shown
        if record["orders"]:
            break
        walk(page, "[", "/as-run/")  # it was before midnight
    broken = next(order for order in record["orders"] if order["kind"] == "break-in")
    assert (broken["by"], broken["reason"]) == ("operator", reason)
    at = datetime.fromisoformat(broken["at"]).astimezone(ZoneInfo(record["zone"]))
    assert f"{at:%H:%M:%S}" == went
    with pytest.raises(seal.BrokenSeal):
        seal.opened(document.replace(reason.encode(), b"Rain in the steppe"))


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


SCREENS = ("", "wall/", "jibek-joly/as-run/", "jibek-joly/conformance/", "jibek-joly/variants/")


@pytest.mark.parametrize(("language", "width"), [("kk", 1440), ("ru", 390), ("en", 1440), ("qar", 390)])
def test_the_operators_screens_in_every_language_are_accessible_and_fit(
    air, sit_down, language: str, width: int
) -> None:
    desk = sit_down("operator", width=width)
    assert desk.post("/control/preferences/", language=language) == 302
    for path in SCREENS:
        page = desk.open(f"/control/air/{path}")
        expect(page.locator("h1")).to_be_visible()
        expect(chosen(page) if not path else page.locator("main h2").first).to_be_attached()
        assert serious(page) == [], path
        for part in ("html", "body", "main"):
            assert page.locator(part).evaluate("e => e.scrollWidth <= e.clientWidth"), (path, part)
    page = desk.open(ADDRESS)
    expect(chosen(page)).to_be_visible()
    page.keyboard.press("w")
    expect(page.locator(".strip")).to_have_count(7)
    assert serious(page) == []
    desk.post("/control/preferences/", language="en")
