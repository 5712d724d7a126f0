"""Restricted and encrypted channels in the site's own player."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from django.test import Client

from keshen.house import admission
from keshen.house.models import Service
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
    assert sources(text_of(answer)) == {f"/air/signed/{admits}/silk-way/index.m3u8"}
    assert f'poster="/air/signed/{admits}/silk-way/poster.jpg"' in text_of(answer)
    assert answer["Cache-Control"] == "private, no-store" and "ETag" not in answer
    assert not sources(text_of(client.get(f"/listen/jibek-joly-radio?pass={admits}"))), "not another channel"
    over = admission.token(settings.SECRET_KEY, "silk-way", int(time.time()) - 1)
    assert not sources(text_of(client.get(f"/watch/silk-way?pass={over}")))


def test_staff_need_no_pass(house: House, client: Client, restricted: str, settings: Any) -> None:
    client.force_login(house.editor)
    (source,) = sources(text_of(client.get("/watch/silk-way")))
    assert "/air/silk-way/index.m3u8" in admission.admitted(settings.SECRET_KEY, source, int(time.time()))


def test_other_channels_are_as_they_were(house: House, client: Client, restricted: str) -> None:
    answer = client.get("/watch/jibek-joly")
    assert sources(text_of(answer)) == {"/air/jibek-joly/index.m3u8"}
    assert "public" in answer["Cache-Control"]


def test_an_encrypted_radio_is_played_from_its_playlist(house: House, client: Client) -> None:
    assert sources(text_of(client.get("/listen/jibek-joly-radio"))) == {"/air/jibek-joly-radio/listen.aac"}
    Service.objects.filter(slug="jibek-joly-radio").update(settings={"protection": [[0, "aes-128"]]})
    assert sources(text_of(client.get("/listen/jibek-joly-radio"))) == {"/air/jibek-joly-radio/index.m3u8"}
