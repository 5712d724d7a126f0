"""Encrypted channels: players play them, no segment leaves the house in the clear, and keys go where segments go."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from hypothesis import given
from hypothesis import strategies as st

from keshen.air import actions, queries
from keshen.air.proof import conformance
from keshen.air.protection import keys, licensing
from keshen.air.protection.keys import Lock, Method, Protection
from keshen.air.serving import load
from keshen.air.serving.hub import Hub
from keshen.air.timeline import FREEZE_TICKS, Timeline
from keshen.air.ways_out import iframes
from keshen.air.ways_out.continuous import Continuous
from keshen.air.ways_out.hls import Playlists
from keshen.house import admission
from keshen.house.permissions import Denied
from keshen.media.ffmpeg import binary
from tests import asking
from tests.air import transport
from tests.air.house import Air
from tests.air.streaming import Stream, decode, media_lines, ticks_listed
from tests.air.test_endless import taken
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
    assert stream.get(f"/air/{WHOLE}/manifest.mpd").status_code == 404


def pictures(stream: Stream, service: str) -> list[tuple[str, dict[str, str]]]:
    """What an I-frame playlist lists, each with the attributes and the tags that hold for it, as a player reads it."""
    query = f"?from={stream.began + 5}&to={stream.began + 60}"
    answer = stream.get(f"/air/{service}/v360/iframes.m3u8{query}")
    assert answer.status_code == 200, answer.text
    held, found = dict[str, str](), []
    for line in answer.text.splitlines():
        if line.startswith("#EXT"):
            tag, _, value = line[1:].partition(":")
            held[tag] = value
        elif line:
            found.append((line, dict(held)))
            held.pop("EXT-X-BYTERANGE", None)
            held.pop("EXT-X-GAP", None)
    assert "EXT-X-I-FRAMES-ONLY" in answer.text
    return found


def one_picture(data: bytes, folder: Path, *options: str) -> bytes:
    """The one picture of a file, as ffmpeg decodes it; nothing where it cannot."""
    kept = folder / "one.mp4"
    kept.write_bytes(data)
    command = [
        binary(),
        "-v",
        "error",
        *options,
        "-i",
        str(kept),
        "-frames:v",
        "1",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "gray",
    ]
    done = subprocess.run([*command, "-"], capture_output=True, timeout=LIMIT, check=False)
    print(done.stderr[-600:].decode("utf-8", "replace"))
    return done.stdout


@pytest.mark.parametrize("service", [WHOLE, SAMPLES])
def test_each_picture_of_an_encrypted_channel_for_fast_winding_is_the_first_of_its_segment(
    stream: Stream, service: str, tmp_path: Path
) -> None:
    """Read with ciphers of others: both the picture alone and the whole segment."""
    assert 'URI="v360/iframes.m3u8"' in stream.get(f"/air/{service}/index.m3u8").text
    there = pictures(stream, service)
    assert len(there) >= 7
    base = f"/air/{service}/v360/"
    for name, tags in there[:3]:
        assert "EXT-X-BYTERANGE" not in tags and "EXT-X-GAP" not in tags
        init = stream.get(base + re.search('URI="([^"]+)"', tags["EXT-X-MAP"])[1]).content
        key = stream.get(f"/air/{service}/" + re.search(r'URI="\.\./([^"]+)"', tags["EXT-X-KEY"])[1]).content
        alone, whole = stream.get(base + name).content, stream.get(base + iframes.segment_of(name)).content
        options: tuple[str, ...] = ("-decryption_key", key.hex())
        if service == WHOLE:
            iv = int(re.search("IV=0x([0-9a-f]{32})", tags["EXT-X-KEY"])[1], 16).to_bytes(16)
            alone, whole = (in_the_clear(data, key, iv) for data in (alone, whole))
            options = ()
        assert whole.startswith(alone) and len(alone) < len(whole), "the picture, not the segment"
        shown = one_picture(init + alone, tmp_path, *options)
        assert len(shown) == 640 * 360
        assert shown == one_picture(init + whole, tmp_path, *options)
        if options:
            assert shown != one_picture(init + alone, tmp_path, "-decryption_key", "00" * 16), "it is encrypted"
    clear = pictures(stream, "jibek-joly")[2][0]
    assert stream.get(f"/air/jibek-joly/v360/{iframes.picture_of(clear)}").status_code == 404, "clear ones have ranges"


def in_the_clear(data: bytes, key: bytes, iv: bytes) -> bytes:
    """What was encrypted whole. Raises ValueError where the padding is not right."""
    decryptor, unpadder = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor(), PKCS7(128).unpadder()
    return unpadder.update(decryptor.update(data) + decryptor.finalize()) + unpadder.finalize()


def signed(stream: Stream, service: str, seconds: int = 600) -> str:
    secret = stream.environment.get("KESHEN_SECRET_KEY") or (stream.home / "secret-key").read_text()
    return admission.sign(secret, service, int(time.time()) + seconds)


@pytest.mark.parametrize("service", [WHOLE, SAMPLES])
def test_streams_without_end_are_given_to_those_who_may_have_the_key(stream: Stream, service: str) -> None:
    for way in ("listen.aac", "stream.ts", "stream.ts?rung=v360", "stream.ts?rung=v9"):
        refused = stream.get(f"/air/{service}/{way}")
        assert refused.status_code == 403
        assert "keshen air sign" in refused.text, "it says what to do"
    base = signed(stream, service)
    data, _ = taken(f"{stream.url}{base}/stream.ts?rung=v360", 3)
    assert transport.read(data).packets
    assert stream.get(f"{base}/stream.ts?rung=v9").status_code == 400
    assert stream.get(f"{base.replace(service, 'jibek-joly')}/stream.ts").status_code == 403
    with httpx.stream("GET", f"{stream.url}{base}/listen.aac", timeout=LIMIT) as answer:
        assert answer.status_code == 200
        assert next(answer.iter_raw())[:1] == b"\xff", "ADTS"


def test_a_signed_stream_ends_when_its_address_does(stream: Stream) -> None:
    with httpx.stream("GET", f"{stream.url}{signed(stream, SAMPLES, 3)}/listen.aac", timeout=LIMIT) as answer:
        assert answer.status_code == 200
        assert b"".join(answer.iter_raw())
    assert stream.get(f"/air/{SAMPLES}/index.m3u8").status_code == 200


def test_who_listens_in_the_clear_is_let_go_when_the_channel_is_encrypted(air: Air) -> None:
    air.lay_all()
    known = queries.snapshot(air.tv, air.time.tick)
    hub, sent = Hub(), list[dict[str, object]]()
    hub.services = {air.tv.slug: known}

    class Silent:
        async def adts(self, _snapshot: object, _tick: int, _rung: str) -> bytes:
            return b"\xff\xf1"

    async def send(message: dict[str, object]) -> None:
        sent.append(message)
        if len(sent) == 3:
            since = air.time.tick
            hub.services = {air.tv.slug: replace(known, protection=keys.protection(air.tv.slug, [(since, "cbcs")]))}

    async def receive() -> dict[str, object]:
        await asyncio.Event().wait()
        raise AssertionError

    served = asyncio.run(
        Continuous(hub, Silent()).serve(f"/air/{air.tv.slug}/listen.aac", "", send, receive)  # type: ignore[arg-type]
    )
    assert served
    assert [message.get("more_body") for message in sent] == [None, True, True, False]


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
    base = signed(stream, SAMPLES)
    manifest = stream.get(f"{base}/manifest.mpd").text
    assert f"{base}/clearkey</" in manifest
    assert f"/air/{SAMPLES}/clearkey" not in manifest.replace(f"{base}/clearkey", "")
    period = licensing.hours()[1]
    assert stream.get(f"{base}/key-{period}.bin").content == keys.key(secret, SAMPLES, period).key
    assert stream.get(f"{base.replace(SAMPLES, WHOLE)}/key-{period}.bin").status_code == 403
