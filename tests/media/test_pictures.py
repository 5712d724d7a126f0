import io

import pytest
from django.utils import translation
from PIL import Image

from keshen.house.models import User
from keshen.house.permissions import Denied
from keshen.media import actions, pictures, queries
from keshen.media.models import Asset
from keshen.media.probe import Unreadable
from keshen.media.store import house_store


def picture(width: int, height: int, form: str = "JPEG", mode: str = "RGB", **options: object) -> bytes:
    target = io.BytesIO()
    Image.radial_gradient("L").resize((width, height)).convert(mode).save(target, form, **options)
    return target.getvalue()


def take_in(system: User, data: bytes, name: str) -> Asset:
    return pictures.take_in(system, data, name=name, organisation=system.organisation, title="Picture")


def test_a_picture_is_kept_in_widths_without_what_the_camera_noted(system: User) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "SecretCamera"
    data = picture(2000, 1200, exif=exif)
    assert b"SecretCamera" in data
    asset = take_in(system, data, "photo.jpg")
    assert asset.state == Asset.State.READY
    rows = {(row.width, row.media_type): row for row in asset.renditions.all()}
    assert set(rows) == {(1200, "image/webp"), (1200, "image/jpeg"), (640, "image/webp")}
    for row in rows.values():
        made = house_store().read(row.sha256)
        assert b"SecretCamera" not in made and len(made) == row.size
        with Image.open(io.BytesIO(made)) as opened:
            assert opened.size == (row.width, row.height) and not opened.getexif()
            assert opened.height > opened.width, "turned upright"
    assert house_store().read(asset.source_sha256) == data
    assert queries.rendition(asset, 500).width == 640
    assert queries.rendition(asset, 5000).width == 1200
    assert take_in(system, data, "again.jpg") == asset


def test_transparency_stays_where_the_format_has_it(system: User) -> None:
    target = io.BytesIO()
    Image.new("RGBA", (600, 400), (200, 0, 0, 90)).save(target, "PNG")
    asset = take_in(system, target.getvalue(), "logo.png")
    modes = {}
    for row in asset.renditions.all():
        with Image.open(io.BytesIO(house_store().read(row.sha256))) as opened:
            modes[row.media_type] = opened.mode
    assert modes == {"image/webp": "RGBA", "image/jpeg": "RGB"}


def bomb() -> bytes:
    target = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(target, "PNG")
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (lambda: b"", "empty.jpg", "no picture format"),
        (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "x.svg", "no picture format"),
        (lambda: picture(100, 100, "PNG"), "x.jpg", "its name says JPEG, but it is PNG"),
        (lambda: picture(900, 900)[:3000], "x.jpg", "damaged"),
        (lambda: picture(1, 1), "x.jpg", "one pixel"),
        (bomb, "bomb.png", "million pixels"),
        (lambda: bytes(pictures.MOST_BYTES + 1), "x.jpg", "larger than 40 MB"),
        (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "x.png", "no picture format"),
    ],
)
def test_what_is_no_picture_is_said(system: User, data: object, name: str, said: str) -> None:
    with translation.override("en"), pytest.raises(Unreadable, match=said):
        take_in(system, data(), name)
    assert not Asset.objects.exists()


def test_actions_ask_for_permission_and_leave_events(system: User) -> None:
    asset = take_in(system, picture(300, 200), "small.jpg")
    reader = User.objects.create(username="nobody", organisation=system.organisation, roles=[])
    for verb in (
        lambda: actions.describe(reader, asset, title="x"),
        lambda: actions.quarantine(reader, asset, "x"),
        lambda: pictures.take_in(reader, picture(301, 200), name="x.jpg", organisation=system.organisation, title="x"),
    ):
        with pytest.raises(Denied):
            verb()
    actions.quarantine(system, asset, "the owner doubts it")
    asset.refresh_from_db()
    assert (asset.state, asset.reason) == (Asset.State.QUARANTINED, "the owner doubts it")


def test_a_picture_may_have_its_words_in_other_languages(system: User) -> None:
    asset = pictures.take_in(
        system,
        picture(700, 300),
        name="map.jpg",
        organisation=system.organisation,
        title="Map",
        worded={"ru": picture(700, 301), "kk-Latn": picture(700, 302)},
    )
    assert {row.height for row in queries.worded(asset, "ru") if row.width == 700} == {301}
    assert {row.height for row in queries.worded(asset, "kk-Latn") if row.width == 700} == {302}
    assert {row.height for row in queries.worded(asset, "en") if row.width == 700} == {300}
    chosen = queries.rendition(asset, 700)
    assert chosen is not None and chosen.height == 300
