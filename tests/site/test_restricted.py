"""Restricted and encrypted channels in the site's own player."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from keshen.house import admission
from keshen.house.models import Service
from keshen.house.programmes import Airing, NowNext, Programme, ProgrammeGuide
from tests.site.house import House


@pytest.fixture
def restricted(settings: Any) -> str:
    settings.KESHEN_RESTRICTED = frozenset({"silk-way", "jibek-joly-radio"})
    return "silk-way"


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def sources(page: str) -> set[str]:
    return set(re.findall(r'data-(?:source|stream)="([^"]+)"', page))


@pytest.mark.parametrize("path", ["/watch/silk-way", "/listen/jibek-joly-radio"])
def test_without_a_pass_there_is_no_player(house: House, client: Client, restricted: str, path: str) -> None:
    for asked in (path, f"{path}?pass=nonsense", f"{path}?pass={admission.token('another key', 'silk-way', 1 << 31)}"):
        answer = client.get(asked, headers={"Accept-Language": "en"})
        page = text_of(answer)
        assert "given a link" in page
        assert not sources(page) and "<video" not in page and "<audio" not in page
        assert answer["Cache-Control"] == "private, no-store"


def test_a_pass_plays_that_channel_until_it_ends(house: House, client: Client, restricted: str, settings: Any) -> None:
    until = int(time.time()) + 60
    admits = admission.token(settings.SECRET_KEY, "silk-way", until)
    answer = client.get(f"/watch/silk-way?pass={admits}")
    assert sources(text_of(answer)) == {f"/air/signed/{admits}/silk-way/index.m3u8?platform=web"}
    assert f'poster="/air/signed/{admits}/silk-way/poster.jpg?platform=web"' in text_of(answer)
    assert answer["Cache-Control"] == "private, no-store" and "ETag" not in answer
    assert not sources(text_of(client.get(f"/listen/jibek-joly-radio?pass={admits}"))), "not another channel"
    over = admission.token(settings.SECRET_KEY, "silk-way", int(time.time()) - 1)
    assert not sources(text_of(client.get(f"/watch/silk-way?pass={over}")))


def test_a_pass_for_another_platform_is_that_platforms(
    house: House, client: Client, restricted: str, settings: Any
) -> None:
    """Whoever gave it out said what the viewer is; the address would refuse to be the web."""
    until = int(time.time()) + 60
    signed = admission.sign(settings.SECRET_KEY, "silk-way", until, territory="KZ", platform="tv")
    admits = signed.removeprefix(admission.PREFIX).partition("/")[0]
    assert sources(text_of(client.get(f"/watch/silk-way?pass={admits}"))) == {f"{signed}/index.m3u8"}
    signed = admission.sign(settings.SECRET_KEY, "silk-way", until, territory="KZ")
    admits = signed.removeprefix(admission.PREFIX).partition("/")[0]
    assert sources(text_of(client.get(f"/watch/silk-way?pass={admits}"))) == {f"{signed}/index.m3u8?platform=web"}


def test_staff_need_no_pass(house: House, client: Client, restricted: str, settings: Any) -> None:
    client.force_login(house.editor)
    (source,) = sources(text_of(client.get("/watch/silk-way")))
    plain, bound = admission.admitted(settings.SECRET_KEY, source, int(time.time()))
    assert (plain, bound) == ("/air/silk-way/index.m3u8?platform=web", "")


def test_other_channels_are_as_they_were(house: House, client: Client, restricted: str) -> None:
    answer = client.get("/watch/jibek-joly")
    assert sources(text_of(answer)) == {"/air/jibek-joly/index.m3u8?platform=web"}
    assert "public" in answer["Cache-Control"]


def test_an_encrypted_radio_is_played_from_its_playlist(house: House, client: Client) -> None:
    assert sources(text_of(client.get("/listen/jibek-joly-radio"))) == {"/air/jibek-joly-radio/listen.aac?platform=web"}
    Service.objects.filter(slug="jibek-joly-radio").update(settings={"protection": [[0, "aes-128"]]})
    assert sources(text_of(client.get("/listen/jibek-joly-radio"))) == {"/air/jibek-joly-radio/index.m3u8?platform=web"}


class Barred:
    """A guide whose programme is not for the web: it has run for an hour, and the one before it may be shown."""

    began = timezone.now().replace(microsecond=0) - timedelta(hours=1)

    def _programme(self, start: datetime, *, on_web: bool) -> Programme:
        again = f"/air/silk-way/index.m3u8?from={int(start.timestamp())}"
        end = start + timedelta(hours=3)
        return Programme("silk-way", start, end, {"en": "A film"}, catch_up=again, on_web=on_web)

    def now_next(self, service_slug: str) -> NowNext:
        return NowNext(self._programme(self.began, on_web=False), None)

    def day(self, service_slug: str, day: object, territory: str = "") -> list[Programme]:
        before = self.began - timedelta(hours=3)
        return [self._programme(before, on_web=True), self._programme(self.began, on_web=False)]

    def catch_up(self, service_slug: str, moment: datetime) -> str | None:
        return f"/air/silk-way/index.m3u8?from={int(moment.timestamp())}"

    def airings(self, story_urn: str) -> list[Airing]:
        return []


def test_the_page_says_when_rights_keep_a_programme_from_the_web(
    house: House, client: Client, lay: Callable[[ProgrammeGuide], None], settings: Any
) -> None:
    lay(Barred())
    page = text_of(client.get("/watch/silk-way?edition=en"))
    assert "data-off-web" in page and "not on the web" in page
    began = Barred.began.isoformat()
    (source,) = sources(text_of(client.get(f"/watch/silk-way?edition=en&from={began}".replace("+", "%2B"))))
    assert source == f"/air/silk-way/index.m3u8?from={int(Barred.began.timestamp())}&amp;platform=web"
    before = (Barred.began - timedelta(hours=2)).isoformat().replace("+", "%2B")
    assert "data-off-web" not in text_of(client.get(f"/watch/silk-way?edition=en&from={before}"))
    for edition, said in (("kk", "Құқық"), ("ru", "Права"), ("ar", "الحقوق")):
        assert said in text_of(client.get(f"/watch/silk-way?edition={edition}"))
    settings.KESHEN_RESTRICTED = frozenset({"silk-way"})
    until = int(time.time()) + 60
    signed = admission.sign(settings.SECRET_KEY, "silk-way", until, platform="tv")
    admits = signed.removeprefix(admission.PREFIX).partition("/")[0]
    assert "data-off-web" not in text_of(client.get(f"/watch/silk-way?edition=en&pass={admits}")), "a television's"
