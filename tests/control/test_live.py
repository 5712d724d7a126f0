"""A screen begins where its page was read: nothing falls between the page and its live stream."""

from __future__ import annotations

from playwright.sync_api import Route, expect


def test_what_happens_between_a_page_and_its_stream_is_not_missed(sit_down) -> None:
    watcher, writer = sit_down("chief"), sit_down("editor")
    page = watcher.page
    opening: list[Route] = []

    def hold(route: Route) -> None:
        opening.append(route)

    page.route("**/control/live*", hold)
    with page.expect_request("**/control/live*"):
        watcher.open("/control/stories/")
    first = page.locator("[data-row]").first
    before = first.get_attribute("id") or ""
    assert writer.post("/control/stories/new/", language="kk") == 302
    for route in opening:
        route.continue_()
    expect(first).not_to_have_id(before, timeout=60_000)
