"""Encrypted channels: players play them, no segment leaves the house in the clear, and keys go where segments go."""

from __future__ import annotations

import base64
import json
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keshen.air import actions, conformance, keys, licensing, load
from keshen.air.hls import Playlists
from keshen.air.keys import Lock, Method, Protection
from keshen.air.timeline import FREEZE_TICKS, Timeline
from keshen.house import admission
from keshen.house.permissions import Denied
from tests import asking
from tests.air.house import Air
from tests.air.streaming import Stream, decode, media_lines, ticks_listed
from tests.air.test_pure import lay
from tests.e2e.players import InBrowser
from tests.site.browser import chromium
from tests.waiting import LIMIT, until

SECRET = "a secret of the house"
WHOLE, SAMPLES = "silk-way-prime", "silk-way"


# What is derived.


@given(st.integers(0, 1 << 40), st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True))
def test_a_key_is_the_channels_and_the_hours(period: int, service: str) -> None:
    made = keys.key(SECRET, service, period)
    assert made == keys.key(SECRET, service, period)
    assert keys.period_of(service, made.id) == period
    assert keys.period_of(f"{service}-2", made.id) is None
    others = [keys.key(SECRET, service, period + 1), keys.key(SECRET, f"{service}2", period), keys.key("2", service, 1)]
    assert len({made.key, *(one.key for one in others)}) == 4
    assert len({len(made.key), len(made.id), len(made.iv)}) == 1 and len(made.key) == 16


@given(st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(list(Method))), max_size=5), st.integers(0, 10**6))
def test_protection_holds_from_its_tick_on(changes: list[tuple[int, Method]], tick: int) -> None:
    rows = sorted(changes, key=lambda row: row[0])
    held = keys.protection("a", rows)
    last = [method for since, method in rows if since <= tick]
    assert held.method(tick) == (last[-1] if last else Method.NONE)
    lock = held.lock(tick)
    assert (lock is None) == (held.method(tick) is Method.NONE)
    assert lock is None or lock == Lock(held.method(tick), tick // keys.PERIOD_TICKS)
    for method in (Method.AES_128, Method.CBCS):
        assert held.holds(method, tick, tick + 1) == (held.method(tick) is method)
    if len(rows) > 1 and rows[0][0] < rows[-1][0]:
        with pytest.raises(ValueError, match="back in time"):
            keys.protection("a", rows[::-1])


def test_a_licence_has_the_keys_that_may_be_given() -> None:
    ids = [keys.key_id("a", period) for period in (9, 10, 12, 13)] + [keys.key_id("b", 11), b"short", b"\xff" * 16]
    asked = {"kids": [base64.urlsafe_b64encode(one).decode().rstrip("=") for one in ids], "type": "temporary"}
    told = json.loads(keys.licence(SECRET, "a", json.dumps(asked).encode(), 10, 12))
    assert told["type"] == "temporary"
    given = {one["kid"]: base64.urlsafe_b64decode(one["k"] + "==") for one in told["keys"]}
    assert given == {asked["kids"][place]: keys.key(SECRET, "a", period).key for place, period in ((1, 10), (2, 12))}


@pytest.mark.parametrize(
    "request_", [b"", b"[]", b"{}", b'{"kids": 7}', b'{"kids": [7]}', b"\xff\xfe", b'{"kids": ["\xc3\xa9"]}']
)
def test_nonsense_is_no_licence_request(request_: bytes) -> None:
    with pytest.raises(keys.BadRequest):
        keys.licence(SECRET, "a", request_, 0, 1)


# What playlists say.


def playlists(timeline: Timeline, protection: Protection, suffix: str = "m4s") -> Playlists:
    inits = {} if suffix == "vtt" else {entry.asset: "init-aa.mp4" for entry in timeline.entries}
    return Playlists(timeline, suffix, inits, protection=protection)


def key_of_each(text: str) -> list[tuple[str, str]]:
    """The key and the init segment that hold for each address, as a player reads them."""
    key, init, found, ivs = "", "", [], list[int]()
    for line in text.splitlines():
        if line.startswith("#EXT-X-KEY"):
            key = re.search(r'URI="\.\./([^"]+)"', line)[1] if "NONE" not in line else ""
            ivs += [int(iv, 16) for iv in re.findall("IV=(0x[0-9a-f]{32})", line)]
        elif line.startswith("#EXT-X-MAP"):
            whole = key and "SAMPLE-AES" not in text
            init = f"{'encrypted ' if whole else ''}{re.search(r'URI="([^"]+)"', line)[1]}"
        elif line and not line.startswith("#"):
            found.append((key, init))
    first = conformance.read(text)
    assert set(ivs) <= set(range(first.sequence, first.end)) and len(set(ivs)) == len(ivs)
    return found


@pytest.mark.parametrize("method", [Method.AES_128, Method.CBCS])
@given(
    lengths=st.lists(st.integers(3, 90), min_size=6, max_size=40), at=st.integers(0, 400), offset=st.integers(130, 900)
)
def test_every_segment_has_its_hours_key_from_the_change_on(
    method: Method, lengths: list[int], at: int, offset: int
) -> None:
    start = 500_000 * keys.PERIOD_TICKS - 200  # the hour turns 200 ticks in
    timeline = Timeline(lay(lengths, start=start))
    protection = Protection("a", (start + at,), (method,))
    before = None
    for tick in (start + offset, start + offset + 30):
        text = playlists(timeline, protection).live(tick)
        if text is None:
            continue
        playlist = conformance.read(text)
        listed = list(timeline.segments(playlist.sequence, playlist.end))
        assert len(key_of_each(text)) == len(listed)
        for (key, init), segment in zip(key_of_each(text), listed, strict=True):
            lock = protection.lock(segment.start)
            assert key == (f"key-{lock.period}.bin" if lock else "")
            own = f"init-aa-{lock.period}.mp4" if lock and method is Method.CBCS else "init-aa.mp4"
            assert init == own, "and no init segment is encrypted whole"
        captions = playlists(timeline, protection, "vtt").live(tick)
        assert captions is not None
        assert [bool(key) for key, _ in key_of_each(captions)] == [
            bool(protection.lock(one.start)) and method is Method.AES_128 for one in listed
        ]
        if before is not None:
            assert not conformance.judge_update(before, playlist)
        before = playlist


# The verb.


def test_protecting_holds_beyond_the_freeze_and_is_kept_for_good(air: Air) -> None:
    chief = air.editor
    chief.roles = ["chief"]
    chief.save()
    air.lay_all()
    with pytest.raises(Denied):
        actions.protect(air.operator, air.tv, Method.CBCS)
    since = actions.protect(chief, air.tv, Method.CBCS)
    assert since == air.time.tick + FREEZE_TICKS
    actions.protect(chief, air.tv, Method.AES_128)  # at once again: the first was never seen
    air.time.on(1000)
    actions.protect(chief, air.tv, Method.AES_128)  # nothing new
    off = actions.protect(chief, air.tv, Method.NONE)
    held = load.protection(air.tv)
    assert list(zip(held.since, held.methods, strict=True)) == [(since, Method.AES_128), (off, Method.NONE)]
    assert held.method(since - 1) is Method.NONE
    assert actions.protect(chief, air.radio, Method.AES_128) == air.time.tick + FREEZE_TICKS


def test_a_channel_that_has_aired_nothing_is_protected_from_the_start(air: Air) -> None:
    assert actions.protect(air.system, air.tv, Method.CBCS) == 0
    assert load.protection(air.tv).method(1) is Method.CBCS


# What leaves the house.


def past(stream: Stream, service: str, rung: str) -> tuple[str, str]:
    query = f"?from={stream.began + 5}&to={stream.began + 100}"
    address = f"/air/{service}/{rung}/index.m3u8{query}"
    return address, stream.get(address).text


def test_ffmpeg_plays_what_is_encrypted_whole(stream: Stream) -> None:
    address, playlist = past(stream, WHOLE, "v360")
    assert "METHOD=AES-128" in playlist
    frames, complaints = decode(stream.url + address, "-map", "0")
    assert (frames, complaints) == (ticks_listed(playlist) * 8, "")


def test_no_segment_is_clear(stream: Stream) -> None:
    for service, rung in ((WHOLE, "v360"), (WHOLE, "a-kk"), (WHOLE, "c-kk"), (SAMPLES, "v360"), (SAMPLES, "a-kk")):
        address, playlist = past(stream, service, rung)
        name = media_lines(playlist)[2]
        data = stream.get(address.partition("index")[0] + name).content
        clear = stream.get(past(stream, "jibek-joly", rung)[0].partition("index")[0] + name)
        assert (b"moof" in data) == (service == SAMPLES)
        assert b"WEBVTT" not in data
        assert clear.status_code in {404, 410}, "the address of one channel is not another's"
        init = re.search(r'MAP:URI="([^"]+)"', playlist)
        if init:
            held = stream.get(address.partition("index")[0] + init[1]).content
            assert (b"cbcs" in held) == (service == SAMPLES)
    for way in ("listen.aac", "stream.ts"):
        assert stream.get(f"/air/{WHOLE}/{way}").status_code == 403
        assert stream.get(f"/air/{SAMPLES}/{way}").status_code == 403
    assert stream.get(f"/air/{WHOLE}/manifest.mpd").status_code == 404
    assert "I-FRAME" not in stream.get(f"/air/{SAMPLES}/index.m3u8").text
    assert stream.get(f"/air/{SAMPLES}/v360/iframes.m3u8").status_code == 404


def test_keys_are_given_for_the_hours_of_catch_up_alone_and_kept_by_nobody(stream: Stream) -> None:
    first, last = licensing.hours()
    for period, status in ((first - 1, 404), (first + 1, 200), (last, 200), (last + 2, 404)):
        answer = stream.get(f"/air/{SAMPLES}/key-{period}.bin")
        assert answer.status_code == status, period
        assert status != 200 or (len(answer.content), answer.headers["cache-control"]) == (16, "no-store")
    assert stream.get(f"/air/jibek-joly/key-{last}.bin").status_code == 404, "a clear channel has no keys"
    kid = base64.urlsafe_b64encode(keys.key_id(SAMPLES, last)).decode().rstrip("=")
    answer = asking.post(f"{stream.url}/air/{SAMPLES}/clearkey", json={"kids": [kid], "type": "temporary"})
    key = base64.urlsafe_b64decode(answer.json()["keys"][0]["k"] + "==")
    assert key == stream.get(f"/air/{SAMPLES}/key-{last}.bin").content
    assert asking.post(f"{stream.url}/air/{SAMPLES}/clearkey", content=b"{").status_code == 400
    assert asking.post(f"{stream.url}/air/{SAMPLES}/clearkey", content=b"x" * 20_000).status_code == 413
    assert asking.post(f"{stream.url}/air/jibek-joly/clearkey", json={"kids": [kid]}).status_code == 404
    assert asking.post(f"{stream.url}/air/{SAMPLES}/index.m3u8").status_code == 405
    log = (stream.home / "log").read_bytes()
    for form in (key, key.hex().encode(), base64.b64encode(key), base64.urlsafe_b64encode(key).rstrip(b"=")):
        assert form not in log


LICENCES = {SAMPLES: f"/air/{SAMPLES}/clearkey"}
PLAYERS = [
    ("hls.js", WHOLE, ""),
    ("shaka-player", WHOLE, "index.m3u8"),
    ("hls.js", SAMPLES, ""),
    ("shaka-player", SAMPLES, ""),
    ("dash.js", SAMPLES, ""),
]


@pytest.mark.browser
def test_players_play_encrypted_channels(stream: Stream) -> None:
    """All at once for twenty seconds, across entries' boundaries: no error, and the clock goes on."""
    with chromium() as browser:
        pages = [
            InBrowser(name, browser, stream.url, service, way=way, licences=LICENCES.get(service, ""))
            for name, service, way in PLAYERS
        ]
        began: dict[int, float] = {}

        def have_played() -> bool:
            """Each has played for twelve seconds, or said what is wrong."""
            states = [page.state() for page in pages]
            for place, (page, state) in enumerate(zip(pages, states, strict=True)):
                if page.playing() and state["frames"]:
                    began.setdefault(place, state["at"])
            played = [place in began and state["at"] - began[place] >= 12 for place, state in enumerate(states)]
            pages[0].page.wait_for_timeout(250)
            return all(played) or any(state["errors"] for state in states)

        try:
            until(have_played, "every player playing", seconds=3 * LIMIT)
        finally:
            told = [(*which, page.state()) for which, page in zip(PLAYERS, pages, strict=True)]
            print(*told, sep="\n")
        assert not [one for one in told if one[-1]["errors"]]


def test_at_a_signed_address_licences_are_asked_for_at_a_signed_address(stream: Stream) -> None:
    secret = stream.environment.get("KESHEN_SECRET_KEY") or (stream.home / "secret-key").read_text()
    base = admission.sign(secret, SAMPLES, int(time.time()) + 600)
    manifest = stream.get(f"{base}/manifest.mpd").text
    assert f"{base}/clearkey</" in manifest
    assert f"/air/{SAMPLES}/clearkey" not in manifest.replace(f"{base}/clearkey", "")
    period = licensing.hours()[1]
    assert stream.get(f"{base}/key-{period}.bin").content == keys.key(secret, SAMPLES, period).key
    assert stream.get(f"{base.replace(SAMPLES, WHOLE)}/key-{period}.bin").status_code == 403
