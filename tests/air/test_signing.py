"""Signed addresses: only the one who was given one may watch, that channel and that long."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keshen.house import admission as signing

KEY = "a key of the house"
NOW = 1_795_000_000
slugs = st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)


@given(slugs, st.integers(0, 10**8), st.integers(0, 10**8))
def test_an_address_admits_until_its_end(slug: str, lasts: int, later: int) -> None:
    path = f"{signing.sign(KEY, slug, NOW + lasts)}/v720/e1-0.m4s"
    if later <= lasts:
        assert signing.admitted(KEY, path, NOW + later) == (f"/air/{slug}/v720/e1-0.m4s", "")
    else:
        with pytest.raises(signing.NotAdmitted, match="over"):
            signing.admitted(KEY, path, NOW + later)


@settings(deadline=None)
@given(slugs, st.sampled_from(["KZ", ""]), st.sampled_from(["web", ""]))
def test_an_address_is_bound_to_its_audience(slug: str, territory: str, platform: str) -> None:
    base = signing.sign(KEY, slug, NOW, territory=territory, platform=platform)
    path, bound = signing.admitted(KEY, f"{base}/index.m3u8", NOW)
    assert path == f"/air/{slug}/index.m3u8"
    given_ = {"territory": territory, "platform": platform}
    assert bound == "&".join(f"{name}={value}" for name, value in given_.items() if value)
    if territory:
        with pytest.raises(signing.NotAdmitted):
            signing.admitted(KEY, f"{base}/index.m3u8".replace("-KZ.", "-RU."), NOW)
        with pytest.raises(signing.NotAdmitted):
            signing.admitted(KEY, f"{base}/index.m3u8".replace(f"-KZ.{platform}", ""), NOW)


@given(slugs, slugs, st.integers(0, 200), st.characters(categories=["Ll", "Nd", "Pd"]))
def test_one_that_was_changed_does_not_admit(slug: str, other: str, place: int, letter: str) -> None:
    path = signing.sign(KEY, slug, NOW + 60)
    start = len(signing.PREFIX)
    place = start + place % (len(path) - start)
    changed = path[:place] + letter + path[place + 1 :]
    if changed != path:
        with pytest.raises(signing.NotAdmitted):
            signing.admitted(KEY, changed, NOW)
    with pytest.raises(signing.NotAdmitted):
        signing.admitted("another key", path, NOW)
    if other != slug:
        with pytest.raises(signing.NotAdmitted):
            signing.admitted(KEY, path.removesuffix(slug) + other, NOW)


@pytest.mark.parametrize("path", ["/air/signed/", "/air/signed/zz/a/index.m3u8", "/air/signed/0-0/a", "/air/signed//a"])
def test_nonsense_does_not_admit(path: str) -> None:
    with pytest.raises(signing.NotAdmitted):
        signing.admitted(KEY, path, NOW)


def asked(path: str) -> int:
    """The status of a GET of the air's application."""
    from keshen.air.serving.server import _airs, application

    sent: list[Any] = []

    async def ask() -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request"}

        async def send(message: Any) -> None:
            sent.append(message)

        class Nothing:
            class hub:
                ready, services = True, {}

            def ready(self, path: str) -> None:
                return None

            async def answer(self, path: str, query: str, bound: str, edge: str) -> Any:
                from keshen.air.serving.http import problem

                return problem(404, path)

        _airs[id(asyncio.get_running_loop())] = Nothing()  # type: ignore[assignment]
        await application({"type": "http", "method": "GET", "path": path, "headers": []}, receive, send)
        _airs.clear()

    asyncio.run(ask())
    return int(sent[0]["status"])


def test_a_restricted_channel_plays_at_signed_addresses_alone(settings: Any) -> None:
    settings.KESHEN_RESTRICTED = frozenset({"silk-way-prime"})
    signed = signing.sign(settings.SECRET_KEY, "silk-way-prime", int(time.time()) + 60)
    assert asked("/air/silk-way-prime/index.m3u8") == 403
    assert asked("/air/silk-way-prime/stream.ts") == 403
    assert asked("/air/silk-way-prime/v720/e1-0.m4s") == 403
    assert asked("/air/silk-way-prime/now.json") == 404, "let through; nothing is behind it here"
    assert asked("/air/jibek-joly/index.m3u8") == 404
    assert asked(f"{signed}/index.m3u8") == 404
    assert asked(f"{signed}x/index.m3u8") == 403
