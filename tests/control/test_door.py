"""Who gets in, and what each role may do."""

from __future__ import annotations

import re

import httpx
import pytest

from tests import asking
from tests.waiting import LIMIT

CLOSED = ("", "stories/", "stories/1/", "stories/1/kk/", "air/", "jobs/", "log/", "rights/", "live", "on-air.json")


@pytest.mark.parametrize("path", CLOSED)
def test_nobody_enters_without_signing_in(house, path: str) -> None:
    answer = asking.get(f"{house.url}/control/{path}")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/control/sign-in/")


def _try(client: httpx.Client, house, name: str, password: str) -> str:
    page = client.get(f"{house.url}/control/sign-in/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    data = {"username": name, "password": password, "csrfmiddlewaretoken": token[1], "next": ""}
    return client.post(f"{house.url}/control/sign-in/", data=data, headers={"Accept-Language": "en"}).text


def test_guessing_is_slowed_down(house) -> None:
    with httpx.Client(timeout=LIMIT, headers={"Accept-Language": "en"}) as client:
        for _attempt in range(8):
            assert "do not fit together" in _try(client, house, "operator", "wrong")
        assert "Too many attempts" in _try(client, house, "operator", "wrong")
        assert "Too many attempts" in _try(client, house, "operator", "keshen-demo-2026")


def test_signing_in_needs_the_token_of_the_form(house) -> None:
    data = {"username": "editor", "password": "keshen-demo-2026"}
    assert asking.post(f"{house.url}/control/sign-in/", data=data).status_code == 403


def test_the_policy_allows_no_inline_script(house) -> None:
    policy = asking.get(f"{house.url}/control/sign-in/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy


def test_a_reporter_is_offered_and_allowed_only_their_verbs(sit_down) -> None:
    desk = sit_down("reporter")
    page = desk.open("/control/stories/2/")
    assert page.get_by_role("button", name="Kill").count() == 0
    assert page.get_by_role("link", name="Log").count() == 0
    assert desk.post("/control/stories/2/kk/do/kill/", reason="because") == 403
    assert page.request.get(desk.url + "/control/log/").status == 403


def test_a_partner_sees_nothing_of_the_house(sit_down) -> None:
    desk = sit_down("partner-editor")
    assert desk.page.request.get(desk.url + "/control/stories/1/").status == 404
    assert desk.page.request.get(desk.url + "/control/stories/1/kk/").status == 404
    page = desk.open("/control/stories/")
    assert page.locator("[data-row]").count() == 0


def test_an_upload_that_is_no_picture_is_refused_with_a_reason(sit_down) -> None:
    desk = sit_down("reporter")
    token = desk.page.locator("meta[name=csrf-token]").get_attribute("content") or ""
    answer = desk.page.request.post(
        desk.url + "/control/stories/pictures/",
        multipart={"picture": {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": b"MZ not a picture"}},
        headers={"X-CSRFToken": token, "Referer": desk.url},
    )
    assert answer.status == 422
    assert "JPEG, PNG or WebP" in answer.json()["said"]
