"""Pictures, films and sounds on the wire: in every form, with rights decided for each, and fetched by those who may."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest
from django.test import Client

from keshen.media import downloads, ffmpeg
from keshen.media.confined import Limits
from keshen.media.models import Asset, Rendition, Track
from keshen.media.store import house_store
from keshen.newsroom import actions as newsroom
from keshen.newsroom.content import Picture
from keshen.newsroom.models import Text
from keshen.rights.actions import set_terms
from keshen.wire import actions, subscriptions
from keshen.wire.compose import shown_in
from keshen.wire.entitlements import Entitlement
from keshen.wire.formats.registry import FORMATS
from keshen.wire.models import Delivery, Subscriber
from keshen.wire.products import Filter
from tests.wire.house import House

BYTES = bytes(range(256)) * 40


def asset(house: House, kind: str, name: str, media_type: str) -> Asset:
    """Something that is ready, with one file of these bytes and its name."""
    made = Asset.objects.create(
        urn=f"urn:newsml:keshen.localhost:20261123:asset:{name}", key=name, organisation=house.editor.organisation,
        kind=kind, state="ready", title=f"Title {name}", credit="Kazinform", created_by=house.editor,
        duration_ticks=None if kind == "picture" else 25,
    )  # fmt: skip
    data = BYTES + name.encode()
    width = 0 if kind == "audio" else 640
    Rendition.objects.create(asset=made, width=width, height=width * 9 // 16, media_type=media_type,
                             sha256=house_store().put(data), size=len(data))  # fmt: skip
    return made


def told(house: House, *assets: Asset, headline: str = "Көк мұз", **more: Any) -> Text:
    text = house.write(headline, **more)
    content = replace(text.working, pictures=tuple(Picture(each.urn, alt="Мұз", caption="Көлде") for each in assets))
    text = newsroom.save_draft(house.editor, text, content, text.draft_revision)
    version = newsroom.publish(house.editor, text)
    actions.put_out(house.editor, version.pk)
    text.refresh_from_db()
    return text


def place(made: Asset) -> str:
    row = made.renditions.first()
    assert row is not None
    return f"/wire/media/{row.sha256}"


@pytest.fixture
def mine(house: House, key_of: Callable[..., tuple[Subscriber, str]], client: Client) -> tuple[Subscriber, str]:
    subscriber, key = key_of("Mine")
    assert client.post("/wire/client/", {"key": key}).status_code == 200
    return subscriber, key


def test_every_form_carries_film_and_sound(house: House, mine: Any, client: Client) -> None:
    film, sound = asset(house, "video", "film", "video/mp4"), asset(house, "audio", "sound", "audio/mp4")
    picture = asset(house, "picture", "ice", "image/webp")
    told(house, picture, film, sound)
    item = json.loads(client.get("/wire/client/items/1.json").content)
    kinds = {each["type"]: each["renditions"][0] for each in item["associations"] if each.get("renditions")}
    assert set(kinds) == {"picture", "video", "audio"}
    assert kinds["video"]["duration"] == 8.0 and kinds["video"]["contentType"] == "video/mp4"
    for entry in FORMATS.values():
        written = client.get(f"/wire/client/items/1.{entry.suffix}").content
        if entry.name != "mail":  # whose words are encoded for transport
            for each in (film, sound):
                assert place(each) in written.decode(), entry.name
    page = client.get("/wire/client/items/1/").content.decode()
    assert "<video" in page and "<audio" in page and f'<img src="{place(picture)}?c=mine' in page


def test_files_are_for_those_who_may_have_the_item(house: House, mine: Any, key_of: Any, client: Client) -> None:
    closed = actions.add_product(house.chief, "video", {"en": "Video"}, Filter(media=frozenset({"video"})))
    viewer, key = key_of("Viewer", closed)
    film = asset(house, "video", "film", "video/mp4")
    set_terms(house.system, film.urn, ["For Viewer clients only"])
    text = told(house, film)
    stranger = Client()
    assert stranger.get(place(film)).status_code == 410  # the open feed has the text, without the film
    assert client.get(place(film)).status_code == 410  # nor may Mine
    bearer = {"Authorization": f"Bearer {key}"}
    whole = stranger.get(place(film), headers=bearer)
    assert whole.status_code == 200 and b"".join(whole.streaming_content).startswith(BYTES)  # type: ignore[attr-defined]
    part = stranger.get(place(film), headers={**bearer, "Range": "bytes=10-19"})
    assert part.status_code == 206 and b"".join(part.streaming_content) == BYTES[10:20]  # type: ignore[attr-defined]
    assert part.headers["Content-Range"].startswith("bytes 10-19/")
    assert stranger.get(place(film), headers={**bearer, "Range": "bytes=999999-"}).status_code == 416
    item = json.loads(stranger.get(f"/wire/video.json?key={key}").content)["associations"][0]
    href = next(each for each in item["associations"] if each["type"] == "video")["renditions"][0]["href"]
    own = href[href.index("/wire/media/") :]
    assert stranger.get(own).status_code == 200  # its own address needs no key
    assert stranger.get(own.replace("c=viewer", "c=mine")).status_code == 404
    assert stranger.get(own[:-2] + "xx").status_code == 404
    assert stranger.get(place(film), headers={"Authorization": "Bearer wrong"}).status_code == 404
    house.kill(text.story)
    assert stranger.get(own).status_code == 410
    actions.suspend(house.chief, viewer, "Төлем жоқ")
    assert stranger.get(own).status_code == 404


def test_media_paid_for_and_products_of_media(house: House, mine: Any, client: Client) -> None:
    subscriptions.subscribe(house.chief, mine[0], house.product, Entitlement(media=frozenset({"text", "audio"})))
    film, sound = asset(house, "video", "film", "video/mp4"), asset(house, "audio", "sound", "audio/mp4")
    told(house, film, sound)
    row = Delivery.objects.get(subscriber=mine[0])
    assert row.withheld == [film.urn]
    written = client.get("/wire/client/items/1.json").content.decode()
    assert place(sound) in written and place(film) not in written
    assert client.get(place(sound)).status_code == 200
    # the open feed has both: what anybody may have, everybody may have
    assert Client().get(place(film)).status_code == 200


def test_an_open_feed_gives_its_pictures_to_everybody_and_takes_them_back(house: House) -> None:
    picture = asset(house, "picture", "ice", "image/webp")
    text = told(house, picture)
    assert Client().get(place(picture)).status_code == 200
    unseen = asset(house, "picture", "draft", "image/webp")
    assert Client().get(place(unseen)).status_code == 410
    house.kill(text.story)
    assert Client().get(place(picture)).status_code == 410
    assert Client().get("/wire/media/" + "0" * 64).status_code == 404


def test_a_film_becomes_files_that_anything_plays(house: House, tmp_path: Path) -> None:
    made = Asset.objects.create(urn="urn:newsml:keshen.localhost:20261123:asset:real", key="real", kind="video",
                                organisation=house.editor.organisation, state="ready", title="Film",
                                created_by=house.editor, duration_ticks=6)  # fmt: skip
    fragments = ("-f", "mp4", "-movflags", "+frag_keyframe+empty_moov+default_base_moof")
    sources = {
        ("video", "v360", ""): ("testsrc2=s=320x180:r=25:d=1.92", "-c:v", "libx264", "-pix_fmt", "yuv420p"),
        ("audio", "a", "kk"): ("sine=300:r=48000:d=1.92", "-c:a", "aac"),
    }
    store = house_store()
    for (kind, rung, language), (source, *codec) in sources.items():
        path = tmp_path / f"{kind}.mp4"
        ffmpeg.encode(["-f", "lavfi", "-i", source, *codec, *fragments, f"file:{path}"], limits=Limits(wall=300))
        data = path.read_bytes()
        start = data.index(b"moof") - 4
        width, height = (320, 180) if kind == "video" else (None, None)
        Track.objects.create(asset=made, kind=kind, rung=rung, language=language, size=len(data) - start,
                             init_sha256=store.put(data[:start]), blob_sha256=store.put(data[start:]),
                             width=width, height=height)  # fmt: skip
    text = house.write()
    content = replace(text.working, pictures=(Picture(made.urn),))
    text = newsroom.save_draft(house.editor, text, content, text.draft_revision)
    version = newsroom.publish(house.editor, text)
    downloads.make_all(shown_in(version.pk))
    downloads.make_all(shown_in(version.pk))
    files = {row.media_type: row for row in made.renditions.all()}
    assert set(files) == {"video/mp4", "audio/mp4"} and files["video/mp4"].width == 320
    with av.open(io.BytesIO(store.read(files["video/mp4"].sha256))) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]
        assert sum(1 for _frame in container.decode(video=0)) == 48
    with av.open(io.BytesIO(store.read(files["audio/mp4"].sha256))) as container:
        assert [stream.type for stream in container.streams] == ["audio"]
